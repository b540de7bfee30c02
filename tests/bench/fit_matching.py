"""Fits weights of matching on some libraries and judges them on others; prints what either set of weights does on both.

One weight after the other is tried a step up and a step down, and kept where the libraries to fit on come off better: a
wrong automatic match costs as much as ``COST_OF_WRONG`` scenes that are missed. Nothing is written: who takes a value
over into ``plexsync/matching/weights.py`` writes beside it where it comes from. The seeds to judge on must not be among
those to fit on, nor among those whose scenes anybody has looked at.

Examples:
  python -m tests.bench.fit_matching
  python -m tests.bench.fit_matching --size 1000 --fit 1,2 --judge 1001,1002 --weights WITNESSES_LEFT,DURATION_SAFETY
  python -m tests.bench.fit_matching --households films,codes --weights SAME_YEAR,CODE_DIGIT --rounds 2
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path

from plexsync.matching import weights
from tests.bench.libraries.households import HOUSEHOLDS
from tests.bench.libraries.matching_run import PathMap, Plan, fill, match_all
from tests.bench.libraries.report import table
from tests.bench.libraries.tally import Count, Tally

#: Missed scenes that one wrong match weighs as much as: it overwrites another film's metadata.
COST_OF_WRONG = 200
#: Weights that are tried unless others are named, and by how much.
USUAL = {
    "DURATION_SAFETY": 0.2,
    "NAMESAKES_SAFETY": 0.2,
    "WITNESSES_LEFT": 0.2,
    "WITNESSES_LEFT_UNDATED": 0.3,
    "SAME_STUDIO": 0.2,
    "PERFORMER": 0.2,
    "SAME_YEAR": 0.2,
    "CODE_DIGIT": 0.2,
    "NUMBER_DIGIT": 0.1,
    "OTHER_FOLDER": 0.2,
}

Filled = tuple[Plan, PathMap]


def outcome(libraries: Iterable[Filled]) -> Tally:
    """What comes of matching all of them with the weights as they stand."""
    return Tally.sum(match_all(plan, path_map) for plan, path_map in libraries)


def cost(count: Count) -> int:
    """What is lost: the fewer, the better."""
    return count.known - count.recalled + COST_OF_WRONG * count.wrong


def fit(libraries: Sequence[Filled], steps: dict[str, float], rounds: int) -> None:
    """Change the weights in place, one after the other, as long as less is lost."""
    best = cost(outcome(libraries).total())
    for _ in range(rounds):
        before = best
        for name, step in steps.items():
            for change in (step, -step):
                old = getattr(weights, name)
                setattr(weights, name, round(old + change, 3))
                found = cost(outcome(libraries).total())
                if found < best:
                    best = found
                    print(f"{name} = {getattr(weights, name)} (was {old}): {found} lost", flush=True)
                    break
                setattr(weights, name, old)
        if best == before:
            return


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, and print both tables."""
    options = _parse(arguments)
    steps = {name: USUAL.get(name, 0.2) for name in options.weights}
    before = {name: getattr(weights, name) for name in steps}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="plexsync-fit-"))
        to_fit, to_judge = (_filled(options, seeds, folder) for seeds in (options.fit, options.judge))
        tallies = [outcome(to_fit), outcome(to_judge)]
        fit(to_fit, steps, options.rounds)
        after = {name: getattr(weights, name) for name in steps}
        tallies += [outcome(to_fit), outcome(to_judge)]
    rows: list[tuple[str, ...]] = [("libraries", "weights", "known", "recalled", "recall", "wrong", "review")]
    for tally, (libraries, which) in zip(
        tallies,
        (("to fit on", "before"), ("to judge on", "before"), ("to fit on", "fitted"), ("to judge on", "fitted")),
        strict=True,
    ):
        total = tally.total()
        recall = f"{100 * (total.recall or 0):.2f} %"
        counted = (total.known, total.recalled, recall, total.wrong, total.review)
        rows.append((libraries, which, *map(str, counted)))
    print(f"\n{table(rows)}\n")
    values = [(name, str(before[name]), str(after[name])) for name in steps]
    print(table([("weight", "before", "fitted"), *values]))


def _filled(options: argparse.Namespace, seeds: Sequence[int], folder: str) -> list[Filled]:
    found = []
    for seed, household in product(seeds, options.households):
        plan = Plan(seed, options.size, household=household)
        plan = replace(plan, database=str(Path(folder) / f"{household}-{seed}.db"))
        found.append((plan, fill(plan).path_map))
    return found


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--size", type=int, default=500, help="scenes of each library (default 500)")
    add("--fit", type=_numbers, default=[1], help="seeds to fit on, e.g. 1,2 (default 1)")
    add("--judge", type=_numbers, default=[1001], help="seeds to judge on (default 1001)")
    add("--households", type=_names, default=list(HOUSEHOLDS), help="only these (default all)")
    add("--weights", type=_names, default=list(USUAL), help="names in weights.py (default: " + ", ".join(USUAL) + ")")
    add("--rounds", type=int, default=1, help="times that all weights are tried at most (default 1)")
    options = parser.parse_args(arguments)
    if common := set(options.fit) & set(options.judge):
        parser.error(f"seeds {', '.join(map(str, sorted(common)))} are to be fitted on and judged on: name others")
    if unknown := [name for name in options.weights if not isinstance(getattr(weights, name, None), float)]:
        parser.error(f"no such weights: {', '.join(unknown)} (weights.py has them)")
    if unknown := [name for name in options.households if name not in HOUSEHOLDS]:
        parser.error(f"no such household: {', '.join(unknown)} (there are: {', '.join(HOUSEHOLDS)})")
    return options


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


if __name__ == "__main__":
    main()
