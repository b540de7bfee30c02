"""Scenes that rest in line while Plex is away cost nothing, and keep nobody else from work."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plexsync.ledger import State
from plexsync.queue.claims import Claims
from plexsync.queue.glances import LATELY
from plexsync.queue.line import Line
from tasks.probe import LOOK, LOOK_AT_REST, LOOK_GLANCED, Probe
from tests.support.resting_bench import Days, resting_bench


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    with resting_bench(tmp_path, monkeypatch) as days:
        yield days


def written(path: Path) -> tuple[int, tuple[int, int]]:
    """What changes with every write by anyone: the log's size, and the times of both files."""
    log = Path(f"{path}-wal").stat()
    return log.st_size, (log.st_mtime_ns, path.stat().st_mtime_ns)


def test_ten_thousand_scenes_rest_without_a_write_and_without_a_search(days: Days) -> None:
    days.huey.enqueue_many(days.sync_scene.s(number) for number in range(1, 10_001))
    days.let_rest()
    days.open_up()
    watcher = sqlite3.connect(days.database.path)
    stopping = threading.Event()
    looks = [0]

    def look() -> None:
        while not stopping.is_set():
            assert days.huey.dequeue() is None
            days.huey.storage.read_schedule(datetime.now(UTC))
            looks[0] += 1

    threads = [threading.Thread(target=look) for _ in range(4)]
    days.huey.dequeue()  # Tidies up first, as at every start.
    before = written(days.database.path)
    version = watcher.execute("pragma data_version").fetchone()
    with days.database.writer() as connection:
        changes = connection.total_changes
    for thread in threads:
        thread.start()
    time.sleep(2.0)
    stopping.set()
    for thread in threads:
        thread.join()
    with days.database.writer() as connection:
        assert connection.total_changes == changes
    assert written(days.database.path) == before
    assert watcher.execute("pragma data_version").fetchone() == version
    watcher.close()
    assert looks[0] >= 20
    assert days.huey.stats().pending == 10_000


def test_a_look_past_resting_scenes_costs_the_same_however_many_there_are(days: Days) -> None:
    days.let_rest()
    days.open_up()
    name = days.huey.name
    claims = Claims(days.database, name, Line(name), lease=60.0)
    resting = days.huey.storage.paused()

    def cost() -> float:
        times = []
        for _ in range(200):
            began = time.perf_counter()
            assert claims.claim(resting) is None
            times.append(time.perf_counter() - began)
        return sorted(times)[len(times) // 2]

    days.huey.enqueue_many(days.sync_scene.s(number) for number in range(1, 11))
    few = cost()
    days.huey.enqueue_many(days.sync_scene.s(number) for number in range(11, 10_001))
    many = cost()
    print(f"a look past 10 resting scenes {few * 1e6:.0f} us, past 10,000 {many * 1e6:.0f} us: x {many / few:.1f}")
    assert many < 20 * few


def test_other_tasks_go_on_in_their_order_while_scenes_rest(days: Days) -> None:
    done: list[str] = []

    @days.huey.task()
    def plain(name: str) -> None:
        done.append(name)

    @days.huey.task(coalesce=True)
    def coalescing(name: str) -> None:
        done.append(name)

    days.let_rest()
    days.open_up()
    days.sync_scene(days.bench.scene)
    plain("first")
    coalescing("second")
    days.huey.enqueue(plain.s("before all", priority=5))
    days.sync_scene(days.bench.scene + 1)
    coalescing("third")
    while days.run() is not None:
        pass
    assert done == ["before all", "first", "second", "third"]
    assert days.huey.stats().pending == 2


def test_a_claimed_scene_that_meets_the_open_breaker_goes_back_to_its_place(days: Days) -> None:
    days.huey.enqueue_many(days.sync_scene.s(number) for number in (days.bench.scene, 777))
    claimed = days.huey.dequeue()
    days.let_rest()
    days.open_up()
    before = days.huey.storage.enqueued_items()
    days.huey.execute(claimed)
    after = days.huey.storage.enqueued_items()
    assert after[1:] == before
    assert json.loads(after[0])["args"] == [days.bench.scene]
    assert (days.huey.stats().scheduled, days.huey.stats().in_progress) == (0, 0)
    record = days.runtime().ledger.scenes.get(days.bench.scene)
    assert record is not None
    assert (record.state, record.attempts) == (State.PENDING, 0)
    assert days.huey.result(claimed.id, preserve=True) is None


def test_where_nothing_rests_such_a_scene_is_tried_again_after_a_while(days: Days) -> None:
    days.sync_scene(days.bench.scene)
    days.open_up()
    days.run()
    assert (days.huey.stats().pending, days.huey.stats().scheduled) == (0, 1)


def test_a_retry_that_falls_due_moves_into_line_and_rests_there(days: Days) -> None:
    days.huey.enqueue(days.sync_scene.s(days.bench.scene, eta=datetime.now(UTC) + timedelta(seconds=0.1)))
    days.let_rest()
    days.open_up()
    time.sleep(0.2)
    days.huey.storage.read_schedule(datetime.now(UTC))
    assert days.run() is None
    assert (days.huey.stats().pending, days.huey.stats().scheduled) == (1, 0)


def test_once_the_probe_has_begun_nothing_is_handed_out_that_needs_a_service_that_is_away(days: Days) -> None:
    days.bench.plex.stop()
    days.open_up()
    days.sync_scene(days.bench.scene)
    days.probe.start()
    try:
        assert days.run() is None
        assert days.huey.stats().pending == 1
    finally:
        days.probe.stop()


def test_while_the_consumer_is_held_scenes_stay_in_line(days: Days) -> None:
    held = [True]
    days.huey.storage.paused = Probe(days.runtime, days.huey, is_held=lambda: held[0]).paused
    days.sync_scene(days.bench.scene)
    assert days.run() is None
    assert days.huey.stats().pending == 1
    held[0] = False
    days.run()
    assert days.state(days.bench.scene) is State.SYNCED


# --- nobody looks where nothing can have changed ----------------------------------------------------------------------


@pytest.fixture
def at_rest(days: Days) -> Probe:
    """A probe as the consumer has it, which is not started, with a database in which nobody has committed for long."""
    probe = Probe(days.runtime, days.huey)
    days.runtime()
    log = Path(f"{days.database.path}-wal")
    os.utime(log, (0, 0))
    probe.glance()
    probe.loop._woken.clear()
    return probe


def test_while_both_answer_it_looks_seldom_as_long_as_others_glance_for_it(
    at_rest: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_rest._pause() == LOOK_GLANCED
    at_rest.glance()
    assert not at_rest.loop._woken.is_set(), "nobody has committed"
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + LATELY + 1)
    assert at_rest._pause() == LOOK_AT_REST


def test_a_breaker_that_opens_has_it_look_at_once_and_often(days: Days, at_rest: Probe) -> None:
    days.open_up()
    at_rest.glance()
    assert at_rest.loop._woken.is_set()
    assert at_rest._pause() == LOOK


def test_new_settings_have_it_look_at_once(at_rest: Probe) -> None:
    at_rest.settings_changed()
    assert at_rest.loop._woken.is_set()
    assert at_rest._pause() == LOOK


def test_workers_are_woken_when_the_consumer_is_held_no_longer(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    held, woken = [True], []
    monkeypatch.setattr(days.huey.storage, "wake", lambda: woken.append(1))
    probe = Probe(days.runtime, days.huey, is_held=lambda: held[0])
    probe.glance()
    assert woken == []
    held[0] = False
    probe.glance()
    probe.glance()
    assert woken == [1]
