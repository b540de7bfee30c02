"""What a person waits for an edit while a first sync runs: a simulation, as no formula says it.

Workers, their turns, Python's lock, the pace of writing and Plex's one writer are simulated; how many messages make a
turn and how many writes are in flight is decided by the program's own ``Turns`` and ``AdaptiveLimit``.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from plexsync.queue.priorities import Priority
from plexsync.queue.turns import Turns
from tests.bench.bounds.clock import PacedWriter, Process, Server, SimulatedClock

#: The consumer's worker threads, and messages in a turn at most (``tasks.scenes.TOGETHER``).
WORKERS, TOGETHER = 4, 16
#: Seconds after which Python lets another thread run (``sys.getswitchinterval``).
SWITCH = 0.005
#: The share of the work on a scene that is done before its turn begins to write; the rest is done with the writes.
BEFORE = 0.5
#: Edits that are waited for, seconds between two (mean), and the seed of when they come.
EDITS, APART, SEED = 120, 2.0, 7
#: Seconds until the first edit: the sync has found its pace by then.
WARM_UP = 10.0
NAME = "sync_scene"
#: What a first sync writes for a scene, and what an edit of one text does.
FIRST, EDIT = ("edit", "upload", "upload"), ("edit",)


@dataclass(frozen=True)
class Load:
    """What things take, in seconds.

    :param write: a write to Plex.
    :param first: of processor, for a scene of the first sync.
    :param edit: of processor, for an edit of one text.
    :param hook: from Stash's edit until the consumer knows of it.
    :param read: one answer of Plex or Stash.
    """

    write: float
    first: float
    edit: float
    hook: float
    read: float


@dataclass(frozen=True)
class Waits:
    """What was found.

    :param edits: seconds from each edit in Stash until Plex has it, ascending.
    :param scenes_per_second: of the first sync meanwhile.
    """

    edits: Sequence[float]
    scenes_per_second: float

    def share(self, share: float) -> float:
        """The wait that so large a share of the edits does not exceed (0.5: the median)."""
        return self.edits[min(len(self.edits) - 1, math.ceil(share * len(self.edits)) - 1)]


def simulate(load: Load, *, edits: int = EDITS, apart: float = APART, is_busy: bool = True) -> Waits:
    """Let a person edit scenes, one now and then (or many at once: ``apart`` 0), while a first sync runs.

    :param is_busy: whether a first sync runs at all.
    """
    person = _Consumer(load, is_busy=is_busy)
    person.edit(edits, apart)
    return person.run(edits)


class _Consumer:
    def __init__(self, load: Load, *, is_busy: bool) -> None:
        self._load, self._is_busy = load, is_busy
        self._clock = SimulatedClock()
        self._python = Server(self._clock, SWITCH)
        self._plex = PacedWriter(self._clock, load.write, WORKERS)
        self._turns = Turns(lambda: self._clock.now)
        self._turns.workers = WORKERS
        self._turns.declare(NAME, TOGETHER)
        #: When each edit was made that no worker has claimed.
        self._laid: deque[float] = deque()
        self._idle: deque[Process] = deque()
        self._waits: list[float] = []
        self._synced = 0
        for _ in range(WORKERS):
            self._clock.start(self._worker())

    def edit(self, count: int, apart: float) -> None:
        chance, at = random.Random(SEED), WARM_UP
        for _ in range(count):
            at += -apart * math.log(1 - chance.random())
            self._clock.start(self._hook(), at)

    def run(self, edits: int) -> Waits:
        until = 0.0
        while len(self._waits) < edits:
            until += 1.0
            self._clock.run(until)
        return Waits(sorted(self._waits), self._synced / self._clock.now)

    def _hook(self) -> Process:
        made = self._clock.now
        yield self._load.hook
        self._laid.append(made)
        if self._idle:
            self._clock.start(self._idle.popleft())

    def _worker(self) -> Process:
        while True:
            if self._laid:
                count = self._turns.share(NAME, len(self._laid), Priority.EDIT)
                made = [self._laid.popleft() for _ in range(count)]
                yield from self._turn(made, Priority.EDIT, self._load.edit, EDIT)
            elif self._is_busy:
                # More wait than any turn takes.
                count = self._turns.share(NAME, TOGETHER * WORKERS, Priority.EVERYTHING)
                yield from self._turn([None] * count, Priority.EVERYTHING, self._load.first, FIRST)
            else:
                self._idle.append(self._clock.current)
                yield None

    def _turn(self, scenes: Sequence[float | None], priority: Priority, work: float, kinds: Sequence[str]) -> Process:
        began = self._clock.now
        yield self._load.read
        for _ in scenes:
            yield from self._python.serve(work * BEFORE)
        yield self._load.read
        for made in scenes:
            for kind in kinds:
                yield from self._python.serve(work * (1 - BEFORE) / len(kinds))
                yield from self._plex.write(kind)
            if made is None:
                self._synced += 1
            else:
                self._waits.append(self._clock.now - made)
        yield self._load.read
        count = len(scenes)
        self._turns.took(NAME, count, self._clock.now - began, brought=count, priority=priority)
