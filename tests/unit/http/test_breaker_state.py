"""A breaker's state in the file: shared by threads and processes, alive across restarts, with outages and refusals."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plexsync.errors import CircuitOpen
from plexsync.http.breaker import BreakerStorage, Outage, OutageFigures, Outages, anything_rests
from plexsync.http.breaker.guard import QUIET, TRIAL_WAIT
from plexsync.http.breaker.outages import KEPT
from plexsync.http.breaker.schema import STEPS
from plexsync.http.breaker.storage import TRIAL_LEASE
from plexsync.storage.database import Database
from tests.support.breakers import call, fail, let_the_time_pass, plex_guard
from tests.support.sql_seen import statements_of


def test_another_process_sees_the_state(database: Database) -> None:
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    fail(guard)
    with sqlite3.connect(database.path) as connection:
        row = connection.execute("select name, state from breaker").fetchone()
    connection.close()
    assert row == ("plex", "open")


def test_the_state_outlives_the_process(database: Database) -> None:
    fail(plex_guard(2, 60, BreakerStorage(database, "Plex")), 2)
    database.close()
    again = plex_guard(2, 60, BreakerStorage(database, "Plex"))
    with pytest.raises(CircuitOpen):
        call(again)


def test_a_trial_cut_short_by_the_end_of_the_process_is_made_again_after_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 61)
    unfinished = guard.request()
    unfinished.__enter__()
    again = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    assert (again.state, again.remaining()) == ("half-open", TRIAL_WAIT)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + TRIAL_LEASE + 1)
    with again.request():
        # Its own time is over: what it found no longer counts.
        unfinished.__exit__(None, None, None)
        assert again.state == "half-open"
    assert again.state == "closed"


def test_a_consumer_that_starts_need_not_wait_for_the_trial_of_the_one_before(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    guard.forget_trial()
    fail(guard)
    let_the_time_pass(storage, 61)
    killed = guard.request()
    killed.__enter__()
    again = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    again.forget_trial()
    call(again)
    assert again.state == "closed"
    killed.__exit__(None, None, None)


def test_a_clock_that_was_set_back_does_not_make_a_trial_last(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = BreakerStorage(database, "Plex")
    guard = plex_guard(1, 60, storage)
    fail(guard)
    let_the_time_pass(storage, 61)
    guard.request().__enter__()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 7200)
    call(guard)
    assert guard.state == "closed"


def test_failures_are_counted_on_after_a_restart(database: Database) -> None:
    fail(plex_guard(3, 60, BreakerStorage(database, "Plex")), 2)
    again = plex_guard(3, 60, BreakerStorage(database, "Plex"))
    assert again.failures == 2
    fail(again)
    assert again.state == "open"


def test_a_file_that_is_made_anew_knows_of_no_outage(database: Database) -> None:
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    fail(guard)
    with database.write() as connection:
        connection.execute("delete from breaker")
    call(guard)
    fail(guard)
    assert guard.state == "open"


def test_the_breaker_of_an_older_version_is_taken_over(tmp_path: Path) -> None:
    database = Database(tmp_path / "old.db")
    database.migrate("breaker", STEPS[:1])
    with database.write() as connection:
        connection.execute("insert into breaker values ('plex', 'open', 5, 0, ?)", (time.time() - 10,))
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    assert 49 < guard.remaining() <= 50
    guard.hasten()
    call(guard)
    assert guard.state == "closed"
    database.close()


_ONE_OF_MANY = """
import sys, time
from pathlib import Path
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.storage.database import Database
from plexsync.errors import CircuitOpen, PlexUnavailable
guard = Guard("Plex", PlexUnavailable, 1, 60, BreakerStorage(Database(Path(sys.argv[1])), "Plex"))
print("ready", flush=True)
sys.stdin.read()
try:
    with guard.request():
        time.sleep(1.0)
        print("asked")
except CircuitOpen:
    print("refused")
"""


def test_of_many_processes_exactly_one_is_on_trial(database: Database) -> None:
    storage = BreakerStorage(database, "Plex")
    fail(plex_guard(1, 60, storage))
    let_the_time_pass(storage, 61)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _ONE_OF_MANY, str(database.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.close()
    told = []
    for process in processes:
        assert process.stdout
        told.append(process.stdout.read().strip())
        process.stdout.close()
        process.wait(10)
    assert sorted(told) == ["asked"] + ["refused"] * 5
    assert storage.state == "closed"


def test_a_change_is_told_by_the_one_who_made_it_and_nobody_else(
    caplog: pytest.LogCaptureFixture, database: Database
) -> None:
    caplog.set_level(logging.INFO)
    guards = [plex_guard(1, 60, BreakerStorage(database, "Plex")) for _ in range(3)]
    fail(guards[0])
    guards[1].hasten()
    call(guards[1])
    for guard in guards:
        call(guard)
    fail(guards[2])
    starts = [record.getMessage().split(",")[0].split(" after")[0] for record in caplog.records]
    assert starts == ["Plex is down", "Plex is asked whether it is back", "Plex is back", "Plex is down"]


# --- Outages, and refused access -------------------------------------------------------------------------------------


def test_an_outage_is_kept_from_the_opening_to_the_closing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    storage, outages = BreakerStorage(database, "Plex"), Outages(database)
    guard = plex_guard(1, 60, storage)
    for length in (100, 200):
        fail(guard)
        began = now
        assert outages.current("Plex") == outages.newest(1)[0]
        guard.hasten()
        fail(guard)
        now += length
        guard.hasten()
        call(guard)
        assert outages.newest(1) == [Outage("Plex", began, began + length, "down")]
        assert outages.current("Plex") is None
    assert outages.figures(3600) == OutageFigures(2, 150.0)
    now += 7200
    assert outages.figures(3600) == OutageFigures(0, 150.0)


def test_outages_are_bounded(database: Database) -> None:
    outages = Outages(database)
    for number in range(KEPT + 20):
        outages.begin("Plex", f"cause {number} " + "x" * 2000)
        outages.end("Plex")
    assert len(outages.newest()) == KEPT
    assert outages.newest(1)[0].cause.startswith(f"cause {KEPT + 19} ")
    assert len(outages.newest(1)[0].cause) <= 500


def test_refused_access_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture, database: Database) -> None:
    caplog.set_level(logging.INFO)
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    for _ in range(3):
        for _ in range(3):
            guard.stop("the token is wrong")
        assert anything_rests(database)
        assert BreakerStorage(database, "Plex").record().stopped == "the token is wrong"
        guard.lift()
        guard.lift()
        assert not anything_rests(database)
    assert [record.getMessage() for record in caplog.records] == [
        "nothing can be synced, all scenes wait: the token is wrong",
        "Plex grants access again",
    ]
    guard.stop("it is another one now")
    assert "another one" in caplog.text
    assert guard.state == "closed"


def test_an_open_breaker_lets_everything_rest(database: Database) -> None:
    guard = plex_guard(1, 60, BreakerStorage(database, "Plex"))
    assert not anything_rests(database)
    fail(guard)
    assert anything_rests(database)
    guard.hasten()
    with guard.request():
        assert anything_rests(database)
    assert not anything_rests(database)


def test_success_upon_success_writes_nothing(database: Database) -> None:
    guard = plex_guard(2, 60, BreakerStorage(database, "Plex"))
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


def test_success_upon_success_asks_the_file_nothing(database: Database) -> None:
    guard = plex_guard(5, 60, BreakerStorage(database, "Plex"))
    fail(guard)
    call(guard)
    with statements_of(database) as statements:
        fail(guard)
        assert statements, "what it asks is seen"
        call(guard)
        statements.clear()
        for _ in range(100):
            call(guard)
    assert len(statements) <= 2, "a look a second"


def test_a_failure_counts_at_once_for_all_breakers_of_the_process(database: Database) -> None:
    first, second = (plex_guard(2, 60, BreakerStorage(database, "Plex")) for _ in range(2))
    call(first)
    call(second)
    fail(second)
    call(first)
    assert second.failures == 0, "the success of the one ends the row of the other"
    fail(second, 2)
    with pytest.raises(CircuitOpen):
        call(first)


def test_what_another_process_has_found_out_counts_within_a_second(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = plex_guard(5, 60, BreakerStorage(database, "Plex"))
    call(guard)
    with sqlite3.connect(database.path) as other:
        other.execute("insert or ignore into breaker (name, state) values ('plex', 'closed')")
        other.execute("update breaker set state = 'open', opened_at = ?, pause = 60", (time.time(),))
    other.close()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + QUIET)
    assert QUIET <= 1
    with pytest.raises(CircuitOpen):
        call(guard)


def test_two_breakers_in_one_file_do_not_mix(database: Database) -> None:
    fail(plex_guard(1, 60, BreakerStorage(database, "Plex")))
    assert plex_guard(1, 60, BreakerStorage(database, "Stash")).state == "closed"


def per_call(work: Callable[[], None], times: int = 200) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def test_guarding_a_call_costs_little(database: Database) -> None:
    guard = plex_guard(5, 60, BreakerStorage(database, "Plex"))
    cost = min(per_call(lambda: call(guard)) for _ in range(3))
    print(f"a guarded call costs {cost * 1e6:.0f} us")
    assert cost < 0.005


@pytest.mark.parametrize(
    ("counter", "increment", "reset"),
    [
        ("counter", "increment_counter", "reset_counter"),
        ("success_counter", "increment_success_counter", "reset_success_counter"),
    ],
)
def test_a_counter_is_forgotten_and_then_costs_nothing(
    database: Database, counter: str, increment: str, reset: str
) -> None:
    storage = BreakerStorage(database, "Plex")
    for _ in range(2):
        getattr(storage, increment)()
    assert getattr(storage, counter) == 2
    getattr(storage, reset)()
    assert getattr(storage, counter) == 0
    with database.writer() as connection:
        before = connection.total_changes
        getattr(storage, reset)()
        assert connection.total_changes == before
