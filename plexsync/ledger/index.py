"""The library index: every file Plex knows. Here it is filled; ``indexed_files.py`` looks files up.

It is filled in pages, each page its own transaction, so that a library of any size never stands in memory and other
work goes on in between. A full pass marks what it sees with its number; what it did not see is gone from Plex. How far
it got is noted with each page, so that a pass that was cut short goes on from there.
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
from plexsync.ledger.indexed_files import IndexedFiles
from plexsync.ledger.odd_items import NO_ODD_ONES, OddCounts
from plexsync.ledger.renewal import drop_items, mark, renew
from plexsync.model import Field, Item, ListedItem, OddItem, Part, Section
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions
from plexsync.words import listed

#: Seconds for which a section may be missing from Plex's list, at each look, before it is taken for gone.
MISSING_FOR = 300.0

log = logging.getLogger(__name__)


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


class LibraryIndex(IndexedFiles):
    """Reads and writes the index. Looking files up is ``IndexedFiles``'s.

    :param database: the file, already migrated.
    """

    # --- sections -----------------------------------------------------------------------------------------------------

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

    # --- filling ------------------------------------------------------------------------------------------------------

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


def _missing_for_long(since: float | None) -> bool:
    return since is not None and time.time() - since >= MISSING_FOR
