"""Scenes that leave Stash and files that move, with real hooks where Stash fires them and the real consumer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.compare import differences
from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part
from tests.support.real_world import run


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        world.start_consumer()
        yield world


def facts(world: World, scene: int) -> Any:
    return json.loads(run(world, "scene", str(scene), "--json").stdout)


def writes(world: World) -> int:
    return sum(world.plex.counters[name] for name in ("writes", "uploads"))


def tagged(world: World, name: str) -> tuple[int, str]:
    """A scene with a tag of its own, synced; and its file's path."""
    scene = world.add(f"{name}.mp4")
    world.edit(scene, title=name, details=f"Details of {name}", tag_ids=[str(world.stash.add_tag(f"Tag of {name}"))])
    world.wait_until_right([scene])
    world.wait_until_idle(scheduled=False)
    return scene, f"{STASH_ROOT}/{name}.mp4"


def test_destroyed_scenes_write_nothing_and_are_forgotten(world: World) -> None:
    one, _ = tagged(world, "one")
    two, _ = tagged(world, "two")
    before = writes(world)
    world.stash.mutate("sceneDestroy", id=one)
    world.stash.mutate("scenesDestroy", ids=[two])
    world.wait(lambda: facts(world, one)["state"] == facts(world, two)["state"] == "gone", 20, "both are gone")
    assert (facts(world, one)["rating_key"], writes(world)) == (None, before)
    assert world.plex.item(world.items[one]).names("genre") == ["Tag of one"]


@pytest.mark.parametrize("with_hook", [True, False])
def test_a_file_scanned_anew_after_its_scene_was_destroyed_keeps_what_it_shows_until_there_is_more(
    world: World, with_hook: bool
) -> None:
    old, path = tagged(world, "film")
    size = world.stash.scene(old).files[0].size
    if with_hook:
        world.stash.mutate("sceneDestroy", id=old)
        world.wait(lambda: facts(world, old)["state"] == "gone", 20, "it is gone")
    else:
        with world.stash.without_hooks():
            world.stash.mutate("sceneDestroy", id=old)
    new = world.stash.scan(path, size=size)
    world.items[new] = world.items[old]
    world.wait(lambda: facts(world, new)["state"] == "synced", 20, "the new scene has the item")
    item = world.plex.item(world.items[old])
    assert (item.title, item.text("summary"), item.names("genre")) == ("film", "Details of film", ["Tag of film"])
    world.edit(new, title="Anew", details="New", tag_ids=[str(world.stash.add_tag("Its own"))])
    world.wait_until_right([new])
    world.wait_until_idle(scheduled=False)
    assert facts(world, old)["state"] == "gone"
    assert facts(world, new)["rating_key"] == world.items[new]


def test_after_a_merge_each_item_shows_what_it_should(world: World) -> None:
    kept, _ = tagged(world, "kept")
    merged, _ = tagged(world, "merged")
    world.stash.mutate("sceneMerge", source=[merged], destination=kept)
    world.edit(kept, title="Kept after the merge")
    world.wait_until_right([kept])
    world.wait(lambda: facts(world, merged)["state"] == "gone", 20, "the merged scene is gone")
    world.wait_until_idle(scheduled=False)
    assert facts(world, kept)["rating_key"] == world.items[kept]
    # Its file is the scene's now, so that it shows the scene as well.
    assert differences(world.stash, kept, world.plex, world.items[merged]) == []


def test_a_file_that_moves_takes_its_item_to_the_other_scene(world: World) -> None:
    """Plex has the second file of the scene alone."""
    stash = world.stash
    second = stash.add_scene(None, f"{STASH_ROOT}/second.mp4", size=7_000_000)
    owner = stash.add_scene("Owner", f"{STASH_ROOT}/first.mp4", size=50, duration=9.0)
    stash.mutate("sceneMerge", source=[second], destination=owner)
    key = world.plex.add_item(world.section, "x", [Part(f"{PLEX_ROOT}/second.mp4", 7_000_000, 1_800_000)])
    world.edit(owner, details="The owner's", tag_ids=[str(stash.add_tag("The owner's"))])
    world.wait(lambda: not differences(stash, owner, world.plex, key), 20, "the owner's item is right")
    other = stash.add_scene("Other")
    file_id = next(file.id for file in stash.scene(owner).files if file.path.endswith("second.mp4"))
    stash.mutate("sceneAssignFile", scene_id=other, file_id=file_id)
    world.edit(other, title="The other's")
    world.wait(lambda: not differences(stash, other, world.plex, key), 20, "the item is the other's")
    world.wait(lambda: facts(world, owner)["state"] == "not_found", 20, "the owner finds itself without an item")
    world.edit(owner, title="Edited again")
    world.wait_until_idle(scheduled=False)
    assert differences(stash, other, world.plex, key) == []
    assert facts(world, other)["rating_key"] == key
