"""Hours are added up, and only so many are kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from plexsync.ledger import Ledger
from plexsync.ledger.hours import COLUMNS, HOUR, KEPT_DAYS, STEPS_END, TIMES, Sums, step_of
from plexsync.storage.database import Database

DAY = 24


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Database(tmp_path / "plexsync.db"))


def test_hours_are_added_to_and_added_up(ledger: Ledger) -> None:
    ledger.hours.add({100: {"synced": 2}, 101: {"synced": 1, "failed": 4}})
    ledger.hours.add({101: {"synced": 5}})
    assert ledger.hours.sums(101 * HOUR + 5, 101 * HOUR + 9).counts["synced"] == 6
    both = ledger.hours.sums(100 * HOUR, 101 * HOUR).counts
    assert (both["synced"], both["failed"], both["gone"]) == (8, 4, 0)


def test_only_so_many_days_are_kept(ledger: Ledger) -> None:
    now = int(time.time() // HOUR)
    ledger.hours.add({now - KEPT_DAYS * DAY - 1: {"synced": 1}, now - KEPT_DAYS * DAY + 1: {"synced": 1}})
    ledger.prune(30)
    with ledger.database.read() as db:
        assert db.execute("select count(*) from hour where hour > 0").fetchone()[0] == 1
    assert ledger.hours.ever().counts["synced"] == 2, "what was ever counted only grows"


@pytest.mark.sqlite
def test_a_year_of_hours_takes_little_room_and_is_read_through_its_key(ledger: Ledger) -> None:
    ledger.hours.add({hour: dict.fromkeys(COLUMNS, 1000) for hour in range(1, KEPT_DAYS * DAY)})
    with ledger.database.read() as db:
        pages = db.execute("select sum(pgsize) from dbstat where name = 'hour'").fetchone()[0] or 0
        plan = db.execute("explain query plan select sum(synced) from hour where hour >= 1 and hour < 9").fetchall()
    assert pages < 1_500_000
    assert "SEARCH" in plan[0]["detail"]


def test_what_share_of_edits_took_how_long() -> None:
    counts = dict.fromkeys(COLUMNS, 0)
    assert Sums(counts).took(0.5) is None
    counts |= {step_of(0.7): 90, step_of(4.0): 9, step_of(10**6): 1}
    sums = Sums(counts)
    assert sums.timed == 100
    assert 0.5 < (sums.took(0.5) or 0) <= 1.0
    assert 2.0 < (sums.took(0.95) or 0) <= 5.0
    assert sums.took(1.0) == STEPS_END[-1]
    assert [step_of(end) for end in STEPS_END] == list(TIMES[:-1]), "a step ends with its end"
