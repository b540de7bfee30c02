"""What a scene costs: requests to Plex and Stash, and CPU of the consumer; beside a bare loop of what is needed.

Simulated servers in this process, the real consumer in another one, whose CPU time is taken from ``/proc``. Three
turns: the first sync of all scenes, each with a poster and a background; an edit of one text of each; and
``sync --all`` with nothing changed. The bare loop writes to items of its own what the first sync has to: one edit and
two pictures each, and reads by tens before and after. Ratios tell more than figures.

Examples::

    python -m tests.bench.bench_first_sync
    python -m tests.bench.bench_first_sync --scenes 20000 --write-delay 0.008
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from plexsync.demo.http.exchange import LoggedRequest
from plexsync.demo.pictures import png
from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.inbox import event_files
from plexsync.model import Edit, Field, Part
from plexsync.plex.edits import edit_queries
from plexsync.plex.transport import REQUEST_LINE_MAX

#: Items that the bare loop reads in one request.
TOGETHER = 10
#: The bars of CPU: milliseconds per scene.
BARS = {"first sync": 5.0, "edit of one text": 3.0}
#: Seconds after which nothing in Stash has changed within the second of its stamp (``plexsync.sync.unchanged``; a
#: number of its own, so that older trees can be measured with this file).
SETTLED = 3.0
#: What the consumer is told: the fields of the first sync, and no poll in between.
SETTINGS = {
    "PLEXSYNC_FIELDS": "title,date,summary,studio,performers,tags,poster,background",
    "PLEXSYNC_STASH_PUBLIC_URL": "http://stash.example:9999",
    "PLEXSYNC_POLL_INTERVAL": "3600",
    "PLEXSYNC_AUTOSTART": "false",
}


def cover(number: int) -> bytes:
    """A picture that no other scene has."""
    return png(number % 256, number // 256 % 256, number // 65536)


def fill(world: World, count: int) -> list[int]:
    """Scenes with studio, performers, tags and a cover, and their items; the scenes' ids."""
    studios = [world.stash.add_studio(f"Studio {n}") for n in range(10)]
    performers = [world.stash.add_performer(f"Performer {n}") for n in range(50)]
    tags = [world.stash.add_tag(f"Tag {n}") for n in range(100)]
    scenes = []
    for number in range(count):
        size = 1_000_000 + number
        scene = world.stash.add_scene(
            f"Scene {number}",
            f"{STASH_ROOT}/{number % 100}/scene {number}.mp4",
            size=size,
            cover=cover(number),
            details=f"What scene {number} is about.",
            date=f"2020-{number % 12 + 1:02}-{number % 28 + 1:02}",
            studio=studios[number % 10],
            performers=[performers[number % 50], performers[(number + 7) % 50]],
            tags=[tags[(number + step) % 100] for step in range(0, 50, 10)],
        )
        part = Part(f"{PLEX_ROOT}/{number % 100}/scene {number}.mp4", size, 1_800_000)
        world.items[scene] = world.plex.add_item(world.section, f"scene {number}", [part])
        scenes.append(scene)
    return scenes


def cpu_seconds(pid: int) -> float:
    """CPU time that all threads of a process have used."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def kinds(log: Sequence[LoggedRequest]) -> Counter[str]:
    """Requests by method and path, with numbers left out."""
    return Counter(f"{one.method} {re.sub(r'[0-9][0-9,]*', '#', one.path)}" for one in log)


def measure(world: World, name: str, count: int, begin: Callable[[], object], timeout: float) -> float:
    """Do something, wait until the queue is empty, and print what it cost; the seconds it took."""
    world.plex.forget()
    world.stash.forget()
    pid = world.consumer_pid
    before, began = cpu_seconds(pid), time.monotonic()
    begin()
    world.wait_until_idle(timeout, scheduled=False)
    seconds = time.monotonic() - began
    cpu = (cpu_seconds(pid) - before) * 1000 / count
    bar = f" (bar {BARS[name]:.0f})" if name in BARS else ""
    print(f"\n{name}: {seconds:.1f} s, {count / seconds:.0f} scenes/s, {cpu:.2f} ms of CPU per scene{bar}")
    for server, log in (("Plex", world.plex.log), ("Stash", world.stash.log)):
        print(f"  {server}: {len(log) / count:.2f} requests per scene")
        for kind, times in kinds(log).most_common(8):
            print(f"    {times / count:7.2f}  {kind}")
    return seconds


def lay(world: World, scenes: Sequence[int]) -> None:
    """Have the hooks' events for all scenes in the inbox, as an edit of many leaves them."""
    folder = str(world.data_dir / event_files.FOLDER)
    for scene in scenes:
        event_files.put(folder, event_files.message(scene, "Scene.Update.Post"))


def bare_loop(
    url: str, token: str, section: int, keys: Sequence[int], threads: int, queue: multiprocessing.SimpleQueue[float]
) -> None:
    """In a process of its own: the needed requests by nothing but ``requests``; puts the seconds they took."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=threads))
    session.headers.update({"Accept": "application/json", "X-Plex-Token": token, "X-Plex-Client-Identifier": "bench"})

    def ask(method: str, path: str, data: bytes | None = None) -> None:
        session.request(method, url + path, data=data, timeout=60).raise_for_status()

    def group(some: Sequence[int]) -> None:
        path = f"/library/metadata/{','.join(map(str, some))}?skipRefresh=1"
        ask("GET", path)
        for key in some:
            edit = Edit(texts={Field.TITLE: f"Scene {key}", Field.SUMMARY: f"What scene {key} is about."})
            scope = (("type", "1"), ("id", str(key)))
            (query,) = edit_queries(edit, scope, lock=True, room=REQUEST_LINE_MAX)
            ask("PUT", f"/library/sections/{section}/all?{query}")
            ask("POST", f"/library/metadata/{key}/posters", cover(key))
            ask("POST", f"/library/metadata/{key}/arts", cover(key))
        ask("GET", path)

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(group, [keys[at : at + TOGETHER] for at in range(0, len(keys), TOGETHER)]))
    queue.put(time.monotonic() - began)


def bare(world: World, count: int, threads: int) -> float:
    """The seconds of the bare loop for so many items of its own, which are gone after."""
    keys = [
        world.plex.add_item(world.section, f"bare {n}", [Part(f"{PLEX_ROOT}/bare/{n}.mp4", n + 1, 1000)])
        for n in range(count)
    ]
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(
        target=bare_loop, args=(world.plex.url, world.plex.token, world.section, keys, threads, queue)
    )
    process.start()
    seconds = float(queue.get())
    process.join()
    for key in keys:
        world.plex.remove_item(key)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=500, help="how many scenes (default 500)")
    parser.add_argument("--write-delay", type=float, default=0.0, help="seconds of a write to Plex (default 0)")
    parser.add_argument("--workers", type=int, default=4, help="threads of the consumer and the loop (default 4)")
    parser.add_argument("--bare", type=int, default=500, help="items of the bare loop; 0 for no loop (default 500)")
    parser.add_argument("--first-only", action="store_true", help="no edit, and nothing after it")
    options = parser.parse_args()
    settings = {**SETTINGS, "PLEXSYNC_WORKERS": str(options.workers)}
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), settings) as world:
        world.plex.behaviour.write_delay = options.write_delay
        scenes = fill(world, options.scenes)
        timeout = 60 + options.scenes
        floor = bare(world, options.bare, options.workers) / options.bare if options.bare else 0.0
        if floor:
            print(f"bare loop: {1 / floor:.0f} items/s with {options.workers} threads")
        world.start_consumer()
        world.wait(lambda: (world.data_dir / "status.json").exists(), 60, "the consumer runs")
        first = measure(world, "first sync", len(scenes), lambda: world.command("sync", "--all"), timeout)
        if floor:
            print(f"  {floor * len(scenes) / first:.2f} of the bare loop's pace")
        if options.first_only:
            return
        with world.stash.without_hooks():
            for scene in scenes:
                world.stash.edit(scene, details=f"What {scene} is about now.")
        # A scene that is read within the second of its stamp may change in that second still: it is looked at once more
        # when all are asked for. Here nothing has changed for long.
        time.sleep(SETTLED)
        measure(world, "edit of one text", len(scenes), lambda: lay(world, scenes), timeout)
        measure(world, "nothing changed", len(scenes), lambda: world.command("sync", "--all"), timeout)


if __name__ == "__main__":
    main()
