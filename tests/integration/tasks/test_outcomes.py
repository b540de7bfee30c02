"""Whoever listens to outcomes hears of every one, once the ledger holds it, and harms nobody."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from huey.exceptions import RetryTask

import tasks.batch
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import CircuitOpen, PermanentError
from plexsync.ledger import Result
from plexsync.log_throttle import EVERY
from plexsync.sync.outcomes import BatchResult, OutcomeListener, Outcomes, SceneOutcome
from tasks import huey, sync_together
from tasks.attempt import attempt
from tests.support.sync_bench import SyncBench, sync_bench


class Heard(OutcomeListener):
    """Keeps what it hears, and how many attempts another connection sees in the history at that moment."""

    def __init__(self, path: Path) -> None:
        self.scenes: list[SceneOutcome] = []
        self.batches: list[BatchResult] = []
        self.history: list[list[str]] = []
        self._path = path

    def scene(self, outcome: SceneOutcome) -> None:
        self.scenes.append(outcome)
        with closing(sqlite3.connect(self._path)) as connection:
            rows = connection.execute("select outcome from outcome where scene_id = ?", (outcome.scene_id,))
            self.history.append([row[0] for row in rows])

    def batch(self, result: BatchResult, seconds: float) -> None:
        assert seconds > 0
        self.batches.append(result)

    @property
    def results(self) -> list[Result]:
        return [one.result for one in self.scenes]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, max_retries=1, not_found_retries=1) as bench:
        yield bench


@pytest.fixture
def heard(bench: SyncBench) -> Heard:
    heard = Heard(bench.database.path)
    bench.app.outcomes.listen(heard)
    return heard


def is_write(request: Request) -> bool:
    return request.method == "PUT"


def test_each_hears_how_many_requests_to_plex_it_took(
    bench: SyncBench, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.plex.forget()
    attempt(bench.app, bench.scene, fresh=True)
    took = len(bench.plex.log)
    attempt(bench.app, bench.scene, fresh=True)
    bench.plex.faults.add(PlannedFault("status", times=3, status=503, match=is_write))
    bench.stash.edit(bench.scene, title="Another")
    before = len(bench.plex.log)
    attempt(bench.app, bench.scene, fresh=True)
    asked = len(bench.plex.log) - before
    assert [one.requests for one in heard.scenes] == [took, 0, asked]
    assert asked > 3, "repeats count"
    monkeypatch.setattr(tasks.batch, "runtime", lambda: bench.app)
    studio = bench.stash.add_studio("Old")
    scenes = [bench.scene, bench.add("another.mp4")[0]]
    bench.app.library.expire()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}", studio=studio)
        bench.sync(scene)
    bench.stash.rename("studios", studio, "New")
    before = len(bench.plex.log)
    sync_together.call_local(*scenes)
    asked = len(bench.plex.log) - before
    assert [one.requests for one in heard.scenes if one.is_batched] == [asked, asked]
    huey.flush()


def test_a_scene_that_is_synced_and_one_that_needs_nothing(bench: SyncBench, heard: Heard) -> None:
    attempt(bench.app, bench.scene, fresh=True)
    attempt(bench.app, bench.scene, fresh=True)
    assert heard.results == [Result.SYNCED, Result.UNCHANGED]
    first = heard.scenes[0]
    assert (first.scene_id, first.is_batched) == (bench.scene, False)
    assert first.reason.startswith("wrote title")
    assert 0 < first.seconds < 60
    assert heard.history == [["synced"], ["synced", "unchanged"]], "the ledger holds it before it is told"


def test_a_failure_that_is_tried_again_and_then_given_up(bench: SyncBench, heard: Heard) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_write))
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=True)
    bench.plex.faults.clear()
    bench.plex.faults.add(PlannedFault("status", times=None, status=400))
    with pytest.raises(PermanentError):
        attempt(bench.app, bench.scene, fresh=False)
    assert heard.results == [Result.RETRY, Result.FAILED]
    assert heard.history[-1] == ["retry", "failed"]
    assert "500" in heard.scenes[0].reason
    assert "400" in heard.scenes[1].reason


def test_what_it_waits_for(bench: SyncBench, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise CircuitOpen(f"Plex is left alone {bench.plex.token}", 30.0)

    monkeypatch.setattr(bench.app.sync, "sync", away)
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=True)
    assert heard.results == [Result.WAITING]
    assert heard.scenes[0].reason == "Plex is left alone [redacted]"
    assert heard.history == [[]], "it is no attempt"


def test_a_scene_without_an_item_and_one_that_stash_has_no_longer(bench: SyncBench, heard: Heard) -> None:
    bench.plex.remove_item(bench.key)
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=True)
    attempt(bench.app, 4711, fresh=True)
    assert heard.results == [Result.NOT_FOUND, Result.GONE]


def test_a_scene_that_is_left_alone(bench: SyncBench, heard: Heard) -> None:
    bench.restart(only_organized=True)
    bench.app.outcomes.listen(heard)
    attempt(bench.app, bench.scene, fresh=True)
    assert heard.results == [Result.SKIPPED]


def test_scenes_that_are_synced_together_are_told_of_one_by_one_and_as_one(
    bench: SyncBench, heard: Heard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks.batch, "runtime", lambda: bench.app)
    studio = bench.stash.add_studio("Old")
    scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(1, 4))]
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}", studio=studio)
        bench.sync(scene)
    bench.stash.rename("studios", studio, "New")
    with caplog.at_level(logging.INFO):
        text = sync_together.call_local(*scenes, 4711)
    assert sorted((one.scene_id, one.result, one.is_batched) for one in heard.scenes) == [
        (scene, Result.SYNCED, True) for scene in scenes
    ]
    assert all(history[-1] == "synced" for history in heard.history)
    (batch,) = heard.batches
    assert (batch.written, batch.alone, batch.text) == (tuple(scenes), (4711,), text)
    assert len([one for one in caplog.records if one.getMessage().startswith(text)]) == 1, "no line for each"
    sync_together.call_local(*scenes)
    assert heard.results[len(scenes) :] == [Result.UNCHANGED] * len(scenes)
    huey.flush()


class Deaf(OutcomeListener):
    """Fails each time."""

    def scene(self, outcome: SceneOutcome) -> None:
        raise ValueError("cannot hear")


def test_a_listener_that_fails_harms_nobody_and_is_told_of_once_in_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[int] = []

    class Good(OutcomeListener):
        def scene(self, outcome: SceneOutcome) -> None:
            heard.append(outcome.scene_id)

    outcomes = Outcomes([Deaf(), Good()])
    for number in range(100):
        outcomes.tell_scene(SceneOutcome(number, Result.UNCHANGED, "", 0.1))
    assert heard == list(range(100))
    told = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert len(told) == 1, f"at most every {EVERY:.0f} s"
    assert "Deaf could not take an outcome" in told[0].getMessage()
    assert told[0].exc_info


def test_a_listener_that_fails_does_not_keep_a_scene_from_being_synced(bench: SyncBench, heard: Heard) -> None:
    bench.app.outcomes.listen(Deaf())
    assert "wrote title" in str(attempt(bench.app, bench.scene, fresh=True))
    assert heard.results == [Result.SYNCED]
