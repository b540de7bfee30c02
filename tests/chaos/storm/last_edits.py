"""One last edit of each scene while something goes wrong, and whether Plex shows it in the end.

Nothing comes after a last edit that could mend its loss: no later edit, no poll, no look of PlexSync's own. So whatever
a hook has acknowledged, and Plex does not show once nothing waits any more, was lost.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.world import PLUGIN, World
from tests.chaos.storm.edits import Catalogue, Editor
from tests.chaos.storm.inventory import Inventory
from tests.chaos.storm.settings import SETTINGS
from tests.chaos.storm.tally import Tally, wait_until_quiet
from tests.chaos.storm.verdict import given_up
from tests.support import programs

#: The consumer as it is started here.
CONSUMER = "tests.chaos.storm.consumer"
#: Seconds that each look at an item and each write take while the consumer is killed: some are on their way whenever
#: that happens. Plex carries out a write whose sender has died, and then nothing of it is lost: hence the looks.
HELD_UP = 0.2
#: Seconds from a request's arrival to the kill, at most. Some lives have to see a write's end, or none comes to any.
KILLED_WITHIN = 1.5
#: Scenes whose edits are taken back together: fewer than there are workers, so that all are written at once.
TAKEN_BACK = 3
#: Seconds that a write is given to reach Plex.
REACHES_PLEX = 20.0
#: Seconds that the others are waited for, once one has.
MOMENT = 0.5
#: Seconds until a silent worker's message is another's; and those that Plex takes for one write then, which leaves
#: time for the other container to see it silent (it looks twice per lease) and to take the message.
LEASE, HELD = 2.5, 7.0

#: Scenes of a short run; and in a long one, of the acts that take their time, and of the first one for each kill.
FEW, SOME, EDITS_PER_LIFE = 12, 30, 4

_numbers = itertools.count(1)


def command(*options: str) -> list[str]:
    """What starts the consumer without anything that mends, with options of ``consumer.py``."""
    return [sys.executable, "-P", "-m", CONSUMER, "--no-mending", *options]


class LastEdits:
    """Plays acts, each over some scenes that are in order; ``faults`` says what was lost.

    :param world: its consumer runs, and mends nothing.
    :param editor: makes the edits.
    :param chance: decides when the consumer is killed, and what is edited.
    :param options: of ``consumer.py``, for each consumer that is started.
    """

    def __init__(self, world: World, editor: Editor, chance: random.Random, options: Sequence[str] = ()) -> None:
        self._world = world
        self._editor = editor
        self._chance = chance
        self._options = list(options)
        self._acknowledged: set[int] = set()
        self.faults: list[str] = []
        #: How many last edits were judged.
        self.judged = 0
        self.kills = 0
        #: How many scenes met the end of every worker that took them up.
        self.worn_out = 0

    def begin(self, scenes: Sequence[int]) -> None:
        """Bring all of them to Plex."""
        self._world.edit_many(scenes, rating100=50)
        wait_until_quiet(self._world)
        self.faults += [f"to begin with: {fault}" for scene in scenes for fault in self._world.wrong(scene)]

    def play_all(self, scenes: Sequence[int]) -> None:
        """All acts, the first of them over all scenes. No consumer runs at the end."""
        some = self._chance.sample(scenes, min(SOME, len(scenes)))
        self.kill_all_the_time(scenes, lives=len(scenes) // EDITS_PER_LIFE)
        self.take_back(some)
        self.break_off_uploads(some)
        self.lie(some)
        self.hand_over_never(some[:TAKEN_BACK])

    def kill_all_the_time(
        self, scenes: Sequence[int], lives: int, *, aimed: float = 0.75, within: float = KILLED_WITHIN
    ) -> None:
        """The consumer is killed again and again, most often in the middle of its work.

        :param lives: how many consumers are killed; more where the edits take longer.
        :param aimed: the share of kills that wait until the consumer has come as far as to an item of Plex's.
        :param within: seconds from then to the kill, at most.
        """
        world, chance = self._world, self._chance
        world.kill_consumer()
        arrived = threading.Event()
        editing = threading.Thread(target=self._edit_each, args=(scenes,))
        with self._faulty(
            PlannedFault("after", 2, _edits), PlannedFault("slow", None, _noting(arrived), seconds=HELD_UP)
        ):
            editing.start()
            while lives > 0 or editing.is_alive():
                arrived.clear()
                world.start_consumer()
                if chance.random() < aimed:
                    arrived.wait(REACHES_PLEX)
                time.sleep(chance.uniform(0, within))
                self._kill()
                lives -= 1
            editing.join()
        world.start_consumer()
        self._judge("killed all the time", scenes)

    def take_back(self, scenes: Sequence[int]) -> None:
        """An edit is taken back while the consumer is dead that wrote it and could not note that."""
        for some in _batches(scenes, TAKEN_BACK):
            first = {scene: self._values(scene) for scene in some}
            self._edit_and_wait(first)
            with self._faulty(PlannedFault("after", None, _writes, then="hang")):
                second = {scene: self._values(scene) for scene in some}
                for scene, values in second.items():
                    self._edit(scene, values)
                self._wait_for_plex(partial(self._shown, second), len(some))
                self._kill()
            for scene, values in first.items():
                self._edit(scene, values)
            self._world.start_consumer()
            self._judge("taken back", some)

    def break_off_uploads(self, scenes: Sequence[int]) -> None:
        """The consumer dies when Plex has a picture, and it does not know that yet."""
        for some in _batches(scenes, TAKEN_BACK):
            before = self._pictures(some)
            with self._faulty(PlannedFault("after", None, _uploads, then="hang")):
                for scene in some:
                    self._edit(scene, {"cover_image": self._editor.cover()})
                self._wait_for_plex(partial(self._pictures, some, before), len(some))
                self._kill()
            self._world.start_consumer()
            self._judge("broken off", some)

    def lie(self, scenes: Sequence[int]) -> None:
        """Plex says of the first write to each item that it was taken, and did not carry it out."""
        lied: set[str] = set()

        def lies(request: Request) -> bool:
            key = request.param("id") or ""
            return _edits(request) and key not in lied and not lied.add(key)

        with self._faulty(PlannedFault("status", None, lies, status=200, body=b"", content_type="text/plain")):
            self._edit_each(scenes)
            self._judge("lied to", scenes)

    def hand_over_never(self, scenes: Sequence[int], held: float = HELD) -> None:
        """Another container has a consumer on the same data, and a write takes longer than a lease.

        No consumer runs when this returns.

        :param held: seconds that Plex takes for the write, or until two are at work on its scene.
        """
        world, journal = self._world, self._world.log_path.with_name(f"journal-{next(_numbers)}")
        own = ["--lease", str(LEASE), "--journal", str(journal)]
        world.kill_consumer()
        command_before, patience_before = world.consumer_command, world.environ["PLEXSYNC_READ_TIMEOUT"]
        world.environ["PLEXSYNC_READ_TIMEOUT"] = str(3 * held)
        world.consumer_command = command(*self._options, *own, "--container", "first")
        try:
            ready = self._ready()
            world.start_consumer()
            with self._other_container(own):
                self._wait_for(lambda: self._ready() >= ready + 2, REACHES_PLEX, "both containers are at work")
                hung = world.plex.faults.struck["hang"]
                with self._faulty(PlannedFault("hang", None, _edits)):
                    self._edit_each(scenes)
                    self._wait_for(
                        lambda: world.plex.faults.struck["hang"] > hung, REACHES_PLEX, "a write reaches Plex"
                    )
                    self._wait_for(lambda: bool(at_once(journal.read_text())), held)
                self._judge("worked on in two containers", scenes)
        finally:
            world.consumer_command, world.environ["PLEXSYNC_READ_TIMEOUT"] = command_before, patience_before
            world.kill_consumer()
        self.faults += [f"scene {scene} was worked on by two at once" for scene in at_once(journal.read_text())]

    # ---------------------------------------------------------------------------------------------------------------

    def _ready(self) -> int:
        """How often a consumer has come as far as to its work."""
        return self._world.log_path.read_text("utf-8", "replace").count(" workers, data in ")

    def _wait_for(self, condition: Callable[[], bool], seconds: float, what: str = "") -> None:
        """Wait until something is so; it is a fault where ``what`` is not so in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                self.faults += [f"not in {seconds:.0f} s: {what}"] if what else []
                return
            time.sleep(0.05)

    @contextmanager
    def _other_container(self, options: Sequence[str]) -> Iterator[None]:
        world = self._world
        with world.log_path.open("ab") as log:
            process = programs.Popen(
                command(*self._options, *options, "--container", "second"),
                env=world.environ | {"PYTHONPATH": str(PLUGIN)},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=world.log_path.parent,
            )
        try:
            yield
            if process.poll() is not None:
                self.faults.append(f"the consumer in the other container ended with {process.returncode}")
        finally:
            process.kill()
            process.wait(10)

    @contextmanager
    def _faulty(self, *faults: PlannedFault) -> Iterator[None]:
        plan = self._world.plex.faults
        for fault in faults:
            plan.add(fault)
        try:
            yield
        finally:
            for fault in faults:
                plan.remove(fault)
            plan.release()

    def _edit_each(self, scenes: Sequence[int]) -> None:
        for scene in self._chance.sample(scenes, len(scenes)):
            self._edit(scene, {**self._editor.values(), **self._values(scene)})

    def _edit(self, scene: int, values: dict[str, Any]) -> None:
        runs = self._world.stash.hook_runs
        del runs[:]
        self._acknowledged.discard(scene)
        self._world.edit(scene, **values)
        if any(run.id == scene and run.returncode == 0 and run.error is None for run in runs):
            self._acknowledged.add(scene)

    def _values(self, scene: int) -> dict[str, Any]:
        """What no scene had before: a title, a tag, a rating."""
        number = next(_numbers)
        tag = self._world.stash.add_tag(f"Last {number}")
        return {"title": f"Last {number} of {scene}", "tag_ids": [str(tag)], "rating100": number % 100 + 1}

    def _edit_and_wait(self, values: dict[int, dict[str, Any]]) -> None:
        for scene, one in values.items():
            self._edit(scene, one)
        self._judge("in order", list(values))

    def _shown(self, edits: dict[int, dict[str, Any]]) -> int:
        """How many of these edits Plex has carried out."""
        plex, items = self._world.plex, self._world.items
        return sum(plex.item(items[scene]).title == values["title"] for scene, values in edits.items())

    def _pictures(self, scenes: Collection[int], before: int = 0) -> int:
        """How many posters Plex has of them, beyond those that it had before."""
        return sum(len(self._world.plex.pictures(self._world.items[scene], "posters")) for scene in scenes) - before

    def _wait_for_plex(self, carried_out: Callable[[], int], wanted: int) -> None:
        """Wait until Plex has carried out something, and then for a moment until it has all that is wanted."""
        deadline = time.monotonic() + REACHES_PLEX
        while (count := carried_out()) < wanted and time.monotonic() < deadline:
            if count:
                deadline = min(deadline, time.monotonic() + MOMENT)
            time.sleep(0.02)
        if not count:
            self.faults.append(f"no edit had reached Plex after {REACHES_PLEX:.0f} s")

    def _kill(self) -> None:
        self.kills += 1
        self._world.kill_consumer()

    def _judge(self, how: str, scenes: Sequence[int]) -> None:
        """Wait until nothing waits; then Plex has to show every edit that was acknowledged.

        A scene whose workers were killed as often as its message is handed out has a dead letter: it is tried again.
        """
        if wait_until_quiet(self._world) is None:
            self.faults.append(f"{how}: not quiet")
        worn_out = [scene for scene, why in given_up(self._world).items() if why.startswith("WorkerLost")]
        if worn_out:
            self.worn_out += len(worn_out)
            self._world.command("failed", "retry", "--all")
            wait_until_quiet(self._world)
        for scene in scenes:
            if scene not in self._acknowledged:
                continue
            self.judged += 1
            if wrong := self._world.wrong(scene):
                self.faults.append(f"{how}: scene {scene} was acknowledged and is wrong: {'; '.join(wrong)}")


def at_once(journal: str) -> list[int]:
    """The scenes that two processes worked on at the same time, by the lines ``consumer.py`` wrote."""
    found: list[int] = []
    at_work: dict[str, str] = {}
    for _, process, what, scene in sorted(map(str.split, journal.splitlines()), key=lambda line: float(line[0])):
        if what == "ends":
            if at_work.get(scene) == process:
                del at_work[scene]
        elif at_work.setdefault(scene, process) != process:
            found.append(int(scene))
    return found


def play_last_edits(
    folder: Path, seed: int, acts: Sequence[str], plant: str | None = None, scenes: int = FEW
) -> LastEdits:
    """Play some acts over a few scenes.

    :param acts: names of ``ACTS``.
    :param plant: a fault in the consumer, one of ``PLANTS``.
    :param scenes: how many.
    """
    with World(folder, SETTINGS) as world:
        inventory = Inventory(world, scenes, 0)
        tally, chance = Tally(seed, 0.0), random.Random(seed)
        editor = Editor(world, inventory, Catalogue(world), tally, chance)
        options = ["--plant", plant] if plant else []
        world.consumer_command = command(*options)
        world.start_consumer()
        edits = LastEdits(world, editor, chance, options)
        edits.begin(inventory.alive)
        for act in acts:
            ACTS[act](edits, inventory.alive)
        world.kill_consumer()
        edits.faults += [f"Plex: {violation}" for violation in sorted(set(world.plex.violations))]
        return edits


def _batches(scenes: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (scenes[start : start + size] for start in range(0, len(scenes), size))


def _writes(request: Request) -> bool:
    return request.method != "GET"


def _edits(request: Request) -> bool:
    return request.method == "PUT" and request.path.startswith("/library/sections/")


def _uploads(request: Request) -> bool:
    return request.path.endswith(("/posters", "/arts")) and request.method == "POST"


def _noting(arrived: threading.Event) -> Callable[[Request], bool]:
    def matches(request: Request) -> bool:
        if is_of_item := _writes(request) or request.path.startswith("/library/metadata/"):
            arrived.set()
        return is_of_item

    return matches


#: The acts by their names, each over a few scenes.
ACTS: dict[str, Callable[[LastEdits, Sequence[int]], None]] = {
    "kill": lambda edits, scenes: edits.kill_all_the_time(scenes, lives=4),
    "kill_twice": lambda edits, scenes: edits.kill_all_the_time(scenes, lives=2, aimed=1.0, within=0.05),
    "take_back": lambda edits, scenes: edits.take_back(scenes[:TAKEN_BACK]),
    "break_off": lambda edits, scenes: edits.break_off_uploads(scenes[:TAKEN_BACK]),
    "lie": lambda edits, scenes: edits.lie(scenes[:TAKEN_BACK]),
    "containers": lambda edits, scenes: edits.hand_over_never(scenes[:1]),
    "containers_until_seen": lambda edits, scenes: edits.hand_over_never(scenes[:1], held=40),
}
