"""File paths as two programs see them: made comparable, and carried from one mount to the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

#: Characters of a file name's ending: ``mp4``, ``webm``, ``m2ts``.
_LONGEST_ENDING = 5

_WINDOWS = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|//)")


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


def stem(path: str) -> str:
    """A file's name without its ending, in comparable form: ``/a/Beach Day.MP4`` gives ``Beach Day``."""
    return _stem(path_key(path))


def _stem(key: str) -> str:
    name = key.rpartition("/")[2]
    bare, dot, ending = name.rpartition(".")
    return bare if dot and bare and 1 <= len(ending) <= _LONGEST_ENDING and ending.isalnum() else name


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
    best: tuple[str, str] | None = None
    for source, target in path_map:
        prefix = path_key(source)
        if _under(key, prefix, ignore_case=is_windows(source)) and (best is None or len(prefix) > len(best[0])):
            best = (prefix, target)
    if best is None:
        return key
    rest = key[len(best[0]) :].lstrip("/")
    return path_key(f"{path_key(best[1]).rstrip('/')}/{rest}")


def _under(key: str, prefix: str, *, ignore_case: bool) -> bool:
    if ignore_case:
        key, prefix = key.casefold(), prefix.casefold()
    return key == prefix or key.startswith(prefix.rstrip("/") + "/")
