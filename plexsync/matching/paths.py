"""File paths as two programs see them: made comparable, and carried from one mount to the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from plexsync.imports.late import late_pattern

#: Characters of a file name's ending: ``mp4``, ``webm``, ``m2ts``.
_LONGEST_ENDING = 5
#: Names that are kept: those of the files that one scene is compared with.
_KEPT = 256

_WINDOWS = late_pattern(r"^(?:[A-Za-z]:[\\/]|\\\\|//)")


def is_windows(path: str) -> bool:
    r"""True for ``D:\videos``, ``\\nas\videos`` and ``//nas/videos``."""
    return bool(_WINDOWS.match(path))


def path_key(path: str) -> str:
    """The form in which paths are compared: NFC, forward slashes, none doubled, none at the end.

    A macOS client writes names in NFD and a Linux one in whatever it was given: the same file must look the same.
    Backslashes turn only in Windows paths; elsewhere they are part of a name.
    """
    if path.isascii() and "//" not in path and "\\" not in path:
        # So are nearly all of a library.
        return path.rstrip("/") or "/"
    windows = is_windows(path)
    text = unicodedata.normalize("NFC", path)
    if windows:
        text = text.replace("\\", "/")
    lead = "//" if windows and text.startswith("//") else ""
    text = lead + re.sub("/{2,}", "/", text[len(lead) :])
    return text.rstrip("/") or "/"


def file_name(path: str) -> str:
    """The last part of a path, in comparable form."""
    return path_key(path).rpartition("/")[2]


def folded(path: str) -> str:
    """The form in which paths are compared where a file system does not tell upper from lower case."""
    return path_key(path).casefold()


@lru_cache(maxsize=_KEPT)
def stem(path: str) -> str:
    """A file's name without its ending, in comparable form: ``/a/Beach Day.MP4`` gives ``Beach Day``."""
    return _stem(path_key(path))


def _stem(key: str) -> str:
    name = key.rpartition("/")[2]
    bare, dot, ending = name.rpartition(".")
    return bare if dot and bare and 1 <= len(ending) <= _LONGEST_ENDING and ending.isalnum() else name


@lru_cache(maxsize=_KEPT)
def stem_key(path: str) -> str:
    """As ``stem``, whatever its case: ``/a/Beach Day.MP4`` gives ``beach day``."""
    return stem(path).casefold()


class PathForms(NamedTuple):
    """What a file is looked up by: its path as ``folded``, ``stem`` and ``stem_key`` give it."""

    folded: str
    stem: str
    stem_key: str


def path_forms(path: str) -> PathForms:
    """All forms of a path at once, for the price of one."""
    key = path_key(path)
    name = _stem(key)
    return PathForms(key.casefold(), name, name.casefold())


def map_path(path: str, path_map: Sequence[tuple[str, str]]) -> str:
    """The path as Plex sees it, in comparable form.

    The longest prefix that ends on a folder border wins; without one the path stays as it is.

    :param path: a file's path as Stash sees it.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    """
    key = path_key(path)
    best: _Mount | None = None
    for source, target in path_map:
        mount = _mount(source, target)
        own, prefix = (key.casefold(), mount.folded) if mount.folded else (key, mount.prefix)
        is_under = own == prefix or own.startswith(mount.inside)
        if is_under and (best is None or len(mount.prefix) > len(best.prefix)):
            best = mount
    if best is None:
        return key
    rest = key[len(best.prefix) :].lstrip("/")
    return path_key(f"{best.target}/{rest}")


class _Mount(NamedTuple):
    """A line of a path map, ready to be compared: ``folded`` is ``""`` where case counts."""

    prefix: str
    folded: str
    #: How what lies below begins.
    inside: str
    target: str


@lru_cache(maxsize=256)
def _mount(source: str, target: str) -> _Mount:
    prefix = path_key(source)
    folded_prefix = prefix.casefold() if is_windows(source) else ""
    inside = (folded_prefix or prefix).rstrip("/") + "/"
    return _Mount(prefix, folded_prefix, inside, path_key(target).rstrip("/"))
