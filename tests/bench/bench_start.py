"""What a person waits for: a command's answer, and the consumer until it is ready.

Each command runs as a person types it, through ``huey_consumer.sh``, on a small ledger. Time by the clock and of the
processor, beside floors that are measured in turns with it: the interpreter alone, and the interpreter that imports
sqlite3 and huey. Then how many modules a command imports, and the start of the consumer until it takes work. Figures
are printed; no time fails. On a busy machine the processor's time says more.

    python -m tests.bench.bench_start
    python -m tests.bench.bench_start --runs 21
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plexsync.demo.world import PLUGIN, World

COMMANDS = (
    "--help",
    "help",
    "status",
    "status --json",
    "scene 1",
    "sync 1",
    "scenes list",
    "activity",
    "failed list",
    "review list",
    "reconcile --dry-run",
    "doctor",
    "--check",
)
#: Those that are measured by themselves: ``status``, and what makes requests.
ASKING = ("status", "status --json", "reconcile --dry-run", "doctor", "--check")
FLOORS = {
    "python -I -S -c pass": ["-I", "-S", "-c", "pass"],
    "python, sqlite3 and huey": ["-X", "utf8", "-P", "-c", "import sqlite3, huey"],
}
#: Said by the consumer's log when all is open, just before its workers begin.
READY = ", data in "
LOOK = 0.005


@dataclass
class Took:
    """What the runs of one thing took, in milliseconds: by the clock, and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def once(self, command: Sequence[str], environ: dict[str, str]) -> None:
        """Run a command, and note what it took with all that it started."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.wall.append((time.perf_counter() - began) * 1000)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="of each, of which the medians are taken (default 11)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, World(Path(folder), {"PLEXSYNC_RECONCILE": "off"}) as world:
        # As installed: what was imported once is not compiled again.
        environ = {name: value for name, value in world.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        world.environ = environ
        world.add("beach.mp4")
        starts = [_start(world) for _ in range(runs + 1)][1:]
        commands(environ, runs)
        print(f"\n{'start to ready':30} {statistics.median(starts):7.0f} ms by the clock, without the script's part")


def commands(environ: dict[str, str], runs: int) -> None:
    """The commands and the floors, in turns."""
    python, script = str(PLUGIN / ".venv" / "bin" / "python"), str(PLUGIN / "huey_consumer.sh")
    python = python if Path(python).exists() else sys.executable
    lines = {name: [python, *words] for name, words in FLOORS.items()}
    lines |= {"the script, to its end": [script, "--setup"]}
    lines |= {command: [script, *command.split()] for command in COMMANDS}
    took = {name: Took() for name in lines}
    for turn in range(runs + 1):
        for name, command in lines.items():
            (took[name] if turn else Took()).once(command, environ)
    floor = statistics.median(took["python, sqlite3 and huey"].processor)
    others = {name: statistics.median(took[name].wall) for name in COMMANDS if name not in ASKING}
    slowest = max(others, key=others.__getitem__)
    asking = max(statistics.median(took[name].wall) for name in ASKING if name != "status")
    print(
        f"status {statistics.median(took['status'].wall):.0f} ms, slowest other command {others[slowest]:.0f} ms "
        f"({slowest}), slowest that asks Stash and Plex {asking:.0f} ms\n"
    )
    print(f"{'':30} {'clock':>10} {'processor':>11} {'/ floor':>8} {'modules':>8}")
    for name, command in lines.items():
        wall, processor = (statistics.median(one) for one in (took[name].wall, took[name].processor))
        count = _modules(python, command[1:], environ) if name in COMMANDS[1:] else ""
        print(f"{name:30} {wall:7.0f} ms {processor:8.0f} ms {processor / floor:8.1f} {count:>8}")


def _modules(python: str, words: Sequence[str], environ: dict[str, str]) -> str:
    """How many modules a command imports."""
    said = {"help": ["--help"], "--check": ["check"]}.get(words[0], list(words))
    command = [python, "-X", "utf8", "-P", "-X", "importtime", "-m", "plexsync", *said]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return str(done.stderr.count("import time:") - 1)


def _start(world: World) -> float:
    """Milliseconds until the consumer takes work."""
    world.log_path.write_text("")
    began = time.perf_counter()
    world.start_consumer()
    while READY not in world.log_path.read_text():
        if world.consumer_ended() is not None or time.perf_counter() - began > 60:
            raise SystemExit(f"the consumer is not ready:\n{world.log_path.read_text()}")
        time.sleep(LOOK)
    took = (time.perf_counter() - began) * 1000
    world.stop_consumer()
    return took


if __name__ == "__main__":
    os.chdir(PLUGIN)
    main()
