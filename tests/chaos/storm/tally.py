"""What happens during a run, counted on the way, so that nothing the servers or the ledger keep grows with it."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from plexsync.demo.world import REGULAR, World
from plexsync.inbox import event_files
from plexsync.storage.database import DATABASE_NAME

#: Seconds between two looks.
LOOK_EVERY = 1.0
#: Seconds between two lines of progress.
TELL_EVERY = 5.0
#: Seconds until nothing waits any more, once the weather has cleared.
QUIET_WITHIN = 180.0
#: Seconds that it has to stay so.
QUIET_FOR = 0.5
#: Tables of the queue that are empty when nothing is left to do.
WAITING = ("task", "schedule", "claim")


@dataclass
class Tally:
    """All that is counted. ``seconds`` is how long the weather is bad."""

    seed: int
    seconds: float
    started: float = field(default_factory=time.monotonic)
    edits: Counter[str] = field(default_factory=Counter)
    #: Edits that Stash went away under.
    unconfirmed: int = 0
    kills: int = 0
    stops: int = 0
    outages: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    #: What the simulated Plex counted: reads, writes, uploads, ...
    plex: Counter[str] = field(default_factory=Counter)
    peak_concurrency: int = 0
    #: How attempts ended, as the ledger has it, and what the failed ones failed of.
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    #: Events that a hook acknowledged, by scene; and hooks that said no, or were killed with their Stash.
    events: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    #: Seconds from the death of a leader until another consumer led.
    taken_over: list[float] = field(default_factory=list)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


class Observer:
    """Looks at the servers, the ledger and the queue every second.

    :param tell: prints one line.
    """

    def __init__(self, world: World, tally: Tally, tell: Callable[[str], None]) -> None:
        self._world = world
        self._tally = tally
        self._tell = tell
        self._seen = 0
        self._told_at = 0.0
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Look until ``stop`` is set."""
        while not stop.wait(LOOK_EVERY):
            self.look()
            if self._tally.elapsed - self._told_at >= TELL_EVERY:
                self._told_at = self._tally.elapsed
                self._tell(self._progress())

    def look(self) -> None:
        """Count what has happened since the last look."""
        with self._lock:
            self._count_hooks()
            self._count_requests()
            with ledger(self._world) as connection:
                if connection is not None:
                    self._count_outcomes(connection)

    def _count_hooks(self) -> None:
        runs = self._world.stash.hook_runs
        new = runs[:]
        del runs[: len(new)]
        for run in new:
            if run.returncode == 0 and run.error is None:
                self._tally.events[run.id] += 1
            else:
                self._tally.refused[run.error or "no answer"] += 1

    def _count_requests(self) -> None:
        plex, tally = self._world.plex, self._tally
        tally.plex.update(plex.counters)
        tally.peak_concurrency = max(tally.peak_concurrency, plex.peak_concurrency)
        plex.forget()
        self._world.stash.forget()

    def _count_outcomes(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "select id, outcome, error from outcome where id > ? order by id", (self._seen,)
        ).fetchall()
        for number, outcome, error in rows:
            self._seen = number
            self._tally.outcomes[outcome] += 1
            if outcome == "failed":
                self._tally.failures[cause(error or "")] += 1

    def _progress(self) -> str:
        tally, waiting = self._tally, left_to_do(self._world)
        faults = self._world.plex.faults.struck.total() + self._world.stash.faults.struck.total()
        return (
            f"{tally.elapsed:6.0f} s  {tally.edits.total()} edits, {tally.events.total()} events, {tally.kills} kills, "
            f"{faults} faults, {tally.outages.total()} outages; "
            f"{', '.join(f'{number} in {name}' for name, number in waiting.items()) or 'nothing waits'}"
        )


@contextmanager
def ledger(world: World) -> Iterator[sqlite3.Connection | None]:
    """The database for one look, as another program would open it; None while it cannot be looked into."""
    if look := getattr(world, "look", None):
        with look() as there:
            yield there
        return
    path = world.data_dir / DATABASE_NAME
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        yield None
        return
    with closing(connection):
        try:
            connection.execute("select 1 from outcome, task limit 1").fetchone()
        except sqlite3.OperationalError:
            yield None
        else:
            yield connection


def left_to_do(world: World, *, left_out: bool = False) -> Counter[str]:
    """How much waits in the inbox and in each table of the queue; without those where nothing does.

    :param left_out: what is left out of scenes counts too, where it is tried again by itself before long.
    """
    waiting: Counter[str] = Counter()
    files = (world.data_dir / event_files.FOLDER).glob("*.json")
    waiting["inbox"] = sum(_finished(str(file)) for file in files)
    with ledger(world) as connection:
        for table in WAITING if connection else ():
            assert connection
            counts = f"select count(*) from {table} where ifnull(key, '') not in {REGULAR}"
            waiting[table] = connection.execute(counts).fetchone()[0]
        if connection:
            # What each worker died over becomes a dead letter within a minute.
            worn_out = "select count(*) from set_aside where origin = 'worker'"
            waiting["worn_out"] = connection.execute(worn_out).fetchone()[0]
        if connection and left_out:
            soon = "select count(*) from left_out where ask_at < ?"
            waiting["left_out"] = connection.execute(soon, (time.time() + QUIET_WITHIN,)).fetchone()[0]
    return +waiting


def with_something_left_out(world: World) -> list[int]:
    """The scenes of which something is left out, whenever that is tried again."""
    with ledger(world) as connection:
        rows = connection.execute("select distinct scene_id from left_out order by 1") if connection else ()
        return [row[0] for row in rows]


def wait_until_quiet(world: World, *, left_out: bool = False) -> float | None:
    """Seconds until nothing waited any more, or None where that does not come.

    :param left_out: as for ``left_to_do``.
    """
    started = time.monotonic()
    quiet_since = None
    while time.monotonic() - started < QUIET_WITHIN:
        if left_to_do(world, left_out=left_out):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since >= QUIET_FOR:
            return quiet_since - started
        time.sleep(0.1)
    return None


def _finished(path: str) -> bool:
    """Whether a file of the inbox holds a message: its hook was not killed while it wrote."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - opened and gone in one moment
            return file.read().endswith(b"\n")
    except FileNotFoundError:
        return False


def cause(error: str) -> str:
    """An error's text without what differs from scene to scene."""
    return re.sub(r"\b\d{1,2}\b|\b\d{4,}\b|(?<=/)\d+", "N", error)[:90]


def by_count(counter: Counter[str] | defaultdict[str, int]) -> str:
    """``a 3, b 1``, the most frequent first."""
    return ", ".join(f"{name} {count}" for name, count in Counter(counter).most_common()) or "none"
