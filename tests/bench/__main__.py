"""The figures that PlexSync is measured by, each beside its bar: runs the benchmarks one after the other.

Each benchmark is a program of its own, run in a tree of the sources, and its figures are taken from what it prints.
A tree that does not have a benchmark yet shows a dash. With ``--page`` the figures go into a column of the table there.

Examples::

    python -m tests.bench
    python -m tests.bench --only index reconcile
    python -m tests.bench --page docs/development/performance.md --column after
    python -m tests.bench --page docs/development/performance.md --column before --tree ../before
    python -m tests.bench --only first-sync --slowed 0.25

``--slowed`` is for Linux with control groups of version 1 or 2, and for root: everything that is run, the simulated
servers among it, gets that share of each core.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: What stands around the table in the page.
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
COLUMNS = ("before", "after", "slowed")
NOTHING = "–"
HERE = Path(__file__).resolve().parents[2]
#: Microseconds over which the kernel counts what a control group takes.
PERIOD = 100_000


@dataclass(frozen=True)
class Run:
    """A benchmark: a name for ``--only``, and its module with what it is given."""

    name: str
    command: str


@dataclass(frozen=True)
class Bar:
    """A figure: what it is, its bar, the run it is from, and a pattern that finds it in what that prints.

    The last match counts; groups are joined by a slash.
    """

    what: str
    bar: str
    run: str
    pattern: str


RUNS = (
    Run("first-sync", "tests.bench.bench_first_sync --scenes 1500"),
    Run("first-sync-slow-plex", "tests.bench.bench_first_sync --scenes 1500 --write-delay 0.008 --first-only"),
    Run("idle", "tests.bench.bench_idle --idle 60 --edits 40"),
    Run("hook", "tests.bench.bench_hook --runs 50"),
    Run("index", "tests.bench.bench_index --sizes 20000"),
    Run("reconcile", "tests.bench.bench_reconcile --sizes 100000 --rounds 3"),
)
FIRST, EDIT, AGAIN = "^first sync: ", "^edit of one text: ", "^nothing changed: "
CPU, PLEX = r".*?([0-9.]+) ms of CPU", r".*\n  Plex: ([0-9.]+) requests"
BARS = (
    Bar("CPU per scene, first sync with two pictures, ms", "5", "first-sync", FIRST + CPU),
    Bar("CPU per scene, an edit of one text, ms", "3", "first-sync", EDIT + CPU),
    Bar("requests to Plex per scene, first contact", "4", "first-sync", FIRST + PLEX),
    Bar("requests to Plex per scene, an edit", "1.2", "first-sync", EDIT + PLEX),
    Bar("requests to Plex per scene, unchanged", "0", "first-sync", AGAIN + PLEX),
    Bar("first sync by a bare loop's pace", "0.35", "first-sync", r"([0-9.]+) of the bare loop's pace"),
    Bar("the same, Plex with 8 ms to a write", "0.9", "first-sync-slow-plex", r"([0-9.]+) of the bare loop's pace"),
    Bar("second sync --all, nothing changed, s (20,000: 15)", "1.1", "first-sync", AGAIN + r"([0-9.]+) s"),
    Bar("hook to Plex, idle, median / p95, ms", "20 / 40", "idle", r"median +([0-9.]+) ms +p95 +([0-9.]+) ms"),
    Bar("idle consumer, % of a core", "0.15", "idle", r"^all +([0-9.]+)"),
    Bar("hook, consumer idle, ms", NOTHING, "hook", r"\A[\s\S]*?^  hook  +([0-9.]+)"),
    Bar("bare interpreter beside it, ms", NOTHING, "hook", r"^  bare interpreter \(-c pass\) +([0-9.]+)"),
    Bar("index fill / bare requests", "1.5", "index", r"^  ratio +([0-9.]+)"),
    Bar("memory that filling the index adds, MiB", NOTHING, "index", r"^memory that filling adds, MiB +([0-9.]+)"),
    Bar("reconcile of 100,000 in sync / bare requests", "1.15", "reconcile", r"^  ratio \(bar .*?\) +([0-9.]+)"),
    Bar("memory of a reconcile of 100,000, MiB", "150", "reconcile", r"^memory at its peak, MiB \(.*?\) +([0-9.]+)"),
)


def main() -> None:
    """Run, and print the table; with ``--page``, also keep the figures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [run.name for run in RUNS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--tree", type=Path, default=HERE, help="the sources to measure (default: these)")
    parser.add_argument("--page", type=Path, help="the page to keep the figures in")
    parser.add_argument("--column", choices=COLUMNS, default="after", help="the column there (default after)")
    parser.add_argument("--slowed", type=float, metavar="SHARE", help="share of each core, such as 0.25")
    options = parser.parse_args()
    if options.slowed is not None:
        slow_down(options.slowed)
    figures: dict[str, str] = {}
    for run in RUNS:
        if run.name in options.only:
            print(f"# python -m {run.command}", file=sys.stderr, flush=True)
            found = figures_of(run.name, printed(run, options.tree))
            figures |= found
            for bar in BARS:
                if bar.what in found:
                    print(f"{bar.what:<56} {found[bar.what]:>14}   (bar {bar.bar})", flush=True)
    if options.page is not None:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(with_figures(text, options.column, figures), encoding="utf-8")


def printed(run: Run, tree: Path) -> str:
    """What a benchmark prints; nothing where the tree has none, or it fails."""
    if not (tree / f"{run.command.split()[0].replace('.', '/')}.py").exists():
        return ""
    made = subprocess.run(  # the program is one of ours
        [sys.executable, "-m", *run.command.split()], cwd=tree, capture_output=True, text=True, check=False
    )
    if made.returncode:
        print(f"{run.name} failed: {made.stderr[-500:]}", file=sys.stderr)
    return made.stdout


def figures_of(name: str, text: str) -> dict[str, str]:
    """The figures that a run printed, by what they are; a dash for one that is not there."""
    found: dict[str, str] = {}
    for bar in BARS:
        if bar.run == name:
            matches = list(re.finditer(bar.pattern, text, re.MULTILINE))
            found[bar.what] = " / ".join(matches[-1].groups()) if matches else NOTHING
    return found


def with_figures(page: str, column: str, figures: dict[str, str]) -> str:
    """The page with these figures in a column of its table; all else in the table stays as it is.

    :raises ValueError: the page has no place for the table.
    """
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    known = {cells[0]: cells for line in page[start:end].splitlines() if len(cells := _cells(line)) > len(COLUMNS)}
    commands = {run.name: run.command for run in RUNS}
    lines = ["| what | bar | before | after | slowed | python -m |", "| --- | --- | --- | --- | --- | --- |"]
    for bar in BARS:
        cells = known.get(bar.what, [bar.what, bar.bar, *[NOTHING] * len(COLUMNS)])
        values = dict(zip(COLUMNS, cells[2:5], strict=True))
        if bar.what in figures:
            values[column] = figures[bar.what]
        lines.append(f"| {bar.what} | {bar.bar} | {' | '.join(values.values())} | `{commands[bar.run]}` |")
    return f"{page[:start]}\n" + "\n".join(lines) + f"\n{page[end:]}"


def _cells(line: str) -> Sequence[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def slow_down(share: float) -> None:
    """Give this process, and all that it starts, a share of each core.

    :raises OSError: the kernel does not let us.
    """
    quota = int(share * PERIOD * (os.cpu_count() or 1))
    old = Path("/sys/fs/cgroup/cpu")
    group = (old if old.is_dir() else old.parent) / f"plexsync-bench-{os.getpid()}"
    with suppress(FileExistsError):
        group.mkdir()
    if old.is_dir():
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {PERIOD}")
    (group / "cgroup.procs").write_text(str(os.getpid()))


if __name__ == "__main__":
    main()
