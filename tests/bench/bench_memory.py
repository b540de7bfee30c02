"""The memory of a real consumer on a large library, stage by stage: its resident size and its peak.

Stash, Plex and the ledger are filled as if every scene had been synced (as ``bench_reconcile`` does), each server in a
process of its own. Then a consumer runs on it: idle, through a comparison of everything, and with every scene in the
queue. The bar is 80 MiB at 100,000 scenes. Figures are printed; none fails.

    python -m tests.bench.bench_memory --scenes 100000
    python -m tests.bench.bench_memory --scenes 2000 20000
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from plexsync.inbox import request_files
from plexsync.ledger import Ledger
from plexsync.queue.priorities import Priority
from plexsync.reconcile import Runs
from plexsync.storage.database import DATABASE_NAME, Database
from tests.bench.bench_reconcile import _fill_ledger, _run, _serve_plex, _serve_stash, _settings, _start

#: Messages that are let wait at the end; and seconds between looks, and until something is taken for stuck.
LOOK, PATIENCE = 0.5, 1800.0


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, nargs="+", default=[100_000], help="how many (default 100000)")
    parser.add_argument("--until-queued", action="store_true", help="do not wait until every scene is worked off")
    options = parser.parse_args()
    for size in options.scenes:
        stash, _ = _start(_serve_stash, size)
        plex, _ = _start(_serve_plex, size)
        addresses = (stash.recv(), *plex.recv())
        with tempfile.TemporaryDirectory() as folder:
            _run(_fill_ledger, folder, *addresses)
            _settings(folder, *addresses)
            _measure(Path(folder), size, until_queued=options.until_queued)
        for pipe in (stash, plex):
            pipe.send("stop")


def _measure(folder: Path, size: int, *, until_queued: bool) -> None:
    # The last one as huey_consumer.sh sets it.
    environ = os.environ | {"PLEXSYNC_RECONCILE": "off", "PLEXSYNC_LOG_LEVEL": "warning", "MALLOC_ARENA_MAX": "2"}
    # The consumer of this very tree, whatever else is installed.
    environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    print(f"{size:,} scenes{'':24}   now    peak (MiB)")
    database = Database(folder / DATABASE_NAME)
    ledger = Ledger(database)
    # As a shell does: older versions know tasks by name only once they are imported.
    from tasks import huey, sync_scene

    assert sync_scene is not None
    consumer = subprocess.Popen([sys.executable, "-P", "-m", "plexsync.cli.consumer"], env=environ)
    try:
        _wait(lambda: request_files.runs(str(folder)), consumer)
        time.sleep(5)
        _tell("ready", consumer.pid)
        began = time.time()
        request_files.ask(str(folder), "reconcile", {}, durable=True, seconds=30)
        _wait(lambda: (last := Runs(ledger.facts).last()) is not None and (last.finished_at or 0) > began, consumer)
        _tell("everything compared", consumer.pid)
        for start in range(1, size + 1, 500):
            ids = range(start, min(start + 500, size + 1))
            huey.enqueue_by_name("sync_scene", ((one,) for one in ids), Priority.EVERYTHING)
        request_files.watch(str(folder))
        _tell("every scene queued", consumer.pid)
        if until_queued:
            time.sleep(30)
            _tell("half a minute later", consumer.pid)
            return
        _wait(lambda: huey.waiting() == 0, consumer)
        _tell("and worked off", consumer.pid)
    finally:
        consumer.send_signal(signal.SIGTERM)
        consumer.wait(60)
        database.close()


def _wait(condition: Callable[[], bool], consumer: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while not condition():
        if consumer.poll() is not None or time.monotonic() - began > PATIENCE:
            raise SystemExit("the consumer has ended, or does nothing")
        time.sleep(LOOK)


def _tell(stage: str, pid: int) -> None:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    now, peak = (int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    print(f"  {stage:30} {now:7.1f} {peak:7.1f}", flush=True)


if __name__ == "__main__":
    main()
