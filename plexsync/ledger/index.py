"""The library index: every file Plex knows, looked up by path or by name and size.

Filled in pages, each page its own transaction, so that a library of any size never stands in memory and other work goes
on in between. A full pass marks what it sees with its number; what it did not see is gone from Plex.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from plexsync.database import Database
from plexsync.matching.paths import file_name, path_key
from plexsync.model import ListedItem, Section

_PART_COLUMNS = (
    "select part.rating_key, item.section_id, item.title, part.file, part.path, part.name, part.size, part.duration_ms "
    "from part join item using (rating_key) "
)


@dataclass(frozen=True, slots=True)
class IndexedPart:
    """A file of an item. ``file`` as Plex wrote it, ``path`` its comparable form; bytes and milliseconds."""

    rating_key: int
    section_id: int
    title: str
    file: str
    path: str
    name: str
    size: int | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class SectionFill:
    """How far a section's items are known: newest times seen (epoch seconds), count, and when it was last filled."""

    items: int
    newest_added: int
    newest_updated: int
    filled_at: float | None


class LibraryIndex:
    """Reads and writes the index.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- looking up -----------------------------------------------------------------------------------------------

    def by_path(self, path: str) -> list[IndexedPart]:
        """The parts at this path (in the form ``path_key`` gives)."""
        return self._parts("where part.path = ? order by item.section_id, part.rating_key limit 10", path)

    def by_name_and_size(self, name: str, size: int) -> list[IndexedPart]:
        """The parts with this file name and size in bytes (at most 10)."""
        return self._parts("where part.name = ? and part.size = ? order by part.rating_key limit 10", name, size)

    def of_item(self, rating_key: int) -> list[IndexedPart]:
        """The parts of an item."""
        return self._parts("where part.rating_key = ? order by part.file", rating_key)

    def _parts(self, where: str, *values: object) -> list[IndexedPart]:
        with self._database.read() as db:
            return [IndexedPart(*row) for row in db.execute(_PART_COLUMNS + where, values)]

    # --- filling --------------------------------------------------------------------------------------------------

    def keep_sections(self, sections: Sequence[Section]) -> None:
        """Note the sections in use, and forget the items of all others."""
        marks = ",".join("?" * len(sections)) or "null"
        ids = [section.id for section in sections]
        with self._database.write() as db:
            db.execute(
                f"delete from part where rating_key in (select rating_key from item where section_id not in ({marks}))",
                ids,
            )
            db.execute(f"delete from item where section_id not in ({marks})", ids)
            db.execute(f"delete from section where section_id not in ({marks})", ids)
            db.executemany(
                "insert into section (section_id, title, locations) values (?, ?, ?) on conflict (section_id) "
                "do update set title = excluded.title, locations = excluded.locations",
                [(one.id, one.title, json.dumps(list(one.locations))) for one in sections],
            )

    def fill_state(self, section_id: int) -> SectionFill:
        """How far the section is known."""
        with self._database.read() as db:
            items, added, updated = db.execute(
                "select count(*), coalesce(max(added_at), 0), coalesce(max(updated_at), 0) from item "
                "where section_id = ?",
                (section_id,),
            ).fetchone()
            row = db.execute("select filled_at from section where section_id = ?", (section_id,)).fetchone()
        return SectionFill(items, added, updated, row[0] if row else None)

    def next_pass(self) -> int:
        """A number for a new full pass."""
        with self._database.read() as db:
            return int(db.execute("select coalesce(max(pass), 0) + 1 from item").fetchone()[0])

    def put(self, items: Sequence[ListedItem], pass_number: int | None = None) -> None:
        """Add or renew one page of items; ``pass_number`` marks them as seen by that full pass."""
        with self._database.write() as db:
            for item in items:
                db.execute(
                    "insert into item (rating_key, section_id, title, added_at, updated_at, pass) "
                    "values (?, ?, ?, ?, ?, coalesce(?, 0)) on conflict (rating_key) do update set "
                    "section_id = excluded.section_id, title = excluded.title, added_at = excluded.added_at, "
                    "updated_at = excluded.updated_at, pass = coalesce(?, pass)",
                    (
                        item.rating_key,
                        item.section_id,
                        item.title,
                        item.added_at,
                        item.updated_at,
                        pass_number,
                        pass_number,
                    ),
                )
                db.execute("delete from part where rating_key = ?", (item.rating_key,))
                db.executemany(
                    "insert or replace into part (rating_key, file, path, name, size, duration_ms) "
                    "values (?, ?, ?, ?, ?, ?)",
                    [
                        (
                            item.rating_key,
                            part.file,
                            path_key(part.file),
                            file_name(part.file),
                            part.size,
                            part.duration_ms,
                        )
                        for part in item.parts
                    ],
                )

    def end_pass(self, section_id: int, pass_number: int) -> int:
        """Drop the section's items that the full pass did not see; returns how many."""
        gone = "select rating_key from item where section_id = ? and pass < ?"
        with self._database.write() as db:
            db.execute(f"delete from part where rating_key in ({gone})", (section_id, pass_number))
            dropped = db.execute(
                "delete from item where section_id = ? and pass < ?", (section_id, pass_number)
            ).rowcount
            db.execute(
                "update section set filled_at = ?, items = (select count(*) from item where section_id = ?) "
                "where section_id = ?",
                (time.time(), section_id, section_id),
            )
        return dropped

    def drop(self, rating_key: int) -> None:
        """Forget an item that Plex no longer knows."""
        with self._database.write() as db:
            db.execute("delete from part where rating_key = ?", (rating_key,))
            db.execute("delete from item where rating_key = ?", (rating_key,))
