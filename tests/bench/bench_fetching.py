"""What it costs to fetch the hook's messages through Stash's API, and how soon Plex shows an edit that way.

    python -m tests.bench.bench_fetching [--idle 60] [--edits 20] [--events 10000]

Simulated servers in this process; the hook's processes and the consumer are real, and share no folder. ``Stash's
machine`` is what the plugin's processes take there, the interpreter's start included, beside bare interpreters that are
started as often. Figures are printed; no time fails.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from plexsync.demo.world import World
from plexsync.inbox import event_files, event_reading
from tests.bench.bench_hook import FLAGS
from tests.bench.bench_idle import written_at


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        epilog="example: python -m tests.bench.bench_fetching --idle 120 --edits 0 --events 1000",
    )
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of idling (default 60)")
    parser.add_argument("--edits", type=int, default=20, help="edits whose way is timed (default 20)")
    parser.add_argument(
        "--events", type=int, default=10_000, help="events that wait on Stash's machine (default 10000)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = {"PLEXSYNC_DATA_DIR": str(folder / "consumer"), "PLEXSYNC_INBOX": "stash"}
        with World(folder, settings) as world:
            scenes = [world.add(f"{number}.mp4") for number in range(1, max(1, options.edits) + 1)]
            world.start_consumer()
            for number, scene in enumerate(scenes, 1):
                world.edit(scene, title=f"first {number}")
            world.wait_until_right(scenes, 120)
            _idle(options.idle)
            if options.edits:
                _edits(world, scenes)
            if options.events:
                _many(world, options.events)


def _idle(seconds: float) -> None:
    time.sleep(10)
    before = _children()
    time.sleep(seconds)
    spent = _children() - before
    bare = _bare()
    print(
        f"idle, Stash's machine: {spent / seconds * 3600:.1f} s of processor an hour, "
        f"{spent / seconds * 100:.2f} % of a core; a bare interpreter takes {bare * 1000:.1f} ms"
    )


def _children() -> float:
    """Seconds of processor that child processes took which have ended: here those of the plugin."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare() -> float:
    before = _children()
    for _ in range(20):
        subprocess.run([sys.executable, *FLAGS, "-c", "pass"], check=True)
    return (_children() - before) / 20


def _edits(world: World, scenes: list[int]) -> None:
    waits = []
    for number, scene in enumerate(scenes, 1):
        # In no step with the calls, and after the pause of the edit before.
        time.sleep(2.5 + (number * 37 % 97) / 100)
        seen = len(world.plex.log)
        began = time.time()
        world.edit(scene, title=f"second {number}")
        while not (written := written_at(world, seen)):
            if time.time() - began > 30:
                raise SystemExit(f"no edit of scene {scene} within 30 s")
            time.sleep(0.001)
        waits.append((written - began) * 1000)
    print(f"edit to Plex, one at a time: median {statistics.median(waits):.0f} ms, longest {max(waits):.0f} ms")


def _many(world: World, count: int) -> None:
    """Events of scenes that Stash does not have any more: what is measured is their way into the queue."""
    inbox = world.data_dir / "inbox"
    before, began = _children(), time.monotonic()
    for number in range(count):
        event_files.put(str(inbox), event_files.message(10_000_000 + number, "Scene.Update.Post"))
    world.wait(lambda: not event_reading.waiting(str(inbox), 1), 600, "all is fetched")
    seconds = time.monotonic() - began
    print(
        f"{count} events laid one by one and fetched in {seconds:.1f} s ({count / seconds:.0f} a second), "
        f"{_children() - before:.2f} s of processor on Stash's machine"
    )


if __name__ == "__main__":
    main()
