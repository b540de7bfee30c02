"""The library index: every file Plex knows, looked up by path, name, size, words or item.

Filled in pages, each page its own transaction, so that a library of any size never stands in memory and other work goes
on in between. A full pass marks what it sees with its number; what it did not see is gone from Plex. How far it got is
noted with each page, so that a pass that was cut short goes on from there.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import doubts, further_items, moves, odd_items, wanted_files
from plexsync.ledger.odd_items import NO_ODD_ONES, OddCounts
from plexsync.ledger.renewal import drop_items, mark, renew, unpacked
from plexsync.ledger.word_search import MOST_FOUND, CommonWords, best_items, count_holding
from plexsync.ledger.written import written
from plexsync.matching.lookup import LEAST_BYTES, PlacedFile, WrittenNames
from plexsync.matching.paths import path_key, stem_key
from plexsync.model import Field, IndexedPart, Item, ListedItem, OddItem, Part, SceneFile, Section
from plexsync.storage.database import Database
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions
from plexsync.words import listed

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
#: Seconds for which a section may be missing from Plex's list, at each look, before it is taken for gone.
MISSING_FOR = 300.0

log = logging.getLogger(__name__)

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


@dataclass(frozen=True, slots=True)
class SectionFill:
    """How far a section is known.

    ``items``: how many are in the index. ``filled_at``: when a full pass last came to its end (epoch seconds), None for
    never. ``content_changed_at``: Plex's number for the state that the index is in step with, None for not known.
    ``added_until``, ``updated_until``: all that was added or changed before is in the index (Plex's epoch seconds).
    ``pass_number``, ``pass_position``: the latest full pass, and how many items it has read; None for all of them.
    ``odd``: the entries of Plex's listing that are no items of their own. ``count_off``: by how much more Plex counts
    than can be explained, found so by two full passes, one after the other.
    """

    items: int = 0
    filled_at: float | None = None
    content_changed_at: int | None = None
    added_until: int = 0
    updated_until: int = 0
    pass_number: int = 0
    pass_position: int | None = None
    count_off: int = 0
    odd: OddCounts = NO_ODD_ONES

    def off(self, total: int) -> int:
        """By how much Plex counts more items than the index can account for; 0 where it adds up.

        :param total: how many items Plex says the section has.
        """
        more = total - self.items - self.odd.beside
        # One without a key may be an item that is known: it counts where that is needed.
        return 0 if 0 <= more <= self.odd.nameless else more

    def adds_up(self, total: int) -> bool:
        """Whether the index has what Plex counts, or as much of it as can be had."""
        return self.off(total) in (0, self.count_off)


class LibraryIndex:
    """Reads and writes the index.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        #: How many files there were, and until when that is taken for true (monotonic seconds).
        self._size = (0, 0.0)
        self._common_words = CommonWords()

    # --- looking up: at most MOST_PARTS files each, sorted by section and item --------------------------------------

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
            rows = db.execute(
                "select duration_ms, rating_key from part where folded_path >= :start and folded_path < :end "
                f"limit {MOST_IN_FOLDER}",
                {"start": start, "end": start[:-1] + "0"},
            ).fetchall()
        return [(row[0], row[1]) for row in rows]

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
            return count_holding(db, words)

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

    # --- filling ------------------------------------------------------------------------------------------------------

    def keep_sections(
        self, sections: Sequence[Section], may_return: Callable[[int, str], bool] = lambda _id, _title: False
    ) -> None:
        """Note the sections in use, and forget all others with their items.

        :param may_return: given the id and title of another one, whether Plex may leave it out for the moment only: it
            is kept until it was missing for ``MISSING_FOR`` seconds, at each look at the sections.
        """
        wanted = [(one.id, one.title, json.dumps(list(one.locations)), one.uuid) for one in sections]
        with self._database.read() as db:
            rows = db.execute("select section_id, title, locations, uuid, missing_since from section").fetchall()
        known = {row[0]: tuple(row[:4]) for row in rows if row[4] is None}
        gone = {row[0]: (row[1], row[4]) for row in rows if row[0] not in {one.id for one in sections}}
        for section_id, (title, missing_since) in gone.items():
            if may_return(section_id, title) and not _missing_for_long(missing_since):
                self._note_missing(section_id, title, missing_since)
            else:
                self._drop_section(section_id)
        changed = [row for row in wanted if known.get(row[0]) != row]
        if changed:
            uuids = {row[0]: row[3] for row in rows}
            anew = [row[0] for row in wanted if row[3] and uuids.get(row[0]) and uuids[row[0]] != row[3]]
            with self._database.write(durable=bool(anew)) as db:
                db.executemany(
                    "insert into section (section_id, title, locations, uuid) values (?, ?, ?, ?) "
                    "on conflict (section_id) do update set title = excluded.title, locations = excluded.locations, "
                    "uuid = coalesce(excluded.uuid, section.uuid), missing_since = null",
                    changed,
                )
                if anew:
                    log.warning(
                        "Plex has made its library anew (section %s): every item is looked at",
                        listed(anew),
                    )
                    moves.doubt_sections(db, anew)

    def _note_missing(self, section_id: int, title: str, since: float | None) -> None:
        now = time.time()
        if since is not None and since <= now:
            return
        log.warning("Plex does not list its library %r at the moment: what is known of it is kept for now", title)
        with self._database.write() as db:
            db.execute("update section set missing_since = ? where section_id = ?", (now, section_id))

    def _drop_section(self, section_id: int) -> None:
        self._drop_all("section_id = ?", section_id)
        with self._database.write() as db:
            db.execute("delete from odd_item where section_id = ?", (section_id,))
            db.execute("delete from section where section_id = ?", (section_id,))

    def fill_state(self, section_id: int) -> SectionFill:
        """How far the section is known."""
        with self._database.read() as db:
            row = db.execute(
                "select (select count(*) from item where item.section_id = section.section_id), filled_at, "
                "content_changed_at, added_until, updated_until, pass, pass_position, count_off from section "
                "where section_id = ?",
                (section_id,),
            ).fetchone()
            return replace(SectionFill(*row), odd=odd_items.counts(db, section_id)) if row else SectionFill()

    def is_filled(self) -> bool:
        """Whether every section was read to its end once, and there is something in one of them."""
        with self._database.read() as db:
            row = db.execute(
                "select exists (select 1 from item) and not exists "
                "(select 1 from section where filled_at is null and missing_since is null)"
            ).fetchone()
        return bool(row[0])

    def begin_pass(self, section_id: int, updated_until: int = 0) -> int:
        """Note that a full pass of the section begins; returns its number.

        :param updated_until: the time of the latest change in the section now (Plex's epoch seconds). What changes from
            now on may be missed by the pass, and is read after it.
        """
        with self._database.write() as db:
            db.execute(
                "update section set pass = pass + 1, pass_position = 0, pass_updated_until = ? where section_id = ?",
                (updated_until, section_id),
            )
            row = db.execute("select pass from section where section_id = ?", (section_id,)).fetchone()
        return int(row[0])

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Put very much into the index in the block, in many transactions."""
        with self._database.much_written():
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write in the block what is put into the index, all or nothing."""
        with self._database.write():
            yield

    def put(
        self,
        items: Sequence[ListedItem],
        pass_number: int | None = None,
        position: int | None = None,
        *,
        follow: bool = True,
    ) -> list[int]:
        """Add or renew one page of items; what stands there as it is listed is not written again.

        :param pass_number: of the full pass that sees them; None where none does.
        :param position: how many items of their section that pass has read now.
        :param follow: outside of passes, look whose own files are among those that are new.
        :returns: the scenes that wait for a file like one of those that are new (``WantedFiles.seek``), and outside of
            passes those whose own file came to another item. They stay noted until ``queued``.
        """
        with self._database.write() as db:
            fresh = renew(db, items, pass_number)
            if position is not None and items:
                db.execute(
                    "update section set pass_position = ? where section_id = ? and pass = ? and pass_position < ?",
                    (position, items[0].section_id, pass_number, position),
                )
            if not fresh:
                return []
            # A full pass is not over yet: what it finds is seen as a whole then.
            return self._note_news(db, items if follow and pass_number is None else [], fresh)

    def have_moved(self, items: Sequence[ListedItem]) -> bool:
        """Whether rating keys have come to mean other files: one of these items has but such as another was known for.

        To be asked before ``put``.
        """
        with self._database.read() as db:
            return doubts.have_moved(db, items)

    def news(self) -> int:
        """A number that grows whenever files come into the index that were not in it like this. One look-up by key."""
        with self._database.read() as db:
            row = db.execute("select value from fact where key = 'index_news'").fetchone()
        return int(row[0]) if row else 0

    @staticmethod
    def _note_news(db: sqlite3.Connection, items: Sequence[ListedItem], fresh: Sequence[Part]) -> list[int]:
        """Note that files are new; the scenes that wait for one like them, or whose own file it is, by id.

        :param items: those in which scenes' own files are looked for.
        """
        db.execute(
            "insert into fact (key, value) values ('index_news', '1') "
            "on conflict (key) do update set value = cast(fact.value as integer) + 1"
        )
        found = doubts.note_moved(db, items, fresh) | wanted_files.note_appeared(db, fresh)
        return sorted(found | further_items.note_copies(db, [part.size for part in fresh]))

    def went_back(self, items: Sequence[ListedItem]) -> list[int]:
        """The scenes over whose items a backup was restored: they were changed last before we saw them last.

        They stay noted until ``queued``.
        """
        with self._database.write() as db:
            return sorted(doubts.note_gone_back(db, items))

    def put_odd(self, odd: Sequence[OddItem], pass_number: int | None = None) -> list[OddItem]:
        """Note entries of a section's listing that are no items of their own. What is known of such an item stays.

        :param pass_number: as for ``put``.
        :returns: those that were not noted before.
        """
        if not odd:
            return []
        with self._database.write() as db:
            return odd_items.keep(db, odd, pass_number)

    def odd_ones(self, limit: int) -> tuple[int, list[str]]:
        """How many such entries there are, and sentences on some of them."""
        with self._database.read() as db:
            return odd_items.some_of_all(db, limit)

    def end_pass(
        self, section_id: int, pass_number: int, *, total: int, added_until: int = 0, content_changed_at: int | None
    ) -> int:
        """Note that the full pass has come to its end, and drop the section's items that it did not see.

        Where it saw fewer than there are, as by a server whose pages overlap, nothing is dropped; nor where it met one
        of which not even the rating key can be read, as that may be any. Where the index has another number of items
        than Plex in the end, it does not count as in step, unless the pass before had ended with the same difference.

        :param total: how many items Plex says the section has.
        :param added_until: when the last item that was read was added (Plex's epoch seconds).
        :param content_changed_at: Plex's number for the section's state before the pass, if that is known.
        :returns: how many were dropped.
        """
        enough, dropped = self._drop_unseen(section_id, pass_number, total)
        off = self.fill_state(section_id).off(total)
        with self._database.write() as db:
            db.execute(
                "update section set count_off = case when count_off_once = ? then ? else 0 end, count_off_once = ? "
                "where section_id = ?",
                (off, off, off, section_id),
            )
        state = self.fill_state(section_id)
        whole = state.adds_up(total) and (enough or state.count_off != 0)
        with self._database.write() as db:
            db.execute(
                "update section set filled_at = ?, pass_position = null, added_until = ?, "
                "updated_until = pass_updated_until, content_changed_at = ? where section_id = ?",
                (time.time(), added_until, content_changed_at if whole else None, section_id),
            )
            moves.note_read(db)
        return dropped

    def begin_walk(self, section_id: int) -> int:
        """Begin to mark what is seen of a section, beside whatever pass there is; returns the number to mark with."""
        with self._database.write() as db:
            db.execute("update section set pass = pass + 1 where section_id = ?", (section_id,))
            row = db.execute("select pass from section where section_id = ?", (section_id,)).fetchone()
        return int(row[0])

    def mark(self, rating_keys: Sequence[int], pass_number: int) -> None:
        """Note items as seen that stand in the index as they are listed."""
        with self._database.write() as db:
            mark(db, rating_keys, pass_number)

    def without_video(self, rating_keys: Sequence[int]) -> set[int]:
        """Those of these items of whose video nothing is known, as of all in an index that was built before it was."""
        with self._database.read() as db:
            return {
                row[0]
                for some in portions(rating_keys)
                for row in db.execute(
                    f"select rating_key from part where rating_key in ({marks(some)}) and video = ''", some
                )
            }

    def end_walk(self, section_id: int, pass_number: int, total: int) -> int:
        """Drop the items of a section that a walk did not see; see ``end_pass``. How far the index is known stays.

        :param total: how many items Plex says the section has.
        :returns: how many were dropped.
        """
        enough, dropped = self._drop_unseen(section_id, pass_number, total)
        if not enough:
            return 0
        with self._database.write() as db:
            # What was never filled still has to be: only that notes until when additions are known.
            db.execute(
                "update section set filled_at = ? where section_id = ? and filled_at is not null",
                (time.time(), section_id),
            )
        return dropped

    def count(self) -> int:
        """How many items there are, in all sections."""
        with self._database.read() as db:
            return int(db.execute("select count(*) from item").fetchone()[0])

    def _drop_unseen(self, section_id: int, pass_number: int, total: int) -> tuple[bool, int]:
        """Drop what a pass did not see, if it saw as many entries as there are; whether it did, and how many left."""
        with self._database.read() as db:
            row = db.execute(
                "select count(*) from item where section_id = ? and pass >= ?", (section_id, pass_number)
            ).fetchone()
            odd = odd_items.counts(db, section_id, pass_number)
        enough = int(row[0]) + odd.beside + odd.nameless >= total
        if enough:
            with self._database.write() as db:
                odd_items.forget_before(db, section_id, pass_number)
        # One without a key may be any of those that were not seen.
        may_drop = enough and not odd.nameless
        return enough, self._drop_all("section_id = ? and pass < ?", section_id, pass_number) if may_drop else 0

    def in_step(self, section_id: int, added_until: int, updated_until: int, content_changed_at: int | None) -> None:
        """Note that all changes were read; see ``SectionFill`` for the values."""
        with self._database.write() as db:
            db.execute(
                "update section set added_until = ?, updated_until = ?, content_changed_at = ? where section_id = ?",
                (added_until, updated_until, content_changed_at, section_id),
            )

    def learn(self, item: Item) -> None:
        """Note what files an item holds, as it was read by itself. Its section no longer counts as in step.

        Scenes that wait for one of its files are noted, as by ``put``.
        """
        with self._database.write() as db:
            known = db.execute("select section_id, year from item where rating_key = ?", (item.rating_key,)).fetchone()
            section_id = item.section_id or (known["section_id"] if known else 0)
            if db.execute("select 1 from section where section_id = ?", (section_id,)).fetchone() is None:
                # Of a library that is not in use.
                drop_items(db, [item.rating_key])
                return
            db.execute("update section set content_changed_at = null where section_id = ?", (section_id,))
            listed = ListedItem(
                rating_key=item.rating_key,
                section_id=section_id,
                title=item.texts.get(Field.TITLE, ""),
                added_at=0,
                updated_at=item.updated_at,
                parts=item.parts,
                studio=item.texts.get(Field.STUDIO, ""),
                date=item.texts.get(Field.DATE, ""),
                year=known["year"] if known else None,
                guid=item.guid,
            )
            if fresh := renew(db, [listed], None):
                self._note_news(db, [listed], fresh)

    def drop(self, rating_key: int) -> None:
        """Forget an item that Plex no longer knows. Its section no longer counts as in step: it may come back."""
        with self._database.write() as db:
            db.execute(
                "update section set content_changed_at = null "
                "where section_id = (select section_id from item where rating_key = ?)",
                (rating_key,),
            )
            drop_items(db, [rating_key])

    def _drop_all(self, where: str, *values: int) -> int:
        """Drop very many items, some at a time: others have to write in between."""
        dropped = 0
        while True:
            with self._database.write() as db:
                found = db.execute(f"select rating_key from item where {where} limit {VALUES_PER_STATEMENT}", values)
                keys = [row[0] for row in found]
                drop_items(db, keys)
            dropped += len(keys)
            if len(keys) < VALUES_PER_STATEMENT:
                return dropped

    # --- scenes whose file has appeared -------------------------------------------------------------------------------

    def appeared(self) -> list[int]:
        """The scenes whose file has appeared, and that are not queued yet."""
        with self._database.read() as db:
            return sorted({*wanted_files.appeared(db), *doubts.untold(db)})

    def queued(self, scene_ids: Sequence[int]) -> None:
        """Note that these scenes are queued."""
        with self._database.write() as db:
            wanted_files.forget_appeared(db, scene_ids)
            doubts.queued(db, scene_ids)


def _parts_of(db: sqlite3.Connection, rating_keys: list[int]) -> list[sqlite3.Row]:
    """The rows of the parts of a few items."""
    asked = f"{_PART_COLUMNS}where part.rating_key in ({marks(rating_keys)}) limit {MOST_PARTS * MOST_FOUND}"
    return db.execute(asked, rating_keys).fetchall() if rating_keys else []


def _missing_for_long(since: float | None) -> bool:
    return since is not None and time.time() - since >= MISSING_FOR


def _indexed(row: sqlite3.Row) -> IndexedPart:
    key, section_id, title, file, size, duration, studio, date, year, stash_scene, external_id, video, oshash = row
    return IndexedPart(
        *(key, section_id, title, file, path_key(file), size, duration, studio, date, year, stash_scene),
        *unpacked(video),
        oshash or "",
        external_id,
    )
