"""What it costs to rename a studio on many scenes, and the like: writes to Plex, requests to Stash, seconds.

Run: ``python -m tests.bench.bench_rename``. Simulated servers, real hooks, the real consumer. Each change is made
twice: once with its hook, so that the scenes are written together, and once without, after which all scenes are queued
one by one. Ratios tell more than figures: what a process can do depends on the machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from plexsync.demo.world import PLUGIN, World
from tests.support.related_scenes import RelatedScenes


def measure(world: World, family: RelatedScenes, change: Callable[[], None]) -> tuple[int, int, int, float]:
    """Make a change, wait until all is right; writes, reads and Stash's requests that it took, and seconds."""
    world.stash.forget()
    world.plex.forget()
    began = time.monotonic()
    change()
    world.wait_until_right(family.scenes, 600)
    seconds = time.monotonic() - began
    world.wait_until_idle(600, scheduled=False)
    return world.plex.counters["writes"], world.plex.counters["reads"], len(world.stash.log), seconds


def queue_all(world: World) -> None:
    """Queue each scene by itself."""
    command = [sys.executable, "-P", "-m", "plexsync", "sync", "--all"]
    environ = world.environ | {"PYTHONPATH": str(PLUGIN)}
    subprocess.run(command, env=environ, cwd=world.data_dir.parent, check=True, timeout=120, stdout=subprocess.DEVNULL)


def changes(world: World, family: RelatedScenes, name: str) -> dict[str, Callable[[], None]]:
    """What is changed, by its name in the table."""

    def merge() -> None:
        left = world.stash.add_tag(f"{name} tag")
        world.mutate("tagsMerge", "TagsMergeInput!", {"source": [str(family.ids["tag"])], "destination": str(left)})
        family.ids["tag"] = left

    return {
        "studio renamed": lambda: family.rename("studio", f"{name} studio"),
        "performer renamed": lambda: family.rename("performer", f"{name} performer"),
        "group renamed": lambda: family.rename("group", f"{name} group"),
        "tags merged": merge,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=1000, help="how many have the studio (default 1000)")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds that a write to Plex takes (default 0.02)")
    options = parser.parse_args()
    # A poll would find what was changed without a hook, and have it written together.
    settings = {"PLEXSYNC_STASH_PUBLIC_URL": "http://stash.example:9999", "PLEXSYNC_POLL_INTERVAL": "3600"}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), settings) as world:
        family = RelatedScenes(world, options.scenes)
        world.plex.behaviour.write_delay = options.delay
        print(f"{options.scenes} scenes, {options.delay * 1000:.0f} ms a write\n")
        head = f"{'writes':>8}{'reads':>7}{'Stash':>7}{'seconds':>9}"
        print(
            f"{'':20}{'together':^31}  {'one by one':^31}{'writes':>11}{'time':>8}\n{'':20}{head}  {head}{'ratio':>11}"
        )
        for what in changes(world, family, ""):
            together = measure(world, family, changes(world, family, "New")[what])

            def singly(what: str = what) -> None:
                with world.stash.without_hooks():
                    changes(world, family, "Newer")[what]()
                queue_all(world)

            alone = measure(world, family, singly)
            columns = "  ".join(f"{w:8}{r:7}{s:7}{t:9.1f}" for w, r, s, t in (together, alone))
            print(f"{what:20}{columns}{alone[0] / together[0]:10.0f}x{alone[3] / together[3]:7.1f}x")


if __name__ == "__main__":
    main()
