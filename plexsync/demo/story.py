"""What the demo shows: a handful of scenes that are edited, through good and bad times, until Plex shows them right."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from plexsync.cli import show
from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part
from plexsync.script import command

#: The scenes: file, and the title Plex guessed from it.
_FILES = (
    "Harbour Lights (2021).mp4",
    "summer/beach_day.1080p.mp4",
    "summer/night-swim.mkv",
    "studio/MVI_0042.MP4",
    "studio/MVI_0043.MP4",
    "studio/MVI_0044.MP4",
    "archive/tape 07.avi",
    "archive/tape 08.avi",
    "archive/tape 09.avi",
    "archive/tape 10.avi",
    "archive/tape 11.avi",
    "archive/tape 12.avi",
)


@dataclass(frozen=True)
class Row:
    """One scene's line in the closing table."""

    scene_id: int
    before: str
    after: str
    studio: str
    tags: str
    rating: str
    faults: tuple[str, ...]


class Story:
    """Plays the demo in a world.

    :param world: both servers running and empty.
    :param tell: prints one line.
    """

    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self._world = world
        self._tell = tell
        self._started = time.monotonic()
        self._before: dict[int, str] = {}

    def play(self) -> list[Row]:
        """Play all of it; returns the closing table."""
        self._set_the_scene()
        self._one_edit()
        self._a_bulk_edit()
        self._a_value_cleared()
        self._a_new_file()
        self._an_uncertain_match()
        self._plex_goes_down()
        self._the_consumer_is_killed()
        self._renames()
        self._nobody_tells()
        self._somebody_edits_in_plex()
        self._a_scene_leaves()
        self._nothing_new()
        return self._rows()

    # --- the acts --------------------------------------------------------------------------------------------------

    def _set_the_scene(self) -> None:
        world = self._world
        for name in _FILES:
            scene = world.add(name)
            self._before[scene] = world.plex.item(world.items[scene]).title
        self._say(f"Stash at {world.stash.url} and Plex at {world.plex.url} hold the same {len(_FILES)} files,")
        self._say(
            f"which Stash sees below {STASH_ROOT} and Plex below {PLEX_ROOT}; nobody has told PlexSync. Plex guessed "
            "titles from file names."
        )
        world.start_consumer()
        self._say(f"The consumer runs (process {world.consumer_pid}).")

    def _one_edit(self) -> None:
        world, stash = self._world, self._world.stash
        self._act("A scene is edited in Stash")
        world.edit(
            1,
            title="Harbour Lights “Director’s Cut” 🌊",
            details="First line.\nSecond line, with <b>HTML</b> & more.",
            date="2021-06",
            rating100=85,
            director="Ana Müller",
            studio_id=str(stash.add_studio("Blue & Co., Ltd.")),
            performer_ids=[str(stash.add_performer("O'Hara, Mía")), str(stash.add_performer("李小龍"))],
            tag_ids=[str(stash.add_tag("Night, outdoors")), str(stash.add_tag("4K"))],
        )
        self._say(f"The hook took {self._hook_times(1)}.")
        self._say(f"Plex shows all of it, poster and background too, {world.wait_until_right([1]):.1f} s later.")
        self._say(f"Found out on the way: {world.inferred_paths()}.")

    def _a_bulk_edit(self) -> None:
        world, stash = self._world, self._world.stash
        scenes = [2, 3, 4, 5, 6]
        self._act("Five scenes are edited at once")
        tags = {"mode": "SET", "ids": [str(stash.add_tag("Summer")), str(stash.add_tag("Raw footage"))]}
        world.edit_many(scenes, studio_id=str(stash.add_studio("Sunset Films")), tag_ids=tags, date="2023-07-15")
        self._say(f"Five hooks took {self._hook_times(5)}.")
        self._say(f"Plex shows all five {world.wait_until_right(scenes):.1f} s later.")

    def _a_value_cleared(self) -> None:
        world = self._world
        self._act("A value is cleared in Stash, and a tag taken away")
        world.edit(1, details="", tag_ids=[str(world.stash.scene(1).tags[1])])
        self._say(f"Gone from Plex too {world.wait_until_right([1]):.1f} s later.")

    def _a_new_file(self) -> None:
        world = self._world
        self._act("Stash finds a new file before Plex does")
        name = "new/just_arrived.mp4"
        part = Part(f"{PLEX_ROOT}/{name}", 5_000_000, 60_000)
        world.plex.add_unscanned(world.section, "just_arrived", [part])
        scene = world.stash.scan(f"{STASH_ROOT}/{name}", size=5_000_000)
        world.edit(scene, title="Just Arrived", rating100=100)
        time.sleep(1.5)
        self._say("Plex has no such file yet: the scene waits.")
        world.plex.scan(world.section)
        item = world.plex.items(world.section)[-1]
        world.items[scene], self._before[scene] = item.rating_key, item.title
        self._say(f"Plex has scanned it, and shows it right {world.wait_until_right([scene]):.1f} s later.")

    def _an_uncertain_match(self) -> None:
        world = self._world
        self._act("Plex has a file under another name, in another folder, converted")
        scene = world.stash.add_scene(None, f"{STASH_ROOT}/archive/IMG_2041.mov", size=734_003_217)
        title = "Picnic at Midsummer"
        guess = f"{title} digitised"
        part = Part(f"{PLEX_ROOT}/converted/{guess}.mp4", 218_765_433)
        key = world.plex.add_item(world.section, guess, [part])
        world.items[scene], self._before[scene] = key, guess
        world.edit(scene, title=title, date="1999-06-21", details="Found in the attic.")
        world.wait_for_review(scene)
        self._say("Not sure enough to write: it waits for a person. In a terminal:")
        self._show("review", "list")
        self._show("review", "accept", str(scene), str(key))
        self._say(f"Plex shows it right {world.wait_until_right([scene]):.1f} s later.")

    def _plex_goes_down(self) -> None:
        world = self._world
        scenes = [7, 8, 9, 10]
        self._act("Plex goes down while people go on editing")
        world.plex.stop()
        for number, scene in enumerate(scenes, 1):
            world.edit(scene, title=f"Tape {scene}: found again, part {number}", date=f"199{number}-01-01")
        self._say(f"Four edits; the hooks took {self._hook_times(4)}, as ever.")
        time.sleep(2.5)
        world.plex.start()
        self._say(f"Plex is back. All four are right {world.wait_until_right(scenes):.1f} s later.")

    def _the_consumer_is_killed(self) -> None:
        world = self._world
        scenes = [7, 8, 9, 10, 11, 12]
        self._act("The consumer is killed in the middle of its work")
        world.plex.behaviour.write_delay = 0.2
        world.edit_many(scenes, details="Digitised from tape.", rating100=60)
        time.sleep(0.3)
        world.kill_consumer()
        self._say("SIGKILL. It is started again:")
        world.plex.behaviour.write_delay = 0.0
        world.start_consumer()
        self._say(f"all six are right {world.wait_until_right(scenes):.1f} s later, and no picture was sent twice.")

    def _renames(self) -> None:
        world, stash = self._world, self._world.stash
        self._act("Studio, performer and tag are renamed, and a tag is merged into another")
        first, second = stash.scene(1), stash.scene(2)
        world.wait_until_idle(scheduled=False)
        before, started = world.plex.counters["writes"], time.monotonic()
        stash.mutate("studioUpdate", id=second.studio, name="Sunrise Films")
        stash.mutate("performerUpdate", id=first.performers[0], name="Mía O'Hara")
        stash.mutate("tagUpdate", id=second.tags[0], name="Summer of ’23")
        stash.mutate("tagsMerge", source=[second.tags[1]], destination=stash.add_tag("Uncut"))
        world.wait_until_right(list(world.items))
        count = world.plex.counters["writes"] - before
        self._say(f"Plex shows it on all six scenes {time.monotonic() - started:.1f} s later, after {count} writes.")

    def _nobody_tells(self) -> None:
        world, stash = self._world, self._world.stash
        self._act("Scenes change while no hook fires: auto-tag, and a late identification")
        with stash.without_hooks():
            stash.auto_tag(11, studio=stash.scene(1).studio, tags=stash.scene(2).tags)
            stash.edit(13, title="Just Arrived, and Known by Now", date="2024-02-29", details="Identified.")
        self._say(f"Plex shows both {world.wait_until_right([11, 13]):.1f} s later: PlexSync asks what has changed.")

    def _somebody_edits_in_plex(self) -> None:
        world = self._world
        self._act("Somebody is at work in Plex: a title, a lock, a poster")
        world.wait_until_idle(scheduled=False)
        # Plex tells to the second when an item was changed: people come later than that.
        time.sleep(1.1)
        world.plex.edit_as_person(world.items[7], title="My own title")
        world.plex.unlock_as_person(world.items[5], "genre")
        world.plex.delete_picture_as_person(world.items[6], "posters")
        self._show("reconcile")
        self._say(f"All is as Stash has it {world.wait_until_right([5, 6, 7]):.1f} s later.")

    def _a_scene_leaves(self) -> None:
        world = self._world
        self._act("A scene is destroyed in Stash")
        before = world.plex.counters["writes"]
        world.stash.mutate("sceneDestroy", id=12)
        del world.items[12]
        world.wait_until_idle(scheduled=False)
        self._say(f"Writes to Plex: {world.plex.counters['writes'] - before}. Its item stays as it is.")

    def _nothing_new(self) -> None:
        world = self._world
        self._act("Every scene is saved again without a change")
        world.wait_until_idle(scheduled=False)
        writes, uploads = world.plex.counters["writes"], world.plex.counters["uploads"]
        world.edit_many(list(world.items), organized=True)
        world.wait_until_idle(scheduled=False)
        count = world.plex.counters["writes"] - writes + world.plex.counters["uploads"] - uploads
        self._say(f"Writes to Plex: {count}.")
        code = world.stop_consumer()
        self._say(f"The consumer was asked to stop and ended with {code}.")

    # --- telling ---------------------------------------------------------------------------------------------------

    def _rows(self) -> list[Row]:
        world = self._world
        rows = []
        for scene, key in world.items.items():
            item = world.plex.item(key)
            rows.append(
                Row(
                    scene,
                    self._before[scene],
                    item.title,
                    item.text("studio"),
                    ", ".join(item.names("genre")),
                    "" if item.user_rating is None else f"{item.user_rating:g}",
                    (*world.wrong(scene), *world.plex.violations),
                )
            )
        return rows

    def _act(self, title: str) -> None:
        self._tell("")
        self._tell(show.style(title, bold=True))

    def _say(self, text: str) -> None:
        self._tell(f"{time.monotonic() - self._started:5.1f} s  {text}")

    def _show(self, *words: str) -> None:
        self._tell(f"         $ {command(*words)}")
        for line in self._world.command(*words).splitlines():
            self._tell(f"         {line}")

    def _hook_times(self, last: int) -> str:
        times = [run.seconds * 1000 for run in self._world.stash.hook_runs[-last:]]
        return f"{times[0]:.0f} ms" if last == 1 else f"{statistics.median(times):.0f} ms each (median)"
