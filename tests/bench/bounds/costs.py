"""What things cost: each figure with the benchmark that gives it. The values stand in ``costs.json`` beside this."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("costs.json")
HERE = Path(__file__).resolve().parents[3]
#: In place of a command: nobody has measured it here.
ASSUMED = ""
FIRST_SYNC = "tests.bench.bench_first_sync --scenes 1500"
RECONCILE = "tests.bench.bench_reconcile --sizes 20000 --rounds 3 --in-sync-only"
INDEX = "tests.bench.bench_index --sizes 20000"
MEMORY = "tests.bench.bench_memory --scenes 2000 20000 --until-queued"
MATCHING = "tests.bench.bench_matching --sizes 500,5000 --households mixed"
SIZES = "tests.bench.bench_sizes"
HOOK = "tests.bench.bench_hook --runs 50"
#: A real Stash (0.29) of 20,000 scenes with studio, two performers and five tags each, on the same machine.
STASH = "tests.bench.bench_stash --url http://localhost:9999"
NUMBER = r"([0-9.]+)"


@dataclass(frozen=True)
class Cost:
    """One figure.

    :param name: by which formulas know it.
    :param what: for people.
    :param command: what prints it, behind ``python -m``; ``ASSUMED`` where nothing does.
    :param pattern: finds it in what is printed; of several matches the mean counts.
    """

    name: str
    what: str
    unit: str
    command: str
    pattern: str = ""


def _peak(scenes: str) -> str:
    return rf"^{scenes} scenes(?:\n|.)*?half a minute later +[0-9.]+ +{NUMBER}"


#: Four columns follow the one of the median of searches: p95, p99, memory, filling.
SEARCH = r"^\| *{size} \|.*\| +([0-9.]+) \|(?: +[0-9.]+ \|){{4}}$"

COSTS = (
    Cost(
        "first_cpu", "CPU, a scene's first sync with two pictures", "ms", FIRST_SYNC, rf"^first sync: .*?{NUMBER} ms of"
    ),
    Cost("edit_cpu", "CPU, an edit of one text", "ms", FIRST_SYNC, rf"^edit of one text: .*?{NUMBER} ms of CPU"),
    Cost("hook", "one hook, from its start to its end", "ms", HOOK, rf"^  hook  +{NUMBER}"),
    Cost(
        "reconcile_cpu",
        "CPU, 1,000 scenes and their items compared",
        "ms",
        RECONCILE,
        rf"^  CPU of a reconcile, .*? {NUMBER}$",
    ),
    Cost("fill", "CPU, 20,000 items put into the index", "s", INDEX, rf"^  CPU of filling, s +{NUMBER}"),
    Cost("memory_2000", "memory at its peak, 2,000 scenes queued", "MiB", MEMORY, _peak("2,000")),
    Cost("memory_20000", "memory at its peak, 20,000 scenes queued", "MiB", MEMORY, _peak("20,000")),
    Cost("ledger", "ledger, a scene", "bytes", SIZES, rf"^ledger +{NUMBER}"),
    Cost("index", "index of 20,000 items", "MiB", INDEX, rf"^the database's file, MiB +{NUMBER}"),
    Cost("history", "history, a sync of the last seven days", "bytes", SIZES, rf"^history +{NUMBER}"),
    Cost("queue", "queue, a message", "bytes", SIZES, rf"^queue +{NUMBER}"),
    Cost("row", "SQLite passes over a row", "µs", SIZES, rf"^SQLite passes over a row in {NUMBER}"),
    Cost("search_500", "search for a scene among 500 items", "ms", MATCHING, SEARCH.format(size="500")),
    Cost("search_5000", "search for a scene among 5,000 items", "ms", MATCHING, SEARCH.format(size="5,000")),
    Cost(
        "stash_scene", "Stash's answer, a scene in a page of 250", "ms", STASH, rf"^in the middle: {NUMBER} ms a scene"
    ),
    Cost("stash_count", "Stash counts a scene", "µs", STASH, rf"^count: {NUMBER} us"),
    Cost("plex_item", "Plex's answer, an item in a page of 500", "ms", ASSUMED),
    Cost("answer", "a small answer of Plex or Stash, or a picture", "ms", ASSUMED),
)


def load(path: Path = FILE) -> dict[str, float]:
    """The values by the names of their costs.

    :raises ValueError: one is missing, is none of ours, or is no number above 0.
    """
    values: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
    if odd := {cost.name for cost in COSTS} ^ values.keys():
        raise ValueError(f"{path}: missing or unknown: {', '.join(sorted(odd))}")
    found = {}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
            raise ValueError(f"{path}: {name} has to be a number above 0, and is {value!r}")
        found[name] = float(value)
    return found


def measured(text: str, costs: Sequence[Cost]) -> dict[str, float]:
    """The costs that a benchmark printed.

    :raises ValueError: one is not there.
    """
    found = {}
    for cost in costs:
        matches = re.findall(cost.pattern, text, re.MULTILINE)
        if not matches:
            raise ValueError(f"{cost.name}: python -m {cost.command} did not print it:\n{text[-2000:]}")
        found[cost.name] = round(statistics.mean(map(float, matches)), 3)
    return found


def measure(names: Sequence[str], told: Callable[[str], object]) -> dict[str, float]:
    """Run the benchmarks of these costs; what else they measure is taken as well.

    :param told: is told each command before it runs.
    :raises subprocess.CalledProcessError: a benchmark failed.
    :raises ValueError: a figure is not in what it printed.
    """
    found: dict[str, float] = {}
    for command in dict.fromkeys(cost.command for cost in COSTS if cost.name in names and cost.command != ASSUMED):
        told(f"python -m {command}")
        done = subprocess.run(
            [sys.executable, "-m", *command.split()], cwd=HERE, capture_output=True, text=True, check=True
        )
        found |= measured(done.stdout, [cost for cost in COSTS if cost.command == command])
    return found


def save(values: Mapping[str, float], path: Path = FILE) -> None:
    """Keep the values, in the order of the costs."""
    path.write_text(json.dumps({cost.name: values[cost.name] for cost in COSTS}, indent=4) + "\n", encoding="utf-8")
