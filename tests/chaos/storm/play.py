"""One run: bad weather for a while, then good weather until nothing waits, then the verdict."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plexsync.demo.world import World
from tests.chaos.storm.cluster import ClusterWorld, LeaderWeather
from tests.chaos.storm.edits import Catalogue, Editor
from tests.chaos.storm.inventory import Inventory
from tests.chaos.storm.last_edits import LastEdits, command
from tests.chaos.storm.settings import SETTINGS
from tests.chaos.storm.tally import QUIET_WITHIN, Observer, Tally, by_count, wait_until_quiet, with_something_left_out
from tests.chaos.storm.verdict import Verdict, given_up, judge
from tests.chaos.storm.weather import ConsumerWeather, PlexScans, PlexWeather, StashWeather

#: Failures in a row until Plex is not called: the default, and so many that the weather is met head on.
FAIL_MAX = ("5", "20", "1000")
#: People who edit at the same time.
EDITORS = 1
#: How much longer the weather may last for that: in times what was asked for, and seconds at the least.
LONGER, LONGER_AT_LEAST = 3, 90.0
#: Faults that are shown, and characters of each.
FAULTS_SHOWN, FAULT_WIDTH = 15, 400
#: Seconds for the threads of the weather to end: a consumer that is asked to stop may take 30.
ENDS_WITHIN = 60.0


@dataclass(frozen=True)
class Plan:
    """What is asked for: ``seconds`` of bad weather over ``scenes``, all chance from ``seed``.

    :param never_scanned: files that Stash has and Plex never will.
    :param strikes: faults that have to strike before it is over; on a busy machine the weather lasts longer for that.
    :param last_edits: nothing mends what is lost (no poll, no later looks, no comparison), and when the weather is over
        each scene gets one last edit while the consumer is killed all the time.
    :param cluster: two consumers on a PostgreSQL, of which the one that leads is killed.
    :param kills: how often a consumer has to be killed before it is over.
    :param leaders: how many leaders have to be killed before it is over.
    :param events: how many events have to be acknowledged before it is over.
    :param plant: a fault in the consumer, one of ``PLANTS``; with ``last_edits`` only.
    """

    seed: int
    seconds: float
    scenes: int
    never_scanned: int = 3
    strikes: int = 0
    last_edits: bool = False
    plant: str | None = None
    cluster: bool = False
    kills: int = 0
    leaders: int = 0
    events: int = 0


@dataclass
class Outcome:
    """How a run ended."""

    tally: Tally
    verdict: Verdict
    log_path: Path
    quiet_after: float | None
    faults_struck: Counter[str]
    crashes: list[str]
    peak_waiting: int
    #: Scenes of which something was left out when the weather had been clear for a while.
    left_out: int = 0
    last: LastEdits | None = None

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong."""
        if self.crashes:
            end = self.log_path.read_text("utf-8", "replace")[-FAULT_WIDTH:]
            return [*self.crashes, f"the log ends with: {end}", *self.verdict.faults]
        late = [] if self.quiet_after is not None else [f"not quiet {QUIET_WITHIN:.0f} s after the weather cleared"]
        return [*late, *self.verdict.faults, *(self.last.faults if self.last else ())]

    @property
    def suspects(self) -> list[int]:
        """The scenes that are not right."""
        return list(dict.fromkeys(self.verdict.suspects))

    def log_of(self, scene: int) -> list[str]:
        """The log's lines about one scene."""
        name = re.compile(rf"scene {scene}\b")
        return [line for line in self.log_path.read_text("utf-8", "replace").splitlines() if name.search(line)]

    def report(self) -> str:
        """The tally, and what is wrong."""
        tally, verdict = self.tally, self.verdict
        events, brought = tally.events.total(), tally.outcomes["synced"] + tally.outcomes["unchanged"]
        quiet = "never" if self.quiet_after is None else f"after {self.quiet_after:.1f} s"
        lines = [
            ("seed", tally.seed),
            ("minutes", f"{tally.seconds / 60:.1f} of bad weather; quiet {quiet} of good"),
            ("edits", f"{tally.edits.total()} ({by_count(tally.edits)}); {tally.unconfirmed} not confirmed by Stash"),
            ("hook events", f"{events} acknowledged, {tally.refused.total()} hooks killed with Stash"),
            ("superseded", f"{max(0, events - brought)} events did not need an attempt of their own"),
            ("kills", f"{tally.kills} (SIGKILL), and {tally.stops} times asked to stop (SIGTERM)"),
            ("outages", by_count(tally.outages)),
            ("faults", f"{self.faults_struck.total()} ({by_count(self.faults_struck)})"),
            ("also", by_count(tally.happened)),
            ("attempts", by_count(tally.outcomes)),
            ("retries", tally.outcomes["retry"]),
            ("writes", f"{tally.plex['writes']}, of which uploads {tally.plex['uploads']}"),
            ("at Plex at once", f"{tally.peak_concurrency} requests at most, {self.peak_waiting} writes waiting"),
            ("scenes", by_count(verdict.states)),
            ("given up", by_count(tally.failures)),
            ("dead letters", f"{by_count(verdict.dead_letters)}, at the end of the weather"),
            ("left out", f"something of {self.left_out} scenes, and asked for by hand"),
            ("sizes", by_count(Counter(verdict.sizes))),
            ("lost", verdict.lost),
            ("wrong fields", verdict.wrong_fields),
            ("duplicates", verdict.duplicates),
        ]
        if self.last:
            judged = f"{self.last.judged} acknowledged, under {self.last.kills} more kills"
            worn_out = f"{self.last.worn_out} met the end of 20 workers, and were tried again by hand"
            lines.append(("last edits", f"{judged}; {worn_out}; {len(self.last.faults)} things wrong"))
        if tally.taken_over:
            took = sorted(tally.taken_over)
            lines.append(("another leads", f"after {took[len(took) // 2]:.1f} s (median), {took[-1]:.1f} s at most"))
        wrong = [f"WRONG: {fault[:FAULT_WIDTH]}" for fault in self.faults[:FAULTS_SHOWN]]
        return "\n".join([*(f"{name:16}{value}" for name, value in lines), *wrong])


def play(folder: Path, plan: Plan, tell: Callable[[str], None]) -> Outcome:
    """Play one run in a folder, which is left as it is.

    :param tell: prints a line of progress.
    """
    tally = Tally(plan.seed, plan.seconds)
    with ClusterWorld(folder, SETTINGS) if plan.cluster else World(folder, SETTINGS) as world:
        world.environ["PLEXSYNC_BREAKER_FAIL_MAX"] = random.Random(plan.seed).choice(FAIL_MAX)
        options = ["--plant", plan.plant] if plan.plant else []
        if plan.last_edits:
            world.consumer_command = command(*options)
        inventory, catalogue = Inventory(world, plan.scenes, plan.never_scanned), Catalogue(world)
        observer = Observer(world, tally, tell)
        crew, watch = _Crew(), _Crew()

        def chance(who: str) -> random.Random:
            return random.Random(f"{plan.seed}/{who}")

        editors = [Editor(world, inventory, catalogue, tally, chance(f"editor {number}")) for number in range(EDITORS)]
        watch.start(observer.run)
        for kind in (LeaderWeather if plan.cluster else ConsumerWeather, PlexWeather, PlexScans, StashWeather):
            crew.start(kind(world, inventory, tally, chance(kind.__name__)).run)
        for editor in editors:
            crew.start(editor.run)
        crew.work(
            plan.seconds,
            lambda: (
                _struck(world).total() >= plan.strikes
                and tally.kills >= plan.kills
                and tally.happened["leaders killed"] >= plan.leaders
                and tally.events.total() >= plan.events
            ),
        )
        while not crew.errors and editors[0].repair():
            pass
        inventory.plex_scans()
        tell(f"{tally.elapsed:6.0f} s  the weather clears")
        quiet_after, verdict, left_out, last = None, Verdict(), [], None
        if not crew.errors:
            quiet_after = wait_until_quiet(world, left_out=not plan.last_edits)
            observer.look()
            left_out = with_something_left_out(world)
            before = judge(world, inventory, tally, but=left_out)
            _ask_by_hand(world, left_out)
            observer.look()
            verdict = judge(world, inventory, tally)
            verdict.faults = list(dict.fromkeys([*before.faults, *verdict.faults]))
            if quiet_after is not None:
                _edit_what_was_given_up(verdict, world, inventory, editors[0])
        watch.work(0)
        if plan.last_edits and quiet_after is not None:
            tell(f"{tally.elapsed:6.0f} s  each scene gets a last edit")
            last = LastEdits(world, editors[0], chance("last edits"), options)
            last.play_all(inventory.expected_right)
        crashes = [*crew.errors, *watch.errors, *_stop(world)]
        struck = _struck(world)
        peak = world.plex.peak_waiting
    return Outcome(tally, verdict, world.log_path, quiet_after, struck, crashes, peak, len(left_out), last)


def _struck(world: World) -> Counter[str]:
    """How often each fault has struck a request so far."""
    servers = {"Plex": world.plex, "Stash": world.stash}
    return Counter({f"{name} {kind}": n for name, one in servers.items() for kind, n in one.faults.struck.items()})


class _Crew:
    """Threads that do their part until they are told to stop; what one of them fails of stops them all."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, part: Callable[[threading.Event], None]) -> None:
        """Let a thread play this part."""

        def play_it() -> None:
            try:
                part(self._stop)
            except Exception as error:  # noqa: BLE001 - told at the end, whatever it was
                self.errors.append(f"{getattr(part, '__qualname__', part)}: {error!r}")
                self._stop.set()

        thread = threading.Thread(target=play_it, daemon=True)
        self._threads.append(thread)
        thread.start()

    def work(self, seconds: float, is_enough: Callable[[], bool] = lambda: True) -> None:
        """Let them go on for so long, and longer where that is not enough yet, and wait for their end."""
        self._stop.wait(seconds)
        latest = time.monotonic() + max(LONGER * seconds, LONGER_AT_LEAST)
        while not is_enough() and time.monotonic() < latest and not self._stop.wait(0.2):
            pass
        self._stop.set()
        deadline = time.monotonic() + ENDS_WITHIN
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.errors.append("a thread of the run did not end")


def _ask_by_hand(world: World, scenes: list[int]) -> None:
    """Ask for scenes as a person does: what Plex refused of them is tried at once, not in a day."""
    if scenes:
        world.command("sync", *map(str, scenes))
        wait_until_quiet(world)


def _edit_what_was_given_up(verdict: Verdict, world: World, inventory: Inventory, editor: Editor) -> None:
    """A newer edit that succeeds resolves a dead letter."""
    right = set(inventory.expected_right)
    scenes = sorted(right.intersection(given_up(world)))
    if not scenes:
        return
    for scene in scenes:
        editor.retitle(scene)
    wait_until_quiet(world)
    for scene, why in given_up(world).items():
        verdict.faults.append(f"scene {scene} was edited and is still given up: {why}")
    for scene in scenes:
        verdict.faults += [f"scene {scene}: {fault}" for fault in world.wrong(scene)]


def _stop(world: World) -> list[str]:
    """Ask the consumer to end; what is wrong with how it does."""
    if world.consumer_ended() is not None:
        return [f"the consumer ended by itself, with {world.consumer_ended()}"]
    code = world.stop_consumer()
    return [f"the consumer was asked to stop and ended with {code}"] if code else []
