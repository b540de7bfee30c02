"""How fast Plex is written to, and how gently: with its pace kept, and by a bare loop of the same requests.

Run: ``python -m tests.bench.bench_throughput``. The simulated Plex is a process of its own. Ratios tell more than
figures: what a process can do depends on the machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import requests

from plexsync import __version__
from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.model import Edit, Field
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.edits import edit_queries
from plexsync.plex.transport import REQUEST_LINE_MAX

EDIT = Edit(texts={Field.TITLE: "A title", Field.SUMMARY: "What it is about."})
#: Seconds of a write of the single writer.
WRITE_DELAY = 0.05


def serve(pipe: Connection) -> None:
    """The other process: a simulated Plex that does what it is told through the pipe."""
    with SimulatedPlex() as plex:
        section = plex.add_section("Movies", locations=["/media"])
        key = plex.add_item(section, "A film", ["/media/a.mkv"])
        pipe.send((plex.url, plex.token, section, key))
        while (order := pipe.recv()) is not None:
            name, value = order
            if name == "slow":
                plex.faults.clear()
                if value:
                    plex.faults.add(PlannedFault("slow", times=None, seconds=value))
            elif name == "write_delay":
                plex.behaviour.write_delay = value
            pipe.send(plex.peak_waiting)


class Plex:
    """The simulated Plex as this process sees it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url, self.token, self.section, self.key = pipe.recv()

    def tell(self, name: str, value: Any = None) -> int:
        """Change how it behaves; returns the most writes that ever waited there."""
        self._pipe.send((name, value))
        return int(self._pipe.recv())

    def bare(self, threads: int) -> Callable[[], None]:
        """One write, by nothing but requests: the same line, the same headers."""
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=threads))
        scope = (("type", "1"), ("id", str(self.key)))
        (query,) = edit_queries(EDIT, scope, lock=True, room=REQUEST_LINE_MAX)
        url = f"{self.url}/library/sections/{self.section}/all?{query}"
        headers = {
            "Accept": "application/json",
            "User-Agent": f"PlexSync/{__version__}",
            "X-Plex-Client-Identifier": "bench",
            "X-Plex-Product": "PlexSync",
            "X-Plex-Version": __version__,
            "X-Plex-Pms-Api-Version": "1.0",
            "X-Plex-Token": self.token,
        }

        def write() -> None:
            session.put(url, headers=headers, timeout=10).raise_for_status()

        return write

    def client(self, threads: int) -> PlexClient:
        """What writes in PlexSync."""
        return PlexClient(PlexEndpoint(self.url, self.token, "bench"), pool_size=threads)

    def edit(self, client: PlexClient) -> None:
        """The same write, by PlexSync."""
        client.edit(self.section, [self.key], EDIT, lock=True)


@contextmanager
def simulated() -> Iterator[Plex]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield Plex(ours)
    finally:
        ours.send(None)
        process.join()


class Load:
    """Threads that write all the time."""

    def __init__(self, threads: int, write: Callable[[], None]) -> None:
        self._done = threading.Event()
        self._counts = [0] * threads
        self._pool = ThreadPoolExecutor(threads)
        self._futures = [self._pool.submit(self._work, number, write) for number in range(threads)]

    def _work(self, number: int, write: Callable[[], None]) -> None:
        while not self._done.is_set():
            write()
            self._counts[number] += 1

    def rate(self, seconds: float) -> float:
        """Writes per second, measured for so long."""
        before, began = sum(self._counts), time.monotonic()
        time.sleep(seconds)
        return (sum(self._counts) - before) / (time.monotonic() - began)

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._pool.shutdown()
        for future in self._futures:
            future.result()


def measure_healthy(plex: Plex, seconds: float, warm_up: float) -> None:
    print("1. A healthy Plex, in steady state: writes/s\n")
    print(f"{'':28}{'threads':>8}{'bare loop':>11}{'paced':>9}{'ratio':>8}{'limit':>7}")
    for label, latency in (("answers at once", 0.0), ("20 ms, many at a time", 0.02)):
        plex.tell("slow", latency)
        for threads in (1, 4, 8):
            bare = paced = 0.0
            # By turns, so that what else the machine does strikes both.
            for _ in range(2):
                with Load(threads, plex.bare(threads)) as load:
                    bare += load.rate(seconds / 2) / 2
                with plex.client(threads) as client, Load(threads, lambda client=client: plex.edit(client)) as load:
                    time.sleep(warm_up)
                    paced += load.rate(seconds / 2) / 2
                    limit = client.pace.limit
            print(f"{label:28}{threads:8}{bare:11.0f}{paced:9.0f}{paced / bare:8.2f}{limit:7}")
    print()


def measure_single_writer(seconds: float) -> None:
    most = 1 / WRITE_DELAY
    delay = f"{WRITE_DELAY * 1000:.0f} ms"
    print(f"2. A Plex that writes one at a time, {delay} each ({most:.0f} writes/s at most), 8 threads\n")
    print(f"{'':28}{'writes/s':>10}{'of most':>9}{'peak waiting':>14}")
    for label in ("bare loop", "paced"):
        with simulated() as plex, plex.client(8) as client:
            plex.tell("write_delay", WRITE_DELAY)
            write = plex.bare(8) if label == "bare loop" else lambda plex=plex, client=client: plex.edit(client)
            with Load(8, write) as load:
                rate = load.rate(seconds)
            print(f"{label:28}{rate:10.1f}{rate / most:9.2f}{plex.tell('look'):14}")
    print()


def measure_step(plex: Plex) -> None:
    print("3. Plex gets busy, and is quick again; 8 threads\n")
    print(f"{'second':>8}{'Plex takes':>12}{'limit':>7}{'in flight':>11}{'writes/s':>10}")
    with plex.client(8) as client, Load(8, lambda: plex.edit(client)) as load:
        for second in range(15):
            latency = 0.15 if 5 <= second < 10 else 0.02
            if second in (0, 5, 10):
                plex.tell("slow", latency)
            rate = load.rate(1)
            pace = client.pace
            print(f"{second + 1:8}{latency * 1000:9.0f} ms{pace.limit:7}{pace.in_flight:11}{rate:10.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="how long each figure is measured (default 4)")
    parser.add_argument("--warm-up", type=float, default=5, help="how long it runs before (default 5)")
    options = parser.parse_args()
    with simulated() as plex:
        measure_healthy(plex, options.seconds, options.warm_up)
        measure_single_writer(max(options.seconds, 5))
        measure_step(plex)


if __name__ == "__main__":
    main()
