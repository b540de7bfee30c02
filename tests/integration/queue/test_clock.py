"""A clock that is wrong, or is set while the program runs: nothing waits for ever, nothing young is thrown away."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plexsync.ledger import Ledger, Result, State
from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.queue.line import FARTHEST
from plexsync.queue.storage_health import PatientScheduler, StorageHealth
from plexsync.storage.database import Database

HOUR, DAY = 3600.0, 86400.0


class Clock:
    """``time.time`` that can be set."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._real = time.time

    def __call__(self) -> float:
        return self._real() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def huey(tmp_path: Path) -> Iterator[PlexSyncHuey]:
    huey = open_queue(Database(tmp_path / "plexsync.db"))
    yield huey
    huey.storage.close()


def work(huey: PlexSyncHuey) -> Any:
    return huey.task(name="work")(lambda number: number)


def now(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock(), UTC)


def scheduled_for(huey: PlexSyncHuey) -> list[float]:
    with huey.storage.database.read() as connection:
        return [row[0] for row in connection.execute("select timestamp from schedule order by timestamp")]


def test_what_was_scheduled_by_a_clock_years_ahead_is_due_at_once(huey: PlexSyncHuey, clock: Clock) -> None:
    task = work(huey)
    for ahead in (60.0, FARTHEST - 60, FARTHEST + 60, 3650 * DAY):
        huey.storage.add_to_schedule(
            huey.serialize_task(task.s(int(ahead))), datetime.fromtimestamp(clock() + ahead, UTC)
        )
    huey.storage.read_schedule(now(clock))
    assert sorted(one.args[0] for one in huey.pending()) == [int(FARTHEST + 60), int(3650 * DAY)]
    assert len(scheduled_for(huey)) == 2


def test_many_that_are_due_impossibly_late_all_move(huey: PlexSyncHuey, clock: Clock) -> None:
    task = work(huey)
    late = now(clock) + timedelta(days=400)
    for number in range(1100):
        huey.storage.add_to_schedule(huey.serialize_task(task.s(number)), late, durable=False)
    huey.storage.read_schedule(now(clock))
    assert (huey.stats().pending, huey.stats().scheduled) == (1100, 0)


def scheduler(huey: PlexSyncHuey) -> PatientScheduler:
    stop = threading.Event()
    stop.set()
    one = PatientScheduler(huey, stop, 1, periodic=False)
    one.health = StorageHealth()
    return one


def test_a_clock_that_is_set_back_while_running_takes_the_schedule_with_it(
    huey: PlexSyncHuey, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    task = work(huey)
    task.schedule((1,), eta=now(clock) + timedelta(seconds=80))
    running = scheduler(huey)
    running.loop(now(clock))
    clock.ahead = -5 * HOUR
    running.loop(now(clock))
    (at,) = scheduled_for(huey)
    assert 75 < at - clock() < 81
    assert "set back by 18000 s" in caplog.text
    running.loop(now(clock))
    assert scheduled_for(huey) == [at]


def test_what_waited_is_done_after_a_clock_was_set_back(huey: PlexSyncHuey, clock: Clock) -> None:
    """Its message still names the time of the old clock."""
    task = work(huey)
    at_once = [task.schedule((number,), eta=now(clock) + timedelta(seconds=1)) for number in (1, 2)]
    later = task.schedule((3,), eta=now(clock) + timedelta(seconds=80))
    running = scheduler(huey)
    running.loop(now(clock))
    clock.ahead = 2.0
    huey.storage.read_schedule(now(clock))
    assert huey.stats().pending == 2
    clock.ahead = 2.0 - DAY
    running.loop(now(clock))
    for one in at_once:
        huey.execute(huey.dequeue())
        assert one.get() in (1, 2)
    clock.ahead += 81.0
    huey.storage.read_schedule(now(clock))
    huey.execute(huey.dequeue())
    assert later.get() == 3
    assert (huey.stats().pending, huey.stats().scheduled) == (0, 0)


def test_what_was_scheduled_by_a_clock_years_ahead_is_done_once(huey: PlexSyncHuey, clock: Clock) -> None:
    clock.ahead = 3650 * DAY
    result = work(huey).schedule((1,), eta=now(clock) + timedelta(seconds=80))
    clock.ahead = 0.0
    huey.storage.read_schedule(now(clock))
    huey.execute(huey.dequeue())
    assert result.get() == 1
    assert (huey.stats().pending, huey.stats().scheduled) == (0, 0)


def test_a_clock_that_is_adjusted_or_set_forward_moves_nothing(huey: PlexSyncHuey, clock: Clock) -> None:
    task = work(huey)
    task.schedule((1,), eta=now(clock) + timedelta(hours=10))
    (at,) = scheduled_for(huey)
    running = scheduler(huey)
    for ahead in (0.0, -30.0, 5 * HOUR):
        clock.ahead = ahead
        running.loop(now(clock))
        assert scheduled_for(huey) == [at]


def test_a_clock_that_is_set_forward_makes_waiting_work_due_once(huey: PlexSyncHuey, clock: Clock) -> None:
    task = work(huey)
    task.schedule((1,), eta=now(clock) + timedelta(seconds=80))
    clock.ahead = 5 * HOUR
    huey.storage.read_schedule(now(clock))
    assert (huey.stats().pending, huey.stats().scheduled) == (1, 0)


# --- Throwing away ---------------------------------------------------------------------------------------------------


def give_up(ledger: Ledger, scene_id: int) -> None:
    attempts = ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED, error="no")
    ledger.dead_letters.put(scene_id, "PermanentError", "no", "trace", attempts)


def test_a_clock_ten_years_ahead_for_an_hour_costs_no_dead_letter(ledger: Ledger, clock: Clock) -> None:
    give_up(ledger, 1)
    ledger.prune(30)
    clock.ahead = 3650 * DAY
    ledger.prune(30)
    give_up(ledger, 2)
    ledger.prune(30)
    clock.ahead = 2 * HOUR
    ledger.prune(30)
    assert ledger.dead_letters.count() == 2
    assert len(ledger.scenes.history(1)) == 1


def test_dead_letters_of_a_clock_that_was_ahead_grow_old_like_any(ledger: Ledger, clock: Clock) -> None:
    ledger.prune(30)
    clock.ahead = 3650 * DAY
    give_up(ledger, 1)
    clock.ahead = 0.0
    for hour in range(31 * 24):
        clock.ahead = hour * HOUR
        ledger.prune(30)
        if hour == 29 * 24:
            assert ledger.dead_letters.count() == 1
    assert ledger.dead_letters.count() == 0


def test_after_a_long_pause_old_ones_go_little_by_little(ledger: Ledger, clock: Clock) -> None:
    give_up(ledger, 1)
    ledger.prune(30)
    clock.ahead = 60 * DAY
    ledger.prune(30)
    assert ledger.dead_letters.count() == 1
    for _ in range(30 * 24 // 2):
        ledger.prune(30)
    assert ledger.dead_letters.count() == 0


def test_a_clock_that_is_set_back_prunes_nothing_and_does_not_stop_it(
    ledger: Ledger, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    ledger.prune(30)
    clock.ahead = -3650 * DAY
    give_up(ledger, 1)
    ledger.prune(30)
    assert ledger.dead_letters.count() == 1
    clock.ahead += 31 * DAY
    for _ in range(31 * 12 + 1):
        ledger.prune(30)
    assert ledger.dead_letters.count() == 0
