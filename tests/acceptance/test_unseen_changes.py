"""Changes that Stash tells us little or nothing of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part
from tasks import scenes as tasks_scenes


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, {"PLEXSYNC_LATE_POLLS": "1,1,2"}) as world:
        yield world


def test_a_scene_scanned_before_its_cover_was_made_gets_it_later(world: World) -> None:
    name = "new.mp4"
    key = world.plex.add_item(world.section, "new", [Part(f"{PLEX_ROOT}/{name}", 5_000_000, 1000)])
    world.start_consumer()
    scene = world.stash.scan(f"{STASH_ROOT}/{name}", size=5_000_000)
    world.items[scene] = key
    world.wait_until_right([scene])
    assert len(world.plex.pictures(key, "posters")) == 1


def test_a_bulk_edit_cut_off_after_its_first_hook_reaches_every_scene(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(6)]
    runner = world.stash.hooks
    assert runner is not None
    run, calls = runner.run, []

    def only_once(*args: object) -> list[object]:
        # As when the browser goes away: the scenes are changed, and no further hook is started.
        calls.append(args)
        return run(*args) if len(calls) == 1 else []  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "run", only_once)
    world.start_consumer()
    world.edit_many(scenes, details="All of them")
    assert len(calls) == 6
    assert len(world.stash.hook_runs) == 1
    world.wait_until_right(scenes[:1], 10)
    grace = tasks_scenes.GRACE + tasks_scenes.GRACE_PER_SCENE * len(scenes)
    world.wait_until_right(scenes, grace + 15)


def test_a_bulk_edit_that_was_not_cut_off_is_read_once(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(6)]
    world.start_consumer()
    world.edit_many(scenes, details="All of them")
    world.wait_until_right(scenes)
    pictures = sum("/screenshot" in request.path for request in world.stash.log)
    world.wait_until_idle(30)
    assert sum("/screenshot" in request.path for request in world.stash.log) == pictures == len(scenes)
