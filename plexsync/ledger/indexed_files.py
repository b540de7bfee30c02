"""Looking files up in the library index: by path, name, size, length, words, or what an agent has found.

Each answer is bounded in length, and found through an index of the database.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from plexsync.ledger.renewal import unpacked
from plexsync.ledger.word_search import MOST_FOUND, CommonWords, best_items, count_holding
from plexsync.ledger.written import written
from plexsync.matching.lookup import LEAST_BYTES, PlacedFile, WrittenNames
from plexsync.matching.paths import path_key, stem_key
from plexsync.model import IndexedPart, SceneFile
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks

#: Files that one look-up gives at most, and files of one item.
MOST_PARTS = 25
MOST_PARTS_OF_ITEM = 100
#: Files of about one length that are given at most, and that are counted.
MOST_AS_LONG = 60
MOST_COUNTED = 3000
#: Files of a folder that are counted at most: in a larger one a length tells hardly anything.
MOST_IN_FOLDER = 1000
#: Seconds for which the number of files is taken for true: each scene needs it, and about is enough.
SIZE_HOLDS_FOR = 1.0

# The cross join tells SQLite to begin with the file: what it is looked up by is indexed there.
_PART_COLUMNS = (
    "select part.rating_key, item.section_id, item.title, part.file, part.size, part.duration_ms, item.studio, "
    "item.date, item.year, item.stash_scene, item.external_id, part.video, part_hash.oshash "
    "from part cross join item using (rating_key) left join part_hash on part_hash.rating_key = part.rating_key "
    "and part_hash.file = part.file and part_hash.size = coalesce(part.size, 0) "
)
# In the order of the index, so that of very many only as many are read as are wanted.
_BY_FOLDED_PATH, _BY_STEM, _BY_SIZE = (
    f"{_PART_COLUMNS}where part.{column} = ? order by part.rowid limit {MOST_PARTS}"
    for column in ("folded_path", "stem", "size")
)
_PLACED = (
    "select part.rating_key, item.section_id, item.title, part.file, part.size, part.duration_ms "
    f"from part cross join item using (rating_key) where part.folded_path = ? order by part.rowid limit {MOST_PARTS}"
)
_OF_ITEM = f"{_PART_COLUMNS}where part.rating_key = ? order by part.rowid limit {MOST_PARTS_OF_ITEM}"

_ALIKE = f"""where part.rowid in (
select rowid from part where folded_path = ? union all
select rowid from part as one where size = ? and size >= {LEAST_BYTES} and (stem = ? or exists
    (select 1 from part_hash where part_hash.rating_key = one.rating_key and part_hash.file = one.file
     and part_hash.size = one.size and oshash <> '' and oshash = ?))
) and part.rating_key <> ?"""


class IndexedFiles:
    """Looks files up. An answer has at most ``MOST_PARTS`` files, unless it says otherwise, by section and item.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        #: How many files there were, and until when that is taken for true (monotonic seconds).
        self._size = (0, 0.0)
        self._common_words = CommonWords()

    def by_path(self, path: str) -> list[IndexedPart]:
        """The parts at this path (in the form ``paths.path_key`` gives)."""
        return [part for part in self.by_folded_path(path.casefold()) if part.path == path]

    def by_folded_path(self, path: str) -> list[IndexedPart]:
        """The parts at this path whatever its case (in the form ``paths.folded`` gives)."""
        return self._parts(_BY_FOLDED_PATH, path)

    def placed(self, path: str) -> list[PlacedFile]:
        """As ``by_folded_path``, with less of each, and in the order in which they came."""
        with self._database.read() as db:
            return [PlacedFile(*row) for row in db.execute(_PLACED, (path,)).fetchall()]

    def by_stem(self, stem: str) -> list[IndexedPart]:
        """The parts whose file has this name without its ending (in the form ``paths.stem_key`` gives)."""
        return self._parts(_BY_STEM, stem)

    def by_size(self, size: int) -> list[IndexedPart]:
        """The parts of this size in bytes."""
        return self._parts(_BY_SIZE, size)

    def by_duration(self, milliseconds: int, within: int) -> list[IndexedPart]:
        """The parts that are so long, or differ by no more milliseconds than that: the nearest, ``MOST_AS_LONG``."""
        with self._database.read() as db:
            rows = db.execute(
                f"{_PART_COLUMNS}where part.duration_ms between ? and ? "
                f"order by abs(part.duration_ms - ?), part.rowid limit {MOST_AS_LONG}",
                (milliseconds - within, milliseconds + within, milliseconds),
            ).fetchall()
        return list(map(_indexed, rows))

    def lengths_near(self, milliseconds: int, within: int) -> int:
        """How many parts are so long, or differ by no more than that; ``MOST_COUNTED`` at most."""
        with self._database.read() as db:
            row = db.execute(
                "select count(*) from "
                f"(select 1 from part where duration_ms between ? and ? limit {MOST_COUNTED}) as held",
                (milliseconds - within, milliseconds + within),
            ).fetchone()
        return int(row[0])

    def in_folder(self, folder: str) -> list[tuple[int | None, int]]:
        """The files that lie in a folder, however deep, each as its length in milliseconds and its rating key.

        ``MOST_IN_FOLDER`` files at most.

        :param folder: in the form ``paths.folded`` gives.
        """
        start = folder.rstrip("/") + "/"
        with self._database.read() as db:
            cursor = db.cursor()
            # They are many, and plain tuples are quicker to make.
            cursor.row_factory = None
            found: list[tuple[int | None, int]] = cursor.execute(
                "select duration_ms, rating_key from part where folded_path >= :start and folded_path < :end "
                f"limit {MOST_IN_FOLDER}",
                {"start": start, "end": start[:-1] + "0"},
            ).fetchall()
        return found

    def by_date(self, date: str) -> list[IndexedPart]:
        """The parts of the items of this day (``YYYY-MM-DD``)."""
        with self._database.read() as db:
            rows = db.execute(
                f"select rating_key from item where date = ? and date <> '' order by rating_key limit {MOST_PARTS}",
                (date,),
            ).fetchall()
        return [part for row in rows for part in self.of_item(row[0])]

    def holding(self, words: Sequence[str]) -> int:
        """How many items hold all of these words; ``word_search.MOST_HOLDING`` at most."""
        with self._database.read() as db:
            return count_holding(db, words, self._common_words)

    def size(self) -> int:
        """About how many files there are, rather more than fewer: the number of the newest, a moment ago."""
        size, until = self._size
        now = time.monotonic()
        if now >= until:
            with self._database.read() as db:
                size = int(db.execute("select coalesce(max(rowid), 0) from part").fetchone()[0])
            self._size = size, now + SIZE_HOLDS_FOR
        return size

    def by_words(self, words: Sequence[str], most: int = MOST_FOUND) -> list[IndexedPart]:
        """The parts of the items whose title and file names share the rarest of these words; the best items first.

        Where many share as much, those called little else come first.

        :param words: as ``titles.words`` gives them.
        :param most: items at most, ``word_search.MOST_FOUND`` at most.
        """
        with self._database.read() as db:
            best = best_items(db, words, most, self._common_words)
            rows = _parts_of(db, best)
            if len(best) == most < MOST_FOUND and len({row["rating_key"] for row in rows}) < most:
                # Items without files take nobody's place.
                best = best_items(db, words, MOST_FOUND, self._common_words)
                rows = _parts_of(db, best)
        rank = {key: number for number, key in enumerate(best)}
        return sorted(map(_indexed, rows), key=lambda part: (rank[part.rating_key], part.file))

    def by_stash_scene(self, scene_id: int) -> list[IndexedPart]:
        """The parts of the items that an agent made from this scene (``matching.guids``)."""
        with self._database.read() as db:
            rows = db.execute(
                f"select rating_key from item where stash_scene = ? order by rating_key limit {MOST_PARTS}", (scene_id,)
            ).fetchall()
        return [part for row in rows for part in self.of_item(row[0])]

    def by_external_id(self, ids: Sequence[str]) -> list[IndexedPart]:
        """The parts of the items whose agent found one of these (``matching.guids``)."""
        found = list(ids)
        with self._database.read() as db:
            rows = db.execute(
                f"select rating_key from item where external_id in ({marks(found)}) and external_id <> '' "
                f"order by rating_key limit {MOST_PARTS}",
                found,
            ).fetchall()
        return [part for row in rows for part in self.of_item(row[0])]

    def written(self, rating_keys: Sequence[int]) -> dict[int, WrittenNames]:
        """What PlexSync itself wrote to these items; those to which it wrote nothing are left out."""
        with self._database.read() as db:
            return written(db, rating_keys)

    def alike(self, file: SceneFile, mapped: str, but: int) -> list[IndexedPart]:
        """The parts at a file's path, and those of its size that have its name or its hash: in one look-up.

        :param mapped: the file's path as Plex would see it (``paths.map_path``).
        :param but: the rating key of an item that is left out.
        """
        values = (mapped.casefold(), file.size or 0, stem_key(mapped), file.oshash, but)
        with self._database.read() as db:
            rows = db.execute(f"{_PART_COLUMNS}{_ALIKE} order by part.rowid limit {MOST_PARTS}", values).fetchall()
        return sorted(map(_indexed, rows), key=lambda part: (part.section_id, part.rating_key, part.file))

    def of_item(self, rating_key: int) -> list[IndexedPart]:
        """The parts of an item, ``MOST_PARTS_OF_ITEM`` at most."""
        return self._parts(_OF_ITEM, rating_key)

    def _parts(self, statement: str, value: object) -> list[IndexedPart]:
        with self._database.read() as db:
            rows = db.execute(statement, (value,)).fetchall()
        found = list(map(_indexed, rows))
        if len(found) > 1:
            found.sort(key=lambda part: (part.section_id, part.rating_key, part.file))
        return found


def _parts_of(db: sqlite3.Connection, rating_keys: list[int]) -> list[sqlite3.Row]:
    """The rows of the parts of a few items."""
    asked = f"{_PART_COLUMNS}where part.rating_key in ({marks(rating_keys)}) limit {MOST_PARTS * MOST_FOUND}"
    return db.execute(asked, rating_keys).fetchall() if rating_keys else []


def _indexed(row: sqlite3.Row) -> IndexedPart:
    key, section_id, title, file, size, duration, studio, date, year, stash_scene, external_id, video, oshash = row
    return IndexedPart(
        *(key, section_id, title, file, path_key(file), size, duration, studio, date, year, stash_scene),
        *unpacked(video),
        oshash or "",
        external_id,
    )
