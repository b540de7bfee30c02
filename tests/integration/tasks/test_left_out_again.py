"""What was left out is tried again on a schedule of its own, which costs nothing while nothing is due."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import tasks.left_out as left_out_task
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PictureFailed
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, LeftOut
from plexsync.ledger.left_out import DUE
from plexsync.model import Field, Picture
from plexsync.sync.left_out import SCENES_PER_TURN, SecondTries
from plexsync.sync.picture_look import DAY, DAYS, WAITS, PictureNotes, waits_by
from tasks import huey, sync_scene, try_left_out
from tests.support.clocks import ManualClock
from tests.support.sync_bench import COVER, SyncBench, sync_bench

PART = "picture"


def is_cover(request: Request) -> bool:
    return request.path.endswith("/screenshot")


def row(ledger: Ledger, scene: int) -> LeftOut:
    return ledger.left_out.of([scene])[scene][0]


def known(ledger: Ledger, *scenes: int) -> None:
    """Scenes that are synced, as far as the ledger knows."""
    with ledger.database.write() as db:
        db.executemany(
            "insert into scene (scene_id, state, changed_at) values (?, 'synced', 1)", [(one,) for one in scenes]
        )


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        monkeypatch.setattr(left_out_task, "runtime", lambda: bench.app)
        huey.flush()
        yield bench
        huey.storage.close()
        huey.flush()


def test_the_waits_are_those_of_the_setting_and_then_a_day_each_for_a_month() -> None:
    assert waits_by((60, 300, 900)) == (60, 240, 600, *[DAY] * DAYS)
    assert waits_by(()) == (DAY,) * DAYS
    assert max(WAITS) == DAY


def test_a_part_is_tried_after_longer_and_longer_waits_and_in_the_end_no_more(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    known(ledger, 7)
    tries = SecondTries(ledger.left_out, clock)
    waited: list[float] = []
    while True:
        ledger.left_out.note(7, Field.POSTER, PART, "missing, Stash answered 500", (60, 240, DAY), now=clock.now)
        at = tries.next_at()
        if at is None:
            break
        waited.append(at - clock.now)
        queued: list[int] = []
        assert not tries.is_any_due(within=at - clock.now - 1)
        assert tries.is_any_due(within=at - clock.now + 1)
        clock.now = at - 1
        assert tries.take(queued.extend) == 0
        clock.now = at
        assert tries.is_any_due(within=0.0)
        assert tries.take(queued.extend) == 1
        assert queued == [7]
    assert waited == pytest.approx([60, 240, DAY])
    last = row(ledger, 7)
    assert (last.tries, last.next_at) == (4, None)
    assert not tries.is_any_due(within=DAY)
    assert last.is_held(clock.now)
    # A person, or the scene's next change, is another thing.
    ledger.left_out.hasten([7])
    assert not row(ledger, 7).is_held(clock.now)


def test_a_scene_that_was_asked_for_is_not_again_before_something_came_of_it(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    known(ledger, 7)
    tries = SecondTries(ledger.left_out, clock)
    ledger.left_out.note(7, Field.POSTER, PART, "missing", (60,), now=clock.now)
    ledger.left_out.note(7, Field.BACKGROUND, PART, "missing", (60,), now=clock.now)
    clock.now += 61
    queued: list[int] = []
    assert [tries.take(queued.extend) for _ in range(3)] == [1, 0, 0]
    # Its message was lost: within the hour it is asked for once more.
    clock.now += 3601
    assert tries.take(queued.extend) == 1
    # It may be tried since it was due.
    assert not row(ledger, 7).is_held(clock.now)


def test_what_was_planned_by_a_clock_years_ahead_is_not_held_back_for_years(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    known(ledger, 7)
    ledger.left_out.note(7, Field.POSTER, PART, "refused", (DAY,), now=clock.now + 365 * DAY)
    queued: list[int] = []
    assert SecondTries(ledger.left_out, clock).take(queued.extend) == 1
    assert queued == [7]
    assert not row(ledger, 7).is_held(clock.now)


def test_scenes_that_wait_for_something_else_are_not_asked_for(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    known(ledger, 1, 2, 3)
    with ledger.database.write() as db:
        db.execute("update scene set state = 'not_found' where scene_id = 2")
        db.execute("delete from scene where scene_id = 3")
    for scene in (1, 2, 3):
        ledger.left_out.note(scene, Field.POSTER, PART, "missing", (60,), now=clock.now)
    clock.now += 61
    queued: list[int] = []
    assert SecondTries(ledger.left_out, clock).take(queued.extend) == 1
    assert queued == [1]
    assert ledger.left_out.next_at() == pytest.approx(clock.now + 3600)


def test_many_are_asked_for_in_portions_and_each_once(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    scenes = range(1, 2 * SCENES_PER_TURN + 10)
    known(ledger, *scenes)
    for scene in scenes:
        ledger.left_out.note(scene, Field.POSTER, PART, "missing", (60,), now=clock.now)
    clock.now += 61
    queued: list[int] = []
    assert SecondTries(ledger.left_out, clock).take(queued.extend) == len(scenes)
    assert sorted(queued) == list(scenes)


def test_a_time_that_was_planned_while_the_clock_was_wrong_is_due(ledger: Ledger) -> None:
    clock = ManualClock(time.time())
    known(ledger, 7)
    ledger.left_out.note(7, Field.POSTER, PART, "missing", (60,), now=clock.now + 10 * 365 * DAY)
    queued: list[int] = []
    assert SecondTries(ledger.left_out, clock).take(queued.extend) == 1


def test_another_picture_is_counted_anew_and_the_same_is_not(ledger: Ledger) -> None:
    first, other = (Picture(b"", "image/jpeg", sha1) for sha1 in "ab")
    for picture, tries in ((first, 1), (first, 2), (other, 1), (None, 2)):
        assert ledger.left_out.note(7, Field.POSTER, PART, "left out", (60, 60), picture=picture) == tries


def test_a_server_that_names_a_time_gets_it(ledger: Ledger) -> None:
    error = PictureFailed("Stash answered 503", retry_after=500.0)
    PictureNotes(ledger, (60.0,)).leave_out(7, Field.POSTER, "missing, Stash answered 503", error)
    noted = row(ledger, 7)
    assert noted.next_at == noted.tried_at + 500.0


# --- the task ---------------------------------------------------------------------------------------------------------


def due(bench: SyncBench) -> None:
    with bench.database.write() as db:
        db.execute("update left_out set next_at = 5, ask_at = 5")


def test_a_turn_asks_for_what_is_due_and_that_is_no_event(bench: SyncBench) -> None:
    fault = bench.stash.faults.add(PlannedFault("status", times=None, match=is_cover))
    bench.sync()
    assert try_left_out.call_local() is None
    huey.flush()
    due(bench)
    assert try_left_out.call_local() == "1 scenes of which something was left out are tried again"
    (message,) = huey.scheduled()
    assert (message.name, message.args) == (event_files.SYNC_SCENE, (bench.scene,))
    assert message.eta is not None
    bench.stash.faults.remove(fault)
    assert bench.sync() == "synced"
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


def test_while_a_service_is_away_or_refuses_us_nothing_is_asked_for(bench: SyncBench) -> None:
    bench.stash.faults.add(PlannedFault("status", times=None, match=is_cover))
    bench.sync()
    due(bench)
    for guard in (bench.app.guard, bench.app.stash_guard):
        guard.stop("the token is wrong")
        assert try_left_out.call_local() is None
        guard.lift()
    assert huey.scheduled() == []
    assert try_left_out.call_local() is not None


def test_what_is_due_before_the_next_turn_is_scheduled_to_the_moment_once(bench: SyncBench) -> None:
    bench.restart(late_polls=(20, 300))
    bench.stash.faults.add(PlannedFault("status", times=None, match=is_cover))
    outcome = bench.app.sync.sync(bench.scene)
    assert outcome.left_out
    left_out_task.come_back()
    left_out_task.come_back()
    with huey.storage.database.read() as db:
        rows = db.execute("select timestamp - ? from schedule where key like '%try_left_out%'", (time.time(),))
        assert [one[0] for one in rows] == [pytest.approx(20, abs=2)]


def test_where_nothing_is_left_out_a_turn_is_a_look_at_an_index(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.forget()
    bench.plex.forget()
    assert try_left_out.call_local() is None
    assert (bench.stash.log, bench.plex.log) == ([], [])
    with bench.database.read() as db:
        plan = db.execute("explain query plan select min(ask_at) from left_out where ask_at is not null").fetchall()
        assert any("left_out_ask" in one[3] for one in plan)
        plan = db.execute(f"explain query plan {DUE}", (1, 2)).fetchall()
        assert not any("SCAN left_out" in one[3] for one in plan)
    assert huey.coalesces(huey.names.task_to_string(try_left_out.task_class))


def test_an_event_is_not_made_a_second_try(bench: SyncBench) -> None:
    bench.stash.faults.add(PlannedFault("status", times=None, match=is_cover))
    bench.sync()
    due(bench)
    sync_scene(bench.scene)
    try_left_out.call_local()
    assert huey.scheduled() == []
    assert [message.eta for message in huey.pending()] == [None]
