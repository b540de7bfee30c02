"""What is said while Plex is away, or refuses us: since when, why, and when it is asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.cli.terminal import columns
from plexsync.demo.http.faults import PlannedFault
from plexsync.demo.world import World
from tests.support.on_terminals import on_terminal, screen


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = {"PLEXSYNC_BREAKER_FAIL_MAX": "1", "PLEXSYNC_BREAKER_RESET_TIMEOUT": "600"}
    with World(tmp_path, settings) as world:
        yield world


def asked(world: World, *words: str) -> Any:
    return json.loads(on_terminal(world, *words, "--json"))


def words_of(text: str) -> str:
    assert all(columns(line) <= 80 or " " not in line.strip() for line in text.splitlines()), text
    return " ".join(text.split())


def test_an_outage(world: World) -> None:
    scene = world.add("a.mp4")
    world.plex.stop()
    world.start_consumer()
    world.edit(scene, title="Edited")
    world.wait(lambda: asked(world, "status")["breaker"]["state"] == "open", 30, "Plex is not called")
    world.wait(lambda: asked(world, "scene", str(scene))["queue"] == "pending", 30, "the scene rests")
    breaker = asked(world, "status")["breaker"]
    assert breaker["next_try_at"].endswith("Z")
    told = words_of(screen(world, "status"))
    again = r"; asked again in \d+ min( \d+ s)? at the latest"
    since = (
        r"not called since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d \((\d+ s ago|now)\): No answer from Plex at .*"
    )
    assert re.search(rf"Plex breaker open, {since}{again}", told), told
    assert "outages 1 in the last 24 h, not over yet" in told
    assert re.search(rf"breaker: open, {since}{again}", words_of(screen(world, "doctor")))
    told = words_of(screen(world, "scene", str(scene)))
    assert "state pending (waits in the queue)" in told
    assert re.search(rf"waits for Plex: it has failed too often and is not called for now{again}", told), told


def test_access_that_is_refused(world: World) -> None:
    scene = world.add("a.mp4")
    world.plex.faults.add(
        PlannedFault("status", times=None, status=401, match=lambda request: request.path != "/identity")
    )
    world.start_consumer()
    world.edit(scene, title="Edited")
    world.wait(lambda: asked(world, "status")["stopped"] is not None, 30, "access is refused")
    told = words_of(screen(world, "status"))
    text = "Plex does not accept the token (401): set PLEXSYNC_PLEX_TOKEN (now in the environment) to a valid token"
    assert f"stopped nothing can be synced: {text}" in told
    assert "; asked again every minute" in told
    told = words_of(screen(world, "scene", str(scene)))
    assert f"waits for Plex: {text}" in told
