"""Numbers with their nouns, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

#: Things that are named in a sentence; of more, how many there are.
MOST = 10


def counted(count: int, one: str, several: str = "") -> str:
    """A number and what it counts: ``1 scene``, ``2,000 scenes``.

    :param one: the words for a single one: ``scene waits``.
    :param several: the words for any other number; an ``s`` behind the first where they are not given.
    """
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def listed(things: Iterable[object], most: int = MOST) -> str:
    """Things one after the other, and of many how many more there are: ``1, 2, 3 and 4,997 more``."""
    texts = [str(one) for one in things]
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more:,} more" if more > 0 else "")
