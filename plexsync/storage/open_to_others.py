"""Who else may write to our files: whoever may can change what is written to Plex, and where the token is sent."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from plexsync.inbox.event_files import FOLDER, printable

#: In the data folder: what somebody could do harm with.
_NAMES = ("", FOLDER, "plexsync.toml", "plexsync.db", "plexsync.db-wal", "plexsync.db-shm", "stash_connection.json")


def open_to_others(folder: Path, *more: Path) -> str:
    """Which of our files others may write to, and what to type about it; ``""`` where none is.

    A group counts where somebody else is in it: in many images for a NAS the user's own group may write to all files.

    :param folder: the data folder.
    :param more: files elsewhere.
    """
    places = [*(Path(folder, name) for name in _NAMES), *more]
    places = list(dict.fromkeys(places))
    for_all = [one for one in places if _mode(one) & stat.S_IWOTH]
    for_some = [one for one in places if one not in for_all and _mode(one) & stat.S_IWGRP and _has_others(one)]
    if not for_all and not for_some:
        return ""
    if not _keeps_modes(folder):
        return (
            f"everybody on this machine may write to {_named([folder])}, and the file system there cannot say "
            "otherwise: mount it for one user (uid=..., umask=077), or set PLEXSYNC_DATA_DIR to a folder elsewhere"
        )
    found = [("o-w", "everybody on this machine", for_all), ("g-w", "a group with others in it", for_some)]
    texts = [
        f"{who} may write to {_named(those)}: type chmod {how} {_typed(those)}" for how, who, those in found if those
    ]
    return "; ".join(texts)


def _mode(place: Path) -> int:
    """Its mode; 0 for a link, which says nothing, and for what cannot be looked at."""
    try:
        status = place.lstat()
    except OSError:
        return 0
    return 0 if stat.S_ISLNK(status.st_mode) else status.st_mode


def _has_others(place: Path) -> bool:
    """Whether somebody but the owner and root is in the group of a file."""
    status = place.lstat()
    try:
        group = grp.getgrgid(status.st_gid)
    except KeyError:
        # A number without a name, as in containers.
        return False
    members = set(group.gr_mem) | {one.pw_name for one in pwd.getpwall() if one.pw_gid == status.st_gid}
    own = {one.pw_name for one in pwd.getpwall() if one.pw_uid in (status.st_uid, 0)}
    return bool(members - own)


def _keeps_modes(folder: Path) -> bool:
    """Whether a file there can be closed to others at all: not on FAT, nor on many network shares."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return not os.fstat(file.fileno()).st_mode & 0o077
    except OSError:
        return True


def _named(places: Sequence[Path]) -> str:
    return " and ".join(printable(str(one)) for one in places)


def _typed(places: Sequence[Path]) -> str:
    return " ".join(printable(shlex.quote(str(one))) for one in places)
