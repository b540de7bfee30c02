"""A performer, studio, tag or group is edited: every scene that has it is right in Plex; real hooks and consumer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import World
from tests.support.related_scenes import KINDS, RelatedScenes

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, {"PLEXSYNC_STASH_PUBLIC_URL": "http://stash.example:9999"}) as world:
        yield world


def test_each_thing_that_is_renamed_and_then_destroyed_is_right_with_one_write(world: World) -> None:
    family = RelatedScenes(world, 12)
    for kind in KINDS:
        family.rename(kind, f"Another {kind}")
        assert family.right() == 1, kind
    thumb = world.plex.item(world.items[family.scenes[0]]).tags["actor"][0].thumb
    assert thumb is not None
    assert thumb.startswith("http://stash.example:9999/performer/")

    left = world.stash.add_tag("Left over")
    world.mutate("tagsMerge", "TagsMergeInput!", {"source": [str(family.ids["tag"])], "destination": str(left)})
    family.ids["tag"] = left
    assert family.right() == 1

    for kind in KINDS:
        family.destroy(kind)
        assert family.right() == 1, kind
    item = world.plex.item(world.items[family.scenes[0]])
    assert (item.text("studio"), item.tags) == ("", {})
    # What was said twice, by both names of a group, is worked on once more at most, and writes nothing.
    assert {run.error for run in world.stash.hook_runs} == {None}
    assert world.stop_consumer() == 0


def test_a_rename_while_everything_is_killed_reaches_every_scene(world: World) -> None:
    family = RelatedScenes(world, 150)
    world.plex.behaviour.write_delay = 0.2
    family.rename("studio", "Renamed once")
    time.sleep(0.3)
    world.kill_consumer()
    family.rename("studio", "Renamed twice")
    world.start_consumer()
    time.sleep(0.6)
    world.kill_consumer()
    world.start_consumer()
    assert family.right(60) > 0


def test_a_rename_while_plex_is_away_is_done_when_it_is_back(world: World) -> None:
    family = RelatedScenes(world, 20)
    world.plex.stop()
    family.rename("tag", "Renamed meanwhile")
    family.destroy("group")
    time.sleep(2)
    world.plex.start()
    assert family.right(60) > 0


@pytest.mark.slow
def test_a_studio_of_hundreds_of_scenes_is_renamed_gently_and_what_people_edit_comes_first(world: World) -> None:
    family = RelatedScenes(world, 500)
    family.rename("studio", "Renamed")
    assert family.right(120) <= 12

    world.plex.behaviour.write_delay = 1.0
    began = time.monotonic()
    family.rename("studio", "Renamed slowly")
    bulk_done: list[float] = []

    def watch() -> None:
        family.world.wait_until_right(family.scenes, 240)
        bulk_done.append(time.monotonic())

    watcher = threading.Thread(target=watch)
    time.sleep(2.5)
    watcher.start()
    edited, edited_at = family.scenes[-1], time.monotonic()
    world.edit(edited, title="A person waits for this")
    key = world.items[edited]
    world.wait(lambda: world.plex.item(key).title == "A person waits for this", 60, "the edit is in Plex")
    took = time.monotonic() - edited_at
    others_left = sum(bool(world.wrong(scene)) for scene in family.scenes)
    watcher.join()
    print(f"the edit took {took:.1f} s, the bulk {bulk_done[0] - began:.1f} s; {others_left} scenes were left by then")
    assert others_left > 150
    assert not world.wrong(edited)
    world.plex.behaviour.write_delay = 0.0
    assert family.right(60) <= 15
