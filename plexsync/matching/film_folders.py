"""Folders that are called after the film in them, where the file itself is called as on any disc.

``Blue Lake (2012)/VIDEO_TS/VTS_01_1.vob``, ``Blue Lake (2012)/feature.mkv``, ``Blue Lake (2012)/1080p.mp4``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from plexsync.imports.late import late_pattern
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.paths import path_key, stem
from plexsync.matching.reading import read
from plexsync.matching.titles import is_tag, words

#: Folders that are looked at for a film's name, those of a disc, and files on one.
_FOLDERS = 3
_DISC = late_pattern(r"video_ts|bdmv|stream|hvdvd_ts|(?:disc|disk|cd|dvd) ?[0-9]*", re.IGNORECASE)
_OF_DISC = late_pattern(r"vts_[0-9]{2}_[0-9]|video_ts|title[ _]?t?[0-9]{2}|feature", re.IGNORECASE)
#: Letters that a folder's name must have to be a film's, and those of them that not any other would have; and where the
#: day or the year is beside them.
_LETTERS, _TELLING, _TELLING_DATED = 10, 6, 3
_TOKEN = late_pattern("[0-9]+[a-z]+[0-9]*|[a-z]+[0-9]*|[0-9]+")
#: Words of names that say how good a copy it is, or which of the streams; lines of pictures, and what is beside them.
_OF_QUALITY = frozenset(
    "hd fullhd full high higher highest low lower lowest medium mid best good hq lq sd uhd fhd source original orig "  # noqa: SIM905 - as a list it would take a page
    "stream hls dash mobile web index master playlist chunklist manifest player normal encoded reencoded converted "
    "compressed remux".split()
)
_LINES = frozenset("360 480 540 576 720 1080 1440 2160".split())  # noqa: SIM905 - as above
_BESIDE_LINES = _OF_QUALITY.union("video movie film scene clip file".split())  # noqa: SIM905 - as above
#: Characters that such a name has at most.
_LONGEST = 32
#: Names that are kept with what they are: a library has few such.
_KEPT = 256


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
    if not folders or not (is_anybodys(name) or _OF_DISC.fullmatch(name) or is_of_disc(folders[-1])):
        return ""
    for folder in reversed(folders[-_FOLDERS:]):
        if not is_of_disc(folder):
            return folder if _is_of_film(folder) else ""
    return ""


@lru_cache(_KEPT)
def _is_of_film(folder: str) -> bool:
    """Whether a folder's name may be a film's."""
    named = [word for word in words(folder) if not word.isdigit()]
    told = sum(len(word) for word in named if word not in GENERIC)
    if told >= _TELLING and sum(map(len, named)) >= _LETTERS:
        return True
    reading = read(folder)
    # A code is no other film's.
    return bool(reading.of_codes) or (told >= _TELLING_DATED and bool(reading.dates or reading.year))


def is_anybodys(name: str) -> bool:
    """Whether a name without its ending has no word but such as programs write: ``movie``, ``1080p``, ``video_hd``."""
    if name.isalpha():
        # So are most that are.
        return name.lower() in GENERIC or name.lower() in _OF_QUALITY
    return len(name) <= _LONGEST and _is_anybodys(name)


@lru_cache(_KEPT)
def _is_anybodys(name: str) -> bool:
    tokens = _TOKEN.findall(name.lower())
    if any(token in _LINES for token in tokens):
        # ``IMG_1080`` is one of a camera's.
        return all(token in _LINES or token in _BESIDE_LINES or is_tag(token) for token in tokens)
    return all(token in GENERIC or token in _OF_QUALITY or is_tag(token) for token in tokens)


def is_of_disc(folder: str) -> bool:
    """Whether each disc has a folder of this name."""
    return _DISC.fullmatch(folder) is not None
