"""Folders that are called after the film in them, where the file itself is called as on any disc.

``Blue Lake (2012)/VIDEO_TS/VTS_01_1.vob``, ``Blue Lake (2012)/feature.mkv``.
"""

from __future__ import annotations

import re

from plexsync.imports.late import late_pattern
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.paths import path_key, stem
from plexsync.matching.titles import words

#: Folders that are looked at for a film's name, those of a disc, and files on one.
_FOLDERS = 3
_DISC = late_pattern(r"video_ts|bdmv|stream|hvdvd_ts|(?:disc|disk|cd|dvd) ?[0-9]*", re.IGNORECASE)
_OF_DISC = late_pattern(r"vts_[0-9]{2}_[0-9]|video_ts|title[ _]?t?[0-9]{2}|feature", re.IGNORECASE)
#: Letters that a folder's name must have to be a film's, and those of them that not any other would have.
_LETTERS, _TELLING = 10, 6


def names_of(path: str) -> list[str]:
    """A file's name without its ending; where that says nothing, the name of the folder of the film as well."""
    name = stem(path)
    folder = film_folder(path_key(path), name)
    return [name, folder] if folder else [name]


def film_folder(path: str, name: str = "") -> str:
    """The name of the folder of the film; ``""`` where the file has a name of its own, or no folder tells one.

    :param path: in comparable form.
    :param name: of the file, without its ending, where it is known.
    """
    name = name or stem(path)
    *folders, _ = path.split("/")
    if not folders or not (
        (name.isalpha() and name.lower() in GENERIC) or _OF_DISC.fullmatch(name) or is_of_disc(folders[-1])
    ):
        return ""
    for folder in reversed(folders[-_FOLDERS:]):
        if not is_of_disc(folder):
            named = [word for word in words(folder) if not word.isdigit()]
            told = sum(len(word) for word in named if word not in GENERIC)
            return folder if told >= _TELLING and sum(map(len, named)) >= _LETTERS else ""
    return ""


def is_of_disc(folder: str) -> bool:
    """Whether each disc has a folder of this name."""
    return _DISC.fullmatch(folder) is not None
