"""Plex or Stash goes away and returns: one question at a time, and then all goes on by itself."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.http.breaker import Outages, anything_rests
from plexsync.ledger import State
from settings import STASH_CONNECTION_FILE
from tests.support.resting_bench import RESET, Days, resting_bench, until


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    with resting_bench(tmp_path, monkeypatch) as days:
        yield days


def questions(days: Days) -> list[float]:
    """When Plex was asked whether it is back. Syncs of scenes ask for its sections, too, but not while it rests."""
    return [entry.started for entry in days.bench.plex.log if entry.path == "/library/sections"]


def test_plex_is_asked_once_per_interval_and_all_goes_on_when_it_is_back(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench = days.bench
    scenes = [bench.scene] + [bench.add(f"{number}.mp4")[0] for number in range(20)]
    fault = bench.plex.faults.add(PlannedFault("status", times=None, status=500))
    with days.consuming():
        for scene in scenes:
            days.sync_scene(scene)
        # What was in flight when the breaker opened, at most one call for each worker; then only the probe.
        until(lambda: len(questions(days)) >= 5)
        assert {entry.path for entry in bench.plex.log} == {"/library/sections"}
        asked = questions(days)[2:]
        assert all(after - before > 0.9 * RESET for before, after in pairwise(asked))
        assert days.huey.stats().pending == len(scenes)
        assert days.huey.stats().scheduled == 0
        bench.plex.faults.remove(fault)
        until(lambda: all(days.state(scene) is State.SYNCED for scene in scenes))
    assert all(record.attempts == 0 for scene in scenes if (record := days.runtime().ledger.scenes.get(scene)))
    told = [record.getMessage() for record in caplog.records if record.name.startswith("plexsync.http.breaker")]
    assert sum(text.startswith("Plex is down") for text in told) == 1
    backs = [text for text in told if text.startswith("Plex is back after ")]
    assert len(backs) == 1
    assert backs[0].endswith(" scenes wait")
    assert Outages(days.database).figures(60).count == 1


def test_a_plex_that_starts_is_back_only_when_its_library_is(days: Days) -> None:
    bench = days.bench
    bench.plex.behaviour.starting = "503"
    with days.consuming():
        days.sync_scene(bench.scene)
        until(lambda: days.runtime().guard.state == "open")
        bench.plex.behaviour.starting = "400"
        before = len(questions(days))
        until(lambda: len(questions(days)) >= before + 3)
        # It says who it is, and is not there yet: no scene is tried on that.
        assert days.runtime().guard.state != "closed"
        assert {entry.path for entry in bench.plex.log} == {"/library/sections"}
        bench.plex.behaviour.starting = "no"
        until(lambda: days.state(bench.scene) is State.SYNCED)
    assert days.runtime().ledger.dead_letters.count() == 0


@pytest.mark.parametrize("service", ["Plex", "Stash"])
def test_a_service_that_returns_is_noticed_within_seconds_however_long_the_breaker_would_wait(
    days: Days, service: str
) -> None:
    bench = days.bench
    days.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "600"
    server = bench.plex if service == "Plex" else bench.stash
    with days.consuming():
        server.stop()
        days.sync_scene(bench.scene)
        until(lambda: days.runtime().guard_of(service).state == "open")
        time.sleep(1)
        server.start()
        began = time.monotonic()
        until(lambda: days.state(bench.scene) is State.SYNCED)
        assert time.monotonic() - began < 8
    assert Outages(days.database).figures(600).count == 1


def test_asking_in_passing_does_not_make_the_breaker_wait_longer(days: Days) -> None:
    bench = days.bench
    days.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "600"
    with days.consuming():
        bench.plex.stop()
        days.sync_scene(bench.scene)
        until(lambda: days.runtime().guard.state == "open")
        before = days.runtime().guard.remaining()
        time.sleep(6)
        assert 580 < days.runtime().guard.remaining() < before
        bench.plex.start()


def test_stash_goes_away_and_returns(days: Days) -> None:
    bench = days.bench
    with days.consuming():
        bench.stash.stop()
        days.sync_scene(bench.scene)
        until(lambda: days.runtime().stash_guard.state == "open")
        time.sleep(2 * RESET)
        assert days.huey.stats().pending == 1
        bench.stash.start()
        until(lambda: days.state(bench.scene) is State.SYNCED)
    assert days.runtime().ledger.dead_letters.count() == 0


def test_scenes_wait_for_the_settings_in_stash_when_it_was_away_at_the_start(days: Days) -> None:
    bench = days.bench
    bench.stash.plugin_settings["PlexSync"] = {"skipUnorganized": True}
    bench.stash.stop()
    days.sync_scene(bench.scene)
    with days.consuming():
        assert anything_rests(days.database)
        bench.stash.start()
        until(lambda: days.state(bench.scene) is not None)
    assert days.state(bench.scene) is State.SKIPPED
    assert bench.plex.counters["writes"] == 0


def test_a_consumer_that_was_there_before_the_first_hook_learns_where_stash_is(days: Days) -> None:
    bench = days.bench
    days.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "600"
    stash = days.environ.pop("PLEXSYNC_STASH_URL")
    # Nobody is at Stash's usual address here.
    days.environ["PLEXSYNC_CONNECT_TIMEOUT"] = "0.5"
    days.sync_scene(bench.scene)
    with days.consuming():
        assert days.runtime().settings.stash_url == "http://localhost:9999"
        until(lambda: days.runtime().stash_guard.state == "open")
        seen = {"scheme": "http", "host": "127.0.0.1", "port": int(stash.rpartition(":")[2])}
        new = days.folder / "new"
        new.write_text(json.dumps(seen))
        new.replace(days.folder / STASH_CONNECTION_FILE)
        until(lambda: days.state(bench.scene) is State.SYNCED)
        assert days.runtime().settings.stash_url == stash


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk full"), UnicodeError("nobody foresaw this")])
def test_whoever_asks_rests_after_something_unforeseen_tells_it_once_and_goes_on(
    days: Days, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    looks: list[float] = []
    monkeypatch.setattr("plexsync.queue.loop.WAIT", 0.3)

    def look() -> None:
        looks.append(time.monotonic())
        if len(looks) <= 4:
            raise error

    monkeypatch.setattr(days.probe, "look", look)
    with days.consuming():
        until(lambda: len(looks) > 8)
    assert looks[4] - looks[0] > 0.8, "it rested"
    assert looks[8] - looks[5] < 0.8, "and no longer than it had to"
    told = [one for one in caplog.records if one.name == "tasks.probe" and one.levelno >= logging.WARNING]
    assert len(told) == 1


def test_a_consumer_waits_for_the_thread_that_asks(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.queue.starting.WAIT", 0.01)
    start, tries = threading.Thread.start, []

    def fail_at_first(thread: threading.Thread) -> None:
        if thread.name == "Probe":
            tries.append(thread)
            if len(tries) < 4:
                raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", fail_at_first)
    days.probe.start()
    assert len(tries) == 4
    assert days.probe.loop.is_running
    days.probe.stop()
