"""What lies in the inbox, for those who take it over: the messages in their order, and whether each of them is one.

The hook lays messages (``plexsync.inbox.event_files``) and has no use for any of this.
"""

import os
import time

from plexsync.inbox.event_files import fault_in, open_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Bytes a message may have. One of ours has about 160, or up to 20 more per scene of an edit of many.
MAX_BYTES = 1024 * 1024
#: Bytes that are kept of a file that holds no message.
RAW_KEPT = 64 * 1024
#: Seconds after which an unfinished file is taken to be left by a hook that died.
UNFINISHED_FOR = 60


class Unfinished(Exception):
    """The file is still being written: come back in a moment."""


class UnreadableEvent(Exception):
    """The file is not a message of ours.

    :param reason: what is wrong with it, for a person.
    :param raw: what it holds, of which the first ``RAW_KEPT`` bytes are kept.
    """

    def __init__(self, reason: str, raw: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw[:RAW_KEPT]


def waiting(inbox: str, limit: int) -> "list[str]":
    """The names of the oldest messages, oldest first: at most ``limit``, none when there is no folder."""
    try:
        with os.scandir(inbox) as entries:
            names = [entry.name for entry in entries if _is_message(entry)]
    except FileNotFoundError:
        return []
    names.sort()
    return names[:limit]


def strangers(inbox: str, limit: int) -> "list[str]":
    """The names of entries that look like messages and are no files, such as folders and links: at most ``limit``."""
    try:
        with os.scandir(inbox) as entries:
            names = [entry.name for entry in entries if _is_named_so(entry.name) and not _is_message(entry)]
    except FileNotFoundError:
        return []
    names.sort()
    return names[:limit]


def read(path: str) -> "dict[str, Any]":
    """The message in a file.

    :raises Unfinished: it is still being written.
    :raises UnreadableEvent: it holds something else than a message.
    :raises FileNotFoundError: another process took it over.
    :raises OSError: it cannot be read.
    """
    return decode(content(path))


def content(path: str) -> bytes:
    """What a message's file holds, whole; whether it is a message is not known by that.

    :raises Unfinished: as ``read``, and all the others, too.
    """
    raw, age = _load(path)
    if not raw.endswith(b"\n"):
        # One of time to come may as well be left by a hook that died: its clock, or that of the disk, is wrong.
        if abs(age) < UNFINISHED_FOR:
            raise Unfinished(path)
        raise UnreadableEvent("it is cut short: the hook that wrote it died, or the disk was full", raw)
    return raw


def _is_message(entry: "os.DirEntry[str]") -> bool:
    if not _is_named_so(entry.name):
        return False
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        # Whoever reads it will find out what is the matter with this one: the others are to be listed.
        return True


def _is_named_so(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def decode(raw: bytes) -> "dict[str, Any]":
    """The message in a file's content.

    :raises UnreadableEvent: there is none that this version knows.
    """
    import json

    try:
        message = json.loads(raw.decode("utf-8"))
        if not isinstance(message, dict):
            raise UnreadableEvent(f"it is not a JSON object but a {type(message).__name__}", raw)
        fault = fault_in(message)
    except ValueError as error:
        raise UnreadableEvent(f"it is not JSON: {error}", raw) from None
    except RecursionError:
        raise UnreadableEvent("it is not JSON: nested too deeply", raw) from None
    if fault:
        raise UnreadableEvent(fault, raw)
    return message


def _load(path: str) -> "tuple[bytes, float]":
    """A file's content, and the seconds since it was last written to."""
    import stat

    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise UnreadableEvent("it is not a regular file", b"")
    raw, changed_at = _read_at_most(path, MAX_BYTES)
    if len(raw) > MAX_BYTES:
        raise UnreadableEvent(f"it is larger than {MAX_BYTES // 1024} KiB", raw)
    return raw, time.time() - changed_at


def read_bounded(path: str, limit: int) -> "bytes | None":
    """What a small file holds; None where that is more than ``limit`` bytes. Never waits, not even for a named pipe.

    :raises FileNotFoundError: there is none.
    :raises OSError: it cannot be read, or is a folder, a link or the like.
    """
    import stat

    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise OSError("it is not a regular file")
    raw, _ = _read_at_most(path, limit)
    return raw if len(raw) <= limit else None


def _read_at_most(path: str, limit: int) -> "tuple[bytes, float]":
    """The first ``limit`` bytes of a file and one more where there is one, and when it was last written to."""
    # Should the file have been replaced by a pipe in this moment, opening it must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | open_flags("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))
    try:
        changed_at = os.fstat(descriptor).st_mtime
        raw = b""
        while len(raw) <= limit:
            chunk = os.read(descriptor, limit + 1 - len(raw))
            if not chunk:
                break
            raw += chunk
    finally:
        os.close(descriptor)
    return raw, changed_at
