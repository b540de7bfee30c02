"""A data folder that the version before wrote runs on unchanged: its queue, dead letters, reviews and all it knew.

``old_data_folder.tar.gz`` was written by a consumer of that version, on the world that ``furnish`` makes: two scenes
were synced, one waited for review, two had been given up; then the consumer was killed, eleven scenes and a tag were
edited, and a command took what the hooks had left into the queue.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part

OLD = Path(__file__).parent / "old_data_folder.tar.gz"
SYNCED, GIVEN_UP, NOWHERE, REVIEW = (1, 2), 3, 4, 5
EDITED = tuple(range(6, 17))


def furnish(world: World) -> None:
    """What both servers hold. The ids and keys follow from the order."""
    for number in (1, 2, 3):
        world.add(f"Scene {number:02}.mp4")
    world.stash.add_scene("Nowhere", f"{STASH_ROOT}/nowhere.mp4", size=77)
    # Like it is only a file of another name, in another folder, of another size.
    world.stash.add_scene("Picnic at Midsummer", f"{STASH_ROOT}/archive/IMG_2041.mov", size=734_003_217)
    world.stash.edit(5, date="1999-06-21")
    part = Part(f"{PLEX_ROOT}/converted/Picnic at Midsummer 1999-06-21.mp4", 218_765_433)
    world.plex.add_item(world.section, "Picnic at Midsummer 1999-06-21", [part])
    for number in EDITED:
        world.add(f"Scene {number:02}.mp4")
    tag = world.stash.add_tag("Old tag")
    for number in (*SYNCED, GIVEN_UP):
        world.stash.edit(number, title=f"Title {number}", details=f"Details {number}", tags=[tag])


def edit(world: World) -> None:
    """What was edited while no consumer ran."""
    for number in EDITED:
        world.stash.edit(number, title=f"Edited {number}")
    world.stash.mutate("tagUpdate", id=1, name="New tag")


def show(world: World, number: int) -> None:
    """Plex has what it was told of a scene."""
    scene, key = world.stash.scene(number), world.items[number]
    world.plex.edit_as_person(key, title=f"Title {number}", summary=f"Details {number}", genre=["Old tag"])
    for kind in ("posters", "arts"):
        world.plex.upload_as_person(key, kind, scene.cover)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        furnish(world)
        for number in SYNCED:
            show(world, number)
        edit(world)
        with tarfile.open(OLD) as archive:
            archive.extractall(tmp_path, filter="data")
        yield world


def letters(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.command("failed", "list", "--json"))
    return found


def test_what_the_version_before_left_runs_on(world: World) -> None:
    before = json.loads(world.command("status", "--json"))
    assert before["queue"]["pending"] == len(EDITED) + 1
    assert [one["scene_id"] for one in letters(world)] == [GIVEN_UP, NOWHERE]
    waiting = json.loads(world.command("review", "list", "--json"))
    assert [one["scene_id"] for one in waiting] == [REVIEW]

    world.start_consumer()
    world.wait_until_right(EDITED, 60)
    world.wait_until_right(SYNCED, 60)
    assert world.plex.item(world.items[1]).names("genre") == ["New tag"]

    # The tag is one of this scene's too, so it was tried once more.
    world.wait_until_right([GIVEN_UP], 60)

    world.wait_until_idle(60)
    [letter] = letters(world)
    assert letter["scene_id"] == NOWHERE
    found = world.plex.add_item(world.section, "nowhere", [Part(f"{PLEX_ROOT}/nowhere.mp4", 77)])
    world.command("failed", "retry", str(letter["id"]))
    world.wait(lambda: world.plex.item(found).title == "Nowhere", 60, "what was tried again is shown")
    # Title and date are enough by now: what the version before asked a person about is looked at again and decided.
    [review] = waiting
    key = review["candidates"][0]["rating_key"]
    world.command("sync", str(REVIEW))
    world.wait(lambda: world.plex.item(key).title == "Picnic at Midsummer", 60, "what waited for a person is shown")
    assert json.loads(world.command("review", "list", "--json")) == []
