"""Every scene into the queue: page by page, on after a stop, whatever goes meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

import plexsync.sync.everything as pages
import tasks.app
from plexsync.cli.everything import Everything
from plexsync.demo.http import PlannedFault
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import StashUnavailable
from plexsync.installation.settings_in_force import ALL_QUEUED
from plexsync.ledger import Ledger
from plexsync.stash import StashClient
from plexsync.status.everything_run import FACT, GOES_ON_FOR, EverythingRun
from tasks import huey, sync_scene

PRIORITY = -10.0


class Stopped(BaseException):
    """The process is gone."""


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash() as stash:
        yield stash


@pytest.fixture
def client(stash: SimulatedStash) -> Iterator[StashClient]:
    client = StashClient(stash.url, read_timeout=1.0)
    yield client
    client.close()


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    huey.flush()
    ledger = Ledger(tasks.app.database)
    ledger.facts.drop(FACT)
    yield ledger
    ledger.facts.drop(FACT)
    huey.storage.close()
    huey.flush()


@pytest.fixture
def everything(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Everything:
    monkeypatch.setattr(pages, "PAGE", 10)
    return Everything(ledger, huey)


def waiting() -> list[int]:
    return [task.args[0] for task in huey.pending()]


def stop_after(stash: SimulatedStash, requests: int) -> None:
    """Let Stash fail from here on, but for so many requests."""
    seen = [0]

    def later(_request: object) -> bool:
        seen[0] += 1
        return seen[0] > requests

    stash.faults.add(PlannedFault("status", times=None, status=500, match=later))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 35])
def test_every_scene_is_queued_once_and_in_order(
    stash: SimulatedStash, client: StashClient, everything: Everything, count: int
) -> None:
    scenes = stash.add_scenes(count)
    run = everything.queue(client, EverythingRun())
    assert (run.queued, run.complete) == (count, True)
    assert waiting() == scenes
    assert everything.waiting() == count


def test_they_wait_behind_an_edit(stash: SimulatedStash, client: StashClient, everything: Everything) -> None:
    scenes = stash.add_scenes(25)
    everything.queue(client, EverythingRun())
    sync_scene(scenes[20])
    assert waiting()[0] == scenes[20]
    assert everything.waiting() == 24


def test_a_run_that_is_cut_short_goes_on_where_it_was(
    stash: SimulatedStash, client: StashClient, everything: Everything
) -> None:
    scenes = stash.add_scenes(35)
    stop_after(stash, 2)
    with pytest.raises(StashUnavailable):
        everything.queue(client, EverythingRun())
    stash.faults.clear()
    run = everything.earlier()
    assert run is not None
    assert (run.after, run.queued, run.complete) == (scenes[19], 20, False)
    stash.forget()
    huey.flush()  # As if the consumer had done them.
    run = everything.queue(client, run)
    assert (run.queued, run.complete) == (35, True)
    assert waiting() == scenes[20:]
    assert len(stash.log) == 2


def test_a_death_between_the_queueing_of_a_page_and_the_note_of_it_leaves_neither(
    stash: SimulatedStash, client: StashClient, everything: Everything, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = stash.add_scenes(25)

    def dies(_key: str, _value: str) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(ledger.facts, "put", dies)
        with pytest.raises(Stopped):
            everything.queue(client, EverythingRun())
    assert waiting() == []
    assert everything.earlier() is None
    everything.queue(client, EverythingRun())
    assert waiting() == scenes


def test_scenes_that_are_destroyed_meanwhile_shift_nothing(
    stash: SimulatedStash, client: StashClient, everything: Everything
) -> None:
    scenes = stash.add_scenes(35)
    stop_after(stash, 2)
    with pytest.raises(StashUnavailable):
        everything.queue(client, EverythingRun())
    stash.faults.clear()
    stash.mutate("scenesDestroy", ids=scenes[:15])
    new = stash.add_scene("New")
    run = everything.earlier()
    assert run is not None
    everything.queue(client, run)
    assert set(waiting()) >= {*scenes[15:], new}


def test_a_run_that_was_queued_is_gone_on_with_until_it_is_done(
    stash: SimulatedStash, client: StashClient, everything: Everything
) -> None:
    stash.add_scenes(5)
    everything.queue(client, EverythingRun())
    run = everything.earlier()
    assert run is not None
    assert run.complete
    huey.flush()
    assert everything.earlier() is None


def test_what_is_done_is_begun_anew(stash: SimulatedStash, client: StashClient, everything: Everything) -> None:
    stash.add_scenes(5)
    everything.queue(client, EverythingRun())
    everything.done()
    assert everything.earlier() is None


@pytest.mark.parametrize("age", [GOES_ON_FOR + 1, -3600])
def test_an_old_run_and_one_of_the_future_are_begun_anew(everything: Everything, ledger: Ledger, age: float) -> None:
    note = {"after": 20, "queued": 20, "at": time.time() - age, "complete": False}
    ledger.facts.put(FACT, json.dumps(note))
    assert everything.earlier() is None


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "{}", '{"after": "x", "at": 9e9}', '{"colour": "blue"}', '{"at": null}', "null"]
)
def test_a_note_that_cannot_be_read_is_none(everything: Everything, ledger: Ledger, text: str) -> None:
    ledger.facts.put(FACT, text)
    assert everything.earlier() is None


def test_when_all_were_queued_last_is_when_the_first_of_them_was(
    stash: SimulatedStash, client: StashClient, ledger: Ledger, everything: Everything
) -> None:
    ledger.facts.drop(ALL_QUEUED)
    stash.add_scenes(25)
    stop_after(stash, 2)
    began = time.time()
    with pytest.raises(StashUnavailable):
        everything.queue(client, EverythingRun())
    assert ledger.facts.get(ALL_QUEUED) is None, "not all of them are"
    stash.faults.clear()
    stopped = time.time()
    earlier = everything.earlier()
    assert earlier is not None
    everything.queue(client, earlier)
    assert began <= float(ledger.facts.get(ALL_QUEUED) or 0) <= stopped
    everything.queue(client, EverythingRun())
    assert float(ledger.facts.get(ALL_QUEUED) or 0) >= stopped
    ledger.facts.drop(ALL_QUEUED)
