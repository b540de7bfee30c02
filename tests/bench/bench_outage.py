"""Plex goes away, or hangs, while people edit: what they feel, what it costs, and how the backlog drains.

Run: ``python -m tests.bench.bench_outage [--edits 2000] [--away 120]``
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from plexsync.demo.http import PlannedFault
from plexsync.demo.world import World
from plexsync.http.breaker import BreakerStorage
from plexsync.storage.database import DATABASE_NAME, Database

#: Scenes that are edited over and over, and how many of them at once.
SCENES, AT_ONCE = 400, 50
#: Seconds that Plex's answers are waited for, so that a hanging one is noticed while one watches.
READ_TIMEOUT = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=2000, help="while Plex is away (default 2000)")
    parser.add_argument("--away", type=float, default=120, help="seconds that Plex is away (default 120)")
    given = parser.parse_args()
    settings = {"PLEXSYNC_BREAKER_RESET_TIMEOUT": "10", "PLEXSYNC_READ_TIMEOUT": str(READ_TIMEOUT)}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), settings) as world:
        scenes = [world.add(f"{number}.mp4") for number in range(SCENES)]
        world.start_consumer()
        before = _edit(world, scenes, SCENES, "with Plex up")
        world.wait_until_right(scenes, 120)
        _away(world, scenes, given.edits, given.away, before)
        _hanging(world, scenes, before)


def _away(world: World, scenes: list[int], edits: int, away: float, before: float) -> None:
    world.plex.stop()
    world.plex.forget()
    began = time.monotonic()
    during = _edit(world, scenes, edits, "with Plex away")
    print(f"{'':34}ratio {during / before:.2f}")
    time.sleep(max(0.0, away - (time.monotonic() - began)))
    failed, attempts = _query(world, "select sum(state = 'failed'), max(attempts) from scene")
    print(f"after {time.monotonic() - began:.0f} s away: {failed} scenes given up, {attempts} attempts used up at most")
    world.plex.start()
    seconds = world.wait_until_right(scenes, 300)
    writes = Counter(int(one.started) for one in world.plex.log if one.method in ("PUT", "POST"))
    print(f"Plex is back: all {len(scenes)} scenes right {seconds:.1f} s later, {sum(writes.values())} writes")
    print(f"at the peak {max(writes.values())} writes per second, {world.plex.peak_concurrency} requests at once")


def _hanging(world: World, scenes: list[int], before: float) -> None:
    world.wait_until_idle(120, scheduled=False)
    hang = world.plex.faults.add(PlannedFault("hang", times=None))
    began = time.monotonic()
    during = _edit(world, scenes, 200, "with Plex hanging")
    print(f"{'':34}ratio {during / before:.2f}")
    world.wait(lambda: _breaker(world) != "closed", 120, "the breaker is open")
    print(f"breaker open {time.monotonic() - began:.1f} s after the first edit (read time-out {READ_TIMEOUT} s)")
    free = world.wait(lambda: _query(world, "select count(*) from claim")[0] == 0, 60, "the workers are free")
    print(f"all workers free {free:.1f} s after that")
    world.plex.faults.remove(hang)
    world.plex.faults.release()
    print(f"Plex answers again: all right {world.wait_until_right(scenes, 300):.1f} s later")


def _edit(world: World, scenes: list[int], count: int, label: str) -> float:
    """Edit scenes, some at once; prints and returns the hooks' median in milliseconds."""
    first = len(world.stash.hook_runs)
    for start in range(0, count, AT_ONCE):
        some = [scenes[number % len(scenes)] for number in range(start, min(start + AT_ONCE, count))]
        world.edit_many(some, details=f"{label}, {start}")
    times = sorted(run.seconds * 1000 for run in world.stash.hook_runs[first:])
    median = statistics.median(times)
    print(f"{label:20} {len(times):5} hooks   median {median:5.1f} ms   p99 {times[int(len(times) * 0.99)]:5.1f} ms")
    return median


def _query(world: World, statement: str) -> tuple[object, ...]:
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        with database.read() as connection:
            return tuple(connection.execute(statement).fetchone())
    finally:
        database.close()


def _breaker(world: World) -> str:
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        return BreakerStorage(database, "Plex").state
    finally:
        database.close()


if __name__ == "__main__":
    main()
