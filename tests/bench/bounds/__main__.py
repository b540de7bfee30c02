"""What bounds PlexSync from a thousand to ten million scenes: times, memory and disk, from what benchmarks measured.

Without options the tables of docs/development/bounds.md are printed. The measured costs stand in
tests/bench/bounds/costs.json; ``--measure`` runs the benchmarks that give them, and keeps what they print.

Examples::

    python -m tests.bench.bounds
    python -m tests.bench.bounds --scenes 250000 5000000
    python -m tests.bench.bounds --table person "first sync"
    python -m tests.bench.bounds --with hook=25 stash_scene=2
    python -m tests.bench.bounds --measure first_cpu ledger
    python -m tests.bench.bounds --keep stash_scene=0.4
    python -m docs.generate                               # writes the tables into the page
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.bench.bounds import costs
from tests.bench.bounds.page import SIZES, TABLES, table


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [cost.name for cost in costs.COSTS]
    add = parser.add_argument
    add("--scenes", type=int, nargs="+", default=SIZES, help="sizes (default: those of the page)")
    add(
        "--with",
        type=_cost,
        nargs="+",
        default=[],
        dest="others",
        metavar="COST=VALUE",
        help="another value, this once",
    )
    add("--keep", type=_cost, nargs="+", default=[], metavar="COST=VALUE", help="another value, from now on")
    add(
        "--measure", nargs="+", choices=names, default=[], metavar="COST", help=f"run its benchmark: {', '.join(names)}"
    )
    add("--table", nargs="+", choices=TABLES, default=TABLES, metavar="NAME", help=f"only: {', '.join(TABLES)}")
    options = parser.parse_args(arguments)
    values = costs.load()
    if options.measure or options.keep:
        values |= costs.measure(options.measure, lambda text: print(f"# {text}", file=sys.stderr, flush=True))
        values |= dict(options.keep)
        costs.save(values)
    for name in options.table:
        print(f"\n# {name}\n{table(name, values | dict(options.others), options.scenes)}")


def _cost(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in {cost.name for cost in costs.COSTS}:
        raise argparse.ArgumentTypeError(f"no such cost: {name}")
    try:
        number = float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: after = stands a number") from None
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: it has to be above 0")
    return name, number


if __name__ == "__main__":
    main()
