"""Items that are called as an item is, and are other films: as long as another scene, or as none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from plexsync.matching import weights
from plexsync.matching.paths import stem
from plexsync.matching.pieces import pieces
from plexsync.matching.reading import Reading, read
from plexsync.matching.shared_words import is_common
from plexsync.matching.texts import Text
from plexsync.model import IndexedPart, SceneFile


def namesakes_of(
    texts: Sequence[Text],
    explained: Set[str],
    item: IndexedPart,
    file: SceneFile,
    others: Iterable[IndexedPart],
    *,
    is_whole: bool = False,
) -> int:
    """How many of some items have the words and numbers that two texts share, and are not as long as a scene's file.

    :param texts: the scene's and the item's.
    :param explained: words of studio and performers, which all of their films have.
    :param item: is not counted itself.
    :param others: one file of each item.
    :param is_whole: the texts hold the same title and no more. Then who has more words in a title has another one.
    """
    ours, theirs = (text.reading for text in texts)
    wanted = {word for word in set(ours.words).intersection(theirs.words) if word not in explained}
    if is_whole:
        wanted = {word for word in wanted if word.isalpha() and not is_common(word)}
    if not wanted or not file.duration:
        return 0
    numbers = _numbers(ours)
    milliseconds, least = round(file.duration * 1000), weights.OTHER_DURATION_SECONDS * 1000
    return sum(
        any(
            wanted.issubset((one := read(text)).words)
            and _numbers(one) == numbers
            and (not is_whole or is_title(text, wanted, explained))
            for text in (other.title, stem(other.path))
        )
        for other in others
        if other.rating_key != item.rating_key and other.duration_ms and abs(other.duration_ms - milliseconds) > least
    )


def is_title(text: str, wanted: Set[str], explained: Set[str]) -> bool:
    """Whether a text, or a piece of it, has these words and no others but for those that any name may have."""
    return any(
        wanted == {word for word in found if word not in explained and word.isalpha() and not is_common(word)}
        for found in (read(text).words, *pieces(text))
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
