"""Plex or Stash goes away under the real consumer, or refuses it: real processes, hooks and files."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.demo.world import World
from tests.support.real_world import run

SETTINGS = {
    "PLEXSYNC_BREAKER_FAIL_MAX": "2",
    "PLEXSYNC_BREAKER_RESET_TIMEOUT": "0.5",
    "PLEXSYNC_CONNECT_TIMEOUT": "1",
    "PLEXSYNC_READ_TIMEOUT": "1",
    "PLEXSYNC_MAX_RETRIES": "1",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, SETTINGS) as world:
        yield world


def status(world: World) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(run(world, "status", "--json").stdout)
    return figures


def write_token(world: World, token: str) -> None:
    """Type a token into the configuration file."""
    world.data_dir.mkdir(mode=0o700, exist_ok=True)
    path = world.data_dir / "plexsync.toml"
    path.touch(mode=0o600)
    path.write_text(f'plex_token = "{token}"\n')


@pytest.mark.parametrize("kind", ["away", "hanging"])
def test_scenes_rest_while_plex_is_away_and_are_brought_when_it_is_back(world: World, kind: str) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(30)]
    world.start_consumer()
    world.edit(scenes[0], title="Before")
    world.wait_until_right(scenes[:1])
    world.wait_until_idle()
    fault = PlannedFault("hang", times=None)
    if kind == "away":
        world.plex.stop()
    else:
        world.plex.faults.add(fault)
    world.edit_many(scenes, details="While Plex is away")
    world.wait(lambda: status(world)["breaker"]["state"] != "closed", 20, "the breaker opens")
    world.wait(lambda: status(world)["queue"]["in_progress"] == 0, 20, "the workers are free")
    figures = status(world)
    assert figures["breaker"]["since"]
    assert "Plex" in figures["breaker"]["cause"]
    assert figures["stash_breaker"]["state"] == "closed"
    assert figures["scenes"]["pending"] == len(scenes)
    assert figures["outages"]["count_24h"] == 1
    # What it knows of the outage outlives it.
    world.kill_consumer()
    world.start_consumer()
    assert status(world)["breaker"]["state"] != "closed"
    if kind == "away":
        world.plex.start()
    else:
        world.plex.faults.remove(fault)
        world.plex.faults.release()
    world.wait_until_right(scenes, 60)
    world.wait_until_idle()
    figures = status(world)
    assert figures["dead_letters"] == 0
    assert (figures["breaker"]["state"], figures["breaker"]["since"]) == ("closed", None)
    assert figures["outages"]["mean_time_to_recover_s"] > 0
    assert world.stop_consumer() == 0
    log = world.log_path.read_text()
    assert log.count("Plex is down") == 1
    assert log.count("Plex is back after") == 1
    assert "Traceback" not in log


def test_a_persons_own_check_is_answered_during_an_outage_and_does_not_count(world: World) -> None:
    world.plex.stop()
    for _ in range(3):
        done = run(world, "check")
        assert done.returncode == 1
        assert "connection refused" in done.stdout
    assert status(world)["breaker"]["state"] == "closed"


def test_the_line_stops_for_a_refused_token_and_goes_on_with_a_new_one(world: World) -> None:
    del world.environ["PLEXSYNC_PLEX_TOKEN"]
    write_token(world, world.plex.token)
    scenes = [world.add(f"{number}.mp4") for number in range(30)]
    world.start_consumer()
    old = world.plex.wrong_token()
    world.edit_many(scenes, details="With a wrong token")
    world.wait(lambda: status(world)["stopped"] is not None, 20, "the line stops")
    figures = status(world)
    assert "PLEXSYNC_PLEX_TOKEN" in figures["stopped"]
    assert (figures["scenes"]["pending"], figures["dead_letters"]) == (len(scenes), 0)
    write_token(world, world.plex.token)
    world.wait_until_right(scenes)
    assert status(world)["stopped"] is None
    assert world.stop_consumer(signal.SIGINT) == 0
    log = world.log_path.read_text()
    assert log.count("all scenes wait") == 1
    assert log.count("Plex grants access again") == 1
    assert old not in log
    assert world.plex.token not in log


def test_a_consumer_started_before_the_first_hook_learns_from_it_where_stash_is(world: World) -> None:
    scene = world.add("a.mp4")
    del world.environ["PLEXSYNC_STASH_URL"]
    world.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "600"
    world.start_consumer()
    world.wait(lambda: "Stash is down" in world.log_path.read_text(), 20, "Stash is not at its usual address")
    world.edit(scene, title="The first edit")
    assert world.wait_until_right([scene]) < 15
    assert world.stop_consumer() == 0
