"""Whether Stash will call the hook, and when it did so last: as a person sees it, with real hooks and the consumer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import World
from settings import STASH_CONNECTION_FILE
from tests.support.real_world import run

OLD = {"id": "PlexSync-old", "name": "PlexSync", "version": "0.9", "enabled": True, "hooks": []}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, {"PLEXSYNC_POLL_INTERVAL": "0.5"}) as world:
        yield world


def hook(world: World, command: str) -> dict[str, Any]:
    """What ``check`` or ``doctor`` finds of the hook."""
    done = run(world, command, "--json")
    (found,) = [one for one in json.loads(done.stdout) if one["name"] == "hook"]
    return dict(found)


def status(world: World) -> dict[str, Any]:
    return dict(json.loads(world.command("status", "--json"))["hook"])


def test_a_hook_that_was_called_before_that_was_noted_is_not_said_to_be_new(world: World) -> None:
    assert "has not called it yet" in status(world)["text"]
    (world.data_dir / STASH_CONNECTION_FILE).write_text("{}")
    assert "Stash has called it, but not since PlexSync began to note when" in status(world)["text"]


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_plugin_that_stash_does_not_call_is_no_ok_though_it_was_called_before(world: World, command: str) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="Once")
    assert hook(world, command)["level"] == "ok"
    with world.stash.without_hooks():
        found = hook(world, command)
        assert (found["level"], found["ok"]) == ("fail", False)
        assert "disabled in Stash: enable PlexSync under Settings > Plugins" in found["text"]
        assert "Stash called it last" in found["text"]
    world.stash.use_hooks(None)
    found = hook(world, command)
    assert (found["level"], found["ok"]) == ("warn", True), "one that lists no plugin at all may just not tell of them"
    assert "does not know the plugin" in found["text"]
    world.stash.more_plugins.append({"id": "other", "name": "Other", "version": "1", "enabled": True, "hooks": []})
    found = hook(world, command)
    assert (found["level"], found["ok"]) == ("fail", False)
    assert "does not know the plugin" in found["text"]


def test_a_second_copy_is_named(world: World) -> None:
    world.stash.more_plugins.append(OLD)
    found = hook(world, "check")
    assert (found["level"], found["ok"]) == ("warn", True)
    assert "loaded as PlexSync-old" in found["text"]
    assert "has not called it yet" in found["text"]


def test_status_tells_what_the_consumer_was_told_and_asks_nobody(world: World) -> None:
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="Once")
    world.wait_until_right([scene])
    known = status(world)
    assert (known["level"], known["loaded"], known["enabled"]) == ("ok", True, True)
    assert known["text"].startswith("Stash called it last")
    world.kill_consumer()
    asked = sum(world.stash.counters.values())
    assert {**status(world), "text": ""} == known | {"text": ""}
    assert sum(world.stash.counters.values()) == asked


def test_edits_that_only_the_poll_finds_are_counted_until_the_hook_is_called_again(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    world.start_consumer()
    for scene in scenes:
        world.edit(scene, title=f"Scene {scene}")
    world.wait_until_right(scenes)
    assert status(world)["level"] == "ok"
    world.wait(lambda: _seconds_since_call(world) > 2.1, 10, "stamps are whole seconds")
    with world.stash.without_hooks():
        for scene in scenes:
            world.edit(scene, title=f"Scene {scene} without a word")
        world.wait_until_right(scenes)
    world.wait(lambda: status(world)["unannounced"] == 3, 20, "they are counted")
    known = status(world)
    assert known["level"] == "warn"
    assert "since then 3 changes were found for which Stash did not call it" in known["text"]
    assert "warn" in hook(world, "doctor")["level"]
    world.edit(scenes[0], title="With a word")
    world.wait_until_right(scenes[:1])
    assert (status(world)["level"], status(world)["unannounced"]) == ("ok", 0)


def _seconds_since_call(world: World) -> float:
    return time.time() - datetime.fromisoformat(status(world)["called_at"]).timestamp()
