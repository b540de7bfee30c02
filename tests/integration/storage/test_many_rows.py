"""A statement for many rows does on PostgreSQL what it does in a file, however many there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.storage.database import Database
from plexsync.storage.postgres.connection import MANY
from tests.support import postgres_server
from tests.support.spaces import new_space

pytestmark = pytest.mark.sqlite

STEPS = (
    """
create table held (
    id integer primary key,
    name text not null,
    size integer,
    share real not null default 0,
    data blob,
    is_new integer not null default 0
);
create unique index held_name on held (name);
""",
)
INSERT = "insert into held (id, name, size, share, data, is_new) values (?, ?, ?, ?, ?, ?)"
COUNTS = pytest.mark.parametrize("count", [2, MANY, 5 * MANY])


@pytest.fixture(params=["a file", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "a file":
        database = Database(tmp_path / "plexsync.db")
        database.migrate("held", STEPS)
        yield database
        database.close()
        return
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    with new_space(server, tmp_path) as space:
        space.migrate("held", STEPS)
        yield space


def filled(count: int) -> list[tuple[Any, ...]]:
    """Rows of all kinds of values: none, numbers of all lengths, and what looks like a place for one."""
    return [
        (
            number + 1,
            f"100 % of it's %s {number} ÄÖ \\",
            None if number % 3 == 0 else 3 ** (number % 39),
            number / 7 if number % 2 else number,
            None if number % 5 == 0 else bytes([0, number % 256]),
            number % 2 == 0,
        )
        for number in range(count)
    ]


def held(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as db:
        return [tuple(row) for row in db.execute("select * from held order by id").fetchall()]


@COUNTS
def test_all_are_there_as_they_were_given(database: Database, count: int) -> None:
    with database.write() as db:
        db.execute("insert into held (id, name) values (1000, 'before')")
        done = db.executemany(INSERT, filled(count))
        assert done.rowcount == count
        db.execute("update held set name = 'behind' where id = 1000")
    *rows, last = held(database)
    assert rows == filled(count)
    assert last[:2] == (1000, "behind")


@COUNTS
def test_of_one_that_comes_twice_the_last_counts(database: Database, count: int) -> None:
    upsert = "insert into held (id, name, size) values (?, ?, ?) on conflict (id) do update set size = excluded.size"
    rows = [(number % 2 + 1, f"n{number % 2}", number) for number in range(count)]
    with database.write() as db:
        db.executemany(upsert, rows)
        db.executemany("update held set share = share + ? where id = ?", [(0.5, one[0]) for one in rows])
    assert [row[2] for row in held(database)] == [count - 2, count - 1]
    assert sum(row[3] for row in held(database)) == count / 2


@COUNTS
def test_values_have_names_where_the_statement_names_them(database: Database, count: int) -> None:
    with database.write() as db:
        db.executemany(
            "insert into held (id, name, size) values (:id, :name, :size)",
            [{"id": number, "name": f"n{number}", "size": None} for number in range(1, count + 1)],
        )
        gone = db.executemany("delete from held where id = ?", [(number,) for number in range(count)])
        assert gone.rowcount == count - 1
    assert [row[0] for row in held(database)] == [count]


@COUNTS
def test_one_that_is_refused_undoes_all(database: Database, count: int) -> None:
    rows = [*filled(count), (9999, filled(1)[0][1], None, 0, None, 0)]
    with pytest.raises(sqlite3.IntegrityError), database.write() as db:
        db.executemany(INSERT, rows)
        db.execute("delete from held")
    assert held(database) == []
    with database.write() as db:
        db.executemany(INSERT, filled(count))
    assert len(held(database)) == count
