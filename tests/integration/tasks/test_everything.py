"""The task that asks for every scene, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from huey.exceptions import RetryTask

import plexsync.sync.everything as pages
import tasks.everything as everything
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import CircuitOpen, PermanentError, StashUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.inbox.everything_again import SYNC_ALL
from plexsync.ledger import Ledger
from plexsync.queue import storage as storage_module
from plexsync.stash import StashClient
from plexsync.status.everything_run import noted, stop
from plexsync.storage.database import Database
from tasks import huey, sync_all, sync_scene
from tasks.policy import Paused
from tasks.probe import PAUSABLE


@pytest.fixture
def stash(monkeypatch: pytest.MonkeyPatch, guard: Guard) -> Iterator[SimulatedStash]:
    with SimulatedStash() as stash:
        client = StashClient(stash.url)
        app = SimpleNamespace(stash=client, unchanged=lambda _scene_ids: (), guard_of=lambda _service: guard)
        monkeypatch.setattr(everything, "runtime", lambda: app)
        monkeypatch.setattr(pages, "PAGE", 3)
        huey.flush()
        yield stash
        huey.storage.paused = tuple
        huey.storage.close()
        huey.flush()
        client.close()


@pytest.fixture
def guard(database: Database) -> Guard:
    return Guard("Stash", StashUnavailable, 5, 60.0, BreakerStorage(database, "Stash"))


def fill(stash: SimulatedStash, count: int) -> list[int]:
    return [stash.add_scene(None, f"/data/{number}.mp4", size=number + 1) for number in range(count)]


def remove(stash: SimulatedStash, scene_id: int) -> None:
    document = f'mutation {{ sceneDestroy(input: {{ id: "{scene_id}" }}) }}'
    answer = requests.post(f"{stash.url}/graphql", json={"query": document}, timeout=10)
    assert answer.json()["data"] == {"sceneDestroy": True}


def waiting(name: str) -> list[Any]:
    return [list(task.args) for task in huey.pending() if task.name == name]


def run_pages() -> None:
    """Work on all pages in line, and let scenes pass."""
    while waiting("sync_all"):
        task = huey.dequeue()
        if task.name == "sync_all":
            huey.execute(task)
        else:
            for one in (task, *task.claimed_with_it):
                huey.storage.ack(one.claim_id)
                done.append(one.args[0])


#: Scenes that had their turn.
done: list[int] = []


def asked_for() -> set[int]:
    return {*done, *(arguments[0] for arguments in waiting("sync_scene"))}


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    done.clear()


def test_the_message_of_a_lost_database_names_the_task_as_huey_registers_it() -> None:
    assert huey.names.task_to_string(sync_all.task_class) == SYNC_ALL


@pytest.mark.parametrize("count", [0, 1, 3, 7, 9])
def test_every_scene_is_queued(stash: SimulatedStash, count: int) -> None:
    scenes = fill(stash, count)
    sync_all(1)
    run_pages()
    assert asked_for() == set(scenes)


def test_it_waits_behind_what_people_do(stash: SimulatedStash) -> None:
    scenes = fill(stash, 6)
    sync_all.call_local(1)
    sync_scene(scenes[5])
    first, second = huey.dequeue(), huey.dequeue()
    assert (first.args, first.claimed_with_it) == ((scenes[5],), [])
    turn = [one.args[0] for one in (second, *second.claimed_with_it)]
    assert turn == scenes[: len(turn)]


def test_a_scene_that_an_edit_asks_for_meanwhile_moves_to_the_front(stash: SimulatedStash) -> None:
    scenes = fill(stash, 3)
    sync_all.call_local(1)
    sync_scene(scenes[2])
    assert huey.dequeue().args == (scenes[2],)
    assert len(waiting("sync_scene")) == 2


def test_scenes_that_are_deleted_on_the_way_hide_no_other(stash: SimulatedStash) -> None:
    scenes = fill(stash, 12)
    sync_all.call_local(1)
    sync_all.call_local(2, scenes[2])
    for scene in scenes[:5]:
        remove(stash, scene)
    run_pages()
    assert asked_for() >= set(scenes[5:])


def test_stash_being_away_is_no_end_of_it(stash: SimulatedStash) -> None:
    fill(stash, 4)
    stash.stop()
    with pytest.raises(RetryTask) as caught:
        sync_all.call_local(1)
    assert 40 < caught.value.delay < 80
    assert waiting("sync_scene") == []
    stash.start()


def run_next() -> Any:
    task = huey.dequeue()
    if task is not None:
        huey.execute(task)
    return task


def test_a_refused_key_stops_the_line_in_which_it_waits(
    stash: SimulatedStash, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    scenes = fill(stash, 2)
    stash.require_auth("a-key-that-nobody-knows")
    huey.storage.paused = lambda: PAUSABLE if guard.stopped else ()
    sync_all(1)
    assert run_next() is not None
    assert "PLEXSYNC_STASH_API_KEY" in str(guard.stopped)
    for _ in range(5):
        assert run_next() is None
    assert len(stash.log) == 1, "nobody asks any more"
    assert (waiting("sync_all"), huey.scheduled()) == ([[1]], [])
    stash.no_auth()
    guard.lift()
    run_next()
    assert asked_for() == set(scenes)


def test_where_it_cannot_wait_in_line_it_comes_back(stash: SimulatedStash, guard: Guard) -> None:
    stash.require_auth("a-key-that-nobody-knows")
    with pytest.raises(Paused) as caught:
        sync_all.call_local(1)
    assert 40 < caught.value.delay < 80
    assert guard.stopped


def test_a_refused_question_is_not_asked_for_ever(
    stash: SimulatedStash, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermanentError("Stash does not know the query")

    monkeypatch.setattr(StashClient, "scene_ids_after", refuse)
    sync_all(1)
    run_next()
    assert (huey.pending(), huey.scheduled()) == ([], [])
    assert len([one for one in caplog.records if "cannot be queued" in one.getMessage()]) == 1


def test_a_stash_that_is_left_alone_is_waited_for(stash: SimulatedStash, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_breaker(*_: object) -> None:
        raise CircuitOpen("Stash is not called", 20.0)

    monkeypatch.setattr(StashClient, "scene_ids_after", open_breaker)
    with pytest.raises(Paused) as caught:
        sync_all.call_local(1)
    assert 20 < caught.value.delay < 23


def test_a_run_that_a_person_has_stopped_goes_no_further_and_the_next_one_begins_anew(stash: SimulatedStash) -> None:
    ids = fill(stash, 8)
    sync_all(1)
    huey.execute(huey.dequeue())
    facts = Ledger(huey.storage.database).facts
    stop(facts)
    run_pages()
    assert asked_for() == set(ids[:3])
    sync_all(1)
    run_pages()
    assert asked_for() == set(ids)
    run = noted(facts)
    assert run is not None
    assert (run.complete, run.stopped, run.queued) == (True, False, 8)


def test_a_person_stops_a_run_while_its_first_page_is_being_queued(
    stash: SimulatedStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(stash, 8)
    sync_all(1)
    real = pages.queue_page

    def late(*args: Any) -> Any:
        stop(Ledger(huey.storage.database).facts)
        return real(*args)

    monkeypatch.setattr(everything, "queue_page", late)
    run_pages()
    assert asked_for() == set()
