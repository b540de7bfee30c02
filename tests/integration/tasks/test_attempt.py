"""What each kind of failure leads to."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from huey.exceptions import RetryTask

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import LibraryUnread, PermanentError, PlexUnavailable
from plexsync.http.breaker import Outages, anything_rests
from plexsync.ledger import State
from plexsync.ledger.records import SceneRecord
from tasks.attempt import OUTAGES_BELIEVED, attempt
from tasks.policy import Paused
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, max_retries=3, not_found_retries=2) as bench:
        yield bench


def record(bench: SyncBench) -> SceneRecord:
    found = bench.app.ledger.scenes.get(bench.scene)
    assert found is not None
    return found


def is_write(request: Request) -> bool:
    return request.method == "PUT"


def fail(bench: SyncBench, *, fresh: bool = False) -> float:
    """An attempt that has to end in another one; returns the wait in seconds."""
    with pytest.raises(RetryTask) as caught:
        attempt(bench.app, bench.scene, fresh=fresh)
    return float(caught.value.delay)


def test_a_success_says_what_was_written(bench: SyncBench) -> None:
    assert "wrote title" in attempt(bench.app, bench.scene, fresh=True).text


def test_passing_errors_are_tried_again_until_the_tries_are_used_up(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_write))
    waits = [fail(bench, fresh=True), fail(bench), fail(bench)]
    assert [round(wait / 5 / 2**number, 1) for number, wait in enumerate(waits)] == pytest.approx([1, 1, 1], abs=0.26)
    assert (record(bench).state, record(bench).attempts) == (State.PENDING, 3)
    with pytest.raises(PlexUnavailable):
        attempt(bench.app, bench.scene, fresh=False)
    letter = bench.app.ledger.dead_letters.of_scene(bench.scene)
    assert letter is not None
    assert (letter.error_class, letter.attempts) == ("PlexUnavailable", 4)
    assert "Traceback" in letter.traceback
    assert record(bench).state is State.FAILED


def test_a_fresh_event_gets_all_the_tries_again(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=500))
    for _ in range(3):
        fail(bench)
    fail(bench, fresh=True)
    assert record(bench).attempts == 1


def test_a_server_that_asks_for_time_gets_it(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=503, retry_after=77))
    assert fail(bench) == 77


def test_a_missing_item_waits_on_the_patient_schedule_and_then_rests(bench: SyncBench) -> None:
    bench.plex.remove_item(bench.key)
    assert 22 <= fail(bench, fresh=True) <= 38
    assert 45 <= fail(bench) <= 75
    assert "no item in Plex" in attempt(bench.app, bench.scene, fresh=False).text
    assert record(bench).state is State.NOT_FOUND
    assert bench.app.ledger.dead_letters.count() == 0


def rest(bench: SyncBench) -> float:
    """An attempt that is none: the scene waits for a service; returns the wait in seconds."""
    with pytest.raises(Paused) as caught:
        attempt(bench.app, bench.scene, fresh=False)
    return float(caught.value.delay)


@pytest.mark.parametrize("service", ["Plex", "Stash"])
def test_an_open_breaker_and_the_failure_that_opened_it_use_up_no_attempt(bench: SyncBench, service: str) -> None:
    bench.restart(breaker_fail_max=2, breaker_reset_timeout=30.0)
    server = bench.plex if service == "Plex" else bench.stash
    server.stop()
    fail(bench, fresh=True)
    assert record(bench).attempts == 1
    for _ in range(10):
        assert 29 < rest(bench) < 32
    assert (record(bench).state, record(bench).attempts) == (State.PENDING, 0)
    assert bench.app.guard_of(service).state == "open"
    assert service in str(record(bench).last_error)
    server.start()
    bench.app.guard_of(service).hasten()
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


@pytest.mark.parametrize("service", ["Plex", "Stash"])
def test_one_scene_alone_outlasts_any_outage(bench: SyncBench, service: str) -> None:
    bench.restart(max_retries=2, breaker_fail_max=50, breaker_reset_timeout=30.0)
    server = bench.plex if service == "Plex" else bench.stash
    server.stop()
    fail(bench, fresh=True)
    fail(bench)
    bench.restart()
    rest(bench)
    assert bench.app.guard_of(service).state == "open"
    assert bench.app.ledger.dead_letters.count() == 0
    server.start()
    bench.app.guard_of(service).hasten()
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


def test_a_scene_that_alone_makes_plex_look_down_is_given_up_in_the_end(bench: SyncBench) -> None:
    bench.restart(max_retries=1, breaker_fail_max=1, breaker_reset_timeout=30.0)
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_write))
    for _ in range(OUTAGES_BELIEVED):
        rest(bench)
        bench.app.guard.hasten()
        bench.app.plex.identity()
    fail(bench)
    bench.app.guard.hasten()
    with pytest.raises(PlexUnavailable):
        attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.FAILED


@pytest.mark.parametrize("status", ["503", "400"])
def test_a_plex_that_starts_is_waited_for_however_long_it_takes(bench: SyncBench, status: str) -> None:
    bench.restart(max_retries=1, breaker_fail_max=50, breaker_reset_timeout=30.0)
    bench.plex.behaviour.starting = status  # type: ignore[assignment]  # one of its values
    if status == "503":
        # Nothing tells it from a proxy whose server is away: two failures in a row, and then it is known to be down.
        fail(bench)
    for _ in range(OUTAGES_BELIEVED if status == "503" else OUTAGES_BELIEVED + 5):
        rest(bench)
        assert bench.app.guard.state == "open"
        bench.app.guard.hasten()
    assert (record(bench).state, record(bench).attempts) == (State.PENDING, 0)
    assert bench.app.ledger.dead_letters.count() == 0
    bench.plex.behaviour.starting = "no"
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


def test_an_expired_token_makes_no_dead_letter(bench: SyncBench) -> None:
    token = bench.plex.expire_token()
    rest(bench)
    assert "--login" in str(bench.app.guard.stopped)
    assert token not in str(bench.app.guard.stopped)
    assert bench.app.ledger.dead_letters.count() == 0
    bench.plex.set_token(token)
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


def test_failures_of_other_servers_are_counted_apart(bench: SyncBench) -> None:
    bench.restart(breaker_fail_max=1, breaker_reset_timeout=30.0)
    bench.stash.stop()
    rest(bench)
    assert (bench.app.guard.state, bench.app.stash_guard.state) == ("closed", "open")
    assert [one.service for one in Outages(bench.database).newest()] == ["Stash"]
    bench.stash.start()


def test_a_scene_that_stash_has_no_longer_is_no_failure_of_stash(bench: SyncBench) -> None:
    bench.restart(breaker_fail_max=1)
    assert "no longer" in attempt(bench.app, 999_999, fresh=True).text
    assert bench.app.stash_guard.state == "closed"


def test_a_wrong_token_makes_no_dead_letter_and_is_told_once(
    bench: SyncBench, caplog: pytest.LogCaptureFixture
) -> None:
    right = bench.plex.wrong_token()
    with caplog.at_level(logging.ERROR):
        waits = [rest(bench) for _ in range(5)]
    assert all(45 <= wait <= 75 for wait in waits)
    assert len(caplog.records) == 1
    assert bench.app.guard.stopped is not None
    assert anything_rests(bench.database)
    assert record(bench).attempts == 0
    assert "PLEXSYNC_PLEX_TOKEN" in caplog.text
    assert right not in caplog.text
    assert bench.app.ledger.dead_letters.count() == 0
    bench.plex.set_token(right)
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


def test_a_lasting_error_is_a_dead_letter_at_once(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=400))
    with pytest.raises(PermanentError):
        attempt(bench.app, bench.scene, fresh=True)
    assert bench.app.ledger.dead_letters.count() == 1


def test_a_bug_of_ours_is_a_dead_letter_too(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise KeyError(f"oops {bench.plex.token}")

    monkeypatch.setattr(bench.app.sync, "sync", bug)
    with pytest.raises(KeyError):
        attempt(bench.app, bench.scene, fresh=True)
    letter = bench.app.ledger.dead_letters.of_scene(bench.scene)
    assert letter is not None
    assert letter.error_class == "KeyError"
    assert "oops" in letter.message
    assert bench.plex.token not in letter.message + letter.traceback


def test_a_success_ends_the_dead_letter(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=1, status=400))
    with pytest.raises(PermanentError):
        attempt(bench.app, bench.scene, fresh=True)
    attempt(bench.app, bench.scene, fresh=True)
    assert (bench.app.ledger.dead_letters.count(), record(bench).state) == (0, State.SYNCED)


def test_trouble_with_our_own_file_is_tried_again(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(bench.app.ledger.scenes, "note_intent", full)
    assert fail(bench, fresh=True) > 0
    assert bench.app.ledger.dead_letters.count() == 0


def test_a_scene_for_which_there_was_no_memory_is_tried_again(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_memory(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(bench.app.sync, "sync", fail_for_memory)
        fail(bench, fresh=True)
        assert (record(bench).state, record(bench).attempts) == (State.PENDING, 1)
        assert bench.app.ledger.dead_letters.count() == 0
    attempt(bench.app, bench.scene, fresh=False)
    assert record(bench).state is State.SYNCED


def test_a_scene_waits_while_all_of_plex_is_read_and_uses_up_nothing(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_being_read(_since: float | None = None) -> None:
        raise LibraryUnread("all that Plex has is being read", 20.0)

    with monkeypatch.context() as patch:
        patch.setattr(bench.app.library, "refresh", is_being_read)
        for _ in range(10):
            assert fail(bench, fresh=True) >= 20
    seen = record(bench)
    assert (seen.state, seen.attempts) == (State.PENDING, 0)
    assert "is being read" in (seen.last_error or "")
    assert bench.app.ledger.wanted_files.count() == 1, "its file is told of when it is met"
