"""The entries of Plex's listing that are no items of their own: those that cannot be read, and repetitions.

They are kept for two reasons. Each is named once, and not at every reading. And the numbers add up: Plex counts what
the index cannot hold, and an item that was known and cannot be read now has not left.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.paths import folded
from plexsync.model import OddItem
from plexsync.storage.many_values import marks, portions

#: What counts beside the items of a section, each row one.
_EXTRA = (
    "(twice <> 0 or rating_key is null or not exists (select 1 from item where item.rating_key = odd_item.rating_key))"
)


@dataclass(frozen=True, slots=True)
class OddCounts:
    """How many odd entries a section has: those that surely count beside its items, and those that may be known items.

    The latter are those without a rating key.
    """

    beside: int = 0
    nameless: int = 0


NO_ODD_ONES = OddCounts()


def keep(db: sqlite3.Connection, odd: Sequence[OddItem], pass_number: int | None) -> list[OddItem]:
    """Note odd entries of one section, and those of its items that they are as seen.

    Works inside the caller's transaction.

    :param pass_number: the full pass that sees them; None for their section's latest.
    :returns: those that were not noted before.
    """
    if not odd:
        return []
    number = _latest_pass(db, odd[0].section_id) if pass_number is None else pass_number
    fresh: list[OddItem] = []
    now = time.time()
    for one in odd:
        key = one.rating_key if one.rating_key is not None else _known_by_file(db, one)
        known = db.execute(
            "update odd_item set pass = max(pass, ?), rating_key = ?, fault = ?, seen_at = ? "
            "where section_id = ? and mark = ?",
            (number, key, one.fault, now, one.section_id, one.mark),
        ).rowcount
        if not known:
            fresh.append(one)
            db.execute(
                "insert into odd_item (section_id, mark, rating_key, name, fault, twice, pass, seen_at) "
                "values (?, ?, ?, ?, ?, ?, ?, ?)",
                (one.section_id, one.mark, key, one.name, one.fault, one.twice, number, now),
            )
        if key is not None:
            db.execute("update item set pass = ? where rating_key = ? and pass < ?", (number, key, number))
    return fresh


def now_readable(db: sqlite3.Connection, rating_keys: Iterable[int]) -> None:
    """Forget what was odd of items that were just read. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        db.execute(f"delete from odd_item where rating_key in ({marks(some)}) and twice = 0", some)


def counts(db: sqlite3.Connection, section_id: int, pass_number: int = 0) -> OddCounts:
    """How many a section has.

    :param pass_number: only those that this pass, or a later one, has met.
    """
    row = db.execute(
        f"select count(*) filter (where {_EXTRA} and rating_key is not null), "
        "count(*) filter (where rating_key is null) "
        "from odd_item where section_id = ? and pass >= ?",
        (section_id, pass_number),
    ).fetchone()
    return OddCounts(int(row[0]), int(row[1]))


def forget_before(db: sqlite3.Connection, section_id: int, pass_number: int) -> None:
    """Forget those that a pass did not meet. Works inside the caller's transaction."""
    db.execute("delete from odd_item where section_id = ? and pass < ?", (section_id, pass_number))


def some_of_all(db: sqlite3.Connection, limit: int) -> tuple[int, list[str]]:
    """How many there are in all sections, and sentences on some of them."""
    total = db.execute("select count(*) from odd_item").fetchone()[0]
    rows = db.execute("select name, fault from odd_item order by section_id, mark limit ?", (limit,))
    return int(total), [f"{name}: {fault}" for name, fault in rows]


def _latest_pass(db: sqlite3.Connection, section_id: int) -> int:
    row = db.execute("select pass from section where section_id = ?", (section_id,)).fetchone()
    return int(row[0]) if row else 0


def _known_by_file(db: sqlite3.Connection, one: OddItem) -> int | None:
    """The item of the section that has one of the entry's files, whatever its key."""
    for file in one.files:
        row = db.execute(
            "select part.rating_key from part cross join item using (rating_key) "
            "where part.folded_path = ? and part.file = ? and item.section_id = ?",
            (folded(file), file, one.section_id),
        ).fetchone()
        if row:
            return int(row[0])
    return None
