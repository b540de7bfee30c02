"""Who starts the consumer by hand, or as a service, gets it, also where Stash has started one before."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from plexsync.inbox import consumer_record
from tests.support import programs

CONSUMER = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def from_stash(world: World, **more: str) -> subprocess.Popen[bytes]:
    """A consumer as the hook starts it."""
    environ = world.environ | {"PYTHONPATH": str(PLUGIN), consumer_record.STARTED_BY: "stash"} | more
    with (world.log_path.parent / "stash.log").open("ab") as log:
        return programs.Popen(CONSUMER, env=environ, stdout=log, stderr=log)


def state(world: World) -> tuple[str, str]:
    record = consumer_record.read(str(world.data_dir))
    snapshot = world.data_dir / "status.json"
    shown = json.loads(snapshot.read_text())["state"] if snapshot.exists() else ""
    return (record.started_by if record else "", shown)


def test_one_that_waits_for_settings_makes_room_and_has_touched_nothing(world: World) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="Edited")
    first = from_stash(world, PLEXSYNC_PLEX_TOKEN="")
    world.wait(lambda: state(world) == ("stash", "needs_settings"), 30, "it waits")
    assert len(list((world.data_dir / "inbox").glob("*.json"))) == 1
    assert not (world.data_dir / "plexsync.db").exists()

    world.start_consumer()
    world.wait(lambda: first.poll() is not None, 30, "the first has ended")
    assert first.returncode == 0
    world.wait_until_right([scene])
    assert state(world) == ("other", "running")
    assert "the consumer that Stash has started ends, and this one takes over" in world.log_path.read_text()


def test_one_that_runs_finishes_and_makes_room(world: World) -> None:
    first = from_stash(world)
    world.wait(lambda: state(world) == ("stash", "running"), 30, "the first runs")
    world.start_consumer()
    assert first.wait(40) == 0
    world.wait(lambda: state(world) == ("other", "running"), 30, "the second runs")
    # What comes later from Stash finds it there, and ends.
    assert from_stash(world).wait(30) == 1
    assert state(world) == ("other", "running")


def test_one_that_cannot_be_seen_is_asked_by_a_file(world: World) -> None:
    first = from_stash(world)
    world.wait(lambda: state(world) == ("stash", "running"), 30, "the first runs")
    # Of another container the number leads to nothing here.
    (world.data_dir / "consumer.lock").write_text("999999999\n")
    world.start_consumer()
    assert first.wait(40) == 0
    world.wait(lambda: state(world) == ("other", "running"), 30, "the second runs")


def test_one_that_a_person_has_started_makes_no_room(world: World) -> None:
    world.start_consumer()
    world.wait(lambda: state(world) == ("other", "running"), 30, "the first runs")
    environ = world.environ | {"PYTHONPATH": str(PLUGIN)}
    second = programs.run(CONSUMER, env=environ, capture_output=True, timeout=60, check=False)
    assert second.returncode == 1
    assert b"another consumer" in second.stderr
    assert world.consumer_ended() is None


def test_one_whose_data_folder_was_deleted_ends_and_makes_none(world: World) -> None:
    first = from_stash(world, PLEXSYNC_PLEX_TOKEN="")
    world.wait(lambda: state(world) == ("stash", "needs_settings"), 30, "it waits")
    shutil.rmtree(world.data_dir)
    try:
        assert first.wait(40) == 0
    finally:
        if first.poll() is None:
            os.kill(first.pid, signal.SIGKILL)
    assert not world.data_dir.exists()
