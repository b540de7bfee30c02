"""What a library of some size takes: plain formulas. Times in seconds, sizes in bytes.

``n`` is the number of scenes, each with one item in Plex. What runs in our process, in Stash's or in a hook's is slower
by ``Machine.slower``; what a write to Plex takes is given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plexsync.ledger.word_search import MOST_READ
from plexsync.library.library import WALK_SIZE
from plexsync.storage.backups import KEPT
from plexsync.sync.everything import PAGE

#: What is written for a scene at first: one edit that carries all texts and lists, and two pictures.
FIRST_WRITES, EDIT_WRITES = 3, 1
#: Pictures that are fetched from Stash for it.
PICTURES = 2
#: The consumer's worker threads: as many answers are waited for at once.
WORKERS = 4
#: The share of all scenes that an edit of many has, and that a scan finds.
BULK, FOUND = 0.1, 0.01
MIB = 2**20
Costs = Mapping[str, float]


@dataclass(frozen=True)
class Machine:
    """Where PlexSync, Stash and the hooks run: its name, and how many times slower than the one measured it is."""

    name: str
    slower: float = 1.0


@dataclass(frozen=True)
class Bounds:
    """How long something takes by each of its bounds: all work at once, so the longest says how long it takes."""

    seconds: Mapping[str, float]

    @property
    def total(self) -> float:
        """Seconds that it takes."""
        return max(self.seconds.values())

    @property
    def binds(self) -> str:
        """The bound that it takes so long for."""
        return max(self.seconds, key=lambda name: self.seconds[name])


def first_sync(n: float, costs: Costs, machine: Machine, write: float) -> Bounds:
    """The first sync: scenes are read, compared and written at the same time, by several workers.

    :param write: seconds of a write to Plex, which does one at a time.
    """
    stash = costs["stash_scene"] * machine.slower + PICTURES * costs["answer"]
    return Bounds(
        {
            "Plex's writer": n * FIRST_WRITES * write,
            "CPU": n * costs["first_cpu"] / 1000 * machine.slower,
            "Stash": n * stash / 1000 / WORKERS,
        }
    )


def bulk_edit(n: float, costs: Costs, machine: Machine, write: float) -> Bounds:
    """An edit of ``BULK`` of all scenes, each with another value; Stash runs one hook after the other meanwhile."""
    some = n * BULK
    return Bounds(
        {
            "hooks": some * costs["hook"] / 1000 * machine.slower,
            "Plex's writer": some * EDIT_WRITES * write,
            "CPU": some * costs["edit_cpu"] / 1000 * machine.slower,
        }
    )


def scan_hooks(n: float, costs: Costs, machine: Machine) -> float:
    """What the hooks of a scan take that finds ``FOUND`` of all scenes."""
    return n * FOUND * costs["hook"] / 1000 * machine.slower


def reconcile(n: float, costs: Costs, machine: Machine) -> Bounds:
    """Comparing everything. The next page is asked for while one is compared; Stash's pages come before Plex's."""
    stash, plex = n * costs["stash_scene"] / 1000 * machine.slower, n * costs["plex_item"] / 1000
    return Bounds(
        {"answers": stash + plex + passed_over(n, costs), "CPU": n * costs["reconcile_cpu"] / 1e6 * machine.slower}
    )


def passed_over(n: float, costs: Costs) -> float:
    """What it takes Plex to pass over the items before each page of its list, at least."""
    return n / WALK_SIZE * n / 2 * costs["row"] / 1e6


def counted(n: float, costs: Costs, machine: Machine) -> float:
    """What it takes Stash to count the scenes that are behind each page of ids, as all are queued."""
    return n / PAGE * n / 2 * costs["stash_count"] / 1e6 * machine.slower


def index_fill(n: float, costs: Costs, machine: Machine) -> Bounds:
    """Reading all of Plex's list at first. The next page is asked for while one is written."""
    return Bounds(
        {
            "answers": n * costs["plex_item"] / 1000 + passed_over(n, costs),
            "CPU": n * costs["fill"] / 20_000 * machine.slower,
        }
    )


def memory(n: float, costs: Costs) -> float:
    """The consumer's memory at its peak, on the line through the two sizes that were measured."""
    low, high = costs["memory_2000"] * MIB, costs["memory_20000"] * MIB
    return low + max(0.0, high - low) * (n - 2_000) / 18_000


def database(n: float, costs: Costs) -> float:
    """The file a week after the first sync: what is known of scenes and items, and the history."""
    return n * (costs["ledger"] + costs["index"] * MIB / 20_000 + costs["history"])


def queued(n: float, costs: Costs) -> float:
    """What it grows by while all scenes wait in the queue."""
    return n * costs["queue"]


def disk(n: float, costs: Costs) -> float:
    """All of it with the copies of seven nights."""
    return database(n, costs) * (1 + KEPT) + queued(n, costs)


def search(n: float, costs: Costs, machine: Machine) -> float:
    """Looking for the item of one scene without a path.

    Grows by the power that leads from one measured size to the other, and no further than words are counted
    (``MOST_READ`` items a word): a word that is in a hundredth of all titles is common from then on.
    """
    low, high = costs["search_500"], costs["search_5000"]
    power = max(0.0, math.log10(high / low))
    return low * math.pow(min(n, MOST_READ * 100) / 500, power) / 1000 * machine.slower


def reached_at(value: Callable[[float], float], limit: float, most: float = 1e9) -> float | None:
    """The number of scenes at which a growing value comes to a limit; None where it does not by ``most``."""
    low, high = 1.0, most
    if value(high) < limit:
        return None
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if value(middle) < limit else (low, middle)
    return high
