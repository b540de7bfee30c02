"""Plex's database is made anew, restored or moved under the real consumer: nobody edits and nobody has to act."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from plexsync.demo.world import PLEX_ROOT, PLUGIN, STASH_ROOT, World
from plexsync.http.breaker import BreakerStorage
from plexsync.ledger import Ledger, State
from plexsync.ledger.records import SceneRecord
from plexsync.library.library import REFRESH_INTERVAL
from plexsync.model import Part
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support import programs

#: Nothing here may need the nightly comparison.
SETTINGS = {"PLEXSYNC_RECONCILE": "off", "PLEXSYNC_POLL_INTERVAL": "3600"}
#: Seconds within which Plex is looked at, and then some.
SOON = 100.0


class Scenes:
    """Scenes in sync that show values in every field."""

    def __init__(self, world: World, count: int) -> None:
        self.world = world
        stash = world.stash
        self.ids = [world.add(f"Scene {number:03}.mp4") for number in range(1, count + 1)]
        self.tag = stash.add_tag("Shared tag")
        self.studio = stash.add_studio("Studio")
        world.start_consumer()
        for number, scene in enumerate(self.ids):
            with stash.without_hooks():
                stash.edit(
                    scene,
                    title=f"Title {number}",
                    details=f"Details {number}",
                    rating100=10 * (number % 10) + 5,
                    date=f"2020-02-{number % 28 + 1:02}",
                    director=f"Director {number}",
                    studio=self.studio,
                    performers=[stash.add_performer(f"Performer {number}")],
                    tags=[self.tag, stash.add_tag(f"Tag {number}")],
                )
            world.edit(scene, organized=True)
        world.wait_until_right(self.ids, 120)
        world.wait_until_idle(60)
        self.forget()

    def forget(self) -> None:
        self.world.plex.forget()
        self.world.stash.forget()

    def turn(self, by: int = 1) -> dict[int, int]:
        """The rating keys of other items, in a circle."""
        keys = [self.world.items[scene] for scene in self.ids]
        return dict(zip(keys, [*keys[by:], *keys[:by]], strict=True))

    def moved(self, keys: dict[int, int]) -> None:
        self.world.items = {scene: keys.get(key, key) for scene, key in self.world.items.items()}

    def writes(self) -> set[int]:
        """The items that were written to."""
        log = self.world.plex.log
        edits = [one for one in log if one.method == "PUT" and one.path.endswith("/all")]
        rates = [one for one in log if one.method == "PUT" and one.path.startswith("/:/rate")]
        return {
            *(int(key) for one in edits for key in parse_qs(one.query)["id"][0].split(",")),
            *(int(parse_qs(one.query)["key"][0]) for one in rates),
        }

    def look(self) -> None:
        """Let the consumer look at Plex now, as it does every minute."""
        command = [sys.executable, "-P", "-c", "from tasks import watch_plex; watch_plex()"]
        environ = self.world.environ | {"PYTHONPATH": str(PLUGIN)}
        programs.run(command, env=environ, cwd=self.world.data_dir.parent, check=True, timeout=60)

    def known(self) -> dict[int, SceneRecord]:
        """What the ledger has of each; read from the file, as a command for each look would take a core for itself."""
        with closing(Database(self.world.data_dir / DATABASE_NAME)) as database:
            records = (Ledger(database).scenes.get(scene) for scene in self.ids)
            return {record.scene_id: record for record in records if record is not None}

    def keys(self) -> dict[int, int | None]:
        return {scene: record.rating_key for scene, record in self.known().items()}

    def plex_is_away(self) -> bool:
        with closing(Database(self.world.data_dir / DATABASE_NAME)) as database:
            return BreakerStorage(database, "Plex").state != "closed"

    def states(self) -> set[State]:
        return {record.state for record in self.known().values()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, SETTINGS) as world:
        yield world


def test_an_edit_after_keys_were_swapped_lands_on_its_own_file(world: World) -> None:
    scenes = Scenes(world, 2)
    first, second = scenes.ids
    keys = scenes.turn()
    world.plex.rekey_all(keys)
    scenes.moved(keys)
    world.edit(first, title="After")
    world.wait_until_right([first, second], 20)
    world.wait_until_idle(60)
    assert scenes.keys() == world.items
    assert scenes.states() == {State.SYNCED}
    # Nothing of the one was ever written to the other.
    assert scenes.writes() <= {world.items[first]}


def test_a_tag_rename_after_keys_went_in_a_circle_lands_on_the_right_files(world: World) -> None:
    scenes = Scenes(world, 6)
    keys = scenes.turn()
    world.plex.rekey_all(keys)
    scenes.moved(keys)
    world.mutate("tagUpdate", "TagUpdateInput!", {"id": str(scenes.tag), "name": "Renamed tag"})
    world.wait_until_right(scenes.ids, 60)
    assert scenes.states() == {State.SYNCED}


def test_keys_that_went_in_a_circle_are_put_right_without_an_edit(world: World) -> None:
    scenes = Scenes(world, 3)
    keys = scenes.turn()
    world.plex.rekey_all(keys)
    scenes.moved(keys)
    scenes.look()
    world.wait(lambda: scenes.keys() == world.items, 30, "found")
    world.wait_until_idle(60)
    assert [fault for scene in scenes.ids for fault in world.wrong(scene)] == []
    assert scenes.writes() == set()
    assert world.plex.counters["uploads"] == 0


def test_a_database_made_anew_under_other_keys_is_filled_again(world: World) -> None:
    scenes = Scenes(world, 4)
    keys = scenes.turn(2)
    world.plex.make_anew(keys)
    scenes.moved(keys)
    scenes.look()
    world.wait_until_right(scenes.ids, 30)
    world.wait_until_idle(60)
    # Each picture once, and no write to an item of another scene: each has one poster and one background.
    assert world.plex.counters["uploads"] == 2 * len(scenes.ids)
    for scene in scenes.ids:
        assert len(world.plex.pictures(world.items[scene], "posters")) == 1
        assert {"title", "summary", "genre", "thumb", "art"} <= world.plex.item(world.items[scene]).locked


@pytest.mark.parametrize("uuids", [True, False])
def test_a_fresh_database_under_the_same_keys_is_filled_again(world: World, uuids: bool) -> None:
    scenes = Scenes(world, 4)
    world.plex.make_anew(uuids=uuids)
    scenes.look()
    world.wait_until_right(scenes.ids, 30)
    world.wait_until_idle(60)
    assert world.plex.counters["uploads"] == 2 * len(scenes.ids)


def test_another_server_is_noticed_when_it_is_back(world: World) -> None:
    scenes = Scenes(world, 3)
    world.plex.stop()
    world.edit(scenes.ids[0], title="While Plex is away")
    world.wait(scenes.plex_is_away, 60, "it is away")
    world.plex.machine_identifier = "another"
    world.plex.make_anew(uuids=False)
    world.plex.start()
    world.wait_until_right(scenes.ids, 30)
    world.wait_until_idle(60)
    assert world.plex.counters["uploads"] == 2 * len(scenes.ids)
    assert "another Plex server answers" in world.log_path.read_text()


def test_nothing_is_asked_but_two_requests_a_minute_while_nothing_happens(world: World) -> None:
    scenes = Scenes(world, 3)
    keys = ",".join(str(key) for key in sorted(world.items.values()))
    asked: list[str] = []
    for _ in range(5):
        # What it looks for once is over after a look or two: what the edits changed, and how this server shows groups.
        time.sleep(REFRESH_INTERVAL)
        scenes.forget()
        scenes.look()
        world.wait(lambda: any("metadata" in one.path for one in world.plex.log), 30, "it looks")
        world.wait_until_idle(60)
        asked = [f"{one.method} {one.path}" for one in world.plex.log]
        if len(asked) == 2:
            break
    assert asked == ["GET /library/sections", f"GET /library/metadata/{keys}"]
    assert world.stash.log == []


def test_items_that_come_back_under_other_keys_are_right_soon(world: World) -> None:
    scenes = Scenes(world, 5)
    anew, first, second, encoded, quiet = scenes.ids
    plex, items = world.plex, world.items
    items[anew] = plex.rekey(items[anew])
    plex.merge(items[second], into=items[first])
    plex.remove_item(items[encoded])
    # Encoded anew: another name's ending, another size, another key, in both servers.
    file = world.stash.scene(encoded).files[0]
    path = file.path.replace(".mp4", ".mkv")
    world.stash.move_file(file.id, path, size=777)
    part = Part(path.replace(STASH_ROOT, PLEX_ROOT), 777, 1_800_000)
    items[encoded] = plex.add_item(world.section, "guess", [part])
    scenes.look()
    world.wait_until_right([anew, first, encoded, quiet], 30)
    # Two scenes, one item: a person is asked.
    world.wait_for_review(second)
    (items[second],) = plex.split(items[first])
    world.wait_until_idle(60)
    # Nobody looks: it is the look once a minute.
    world.wait(lambda: scenes.states() == {State.SYNCED}, SOON, "all of them are in sync")
    world.wait_until_right(scenes.ids)
    assert [world.wrong(scene) for scene in scenes.ids] == [[]] * 5


def test_items_that_vanish_at_once_are_left_alone_and_found_when_they_are_back(world: World) -> None:
    scenes = Scenes(world, 25)
    parts = {scene: world.plex.item(world.items[scene]).parts for scene in scenes.ids}
    for scene in scenes.ids[:-1]:
        world.plex.remove_item(world.items[scene])
    scenes.look()
    world.wait(lambda: "is a disk not mounted" in world.log_path.read_text(), 30, "it is said")
    world.wait_until_idle(60)
    assert scenes.states() == {State.SYNCED}
    for scene in scenes.ids[:-1]:
        world.items[scene] = world.plex.add_item(world.section, "guess", parts[scene])
    time.sleep(REFRESH_INTERVAL)
    scenes.look()
    world.wait_until_right(scenes.ids, 60)
    assert world.log_path.read_text().count("is a disk not mounted") == 1
