"""How many requests a scene costs: the first time, after a change, and after none.

Run: ``python -m tests.bench.bench_calls``
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from plexsync.demo.pictures import png
from plexsync.demo.world import World


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100, help="how many scenes are edited at once (default 100)")
    parser.add_argument("--agent", action="store_true", help="Plex's agent has a poster and a background of its own")
    options = parser.parse_args()
    count = options.scenes
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        scenes = [world.add(f"{number}.mp4") for number in range(count)]
        for key in world.items.values() if options.agent else ():
            world.plex.set_agent_picture(key, "posters", png(1, 2, 3))
            world.plex.set_agent_picture(key, "arts", png(1, 2, 3))
        world.start_consumer()
        print(f"{count} scenes, edited in one bulk edit, 4 workers; requests per scene")
        print(
            f"{'':24}{'queries':>9}{'pictures':>9}{'reads':>9}{'lists':>9}{'edits':>9}{'ratings':>9}{'uploads':>9}"
            f"{'Plex':>9}{'scenes/s':>9}"
        )
        studio = str(world.stash.add_studio("Studio"))
        for label, values in (
            ("first time", {"studio_id": studio}),
            ("changed", {"details": "Details"}),
            ("changed, with rating", {"rating100": 80, "details": "More"}),
            ("saved without a change", {"organized": True}),
            ("changed, with covers", {"details": "Even more"}),
        ):
            for scene in scenes if "covers" in label else ():
                world.stash.set_screenshot(scene, png(scene % 256, scene // 256, 1))
            _measure(world, scenes, label, values)
        world.stop_consumer()


def _measure(world: World, scenes: list[int], label: str, values: dict[str, object]) -> None:
    world.plex.forget()
    world.stash.forget()
    began = time.time()
    world.edit_many(scenes, **values)
    world.wait_until_idle(120)
    # Not until the queue was empty: it keeps a message for a while that makes sure of the hooks.
    seconds = max(one.started + one.duration for one in [*world.stash.log, *world.plex.log]) - began
    stash = Counter("picture" if "/screenshot" in one.path else "query" for one in world.stash.log)
    plex = Counter(_kind(one.method, one.path) for one in world.plex.log)
    # The mutation that made the edit is not a cost of ours.
    asked = [plex[kind] for kind in ("read", "list", "edit", "rating", "upload")]
    figures = [stash["query"] - 1, stash["picture"], *asked, sum(asked)]
    row = "".join(f"{figure / len(scenes):9.2f}" for figure in figures)
    print(f"{label:24}{row}{len(scenes) / seconds:9.1f}")


def _kind(method: str, path: str) -> str:
    if method == "GET":
        return "list" if path.endswith(("/posters", "/arts")) else "read"
    return "upload" if method == "POST" else "rating" if path.startswith("/:/") else "edit"


if __name__ == "__main__":
    main()
