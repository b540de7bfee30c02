"""What a person waits for an edit while a first sync runs, beside what the simulation of ``tests.bench.bounds`` says.

Simulated servers in this process, the real consumer. Plex takes as long for a write as is said, one at a time. The wait
is from laying the hook's event until Plex has the edit. Figures are printed; no time fails.

Examples::

    python -m tests.bench.bench_person
    python -m tests.bench.bench_person --scenes 400 --edits 20 --write-delay 0.1
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path

from plexsync.demo.world import World
from plexsync.inbox import event_files
from tests.bench.bench_first_sync import SETTINGS, cpu_seconds, fill, lay
from tests.bench.bounds.person import Load, Waits, simulate


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=900, help="scenes of the first sync, at least (default 900)")
    parser.add_argument("--edits", type=int, default=40, help="edits meanwhile (default 40)")
    parser.add_argument("--write-delay", type=float, default=0.03, help="seconds of a write to Plex (default 0.03)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), SETTINGS) as world:
        scenes = fill(world, options.edits + options.scenes)[: options.edits]
        world.start_consumer()
        lay(world, scenes)
        world.wait(lambda: _pictures(world) == 2 * len(scenes), 120, "they are in Plex")
        world.wait_until_idle(120, scheduled=False)
        world.plex.forget()
        world.plex.behaviour.write_delay = options.write_delay
        before = cpu_seconds(world.consumer_pid)
        world.command("sync", "--all")
        world.wait(lambda: _pictures(world) > 60, 120, "the sync has found its pace")
        waits = sorted(_edit(world, scene) for scene in scenes)
        # Two pictures to a scene.
        cpu = (cpu_seconds(world.consumer_pid) - before) / (_pictures(world) / 2)
        if _pictures(world) >= 2 * options.scenes:
            raise SystemExit("the first sync was over too soon: more --scenes, please")
    measured = Waits(waits, 0.0)
    simulated = simulate(Load(options.write_delay, cpu, cpu * 0.6, 0.0, 0.002), edits=options.edits)
    print(f"{options.edits} edits, {options.write_delay * 1000:.0f} ms to a write, {cpu * 1000:.1f} ms of CPU a scene")
    for name, one in (("measured", measured), ("simulated", simulated)):
        print(f"person's wait, {name}: median {one.share(0.5):.2f} s, p95 {one.share(0.95):.2f} s")


def _pictures(world: World) -> int:
    """How many Plex was sent."""
    return sum(one.method == "POST" for one in world.plex.log)


def _edit(world: World, scene: int) -> float:
    """Seconds from an edit until Plex has it; then some time more, in no step with the sync."""
    title = f"Edited {time.time()}"
    with world.stash.without_hooks():
        world.edit(scene, title=title)
    began = time.time()
    event_files.put(str(world.data_dir / event_files.FOLDER), event_files.message(scene, "Scene.Update.Post"))
    event_files.ring(str(world.data_dir))
    key = world.items[scene]
    world.wait(lambda: world.plex.item(key).title == title, 60, f"the edit of scene {scene} is in Plex")
    wait = time.time() - began
    time.sleep(0.2 + math.modf(scene * 0.618)[0])
    return wait


if __name__ == "__main__":
    main()
