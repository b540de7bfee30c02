"""Items that are called as an item is, and are other films: as long as another scene, or as none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from plexsync.matching import weights
from plexsync.matching.paths import stem
from plexsync.matching.reading import Reading, read
from plexsync.matching.texts import Text
from plexsync.model import IndexedPart, SceneFile


def namesakes_of(
    texts: Sequence[Text], explained: Set[str], item: IndexedPart, file: SceneFile, others: Iterable[IndexedPart]
) -> int:
    """How many of some items have the words and numbers that two texts share, and are not as long as a scene's file.

    :param texts: the scene's and the item's.
    :param explained: words of studio and performers, which all of their films have.
    :param item: is not counted itself.
    :param others: one file of each item.
    """
    ours, theirs = (text.reading for text in texts)
    wanted = set(ours.words).intersection(theirs.words).difference(explained)
    if not wanted or not file.duration:
        return 0
    numbers = _numbers(ours)
    milliseconds, least = round(file.duration * 1000), weights.OTHER_DURATION_SECONDS * 1000
    return sum(
        any(
            wanted.issubset(one.words) and _numbers(one) == numbers
            for one in map(read, (other.title, stem(other.path)))
        )
        for other in others
        if other.rating_key != item.rating_key and other.duration_ms and abs(other.duration_ms - milliseconds) > least
    )


def _numbers(reading: Reading) -> list[int]:
    """The numbers of a name without one that a program may have added."""
    numbers = sorted(reading.numbers)
    if reading.copy is not None:
        numbers.remove(reading.copy)
    return numbers


def beyond(file: SceneFile, part: IndexedPart, seconds: float) -> float:
    """How many seconds two lengths differ by more than so many; 0 for less."""
    return max(0.0, abs((file.duration or 0.0) - (part.duration_ms or 0) / 1000) - seconds)
