"""``migrate``: carries the database from the SQLite file to PostgreSQL, or back, and compares both at the end."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.errors import PermanentError
from plexsync.script import examples, from_here
from plexsync.storage.consumer_lock import only_consumer
from plexsync.storage.database import DATABASE_NAME
from plexsync.storage.locks import Taken
from plexsync.storage.opening import open_database
from settings import data_dir, database_url

if TYPE_CHECKING:
    from plexsync.storage.moving import MovedFrom, Stand
    from plexsync.storage.moving_targets import Target
    from plexsync.storage.postgres.database import PostgresDatabase

#: What ``--to`` may be besides an address.
POSTGRES, SQLITE = "postgresql", "sqlite"


@click.command(epilog=examples("migrate --to postgresql://plexsync@db.example/plexsync", "migrate --to sqlite"))
@click.option(
    "--to",
    required=True,
    metavar="WHERE",
    help=(
        "postgresql://user@host/database, or postgresql for the one that PLEXSYNC_DATABASE_URL names; or sqlite, for "
        "the file in the data folder."
    ),
)
@click.option("--replace", is_flag=True, help="If WHERE holds data already, keep that under another name.")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def migrate(to: str, replace: bool, json_wanted: bool) -> None:
    """Carry the database from the SQLite file to PostgreSQL, or back. Stop the consumer first.

    What was there stays as it is, and in use until you change PLEXSYNC_DATABASE_URL. If it is interrupted, run it
    again: it goes on.
    """
    with faults_shown():
        folder, named = data_dir(os.environ), database_url(os.environ)
        if to == SQLITE:
            stands, kept, switch = _to_file(folder, named, replace=replace)
        else:
            stands, kept, switch = _to_server(folder, named, _address(to, named), replace=replace)
    rows = sum(stand.rows for stand in stands.values())
    if json_wanted:
        tables = {name: {"rows": stand.rows, "digest": stand.digest} for name, stand in stands.items()}
        show.as_json({"rows": rows, "tables": tables, "kept": kept})
        return
    filled = [[name, f"{stand.rows:,}", stand.digest[:12]] for name, stand in stands.items() if stand.rows]
    show.table(filled, heads=["table", "rows", "digest"])
    show.say(f"All {rows:,} rows are there, and are the same on both sides.")
    if kept is not None:
        show.say(f"What was there before is kept as {kept}: remove it some day.")
    for line in switch:
        show.say(from_here(line))


def _address(to: str, named: str | None) -> str:
    """The address that is meant.

    :raises click.UsageError: it is none.
    """
    from plexsync.configuration.database_url import database_url as checked
    from plexsync.configuration.setting_values import WrongValue

    if to == POSTGRES:
        if named is None:
            raise click.UsageError("--to postgresql: PLEXSYNC_DATABASE_URL names none; write --to postgresql://...")
        return named
    try:
        return checked(to)
    except WrongValue as error:
        # The address is not repeated: it may hold a password.
        problem, remedy, _ = error.wrongs[0]
        raise click.UsageError(
            f"--to {problem}: {remedy}; or write --to sqlite, for the file in the data folder"
        ) from None


def _to_server(
    folder: Path, named: str | None, url: str, *, replace: bool
) -> tuple[dict[str, Stand], str | None, list[str]]:
    from plexsync.storage.moving import NotMoved, OfFile
    from plexsync.storage.moving_targets import ServerTarget

    if named not in (None, url):
        raise NotMoved(
            "PLEXSYNC_DATABASE_URL names another PostgreSQL already. To go from one to another, use PostgreSQL's own "
            "pg_dump, or carry it to sqlite first"
        )
    path = folder / DATABASE_NAME
    if not path.is_file():
        raise NotMoved(f"{path}: there is no database yet")
    with _only_consumer(folder), _leading(folder, url) as server, closing(_reading(path)) as file:
        target = ServerTarget(server, url, replace=replace)
        stands, kept = _carried(OfFile(file), str(path), target)
    return (
        stands,
        kept,
        [
            f"{path} is as it was, and still in use. To use PostgreSQL from now on, set PLEXSYNC_DATABASE_URL (or "
            "database_url in plexsync.toml) to the address, for every consumer, and then start it: ./huey_consumer.sh",
        ],
    )


def _to_file(folder: Path, named: str | None, *, replace: bool) -> tuple[dict[str, Stand], str | None, list[str]]:
    from plexsync.storage.moving import NotMoved, OfDatabase
    from plexsync.storage.moving_targets import FileTarget

    if named is None:
        raise NotMoved(
            "--to sqlite carries what is in PostgreSQL to the file in the data folder, and PLEXSYNC_DATABASE_URL does "
            "not say where PostgreSQL is. To copy the file, use: ./huey_consumer.sh backup"
        )
    path = folder / DATABASE_NAME
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_consumer(folder), _leading(folder, named) as server:
        stands, kept = _carried(OfDatabase(server), server.place, FileTarget(path, replace=replace))
    return (
        stands,
        kept,
        [
            "PostgreSQL is as it was, and still in use. To use the file from now on, take PLEXSYNC_DATABASE_URL (or "
            "database_url in plexsync.toml) away, and then start the consumer: ./huey_consumer.sh",
        ],
    )


def _carried(source: MovedFrom, place: str, target: Target) -> tuple[dict[str, Stand], str | None]:
    from plexsync.http.breaker.schema import STEPS as BREAKER
    from plexsync.ledger.schema import STEPS as LEDGER
    from plexsync.queue.schema import STEPS as QUEUE
    from plexsync.storage import moving

    rooms = {"breaker": BREAKER, "ledger": LEDGER, "queue": QUEUE}
    moving.check_source(source, rooms, place)
    for room, steps in rooms.items():
        target.database.migrate(room, steps)
    tables = moving.tables_of(rooms)
    with _progress() as tell:
        stands = moving.carry(source, target.database, tables, target.count_on, tell)
    return stands, target.take_place()


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    shown: dict[str, show.Progress] = {}

    def tell(doing: str, done: int, total: int) -> None:
        if doing not in shown:
            for one in shown.values():
                one.end()
            shown[doing] = show.Progress(doing, total, done)
        shown[doing].at(done, total)

    try:
        yield tell
    finally:
        for one in shown.values():
            one.end()


@contextmanager
def _only_consumer(folder: Path) -> Iterator[None]:
    try:
        with only_consumer(folder):
            yield
    except Taken as error:
        raise Taken(f"a consumer ({error.process}) is running on the data in {folder}: stop it first") from None


@contextmanager
def _leading(folder: Path, url: str) -> Iterator[PostgresDatabase]:
    """The PostgreSQL, on which no consumer works while the block runs, on whatever machine."""
    database = open_database(folder, url)
    from plexsync.storage.postgres.database import PostgresDatabase

    if not isinstance(database, PostgresDatabase):
        raise TypeError(f"{database.place} is not a PostgreSQL")
    try:
        if not database.lead():
            leader = next((one for one in database.consumers() if one.leads), None)
            where = f" on {leader.host}" if leader else ""
            raise PermanentError(f"a consumer is running{where} on {database.place}: stop it first, and all others")
        yield database
    finally:
        database.close()


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
