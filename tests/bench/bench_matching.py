"""How right the matching is on libraries whose truth is known, by kind of trouble, and how quick.

Libraries are made from a seed for each of several households (``libraries/households.py``): studios with names and
folders of their own, and in each kind of trouble what happens to files, names and titles (``libraries/library.py`` has
the kinds and their shares). Seeds from 1000 on are for judging: nobody looks at what they hold. The real index is
filled, the path map is inferred from a sample as the consumer does it, and each scene is matched and decided on.

  precision   of the automatic matches, those that are right. An item of the very film is right, whichever of several.
  recall      of the scenes whose item a person could tell (``known``), those matched automatically and right.
  review      left to a person, and in how many of these the right item is among the candidates, or there is none.
  none        not found. For films that Plex does not have that is right.
  plain rule  for comparison: the item with the same file name, if there is only one. Automatic: right and wrong.

Times are of the processor and depend on the machine; the table never fails.

Examples:
  python -m tests.bench.bench_matching
  python -m tests.bench.bench_matching --sizes 1000,20000,100000 --seed 1
  python -m tests.bench.bench_matching --sizes 2000 --hashes
  python -m tests.bench.bench_matching --sizes 2000 --together
  python -m tests.bench.bench_matching --sizes 20000 --seed 1001 --households films,codes
  python -m tests.bench.bench_matching --sizes 1000 --seed 1,2,3 --show-wrong
  python -m tests.bench.bench_matching --sizes 5000 --kinds "same name,numbered parts,plain" --no-path-map
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

from tests.bench.libraries.households import HOUSEHOLDS
from tests.bench.libraries.library import KINDS
from tests.bench.libraries.matching_run import Plan, fill, match_all, plain_rule, walk
from tests.bench.libraries.report import by_kind, by_library, examples
from tests.bench.libraries.tally import Outcome, Tally
from tests.bench.libraries.together import match_together


def measure(plan: Plan, *, together: bool = False) -> Outcome:
    """Fill an index for one library, and match in a process of its own, whose memory is nothing but the matching's."""
    with tempfile.TemporaryDirectory(prefix="plexsync-bench-") as folder:
        plan = replace(plan, database=str(Path(folder) / "plexsync.db"))
        filled = fill(plan)
        # One process each: what one has freed would hide what the next takes.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as own:
            tally = own.submit(match_together if together else match_all, plan, filled.path_map).result()
        with ProcessPoolExecutor(1, mp_context=context) as own:
            bare = own.submit(walk, plan).result()
        return Outcome(plan, filled, tally, plain_rule(plan, filled.names), bare)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    options = _parse(arguments)
    outcomes: list[Outcome] = []
    for size in options.sizes:
        same_size = []
        for seed, household in product(options.seed, options.households):
            kinds = tuple(options.kinds)
            plan = Plan(seed, size, kinds, options.auto, options.review, options.path_map, household=household)
            plan = replace(plan, hashes=options.hashes)
            same_size.append(measure(plan, together=options.together))
            path_map = "; ".join(f"{stash} => {plex}" for stash, plex in same_size[-1].filled.path_map)
            told = f"{size:,} scenes, seed {seed}, {household}: done; path map {path_map or 'empty'}"
            print(told, file=sys.stderr, flush=True)
        outcomes += same_size
        seeds = ", ".join(map(str, options.seed))
        print(f"\n### {size:,} scenes, seed {seeds}\n")
        print(by_kind(Tally.sum(one.tally for one in same_size), Tally.sum(one.plain for one in same_size)))
        if options.hashes:
            tally = Tally.sum(one.tally for one in same_size)
            print(f"\nHashes: {tally.hash_requests:,} requests, for {tally.hashed_items:,} items.")
        if options.show_wrong:
            print(examples("Wrong automatic matches", [wrong for one in same_size for wrong in one.tally.wrong]))
        if options.show_missed:
            print(examples("Known, but not matched", [missed for one in same_size for missed in one.tally.missed]))
    print("\n### All\n")
    print(by_library(outcomes))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--sizes", type=_numbers, default=[1000], help="scenes of Stash, e.g. 1000,20000,100000 (default 1000)")
    add(
        "--seed",
        type=_numbers,
        default=[1],
        help="one or more, e.g. 1,2,3: each a library of each household (default 1)",
    )
    add(
        "--households",
        type=_households,
        default=list(HOUSEHOLDS),
        help="only these: " + ", ".join(HOUSEHOLDS) + " (default all: each a library of its own)",
    )
    add("--kinds", type=_kinds, default=list(KINDS), help="only these kinds of trouble: " + ", ".join(KINDS))
    add("--auto", type=int, default=90, help="confidence from which a match is automatic (default 90)")
    add("--review", type=int, default=60, help="confidence from which it is left to a person (default 60)")
    add("--hashes", action="store_true", help="Plex shows hashes of files, and is asked for them where they decide")
    add(
        "--together",
        action="store_true",
        help="match the library as a whole: an item that two scenes want goes to the one that fits it better",
    )
    add("--no-path-map", dest="path_map", action="store_false", help="match without a path map")
    add(
        "--show-wrong",
        action="store_true",
        help="print up to 10 wrong matches per size, with all their facts",
    )
    add("--show-missed", action="store_true", help="print up to 10 scenes whose item was known, but was not matched")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


def _households(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in HOUSEHOLDS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no such household: {', '.join(unknown)} (there are: {', '.join(HOUSEHOLDS)})"
        )
    return names


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",")]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such kind: {', '.join(unknown)} (there are: {', '.join(KINDS)})")
    return kinds


if __name__ == "__main__":
    main()
