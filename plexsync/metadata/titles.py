"""A title from a file's name, for scenes that have none of their own."""

from __future__ import annotations

import re

import regex

from plexsync.metadata.text import single_line

_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")
#: A file name's ending: short, and with a letter in it (``Vol.2`` has none).
_ENDING = re.compile(r"(?<=.)\.(?=[0-9]*[A-Za-z])[0-9A-Za-z]{1,5}$", re.DOTALL)
#: Dots that belong where they are: in initials (``U.S.A``, ``J.R.R.``), and in dates and short numbers (``17.05.2023``,
#: ``2.5``), but not before a resolution (``2023.1080p``).
_INITIALS = regex.compile(r"(?<![\p{L}\p{N}])(?:(?:\p{Lu}\.)+\p{Lu}(?![\p{L}\p{N}.])|(?:\p{Lu}\.){2,})")
_NUMBER = re.compile(
    r"(?<![0-9])(?:[0-9]{1,2}\.[0-9]{1,2}\.(?:19|20)[0-9]{2}|[0-9]{1,4}(?:\.[0-9]{1,2})+)(?![0-9A-Za-z])"
)
_KEPT_DOT = "\ufdd0"


def stem(path: str) -> str:
    """The file name in ``path`` without its ending.

    :param path: with forward slashes, or with backslashes where it starts as paths of Windows do.
    """
    name = re.split(r"[\\/]" if _WINDOWS_PATH.match(path) else "/", path)[-1]
    return _ENDING.sub("", name)


def title_from(path: str) -> str:
    """A readable title from the name of the file at ``path``, or ``""`` where the name holds nothing readable.

    Underscores and dots become spaces where the name has no spaces: then they stand for them. Nothing is guessed beyond
    that: resolutions and release groups stay, as a wrong guess would lose a part of the name.
    """
    name = single_line(stem(path))
    if " " in name:
        return name
    return single_line(_tidied(name)) or name


def _tidied(name: str) -> str:
    name = _INITIALS.sub(lambda found: found.group().replace(".", _KEPT_DOT) + " ", name)
    name = _NUMBER.sub(lambda found: found.group().replace(".", _KEPT_DOT), name)
    return name.replace("_", " ").replace(".", " ").replace(_KEPT_DOT, ".")
