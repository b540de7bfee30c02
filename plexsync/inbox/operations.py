"""What the page in Stash asks: ``runPluginOperation`` with a ``mode``, and arguments beside it.

The hook's process answers ``status``, and starts the consumer; all else is a request to the consumer, of which the
answer is waited for, and never for long. Where Stash has no login, any page in a browser may ask: everything is
checked and bounded, and no answer holds a token or a key. On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH118

import os

from plexsync.inbox import autostart, consumer_record, event_files, remote, request_files
from plexsync.inbox.arguments import ACTIONS, ASKS_OTHERS, WrongArgument, checked
from plexsync.inbox.hook_input import NotFromStash, parse
from plexsync.inbox.hook_process import INSTANCES_FILE, log, quoted, see_to_consumer
from plexsync.inbox.life import ALIVE, life
from plexsync.inbox.request_files import BAD_REQUEST, FAILED, NOT_RUNNING, TIMEOUT, fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STATUS, START, STOP, RESTART, STASH_KEY, DRAIN, HERE = (
    "status",
    "start",
    "stop",
    "restart",
    "stash_key",
    "drain",
    "here",
)
INSTANCES = "instances"
#: What the name of a file begins with that is put into the data folder to see whether the hook's is the same one.
HERE_FILE = "here."
#: Seconds to wait for an answer; for one that asks Plex or Stash first.
PATIENCE, LONG_PATIENCE = 10.0, 40.0


def answer_to(folder: str, args: "dict[str, Any]", payload: "dict[str, Any]") -> bytes:
    """The answer to an operation, as JSON.

    :param folder: the data folder.
    :param args: what the page sent: ``mode``, and the arguments of that.
    :param payload: what Stash sent.
    """
    mode, main = args["mode"], folder
    try:
        if args.get("instance") is not None:
            folder = _folder_of(folder, args["instance"])
        given = checked(mode, {name: value for name, value in args.items() if name not in ("mode", "instance")})
        if mode == STATUS:
            return status(folder, main)
        if mode == INSTANCES:
            return _encoded({"ok": True, "result": _instances(folder)})
        if mode == STASH_KEY:
            from plexsync.inbox.stash_key import take

            return _encoded(take(folder, given["api_key"], payload))
        if mode == DRAIN:
            from plexsync.inbox.drain import drain

            return drain(folder, given)
        if mode == HERE:
            return _encoded({"ok": True, "result": {"here": _is_here(folder, given["word"])}})
        if mode in (START, STOP, RESTART) and (done := _without_consumer(folder, mode)) is not None:
            return _encoded(done)
        return ask(folder, mode, given)
    except WrongArgument as error:
        return _encoded(fault(BAD_REQUEST, str(error), error.remedy))
    except OSError as error:
        from plexsync.inbox.hook_fault import explain

        return _encoded(fault(FAILED, explain(error, folder), ""))
    except Exception as error:  # noqa: BLE001 - the page gets an answer, whatever happened
        # Its text may hold anything.
        return _encoded(fault(FAILED, f"A fault of PlexSync's: {type(error).__name__}.", ""))


def status(folder: str, main: str) -> bytes:
    """The snapshot as the consumer wrote it, with ``life`` before it. Starts the consumer where that is to be done.

    Where there are several instances, their names come with it.

    :param folder: the data folder.
    :param main: that of the main instance.
    """
    try:
        request_files.watch(folder)
    except OSError as error:
        # It is shown all the same, if less often.
        log("d", f"the snapshot is looked at less often: {error}")
    see_to_consumer(folder)
    raw, snapshot = _snapshot(folder)
    told = _encoded(life(folder, snapshot)) + _names(main)
    if snapshot is None:
        return b'{"ok": true, "result": {"schema": 1, "life": ' + told + b"}}"
    rest = raw[raw.index(b"{") + 1 :].lstrip()
    return b'{"ok": true, "result": {"life": ' + told + (b"" if rest.startswith(b"}") else b", ") + rest + b"}"


def ask(folder: str, mode: str, given: "dict[str, Any]") -> bytes:
    """Lay a request, and wait for its answer.

    :param folder: the data folder.
    :param mode: of a question or an action.
    :param given: its checked arguments.
    :raises OSError: it could not be laid.
    """
    is_action = mode in ACTIONS
    state = life(folder, _snapshot(folder)[1])
    if state["state"] not in ALIVE:
        see_to_consumer(folder)
        if not is_action:
            return _encoded(fault(NOT_RUNNING, state["text"], state["remedy"] or "Look again in a moment."))
    try:
        path = request_files.lay(folder, mode, given, durable=is_action)
    except ValueError as error:
        return _encoded(fault(BAD_REQUEST, str(error), "Ask for less at a time."))
    if state["state"] not in ALIVE:
        return _done("Noted. It is carried out once the consumer runs.", b', "waiting": true')
    content = request_files.wait(path, LONG_PATIENCE if mode in ASKS_OTHERS else PATIENCE)
    if content is not None:
        return content.strip()
    if is_action:
        text = "The consumer has not answered yet. It carries this out as soon as it can."
        return _encoded(fault(TIMEOUT, text, "Look again in a moment."))
    event_files.remove(path)
    return _encoded(fault(TIMEOUT, "The consumer has not answered in time.", "Try again in a moment."))


def begin(folder: str) -> "dict[str, Any]":
    """Start the consumer because a person asks for it; the answer says what came of it.

    :param folder: the data folder.
    :raises OSError: it cannot be started.
    """
    if life(folder, _snapshot(folder)[1])["state"] in ALIVE:
        return _result("The consumer runs already.")
    known = remote.read(folder)
    if known is not None and (known.is_there or known.silent < remote.GIVEN_UP_AFTER):
        place = event_files.printable(known.host) or "another machine"
        return fault(BAD_REQUEST, f"PlexSync's consumer runs on {place}.", "Start it there.")
    if autostart.start(folder, asked=True):
        remote.forget(folder)
        return _result("The consumer is being started.")
    return _result("The consumer is being started already.")


def _without_consumer(folder: str, mode: str) -> "dict[str, Any] | None":
    """What a start comes to, and a stop or restart where there is nothing to stop; None where the consumer does it."""
    if mode == START:
        return begin(folder)
    state = life(folder, _snapshot(folder)[1])["state"]
    if state in ALIVE:
        return None
    if mode == RESTART:
        return begin(folder)
    if state == "setting_up":
        return fault(request_files.BUSY, "The consumer is just being started.", "Stop it once it runs.")
    consumer_record.stay_stopped(folder)
    return _result("The consumer does not run, and is not started by itself.")


def _names(main: str) -> bytes:
    """The names of all instances, as the next part of a JSON object; nothing where there is one."""
    if not os.path.lexists(os.path.join(main, INSTANCES_FILE)):
        return b""
    from plexsync.inbox.instances import MAIN, others

    return b', "instances": [' + b", ".join(_encoded(name) for name in (MAIN, *others(main))) + b"]"


def _folder_of(folder: str, instance: object) -> str:
    """The data folder of an instance that is asked for.

    :raises WrongArgument: there is no such one.
    """
    from plexsync.inbox.instances import NoInstance, folder_of

    if not isinstance(instance, str):
        raise WrongArgument(f"The argument 'instance' is {event_files.shown(instance)}.", "Send a name.")
    try:
        return folder_of(folder, instance)
    except NoInstance as error:
        text = str(error)
        raise WrongArgument(f"T{text[1:]}.", "Send one of these.") from None


def _instances(folder: str) -> "dict[str, Any]":
    """How it stands with each instance, by name, the main one first."""
    from plexsync.inbox.instances import MAIN, others

    places = {MAIN: folder, **others(folder)}
    return {name: life(place, _snapshot(place)[1]) for name, place in places.items()}


def _is_here(folder: str, word: str) -> bool:
    """Whether the hook's data folder is that of whoever asks, who has put a file of a random name into it."""
    return os.path.lexists(os.path.join(folder, HERE_FILE + word))


def _snapshot(folder: str) -> "tuple[bytes, dict[str, Any] | None]":
    raw = request_files.status(folder).strip()
    try:
        return raw, parse(raw)
    except NotFromStash:
        return b"", None


def _result(text: str) -> "dict[str, Any]":
    return {"ok": True, "result": {"text": text}}


def _done(text: str, more: bytes) -> bytes:
    return b'{"ok": true, "result": {"text": ' + quoted(text).encode("ascii") + more + b"}}"


def _encoded(value: object) -> bytes:
    """JSON, without loading ``json``, which takes as long as the interpreter's start."""
    if isinstance(value, dict):
        return b"{" + b", ".join(_encoded(name) + b": " + _encoded(one) for name, one in value.items()) + b"}"
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    return quoted(str(value)).encode("ascii")
