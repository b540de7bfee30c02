"""What people ask for comes to the same when it is done twice, and what runs long can be stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

import tasks.app
from plexsync.app import App
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, Result, State
from plexsync.matching.lookup import Match
from plexsync.queue.priorities import Priority
from plexsync.reconcile import Phase, Runs
from plexsync.status import jobs
from plexsync.status.answerer import once
from plexsync.status.arguments import BadRequest, checked
from plexsync.status.desk import Desk
from plexsync.status.everything_run import EverythingRun, keep, noted
from plexsync.status.tables import ACTIONS
from plexsync.sync.everything import QueuedPage
from tasks import huey, sync_scene
from tasks.everything import sync_all


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk on the database of this process, with an empty queue and ledger."""
    ledger = Ledger(tasks.app.database)

    def clear() -> None:
        huey.flush()
        with ledger.database.write() as db:
            for table in ("scene", "dead_letter", "candidate", "veto", "pin", "fact", "outcome", "claim"):
                db.execute(f"delete from {table}")

    clear()
    desk = Desk(tasks.app.database.path.parent, {})
    desk.runs(lambda: cast(App, None))
    yield desk
    desk.close()
    clear()


def do(desk: Desk, action: str, **args: Any) -> dict[str, Any]:
    entry = ACTIONS[action]
    return entry.carry_out(desk, checked(entry.arguments, args))


def letters(*scene_ids: int) -> list[int]:
    ledger = Ledger(tasks.app.database)
    for scene_id in scene_ids:
        ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED, error="why")
        ledger.dead_letters.put(scene_id, "PlexUnavailable", "no answer", "", 6)
    return [one.id for page in ledger.dead_letters.pages() for one in page]


def queued() -> set[int]:
    return {arguments[0] for arguments in huey.active_arguments(event_files.SYNC_SCENE)}


@pytest.mark.parametrize(
    ("action", "args", "named"),
    [
        ("retry", {}, "ids"),
        ("retry", {"ids": [1], "all": True}, "ids"),
        ("retry", {"ids": []}, "ids"),
        ("retry", {"ids": list(range(1, 502))}, "ids"),
        ("retry", {"ids": ["1"]}, "ids"),
        ("discard", {"all": 1}, "all"),
        ("accept", {"scene_id": 5}, "rating_key"),
        ("accept", {"scene_id": 0, "rating_key": 1}, "scene_id"),
        ("accept", {"scene_id": True, "rating_key": 1}, "scene_id"),
        ("sync", {"scene_ids": None}, "scene_ids"),
        ("sync_recent", {"hours": 10**6}, "hours"),
        ("cancel", {"id": "queue"}, "id"),
        ("cancel", {"id": "half \ud83d"}, "id"),
        ("reconcile", {"fully": True}, "fully"),
    ],
)
def test_what_asks_for_nothing_that_can_be_done_names_the_field(
    desk: Desk, action: str, args: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadRequest, match=named) as caught:
        do(desk, action, **args)
    assert caught.value.remedy


def test_retrying_twice_queues_once(desk: Desk) -> None:
    ids = letters(1, 2, 3)
    assert do(desk, "retry", ids=ids[:2])["count"] == 2
    assert do(desk, "retry", ids=ids[:2])["count"] == 2
    assert queued() == {1, 2}
    assert huey.pending_count() == 2
    assert do(desk, "retry", all=True)["count"] == 3
    assert queued() == {1, 2, 3}


def test_discarding_twice_is_no_error(desk: Desk) -> None:
    ids = letters(1, 2)
    assert do(desk, "discard", ids=ids)["count"] == 2
    assert do(desk, "discard", ids=ids)["count"] == 0


def test_one_scene_comes_first_and_many_in_their_turn(desk: Desk) -> None:
    do(desk, "sync", scene_ids=[5, 6])
    do(desk, "sync", scene_ids=[7])
    assert [arguments[0] for arguments in huey.next_arguments(event_files.SYNC_SCENE, 3)] == [7, 5, 6]


def test_rejecting_is_not_done_again_after_a_crash(desk: Desk) -> None:
    ledger = Ledger(tasks.app.database)
    ledger.scenes.set_state(5, State.REVIEW, Result.REVIEW, error="unsure")
    ledger.reviews.put(5, [Match(812, 1, 70, ("why",), "title", "/a.mp4", "/b.mp4")])
    first = once("request-1.json", lambda: do(desk, "reject", scene_id=5))
    assert first["count"] == 1
    # Done again it would rule out the item that the scene has found since.
    with ledger.database.write() as db:
        db.execute("update scene set state = 'synced', rating_key = 900, part_file = '/c.mp4' where scene_id = 5")
    assert "already" in once("request-1.json", lambda: do(desk, "reject", scene_id=5))["text"]
    assert ledger.reviews.settled(5).vetoed == {812}


def test_an_action_that_fails_is_not_noted_as_done(desk: Desk) -> None:
    def fails() -> dict[str, Any]:
        raise BadRequest("no", "yes")

    with pytest.raises(BadRequest):
        once("request-2.json", fails)
    assert once("request-2.json", lambda: {"text": "now"}) == {"text": "now"}


def test_syncing_everything_can_be_stopped_and_takes_nothing_else_with_it(desk: Desk) -> None:
    facts = Ledger(tasks.app.database).facts
    huey.enqueue_by_name(event_files.SYNC_SCENE, [(1,)])
    run = keep(facts, EverythingRun(), QueuedPage(count=1000, last=1000, remaining=500, is_last=False))
    huey.enqueue_by_name(event_files.SYNC_SCENE, [(n,) for n in range(2, 1001)], Priority.EVERYTHING)
    huey.enqueue(sync_all.s(2, 1000, priority=Priority.EVERYTHING))
    shown = desk.jobs.now(desk.ledger, 0)
    assert [(job["id"], job["of"], job["can_cancel"]) for job in shown] == [("everything", 1500, True)]
    assert run.remaining == 500
    result = do(desk, "cancel", id="everything")
    assert result["count"] == 999
    assert queued() == {1}
    assert huey.whereabouts(sync_all.s(2, 1000)) is None
    assert desk.jobs.now(desk.ledger, 0) == []
    assert [one["ok"] for one in jobs.done(desk.ledger)] == [False]
    # Whoever was about to queue the next page does not go on, and another run begins anew.
    assert (stopped := noted(facts)) is not None
    assert stopped.stopped


def test_a_comparison_that_is_stopped_does_not_go_on(desk: Desk) -> None:
    from tasks.reconcile import reconcile_on

    runs = Runs(Ledger(tasks.app.database).facts)
    run = runs.begin(7, full=False)
    assert [job["id"] for job in desk.jobs.now(desk.ledger, 0)] == ["reconcile"]
    do(desk, "cancel", id="reconcile")
    # The turn that was under way meanwhile notes how far it is once more.
    runs.note(run)
    assert runs.is_cancelled(7)
    assert not runs.is_cancelled(8)
    assert reconcile_on is not None
    desk.jobs.now(desk.ledger, 0)


def test_an_end_is_told_however_short_it_was(desk: Desk) -> None:
    import dataclasses

    facts = Ledger(tasks.app.database).facts
    runs = Runs(facts)
    assert desk.jobs.now(desk.ledger, 0) == []
    run = runs.begin(7, full=False)
    runs.note(dataclasses.replace(run, phase=Phase.DONE, finished_at=time.time(), scenes=3))
    desk.jobs.now(desk.ledger, 0)
    ends = jobs.done(desk.ledger)
    assert [one["id"] for one in ends] == ["reconcile"]
    assert "3 scenes" in ends[0]["text"]
    desk.jobs.now(desk.ledger, 0)
    assert len(jobs.done(desk.ledger)) == 1


def test_what_is_worked_off_shows_how_far_it_is(desk: Desk) -> None:
    assert desk.jobs.now(desk.ledger, 5) == []
    shown = desk.jobs.now(desk.ledger, 100)[0]
    assert (shown["id"], shown["done"], shown["of"]) == ("queue", 0, 100)
    shown = desk.jobs.now(desk.ledger, 40)[0]
    assert (shown["done"], shown["of"]) == (60, 100)
    assert shown["left_s"] is not None
    assert desk.jobs.now(desk.ledger, 0) == []


def test_a_fact_that_is_broken_hides_nothing(desk: Desk) -> None:
    facts = Ledger(tasks.app.database).facts
    for name in (jobs.FACT, jobs.KNOWN_FACT, "sync_all", "status_preview"):
        facts.put(name, "{broken")
    assert desk.jobs.now(desk.ledger, 0) == []
    assert jobs.done(desk.ledger) == []
    assert json.loads("[]") == []


def test_whereabouts_are_told_in_lists(desk: Desk) -> None:
    letters(1, 2)
    huey.enqueue(sync_scene.s(1))
    from plexsync.status.tables import QUESTIONS

    question = QUESTIONS["failed"]
    rows = question.answer(desk, checked(question.arguments, {}))["rows"]
    assert {row["scene_id"]: row["queued"] for row in rows} == {1: "pending", 2: None}
