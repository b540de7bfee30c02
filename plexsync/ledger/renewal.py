"""Bringing a page of listed items into the index, with as little writing as possible."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from plexsync.ledger.odd_items import now_readable
from plexsync.ledger.word_search import keep_words, words_held
from plexsync.matching.guids import stash_scene
from plexsync.matching.paths import folded, stem_key
from plexsync.model import ListedItem, Part
from plexsync.storage.many_values import marks, portions

#: An item's columns besides its key and pass, in their order; and a file's, with size in bytes and milliseconds.
_Row = tuple[int, str, str, str, int | None, int | None]
_Held = dict[str, tuple[int | None, int | None]]


def renew(db: sqlite3.Connection, items: Sequence[ListedItem], pass_number: int | None) -> list[Part]:
    """Add or renew items; those that stand there as they are listed are only marked as seen.

    Works inside the caller's transaction.

    :param pass_number: the full pass that sees them; None for their section's latest.
    :returns: the files that were not in the index like this: another path, or another size.
    """
    passes = {section: _latest_pass(db, section) for section in {item.section_id for item in items}}
    listed = {item.rating_key: item for item in items}
    rows, held = _known(db, listed)
    fresh: list[Part] = []
    unchanged: dict[int, list[int]] = {}
    for key, item in listed.items():
        number = passes[item.section_id] if pass_number is None else pass_number
        before = held.get(key, {})
        # A listing without files does not say that there are none: what is known of them stays.
        parts = item.parts or [Part(file, size, duration) for file, (size, duration) in before.items()]
        files = {part.file: part for part in parts}
        as_listed = {file: (part.size, part.duration_ms) for file, part in files.items()}
        if rows.get(key) == _row(item) and before == as_listed:
            unchanged.setdefault(number, []).append(key)
            continue
        _write_item(db, item, number)
        _write_parts(db, key, files, before)
        keep_words(db, key, words_held(item), known=key in rows)
        fresh += [part for file, part in files.items() if file not in before or before[file][0] != part.size]
    for number, keys in unchanged.items():
        mark(db, keys, number)
    now_readable(db, listed)
    return fresh


def mark(db: sqlite3.Connection, rating_keys: Iterable[int], pass_number: int) -> None:
    """Note items as seen by a pass. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        values = [pass_number, *some, pass_number]
        db.execute(f"update item set pass = ? where rating_key in ({marks(some)}) and pass < ?", values)


def drop_items(db: sqlite3.Connection, rating_keys: Iterable[int]) -> None:
    """Forget items with all that hangs on them. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        db.execute(f"delete from part where rating_key in ({marks(some)})", some)
        db.execute(f"delete from item_words where rowid in ({marks(some)})", some)
        db.execute(f"delete from item where rating_key in ({marks(some)})", some)


def _latest_pass(db: sqlite3.Connection, section_id: int) -> int:
    row = db.execute("select pass from section where section_id = ?", (section_id,)).fetchone()
    return int(row[0]) if row else 0


def _known(db: sqlite3.Connection, keys: Iterable[int]) -> tuple[dict[int, _Row], dict[int, _Held]]:
    """What the index has of these items: their columns, and their files."""
    rows: dict[int, _Row] = {}
    held: dict[int, _Held] = {}
    for some in portions(keys):
        where = f"where rating_key in ({marks(some)})"
        for row in db.execute(
            f"select rating_key, section_id, title, studio, date, year, stash_scene from item {where}", some
        ):
            rows[row[0]] = (row[1], row[2], row[3], row[4], row[5], row[6])
        for row in db.execute(f"select rating_key, file, size, duration_ms from part {where}", some):
            held.setdefault(row[0], {})[row[1]] = (row[2], row[3])
    return rows, held


def _row(item: ListedItem) -> _Row:
    return item.section_id, item.title, item.studio, item.date, item.year, stash_scene(item.guid)


def _write_item(db: sqlite3.Connection, item: ListedItem, pass_number: int) -> None:
    db.execute(
        "insert into item (rating_key, section_id, title, studio, date, year, stash_scene, pass) "
        "values (?, ?, ?, ?, ?, ?, ?, ?) "
        "on conflict (rating_key) do update set section_id = excluded.section_id, title = excluded.title, "
        "studio = excluded.studio, date = excluded.date, year = excluded.year, stash_scene = excluded.stash_scene, "
        "pass = excluded.pass",
        (item.rating_key, *_row(item), pass_number),
    )


def _write_parts(db: sqlite3.Connection, rating_key: int, files: dict[str, Part], before: _Held) -> None:
    changed = [part for file, part in files.items() if before.get(file) != (part.size, part.duration_ms)]
    outdated = [*(before.keys() - files.keys()), *(part.file for part in changed if part.file in before)]
    for file in outdated:
        db.execute("delete from part where rating_key = ? and file = ?", (rating_key, file))
    db.executemany(
        "insert into part (rating_key, file, folded_path, stem, size, duration_ms) values (?, ?, ?, ?, ?, ?)",
        _part_rows(rating_key, changed),
    )


def _part_rows(rating_key: int, parts: Iterable[Part]) -> Iterator[tuple[object, ...]]:
    for part in parts:
        yield rating_key, part.file, folded(part.file), stem_key(part.file), part.size, part.duration_ms
