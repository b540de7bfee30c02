"""The tables of the page ``docs/development/bounds.md``, worked out from the measured costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.bench.bounds import formulas
from tests.bench.bounds.costs import ASSUMED, COSTS
from tests.bench.bounds.formulas import MIB, Costs, Machine
from tests.bench.bounds.person import Load, simulate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "development" / "bounds.md"
SIZES = (1_000, 10_000, 40_000, 100_000, 1_000_000, 10_000_000)
#: Seconds of a write to Plex: a quick one, and a slow one (a NAS with disks, or somebody who watches).
WRITES = (0.008, 0.03)
HERE, NAS = Machine("this machine"), Machine("NAS", 4.0)
#: What a table stands between in the page.
BEGIN, END = "<!-- bounds: {} -->", "<!-- end of bounds -->"
Rows = Sequence[Sequence[str]]


def with_tables(text: str, costs: Costs) -> str:
    """The page with its tables as they are now.

    :raises ValueError: the page has no place for one, or a place for one that there is not.
    """
    places = re.findall(BEGIN.format("(.+)"), text)
    if sorted(places) != sorted(TABLES):
        raise ValueError(f"the page has places for {places}, and there are {list(TABLES)}")
    for name in TABLES:
        begin = BEGIN.format(name)
        start = text.index(begin) + len(begin)
        text = f"{text[:start]}\n{table(name, costs)}\n{text[text.index(END, start) :]}"
    return text


def table(name: str, costs: Costs, sizes: Sequence[int] = SIZES) -> str:
    """The table of this name in markdown."""
    rows = TABLES[name](costs, sizes)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, f"| {' | '.join(['---', *['---:'] * (len(rows[0]) - 1)])} |")
    return "\n".join(lines)


def _first_sync(costs: Costs, sizes: Sequence[int]) -> Rows:
    quick, slow = WRITES
    rows = [["scenes", "Plex's writer, 8 ms", "30 ms", "CPU", "CPU, NAS", "Stash", "Stash, NAS", "what binds"]]
    for n in sizes:
        here = formulas.first_sync(n, costs, HERE, quick).seconds
        nas = formulas.first_sync(n, costs, NAS, slow).seconds
        binds = dict.fromkeys(
            formulas.first_sync(n, costs, machine, write).binds for machine in (HERE, NAS) for write in WRITES
        )
        figures = [here["Plex's writer"], nas["Plex's writer"], here["CPU"], nas["CPU"], here["Stash"], nas["Stash"]]
        rows.append([f"{n:,}", *map(span, figures), " or ".join(binds)])
    return rows


def _often(costs: Costs, sizes: Sequence[int]) -> Rows:
    head = [
        "scenes",
        "comparing all",
        "NAS",
        "index fill",
        "NAS",
        "edit of 10 %: hooks",
        "NAS",
        "in Plex, 8 ms",
        "30 ms",
    ]
    rows = [[*head, "scan, 1 % new: hooks", "a search, ms", "NAS"]]
    for n in sizes:
        bulk = formulas.bulk_edit(n, costs, HERE, WRITES[0])
        seconds = [
            formulas.reconcile(n, costs, HERE).total,
            formulas.reconcile(n, costs, NAS).total,
            formulas.index_fill(n, costs, HERE).total,
            formulas.index_fill(n, costs, NAS).total,
            bulk.seconds["hooks"],
            formulas.bulk_edit(n, costs, NAS, WRITES[0]).seconds["hooks"],
            bulk.total,
            formulas.bulk_edit(n, costs, HERE, WRITES[1]).total,
            formulas.scan_hooks(n, costs, HERE),
        ]
        searches = [f"{formulas.search(n, costs, machine) * 1000:.1f}" for machine in (HERE, NAS)]
        rows.append([f"{n:,}", *map(span, seconds), *searches])
    return rows


def _space(costs: Costs, sizes: Sequence[int]) -> Rows:
    rows = [["scenes", "memory", "database", "all queued", "with the copies of seven nights"]]
    for n in sizes:
        kinds = (formulas.memory, formulas.database, formulas.queued, formulas.disk)
        rows.append([f"{n:,}", *(size(kind(n, costs)) for kind in kinds)])
    return rows


def _lists(costs: Costs, sizes: Sequence[int]) -> Rows:
    rows = [["scenes", "`sync --all`: Stash counts", "NAS", "a full pass: Plex passes over rows"]]
    for n in sizes:
        seconds = [formulas.counted(n, costs, machine) for machine in (HERE, NAS)]
        rows.append([f"{n:,}", *map(span, [*seconds, formulas.passed_over(n, costs)])])
    return rows


def _person(costs: Costs) -> Rows:
    head = ["a write, ms", "machine", "scenes a second", "median, alone", "median", "95 %", "longest"]
    rows = [[*head, "500 edits at once: the last"]]
    for machine in (HERE, NAS):
        for write in (*WRITES, 0.1):
            load = load_of(costs, machine, write)
            busy, alone = simulate(load), simulate(load, is_busy=False)
            many = simulate(load, edits=500, apart=0.0)
            waits = [alone.share(0.5), busy.share(0.5), busy.share(0.95), busy.edits[-1], many.edits[-1]]
            figures = [f"{busy.scenes_per_second:.0f}", *map(span, waits)]
            rows.append([f"{write * 1000:.0f}", machine.name, *figures])
    return rows


def load_of(costs: Costs, machine: Machine, write: float) -> Load:
    """What the simulation is given."""
    return Load(
        write=write,
        first=costs["first_cpu"] / 1000 * machine.slower,
        edit=costs["edit_cpu"] / 1000 * machine.slower,
        hook=costs["hook"] / 1000 * machine.slower,
        read=costs["answer"] / 1000,
    )


def _limits(costs: Costs) -> Rows:
    def row(what: str, limit: str, most: float, value: Callable[[float, Machine], float]) -> list[str]:
        return [what, limit, *(_reached(partial(_of, value, machine), most) for machine in (HERE, NAS))]

    def hooks(n: float, machine: Machine) -> float:
        return formulas.bulk_edit(n, costs, machine, quick).seconds["hooks"]

    quick, slow = WRITES
    hour, day = 3600.0, 86_400.0
    return [
        ["what", "limit", "reached at (scenes)", "NAS"],
        row("first sync, 8 ms to a write", "a day", day, lambda n, m: formulas.first_sync(n, costs, m, quick).total),
        row("first sync, 30 ms", "a week", 7 * day, lambda n, m: formulas.first_sync(n, costs, m, slow).total),
        row("hooks of an edit of 10 %", "an hour", hour, hooks),
        row("comparing all, every night", "four hours", 4 * hour, lambda n, m: formulas.reconcile(n, costs, m).total),
        row("index fill", "an hour", hour, lambda n, m: formulas.index_fill(n, costs, m).total),
        row("Stash counts for `sync --all`", "an hour", hour, lambda n, m: formulas.counted(n, costs, m)),
        row("Plex passes over rows, a full pass", "an hour", hour, lambda n, _: formulas.passed_over(n, costs)),
        row("memory", "512 MiB", 512 * MIB, lambda n, _: formulas.memory(n, costs)),
        row("database with its copies", "100 GiB", 100 * 1024 * MIB, lambda n, _: formulas.disk(n, costs)),
    ]


def _of(value: Callable[[float, Machine], float], machine: Machine, n: float) -> float:
    return value(n, machine)


def _reached(value: Callable[[float], float], limit: float) -> str:
    found = formulas.reached_at(value, limit)
    return "–" if found is None else _rounded(found)


def _costs(costs: Mapping[str, float]) -> Rows:
    rows = [["cost", "value", "python -m"]]
    for cost in COSTS:
        command = "assumed" if cost.command == ASSUMED else f"`{cost.command}`"
        rows.append([cost.what, f"{costs[cost.name]:g} {cost.unit}", command])
    return rows


def span(seconds: float) -> str:
    """A time in the unit that people would say it in, two digits of it."""
    # Rather 80 min than 1.3 h, which is as long and says more.
    for name, length, least in (("d", 86_400.0, 1.5), ("h", 3600.0, 1.5), ("min", 60.0, 1.5), ("s", 1.0, 0.9995)):
        if seconds >= length * least:
            return f"{_digits(seconds / length)} {name}"
    return f"{_digits(seconds * 1000)} ms"


def size(count: float) -> str:
    """Bytes in the unit that people would say them in."""
    for name, length in (("TiB", 2.0**40), ("GiB", 2.0**30)):
        if count >= length:
            return f"{_digits(count / length)} {name}"
    return f"{_digits(count / MIB)} MiB"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def _rounded(value: float) -> str:
    """A number of scenes with two digits that count."""
    step = 10 ** max(0, len(str(int(value))) - 2)
    return f"{round(value / step) * step:,}"


#: What makes each table, by its name in the page.
TABLES: Mapping[str, Callable[[Costs, Sequence[int]], Rows]] = {
    "limits": lambda costs, _: _limits(costs),
    "first sync": _first_sync,
    "often": _often,
    "space": _space,
    "lists": _lists,
    "person": lambda costs, _: _person(costs),
    "costs": lambda costs, _: _costs(costs),
}
