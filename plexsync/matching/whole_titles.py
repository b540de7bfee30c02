"""A short title that is all that an item is called: how many items are called just so says more than its letters.

Of ``Maple`` any library has films with the word in their titles, but hardly two that are called that and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

from plexsync.matching import weights
from plexsync.matching.evidence import Chances, FilePair
from plexsync.matching.lookup import FileIndex
from plexsync.matching.namesakes import beyond, is_title
from plexsync.matching.paths import stem, stem_key
from plexsync.matching.shared_words import is_common
from plexsync.matching.texts import Called
from plexsync.model import IndexedPart


def weighed_as_whole(
    called: Called,
    item: IndexedPart,
    best: FilePair,
    explained: Set[str],
    others: Iterable[IndexedPart],
    index: FileIndex,
    common: Chances,
) -> Called:
    """What a name says that holds the scene's title and no more, by how many items are called so, if that is more.

    :param item: as long as the scene, of which no other item with that name is another film for certain.
    :param best: its file beside the scene's.
    :param explained: words of studio and performers, which any name may have besides.
    :param others: one file of each item that was found.
    :param index: counts the files of the item's name.
    :param common: how common things are in it.
    """
    if not called.is_whole or not called.is_name or len(called.evidence) != 1 or called.ours is None:
        return called
    said = called.evidence[0]
    apart = weights.NAMESAKES_APART * beyond(best.file, best.part, weights.FINEST_DURATION)
    most = min(weights.WORDS_MOST, weights.WHOLE_TITLE_SAFETY - common.prior) + apart
    if said.weight >= most:
        return called
    words = called.ours.reading.words
    wanted = {word for word in words if word not in explained and word.isalpha() and not is_common(word)}
    alike = {item.rating_key}
    alike.update(
        one.rating_key
        for one in others
        if is_title(one.title, wanted, explained) or is_title(stem(one.path), wanted, explained)
    )
    alike.update(one.rating_key for one in index.by_stem(stem_key(best.part.path)))
    weight = min(weights.WORDS_MOST, weights.WHOLE_TITLE_SAFETY + common.of_so_many(len(alike))) + apart
    return called if said.weight >= weight else replace(called, evidence=(replace(said, weight=weight),))
