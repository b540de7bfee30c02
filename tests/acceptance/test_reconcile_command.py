"""Comparing everything, with the real command and the real consumer: what no hook told of is right in the end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import compare
from plexsync.demo.http import PlannedFault
from plexsync.demo.world import PLUGIN, World
from plexsync.errors import PlexUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.storage.database import Database
from tests.support import programs

#: Nothing else looks for changes meanwhile.
ALONE = {"PLEXSYNC_LATE_POLLS": "86400", "PLEXSYNC_POLL_INTERVAL": "86400", "PLEXSYNC_RECONCILE": "off"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, ALONE) as world:
        yield world


def command(world: World, *words: str, **environ: str) -> subprocess.Popen[str]:
    return programs.Popen(
        [sys.executable, "-P", *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=world.data_dir.parent,
    )


def run(world: World, *words: str, **environ: str) -> tuple[str, str]:
    """What ``python -m plexsync`` with these words prints, once it has ended well."""
    process = command(world, "-m", "plexsync", *words, **environ)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out, err


def differences(world: World, *words: str, **environ: str) -> dict[str, int]:
    figures = json.loads(run(world, "reconcile", "--json", *words, **environ)[0])
    assert figures["cautions"] == []
    return {kind: count for kind, count in figures["differences"].items() if count}


def in_sync(world: World, count: int) -> list[int]:
    """So many scenes, each with its own studio, tag and title, all right in Plex; the consumer has ended."""
    scenes = [world.add(f"file {number}.mp4") for number in range(count)]
    world.start_consumer()
    studio, tags = world.stash.add_studio("Sunset"), [world.stash.add_tag(name) for name in ("Summer", "Holiday")]
    with world.stash.without_hooks():
        for number, scene in enumerate(scenes):
            world.stash.edit(scene, title=f"Title {number}", studio=studio, tags=tags, rating100=70)
    assert differences(world) == {"new": count}
    world.wait_until_right(scenes)
    world.wait_until_idle(scheduled=False)
    assert world.stop_consumer() == 0
    # Let what follows be in another second of Plex's clock.
    time.sleep(1.1)
    return scenes


def test_a_library_that_drifted_apart_in_many_ways_is_right_after_one_comparison(world: World) -> None:
    scenes = in_sync(world, 10)
    stash, plex, keys = world.stash, world.plex, [world.items[scene] for scene in scenes]
    with stash.without_hooks():
        stash.mutate("sceneDestroy", id=scenes[0])
        stash.mutate("sceneMerge", source=[scenes[1]], destination=scenes[2], values={"id": scenes[2], "title": "Both"})
    plex.edit_as_person(keys[3], title="A person's", genre=["Summer"])
    plex.unlock_as_person(keys[4], "studio")
    plex.unlock_as_person(keys[5], "title")
    plex.refresh(keys[5])
    plex.delete_picture_as_person(keys[6], "posters")
    world.items[scenes[7]] = plex.rekey(keys[7])
    plex.rate_as_person(keys[8], 1.0)
    left = plex.item(keys[0])
    dry, _ = run(world, "reconcile", "--dry-run")
    assert '"A person\'s" where "Title 3" was written' in dry
    wanted = {"changed": 1, "gone": 2, "drifted": 3, "unlocked": 1, "picture_gone": 1, "replaced": 1}
    assert differences(world, "--dry-run") == wanted
    assert json.loads(run(world, "status", "--json")[0])["queue"]["pending"] == 0
    assert differences(world) == wanted
    world.start_consumer()
    right = scenes[2:7]
    world.wait_until_right([*right, *scenes[7:]])
    world.wait_until_idle(scheduled=False)
    assert plex.item(keys[4]).locked >= {"studio", "title"}
    assert plex.item(keys[0]) == left
    # Since the merge its file is the other scene's, so that it shows that one as well.
    assert compare.differences(world.stash, scenes[2], plex, keys[1]) == []
    assert differences(world) == {}
    plex.forget()
    stash.forget()
    assert differences(world) == {}
    assert (stash.counters["SceneCount"], stash.counters["ScenesWhere"], len(plex.log)) == (1, 1, 2)
    assert plex.counters["writes"] == 0
    status = json.loads(run(world, "status", "--json")[0])["reconcile"]
    assert (status["scenes"], status["queued"], status["under_way"]) == (8, 0, None)
    assert plex.violations == []


def test_a_rename_that_no_hook_told_of_goes_out_in_few_writes(world: World) -> None:
    scenes = in_sync(world, 60)
    world.stash.rename("studios", 1, "Sunrise")
    world.plex.forget()
    assert differences(world) == {"changed": 60}
    world.start_consumer()
    world.wait_until_right(scenes)
    assert world.plex.counters["writes"] <= 4


def test_a_persons_values_stay_where_they_are_to_be_left_alone(world: World) -> None:
    scenes = in_sync(world, 2)
    world.environ["PLEXSYNC_PRESERVE_PLEX_EDITS"] = "true"
    world.plex.edit_as_person(world.items[scenes[0]], title="A person's")
    assert differences(world) == {}
    del world.environ["PLEXSYNC_PRESERVE_PLEX_EDITS"]
    # It was seen meanwhile, and its time has not moved since.
    assert differences(world) == {"drifted": 1}
    world.start_consumer()
    world.wait_until_right(scenes)


def test_a_comparison_that_was_killed_goes_on_where_it_was(world: World) -> None:
    scenes = in_sync(world, 3)
    with world.stash.without_hooks():
        world.stash.edit(scenes[0], title="Newer")
    world.plex.edit_as_person(world.items[scenes[1]], title="A person's")
    world.stash.forget()
    world.plex.forget()
    fault = PlannedFault("slow", times=None, seconds=5.0)
    world.plex.faults.add(fault)
    process = command(world, "-m", "plexsync", "reconcile", PLEXSYNC_READ_TIMEOUT="30")
    world.wait(lambda: bool(world.plex.log), 20, "Plex is asked")
    process.kill()
    process.communicate()
    world.plex.faults.clear()
    assert world.stash.counters["ScenesWhere"] == 1
    under_way = json.loads(run(world, "status", "--json")[0])["reconcile"]["under_way"]
    assert (under_way["scenes"], under_way["of_scenes"]) == (3, 3)
    out, err = run(world, "reconcile", "--json")
    assert "going on where" in err
    figures: dict[str, Any] = json.loads(out)
    assert {kind for kind, count in figures["differences"].items() if count} == {"changed", "drifted"}
    assert world.stash.counters["ScenesWhere"] == 1
    world.start_consumer()
    world.wait_until_right(scenes)


def test_two_do_not_compare_at_once(world: World) -> None:
    in_sync(world, 1)
    world.plex.forget()
    world.plex.faults.add(PlannedFault("slow", times=None, seconds=20.0))
    process = command(world, "-m", "plexsync", "reconcile", PLEXSYNC_READ_TIMEOUT="60")
    world.wait(
        lambda: any("/all" in request.path or "sections" in request.path for request in world.plex.log), 20, "it runs"
    )
    second = command(world, "-m", "plexsync", "reconcile")
    _, err = second.communicate(timeout=30)
    process.kill()
    process.communicate()
    assert second.returncode == 1
    assert "compared at this moment" in err


def test_the_consumer_compares_by_itself_and_survives_a_kill_on_the_way(world: World) -> None:
    scenes = in_sync(world, 3)
    world.plex.edit_as_person(world.items[scenes[1]], title="A person's")
    world.stash.rename("studios", 1, "Sunrise")
    begin = command(world, "-c", "import time, tasks; tasks.reconcile_on(int(time.time()))")
    assert begin.wait(30) == 0
    begin.communicate()
    world.plex.forget()
    world.plex.faults.add(PlannedFault("slow", times=3, seconds=3.0))
    world.start_consumer()
    world.wait(lambda: bool(world.plex.log), 20, "Plex is asked")
    world.kill_consumer()
    world.plex.faults.clear()
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait(
        lambda: json.loads(run(world, "status", "--json")[0])["reconcile"]["last_at"] is not None, 20, "it is over"
    )
    assert "everything compared in" in world.log_path.read_text()


def test_a_dry_run_is_asked_though_plex_is_left_alone_and_counts_as_nothing(world: World) -> None:
    in_sync(world, 1)
    kept = BreakerStorage(Database(world.data_dir / "plexsync.db"), "Plex")
    guard = Guard("Plex", PlexUnavailable, 1, 600.0, kept)
    guard.trip(PlexUnavailable("it was down"))
    assert differences(world, "--dry-run") == {}
    assert guard.state == "open", "it closes nothing either"
    kept.state = "closed"
    kept.reset_counter()
    world.plex.faults.add(PlannedFault("status", times=None, status=500))
    world.stash.faults.add(PlannedFault("status", times=None, status=500))
    for _ in range(2):
        process = command(world, "-m", "plexsync", "reconcile", "--dry-run")
        _, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "not called" not in err
    assert (guard.state, guard.failures) == ("closed", 0)
    assert BreakerStorage(Database(world.data_dir / "plexsync.db"), "Stash").counter == 0
