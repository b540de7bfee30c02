"""Searching Plex's items for a person: by words, by the name of a file, by its path, or by the item's number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.index import LibraryIndex
from plexsync.ledger.lines import SCENE_OF
from plexsync.ledger.word_search import beginning_with
from plexsync.matching.paths import path_key, stem_key
from plexsync.matching.titles import words
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks

#: Items that one search gives at most.
MOST = 50
#: Letters that a word must have for items to be looked for with a word that begins so.
SHORTEST_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item of the index.

    :param file: its first file, as Plex sees it.
    :param library: the title of its library.
    :param scene_id: the scene that has it; None for none.
    """

    rating_key: int
    title: str
    file: str
    library: str
    scene_id: int | None


class ItemSearch:
    """Searches the index.

    :param database: the file, already migrated.
    :param index: the library index in the same file.
    """

    def __init__(self, database: Database, index: LibraryIndex) -> None:
        self._database = database
        self._index = index

    def search(self, text: str, limit: int = MOST) -> list[FoundItem]:
        """The items that a text speaks of, the best first: what it names exactly, then what shares its rarest words.

        :param text: as a person types it: words of a title, the name or path of a file, an item's number.
        :param limit: items at most, ``MOST`` at most.
        """
        keys: dict[int, None] = {}
        for key in self._keys(text.strip()):
            keys.setdefault(key)
            if len(keys) >= min(limit, MOST):
                break
        return self.by_key(list(keys))

    def by_key(self, rating_keys: list[int]) -> list[FoundItem]:
        """The items with these rating keys, in that order; those that are not in the index are left out."""
        with self._database.read() as db:
            return _items(db, rating_keys)

    def _keys(self, text: str) -> Iterable[int]:
        index = self._index
        if text.isascii() and text.isdigit() and len(text) < 16:
            yield from (part.rating_key for part in index.of_item(int(text)))
        if "/" in text or "\\" in text:
            yield from (part.rating_key for part in index.by_path(path_key(text)))
        if not text:
            return
        yield from (part.rating_key for part in index.by_stem(stem_key(text)))
        asked = words(text.replace("\\", "/").rpartition("/")[2])
        yield from (part.rating_key for part in index.by_words(asked))
        # The last word may not be typed to its end.
        if asked and len(asked[-1]) >= SHORTEST_BEGINNING:
            with self._database.read() as db:
                yield from beginning_with(db, asked, MOST)


def _items(db: sqlite3.Connection, keys: list[int]) -> list[FoundItem]:
    """These items, in the order of the keys; those that are gone by now are left out."""
    if not keys:
        return []
    rows = db.execute(
        "select item.rating_key, item.title, "
        "(select file from part where part.rating_key = item.rating_key order by part.rowid limit 1) as file, "
        "(select title from section where section.section_id = item.section_id) as library, "
        f"(select {SCENE_OF.format('scene_id')} from scene "
        "where scene.rating_key = item.rating_key and state <> 'gone' limit 1) as holder "
        f"from item where item.rating_key in ({marks(keys)})",
        keys,
    ).fetchall()
    found = {
        row["rating_key"]: FoundItem(
            row["rating_key"], row["title"], row["file"] or "", row["library"] or "", row["holder"]
        )
        for row in rows
    }
    return [found[key] for key in keys if key in found]
