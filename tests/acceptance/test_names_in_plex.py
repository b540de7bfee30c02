"""Casts, tags and long texts as Stash has them, whichever way Plex takes lists; real hooks and the real consumer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import World

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture(params=["add", "replace"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with World(tmp_path) as world:
        world.plex.behaviour.tag_lists = request.param
        world.plex.behaviour.max_request_line = 65536
        yield world
        assert world.plex.violations == []


def rename(world: World, kind: str, row_id: int, name: str) -> None:
    world.mutate(f"{kind}Update", f"{kind.title()}UpdateInput!", {"id": str(row_id), "name": name})


def test_casts_and_tags_are_shown_as_stash_has_them_and_nothing_of_others_is_lost(world: World) -> None:
    stash, plex = world.stash, world.plex
    scenes = [world.add(f"{number}.mp4") for number in range(8)]
    for scene in scenes:
        plex.edit_as_person(world.items[scene], lock=False, actor=["Agent's"], genre=["Theirs"])
    performers = {name: stash.add_performer(name) for name in ("жанна", "Ann", "Bea")}
    tags = {name: stash.add_tag(name) for name in ("Strasse", "4K")}
    world.start_consumer()

    def shows(kind: str, *names: str) -> None:
        world.wait(
            lambda: all(plex.item(world.items[scene]).names(kind) == list(names) for scene in scenes),
            60,
            f"{kind} is {', '.join(names)}",
        )

    cast = [str(performers["жанна"]), str(performers["Ann"])]
    world.edit_many(scenes, performer_ids={"mode": "SET", "ids": cast})
    world.edit_many(scenes, tag_ids={"mode": "SET", "ids": [str(tag) for tag in tags.values()]})
    shows("actor", "жанна", "Ann", "Agent's")
    shows("genre", "Strasse", "4K", "Theirs")

    # Somebody comes first.
    world.edit_many(scenes, performer_ids={"mode": "SET", "ids": [str(performers["Bea"]), *cast]})
    shows("actor", "Bea", "жанна", "Ann", "Agent's")
    # The order alone.
    world.edit_many(scenes, performer_ids={"mode": "SET", "ids": [*cast, str(performers["Bea"])]})
    shows("actor", "жанна", "Ann", "Bea", "Agent's")
    # Names in another case, and in another folding.
    rename(world, "performer", performers["жанна"], "Жанна")
    rename(world, "tag", tags["Strasse"], "Straße")
    shows("actor", "Жанна", "Ann", "Bea", "Agent's")
    shows("genre", "Straße", "4K", "Theirs")
    world.wait_until_idle()
    # To whoever compares everything all of it is as it should be: nothing is written again.
    written = plex.counters["writes"]
    world.command("reconcile", "--full")
    world.wait_until_idle()
    assert plex.counters["writes"] == written
    assert world.stop_consumer() == 0


def test_two_of_one_name_and_a_long_summary_arrive_whole(world: World) -> None:
    stash, plex = world.stash, world.plex
    scene = world.add("a.mp4")
    first = stash.add_performer("Jane Doe", disambiguation="1990")
    second = stash.add_performer("Jane Doe", disambiguation="2001")
    summary = "これは長い説明です。" * 300
    world.start_consumer()
    world.edit(scene, title="T", details=summary, performer_ids=[str(first), str(second)])
    item = world.items[scene]
    world.wait(lambda: plex.item(item).title == "T", 30, "the scene is in Plex")
    world.wait_until_idle()
    assert plex.item(item).names("actor") == ["Jane Doe (1990)", "Jane Doe (2001)"]
    assert plex.item(item).text("summary") == summary
    assert "2 performers are named" in world.command("scene", str(scene))
