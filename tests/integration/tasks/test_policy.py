"""What each kind of failure leads to, for each kind of task: the table that the policy has to keep."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import NoReturn

import pytest
from huey.exceptions import RetryTask

import tasks.batch
import tasks.changes
import tasks.everything
import tasks.late
import tasks.left_out
import tasks.reconcile
import tasks.related
import tasks.scenes
import tasks.upkeep
import tasks.watch
from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    ItemHeld,
    LibraryUnread,
    MatchUncertain,
    NotFoundYet,
    PermanentError,
    PlexUnavailable,
    SceneUnreadable,
    StashUnavailable,
)
from plexsync.ledger import State
from plexsync.reconcile import Runs
from plexsync.reconcile.reconciler import Reconciler
from plexsync.sync.changes import ChangesPoll
from plexsync.sync.late_checks import LateChecks
from plexsync.sync.left_out import SecondTries
from tasks import huey, policy
from tasks.policy import Paused
from tests.support.sync_bench import SyncBench, sync_bench

#: What can go wrong, by a name.
ERRORS: dict[str, Callable[[], Exception]] = {
    "breaker open": lambda: CircuitOpen("Plex is left alone", 30.0),
    "Plex refuses us": lambda: AccessDenied("the token is wrong", "Plex"),
    "Stash refuses us": lambda: AccessDenied("the key is wrong", "Stash"),
    "Plex goes away": lambda: PlexUnavailable("nobody answers"),
    "Stash goes away": lambda: StashUnavailable("nobody answers"),
    "Plex fails": lambda: PlexUnavailable("Plex answered 500"),
    "Stash fails": lambda: StashUnavailable("Stash answered 500"),
    "one scene is odd": lambda: SceneUnreadable(1, "a resolver failed"),
    "all of Plex is read": lambda: LibraryUnread("it is read", 20.0),
    "a self-test runs": lambda: ItemHeld("the item is held", 100.0),
    "no item yet": lambda: NotFoundYet("no item in Plex"),
    "lasting": lambda: PermanentError("it will never work"),
    "another of ours": lambda: MatchUncertain("who knows"),
    "database locked": lambda: sqlite3.OperationalError("database is locked"),
    "disk full": lambda: OSError(errno.ENOSPC, "No space left on device"),
    "no memory": MemoryError,
    "a bug": lambda: ZeroDivisionError("division by zero"),
}


@dataclass(frozen=True)
class End:
    """How a task ended: ``how`` is ``returns``, ``paused``, ``again`` or the error that it raised.

    ``seconds`` until it is tried again, without what varies. ``level`` of the gravest line that a task logged.
    """

    how: str
    seconds: float = 0.0
    level: str = ""
    #: Messages to ``sync_scene`` in the queue.
    queued: int = 0
    #: Failed attempts of the scene as the ledger counts them, and the class of its dead letter.
    attempts: int = 0
    letter: str = ""
    #: Of the scene, where it is another one than synced.
    state: str = ""
    #: Whether a comparison is begun, and not given up.
    comparing: bool = False
    #: The service that is asked no more.
    stopped: str = ""


class Rig:
    """One scene in both servers, and what makes a task fail."""

    def __init__(self, bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = bench
        self.patch = monkeypatch

    def scene(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(self.bench.app.sync, "sync", fail)
        return lambda: tasks.scenes.sync_scene.call_local(self.bench.scene)

    def batch(self, fail: Callable[..., NoReturn], tries: int = tasks.batch.TRIES) -> Callable[[], object]:
        self.patch.setattr(self.bench.app.together, "sync", fail)
        task = tasks.batch.sync_together.s(self.bench.scene, 4711, retries=tries)
        return lambda: tasks.batch.sync_together.call_local(self.bench.scene, 4711, task=task)

    def batch_without_tries(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        return self.batch(fail, 0)

    def related(self, fail: Callable[..., NoReturn], tries: int = tasks.related.TRIES) -> Callable[[], object]:
        self.patch.setattr(self.bench.app.related, "scenes", fail)
        task = tasks.related.sync_related.s("tag", 7, retries=tries)
        return lambda: tasks.related.sync_related.call_local("tag", 7, task=task)

    def related_without_tries(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        return self.related(fail, 0)

    def everything(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(self.bench.app.stash, "scene_ids_after", fail)
        return lambda: tasks.everything.sync_all.call_local(1)

    def comparison(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(Reconciler, "pages", fail)
        return lambda: tasks.reconcile.reconcile_on.call_local(1_700_000_000 + next(_numbers))

    def changes(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(ChangesPoll, "poll", fail)
        return tasks.changes.poll_changes.call_local

    def late(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(LateChecks, "take", fail)
        return tasks.late.look_again_late.call_local

    def left_out(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(SecondTries, "take", fail)
        return tasks.left_out.try_left_out.call_local

    def watch(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        self.patch.setattr(self.bench.app.watch, "look", fail)
        return tasks.watch.watch_plex.call_local

    def files(self, fail: Callable[..., NoReturn]) -> Callable[[], object]:
        scene = self.bench.app.stash.scenes([self.bench.scene])[self.bench.scene]
        self.bench.app.ledger.wanted_files.seek(scene.id, scene.files)
        self.patch.setattr(self.bench.app.library, "refresh", fail)
        return tasks.upkeep.look_for_files.call_local


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncBench]:
    with sync_bench(tmp_path_factory.mktemp("data")) as bench:
        yield bench


@pytest.fixture
def rig(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A scene of which nothing is known yet; one pair of servers does for all tests, as hardly any is asked."""
    # Waits vary by chance; here they are what they vary around.
    monkeypatch.setattr("tasks.retry.random.uniform", lambda low, high: (low + high) / 2)
    for module in (
        *(tasks.batch, tasks.changes, tasks.everything, tasks.late, tasks.left_out),
        *(tasks.reconcile, tasks.related, tasks.scenes, tasks.upkeep, tasks.watch),
    ):
        monkeypatch.setattr(module, "runtime", lambda: bench.app)
    tasks.changes.outage_told.worked()
    bench.app.ledger.facts.put(tasks.changes.POLLED_AT, "0")
    bench.scene, bench.key = bench.add(f"{next(_numbers)}.mp4")
    huey.flush()
    yield Rig(bench, monkeypatch)
    for guard in (bench.app.guard, bench.app.stash_guard):
        guard.lift()
        guard.hasten()
    bench.app.plex.identity()
    bench.app.stash.check()
    runs = Runs(bench.app.ledger.facts)
    if run := runs.current():
        runs.abandon(run)
    huey.storage.close()
    huey.flush()


_numbers = count()


def end_of(rig: Rig, call: Callable[[], object], caplog: pytest.LogCaptureFixture) -> End:
    """Run a task, and see what became of it."""
    caplog.set_level(logging.DEBUG, "tasks")
    how, seconds = "returns", 0.0
    try:
        call()
    except Paused as error:
        how, seconds = "paused", error.delay
    except RetryTask as error:
        how, seconds = "again", error.delay
    except Exception as error:  # noqa: BLE001 - which one is what the test asks
        how = type(error).__name__
    app = rig.bench.app
    record, letter = app.ledger.scenes.get(rig.bench.scene), app.ledger.dead_letters.of_scene(rig.bench.scene)
    # What is said of scenes that Plex does not have is said together, once in a while.
    lines = [one for one in caplog.records if one.name.startswith("tasks") and one.name != "tasks.unfound"]
    return End(
        how,
        seconds,
        level=max(lines, key=lambda one: one.levelno).levelname if lines else "",
        queued=len([task for task in huey.pending() if task.name == "sync_scene"]),
        attempts=record.attempts if record else 0,
        letter=letter.error_class if letter else "",
        state=str(record.state) if record and record.state is not State.SYNCED else "",
        comparing=Runs(app.ledger.facts).current() is not None,
        stopped=" ".join(guard.service for guard in (app.guard, app.stash_guard) if guard.stopped is not None),
    )


#: Where the failure opened the breaker: the task waits until the service is asked again.
AWAY = End("paused", seconds=pytest.approx(60.5, abs=1.0))

#: Errors of ours that stop nothing else.
FORESEEN = (
    "breaker open",
    "Plex goes away",
    "Stash goes away",
    "Plex fails",
    "Stash fails",
    "one scene is odd",
    "all of Plex is read",
    "a self-test runs",
    "no item yet",
    "lasting",
    "another of ours",
)

#: What each leads to, by the kind of task: those that are not named raise their error, so that Huey tells of it.
TABLE: dict[str, dict[tuple[str, ...], End]] = {
    "scene": {
        ("breaker open",): End("paused", seconds=31.0, state="pending"),
        ("Plex goes away", "Stash goes away"): replace(AWAY, state="pending"),
        ("Plex refuses us",): End("paused", seconds=60.0, state="pending", stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, state="pending", stopped="Stash"),
        ("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"): End(
            "again", seconds=5.0, level="WARNING", attempts=1, state="pending"
        ),
        ("all of Plex is read",): End("paused", seconds=22.0, state="pending"),
        ("a self-test runs",): End("paused", seconds=6.0, state="pending"),
        ("no item yet",): End("again", seconds=30.0, state="not_found"),
        ("lasting",): End("PermanentError", level="ERROR", attempts=1, letter="PermanentError", state="failed"),
        ("another of ours",): End("MatchUncertain", level="ERROR", attempts=1, letter="MatchUncertain", state="failed"),
        ("database locked",): End("again", seconds=5.0, level="ERROR"),
        ("a bug",): End("ZeroDivisionError", level="ERROR", attempts=1, letter="ZeroDivisionError", state="failed"),
    },
    "batch": {
        ("breaker open",): End("paused", seconds=31.0),
        ("Plex goes away", "Stash goes away"): AWAY,
        ("Plex refuses us",): End("paused", seconds=60.0, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, stopped="Stash"),
        ("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"): End(
            "again", seconds=5.0, level="WARNING"
        ),
        ("all of Plex is read", "a self-test runs", "no item yet", "lasting", "another of ours"): End(
            "returns", level="WARNING", queued=2
        ),
        ("a bug",): End("returns", level="ERROR", queued=2),
        ("database locked",): End("again", seconds=5.0, level="ERROR"),
    },
    "batch_without_tries": {
        ("breaker open",): End("paused", seconds=31.0),
        ("Plex goes away", "Stash goes away"): AWAY,
        ("Plex refuses us",): End("paused", seconds=60.0, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, stopped="Stash"),
        (
            *("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"),
            *("all of Plex is read", "a self-test runs", "no item yet", "lasting", "another of ours"),
        ): End("returns", level="WARNING", queued=2),
        ("a bug",): End("returns", level="ERROR", queued=2),
        ("database locked",): End("again", seconds=5.0, level="ERROR"),
    },
    "related": {
        ("breaker open",): End("paused", seconds=31.0),
        ("Plex goes away", "Stash goes away"): AWAY,
        ("Plex refuses us",): End("paused", seconds=60.0, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, stopped="Stash"),
        (
            *("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"),
            *("all of Plex is read", "a self-test runs", "no item yet", "another of ours"),
        ): End("again", seconds=60.0, level="WARNING"),
        ("lasting",): End("returns", level="WARNING"),
        ("a bug",): End("returns", level="ERROR"),
        ("database locked",): End("again", seconds=60.0, level="ERROR"),
    },
    "related_without_tries": {
        ("breaker open",): End("paused", seconds=31.0),
        ("Plex goes away", "Stash goes away"): AWAY,
        ("Plex refuses us",): End("paused", seconds=60.0, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, stopped="Stash"),
        ("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory", "lasting"): End(
            "returns", level="WARNING"
        ),
        ("all of Plex is read", "a self-test runs", "no item yet", "another of ours"): End(
            "again", seconds=60.0, level="WARNING"
        ),
        ("a bug",): End("returns", level="ERROR"),
        ("database locked",): End("again", seconds=60.0, level="ERROR"),
    },
    "everything": {
        ("breaker open",): End("paused", seconds=31.0),
        ("Plex goes away", "Stash goes away"): AWAY,
        ("Plex refuses us",): End("paused", seconds=60.0, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, stopped="Stash"),
        (
            *("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"),
            *("all of Plex is read", "a self-test runs", "no item yet", "another of ours"),
        ): End("again", seconds=60.0, level="WARNING"),
        ("lasting",): End("returns", level="ERROR"),
        ("database locked",): End("again", seconds=60.0, level="ERROR"),
    },
    "comparison": {
        ("breaker open",): End("paused", seconds=31.0, comparing=True),
        ("Plex goes away", "Stash goes away"): replace(AWAY, comparing=True),
        ("Plex refuses us",): End("paused", seconds=60.0, comparing=True, stopped="Plex"),
        ("Stash refuses us",): End("paused", seconds=60.0, comparing=True, stopped="Stash"),
        (
            *("Plex fails", "Stash fails", "one scene is odd", "disk full", "no memory"),
            *("all of Plex is read", "a self-test runs", "no item yet", "another of ours"),
        ): End("again", seconds=60.0, level="WARNING", comparing=True),
        ("lasting",): End("returns", level="ERROR"),
        ("database locked",): End("again", seconds=60.0, level="ERROR", comparing=True),
        ("a bug",): End("ZeroDivisionError", comparing=True),
    },
    "changes": {
        ("breaker open",): End("returns", level="DEBUG"),
        ("Plex refuses us",): End("returns", stopped="Plex"),
        ("Stash refuses us",): End("returns", stopped="Stash"),
        (
            "Plex goes away",
            "Stash goes away",
            "Plex fails",
            "Stash fails",
            "one scene is odd",
            "all of Plex is read",
            "a self-test runs",
            "no item yet",
            "lasting",
            "another of ours",
        ): End("returns", level="WARNING"),
    },
    "late": {
        FORESEEN: End("returns", level="DEBUG"),
        ("Plex refuses us",): End("returns", stopped="Plex"),
        ("Stash refuses us",): End("returns", stopped="Stash"),
    },
    "files": {
        ("Plex refuses us",): End("returns", stopped="Plex"),
        ("Stash refuses us",): End("returns", stopped="Stash"),
        FORESEEN: End("returns", level="DEBUG"),
    },
    "watch": {
        FORESEEN: End("returns", level="DEBUG"),
        ("Plex refuses us",): End("returns", stopped="Plex"),
        ("Stash refuses us",): End("returns", stopped="Stash"),
    },
    "left_out": {},
}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("kind", TABLE)
def test_what_a_failure_leads_to(rig: Rig, caplog: pytest.LogCaptureFixture, kind: str, name: str) -> None:
    def fail(*_: object, **_named: object) -> NoReturn:
        error = ERRORS[name]()
        if name.endswith(" goes away"):
            rig.bench.app.guard_of(name.split()[0]).trip(error)
        raise error

    expected = next((end for names, end in TABLE[kind].items() if name in names), None)
    assert end_of(rig, getattr(rig, kind)(fail), caplog) == (expected or End(type(ERRORS[name]()).__name__))


def test_the_table_has_a_cell_for_each_failure_and_each_kind_of_task() -> None:
    assert set(policy.TABLE) == set(policy.Happened)
    assert {len(row) for row in policy.TABLE.values()} == {len(policy.TaskKind)}
    assert [kind.value for kind in policy.TaskKind] == list(range(len(policy.TaskKind)))


def test_a_failure_that_cannot_be_noted_is_one_of_our_own_database(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object) -> NoReturn:
        raise PermanentError("it will never work")

    def full(*_: object, **_named: object) -> NoReturn:
        raise sqlite3.OperationalError("database or disk is full")

    rig.patch.setattr(rig.bench.app.ledger.dead_letters, "put", full)
    end = end_of(rig, rig.scene(fail), caplog)
    assert (end.how, end.seconds, end.level, end.letter) == ("again", 5.0, "ERROR", "")


def test_what_asks_to_be_tried_again_is_no_failure(rig: Rig) -> None:
    def again() -> str:
        raise RetryTask(delay=77)

    with pytest.raises(RetryTask) as caught:
        policy.carry_out(policy.PeriodicRun(rig.bench.app, "nothing"), again)
    assert caught.value.delay == 77
