"""The inbox: one small file per event, laid by the hook and taken over by the queue.

The hook runs while a person waits in Stash, so it never waits for a database lock: it writes a file of its own, syncs
it, and is gone. Whoever opens the queue moves the messages into it in one durable transaction and then removes the
files. A crash in between leaves a file whose message is already queued: it is taken over again, which costs a repeat.

A message is one JSON object with a newline behind it, the same that stands in the queue's table::

    {"v": 1, "id": "9f...", "name": "sync_scene", "args": [45], "event": "Scene.Update.Post", "at": 1.7e9}

A file is written in place, without a temporary name (one journal commit instead of two): what has no newline at its
end yet is unfinished.

The hook imports this module on any Python from 3.9 and pays for every import, ``typing``, ``re`` and ``__future__``
included: hence the quoted types, and the imports inside functions. What only those need who take messages over is in
``plexsync.inbox.event_reading``.
"""

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The folder of the plugin.
PLUGIN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
#: The version of the message format that is written, and the newest that is read.
VERSION = 1
#: The names of tasks in messages. They say nothing of modules: a task keeps its name wherever its code goes.
SYNC_SCENE = "sync_scene"
SYNC_SCENES = "sync_scenes"
SYNC_RELATED = "sync_related"
#: No hook asks for it.
SYNC_TOGETHER = "sync_together"
#: The tasks of which messages with equal arguments that wait become one, in whatever process takes them over.
COALESCING = (SYNC_SCENE, SYNC_RELATED)
#: What events are about, and what ``SYNC_RELATED`` is given before the ids: what scenes have, and show by its name.
SCENE = "scene"
RELATED = ("performer", "studio", "tag", "group")
#: The folder of the messages, inside the data folder.
FOLDER = "inbox"
#: The named pipe in the data folder that wakes the consumer, and what is written to it.
DOORBELL, _RING = "doorbell", b"."
#: The error of opening a named pipe that nobody reads, on all systems; without importing ``errno``.
_ENXIO = 6
#: The largest scene id: what SQLite, and so Stash, can hold.
MAX_ID = 2**63 - 1

#: Characters of a message's id that are an event's short id: what Stash's log, our log and ``trace`` call it by.
SHORT_ID = 8
#: What a message has; anything else in one is nobody's business.
FIELDS = ("v", "id", "name", "args", "event", "at")


def task_name(name: str) -> str:
    """A task's name of today, for one in a message: older ones begin with a module's, ``tasks.scenes.sync_scene``."""
    return name.rpartition(".")[2]


def is_event_id(text: str) -> bool:
    """Whether a text can be an event's short id."""
    return len(text) == SHORT_ID and not text.strip("0123456789abcdef")


def data_folder(chosen: "str | None" = None) -> str:
    """The folder that holds the inbox and the database: ``PLEXSYNC_DATA_DIR``, else ``data`` in the plugin's folder.

    A relative path counts from the plugin's folder, so that the hook and the consumer, which start in different
    folders, mean the same one. Nobody else works out where it is.

    :param chosen: what the setting says, empty for nothing; None for what the environment says.
    """
    if chosen is None:
        chosen = os.environ.get("PLEXSYNC_DATA_DIR", "")
    return os.path.join(PLUGIN, os.path.expanduser(chosen.strip() or "data"))


def message(scene_id: int, event: str) -> "dict[str, Any]":
    """A new message that asks for a scene to be synced.

    :param scene_id: 1 to ``MAX_ID``.
    :param event: what happened, as Stash names it, e.g. ``"Scene.Update.Post"``.
    """
    return _message(SYNC_SCENE, [scene_id], event)


def message_of_many(scene_ids: "list[int]", event: str) -> "dict[str, Any]":
    """A new message that asks for all scenes of one edit to be synced, unless they are read from now on anyway.

    :param scene_ids: each 1 to ``MAX_ID``.
    :param event: as for ``message``.
    """
    return _message(SYNC_SCENES, [int(time.time() * 1000), *scene_ids], event)


def message_of_related(kind: str, ids: "list[int]", event: str) -> "dict[str, Any]":
    """A new message that asks for all scenes to be looked at that have, or had, what was edited or destroyed.

    :param kind: one of ``RELATED``.
    :param ids: of performers, studios, tags or groups, at least one; each 1 to ``MAX_ID``.
    :param event: as for ``message``.
    """
    return _message(SYNC_RELATED, [kind, *ids], event)


def _message(name: str, args: "list[Any]", event: str) -> "dict[str, Any]":
    return {
        "v": VERSION,
        "id": os.urandom(16).hex(),
        "name": name,
        "args": args,
        "event": event,
        "at": time.time(),
    }


def put(inbox: str, message: "dict[str, Any]") -> str:
    """Lay a message into the inbox. When this returns, it is on the disk.

    :param inbox: the folder; made (0700), with those above it, when it is missing.
    :param message: what ``message`` returns.
    :returns: the path of the new file.
    :raises ValueError: the message is not one that could be read again.
    :raises OSError: it could not be written or synced; no file is left behind.
    """
    content = _encode(message)
    path = os.path.join(inbox, new_name())
    descriptor = create(path)
    try:
        try:
            write_all(descriptor, content)
            # A process frozen before it wrote (a paused container) can find that its empty file was cleared away.
            still_there = os.path.lexists(path)
            _sync(descriptor, inbox)
        finally:
            os.close(descriptor)
    except BaseException:
        _discard(path)
        raise
    ring(os.path.dirname(inbox))
    # Should the queue have taken the finished file over just as fast, this is a repeat, which does no harm.
    return path if still_there else put(inbox, message)


def new_name() -> str:
    """A name for a message's file, which nobody else has; later ones stand behind it."""
    return f"{time.time_ns():020d}-{os.getpid()}-{os.urandom(4).hex()}.json"


def ring(folder: str) -> None:
    """Wake the consumer, where one listens: there is something for it. Never waits, and never fails.

    Where nobody listens, or something else stands in the doorbell's place, the consumer finds by itself what was laid.

    :param folder: the data folder.
    """
    if os.name == "nt":
        return
    try:
        descriptor = os.open(os.path.join(folder, DOORBELL), os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        # Nothing is written into a file; the number is that of named pipes, without importing ``stat``.
        if os.fstat(descriptor).st_mode & 0o170000 == 0o010000:
            os.write(descriptor, _RING)
    except OSError:
        # It is full of rings, or nobody listens any more.
        return
    finally:
        os.close(descriptor)


def is_deserted(folder: str) -> bool:
    """Whether there is a doorbell that nobody hears: its consumer was killed, or is on another machine.

    :param folder: the data folder.
    """
    if os.name == "nt":
        return False
    try:
        os.close(os.open(os.path.join(folder, DOORBELL), os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW))
    except OSError as error:
        return error.errno == _ENXIO
    return False


def remove(path: str) -> None:
    """Remove a message that was taken over. One that is gone already is no error.

    The removal is not synced: a power cut can bring the file back, and it is taken over once more.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


# --- Content ---------------------------------------------------------------------------------------------------------


def _encode(message: "dict[str, Any]") -> bytes:
    """The message as JSON. No text in it needs escaping (``fault_in`` sees to that), so ``json`` is not imported."""
    fault = fault_in(message)
    unknown = [key for key in message if key not in FIELDS]
    if fault or unknown:
        raise ValueError(f"not a message: {fault or f'unknown field {unknown[0]!r}'}")
    form = '{"v": %d, "id": "%s", "name": "%s", "args": %s, "event": "%s", "at": %r}\n'
    args = repr(message["args"]).replace("'", '"')
    return (form % tuple(args if field == "args" else message[field] for field in FIELDS)).encode("ascii")


def fault_in(message: "dict[str, Any]") -> str:
    """What is wrong with a message, or ``""``; an older name of its task becomes today's."""
    missing = [field for field in FIELDS if field not in message]
    if missing:
        return f"{missing[0]!r} is missing"
    version = message["v"]
    if type(version) is not int or version < 1:
        return f"'v' is {shown(version)}, not a version"
    if version > VERSION:
        return (
            f"it was written by a newer PlexSync (version {shown(version)}; this one knows {VERSION}): update this one"
        )
    for field in ("id", "name", "event"):
        if not _is_plain(message[field]):
            return f"{field!r} is {shown(message[field])}, not a name of letters, digits, '.', '_' and '-'"
    args, at = message["args"], message["at"]
    message["name"] = task_name(message["name"])
    if message["name"] == SYNC_RELATED:
        if not isinstance(args, list) or len(args) < 2 or args[0] not in RELATED:
            return f"'args' is {shown(args)}, not one of {', '.join(RELATED)} and its ids"
        args = args[1:]
    if not isinstance(args, list) or not all(type(arg) is int and 1 <= arg <= MAX_ID for arg in args):
        return f"'args' is {shown(args)}, not a list of ids"
    if type(at) not in (int, float) or not 0 <= at < MAX_ID:
        return f"'at' is {shown(at)}, not a time in seconds"
    return ""


def _is_plain(value: object) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= 100 or not value.isascii():
        return False
    return value.replace(".", "").replace("_", "").replace("-", "").isalnum()


def printable(text: str) -> str:
    """A text from outside, such as a file's name, that can be printed, logged and stored anywhere.

    See ``plexsync.outside``, which is loaded only for a text that is more than plain letters.
    """
    if text.isascii() and text.isprintable():
        return text
    from plexsync.outside import shown

    return shown(text)


def shown(value: object) -> str:
    """A value from outside, short enough for a message to a person."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python puts into decimal
        return "a huge number"
    except RecursionError:
        return "nested too deeply"
    return text if len(text) <= 60 else text[:60] + "..."


# --- Files -----------------------------------------------------------------------------------------------------------


def create(path: str) -> int:
    """The descriptor of a new file (0600), open for writing. Its folder is made only when it proves to be missing."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | open_flags("O_BINARY", "O_NOFOLLOW")
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make_folder(os.path.dirname(path))
        return os.open(path, flags, 0o600)


def open_flags(*names: str) -> int:
    """Those of the named flags for opening files that this system has."""
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it, in as many calls as the system takes."""
    while content:
        content = content[os.write(descriptor, content) :]


def _make_folder(path: str) -> None:
    """Make a folder and those above it, each synced into the one that holds it."""
    parent = os.path.dirname(path)
    if os.path.isdir(path) or parent == path:
        return
    _make_folder(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        # Another hook was quicker. If it is no folder, opening the message's file will tell.
        if not os.path.isdir(path):
            return
    sync_folder(parent)


def sync_folder(path: str) -> None:
    """Sync the names in a folder to disk, where the system can (Windows cannot)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        import errno

        # Some network and FUSE file systems have no such call: then there is nothing that could be done.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _sync(descriptor: int, folder: str) -> None:
    """Sync a new file and the names in its folder to disk, both at once: one commit and one flush of the disk do it.

    One after the other, the second would wait for a flush of its own, as long as for the first.
    """
    import _thread

    ended = _thread.allocate_lock()
    ended.acquire()
    faults: list[BaseException] = []

    def sync() -> None:
        try:
            sync_folder(folder)
        except BaseException as fault:  # noqa: BLE001 - raised below
            faults.append(fault)
        finally:
            ended.release()

    try:
        _thread.start_new_thread(sync, ())
    except RuntimeError:
        # The system lets this process have no further thread.
        sync()
    try:
        os.fsync(descriptor)
    finally:
        ended.acquire()
    if faults:
        raise faults[0]


def _discard(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        # The file was never acknowledged; whoever reads the inbox sorts out what is left of it.
        return
