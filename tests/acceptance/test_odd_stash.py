"""A Stash with one scene that it cannot read, and one of an older version, with real hooks and a real consumer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = {"PLEXSYNC_MAX_RETRIES": "2", "PLEXSYNC_LATE_POLLS": "2,4,6,8", "PLEXSYNC_POLL_INTERVAL": "1"}
    with World(tmp_path, settings) as world:
        yield world


def told(world: World, *words: str) -> Any:
    return json.loads(world.command(*words, "--json"))


@pytest.mark.parametrize("how", ["unreadable", "malformed"])
def test_of_sixty_scenes_the_fifty_nine_arrive_and_the_one_is_named(world: World, how: str) -> None:
    scenes = [world.add(f"folder/{number:02d}.mp4") for number in range(60)]
    bad = scenes[33]
    others = [scene for scene in scenes if scene != bad]
    if how == "unreadable":
        world.stash.spoil(bad)
    else:
        world.stash.malform(bad, title=7)
    world.start_consumer()
    world.edit_many(scenes, details="Edited together", rating100=60)
    world.wait_until_right(others, 60)
    world.wait(lambda: len(told(world, "failed", "list")) == 1, 60, "it is given up")
    (letter,) = told(world, "failed", "list")
    assert (letter["scene_id"], letter["error_class"], letter["attempts"]) == (bad, "SceneUnreadable", 3)
    assert f"scene {bad} cannot be read from Stash: " in letter["message"]

    # What no hook tells of is found, by the poll or by a later look, and comparing everything comes to its end.
    with world.stash.without_hooks():
        for scene in others[:40]:
            world.stash.edit(scene, title=f"Titled {scene}", date="2024-05-06")
    world.wait_until_right(others, 60)
    world.wait_until_idle(60, scheduled=False)
    (letter,) = told(world, "failed", "list")
    differences = told(world, "reconcile")["differences"]
    assert {kind: count for kind, count in differences.items() if count} == {"unreadable": 1}
    assert "1  cannot be read from Stash; tried once more" in world.command("reconcile", "--dry-run")
    # It gets another chance, and is given up again.
    world.wait(
        lambda: [one["failed_at"] > letter["failed_at"] for one in told(world, "failed", "list")] == [True],
        60,
        "it is given up again",
    )

    status = told(world, "status")
    assert (status["breaker"]["state"], status["stash_breaker"]["state"]) == ("closed", "closed")
    assert status["outages"]["count_24h"] == 0

    # A later look may just be at it once more.
    def is_told() -> bool:
        status = told(world, "status")
        return (status["dead_letters"], status["scenes"]["synced"], status["scenes"]["failed"]) == (1, 59, 1)

    world.wait(is_told, 60, "the one is given up, and the others are synced")

    world.stash.mend(bad)
    world.edit(bad, title="Mended")
    world.wait_until_right(scenes, 60)
    world.wait(lambda: told(world, "failed", "list") == [], 20, "it is given up no longer")


def test_a_stash_from_before_groups_is_synced_and_the_checks_say_what_it_lacks(world: World) -> None:
    world.stash.pretend("v0.26.2", "Scene.groups", "Query.findGroups", "SceneFilterType.groups")
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    group = world.stash.add_group("A series")
    world.start_consumer()
    world.edit_many(scenes, group_ids={"ids": [str(group)], "mode": "SET"})
    world.wait_until_right(scenes)
    check, lack = [one for one in told(world, "doctor") if one["name"] == "Stash"]
    assert check["level"] == "ok"
    assert check["text"].startswith("v0.26.2 answers at ")
    assert lack["level"] == "warn"
    assert "does not know groups: its movies are taken for them; Stash v0.27 and later have it all" in lack["text"]


def test_a_stash_that_is_too_old_is_told_once_and_loses_nothing(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(5)]
    world.stash.pretend("v0.16.1", "Scene.groups", "Query.findGroups", "Scene.files")
    world.start_consumer()
    world.edit_many(scenes, details="Waits")
    world.wait(lambda: told(world, "status")["stopped"] is not None, 30, "everything is stopped")
    status = told(world, "status")
    assert "PlexSync needs Stash v0.25 or later" in json.dumps(status["stopped"])
    assert (status["dead_letters"], status["scenes"]["failed"]) == (0, 0)
    world.kill_consumer()
    world.stash.pretend("v0.30.1")
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert told(world, "failed", "list") == []
