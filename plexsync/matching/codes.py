"""Codes by which studios name what they publish: ``WANX-931``, ``wanx00931``, ``WANX 931``: the most telling words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.titles import LABELS

#: Letters that come before a number and say nothing about which video it is: of cameras, programs, months, tags.
_NO_STUDIO = frozenset(
    "img mvi vid dsc dscn dscf mov gopr cam video videos clip clips movie file image photo frame "  # noqa: SIM905 - as a list it would take a page
    "pict sany imgp cimg hpim rimg rec take "
    "january february march april june july august october "
    "hevc avc aac ac ddp dts mp mkv wmv avi web vr mkx rf fps hd fhd uhd sd hdr tmdb imdb tvdb tmdbid imdbid tvdbid tt "
    "the of in on at to for and day days top best part take year years no".split()
)
#: The same but before three digits: of months, and of cameras, which count with four.
_NO_STUDIO_OTHERWISE = frozenset(
    "jan feb mar apr may jun jul aug sep sept oct nov dec sam gh gx gp dji pxl".split()  # noqa: SIM905 - as above
)
#: Digits that a code has at least, and letters at most, to be one for certain: ``girls-12`` may be the twelfth part.
_SURE_DIGITS, _MOST_LETTERS = 3, 5
_FIRST_YEAR, _LAST_YEAR = 1930, 2049
#: A shop has its own number before the studio's letters, and writes five digits: ``118wanx00931``.
_CODE = late_pattern(
    r"(?<![a-z0-9])(?:([a-z]{2,6})-?([0-9]{2,6})|([a-z]{3,5})-?([0-9]{3,5})[a-z]{1,3}"
    r"|[0-9]{1,4}([a-z]{2,6})(0[0-9]{4})[a-z]{0,3})(?![0-9a-z])"
)
#: A digit that follows letters: found by the digit, as there are fewer of these.
_MAY_BE_CODE = late_pattern("[0-9](?:(?<=[a-z].)|(?<=[a-z]-.))")
_MAY_BE_LOOSE = late_pattern("[0-9](?<=[a-z][ ._].)")
_DIGITS = late_pattern("[0-9]+$")
_NONE: frozenset[str] = frozenset()
_LOOSE = late_pattern(r"(?<![a-z0-9])([a-z]{2,6})[ ._](?:hd[ ._])?([0-9]{2,6})(?![0-9a-z])")


def codes_in(text: str) -> frozenset[str]:
    """The codes that stand in a text in one piece: ``wanx931``.

    :param text: as ``titles.plain`` gives it, without dates and years.
    """
    return frozenset(_read(_CODE, text)) if _MAY_BE_CODE.search(text) else _NONE


def loose_codes_in(text: str) -> frozenset[str]:
    """What would be codes if they were written together; see ``codes_in``."""
    return frozenset(_read(_LOOSE, text)) if _MAY_BE_LOOSE.search(text) else _NONE


def numbers_of_codes(text: str) -> frozenset[int]:
    """The numbers in a text that are part of a code for certain, and so are none of a series; see ``codes_in``."""
    found = set()
    for letters, digits in _parts(_CODE, text):
        if len(digits) >= _SURE_DIGITS and len(letters) <= _MOST_LETTERS and _read(_CODE, f"{letters}{digits}"):
            found.add(int(digits))
    return frozenset(found)


def told_by_code(code: str) -> float:
    """What a code tells, in powers of ten, by its letters and digits: leading zeros count as well."""
    letters = letters_of(code)
    return weights.CODE_LETTER * len(letters) + weights.CODE_DIGIT * max(_SURE_DIGITS, len(code) - len(letters))


def told_by_sure_code(codes: Iterable[str], numbers: Collection[int]) -> float:
    """The same for the most telling of some codes that are so for certain; 0 for none.

    :param numbers: as ``numbers_of_codes`` gives them.
    """
    return max([told_by_code(one) for one in codes if int(one[len(letters_of(one)) :]) in numbers], default=0.0)


def counts_itself(letters: str) -> bool:
    """Whether letters before a number say nothing of a studio where they stand in a name: ``mov``, ``vol``, ``jan``."""
    return letters in _NO_STUDIO or letters in _NO_STUDIO_OTHERWISE or letters in LABELS


def letters_of(code: str) -> str:
    """The studio's letters of a code."""
    return str(_DIGITS.sub("", code))


def forms_of(code: str) -> list[str]:
    """How names write a code in small letters: ``wanx-931``, ``wanx 931``, ``wanx00931``."""
    letters = letters_of(code)
    digits = code[len(letters) :].zfill(_SURE_DIGITS)
    return [f"{letters}{between}{digits}" for between in ("-", " ", "_", ".", "", "00", "0")]


def _parts(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """Letters and digits. What follows some codes says how the file was made: ``wanx931hhb``."""
    parts = (one.groups(default="") for one in pattern.finditer(text))
    return [("".join(found[::2]), "".join(found[1::2])) for found in parts]


def _read(pattern: re.Pattern[str], text: str) -> list[str]:
    found = []
    for letters, digits in _parts(pattern, text):
        number = digits.lstrip("0")
        is_year = len(digits) == len("2023") and _FIRST_YEAR <= int(digits) <= _LAST_YEAR
        is_count = letters in _NO_STUDIO_OTHERWISE and len(digits.removeprefix("00")) != _SURE_DIGITS
        if number and not (is_year or is_count) and letters not in _NO_STUDIO and letters not in LABELS:
            found.append(letters + number)
    return found
