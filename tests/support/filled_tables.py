"""Rows of every kind for every table, made by chance that is the same each time; and all that a database holds."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from plexsync.http.breaker.schema import STEPS as BREAKER
from plexsync.ledger.schema import STEPS as LEDGER
from plexsync.queue.schema import STEPS as QUEUE
from plexsync.storage.database import Database
from plexsync.storage.moving import Table, tables_of

#: The tables' steps by room, as the program has them.
ROOMS = {"breaker": BREAKER, "ledger": LEDGER, "queue": QUEUE}
#: What texts may hold.
_TEXTS = (
    *("", "a", "O'Brien", '"x"', "100 %s %% ?", "back\\slash", "Ли́са", "\N{CLAPPING HANDS SIGN}"),
    *("\n\t\x01", "[]", "a:b"),
)


def fill(path: Path, rows: int, outcomes: int = 0) -> None:
    """Make a database with so many rows in every table.

    :param path: where the file is to be.
    :param outcomes: rows of the history, if there are to be more.
    """
    chance = random.Random(1)
    database = Database(path)
    for room, steps in ROOMS.items():
        database.migrate(room, steps)
    with database.write() as db:
        for table in tables_of(ROOMS):
            db.execute(f"delete from {table.name}")
            needed = {row[1]: bool(row[3]) for row in db.execute(f"pragma table_info({table.name})")}
            for number in range(1, (outcomes if outcomes and table.name == "outcome" else rows) + 1):
                values = [_value(chance, table, at, number, needed) for at in range(len(table.columns))]
                marks = ", ".join("?" * len(values))
                db.execute(f"insert or ignore into {table.name} ({', '.join(table.columns)}) values ({marks})", values)
        # Numbers that were given, and are no more.
        db.execute("delete from set_aside where id > ?", (rows // 2,))
    database.close()


def _value(chance: random.Random, table: Table, at: int, number: int, needed: dict[str, bool]) -> Any:
    column, kind = table.columns[at], table.kinds[at]
    if column in table.key:
        return number * 3 if kind == "integer" else f"{chance.choice(_TEXTS)}{number}"
    if column == "key":
        return f'["work{number % 3}",[{number}],{{}}]'
    if table.name != "item_words" and not needed.get(column, True) and chance.random() < 0.3:
        return None
    if column == "scene_id":
        return number
    if kind == "integer":
        return chance.choice((0, 1, -1, number, 2**62))
    if kind == "real":
        return chance.choice((0.0, -1.5, 1e-9, chance.random() * 2e9))
    if kind == "blob":
        return chance.randbytes(chance.randint(0, 40))
    return chance.choice(_TEXTS) + chance.choice(("", str(number), "word " * 5))


def held(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in the order of their values."""
    with database.read() as db:
        return {table.name: _rows(db, table) for table in tables_of(ROOMS)}


def held_by(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The same of a file, without opening it as the program does."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return {table.name: _rows(db, table) for table in tables_of(ROOMS)}


def _rows(db: sqlite3.Connection, table: Table) -> list[tuple[Any, ...]]:
    rows: Sequence[Any] = db.execute(f"select {', '.join(table.columns)} from {table.name}").fetchall()
    return sorted((tuple(row) for row in rows), key=repr)
