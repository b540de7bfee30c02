"""The breaker around calls to Plex, or to Stash, that run side by side."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from plexsync.errors import AccessDenied, CircuitOpen, ItemGone, PermanentError, PlexUnavailable
from plexsync.http.breaker import BreakerStorage, Guard, Outages
from plexsync.http.breaker.guard import TRIAL_WAIT
from plexsync.plex.refusals import RateLimited
from plexsync.storage.database import Database
from tests.support.breakers import call, fail, let_the_time_pass, plex_guard


def test_failures_in_a_row_open_the_breaker_and_calls_are_refused(database: Database) -> None:
    guard = plex_guard(3, 60, BreakerStorage(database, "Plex"))
    fail(guard, 2)
    assert (guard.state, guard.remaining()) == ("closed", 0)
    fail(guard)
    assert guard.state == "open"
    assert 59 < guard.remaining() <= 60
    entered = False
    with pytest.raises(CircuitOpen, match="not called for 60 s") as caught, guard.request():
        entered = True
    assert not entered
    assert 59 < caught.value.remaining <= 60


def test_the_failure_itself_comes_out_also_when_it_opens_the_breaker(database: Database) -> None:
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    error = PlexUnavailable("down", retry_after=5)
    with pytest.raises(PlexUnavailable) as caught:
        call(guard, error)
    assert caught.value is error
    assert "pybreaker" not in str([frame.path for frame in caught.traceback])


@pytest.mark.parametrize(
    "error",
    [
        ItemGone("gone"),
        PermanentError("bad"),
        AccessDenied("token", "Plex"),
        RateLimited("slow down", 5),
        None,
    ],
)
def test_an_answer_of_a_healthy_server_clears_the_count(error: Exception | None, database: Database) -> None:
    guard = plex_guard(2, 60, BreakerStorage(database, "Plex"))
    for _ in range(3):
        fail(guard)
        try:
            call(guard, error)
        except type(error or ValueError()):
            continue
    assert guard.state == "closed"


def test_an_error_that_is_not_about_plex_counts_as_neither(database: Database) -> None:
    guard = plex_guard(2, 60, BreakerStorage(database, "Plex"))
    fail(guard)
    for error in (ValueError(), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            call(guard, error)
    fail(guard)
    assert guard.state == "open"


def test_calls_do_not_take_turns(database: Database) -> None:
    guard = plex_guard(3, 60, BreakerStorage(database, "Plex"))

    together = threading.Barrier(4)

    def wait_for_the_others(_: int) -> None:
        with guard.request():
            together.wait(30)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(wait_for_the_others, range(4)))
    assert not together.broken


def test_exactly_one_trial_goes_through(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 60)
    entered, refused = [], []
    together = threading.Barrier(8)

    def attempt(number: int) -> None:
        together.wait()
        try:
            with guard.request():
                entered.append(number)
                time.sleep(0.2)
        except CircuitOpen as error:
            refused.append(error.remaining)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(8)))
    assert len(entered) == 1
    assert refused == [TRIAL_WAIT] * 7
    assert guard.state == "closed"
    call(guard)


def test_while_a_trial_runs_there_is_a_wait(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 60)
    assert guard.remaining() == 0
    with guard.request():
        assert guard.state == "half-open"
        assert guard.remaining() == TRIAL_WAIT
    assert guard.remaining() == 0


def test_a_failed_trial_opens_the_breaker_again_for_the_whole_time(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(3, 60, storage)
    fail(guard, 3)
    let_the_time_pass(storage, 61)
    fail(guard)
    assert guard.state == "open"
    assert guard.remaining() > 60


def test_each_failed_trial_makes_the_pause_longer_up_to_a_bound(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 10, storage)
    fail(guard)
    pauses = [guard.remaining()]
    for _ in range(6):
        let_the_time_pass(storage, 100)
        fail(guard)
        pauses.append(guard.remaining())
    for pause, longest in zip(pauses, (10, 20, 40, 80, 80, 80, 80), strict=True):
        assert 0.7 * longest < pause <= longest
    let_the_time_pass(storage, 100)
    call(guard)
    fail(guard)
    assert 9 < guard.remaining() <= 10


def test_no_pause_is_longer_than_five_minutes_unless_the_first_is(database: Database) -> None:
    for service, first, longest in (("Plex", 100.0, 300.0), ("Stash", 1000.0, 1000.0)):
        storage = BreakerStorage(database, service)
        guard = Guard(service, PlexUnavailable, 1, first, storage)
        fail(guard)
        for _ in range(4):
            let_the_time_pass(storage, 2000)
            fail(guard)
        assert 0.7 * longest < guard.remaining() <= longest


def test_a_change_elsewhere_may_make_the_next_trial_due_at_once(database: Database) -> None:
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    guard.hasten()
    fail(guard)
    assert guard.remaining() > 59
    guard.hasten()
    assert guard.remaining() == 0
    call(guard)
    assert guard.state == "closed"


def test_what_is_known_to_be_down_need_not_fail_often(database: Database) -> None:
    guard = plex_guard(5, 60, BreakerStorage(database, "Plex"))
    guard.trip(PlexUnavailable("gone"))
    guard.trip(PlexUnavailable("still gone"))
    assert guard.state == "open"
    assert [outage.cause for outage in Outages(database).newest()] == ["gone"]


def test_a_trial_that_dies_of_something_else_leaves_room_for_another(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 61)
    for error in (ValueError(), SystemExit()):
        with pytest.raises(type(error)):
            call(guard, error)
        assert (guard.state, guard.remaining()) == ("half-open", 0)
    call(guard)
    assert guard.state == "closed"


def test_a_late_outcome_from_before_the_outage_changes_nothing(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    late_success, late_failure = guard.request(), guard.request()
    late_success.__enter__()
    late_failure.__enter__()
    fail(guard)
    late_success.__exit__(None, None, None)
    assert guard.state == "open"
    let_the_time_pass(storage, 61)
    with guard.request():
        error = PlexUnavailable("down")
        assert not late_failure.__exit__(PlexUnavailable, error, None)
        assert guard.state == "half-open"
    assert guard.state == "closed"


def test_a_clock_that_was_set_back_does_not_keep_the_breaker_open(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    storage.opened_at = datetime.now(UTC) + timedelta(days=365)
    assert guard.remaining() == 0
    call(guard)
    assert guard.state == "closed"


def test_each_change_is_told_once_with_its_cause(caplog: pytest.LogCaptureFixture, database: Database) -> None:
    caplog.set_level(logging.INFO)
    storage = BreakerStorage(database, "Plex")
    changes: list[tuple[str, str, str]] = []
    guard = plex_guard(2, 60, storage, on_change=lambda old, new, cause: changes.append((old, new, str(cause or ""))))
    fail(guard, 2)
    let_the_time_pass(storage, 200)
    fail(guard)
    let_the_time_pass(storage, 200)
    call(guard)
    call(guard)
    assert changes == [
        ("closed", "open", "down"),
        ("open", "half-open", ""),
        ("half-open", "open", "down"),
        ("open", "half-open", ""),
        ("half-open", "closed", ""),
    ]
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == len(changes)
    assert told[0] == "Plex is down, asked again in 1 min: down"
    assert told[1] == "Plex is asked whether it is back"
    assert told[2].startswith("Plex is still down, asked again in ")
    assert told[4].startswith("Plex is back after ")


def test_the_one_who_is_told_may_ask_the_breaker(database: Database) -> None:
    states: list[tuple[str, bool]] = []
    guard = plex_guard(
        1,
        60,
        BreakerStorage(database, "Plex"),
        on_change=lambda *_: states.append((guard.state, guard.remaining() > 59)),
    )
    fail(guard)
    assert states == [("open", True)]
