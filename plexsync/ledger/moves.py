"""Scenes whose items hold other files than those they have them for, and where these files are now.

A rating key is an address. After Plex's database was made anew, restored or moved, after a rename, a merge or a split,
it leads to another file, or nowhere. The file identifies: a scene follows it to whichever item holds it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.doubts import DOUBT, DOUBTED, ELSEWHERE, doubt, with_past
from plexsync.matching.paths import folded
from plexsync.storage.database import Database
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions

#: The fact that tells what is left to be done.
FACT = "items_moved"
#: What else is kept by rating keys, and with files: tables, the columns that say whose it is, and those with the file.
_KEPT_BY_KEY = (
    ("pin", "scene_id", "file"),
    ("veto", "scene_id", "file"),
    ("left_decision", "scene_file", "file"),
    ("left_item", "scene_id", "part_file"),
)
#: Of these tables: which row takes the place of one that is led to an item. Of pins a scene has but one.
_IN_THE_WAY = {
    "veto": "scene_id = :whose",
    "left_decision": (
        "scene_file = :whose and kind in "
        "(select kind from left_decision as led where led.scene_file = :whose and led.rating_key = :old)"
    ),
    "left_item": "1 = 1",
}
#: Rating keys that nothing has, for what is on its way from one to another.
_BETWEEN = -(2**62)
#: Smaller than the id of any line.
_FIRST = -(2**63)
#: True of a scene whose item, as far as is known, does not hold the file for which the scene has it.
_ASTRAY = (
    "scene.rating_key is not null and scene.part_file is not null and not exists "
    "(select 1 from part where part.rating_key = scene.rating_key and part.file = scene.part_file)"
)


class Astray(NamedTuple):
    """A scene whose item does not hold the file for which the scene has it."""

    scene_id: int
    rating_key: int
    part_file: str


class Move(NamedTuple):
    """A scene's file is in the item ``rating_key`` now, and no longer in ``before``, which the scene has."""

    scene_id: int
    rating_key: int
    section_id: int
    before: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is left to be done after a change of Plex's library.

    ``sections``: of the scenes in these every one is put in doubt, beginning behind the scene ``after``. ``reads``: how
    often everything was read since it was noted that there is something to be done.
    """

    sections: tuple[int, ...] = ()
    after: int = _FIRST
    reads: int = 0


class Moves:
    """Reads and writes which scenes went astray, and leads them to where their files are.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- what is to be done -------------------------------------------------------------------------------------------

    def to_do(self) -> ToDo | None:
        """What is left to be done; None for nothing."""
        with self._database.read() as db:
            return _to_do(db)

    def doubt_all(self) -> None:
        """Another server answers, or its database is another one: nothing that is known of any item is certain."""
        with self._database.write(durable=True) as db:
            rows = db.execute("select distinct section_id from scene where section_id is not null")
            doubt_sections(db, [row[0] for row in rows])
            # Those that Plex does not list will not come back.
            db.execute("update section set missing_since = 0 where missing_since is not null")

    def widen(self, to_do: ToDo, sections: Iterable[int]) -> ToDo:
        """Note that every scene of these sections is to be put in doubt, too; what is left to be done then."""
        to_do = replace(to_do, sections=tuple(sorted({*to_do.sections, *sections})))
        with self._database.write(durable=True) as db:
            _keep(db, to_do)
        return to_do

    def proceed(self, to_do: ToDo, after: int) -> ToDo:
        """Note that the scenes up to this one are in doubt, unless there is more to be done since.

        Works inside the caller's transaction.

        :returns: what is left to be done then.
        """
        further = replace(to_do, after=after)
        with self._database.write() as db:
            if _to_do(db) == to_do:
                _keep(db, further)
        return further

    def done(self, before: ToDo) -> None:
        """Note that all is done, unless there is more since.

        :param before: what was left to be done at last.
        """
        with self._database.write() as db:
            if _to_do(db) == before:
                db.execute("delete from fact where key = ?", (FACT,))

    def items_of(self, scene_ids: Sequence[int]) -> dict[int, int]:
        """The rating keys of the items that these scenes have (at most a few hundred); those without are no keys."""
        marks = ",".join("?" * len(scene_ids))
        with self._database.read() as db:
            rows = db.execute(
                f"select scene_id, rating_key from scene where scene_id in ({marks}) and rating_key is not null",
                list(scene_ids),
            )
            return {int(row[0]): int(row[1]) for row in rows}

    def having(self, part_files: Iterable[str]) -> list[int]:
        """The scenes that have items for these files of Plex."""
        found: list[int] = []
        for some in portions(part_files):
            with self._database.read() as db:
                rows = db.execute(f"select scene_id from scene where part_file in ({marks(some)})", some).fetchall()
            found += [row[0] for row in rows]
        return found

    # --- scenes that went astray -------------------------------------------------------------------------------------

    def is_known(self) -> bool:
        """Whether every section was read to its end, so that what is not in the index is not in Plex."""
        with self._database.read() as db:
            row = db.execute(
                "select exists (select 1 from section) and not exists "
                "(select 1 from section where missing_since is null and "
                "(filled_at is null or pass_position is not null))"
            ).fetchone()
        return bool(row[0])

    def matched_count(self) -> int:
        """How many scenes have an item."""
        with self._database.read() as db:
            return int(db.execute("select count(*) from scene where rating_key is not null").fetchone()[0])

    def astray(self) -> list[Astray]:
        """All scenes whose item does not hold their file, by id."""
        found: list[Astray] = []
        select = (
            f"select scene_id, rating_key, part_file from scene where scene_id > ? and {_ASTRAY} "
            "order by scene_id limit ?"
        )
        while True:
            after = found[-1].scene_id if found else _FIRST
            with self._database.read() as db:
                rows = db.execute(select, (after, VALUES_PER_STATEMENT)).fetchall()
            found += map(Astray._make, rows)
            if len(rows) < VALUES_PER_STATEMENT:
                return found

    def holders(self, astray: Sequence[Astray]) -> dict[int, Move]:
        """The items that hold the files of these scenes now, by scene.

        An item that another scene has rightfully, for a file which it holds too, is left to that one: which of the two
        is to have it is decided when the scene is synchronised.
        """
        found: dict[int, Move] = {}
        for one in astray:
            with self._database.read() as db:
                rows = db.execute(
                    "select part.rating_key, item.section_id from part cross join item using (rating_key) "
                    "where part.folded_path = ? and part.file = ? and not exists "
                    "(select 1 from scene where scene.rating_key = part.rating_key and scene.scene_id <> ? and exists "
                    "(select 1 from part as its where its.rating_key = scene.rating_key "
                    "and its.file = scene.part_file)) "
                    # The newest of several: it is the one that Plex made of the file when it looked again. But first
                    # that of its own library: in the other one is a further item.
                    "order by item.section_id = (select section_id from scene where scene_id = ?) desc, "
                    "part.rating_key desc limit 100",
                    (folded(one.part_file), one.part_file, one.scene_id, one.scene_id),
                ).fetchall()
            taken = {move.rating_key for move in found.values()}
            row = next((row for row in rows if row[0] not in taken), None)
            if row is not None:
                found[one.scene_id] = Move(one.scene_id, row[0], row[1], one.rating_key)
        return found

    def sections_of(self, moves: Iterable[Move]) -> tuple[int, ...]:
        """The sections that scenes leave or come to by these moves."""
        sections = {one.section_id for one in moves}
        with self._database.read() as db:
            sections.update(row[0] for row in db.execute(f"select distinct section_id from scene where {_ASTRAY}"))
        return tuple(sorted(sections))

    def is_anywhere(self, part_file: str) -> bool:
        """Whether any item holds a file."""
        with self._database.read() as db:
            return _holder(db, part_file) is not None

    def lead(self, moves: Iterable[Move]) -> None:
        """Give scenes the items that hold their files now, whoever had these. Works inside the caller's transaction.

        What was applied stays known, in doubt: in a restored database it is there. The pictures are
        looked for before they are sent again.
        """
        with self._database.write() as db:
            for one in moves:
                led = db.execute(
                    f"update scene set rating_key = ?, section_id = ?, fingerprint = null, {DOUBT} "
                    "where scene_id = ? and rating_key = ?",
                    (one.rating_key, one.section_id, ELSEWHERE, one.scene_id, one.before),
                ).rowcount
                if not led:
                    # It has found its way meanwhile, or lost it.
                    continue
                # What has no SHA-1 was to be sent without a look: to the item that was.
                db.execute(
                    "update picture set rating_key = case when sha1 = '' then -1 else ? end, uploaded = 0, etag = null "
                    "where scene_id = ?",
                    (one.rating_key, one.scene_id),
                )
                with_past(db, [one.scene_id])

    def doubt(self, scene_ids: Iterable[int]) -> None:
        """Note that nothing is certain of the items of these scenes, nor of the pictures that they show.

        Works inside the caller's transaction.
        """
        with self._database.write() as db:
            doubt(db, scene_ids, DOUBTED)

    def to_doubt(self, to_do: ToDo) -> list[int]:
        """The next scenes that are to be put in doubt, some hundred."""
        sections = list(to_do.sections)
        if not sections:
            return []
        with self._database.read() as db:
            rows = db.execute(
                f"select scene_id from scene where scene_id > ? and rating_key is not null and doubted_as is not ? "
                f"and section_id in ({marks(sections)}) order by scene_id limit ?",
                (to_do.after, ELSEWHERE, *sections, VALUES_PER_STATEMENT),
            ).fetchall()
        return [row[0] for row in rows]

    # --- what else is kept by rating key ------------------------------------------------------------------------------

    def follow_files(self, *, is_rebuilt: bool) -> list[int]:
        """Lead what people decided, and what scenes applied that left their items, to where the files are now.

        :param is_rebuilt: rating keys mean nothing any more. What cannot follow its file is forgotten; what a person
            decided waits for the file, under a rating key that no item has.
        :returns: scenes in review whose candidates are other items by now.
        """
        with self._database.write() as db:
            for table in _KEPT_BY_KEY:
                _follow(db, *table, is_rebuilt=is_rebuilt)
            if is_rebuilt:
                db.execute("delete from left_item where part_file is null")
            rows = db.execute(
                "select distinct scene_id from candidate where not exists (select 1 from part "
                "where part.rating_key = candidate.rating_key and part.file = candidate.path) order by scene_id"
            )
            return [row[0] for row in rows]


def doubt_sections(db: sqlite3.Connection, section_ids: Iterable[int]) -> None:
    """Note that every scene of these sections is to be put in doubt once all is read anew. In the caller's transaction.

    The index no longer counts as filled, and nothing in it as found in order.
    """
    known = _to_do(db)
    sections = tuple(dict.fromkeys([*(known.sections if known else ()), *section_ids]))
    _keep(db, ToDo(sections, reads=known.reads if known else 0))
    for some in portions(sections):
        db.execute(
            "update section set filled_at = null, content_changed_at = null, pass_position = null "
            f"where section_id in ({marks(some)})",
            some,
        )
        db.execute(f"update item set in_order = null where section_id in ({marks(some)})", some)


def note_read(db: sqlite3.Connection) -> None:
    """Note that all of Plex's list was read, so that scenes may be found astray. In the caller's transaction."""
    to_do = _to_do(db) or ToDo()
    _keep(db, replace(to_do, reads=to_do.reads + 1))


def _to_do(db: sqlite3.Connection) -> ToDo | None:
    row = db.execute("select value from fact where key = ?", (FACT,)).fetchone()
    if row is None:
        return None
    try:
        value = json.loads(row[0])
        return ToDo(tuple(map(int, value["sections"])), int(value["after"]), int(value["reads"]))
    except (ValueError, TypeError, KeyError):
        return ToDo()


def _keep(db: sqlite3.Connection, to_do: ToDo) -> None:
    value = json.dumps({"sections": to_do.sections, "after": to_do.after, "reads": to_do.reads})
    db.execute("insert or replace into fact values (?, ?)", (FACT, value))


def _holder(db: sqlite3.Connection, file: str) -> int | None:
    """The newest item that holds a file."""
    row = db.execute(
        "select max(rating_key) from part where folded_path = ? and file = ?", (folded(file), file)
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _follow(db: sqlite3.Connection, table: str, owner: str, column: str, *, is_rebuilt: bool) -> None:
    """Lead rows of a table to the items that hold their files now.

    :param owner: the column that tells whose they are.
    :param column: the one with the file in Plex.
    """
    rows = db.execute(
        f"select {owner}, rating_key, {column} from {table} as kept where {column} is not null and {column} <> '' "
        f"and not exists (select 1 from part where part.rating_key = kept.rating_key and part.file = kept.{column})"
    ).fetchall()
    # Keys may go in a circle: all of them leave theirs before any is given its new one.
    found = [(whose, old, _holder(db, file)) for whose, old, file in rows]
    moved = [(whose, old, new) for whose, old, new in found if new is not None]
    for number, (whose, old, _) in enumerate(moved):
        db.execute(
            f"update {table} set rating_key = ? where {owner} = ? and rating_key = ?", (_BETWEEN - number, whose, old)
        )
    for number, (whose, _, new) in enumerate(moved):
        db.execute(
            f"delete from {table} where rating_key = :new and {_IN_THE_WAY.get(table, '1 = 0')}",
            {"new": new, "whose": whose, "old": _BETWEEN - number},
        )
        db.execute(
            f"update {table} set rating_key = ? where {owner} = ? and rating_key = ?", (new, whose, _BETWEEN - number)
        )
    if is_rebuilt:
        forget = (
            "delete from left_item" if table == "left_item" else f"update {table} set rating_key = -abs(rating_key)"
        )
        db.executemany(
            f"{forget} where {owner} = ? and rating_key = ?", [(whose, old) for whose, old, new in found if new is None]
        )
