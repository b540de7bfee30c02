"""The token stands on Stash's settings page, and Stash cannot be read when PlexSync starts."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.demo.world import PLUGIN, World
from tests.support import programs

CONSUMER = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]
CHECK = [sys.executable, "-P", "-m", "plexsync", "check", "--json"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        world.stash.plugin_settings["PlexSync"] = {"plexToken": world.environ["PLEXSYNC_PLEX_TOKEN"]}
        yield world


def environ(world: World, **more: str) -> dict[str, str]:
    own = {name: value for name, value in world.environ.items() if name != "PLEXSYNC_PLEX_TOKEN"}
    return own | {"PYTHONPATH": str(PLUGIN)} | more


def test_the_consumer_waits_for_stash_and_then_goes_on_by_itself(world: World) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="Edited")
    world.stash.stop()
    with world.log_path.open("wb") as log:
        process = programs.Popen(CONSUMER, env=environ(world), stderr=log, stdout=log)
    try:
        world.wait(lambda: "waiting for Stash" in world.log_path.read_text(), 30, "it says that it waits")
        assert process.poll() is None
        world.stash.start()
        world.wait(lambda: not world.wrong(scene), 30, "the scene is right in Plex")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert world.log_path.read_text().count("waiting for Stash") == 1


@pytest.mark.parametrize("status", [401, 500])
def test_a_stash_that_refuses_or_fails_is_waited_for_as_well(world: World, status: int) -> None:
    world.stash.faults.add(PlannedFault("status", times=None, status=status))
    with world.log_path.open("wb") as log:
        process = programs.Popen(CONSUMER, env=environ(world), stderr=log, stdout=log)
    world.wait(lambda: "waiting for Stash" in world.log_path.read_text(), 30, "it says that it waits")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_what_is_certainly_wrong_ends_at_once(world: World) -> None:
    world.stash.stop()
    wrong = environ(world, PLEXSYNC_WORKERS="0")
    done = programs.run(CONSUMER, env=wrong, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "PLEXSYNC_WORKERS" in done.stderr


def test_a_token_that_is_nowhere_while_stash_can_be_read_ends_at_once(world: World) -> None:
    world.stash.plugin_settings["PlexSync"] = {}
    done = programs.run(CONSUMER, env=environ(world), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "PLEXSYNC_PLEX_TOKEN" in done.stderr


def test_check_names_stash_and_not_the_token(world: World) -> None:
    world.stash.stop()
    done = programs.run(CHECK, env=environ(world), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    levels = {one["name"]: one["level"] for one in json.loads(done.stdout)}
    assert levels == {"data folder": "ok", "settings": "warn", "Stash": "fail"}


def test_status_and_doctor_say_whether_the_consumer_runs(world: World) -> None:
    def asked(*words: str) -> object:
        command = [sys.executable, "-P", "-m", "plexsync", *words, "--json"]
        done = programs.run(
            command, env=world.environ | {"PYTHONPATH": str(PLUGIN)}, capture_output=True, text=True, check=False
        )
        return json.loads(done.stdout)

    def doctor() -> str:
        found = asked("doctor")
        assert isinstance(found, list)
        (one,) = [one for one in found if one["name"] == "consumer"]
        return f"{one['level']}: {one['text']}"

    assert asked("status")["consumer"] == {"running": False, "pid": None, "since": None}  # type: ignore[index]
    assert doctor().startswith("fail: not running: start it with ./huey_consumer.sh")
    world.start_consumer()
    world.wait(lambda: asked("status")["consumer"]["running"], 20, "it runs")  # type: ignore[index]
    consumer = asked("status")["consumer"]  # type: ignore[index]
    assert os.path.exists(f"/proc/{consumer['pid']}")  # noqa: PTH110
    assert doctor().startswith("ok: runs since ")
    world.kill_consumer()
    assert doctor().startswith("fail: not running")
