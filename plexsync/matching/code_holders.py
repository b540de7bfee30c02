"""A code by how many items hold it: what many hold is a site's or a group's name, and no code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from plexsync.matching import weights
from plexsync.matching.code_field import FieldCode, with_code
from plexsync.matching.evidence import Chances
from plexsync.matching.lookup import FileIndex
from plexsync.matching.paths import stem
from plexsync.matching.reading import read
from plexsync.matching.texts import Called, Text
from plexsync.matching.titles import is_tag, name_words

#: Items that are looked at, to see which of those that hold a code's letters and its number hold the code.
_LOOKED_AT = 12


def weighed_by_holders(called: Called, index: FileIndex, common: Chances, known: FieldCode | None) -> Called:
    """What a code says, with less where many items hold it.

    :param common: how common things are in the index.
    :param known: the code in the scene's code field.
    """
    if not called.code:
        return called
    said = called.evidence[0]
    # The index has no words that say how a file was made, as the letters of a code may.
    words = [word for word in name_words(called.code) if not is_tag(word)]
    holders = index.holding(words)
    if holders >= weights.NO_CODE:
        # Many titles have a 2 in them.
        holders = _holding(called.code, words, holders, index, known)
    if holders < weights.NO_CODE:
        return called
    bound = max(0.0, min(said.weight, common.of_one_in(holders)))
    return replace(called, evidence=(replace(said, weight=bound),), own=min(called.own, bound))


def _holding(code: str, words: Sequence[str], most: int, index: FileIndex, known: FieldCode | None) -> int:
    """About how many items hold a code, of those that hold its words."""
    held: dict[int, bool] = {}
    for part in index.by_words(words, _LOOKED_AT):
        named = (stem(part.path), part.title)
        held[part.rating_key] = held.get(part.rating_key, False) or any(_has(text, code, known) for text in named)
    return math.ceil(most * sum(held.values()) / len(held)) if held else most


def _has(text: str, code: str, known: FieldCode | None) -> bool:
    reading = with_code(Text(text, read(text), is_title=False), known).reading
    return code in reading.codes or code in reading.loose_codes or code in reading.uploads or code in reading.words
