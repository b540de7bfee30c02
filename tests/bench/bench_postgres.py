"""The queue on PostgreSQL: how soon work is picked up, how much is claimed and acknowledged, and both beside SQLite.

A PostgreSQL is started for it, which syncs its log to the disk as one of every day does. Prints figures and ratios, and
never fails on them.

Examples::

    python -m tests.bench.bench_postgres
    python -m tests.bench.bench_postgres --events 100 --messages 2000
    python -m tests.bench.bench_postgres --url postgresql://postgres@127.0.0.1/empty
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.storage.opening import open_database
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support import postgres_server

#: The bars: median milliseconds to the pick-up, and messages claimed and acknowledged in a second.
BAR_MS, BAR_RATE = 25.0, 300.0
#: Messages that a worker claims at once where what they ask for is done together: as ``tasks/scenes.py`` says.
TURN = 16


def message(number: int) -> bytes:
    """A message as the hook's stand in the queue."""
    known = {"id": f"{number:032x}", "name": "sync_scene", "args": [number], "kwargs": {}, "eta": None, "retries": 0}
    return json.dumps(known).encode("ascii")


def queue(folder: Path, url: str | None) -> PlexSyncHuey:
    """The queue of a data folder, or of a server."""
    (folder / "data").mkdir(exist_ok=True)
    return open_queue(open_database(folder / "data", url))


def claimed_in_a_second(huey: PlexSyncHuey, count: int, *, together: int) -> tuple[float, float, float]:
    """Messages claimed and acknowledged in a second; CPU seconds of each, here and on the server.

    :param together: how many a worker claims at once.
    """
    database = huey.storage.database
    pid = None
    if isinstance(database, PostgresDatabase):
        # As a consumer does.
        database.lead()
        with database.writer() as connection:
            pid = connection.execute("select pg_backend_pid()").fetchone()[0]
    huey.storage.turns.declare("sync_scene", together)
    # As after turns that took next to no time.
    huey.storage.turns.took("sync_scene", 1, 0.0, brought=1)
    huey.storage.enqueue_many([message(number) for number in range(count)])
    began, used, served, done = time.monotonic(), time.process_time(), cpu_seconds(pid), 0
    while done < count:
        claimed = huey.storage.dequeue()
        held = [claimed.id, *(other.id for other in claimed.others)]
        huey.storage.ack(*held)
        done += len(held)
    used, served = time.process_time() - used, cpu_seconds(pid) - served
    return count / (time.monotonic() - began), used / count, served / count


def cpu_seconds(pid: int | None) -> float:
    """CPU time that a process of this machine has used, to the microsecond; 0 where there is none to be seen."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError):
        return 0.0


def lay(folder: Path, url: str | None, count: int, pipe: Connection) -> None:
    """The other process: lays messages into the queue, and tells when each was there (nanoseconds)."""
    huey = queue(folder, url)
    pipe.send("ready")
    pipe.recv()
    for number in range(1_000_000, 1_000_000 + count):
        huey.storage.enqueue(message(number))
        pipe.send(time.monotonic_ns())
        # Not in step with anybody's looks.
        time.sleep(0.1 + (number * 37 % 50) / 1000)
    pipe.send(None)


def picked_up_after(folder: Path, url: str | None, count: int) -> list[float]:
    """Milliseconds from the commit of another process to a worker of this one that has the message in hand."""
    huey = queue(folder, url)
    storage = huey.storage
    storage.arrivals.listen()
    stopping, had = threading.Event(), []
    storage.is_stopping = stopping.is_set

    def work() -> None:
        while not stopping.is_set():
            if (claimed := storage.dequeue()) is not None:
                had.append(time.monotonic_ns())
                storage.ack(claimed.id)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    other = context.Process(target=lay, args=(folder, url, count, theirs))
    other.start()
    ours.recv()
    time.sleep(1)
    ours.send("go")
    laid = list(iter(ours.recv, None))
    other.join()
    while len(had) < count:
        time.sleep(0.01)
    stopping.set()
    storage.wake()
    for worker in workers:
        worker.join()
    storage.close()
    return [(after - before) / 1e6 for before, after in zip(laid, had, strict=True)]


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The address of a server, of one of our own where none is named."""
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="plexsync-bench-") as name:
        Path(name).chmod(0o711)
        own = postgres_server.start(Path(name) / "server")
        with (own.data / "postgresql.conf").open("a") as settings:
            settings.write("\nfsync = on\nsynchronous_commit = on\nautovacuum = on\n")
        own.kill()
        own.again()
        try:
            yield own.url
        finally:
            own.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=40, help="messages that are picked up, one by one")
    parser.add_argument("--messages", type=int, default=1000, help="messages that are claimed and acknowledged")
    parser.add_argument("--url", help="an empty database of a server that is there")
    options = parser.parse_args()
    with server(options.url) as url, tempfile.TemporaryDirectory() as name:
        found = {}
        for kind, address in (("SQLite", None), ("PostgreSQL", url)):
            huey = queue(Path(name), address)
            rates = []
            for label, together in (("one by one", 1), (f"in turns of {TURN}", TURN)):
                rate, cpu, served = claimed_in_a_second(huey, options.messages, together=together)
                rates.append(rate)
                print(
                    f"{kind:10}  claimed and acknowledged {label:14} {rate:7.0f} a second   "
                    f"(each {cpu * 1e3:.2f} ms of CPU here and {served * 1e3:.2f} on the server: "
                    f"{1 / (cpu + served):.0f} a second of one core alone)",
                    flush=True,
                )
            huey.storage.close()
            waits = picked_up_after(Path(name), address, options.events)
            found[kind] = *rates, statistics.median(waits)
            print(
                f"{kind:10}  picked up after                         {found[kind][2]:7.1f} ms median, "
                f"{sorted(waits)[int(len(waits) * 0.95)]:.1f} ms at the 95th of a hundred",
                flush=True,
            )
        (rate, turns, wait), (file_rate, file_turns, file_wait) = found["PostgreSQL"], found["SQLite"]
        for label, ours, files in (("one by one", rate, file_rate), ("in turns", turns, file_turns)):
            print(f"{label:11} {ours / BAR_RATE:.2f} of the bar of {BAR_RATE:.0f}, {ours / files:.2f} of SQLite's")
        print(f"picked up   {wait / BAR_MS:.2f} of the bar of {BAR_MS:.0f} ms, {wait / file_wait:.2f} of SQLite's")


if __name__ == "__main__":
    main()
