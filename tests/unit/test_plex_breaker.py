"""The breaker around calls to Plex that run side by side."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plexsync.database import Database
from plexsync.errors import AccessDenied, CircuitOpen, ItemGone, PermanentError, PlexUnavailable
from plexsync.plex.breaker import TRIAL_WAIT, Guard
from plexsync.plex.breaker_storage import LedgerBreakerStorage
from plexsync.plex.refusals import RateLimited


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "plexsync.db")
    yield database
    database.close()


def call(guard: Guard, error: BaseException | None = None) -> None:
    with guard.request():
        if error is not None:
            raise error


def fail(guard: Guard, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(PlexUnavailable):
            call(guard, PlexUnavailable("down"))


def let_the_time_pass(storage: LedgerBreakerStorage, seconds: float) -> None:
    assert storage.opened_at is not None
    storage.opened_at -= timedelta(seconds=seconds)


def test_failures_in_a_row_open_the_breaker_and_calls_are_refused() -> None:
    guard = Guard(3, 60)
    fail(guard, 2)
    assert (guard.state, guard.remaining()) == ("closed", 0)
    fail(guard)
    assert guard.state == "open"
    assert 59 < guard.remaining() <= 60
    entered = False
    with pytest.raises(CircuitOpen, match="left alone for 60 s") as caught, guard.request():
        entered = True
    assert not entered
    assert 59 < caught.value.remaining <= 60


def test_the_failure_itself_comes_out_also_when_it_opens_the_breaker() -> None:
    guard = Guard(1, 60)
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
def test_an_answer_of_a_healthy_server_clears_the_count(error: Exception | None) -> None:
    guard = Guard(2, 60)
    for _ in range(3):
        fail(guard)
        try:
            call(guard, error)
        except type(error or ValueError()):
            continue
    assert guard.state == "closed"


def test_an_error_that_is_not_about_plex_counts_as_neither() -> None:
    guard = Guard(2, 60)
    fail(guard)
    for error in (ValueError(), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            call(guard, error)
    fail(guard)
    assert guard.state == "open"


def test_calls_do_not_take_turns() -> None:
    guard = Guard(3, 60)

    def slow(_: int) -> None:
        with guard.request():
            time.sleep(0.2)

    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(slow, range(4)))
    assert time.monotonic() - begun < 0.4


def test_exactly_one_trial_goes_through(database: Database) -> None:
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
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
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 60)
    assert guard.remaining() == 0
    with guard.request():
        assert guard.state == "half-open"
        assert guard.remaining() == TRIAL_WAIT
    assert guard.remaining() == 0


def test_a_failed_trial_opens_the_breaker_again_for_the_whole_time(database: Database) -> None:
    storage = LedgerBreakerStorage(database)
    guard = Guard(3, 60, storage)
    fail(guard, 3)
    let_the_time_pass(storage, 61)
    fail(guard)
    assert guard.state == "open"
    assert guard.remaining() > 59


def test_a_trial_that_dies_of_something_else_leaves_room_for_another(database: Database) -> None:
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 61)
    for error in (ValueError(), SystemExit()):
        with pytest.raises(type(error)):
            call(guard, error)
        assert (guard.state, guard.remaining()) == ("half-open", 0)
    call(guard)
    assert guard.state == "closed"


def test_a_late_outcome_from_before_the_outage_changes_nothing(database: Database) -> None:
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
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
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
    fail(guard)
    storage.opened_at = datetime.now(UTC) + timedelta(days=365)
    assert guard.remaining() == 0
    call(guard)
    assert guard.state == "closed"


def test_each_change_is_told_once_with_its_cause(caplog: pytest.LogCaptureFixture, database: Database) -> None:
    caplog.set_level(logging.INFO)
    storage = LedgerBreakerStorage(database)
    changes: list[tuple[str, str, str]] = []
    guard = Guard(2, 60, storage, on_change=lambda old, new, cause: changes.append((old, new, str(cause or ""))))
    fail(guard, 2)
    let_the_time_pass(storage, 61)
    fail(guard)
    let_the_time_pass(storage, 61)
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
    assert told[0] == "Plex is left alone for 60 s: down"


def test_the_one_who_is_told_may_ask_the_breaker() -> None:
    states: list[tuple[str, bool]] = []
    guard = Guard(1, 60, on_change=lambda *_: states.append((guard.state, guard.remaining() > 59)))
    fail(guard)
    assert states == [("open", True)]


# --- The state in the file -------------------------------------------------------------------------------------------


def test_another_process_sees_the_state(database: Database) -> None:
    guard = Guard(1, 60, LedgerBreakerStorage(database))
    fail(guard)
    with sqlite3.connect(database.path) as connection:
        row = connection.execute("select name, state from breaker").fetchone()
    connection.close()
    assert row == ("plex", "open")


def test_the_state_outlives_the_process(database: Database) -> None:
    fail(Guard(2, 60, LedgerBreakerStorage(database)), 2)
    database.close()
    again = Guard(2, 60, LedgerBreakerStorage(database))
    with pytest.raises(CircuitOpen):
        call(again)


def test_a_trial_cut_short_by_the_end_of_the_process_is_made_again(database: Database) -> None:
    storage = LedgerBreakerStorage(database)
    guard = Guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 61)
    unfinished = guard.request()
    unfinished.__enter__()
    again = Guard(1, 60, LedgerBreakerStorage(database))
    assert again.state == "half-open"
    call(again)
    assert again.state == "closed"
    unfinished.__exit__(None, None, None)


def test_success_upon_success_writes_nothing(database: Database) -> None:
    guard = Guard(2, 60, LedgerBreakerStorage(database))
    fail(guard)
    call(guard)
    with sqlite3.connect(database.path) as watcher:
        before = watcher.execute("pragma data_version").fetchone()
        for _ in range(5):
            call(guard)
        assert watcher.execute("pragma data_version").fetchone() == before
        fail(guard)
        assert watcher.execute("pragma data_version").fetchone() != before
    watcher.close()


def test_two_breakers_in_one_file_do_not_mix(database: Database) -> None:
    fail(Guard(1, 60, LedgerBreakerStorage(database)))
    assert Guard(1, 60, LedgerBreakerStorage(database, "other")).state == "closed"


def per_call(work: Callable[[], None], times: int = 200) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def test_guarding_a_call_costs_little(database: Database) -> None:
    guard = Guard(5, 60, LedgerBreakerStorage(database))
    cost = min(per_call(lambda: call(guard)) for _ in range(3))
    print(f"a guarded call costs {cost * 1e6:.0f} us")
    assert cost < 0.005
