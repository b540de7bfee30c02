"""The figures that PlexSync is measured by, each beside its bar: runs the benchmarks one after the other.

Each benchmark is a program of its own, run in a tree of the sources, and its figures are taken from what it prints.
A tree that does not have a benchmark yet shows a dash. With ``--page`` the figures go into a column of the table there.

Examples::

    python -m tests.bench
    python -m tests.bench --only index reconcile
    python -m tests.bench --page docs/development/performance.md --column after
    python -m tests.bench --page docs/development/performance.md --column before --tree ../before
    python -m tests.bench --only first-sync --slowed 0.25
    python -m tests.bench --only memory-worked-off first-sync-20000 first-sync-20000-slow-plex

``--slowed`` is for Linux with control groups of version 1 or 2, and for root: everything that is run, the simulated
servers among it, gets that share of each core.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
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
#: An option that older trees do not have: without it there is more to wait for.
SHORTER = "--in-sync-only"
#: Microseconds over which the kernel counts what a control group takes.
PERIOD = 100_000


@dataclass(frozen=True)
class Run:
    """A benchmark: a name for ``--only``, and its module with what it is given.

    ``seconds``: after so many it is given up. ``is_long``: it is run only where it is named.
    """

    name: str
    command: str
    seconds: float = 240.0
    is_long: bool = False


@dataclass(frozen=True)
class Bar:
    """A figure: what it is, its bar, the run it is from, and a pattern that finds it in what that prints.

    The last match counts; groups are joined by a slash, or, for a ``ratio``, the second is divided by the first.
    """

    what: str
    bar: str
    run: str
    pattern: str
    ratio: bool = False


RUNS = (
    Run("first-sync", "tests.bench.bench_first_sync --scenes 1500"),
    Run("first-sync-slow-plex", "tests.bench.bench_first_sync --scenes 1500 --write-delay 0.008 --first-only"),
    Run("idle", "tests.bench.bench_idle --idle 60 --edits 40", 200),
    Run("hook", "tests.bench.bench_hook --runs 50", 120),
    Run("scan", "tests.bench.bench_scan", 120),
    Run("start", "tests.bench.bench_start --runs 7", 180),
    Run("index", "tests.bench.bench_index --sizes 100000", 240),
    Run("reconcile", "tests.bench.bench_reconcile --sizes 100000 --rounds 3 --in-sync-only", 600),
    Run("memory", "tests.bench.bench_memory --scenes 100000 --until-queued", 1200),
    Run("memory-worked-off", "tests.bench.bench_memory --scenes 100000", 2400, is_long=True),
    Run("first-sync-20000", "tests.bench.bench_first_sync --scenes 20000", 2400, is_long=True),
    Run(
        "first-sync-20000-slow-plex",
        "tests.bench.bench_first_sync --scenes 20000 --write-delay 0.008 --first-only",
        2400,
        is_long=True,
    ),
)
FIRST, EDIT, AGAIN = "^first sync: ", "^edit of one text: ", "^nothing changed: "
CPU, PLEX = r".*?([0-9.]+) ms of CPU", r".*\n  Plex: ([0-9.]+) requests"
PACE = r"([0-9.]+) of the bare loop's pace"
HOOK_BY_BARE = r"^  bare interpreter \(-c pass\) +([0-9.]+)[\s\S]*?^  hook  +([0-9.]+)"
BARS = (
    Bar("CPU per scene, first sync with two pictures, ms", "5", "first-sync", FIRST + CPU),
    Bar("CPU per scene, an edit of one text, ms", "3", "first-sync", EDIT + CPU),
    Bar("requests to Plex per scene, first contact", "4", "first-sync", FIRST + PLEX),
    Bar("requests to Plex per scene, an edit", "1.2", "first-sync", EDIT + PLEX),
    Bar("requests to Plex per scene, unchanged", "0", "first-sync", AGAIN + PLEX),
    Bar("first sync by a bare loop's pace", "0.35", "first-sync", PACE),
    Bar("the same, Plex with 8 ms to a write", "0.9", "first-sync-slow-plex", PACE),
    Bar("second sync --all, nothing changed, s (20,000: 15)", "1.1", "first-sync", AGAIN + r"([0-9.]+) s"),
    Bar("CPU per scene, first sync of 20,000, ms", "5", "first-sync-20000", FIRST + CPU),
    Bar("first sync of 20,000 by a bare loop's pace", "0.35", "first-sync-20000", PACE),
    Bar("the same of 20,000, Plex with 8 ms to a write", "0.9", "first-sync-20000-slow-plex", PACE),
    Bar("second sync --all of 20,000, s", "15", "first-sync-20000", AGAIN + r"([0-9.]+) s"),
    Bar("hook to Plex, idle, median / p95, ms", "20 / 40", "idle", r"median +([0-9.]+) ms +p95 +([0-9.]+) ms"),
    Bar("idle consumer, % of a core", "0.15", "idle", r"^all +([0-9.]+)"),
    Bar("hook / bare interpreter, consumer idle", "1.25", "hook", HOOK_BY_BARE, ratio=True),
    Bar("hook / bare interpreter, in a stream of hooks", "1.6", "idle", r"^in a stream: .*: ([0-9.]+) \(bar"),
    Bar("scan of 50 files, hooks / bare interpreters", NOTHING, "scan", r"^scan, hooks / bare interpreters: ([0-9.]+)"),
    Bar("start to ready, ms", "400", "start", r"^start to ready +([0-9]+) ms"),
    Bar("status, ms", "250", "start", r"^status ([0-9]+) ms"),
    Bar("slowest other command, ms", "250", "start", r"slowest other command ([0-9]+) ms"),
    Bar("slowest command that asks Stash and Plex, ms", NOTHING, "start", r"that asks Stash and Plex ([0-9]+) ms"),
    Bar("index fill of 100,000 / bare requests", "1.5", "index", r"^  ratio +([0-9.]+)"),
    Bar("memory that filling the index adds, MiB", NOTHING, "index", r"^memory that filling adds, MiB +([0-9.]+)"),
    Bar("reconcile of 100,000 in sync / bare requests", "1.15", "reconcile", r"^  ratio \(bar .*?\) +([0-9.]+)"),
    Bar("memory of a reconcile of 100,000, MiB", "150", "reconcile", r"^memory at its peak, MiB \(.*?\) +([0-9.]+)"),
    Bar(
        "memory of the consumer with 100,000 scenes queued, MiB (peak)",
        "80",
        "memory",
        r"^  half a minute later +[0-9.]+ +([0-9.]+)",
    ),
    Bar("the same until they are worked off", "80", "memory-worked-off", r"^  and worked off +[0-9.]+ +([0-9.]+)"),
)


def main() -> None:
    """Run, and print the table; with ``--page``, also keep the figures there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [run.name for run in RUNS]
    usual = [run.name for run in RUNS if not run.is_long]
    said = f"of {', '.join(names)} (default: those without 20000, and not memory-worked-off)"
    parser.add_argument("--only", nargs="+", choices=names, default=usual, metavar="NAME", help=said)
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
            found = figures_of(run.name, printed(run, options.tree, options.slowed or 1.0))
            figures |= found
            for bar in BARS:
                if bar.what in found:
                    print(f"{bar.what:<56} {found[bar.what]:>14}   (bar {bar.bar})", flush=True)
    if options.page is not None:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(with_figures(text, options.column, figures), encoding="utf-8")


def printed(run: Run, tree: Path, share: float = 1.0) -> str:
    """What a benchmark prints; nothing where the tree has none, or it fails.

    With a ``share`` of each core (0 to 1) it may take so much longer.
    """
    program, *given = run.command.split()
    source = tree / f"{program.replace('.', '/')}.py"
    if not source.exists():
        return ""
    if SHORTER in given and SHORTER not in source.read_text(encoding="utf-8"):
        given.remove(SHORTER)
    command = [sys.executable, "-m", program, *given]
    # In a session of its own, so that what it has started ends with it.
    with subprocess.Popen(
        command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as made:
        try:
            said, wrong = made.communicate(timeout=run.seconds / share)
        except subprocess.TimeoutExpired:
            os.killpg(made.pid, signal.SIGKILL)
            said, wrong = made.communicate()
            wrong = f"not done after {run.seconds / share:.0f} s: {wrong}"
    if made.returncode:
        print(f"{run.name} failed: {wrong[-500:]}", file=sys.stderr)
    return said


def figures_of(name: str, text: str) -> dict[str, str]:
    """The figures that a run printed, by what they are; a dash for one that is not there."""
    found: dict[str, str] = {}
    for bar in BARS:
        if bar.run == name:
            matches = list(re.finditer(bar.pattern, text, re.MULTILINE))
            found[bar.what] = _figure(bar, matches[-1].groups()) if matches else NOTHING
    return found


def _figure(bar: Bar, groups: Sequence[str]) -> str:
    return f"{float(groups[1]) / float(groups[0]):.2f}" if bar.ratio else " / ".join(groups)


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
