"""The items of new scenes that wait are looked at along with others, though no scene has one yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.app import QueueAccess, build
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault
from plexsync.model import Part
from plexsync.plex.traits import Trait
from plexsync.sync.first_looks import FOUND_FOR, KNOWN_FOR, WAIT, WORTH_IT, FirstLooks
from tests.support.clocks import ManualClock
from tests.support.sql_seen import statements_of
from tests.support.sync_bench import SyncBench, sync_bench

COUNT = 12


class Waiting:
    """New scenes that wait, with the items that hold their files."""

    def __init__(self, bench: SyncBench) -> None:
        self.bench = bench
        self.items = {bench.scene: bench.key} | dict(bench.add(f"file {number}.mp4") for number in range(1, COUNT))
        self.scenes = [*self.items]
        bench.app.library.refresh()
        self.clock = ManualClock()
        stash = bench.app.stash
        self.looks = FirstLooks(
            bench.app.ledger,
            lambda after, limit: stash.files(after, limit)[0],
            lambda: bench.app.path_mapping.in_force,
            self.clock,
        )
        bench.stash.forget()
        bench.plex.forget()

    def held(self, count: int = COUNT) -> list[int]:
        return [self.items[scene] for scene in self.scenes[:count]]


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    with sync_bench(tmp_path) as bench:
        yield Waiting(bench)


def test_the_items_of_new_scenes_are_told_by_their_paths(waiting: Waiting) -> None:
    assert waiting.looks.items_of(waiting.scenes) == waiting.held()
    # One question for all, and none for those of which the answer is known.
    assert len(waiting.bench.stash.log) == 1
    assert waiting.looks.items_of(waiting.scenes[::-1]) == waiting.held()[::-1]
    assert len(waiting.bench.stash.log) == 1
    assert waiting.bench.plex.log == []
    waiting.clock.now += KNOWN_FOR
    waiting.looks.items_of(waiting.scenes)
    assert len(waiting.bench.stash.log) == 2


def test_the_index_is_not_asked_again_for_each_item_that_is_read(waiting: Waiting) -> None:
    waiting.looks.items_of(waiting.scenes)
    with statements_of(waiting.bench.database) as asked:
        assert waiting.looks.items_of(waiting.scenes) == waiting.held()
        assert [one for one in asked if "from part" in one] == []
        waiting.clock.now += FOUND_FOR
        assert waiting.looks.items_of(waiting.scenes) == waiting.held()
    assert len([one for one in asked if "part" in one]) >= COUNT


def test_for_a_few_stash_is_not_asked(waiting: Waiting) -> None:
    assert waiting.looks.items_of(waiting.scenes[: WORTH_IT - 1]) == []
    assert waiting.bench.stash.log == []
    assert waiting.looks.items_of(waiting.scenes[:WORTH_IT]) == waiting.held(WORTH_IT)


def test_items_that_scenes_have_are_told_without_asking(waiting: Waiting) -> None:
    first = waiting.scenes[0]
    waiting.bench.stash.edit(first, title="A title")
    waiting.bench.sync(first)
    waiting.bench.stash.forget()
    assert waiting.looks.items_of([first]) == waiting.held(1)
    assert waiting.bench.stash.log == []


def test_a_path_that_two_items_hold_tells_nothing(waiting: Waiting) -> None:
    bench = waiting.bench
    bench.plex.add_item(bench.section, "A copy", [Part("/media/file 1.mp4", 5)])
    bench.app.library.expire()
    bench.app.library.refresh()
    assert waiting.looks.items_of(waiting.scenes) == [one for one in waiting.held() if one != waiting.held()[1]]


def test_a_scene_that_is_no_longer_there_does_not_hold_up_the_others(waiting: Waiting) -> None:
    scenes = [*waiting.scenes, 10_000]
    assert waiting.looks.items_of(scenes) == waiting.held()


def test_a_stash_that_fails_is_left_alone_for_a_while_and_nothing_fails_with_it(waiting: Waiting) -> None:
    fault = waiting.bench.stash.faults.add(PlannedFault("status", times=None, status=500))
    assert waiting.looks.items_of(waiting.scenes) == []
    asked = len(waiting.bench.stash.log)
    waiting.clock.now += WAIT - 1
    assert waiting.looks.items_of(waiting.scenes) == []
    assert len(waiting.bench.stash.log) == asked
    waiting.bench.stash.faults.remove(fault)
    waiting.clock.now += KNOWN_FOR
    assert waiting.looks.items_of(waiting.scenes) == waiting.held()


def test_many_new_scenes_cost_little_more_than_one_read_each(waiting: Waiting) -> None:
    bench = waiting.bench
    left = [*waiting.scenes]
    bench.app.close()
    bench.app = build(bench.settings, bench.database, QueueAccess(upcoming=lambda count: left[:count]))
    for scene in waiting.scenes:
        bench.stash.edit(scene, title=f"Scene {scene}")
    bench.app.plex.traits.put(Trait.GROUP_READS, "whole")
    bench.plex.forget()
    while left:
        assert bench.sync(left.pop(0)) == "synced"
    for scene, key in waiting.items.items():
        assert differences(bench.stash, scene, bench.plex, key) == []
    kinds = [one.method for one in bench.plex.log if "/library/metadata/" in one.path or one.path.endswith("/all")]
    # One edit and two pictures each, and one read each, which brings the next ones along.
    assert kinds.count("PUT") == COUNT
    assert kinds.count("POST") == 2 * COUNT
    assert kinds.count("GET") <= COUNT + 2
