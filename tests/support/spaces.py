"""PostgreSQL for tests that are about it, on the server of the run: a schema, or a whole database, of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support.postgres_server import Server


@contextmanager
def new_space(server: Server, folder: Path) -> Iterator[PostgresDatabase]:
    """An empty schema in the block.

    :param folder: stands for the data folder.
    """
    space = PostgresDatabase(server.url, folder / "plexsync.db", f"s{uuid.uuid4().hex[:16]}")
    try:
        yield space
    finally:
        space.close()
        with closing(PostgresSession(server.url, "public")) as session:
            session.run(f"drop schema if exists {space._space} cascade")


@contextmanager
def new_database(server: Server) -> Iterator[str]:
    """An empty database in the block; its address, as the setting takes it."""
    name = f"d{uuid.uuid4().hex[:16]}"
    with closing(PostgresSession(server.url, "public")) as session:
        session.run(f"create database {name}")
        try:
            yield server.url.rpartition("/")[0] + f"/{name}"
        finally:
            session.run(f"drop database if exists {name} with (force)")
