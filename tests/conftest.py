"""What many tests start from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.database import Database
from plexsync.ledger import Ledger

# Importing tasks opens the queue: here in a folder of its own, never in the one of this installation.
for _name in [name for name in os.environ if name.startswith("PLEXSYNC_") and name != "PLEXSYNC_REFERENCE"]:
    del os.environ[_name]
os.environ["PLEXSYNC_DATA_DIR"] = tempfile.mkdtemp(prefix="plexsync-tests-")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new database in a folder of its own."""
    database = Database(tmp_path / "data" / "plexsync.db")
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """An empty ledger."""
    return Ledger(database)
