"""Outcomes are counted hour by hour, and ``stats`` and the page tell what they came to."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import tasks.batch
from plexsync.demo.http import PlannedFault
from plexsync.errors import PermanentError
from plexsync.http.breaker import Outages
from plexsync.ledger.course import follow
from plexsync.ledger.hours import Hours
from plexsync.status.statistics import SPANS, all_spans, statistics
from plexsync.sync.hour_keeper import HourKeeper
from plexsync.sync.outcomes import OutcomeListener, SceneOutcome
from tasks import huey, sync_together
from tasks.attempt import attempt
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


@pytest.fixture
def keeper(bench: SyncBench) -> HourKeeper:
    keeper = HourKeeper(lambda: Hours(bench.database))
    bench.app.outcomes.listen(keeper)
    return keeper


def test_what_was_synced_how_long_it_took_and_what_it_cost(bench: SyncBench, keeper: HourKeeper) -> None:
    asked: list[int] = []

    class Asked(OutcomeListener):
        def scene(self, outcome: SceneOutcome) -> None:
            asked.append(outcome.requests or 0)

    bench.app.outcomes.listen(Asked())
    with follow(event_at=time.time() - 3.0):
        attempt(bench.app, bench.scene, fresh=True)
    with follow():
        attempt(bench.app, bench.scene, fresh=True)
    bench.plex.faults.add(PlannedFault("status", times=None, status=400))
    bench.stash.edit(bench.scene, title="Another")
    with pytest.raises(PermanentError), follow(event_at=time.time()):
        attempt(bench.app, bench.scene, fresh=True)
    keeper.write()
    found = all_spans(bench.app.ledger)
    assert list(found) == list(SPANS)
    day = found["24h"]
    assert {name: count for name, count in day["outcomes"].items() if count} == {
        "synced": 1,
        "unchanged": 1,
        "failed": 1,
    }
    assert day["latency_s"]["edits"] == 1, "what was given up is not in Plex, and what no event asked for took no time"
    assert 2.0 <= day["latency_s"]["median"] <= 5.0
    assert asked[0] > 0
    assert day["requests_per_scene"] == pytest.approx(sum(asked) / 3, abs=0.05)


def test_requests_of_scenes_brought_together_count_once(
    bench: SyncBench, keeper: HourKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.batch, "runtime", lambda: bench.app)
    studio = bench.stash.add_studio("Old")
    scenes = [bench.scene, bench.add("another.mp4")[0]]
    bench.app.library.expire()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}", studio=studio)
        bench.sync(scene)
    bench.stash.rename("studios", studio, "New")
    bench.plex.forget()
    sync_together.call_local(*scenes)
    keeper.write()
    huey.flush()
    found = statistics(bench.app.ledger, 1)
    assert found["outcomes"]["synced"] == 2
    assert found["requests_per_scene"] == len(bench.plex.log) / 2


def test_outages_count_with_the_seconds_that_lie_in_the_span(bench: SyncBench) -> None:
    outages, now = Outages(bench.database), time.time()
    outages.begin("Plex", "away")
    with bench.database.write() as db:
        db.execute("update outage set started_at = ?, ended_at = ?", (now - 90_000, now - 80_000))
    outages.begin("Stash", "away")
    with bench.database.write() as db:
        db.execute("update outage set started_at = ? where ended_at is null", (now - 100,))
    found = statistics(bench.app.ledger, 1, now)["outages"]
    assert found == {"count": 2, "seconds": 6400 + 100}


def test_what_cannot_be_written_now_is_written_later(bench: SyncBench) -> None:
    broken = True

    class Full(Hours):
        def add(self, counts: object) -> None:
            if broken:
                raise sqlite3.OperationalError("database or disk is full")
            super().add(counts)  # type: ignore[arg-type]

    keeper = HourKeeper(lambda: Full(bench.database))
    bench.app.outcomes.listen(keeper)
    attempt(bench.app, bench.scene, fresh=True)
    keeper.write()
    assert statistics(bench.app.ledger, 1)["outcomes"]["synced"] == 0
    broken = False
    keeper.write()
    keeper.write()
    assert statistics(bench.app.ledger, 1)["outcomes"]["synced"] == 1


def test_it_is_written_by_itself_a_moment_later(
    bench: SyncBench, keeper: HourKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.sync.hour_keeper.WRITTEN_AFTER", 0.0)
    attempt(bench.app, bench.scene, fresh=True)
    until = time.monotonic() + 10
    while not statistics(bench.app.ledger, 1)["outcomes"]["synced"]:
        assert time.monotonic() < until
        time.sleep(0.01)
