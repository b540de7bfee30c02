"""Numbers with their nouns, in a sentence."""

from __future__ import annotations


def counted(count: int, one: str, several: str = "") -> str:
    """A number and what it counts: ``1 scene``, ``2,000 scenes``.

    :param one: the words for a single one: ``scene waits``.
    :param several: the words for any other number; an ``s`` behind the first where they are not given.
    """
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"
