"""A title from a file's name, for scenes that have none of their own."""

from __future__ import annotations

import re

from plexsync.imports.late import late_pattern, late_regex
from plexsync.metadata.text import single_line

_WINDOWS_PATH = late_pattern(r"[A-Za-z]:[\\/]|\\\\")
#: A file name's ending: short, and with a letter in it (``Vol.2`` has none).
_ENDING = late_pattern(r"(?<=.)\.(?=[0-9]*[A-Za-z])[0-9A-Za-z]{1,5}$", re.DOTALL)
#: Dots that belong where they are: in initials (``U.S.A``, ``J.R.R.``), and in dates and short numbers (``17.05.2023``,
#: ``2.5``), but not before a resolution (``2023.1080p``).
_INITIALS = late_regex(r"(?<![\p{L}\p{N}])(?:(?:\p{Lu}\.)+\p{Lu}(?![\p{L}\p{N}.])|(?:\p{Lu}\.){2,})")
_NUMBER = late_pattern(
    r"(?<![0-9])(?:[0-9]{1,2}\.[0-9]{1,2}\.(?:19|20)[0-9]{2}|[0-9]{1,4}(?:\.[0-9]{1,2})+)(?![0-9A-Za-z])"
)
_KEPT_DOT = "\ufdd0"
#: What a name tells media servers and no viewer: the edition, which Plex shows in a field of its own, and the film's
#: number in a catalogue, in the forms that Plex, Emby and Jellyfin read.
_MARK = late_pattern(
    r"\{edition-[^{}]*\}"
    r"|\{(?:imdb|tmdb|tvdb|tpdb|stash)(?:id)?[-=][\w-]+\}"
    r"|\[(?:imdb|tmdb|tvdb|tpdb|stash)(?:id)?[-=][\w-]+\]"
    r"|\((?:imdb|tmdb|tvdb|tpdb|stash)(?:id)?[-=][\w-]+\)",
    re.IGNORECASE,
)
#: What separated a mark from the rest, and separates nothing without it.
_LOOSE_ENDS = " ._-"


def stem(path: str) -> str:
    """The file name in ``path`` without its ending.

    :param path: with forward slashes, or with backslashes where it starts as paths of Windows do.
    """
    name = re.split(r"[\\/]" if _WINDOWS_PATH.match(path) else "/", path)[-1]
    return _ENDING.sub("", name)


def title_from(path: str) -> str:
    """A readable title from the name of the file at ``path``, or ``""`` where the name holds nothing readable.

    Underscores and dots become spaces where the name has no spaces: then they stand for them. Marks that are there for
    media servers are left out: ``{edition-Director's Cut}``, ``{imdb-tt0123456}``. Nothing is guessed beyond that:
    resolutions and release groups stay, as a wrong guess would lose a part of the name, and ``cd1`` and ``pt2`` do, as
    they tell the files of one film apart.
    """
    name = _without_marks(single_line(stem(path)))
    if " " in name:
        return name
    return single_line(_tidied(name)) or name


def _without_marks(name: str) -> str:
    parts = _MARK.split(name)
    if len(parts) == 1:
        return name
    ends = len(parts) - 1
    parts = [part.rstrip(_LOOSE_ENDS) if place < ends else part for place, part in enumerate(parts)]
    parts = [part.lstrip(_LOOSE_ENDS) if place else part for place, part in enumerate(parts)]
    # Where a name has no spaces of its own, it is to have none from here either.
    rest = (" " if " " in _MARK.sub("", name) else ".").join(filter(None, parts))
    return single_line(rest) or name


def _tidied(name: str) -> str:
    name = _INITIALS.sub(lambda found: found.group().replace(".", _KEPT_DOT) + " ", name)
    name = _NUMBER.sub(lambda found: found.group().replace(".", _KEPT_DOT), name)
    return name.replace("_", " ").replace(".", " ").replace(_KEPT_DOT, ".")
