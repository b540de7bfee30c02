"""Long numbers that sites give what they publish, as they stand in names: ``1234567890_source``, ``720P_112233445``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.texts import Called, Text

#: Digits that such a number has at least; days and moments, of which many have as many, are read as what they are.
_DIGITS = 8


def same_id(ours: Sequence[Text], theirs: Sequence[Text]) -> Called | None:
    """What it says that two names have such a number in common; None where they have none.

    Other numbers beside it tell the clips of one post apart: where these differ, the names are compared as others are.
    """
    mine, yours = _ids(ours), _ids(theirs)
    for number in sorted(mine.keys() & yours.keys(), key=lambda one: (-len(one), one)):
        one, other = mine[number], yours[number]
        if sorted(one.reading.numbers) == sorted(other.reading.numbers):
            weight = min(weights.LONG_NUMBER_MOST, weights.LONG_NUMBER_DIGIT * len(number))
            said = Evidence(Kind.LONG_NUMBER, weight, f"same long number {number!r}")
            return Called((said,), one.reading.words, ours=one, theirs=other, own=weight, code=number)
    return None


def _ids(texts: Iterable[Text]) -> dict[str, Text]:
    return {word: text for text in texts for word in text.reading.words if len(word) >= _DIGITS and word.isdigit()}
