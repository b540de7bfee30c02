"""Names by which a site or a camera counts what there is: ``vid0026``, ``0026``, ``scene0585 - Harbour Lights``."""

from __future__ import annotations

import re

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.numbers_in_names import LINES

#: Names that are but a count, with words behind it that anybody would choose or without.
_COUNTED = late_pattern(r"([a-z][a-z _-]*)?([0-9]{2,6})")
_HARDLY_MORE = late_pattern(r"([a-z][a-z _-]*)?([0-9]{2,6})((?:[ ._-]+[0-9a-z]+)*)")
#: The same with a word behind it: ``bluelake_49709_full``.
_COUNTED_WITHIN = late_pattern(r"([a-z][a-z _-]*)([0-9]{4,6})[ _-]([a-z]{2,})")
_LINES_WORD = late_pattern("[0-9]{3,4}p")
_BETWEEN = late_pattern("[ ._-]+")
#: Digits that a number without letters must have to be a counter among words: shorter ones are of days.
_DIGITS = 3
#: Letters that stand before a counter at the least.
_LETTERS = 2


def is_count(name: str) -> bool:
    """True for a name that is but a count, as sites and cameras give it: ``vid0026``, ``0026``."""
    return _COUNTED.fullmatch(name.lower()) is not None


def other_count(ours: str, theirs: str) -> Evidence | None:
    """Evidence that two names of one form (``vid0026``, ``vid0027``) have other numbers; None where that is not so.

    Whoever names so counts what there is: another number is another film. Words may stand beside the number on one
    side.
    """
    if _is_other_of_form(ours, theirs) or _is_other_among_words(ours, theirs) or _is_other_among_words(theirs, ours):
        return Evidence(
            Kind.OTHER_COUNT, weights.OTHER_COUNT, f"another number ({ours!r} in Stash, {theirs!r} in Plex)"
        )
    return None


def _is_other_of_form(ours: str, theirs: str) -> bool:
    mine, yours = _counted(ours), _counted(theirs)
    if mine is None or yours is None or mine[1] == yours[1] or len(mine[1]) != len(yours[1]):
        return False
    return (mine[0], mine[2]) == (yours[0], yours[2]) and bool(mine[0] or mine[1].startswith("0"))


def _counted(name: str) -> tuple[str, str, str] | None:
    """A name that counts, as what stands before its number, the number, and what stands behind it."""
    if found := _COUNTED.fullmatch(name.lower()):
        return found[1] or "", found[2], ""
    found = _COUNTED_WITHIN.fullmatch(name.lower())
    return (found[1], found[2], found[3]) if found and int(found[2]) not in LINES else None


def _is_other_among_words(counted: str, other: str) -> bool:
    """Whether a name is a count, and another name, of whatever words, has a number of that form, but not this one."""
    found = _HARDLY_MORE.fullmatch(counted.lower())
    if found is None or not all(_says_nothing(word) for word in _BETWEEN.split(found[3]) if word):
        return False
    letters, number = _BETWEEN.sub(" ", found[1] or "").strip(), found[2]
    if letters:
        form = re.escape(letters) + " ?" if len(letters) >= _LETTERS else ""
    else:
        form = "(?=0)" if number.startswith("0") and len(number) >= _DIGITS else ""
    if not form:
        return False
    others = re.findall(f"(?<![0-9a-z]){form}([0-9]+)(?![0-9a-z])", _BETWEEN.sub(" ", other.lower()))
    return bool(others) and all(_is_next(number, one, is_bare=not letters) for one in others)


def _says_nothing(word: str) -> bool:
    return word in GENERIC or _LINES_WORD.fullmatch(word) is not None


def _is_next(number: str, other: str, *, is_bare: bool) -> bool:
    """Whether two counters are of one count, and not the same."""
    is_of_one_length = number.startswith("0") or other.startswith("0") or is_bare
    # First, as nobody can take a number of thousands of digits for one.
    if abs(len(number) - len(other)) > (0 if is_of_one_length else 1):
        return False
    return int(number) != int(other) and not {int(number), int(other)} & LINES
