"""People who edit scenes in Stash, in bursts as fast as its hooks let them."""

from __future__ import annotations

import base64
import itertools
import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import requests

from plexsync.demo import pictures
from plexsync.demo.world import World
from tests.chaos.storm.inventory import Inventory
from tests.chaos.storm.tally import Tally

WORDS = (
    "commas, in, a, row",
    "“quotes” and 'more'",
    "Rock & Roll; 50% + more = fun?",
    "日本語 中文 한국어",
    "tag[0].tag.tag=X&id=1#y",
    "decomposed cafe\u0301",
    "🎬🌊",
    "plain",
)
DATES: tuple[str | None, ...] = ("2023-05-17", "2021-06", "1999", None)
#: Edits of one scene that happen at the same time.
AT_ONCE = (2, 3)
#: Scenes of a bulk edit.
IN_BULK = (2, 12)
#: How often each kind of edit is made.
WEIGHTS = {"one": 70, "bulk": 8, "at_once": 12, "nothing_new": 5, "new_file": 3, "destroy": 1}
#: How often somebody rests after an edit, and for how many seconds: what is waiting gets done meanwhile.
RESTS, REST = 0.03, (0.5, 2.5)
#: Seconds before looking again whether Stash is back.
STASH_AWAY = 0.05

_numbers = itertools.count(1)


class Catalogue:
    """What scenes can be given: ids of studios, performers, tags and groups in Stash."""

    def __init__(self, world: World) -> None:
        stash = world.stash
        self.studios = [stash.add_studio(f"Studio {word} {n}") for n, word in _named(10)]
        self.performers = [stash.add_performer(f"Performer {word} {n}") for n, word in _named(24)]
        self.tags = [stash.add_tag(f"Tag {word} {n}") for n, word in _named(32)]
        self.groups = [stash.add_group(f"Group {word} {n}") for n, word in _named(8)]


class Editor:
    """One person. ``run`` edits until it is told to stop.

    :param chance: decides what is edited, and how.
    """

    def __init__(
        self, world: World, inventory: Inventory, catalogue: Catalogue, tally: Tally, chance: random.Random
    ) -> None:
        self._world = world
        self._inventory = inventory
        self._catalogue = catalogue
        self._tally = tally
        self._chance = chance
        self._kinds: dict[str, Callable[[], None]] = {
            "one": self._one,
            "bulk": self._bulk,
            "at_once": self._at_once,
            "nothing_new": self._nothing_new,
            "new_file": self._new_file,
            "destroy": self._destroy,
        }

    def run(self, stop: threading.Event) -> None:
        """Edit until ``stop`` is set."""
        while not stop.is_set():
            if not self._world.stash.running:
                stop.wait(STASH_AWAY)
            elif not self.repair():
                kind = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                self._kinds[kind]()
                self._tally.edits[kind] += 1
                if self._chance.random() < RESTS:
                    stop.wait(self._chance.uniform(*REST))

    def repair(self) -> bool:
        """Edit again what Stash did not confirm; whether there was anything."""
        owed = self._inventory.owed()
        for scene in owed:
            self.retitle(scene)
        return bool(owed)

    def retitle(self, scene: int) -> None:
        """Give a scene a title that it never had."""
        self._send([scene], lambda: self._world.edit(scene, title=f"Retitled {next(_numbers)}"))

    # --- kinds of edits --------------------------------------------------------------------------------------------

    def _one(self) -> None:
        [scene] = self._inventory.some(self._chance, 1)
        values = self.values()
        self._send([scene], lambda: self._world.edit(scene, **values))

    def _bulk(self) -> None:
        scenes = self._inventory.some(self._chance, self._chance.randint(*IN_BULK))
        mode = self._chance.choice(("SET", "ADD", "REMOVE"))
        ids = self._ids(self._catalogue.tags, 1, 5)
        values: dict[str, Any] = {"tag_ids": {"mode": mode, "ids": ids}, "rating100": self._chance.randint(0, 100)}
        if self._chance.random() < 0.5:
            values["studio_id"] = str(self._chance.choice(self._catalogue.studios))
        self._send(scenes, lambda: self._world.edit_many(scenes, **values))

    def _at_once(self) -> None:
        [scene] = self._inventory.some(self._chance, 1)
        edits = [self.values() for _ in range(self._chance.randint(*AT_ONCE))]
        with ThreadPoolExecutor(len(edits)) as people:
            for values in edits:
                people.submit(self._send, [scene], partial(self._world.edit, scene, **values))

    def _nothing_new(self) -> None:
        [scene] = self._inventory.some(self._chance, 1)
        self._send([scene], lambda: self._world.edit(scene, organized=True))

    def _new_file(self) -> None:
        scene = self._inventory.new_file(next(_numbers))
        # Its hook fires before Stash has made its cover, which fires none.
        self.retitle(scene)

    def _destroy(self) -> None:
        if not self._inventory.may_destroy():
            return
        [scene] = self._inventory.some(self._chance, 1)
        self.retitle(scene)
        self._inventory.destroy(scene)
        while not self._send([scene], lambda: self._destroyed(scene)):
            threading.Event().wait(STASH_AWAY)

    def _destroyed(self, scene: int) -> None:
        try:
            self._world.mutate("sceneDestroy", "SceneDestroyInput!", {"id": str(scene)})
        except RuntimeError:
            # Stash had done it before it went away.
            return

    # ---------------------------------------------------------------------------------------------------------------

    def _send(self, scenes: Iterable[int], mutate: Callable[[], None]) -> bool:
        """Make an edit; what Stash does not confirm is noted, to be made again."""
        try:
            mutate()
        except (requests.RequestException, ValueError):
            self._tally.unconfirmed += 1
        except RuntimeError:
            # One of them was destroyed meanwhile: Stash refused, or left hooks out.
            if not self._inventory.destroyed.intersection(scenes):
                raise
        else:
            return True
        self._inventory.owe(scenes)
        return False

    def values(self) -> dict[str, Any]:
        """Some fields with new values; also empty ones."""
        chance, catalogue, number = self._chance, self._catalogue, next(_numbers)
        word = chance.choice(WORDS)
        every: dict[str, Any] = {
            "title": chance.choice((f"{word} {number}", f"{word} {number}", "")),
            "details": chance.choice((f"{word} {number}\n\nMore of it.", f"Short {number}", "")),
            "date": chance.choice(DATES),
            "rating100": chance.choice((chance.randint(0, 100), chance.randint(0, 100), None)),
            "director": chance.choice((f"Director {number % 5}", "")),
            "studio_id": chance.choice((str(chance.choice(catalogue.studios)), None)),
            "performer_ids": self._ids(catalogue.performers, 0, 5),
            "tag_ids": self._ids(catalogue.tags, 0, 8),
            "groups": [{"group_id": group} for group in self._ids(catalogue.groups, 0, 2)],
        }
        chosen = {name: every[name] for name in chance.sample(sorted(every), chance.randint(1, 6))}
        if chance.random() < 0.1:
            chosen["cover_image"] = self.cover()
        return chosen

    def cover(self) -> str:
        """A picture that no scene has had, as Stash's web page sends it."""
        number = next(_numbers)
        picture = pictures.png(number // 256 % 256, number % 256, 100 + number // 65536)
        return f"data:image/png;base64,{base64.b64encode(picture).decode()}"

    def _ids(self, ids: list[int], fewest: int, most: int) -> list[str]:
        return [str(one) for one in self._chance.sample(ids, self._chance.randint(fewest, most))]


def _named(count: int) -> list[tuple[int, str]]:
    return [(number, WORDS[number % len(WORDS)]) for number in range(count)]
