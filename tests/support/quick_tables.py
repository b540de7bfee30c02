"""Gives a new database its tables at a tenth of the price: as they are after all steps, in one step.

A test that starts from an empty ledger makes a hundred statements run, most of which change what another of them has
just made. What they come to is found out once for each process. A file that holds tables already goes through the steps
that it lacks, as it does with users; and what a new one gets here is what the steps make of it, to the letter, which
``tests/integration/storage/test_quick_tables.py`` shows.

A file that is made for the tables of a room begins as a copy of one that has them, which takes a fifth of making them.
"""

from __future__ import annotations

import functools
import gc
import os
import sqlite3
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from plexsync.http.breaker.schema import STEPS as BREAKER
from plexsync.ledger.schema import STEPS as LEDGER
from plexsync.queue.schema import STEPS as QUEUE
from plexsync.storage import sqlite_file
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.storage.migrations import statements

by_steps = Database.migrate
make_empty = sqlite_file.make_private


class Copies:
    """What files begin with that are not there yet.

    ``are_made`` is False where each byte has to come from SQLite itself, as for who watches what it writes.
    """

    def __init__(self) -> None:
        self.are_made = True
        self._begun: dict[Path, bytes] = {}

    def begin(self, path: Path, begun: bytes | None) -> None:
        """The file, once somebody makes it, begins so; None for nothing in it."""
        self._begun.pop(path, None)
        if self.are_made and begun is not None:
            self._begun[path] = begun

    def make(self, path: Path) -> None:
        """As ``make_private``, under the lock of its folder."""
        begun = self._begun.pop(path, None)
        if begun is not None and not path.exists():
            make_whole(path, begun)
        make_empty(path)


def make_whole(path: Path, begun: bytes) -> None:
    """Have a file there with all of this in it. One that is there by now stays as it is: somebody uses it.

    Where folders cannot be locked, two processes may make it at once.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.begun-{os.getpid()}-{threading.get_ident()}")
    # Where there is no room for it, whoever needs the file hears of that.
    with suppress(OSError):
        try:
            new.touch(mode=0o600, exist_ok=False)
            new.write_bytes(begun)
            os.link(new, path)
        finally:
            new.unlink(missing_ok=True)


copies = Copies()


class Tables(tuple[str, ...]):
    """The steps of one room: as many as there are, and from the first on one that makes what all of them make."""

    __slots__ = ()

    def __getitem__(self, which: Any) -> Any:
        at_once = made_at_once(tuple(self)) if which == slice(0, None) else None
        return tuple(self)[which] if at_once is None else (at_once,)


@functools.cache
def made_at_once(steps: tuple[str, ...]) -> str | None:
    """What makes the tables that these steps make; None where they fail, or put something in the tables."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            for statement in (one for step in steps for one in statements(step)):
                connection.execute(statement)
            made = connection.execute("select type, name, sql from sqlite_schema where sql is not null order by rowid")
            all_made = made.fetchall()
            words = tuple(f"{name}_" for _, name, sql in all_made if sql.lower().startswith("create virtual"))
            # What SQLite makes of its own accord, beside an index of words too, it makes again.
            ours = [one for one in all_made if not one[1].startswith(("sqlite_", *words))]
            tables = [name for kind, name, _ in ours if kind == "table"]
            if any(connection.execute(f'select exists (select 1 from "{name}")').fetchone()[0] for name in tables):
                return None
        except (sqlite3.Error, ValueError):
            return None
        return "".join(f"{sql};\n" for _, _, sql in ours)


@functools.cache
def file_with(room: str, steps: tuple[str, ...]) -> bytes | None:
    """A database that has the tables of one room and no other; None where its steps have to be gone."""
    if made_at_once(steps) is None:
        return None
    with tempfile.TemporaryDirectory(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")) as folder:
        with closing(Database(Path(folder) / DATABASE_NAME)) as database:
            by_steps(database, room, Tables(steps))
        return database.path.read_bytes()


def migrate(database: Database, room: str, steps: Sequence[str]) -> None:
    """As ``Database.migrate``."""
    if steps and copies.are_made and not database.path.exists():
        copies.begin(database.path, file_with(room, tuple(steps)))
    by_steps(database, room, Tables(steps))


def use() -> None:
    """Have every new database of this process made so."""
    Database.migrate = migrate  # type: ignore[method-assign]
    sqlite_file.make_private = copies.make


def use_beforehand() -> None:
    """As ``use``, in a process that forks into others: they find it known how our tables are made, and their memory at
    rest.
    """
    use()
    for room, steps in (("ledger", LEDGER), ("queue", QUEUE), ("breaker", BREAKER)):
        file_with(room, tuple(steps))
    gc.collect()
    gc.freeze()
