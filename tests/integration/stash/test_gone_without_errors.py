"""Scenes that Stash no longer has are asked for so that it writes no error into its log."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.stash import SimulatedStash
from plexsync.ledger import State
from plexsync.stash import StashClient, by_id
from plexsync.stash.by_id import CONDITIONS, question
from tests.support.sync_bench import sync_bench

COUNT = 300


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash() as stash:
        stash.add_scenes(COUNT)
        yield stash


@pytest.fixture
def client(stash: SimulatedStash) -> Iterator[StashClient]:
    client = StashClient(stash.url, read_timeout=5.0)
    yield client
    client.close()


def destroy(stash: SimulatedStash, ids: Sequence[int]) -> None:
    stash.mutate("scenesDestroy", ids=[str(one) for one in ids])


@pytest.mark.parametrize(
    "gone", [[7], [1], [COUNT], [5, 6, 7, 100], list(range(1, COUNT, 2)), list(range(1, COUNT + 1))]
)
def test_whoever_is_gone_stash_logs_no_error_and_is_asked_once_more_for_those(
    stash: SimulatedStash, client: StashClient, gone: list[int]
) -> None:
    destroy(stash, gone)
    before = sum(client.calls.values())
    found = client.scenes(range(1, COUNT + 1))
    assert sorted(found) == [one for one in range(1, COUNT + 1) if one not in gone]
    assert not found.unreadable
    requests = 2 + sum(any(one in gone for one in part) for part in (range(1, 201), range(201, COUNT + 1)))
    assert sum(client.calls.values()) - before == requests, "one for 200 of them, and one for those it left out"
    assert stash.error_log == []


@pytest.mark.parametrize("found", [range(0), range(1, 4), range(3, 4), range(40, 50)])
def test_what_a_filter_leaves_out_is_gone_only_if_asking_for_it_by_itself_says_so(
    client: StashClient, monkeypatch: pytest.MonkeyPatch, found: range
) -> None:
    low, high = (found[0], found[-1]) if found else (0, 0)
    criterion = {"id": {"value": low - 1, "value2": high + 1, "modifier": "BETWEEN"}}
    monkeypatch.setattr(by_id, "_filter", lambda _runs: criterion)
    assert sorted(client.scenes([1, 2, 3, 5, 8])) == [1, 2, 3, 5, 8]


def test_one_by_one_it_is_the_same(stash: SimulatedStash, client: StashClient) -> None:
    destroy(stash, [7])
    assert not client.scenes([7])
    assert sorted(client.scenes([8])) == [8]
    assert not client.scenes([10**6, 2**31, 2**63 - 1]), "also ids that no filter takes"
    assert stash.error_log == []


def test_an_empty_stash_is_checked_without_an_error() -> None:
    with SimulatedStash() as stash:
        assert StashClient(stash.url).check()
        assert stash.error_log == []


@pytest.mark.parametrize("seed", range(5))
def test_any_ids_in_any_order_come_as_they_are(stash: SimulatedStash, client: StashClient, seed: int) -> None:
    chance = random.Random(seed)
    gone = chance.sample(range(1, COUNT + 1), 60)
    destroy(stash, gone)
    ids = chance.sample(range(1, COUNT + 50), 190)
    stash.spoil(unreadable := next(one for one in ids if one <= COUNT and one not in gone))
    found = client.scenes(ids)
    assert sorted(found) == sorted(one for one in ids if one <= COUNT and one not in {*gone, unreadable})
    assert list(found.unreadable) == [unreadable]
    assert all(str(unreadable) not in line or "sql" in line for line in stash.error_log)


def test_a_filter_is_never_nested_deeper_than_stashs_database_bears() -> None:
    def depth(where: Any) -> int:
        return 1 + depth(where["OR"]) if "OR" in where else 1

    _, variables = question(list(range(1, 400, 2)))
    filters = [value for name, value in variables.items() if name.startswith("where")]
    assert max(map(depth, filters)) == CONDITIONS <= 40
    assert sum(value for name, value in variables.items() if name.startswith("limit")) == 200
    _, variables = question(range(1, 201))
    assert variables == {"where0": {"id": {"value": 1, "value2": 200, "modifier": "BETWEEN"}}, "limit0": 200}


def test_scenes_that_are_destroyed_leave_no_error_in_stashs_log(tmp_path: Path) -> None:
    with sync_bench(tmp_path) as bench:
        scenes = [bench.scene] + [bench.add(f"{number}.mp4")[0] for number in range(5)]
        for scene in scenes:
            bench.sync(scene)
        destroy(bench.stash, scenes)
        for scene in scenes:
            bench.sync(scene)
            record = bench.app.ledger.scenes.get(scene)
            assert record is not None
            assert record.state is State.GONE
        assert bench.stash.error_log == []


def test_the_simulated_stash_logs_what_it_refuses_as_stash_does(stash: SimulatedStash) -> None:
    import requests

    document = "{ findScenes(ids: [5, 999]) { scenes { id } } }"
    requests.post(f"{stash.url}/graphql", json={"query": document}, timeout=5)
    assert stash.error_log == ["findScenes: scene with id 999 not found"]
    requests.post(f"{stash.url}/graphql", json={"query": "{ findNothing }"}, timeout=5)
    assert len(stash.error_log) == 1, "what it does not understand it does not log"
