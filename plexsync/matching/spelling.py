"""The name of a folder as Plex itself would spell it. Plex compares what it is told with its own spelling, as it is."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from plexsync.imports.late import late_pattern
from plexsync.matching.paths import folded, is_windows

_COMPONENT, _COMPONENT_OF_WINDOWS = late_pattern(r"[^/]+"), late_pattern(r"[^\\/]+")


def spelled_by_plex(folder: str, file: str, location: str, neighbour: str | None = None) -> str:
    r"""A folder in Plex's spelling: ``\\NAS\share\New`` for ``//nas/share/New``.

    How it begins is taken from what Plex has told: the section's folder, and the path of a file that lies nearby. The
    rest is spelled as in Stash, with Plex's separators, and composed or decomposed as the file nearby is.

    :param folder: in comparable form (``path_key``), as Plex sees it.
    :param file: a file in it, as Stash sees it.
    :param location: the section's folder that it is in, or that it is, as Plex tells it.
    :param neighbour: a file of Plex in the folder, or in one that the folder is in; None for none.
    """
    known, depth = _known(folder, location, neighbour)
    rest = _components(folder)[depth:]
    if not rest:
        return location if depth == len(_components(location)) else known
    mine = _components(file)[:-1]
    # The folders that both sides have in common are the last ones.
    mine = [""] * max(0, len(rest) - len(mine)) + mine[max(0, len(mine) - len(rest)) :]
    rest = [own if unicodedata.normalize("NFC", own) == key else key for own, key in zip(mine, rest, strict=True)]
    form = _form(neighbour or location)
    if form is not None:
        rest = [unicodedata.normalize(form, name) for name in rest]
    separator = "\\" if is_windows(location) and "\\" in location else "/"
    return known.rstrip("\\/" if is_windows(location) else "/") + separator + separator.join(rest)


def _known(folder: str, location: str, neighbour: str | None) -> tuple[str, int]:
    """How the folder begins in Plex's own words, and how many of its components that is."""
    depth = len(_components(location))
    if neighbour is not None:
        here, there = _components(folder), _components(neighbour)[:-1]
        same = 0
        while same < min(len(here), len(there)) and folded(here[same]) == folded(there[same]):
            same += 1
        if same > depth:
            return _beginning(neighbour, same), same
    return _beginning(location, depth), depth


def _beginning(path: str, count: int) -> str:
    """A path up to the end of one of its components, as it stands."""
    found = list(_pattern(path).finditer(path))
    return path[: found[count - 1].end()] if count else ""


def _components(path: str) -> list[str]:
    return _pattern(path).findall(path)


def _pattern(path: str) -> re.Pattern[str]:
    return _COMPONENT_OF_WINDOWS if is_windows(path) else _COMPONENT


def _form(path: str) -> Literal["NFC", "NFD"] | None:
    """Whether a path is composed or decomposed; None where it does not show."""
    composed, decomposed = unicodedata.is_normalized("NFC", path), unicodedata.is_normalized("NFD", path)
    if composed == decomposed:
        return None
    return "NFC" if composed else "NFD"
