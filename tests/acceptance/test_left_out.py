"""One bad part never holds back the rest, with the real consumer: a cover, a poster, a tag."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.world import World

#: Tries of a picture, in seconds after the first, so that a test can wait for them.
TIMES = ",".join(str(2 * number) for number in range(1, 21))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = {
        "PLEXSYNC_LATE_POLLS": TIMES,
        "PLEXSYNC_POLL_INTERVAL": "3600",
        "PLEXSYNC_READ_TIMEOUT": "1",
        "PLEXSYNC_BREAKER_FAIL_MAX": "2",
    }
    with World(tmp_path, settings) as world:
        yield world
        world.stash.faults.release()


def scene(world: World, scene_id: int) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(world.command("scene", str(scene_id), "--json"))
    return facts


def status(world: World) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(world.command("status", "--json"))
    return figures


def shown(world: World, scene_id: int) -> str:
    return world.plex.item(world.items[scene_id]).title


def is_cover(request: Request) -> bool:
    return request.path.endswith("/screenshot")


def is_poster(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/posters")


@pytest.mark.parametrize("how", [{"kind": "status", "status": 500}, {"kind": "stall"}], ids=["500", "hanging body"])
def test_a_scene_is_there_at_once_and_its_cover_when_stash_gives_it(world: World, how: dict[str, Any]) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    fault = world.stash.faults.add(PlannedFault(times=None, match=is_cover, **how))
    world.start_consumer()
    for number, one in enumerate(scenes):
        world.edit(one, title=f"Title {number}", rating100=70)
    world.wait(lambda: all(shown(world, one) == f"Title {n}" for n, one in enumerate(scenes)), 15, "titles are there")
    world.wait(lambda: scene(world, scenes[0])["left_out"] != [], 20, "it is noted what is missing")
    world.wait(lambda: scene(world, scenes[0])["state"] == "synced", 20, "the scene is synced all the same")
    facts = scene(world, scenes[0])
    assert [one["field"] for one in facts["left_out"]] == ["background", "poster"]
    assert "missing, Stash" in facts["left_out"][0]["reason"]
    assert facts["left_out"][0]["next_try_at"] is not None
    assert facts["last_error"] is None
    text = world.command("scene", str(scenes[0]))
    assert "poster: missing, Stash" in text
    assert "next try" in text
    figures = status(world)
    assert figures["left_out"] == 3
    assert figures["dead_letters"] == figures["scenes"]["failed"] == 0
    assert figures["stash_breaker"]["state"] == figures["breaker"]["state"] == "closed"
    assert "3 scenes lack a picture or a value" in world.command("status")
    # What is to be tried again outlives the consumer.
    world.kill_consumer()
    world.stash.faults.remove(fault)
    world.stash.faults.release()
    world.start_consumer()
    world.wait_until_right(scenes, 90)
    world.wait(lambda: status(world)["left_out"] == 0, 20, "nothing is left out any more")
    assert scene(world, scenes[0])["left_out"] == []
    assert world.stop_consumer() == 0
    assert "Traceback" not in world.log_path.read_text()


@pytest.mark.parametrize("kind", ["status", "cut"])
def test_a_poster_that_is_refused_is_left_out_until_a_person_asks_again(world: World, kind: Any) -> None:
    one = world.add("a.mp4")
    fault = world.plex.faults.add(PlannedFault(kind, times=None, status=413, match=is_poster))
    world.start_consumer()
    world.edit(one, title="A title", rating100=70)
    key = world.items[one]
    world.wait(lambda: world.plex.pictures(key, "arts") != [], 20, "the background is there")
    world.wait(lambda: scene(world, one)["state"] == "synced", 20, "the scene is synced")
    assert (shown(world, one), world.plex.item(key).user_rating) == ("A title", 7.0)
    world.wait(lambda: [part["field"] for part in scene(world, one)["left_out"]] == ["poster"], 20, "it is noted")
    assert status(world)["breaker"]["state"] == "closed"
    world.plex.faults.remove(fault)
    world.command("sync", str(one))
    world.wait_until_right([one])
    world.wait(lambda: scene(world, one)["left_out"] == [], 20, "nothing is left out any more")
    assert world.plex.counters["uploads"] == 2


def test_a_tag_that_is_refused_is_named_and_all_else_arrives(world: World) -> None:
    one, other = world.add("a.mp4"), world.add("b.mp4")
    tags = [world.stash.add_tag(name) for name in ("good", "Bad", "better")]
    fault = world.plex.faults.add(
        PlannedFault(
            "status",
            times=None,
            status=400,
            match=lambda request: request.method == "PUT" and "Bad" in [value for _, value in request.params],
        )
    )
    world.start_consumer()
    studio = world.stash.add_studio("Old name")
    world.edit(one, title="A title", tag_ids=[str(tag) for tag in tags], studio_id=str(studio))
    world.edit(other, title="Another", studio_id=str(studio))
    world.wait_until_right([other])
    world.wait(lambda: scene(world, one)["left_out"] != [], 20, "it is noted")
    item = world.plex.item(world.items[one])
    assert (item.title, item.text("studio"), item.names("genre")) == ("A title", "Old name", ["good", "better"])
    assert len(world.plex.pictures(world.items[one], "posters")) == 1
    facts = scene(world, one)
    assert facts["state"] == "synced"
    assert [(part["field"], part["part"]) for part in facts["left_out"]] == [("tags", "add Bad")]
    assert '"Bad" was refused: Plex refused PUT' in world.command("scene", str(one))
    # It takes part in what concerns all scenes of the studio.
    world.mutate("studioUpdate", "StudioUpdateInput!", {"id": str(studio), "name": "New name"})
    world.wait(
        lambda: {world.plex.item(world.items[each]).text("studio") for each in (one, other)} == {"New name"}, 20, "both"
    )
    assert scene(world, one)["left_out"] != []
    world.plex.faults.remove(fault)
    world.command("sync", str(one))
    world.wait_until_right([one, other])
    world.wait(lambda: scene(world, one)["left_out"] == [], 20, "nothing is left out any more")
    assert status(world)["dead_letters"] == 0
