"""How quickly a running consumer answers, and what being seen costs it.

    python -m tests.bench.bench_status [--scenes 40000] [--waiting 20000] [--runs 100] [--idle 30]

A real consumer with a ledger of many scenes is asked by files, one question after the other with pauses as people make
them: the median and the 95th percentile of each question, while nobody watched before and while somebody does. Beside
it stands the bare round trip, measured in the same run: two processes that lay a file, rename it, and look for the
answer every 20 ms, as the consumer does. The bar is a median of 60 ms. Then the share of a core that the idle consumer
takes, without and with somebody who watches, and what one snapshot takes with many messages waiting. Figures are
printed; no time fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.demo.world import World
from plexsync.inbox import request_files
from plexsync.ledger import Ledger, State
from plexsync.storage.database import Database

QUESTIONS: dict[str, dict[str, Any]] = {
    "scenes": {"state": "failed"},
    "scenes, searched": {"search": "nowhere to be found"},
    "scene": {"scene_id": 7},
    "failed": {},
    "reviews": {},
    "activity": {},
}
#: What answers in the bare round trip: it does nothing but what has to be done.
BARE = """
import os, sys, time
folder = sys.argv[1]
while True:
    time.sleep(0.02)
    for name in os.listdir(folder):
        if name.endswith(".json"):
            path = os.path.join(folder, name)
            open(path).read()
            new = os.path.join(folder, ".new")
            open(new, "w").write('{"ok": true, "result": {}}')
            os.rename(new, path[:-5] + ".answer")
            os.unlink(path)
"""


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenes", type=int, default=40_000)
    parser.add_argument("--waiting", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--idle", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_round_trip(Path(folder) / "bare", options.runs)
        Path(folder, "world").mkdir()
        with World(Path(folder, "world"), _QUIET) as world:
            fill(world, options.scenes)
            world.start_consumer()
            world.wait(lambda: request_files.runs(str(world.data_dir)), 60, "the consumer shows itself")
            world.wait(lambda: bool(ask(world, "scenes", {})["ok"]), 60, "it answers")
            idle(world, options.idle)
            answers(world, options.runs, bare)
            snapshots(world, options.waiting)


#: The name of the queue, as it stands in its tables.
QUEUE = "plexsync"
#: Nothing runs by itself.
_QUIET = {"PLEXSYNC_RECONCILE": "off", "PLEXSYNC_POLL_INTERVAL": "3600"}


def fill(world: World, count: int) -> None:
    """A ledger of so many scenes in all states, with a history."""
    ledger = Ledger(Database(world.data_dir / "plexsync.db"))
    states = [State.SYNCED] * 6 + [State.FAILED, State.NOT_FOUND, State.REVIEW]
    now = time.time()
    with ledger.database.write() as db:
        db.executemany(
            "insert into scene (scene_id, state, title, file, changed_at, pushed, synced_at) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            (
                (n, states[n % len(states)], f"Scene {n} of the beach", f"/data/{n}.mp4", now - n, "{}", now - n)
                for n in range(1, count + 1)
            ),
        )
        db.executemany(
            "insert into outcome (at, scene_id, outcome) values (?, ?, 'synced')",
            ((now - n, n) for n in range(count, 0, -1)),
        )
    ledger.database.close()


def ask(world: World, mode: str, args: dict[str, Any]) -> dict[str, Any]:
    """One question, as the page asks it."""
    return request_files.ask(str(world.data_dir), mode, args, durable=False, seconds=30)


def answers(world: World, runs: int, bare: float) -> None:
    """Each question's time, while somebody watches."""
    print(f"{'answers, somebody watches':<32} median    p95   / bare round trip")
    folder = str(world.data_dir)
    request_files.watch(folder)
    time.sleep(2)
    for name, args in QUESTIONS.items():
        request_files.watch(folder)
        took = timed(lambda name=name, args=args: ask(world, name.partition(",")[0], args), runs)  # type: ignore[misc]
        tell(name, took, bare)


def idle(world: World, seconds: float) -> None:
    """What the idle consumer takes, and the first question out of the blue."""
    quiet = cpu_share(world, seconds, watch=False)
    print(f"idle consumer, nobody watches:   {quiet:.2%} of a core")
    watched = cpu_share(world, seconds, watch=True)
    print(f"idle consumer, somebody watches: {watched:.2%} of a core")
    took = []
    for _ in range(10):
        time.sleep(request_files.WATCHES_FOR + 6 if not took else 6)
        began = time.perf_counter()
        ask(world, "scene", {"scene_id": 7})
        took.append(time.perf_counter() - began)
    print(f"first question out of the blue:  {statistics.median(took) * 1000:.0f} ms (median of {len(took)})")


def cpu_share(world: World, seconds: float, *, watch: bool) -> float:
    """The share of a core that the consumer takes."""
    began, before = time.monotonic(), cpu_of(world.consumer_pid)
    while time.monotonic() - began < seconds:
        if watch:
            request_files.watch(str(world.data_dir))
        time.sleep(2)
    return (cpu_of(world.consumer_pid) - before) / (time.monotonic() - began)


def cpu_of(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def snapshots(world: World, waiting: int) -> None:
    """How quickly the snapshot follows while many messages wait, and what that costs."""
    database = Database(world.data_dir / "plexsync.db")
    with database.write() as db:
        # Held by a machine that nobody can ask, so that none of them is worked on meanwhile.
        db.executemany(
            "insert into claim (id, queue, data, priority, key, chain, deliveries, enqueued_at, owner, lease_until, "
            "claimed_at) values (?, ?, '{}', 0, ?, '', 1, ?, 'elsewhere', 9e9, 0)",
            ((10**9 + n, QUEUE, f'["sync_scene",[{n}],{{}}]', time.time()) for n in range(1, waiting + 1)),
        )
    folder, seen, began = str(world.data_dir), set[float](), time.monotonic()
    before = cpu_of(world.consumer_pid)
    while time.monotonic() - began < 10:
        request_files.watch(folder)
        with database.write() as db:
            db.execute("insert or replace into fact values ('bench', ?)", (str(random.random()),))
        seen.add(json.loads(request_files.status(folder))["written_at"])
        time.sleep(0.1)
    database.close()
    share = (cpu_of(world.consumer_pid) - before) / (time.monotonic() - began)
    print(f"snapshots while all changes: {len(seen) / 10:.1f} a second, {share:.1%} of a core")


def bare_round_trip(folder: Path, runs: int) -> float:
    """Seconds (median) of a round trip by files with nothing to it."""
    folder.mkdir()
    with running([sys.executable, "-I", "-S", "-c", BARE, str(folder)]):

        def once() -> None:
            new, path = folder / ".question", folder / "1.json"
            new.write_text('{"mode": "scenes"}')
            new.rename(path)
            answer = folder / "1.answer"
            while not answer.exists():
                time.sleep(request_files.LOOK)
            answer.read_text()
            answer.unlink()

        took = timed(once, runs)
    tell("bare round trip", took, statistics.median(took))
    return statistics.median(took)


@contextmanager
def running(command: list[str]) -> Iterator[None]:
    """A process for the block."""
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def timed(do: Callable[[], object], runs: int) -> list[float]:
    """Seconds of each run, with a pause before each that is no multiple of anybody's."""
    took = []
    for _ in range(runs):
        time.sleep(random.uniform(0.02, 0.12))
        began = time.perf_counter()
        do()
        took.append(time.perf_counter() - began)
    return took


def tell(name: str, took: list[float], bare: float) -> None:
    """A line for one of them."""
    median, late = statistics.median(took), sorted(took)[int(len(took) * 0.95)]
    print(f"  {name:<30} {median * 1000:5.1f} ms {late * 1000:5.1f} ms   {median / bare:4.1f}")


if __name__ == "__main__":
    assert threading.current_thread() is threading.main_thread()
    main()
