"""What a person waits for a scan of some files in Stash: a hook for each, while the consumer works on them.

The real hook and the real consumer, with simulated servers in this process. Stash runs one hook after the other. The
same is done with bare interpreters in place of hooks, which the consumer has nothing to do for. Figures are printed;
no time fails.

Examples::

    python -m tests.bench.bench_scan
    python -m tests.bench.bench_scan --files 200 --rounds 1
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part
from tests.bench.bench_hook import FLAGS


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=50, help="files of a scan (default 50)")
    parser.add_argument("--rounds", type=int, default=3, help="scans, of which the medians are taken (default 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        world.start_consumer()
        world.wait(lambda: (world.data_dir / "status.json").exists(), 60, "the consumer runs")
        hooks, bare = [], []
        for turn in range(options.rounds):
            bare.append(_bare(world, options.files, turn))
            hooks.append(_scan(world, options.files, turn))
    with_hooks, without = statistics.median(hooks), statistics.median(bare)
    print(f"scan of {options.files} files: {with_hooks:.2f} s with hooks, {without:.2f} s with bare interpreters")
    print(f"scan, hooks / bare interpreters: {with_hooks / without:.2f}")


def _scan(world: World, count: int, turn: int) -> float:
    """Seconds until Stash is done with a scan; whatever comes of it is waited for after that."""
    names = [f"scan {turn} {number}.mp4" for number in range(count)]
    for number, name in enumerate(names):
        world.plex.add_item(world.section, name, [Part(f"{PLEX_ROOT}/{name}", turn * count + number + 1, 1_800_000)])
    began = time.perf_counter()
    for number, name in enumerate(names):
        world.stash.scan(f"{STASH_ROOT}/{name}", size=turn * count + number + 1)
    seconds = time.perf_counter() - began
    world.wait_until_idle(60, scheduled=False)
    return seconds


def _bare(world: World, count: int, turn: int) -> float:
    """The same with bare interpreters in place of hooks."""
    with world.stash.without_hooks():
        began = time.perf_counter()
        for number in range(count):
            world.stash.scan(f"{STASH_ROOT}/bare {turn} {number}.mp4")
            subprocess.run([sys.executable, *FLAGS, "-c", "pass"], check=True)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
