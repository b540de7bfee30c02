"""What comes late, and what no hook tells of, with the real consumer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.demo.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Stash that is looked at late, but never polled within a test."""
    with World(tmp_path, {"PLEXSYNC_LATE_POLLS": "2,4,6,8,10", "PLEXSYNC_POLL_INTERVAL": "3600"}) as world:
        yield world


@pytest.fixture
def polled(tmp_path: Path) -> Iterator[World]:
    """A Stash that is polled, but not looked at late."""
    with World(tmp_path, {"PLEXSYNC_LATE_POLLS": "3600", "PLEXSYNC_POLL_INTERVAL": "1"}) as world:
        yield world


def identify(world: World, scene: int) -> None:
    """Fill a scene in, as Identify does it while the plugin is off."""
    studio, ann = world.stash.add_studio("A studio"), world.stash.add_performer("Ann")
    world.stash.edit(scene, title="Identified", details="All of it", date="2024-02-03", studio=studio, performers=[ann])


def asked(world: World) -> int:
    return world.stash.counters["Changes"] + world.stash.counters["LastChanges"]


def wait_for_polls(world: World, count: int) -> None:
    before = asked(world)
    world.wait(lambda: asked(world) >= before + count, 20, f"{count} polls")


def test_a_scene_identified_late_without_a_hook_is_right_and_survives_a_kill_in_between(world: World) -> None:
    world.start_consumer()
    scene = world.add("a file.mp4")
    world.edit(scene, rating100=10)
    world.wait_until_right([scene])
    world.wait_until_idle(scheduled=False)
    world.kill_consumer()
    identify(world, scene)
    world.start_consumer()
    world.wait_until_right([scene], 20)
    assert asked(world) == 1  # for since when to ask, at the first start


def test_scenes_without_news_are_looked_at_together_and_plex_is_left_alone(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(30)]
    world.start_consumer()
    world.edit_many(scenes, rating100=10)
    world.wait_until_right(scenes)
    world.wait_until_idle(scheduled=False)
    world.stash.forget()
    world.plex.forget()
    world.wait(lambda: world.stash.counters["Scenes"] >= 2, 20, "two looks were taken")
    time.sleep(1)
    assert len(world.plex.log) == 0
    assert sum("/screenshot" in request.path for request in world.stash.log) == 0
    assert world.stash.counters["Scenes"] <= 8


def test_an_auto_tag_a_new_cover_and_a_new_scene_without_hooks_are_right(polled: World) -> None:
    world = polled
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    world.start_consumer()
    world.edit_many(scenes, details="Known")
    world.wait_until_right(scenes)
    wait_for_polls(world, 2)
    world.stash.auto_tag(scenes[0], tags=[world.stash.add_tag("Found")])
    world.stash.set_screenshot(scenes[1], pictures.png(9, 8, 7))
    with world.stash.without_hooks():
        world.edit(scenes[2], title="Behind the plugin's back")
    new = world.add("new.mp4")
    world.wait_until_right([*scenes, new], 20)
    assert world.plex.item(world.items[scenes[0]]).names("genre") == ["Found"]
    assert world.plex.item(world.items[scenes[2]]).title == "Behind the plugin's back"


def test_what_was_changed_while_the_consumer_was_down_is_found_when_it_is_back(polled: World) -> None:
    world = polled
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, details="Known")
    world.wait_until_right([scene])
    wait_for_polls(world, 2)
    world.kill_consumer()
    time.sleep(1.1)
    identify(world, scene)
    before = world.plex.item(world.items[scene]).title
    world.start_consumer()
    world.wait_until_right([scene], 20)
    assert world.plex.item(world.items[scene]).title == world.stash.scene(scene).title != before


def test_an_idle_stash_is_asked_once_per_interval_and_plex_not_at_all(polled: World) -> None:
    world = polled
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, details="Known")
    world.wait_until_right([scene])
    wait_for_polls(world, 3)
    world.wait_until_idle(scheduled=False)
    world.stash.forget()
    world.plex.forget()
    started = time.monotonic()
    time.sleep(5)
    span = time.monotonic() - started
    assert 2 <= len(world.stash.log) <= span + 1
    assert len(world.stash.log) == world.stash.counters["Changes"]
    assert len(world.plex.log) == 0


def test_a_rename_without_a_hook_reaches_the_scenes_that_have_it(polled: World) -> None:
    world = polled
    scenes = [world.add(f"{number}.mp4") for number in range(4)]
    ann, tag = world.stash.add_performer("Ann"), world.stash.add_tag("one")
    world.start_consumer()
    world.edit_many(
        scenes, performer_ids={"ids": [str(ann)], "mode": "SET"}, tag_ids={"ids": [str(tag)], "mode": "SET"}
    )
    world.wait_until_right(scenes)
    wait_for_polls(world, 2)
    world.stash.rename("performers", ann, "Anna")
    world.stash.rename("tags", tag, "another")
    world.wait_until_right(scenes, 20)
    assert {tuple(world.plex.item(world.items[one]).names("actor")) for one in scenes} == {("Anna",)}


@pytest.mark.parametrize("values", [{}, {"name": "Anna B."}])
def test_a_merge_of_performers_which_fires_no_hook_shows_on_all_scenes_of_those_that_vanished(
    polled: World, values: dict[str, str]
) -> None:
    world = polled
    scenes = [world.add(f"{number}.mp4") for number in range(4)]
    ann, nan, anna, bea = (world.stash.add_performer(name) for name in ("Ann", "Nan", "Anna", "Bea"))
    casts = ([ann], [nan, bea], [ann, anna], [anna])
    world.start_consumer()
    for scene, cast in zip(scenes, casts, strict=True):
        world.edit(scene, performer_ids=[str(one) for one in cast])
    world.wait_until_right(scenes)
    wait_for_polls(world, 2)
    hooks = len(world.stash.hook_runs)
    world.stash.mutate("performerMerge", source=[ann, nan], destination=anna, values={"id": anna, **values})
    name = values.get("name", "Anna")
    world.wait_until_right(scenes, 20)
    shown = [set(world.plex.item(world.items[one]).names("actor")) for one in scenes]
    assert shown == [{name}, {name, "Bea"}, {name}, {name}]
    assert len(world.stash.hook_runs) == hooks
