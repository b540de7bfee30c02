"""Why a message could not be laid into the inbox, in words that a person can act on. Loaded only when it happens."""

import errno
import os
from pathlib import Path

_ELSEWHERE = "or set PLEXSYNC_DATA_DIR, for the hook and the consumer, to a folder"


def explain(error: OSError, folder: str) -> str:
    """Which path it is about, what went wrong, and what to do.

    :param error: what ``plexsync.inbox.event_files.put`` raised.
    :param folder: the data folder.
    """
    place = _deepest(Path(error.filename or folder))
    what = f"{place}: {error.strerror or error}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{what}. {_who(place)}: give it write access there, {_ELSEWHERE} that it may write to"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{what}: make room on that disk, {_ELSEWHERE} on another one"
    if error.errno == errno.EROFS:
        return f"{what}: mount it so that it can be written to, {_ELSEWHERE} that can be"
    if error.errno == errno.EISDIR:
        # Of a file that is replaced, the error names what was to take its place first.
        return f"{error.filename2 or place} is a folder: move it away"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{place} is not a folder: move it away, {_ELSEWHERE}"
    if place.is_symlink() and not place.exists():
        return f"{place} is a link to {place.readlink()}, which leads nowhere: mend the link, {_ELSEWHERE}"
    return f"{what}: look after that disk, {_ELSEWHERE} on another one"


def _deepest(path: Path) -> Path:
    """As much of the path as there is."""
    while not os.path.lexists(path) and path.parent != path:
        path = path.parent
    return path


def _who(place: Path) -> str:
    """Who this process is, and whose the place is, where the system has such numbers."""
    if os.name == "nt":
        return "This process may not write there"
    me = f"This process is uid {os.geteuid()}"
    try:
        status = place.stat()
    except OSError:
        return me
    return f"{me}, and {place} belongs to uid {status.st_uid} (mode {status.st_mode & 0o7777:04o})"


def out_of_reach(folder: str) -> str:
    """Which of our files this process may not use, whose it is, and what to do; ``""`` where it may use all.

    Files that root made, once, are what keeps out the user that Stash and the consumer run as.

    :param folder: the data folder.
    """
    names = ("", "inbox", "plexsync.db", "plexsync.db-wal", "plexsync.db-shm", "consumer.lock", "plexsync.toml")
    for name in names:
        place = Path(folder, name)
        try:
            wanted = os.R_OK if name == "plexsync.toml" else os.R_OK | os.W_OK | (os.X_OK if place.is_dir() else 0)
            if os.path.lexists(place) and not os.access(place, wanted):
                return f"{place} cannot be used. {_who(place)}: {_HAND_OVER}"
        except OSError as error:
            return explain(error, folder)
    return ""


_HAND_OVER = "run Stash, the consumer and its commands as one user, and give that user the whole data folder (chown -R)"
