"""A consumer that shares no folder with Stash: real hooks there, the real consumer elsewhere, Stash's API between."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from plexsync.demo.world import World


class Apart:
    """A world whose consumer has a data folder of its own."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder

    def operate(self, **args: object) -> Any:
        document = 'mutation($args: Map) { runPluginOperation(plugin_id: "PlexSync", args: $args) }'
        body = {"query": document, "variables": {"args": args}}
        answer = requests.post(f"{self.world.stash.url}/graphql", json=body, timeout=60).json()
        return answer["data"]["runPluginOperation"]

    def shows(self, scene: int, title: str) -> None:
        plex = self.world.plex
        self.world.wait(lambda: plex.item(self.world.items[scene]).title == title, 30, f"Plex shows {title!r}")


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    folder = tmp_path_factory.mktemp("apart")
    elsewhere = folder / "consumer"
    settings = {"PLEXSYNC_DATA_DIR": str(elsewhere), "PLEXSYNC_INBOX": "stash", "PLEXSYNC_INBOX_PAUSE": "0.2"}
    with World(folder, settings) as world:
        yield Apart(world, elsewhere)


def test_an_edit_reaches_plex_and_nothing_is_left_on_stashs_machine(apart: Apart) -> None:
    world = apart.world
    scene = world.add("a.mp4")
    world.edit(scene, title="Before there was a consumer")
    world.start_consumer()
    apart.shows(scene, "Before there was a consumer")
    world.wait(lambda: not list((world.data_dir / "inbox").iterdir()), 20, "it is acknowledged")
    began = time.monotonic()
    world.edit(scene, title="Fetched at once")
    apart.shows(scene, "Fetched at once")
    # Far below the ten seconds that a call waits.
    assert time.monotonic() - began < 8
    assert not (apart.folder / "inbox").exists() or not list((apart.folder / "inbox").iterdir())


def test_the_page_asks_the_consumer_and_shows_where_it_is(apart: Apart) -> None:
    world = apart.world
    scene = next(iter(world.items))
    shown = apart.operate(mode="status")["result"]
    assert (shown["life"]["state"], shown["state"]) == ("running", "running")
    answer = apart.operate(mode="scene", scene_id=scene)
    assert answer["ok"], answer
    assert answer["result"]["scene_id"] == scene
    assert apart.operate(mode="sync", scene_ids=[scene])["ok"]


def test_a_consumer_that_is_killed_loses_no_edit(apart: Apart) -> None:
    world = apart.world
    scenes = [world.add(f"many{number}.mp4") for number in range(12)]
    for number, scene in enumerate(scenes):
        world.edit(scene, title=f"Number {number}")
        if number % 4 == 1:
            world.kill_consumer()
            world.start_consumer()
    for number, scene in enumerate(scenes):
        apart.shows(scene, f"Number {number}")
    world.wait(lambda: not list((world.data_dir / "inbox").iterdir()), 30, "all is acknowledged")
    assert [world.plex.item(world.items[one]).title for one in scenes] == [f"Number {one}" for one in range(12)]


def test_a_consumer_that_stops_says_so_there_and_events_wait(apart: Apart) -> None:
    world = apart.world
    scene = next(iter(world.items))
    world.stop_consumer()
    life = apart.operate(mode="status")["result"]["life"]
    assert life["state"] == "stopped"
    assert life["remedy"].startswith("Start it on ")
    world.edit(scene, title="While it was stopped")
    assert len(list((world.data_dir / "inbox").iterdir())) == 1
    # Nothing else of the two is shared.
    assert not (world.data_dir / "plexsync.db").exists()
    world.start_consumer()
    apart.shows(scene, "While it was stopped")


def test_it_is_known_again_after_its_data_folder_was_lost(apart: Apart) -> None:
    world = apart.world
    scene = next(iter(world.items))
    world.stop_consumer()
    shutil.rmtree(apart.folder)
    before = json.loads((world.data_dir / "remote.json").read_text())["consumer"]
    world.start_consumer()
    world.edit(scene, title="From a new folder")
    apart.shows(scene, "From a new folder")
    assert json.loads((world.data_dir / "remote.json").read_text())["consumer"] != before


def test_back_on_one_machine_the_other_is_turned_away_and_nothing_is_lost(apart: Apart) -> None:
    world = apart.world
    scene = next(iter(world.items))
    world.stop_consumer()
    world.edit(scene, title="Between the two")
    world.environ |= {"PLEXSYNC_DATA_DIR": str(world.data_dir), "PLEXSYNC_INBOX": "folder"}
    world.start_consumer()
    apart.shows(scene, "Between the two")
    assert not (world.data_dir / "remote.json").exists()
    refused = apart.operate(mode="drain", consumer="d" * 32)
    assert (refused["ok"], refused["error"]["kind"]) == (False, "busy")
