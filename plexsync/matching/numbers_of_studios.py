"""Numbers in what a name begins with, as in a studio's name: ``Studio 66 - 2013-06-11 - Waiter Echo Puzzle``.

A name that lacks the studio lacks its number as well, and so says nothing of another part.
"""

from __future__ import annotations

from plexsync.matching import weights
from plexsync.matching.fuzzy import fuzz
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.pieces import pieces
from plexsync.matching.texts import Text
from plexsync.matching.titles import LABELS

#: Words before a number that counts something, be it the first in a name.
_COUNTED = frozenset(
    "take round day night week month act angle version level lesson set shoot series camera cut class case "  # noqa: SIM905 - as a list it would take a page
    "tag tome fall akt jour nuit noche dia".split()
)
#: Letters of a word that may be a studio's.
_LETTERS = 3


def of_studio(text: Text, other: Text) -> frozenset[int]:
    """The numbers in the first piece of a name, where the other one has none of the words beside them.

    :param text: whose numbers are asked for.
    :param other: what it is compared with.
    """
    first, *rest = pieces(text.written) or ((),)
    numbers = [int(word) for word in first if word.isdigit()]
    if not numbers or not rest:
        return frozenset()
    words = [word for word in first if word.isalpha()]
    held = "".join(other.reading.words)
    if any(word in LABELS or word in _COUNTED or word in held for word in words):
        return frozenset()
    left = set(other.reading.words).difference(text.reading.words)
    if any(fuzz.ratio(word, one) >= 100 * weights.MISSPELT for word in words for one in left):
        # It is the same word with a letter wrong.
        return frozenset()
    if not any(len(word) >= _LETTERS and word not in GENERIC for word in words):
        return frozenset()
    return frozenset(numbers)
