"""How soon an idle consumer picks up an event, and what idling costs.

Run: ``python -m tests.bench.bench_pickup [events] [idle seconds]``. A real consumer with four workers; events as the
hook lays them, and tasks as a Python shell queues them. Prints figures and never fails on them.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from plexsync.inbox import event_files
from tests.support.queue_app.rig import TASKS, consumer, journal, until

#: The bars: median pick-up in milliseconds, and the share of a core that idling may take, in percent.
BAR_MS, BAR_CPU = 100.0, 1.0


def started_at(folder: Path) -> dict[int, int]:
    return {number: at for what, number, _, at in journal(folder) if what == "start"}


def report(name: str, waits_ms: list[float]) -> None:
    median, p99 = statistics.median(waits_ms), sorted(waits_ms)[int(len(waits_ms) * 0.99)]
    print(f"{name:22} median {median:6.1f} ms   p99 {p99:6.1f} ms   ({median / BAR_MS:.2f} of the bar)", flush=True)


def lay_events(folder: Path, count: int) -> list[float]:
    """Milliseconds from the moment the hook's file is on disk to the start of the task, event by event."""
    waits = []
    for scene_id in range(1, count + 1):
        event_files.put(str(folder / event_files.FOLDER), event_files.message(scene_id, "Scene.Update.Post"))
        laid = time.monotonic_ns()
        until(lambda scene_id=scene_id: scene_id in started_at(folder))  # type: ignore[misc]  # a lambda with a default
        waits.append((started_at(folder)[scene_id] - laid) / 1e6)
        # Not in step with the consumer's looks.
        time.sleep(0.1 + (scene_id * 37 % 50) / 1000)
    return waits


def queue_from_shell(folder: Path, count: int) -> list[float]:
    """The same for ``work(n)`` in another Python process, from the moment it returns."""
    os.environ["QUEUE_DATA_DIR"] = str(folder)
    from tests.support.queue_app.tasks import huey

    waits = []
    for number in range(100_000, 100_000 + count):
        task = huey.names.string_to_task(f"{TASKS}.work")((number,))
        huey.enqueue(task)
        queued = time.monotonic_ns()
        until(lambda number=number: number in started_at(folder))  # type: ignore[misc]  # a lambda with a default
        waits.append((started_at(folder)[number] - queued) / 1e6)
        time.sleep(0.1 + (number * 37 % 50) / 1000)
    return waits


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(events: int, idle: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with consumer(folder, "-w", "4", "-q") as process:
            event_files.put(str(folder / event_files.FOLDER), event_files.message(999_999, "Scene.Update.Post"))
            until(lambda: started_at(folder))
            time.sleep(1)
            before = cpu_seconds(process.pid)
            time.sleep(idle)
            share = (cpu_seconds(process.pid) - before) / idle * 100
            print(
                f"idle, 4 workers        {share:.2f} % of a core over {idle:.0f} s   ({share / BAR_CPU:.2f} of the bar)"
            )
            report("event from the inbox", lay_events(folder, events))
            report("task from a shell", queue_from_shell(folder, events))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50, float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)
