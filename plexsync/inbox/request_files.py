"""How others ask the running consumer something: a small file laid beside the inbox, and its answer beside that.

The page in Stash, Stash's tasks and the command line lay a request as a file, ``<id>.json``, and wait for
``<id>.answer``. A question may be lost, so it costs no sync to disk; an action must not be, so it is on the disk when
``lay`` returns, and is carried out by the consumer at least once, whoever went away meanwhile.

The consumer's own heartbeat is the age of ``status.json``, which it writes every few seconds; whoever watches it
touches ``watched``, and then sees a change within a second.

The hook imports this module on any Python from 3.9: see ``plexsync.inbox.event_files``.
"""

# pathlib takes longer to import than all the rest of the hook.
# ruff: noqa: PTH104, PTH116, PTH118

import os
import time

from plexsync.inbox import event_files, event_reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The folder of the requests and answers, inside the data folder.
FOLDER = "requests"
#: The snapshot that the consumer writes, and the file that is touched by whoever watches it; in the data folder.
STATUS_FILE = "status.json"
WATCHED_FILE = "watched"
#: What the names of requests and answers end with.
REQUEST, ANSWER = ".json", ".answer"
#: The version of the request format.
SCHEMA = 1
#: Bytes of a request, of an answer and of a snapshot, at most.
MAX_REQUEST, MAX_ANSWER, MAX_STATUS = 64 * 1024, 256 * 1024, 64 * 1024
#: Seconds between two snapshots at most, and after which a consumer that has written none counts as gone.
HEARTBEAT, GONE_AFTER = 15.0, 40.0
#: Seconds after which nobody watches any more.
WATCHES_FOR = 15.0
#: Seconds after which a question that was not answered is removed, and an answer that nobody fetched.
QUESTION_LIFE, ANSWER_LIFE = 30.0, 60.0
#: Seconds between two looks for an answer: short at first, as most answers are there within a few hundredths.
LOOK, LOOK_LATER = 0.004, 0.02

#: What an error of an answer may be called.
NOT_RUNNING, BUSY, BAD_REQUEST, FAILED, TIMEOUT = "not_running", "busy", "bad_request", "failed", "timeout"


def lay(folder: str, mode: str, args: "dict[str, Any]", *, durable: bool) -> str:
    """Lay a request; the path of its file.

    :param folder: the data folder.
    :param mode: what is asked: the name of a question or of an action.
    :param args: its arguments, as JSON can hold them.
    :param durable: it is an action: when this returns, it is on the disk.
    :raises ValueError: it is larger than ``MAX_REQUEST``, or JSON cannot hold it.
    :raises OSError: it could not be written or synced; no file is left behind.
    """
    import json

    try:
        content = json.dumps({"schema": SCHEMA, "mode": mode, "args": args, "at": time.time()}).encode("ascii")
    except (TypeError, RecursionError) as error:
        raise ValueError(f"the arguments cannot be sent: {error}") from None
    if len(content) > MAX_REQUEST:
        raise ValueError(f"the request is larger than {MAX_REQUEST // 1024} KiB: ask for less at a time")
    place = os.path.join(folder, FOLDER)
    name = f"{time.time_ns():020d}-{os.getpid()}-{os.urandom(4).hex()}"
    # Under another name first: what has its own name is whole.
    new, path = os.path.join(place, f".{name}"), os.path.join(place, name + REQUEST)
    descriptor = event_files.create(new)
    try:
        try:
            event_files.write_all(descriptor, content)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(new, path)
        if durable:
            event_files.sync_folder(place)
    except BaseException:
        event_files.remove(new)
        raise
    event_files.ring(folder)
    return path


def wait(path: str, seconds: float) -> "bytes | None":
    """The answer to a request, taken away; None where there is none after so many seconds.

    :param path: what ``lay`` returned.
    :raises OSError: there is an answer that cannot be read.
    """
    answer = path[: -len(REQUEST)] + ANSWER
    began = time.monotonic()
    while True:
        content = _taken(answer)
        waited = time.monotonic() - began
        if content is not None or waited >= seconds:
            return content
        time.sleep(min(LOOK if waited < 0.2 else LOOK_LATER, max(0.0, seconds - waited)))


def ask(folder: str, mode: str, args: "dict[str, Any]", *, durable: bool, seconds: float) -> "dict[str, Any]":
    """Ask the consumer, and wait for its answer. Never raises: what goes wrong is an answer, too.

    :param folder: the data folder.
    :param mode: the name of a question or an action.
    :param args: its arguments.
    :param durable: it is an action. One that is laid is carried out, be it after this gave up waiting.
    :param seconds: to wait at most.
    :returns: ``{"ok": True, "result": {...}}`` or ``{"ok": False, "error": {"kind", "text", "remedy"}}``.
    """
    if not runs(folder):
        return fault(NOT_RUNNING, "The consumer is not running.", "Start it on this page, or with ./huey_consumer.sh.")
    try:
        path = lay(folder, mode, args, durable=durable)
    except ValueError as error:
        return fault(BAD_REQUEST, str(error), "Ask for less at a time.")
    except OSError as error:
        return _cannot_ask(error, folder)
    return ask_at(path, folder, durable=durable, seconds=seconds)


def ask_at(path: str, folder: str, *, durable: bool, seconds: float) -> "dict[str, Any]":
    """As ``ask``, of a request that is laid.

    :param path: what ``lay`` returned.
    """
    try:
        content = wait(path, seconds)
    except OSError as error:
        return _cannot_ask(error, folder)
    if content is not None:
        return _read(content)
    if durable:
        text = "The consumer has not answered yet; it carries this out as soon as it can."
        return fault(TIMEOUT, text, "Look again in a moment.")
    event_files.remove(path)
    return fault(TIMEOUT, f"The consumer has not answered within {seconds:.0f} s.", "Try again in a moment.")


def _cannot_ask(error: OSError, folder: str) -> "dict[str, Any]":
    from plexsync.inbox.hook_fault import explain

    return fault(FAILED, f"The consumer cannot be asked: {explain(error, folder)}", "Put that right, and try again.")


def fault(kind: str, text: str, remedy: str) -> "dict[str, Any]":
    """An answer that says what went wrong.

    :param kind: one of the five above.
    :param text: a sentence for a person.
    :param remedy: what to do.
    """
    return {"ok": False, "error": {"kind": kind, "text": text, "remedy": remedy}}


def watch(folder: str) -> None:
    """Note that somebody watches: for ``WATCHES_FOR`` seconds the snapshot shows a change within a second.

    :param folder: the data folder.
    :raises OSError: that cannot be noted.
    """
    path = os.path.join(folder, WATCHED_FILE)
    try:
        os.utime(path)
    except FileNotFoundError:
        try:
            os.close(event_files.create(path))
        except FileExistsError:
            os.utime(path)
    event_files.ring(folder)


def heartbeat_age(folder: str) -> "float | None":
    """Seconds since the consumer wrote its snapshot last; None where there is none. Below 0 after a clock was set back.

    :param folder: the data folder.
    """
    try:
        return time.time() - os.stat(os.path.join(folder, STATUS_FILE)).st_mtime
    except OSError:
        return None


def runs(folder: str) -> bool:
    """Whether the consumer has written its snapshot lately, does not say there that it stops, and was not killed.

    :param folder: the data folder.
    """
    age = heartbeat_age(folder)
    if age is None or abs(age) >= GONE_AFTER or b'"state": "stopping"' in status(folder)[:400]:
        return False
    if not event_files.is_deserted(folder):
        return True
    from plexsync.inbox import autostart

    return not autostart.has_died(folder)


def status(folder: str) -> bytes:
    """The snapshot as it was written, none where there is none that can be read. Never waits.

    :param folder: the data folder.
    """
    try:
        return event_reading.read_bounded(os.path.join(folder, STATUS_FILE), MAX_STATUS) or b""
    except OSError:
        return b""


def _taken(path: str) -> "bytes | None":
    """The content of an answer, which is removed; None where there is none yet.

    :raises OSError: it cannot be read, or is larger than an answer may be.
    """
    try:
        content = event_reading.read_bounded(path, MAX_ANSWER)
    except FileNotFoundError:
        return None
    event_files.remove(path)
    if content is None:
        raise OSError(f"the answer is larger than {MAX_ANSWER // 1024} KiB")
    return content


def _read(content: bytes) -> "dict[str, Any]":
    import json

    try:
        answer = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("ok"), bool):
        return answer
    return fault(FAILED, "The consumer's answer cannot be read.", "Try again; if it stays so, restart the consumer.")
