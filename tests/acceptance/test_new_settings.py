"""Settings that are changed under a running consumer, as the person sees it who changed them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def settings(world: World) -> dict[str, Any]:
    return dict(json.loads(world.command("status", "--json"))["settings"] or {})


def write(world: World, *lines: str) -> None:
    path = world.data_dir / "plexsync.toml"
    path.write_text("\n".join([*lines, ""]))
    path.chmod(0o600)


def test_a_change_is_in_force_without_a_restart_and_status_says_what_is_left_to_do(world: World) -> None:
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="Žluťoučký kůň")
    world.wait_until_right([scene])
    assert (settings(world)["changed"], settings(world)["sync_all"]) == ([], [])
    write(world, "ascii_titles = true", "workers = 3")
    took = world.wait(lambda: "the new ones are in force" in world.log_path.read_text(), 20, "it is in force")
    assert took < 10, "2 s, and what a busy machine needs"
    assert "in force: workers, ascii_titles" in world.log_path.read_text()
    known = settings(world)
    assert (known["changed"], known["at_restart"], known["sync_all"]) == (
        ["ascii_titles", "workers"],
        ["workers"],
        ["ascii_titles"],
    )
    text = world.command("status")
    assert "workers: once the consumer is restarted" in text
    assert "sync --all" in text
    assert world.plex.item(world.items[scene]).texts["title"] == "Žluťoučký kůň"
    world.command("sync", "--all", "--wait")
    assert world.plex.item(world.items[scene]).texts["title"] == "Zlutoucky kun"
    assert settings(world)["sync_all"] == []
    world.stop_consumer()
    world.start_consumer()
    world.wait(lambda: settings(world)["at_restart"] == [], 20, "the restart took the rest over")


def test_settings_that_were_changed_while_nothing_ran_are_known_at_the_next_start(world: World) -> None:
    world.start_consumer()
    world.wait(lambda: bool(settings(world)), 20, "it has started")
    since = settings(world)["since"]
    world.stop_consumer()
    write(world, 'content_rating = "XXX"')
    world.start_consumer()
    world.wait(lambda: settings(world)["changed"] == ["content_rating"], 20, "it is known")
    assert settings(world)["since"] >= since
    assert settings(world)["sync_all"] == ["content_rating"]


def test_a_tagline_that_is_switched_on_comes_with_every_edit_and_a_bad_template_changes_nothing(world: World) -> None:
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="A day", code="AC-7")
    world.wait_until_right([scene])
    assert "tagline" not in world.plex.item(world.items[scene]).texts
    write(world, 'tagline = "code"')
    world.wait(lambda: settings(world)["changed"] == ["tagline"], 20, "it is in force")
    assert settings(world)["sync_all"] == ["tagline"]
    world.edit(scene, details="More words")
    world.wait(lambda: world.plex.item(world.items[scene]).texts.get("tagline") == "AC-7", 20, "the tagline is there")
    write(world, 'tagline = "{stuido}"')
    fault = "{stuido} is not a placeholder (did you mean {studio}?)"
    world.wait(lambda: fault in world.log_path.read_text(), 20, "the log says what is wrong")
    world.edit(scene, code="AC-8")
    world.wait(
        lambda: world.plex.item(world.items[scene]).texts.get("tagline") == "AC-8", 20, "the old one is in force"
    )
