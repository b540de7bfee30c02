"""What most tests start from is what the steps of each room make of a new file, to the letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from plexsync.http.breaker.schema import STEPS as BREAKER_STEPS
from plexsync.ledger.schema import STEPS as LEDGER_STEPS
from plexsync.queue.schema import STEPS as QUEUE_STEPS
from plexsync.storage.database import Database
from tests.support import quick_tables

ROOMS = (("queue", QUEUE_STEPS), ("ledger", LEDGER_STEPS), ("breaker", BREAKER_STEPS))


def made_by(migrate: Callable[[Database, str, Sequence[str]], None], path: Path) -> list[Any]:
    """All that SQLite knows of the tables, and the versions of the rooms."""
    database = Database(path)
    for room, steps in ROOMS:
        migrate(database, room, steps)
    with database.read() as connection:
        told = connection.execute("select type, name, tbl_name, sql from sqlite_schema order by type, name").fetchall()
        tables = [row["name"] for row in told if row["type"] == "table"]
        columns = [connection.execute(f'pragma table_xinfo("{name}")').fetchall() for name in tables]
        versions = connection.execute("select * from schema order by room").fetchall()
    database.close()
    return [*map(tuple, told), *[[tuple(one) for one in table] for table in columns], *map(tuple, versions)]


def test_the_tables_are_those_that_the_steps_make(tmp_path: Path) -> None:
    assert made_by(quick_tables.migrate, tmp_path / "quick.db") == made_by(quick_tables.by_steps, tmp_path / "steps.db")


@pytest.mark.parametrize("first", ROOMS, ids=[room for room, _ in ROOMS])
def test_a_new_file_begins_with_the_tables_of_whoever_makes_it_and_no_others(
    tmp_path: Path, first: tuple[str, Sequence[str]]
) -> None:
    held = []
    for name, migrate in (("quick", quick_tables.migrate), ("steps", quick_tables.by_steps)):
        path = tmp_path / name / "plexsync.db"
        with closing(Database(path)) as database:
            migrate(database, *first)
            assert path.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(path)) as file:
            held.append(
                (
                    file.execute("pragma journal_mode").fetchone(),
                    file.execute("pragma integrity_check").fetchall(),
                    file.execute("select type, name, sql from sqlite_schema order by type, name").fetchall(),
                    file.execute("select * from schema").fetchall(),
                )
            )
    assert held[0] == held[1]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plexsync.db"
    copies = quick_tables.Copies()
    copies.begin(path, b"a database")
    path.touch(0o600)
    copies.make(path)
    assert path.read_bytes() == b""
    path.unlink()
    copies.are_made = False
    copies.begin(path, b"a database")
    copies.make(path)
    assert path.read_bytes() == b""


def test_they_are_made_at_once() -> None:
    assert Database.migrate is quick_tables.migrate
    for _, steps in ROOMS:
        at_once = quick_tables.made_at_once(tuple(steps))
        assert at_once is not None
        assert "alter" not in at_once
        assert quick_tables.Tables(steps)[0:] == (at_once,)


def test_a_file_that_holds_tables_goes_through_the_steps_that_it_lacks() -> None:
    tables = quick_tables.Tables(LEDGER_STEPS)
    assert len(tables) == len(LEDGER_STEPS)
    assert tables[3:] == LEDGER_STEPS[3:]


@pytest.mark.parametrize("last", ["insert into thing values (1);", "no statement;", "not ended"])
def test_steps_that_put_something_in_or_fail_are_gone_through(last: str) -> None:
    steps = ("create table thing (id integer);", last)
    assert quick_tables.made_at_once(steps) is None
    assert quick_tables.Tables(steps)[0:] == steps


def test_a_file_that_another_process_has_made_meanwhile_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "data" / "plexsync.db"
    quick_tables.make_whole(path, b"what the first one made")
    quick_tables.make_whole(path, b"what the second one would make")
    assert path.read_bytes() == b"what the first one made"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
