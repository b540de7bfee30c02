"""What becomes of messages that each worker died over: none of them ends as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tasks.worn_out as worn_out
from plexsync.ledger import Result, State
from plexsync.queue import set_aside
from plexsync.queue.claims import MAX_DELIVERIES
from plexsync.sync.outcomes import OutcomeListener, SceneOutcome
from tasks import give_up_worn_out, huey, sync_related, sync_scene, sync_together
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        monkeypatch.setattr(worn_out, "runtime", lambda: bench.app)
        huey.flush()
        yield bench
        for item in huey.storage.worn_out():
            huey.storage.remove_set_aside(item.id)
        huey.storage.close()
        huey.flush()


def wear_out(task: Any) -> None:
    """Hand a message out as often as may be, to workers that die."""
    huey.enqueue(task)
    for _ in range(MAX_DELIVERIES):
        claimed = huey.dequeue()
        assert claimed.args == task.args
        # As if the worker had died: the claim is nobody's.
        huey.storage.leave(claimed.claim_id)
        huey.storage.recover()
    assert huey.dequeue() is None
    assert {item.origin for item in huey.storage.worn_out()} == {"worker"}


def test_a_scene_that_each_worker_died_over_is_a_dead_letter(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="Heavy")
    bench.sync()
    wear_out(sync_scene.s(bench.scene))

    give_up_worn_out.call_local()

    letter = bench.app.ledger.dead_letters.of_scene(bench.scene)
    assert letter is not None
    assert (letter.error_class, letter.title) == ("WorkerLost", "Heavy")
    assert "20 times" in letter.message
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert record.state is State.FAILED
    assert huey.storage.worn_out() == []
    assert huey.storage.stats().set_aside == 0


def test_one_that_a_later_event_has_brought_since_is_no_dead_letter(bench: SyncBench) -> None:
    wear_out(sync_scene.s(bench.scene))
    bench.sync()

    give_up_worn_out.call_local()

    assert bench.app.ledger.dead_letters.count() == 0
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert record.state is State.SYNCED
    assert huey.storage.worn_out() == []


def test_whoever_listens_hears_of_it(bench: SyncBench) -> None:
    heard: list[SceneOutcome] = []

    class Listener(OutcomeListener):
        def scene(self, outcome: SceneOutcome) -> None:
            heard.append(outcome)

    bench.app.outcomes.listen(Listener())
    wear_out(sync_scene.s(bench.scene))
    give_up_worn_out.call_local()
    assert [(one.scene_id, one.result) for one in heard] == [(bench.scene, Result.FAILED)]


def test_a_death_before_the_message_is_removed_repeats_it_and_no_more(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wear_out(sync_scene.s(bench.scene))
    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "remove_set_aside", _die)
        with pytest.raises(KeyboardInterrupt):
            give_up_worn_out.call_local()
    assert bench.app.ledger.dead_letters.count() == 1

    give_up_worn_out.call_local()
    assert bench.app.ledger.dead_letters.count() == 1
    assert huey.storage.worn_out() == []


def test_of_a_batch_each_scene_is_tried_by_itself(bench: SyncBench) -> None:
    other, _ = bench.add("another.mp4")
    wear_out(sync_together.s(bench.scene, other))

    give_up_worn_out.call_local()

    assert [(task.name, task.args) for task in huey.pending()] == [
        ("sync_scene", (bench.scene,)),
        ("sync_scene", (other,)),
    ]
    assert huey.storage.worn_out() == []
    assert bench.app.ledger.dead_letters.count() == 0


def test_what_is_no_scenes_stays_where_doctor_tells_of_it(bench: SyncBench) -> None:
    wear_out(sync_related.s("tag", 7))
    give_up_worn_out.call_local()
    assert huey.storage.stats().set_aside == 1
    assert len(huey.storage.worn_out()) == 1


def test_one_that_cannot_be_read_any_more_is_passed_by(bench: SyncBench) -> None:
    with huey.storage.database.write() as connection:
        set_aside.put(connection, huey.storage.name, b'{"v": 1, "id": "x", "name": "no_such_task"}', "lost", "worker")
    wear_out(sync_scene.s(bench.scene))
    give_up_worn_out.call_local()
    assert bench.app.ledger.dead_letters.count() == 1
    assert len(huey.storage.worn_out()) == 1


def _die(_item_id: int) -> None:
    raise KeyboardInterrupt
