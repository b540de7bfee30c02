"""Numbers in words: ``Twenty One``, ``One Hundred``, ``Second``, ``Zwei``, and ``Back To`` for ``Back 2``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

#: By language from one, two or ten on, as ``titles.plain`` leaves them.
_COUNTED = (
    (
        1,
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen",
    ),
    (1, "first second third fourth fifth sixth seventh eighth ninth tenth"),
    (2, "zwei drei vier funf sechs sieben acht neun zehn elf zwolf"),
    (2, "deux trois quatre cinq six sept huit neuf dix onze douze"),
    (2, "dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    (2, "due tre quattro cinque sei sette otto nove dieci"),
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: number for first, words in _COUNTED for number, word in enumerate(words.split(), first)} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), 2)
}
_LARGE = {"hundred": 100, "hundert": 100, "cent": 100, "cien": 100, "cento": 100, "thousand": 1000, "tausend": 1000}
_WORDS = frozenset(_SMALL) | frozenset(_LARGE)
#: What is said as a number is, and written as one in a hurry.
_SAID_ALIKE = {"to": 2, "too": 2, "for": 4}


def is_spelt_number(word: str) -> bool:
    """Whether a word is a number: ``two``, ``twenty``, ``hundred``."""
    return word in _WORDS


def spelt_in(words: Sequence[str]) -> Iterator[int]:
    """The numbers that the words of a text stand for; those that follow each other also as one: ``twenty one``."""
    for is_number, run in groupby(words, is_spelt_number):
        if is_number:
            yield from _numbers(list(run))
    yield from (_SAID_ALIKE[word] for word in words if word in _SAID_ALIKE)


def _numbers(run: Sequence[str]) -> Iterator[int]:
    whole = _together(run)
    if whole is not None:
        yield whole
        return
    yield from (_SMALL.get(word) or _LARGE[word] for word in run)


def _together(run: Sequence[str]) -> int | None:
    """The one number that words are, one after the other; None where they are several."""
    thousands = number = 0
    for word in run:
        if large := _LARGE.get(word):
            number = max(number, 1) * large
            if large == 1000:
                thousands, number = thousands + number, 0
            continue
        small = _SMALL[word]
        if number % 100 and not (small < 10 and number % 100 >= 20 and number % 10 == 0):
            return None
        number += small
    return thousands + number
