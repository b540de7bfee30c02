"""A disk that is full, or was made read-only: what is written beside the database fails without harm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plexsync.configuration.config_file import put_setting
from plexsync.inbox.hook_process import NOTICE_FILE
from plexsync.inbox.notice import Notice
from plexsync.ledger import Ledger
from plexsync.storage import last_run
from plexsync.storage.consumer_lock import only_consumer, running_consumer
from plexsync.storage.database import Database
from plexsync.storage.own_files import open_own


def fill(folder: Path) -> None:
    """Leave not a byte on the disk."""
    with (folder / "ballast").open("wb", buffering=0) as ballast, pytest.raises(OSError, match="No space"):
        while True:
            ballast.write(b"x" * 4096)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


def test_on_a_full_disk_the_lock_holds_though_nobodys_number_is_in_it(small_disk: Path) -> None:
    os.close(open_own(small_disk / "consumer.lock"))
    fill(small_disk)
    with only_consumer(small_disk):
        assert running_consumer(small_disk) is not None


def test_on_a_full_disk_what_was_noted_before_stays(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(small_disk / "plexsync.db")
    Ledger(database)
    last_run.begin(database)
    noted = (small_disk / last_run.LAST_RUN).read_bytes()
    (small_disk / NOTICE_FILE).write_text("before")
    (small_disk / "plexsync.toml").write_text("workers = 2\n")
    fill(small_disk)
    last_run.begin(database)
    last_run.closed(database.path)
    assert (small_disk / last_run.LAST_RUN).read_bytes() == noted
    Notice(small_disk, lambda: (1, 1.0)).update()
    assert (small_disk / NOTICE_FILE).read_text() == "before"
    assert "could not be kept up to date" in caplog.text
    with pytest.raises(OSError, match="No space"):
        put_setting(small_disk / "plexsync.toml", "plex_token", "a-token-of-plex")
    assert (small_disk / "plexsync.toml").read_text() == "workers = 2\n"
    # Nothing half written is left behind.
    assert [one.name for one in small_disk.iterdir() if one.name.startswith(".") or "notice.json." in one.name] == []
    database.close()


def test_a_disk_that_is_read_only_is_looked_at_and_nothing_more(small_disk: Path) -> None:
    database = Database(small_disk / "plexsync.db")
    Ledger(database)
    last_run.begin(database)
    database.close()
    with read_only(small_disk):
        with pytest.raises(OSError, match="Read-only"), only_consumer(small_disk):
            pytest.fail("the block must not run")
        again = Database(small_disk / "plexsync.db")
        assert Ledger(again).facts.get(last_run.FACT)
        again.close()
