"""What matching decides of each scene of libraries whose truth is known, to the letter: to compare before and after.

Each scene is a line: what is decided, and every candidate with its confidence, its weight, its reasons and its files;
of every fifth scene also what it could claim its best candidate with. Whoever makes matching quicker writes all that to
a file first, and compares afterwards: not one line may be another.

Examples:
  python -m tests.bench.matching_decisions /tmp/before --sizes 2000 --seed 1,2,3
  python -m tests.bench.matching_decisions /tmp/after --sizes 2000 --seed 1,2,3 --compare /tmp/before
  python -m tests.bench.matching_decisions /tmp/films --sizes 20000 --seed 4 --households films --kept /tmp/indexes
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import product, zip_longest
from pathlib import Path

from plexsync.matching.claims import claim
from plexsync.matching.decision import decide
from plexsync.matching.lookup import Settled
from plexsync.matching.match import find_matches
from tests.bench.libraries.households import HOUSEHOLDS
from tests.bench.libraries.matching_run import PathMap, Plan, fill, opened

#: Of every so many scenes, one is asked what it could claim its best candidate with.
CLAIMS = 5
#: Lines that differ, which are shown.
SHOWN = 5


def decisions(plan: Plan, path_map: PathMap) -> Iterator[str]:
    """A line for each scene of a library whose index is filled."""
    with opened(plan) as ledger:
        for number, labelled in enumerate(plan.scenes()):
            scene = labelled.scene
            matches = find_matches(scene, path_map, ledger.index, Settled())
            decision = decide(matches, plan.auto, plan.review)
            told: dict[str, object] = {"scene": scene.id, "verdict": decision.verdict, "why": decision.why}
            told["found"] = [
                [one.rating_key, one.confidence, repr(one.weight), one.reasons, one.title, one.path, one.file]
                for one in matches
            ]
            if matches and number % CLAIMS == 0:
                key = matches[0].rating_key
                told["claim"] = repr(claim(scene, key, path_map, ledger.index, is_in_place=False))
            yield json.dumps(told, ensure_ascii=True)


def _filled(plan: Plan) -> PathMap:
    """The path map of a plan whose index is filled, if it is not yet."""
    noted = Path(f"{plan.database}.path_map")
    if noted.exists():
        return tuple((one[0], one[1]) for one in json.loads(noted.read_text()))
    path_map = fill(plan).path_map
    noted.write_text(json.dumps(path_map))
    return path_map


def _compared(before: Path, now: Path) -> int:
    """How many lines of two files differ; the first few are printed."""
    differ = 0
    with before.open() as old, now.open() as new:
        for was, line in zip_longest(old, new, fillvalue=""):
            if was != line:
                differ += 1
                if differ <= SHOWN:
                    print(f"- {was.rstrip()}\n+ {line.rstrip()}\n")
    return differ


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the decisions of each library, and compare them; 1 where one is another."""
    options = _parse(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    differ = 0
    for size, seed, household in product(options.sizes, options.seed, options.households):
        name = f"{household}-{size}-{seed}"
        with ExitStack() as stack:
            kept = options.kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plexsync-bench-")))
            kept.mkdir(parents=True, exist_ok=True)
            plan = replace(Plan(seed, size, household=household), database=str(kept / f"{name}.db"))
            path_map = _filled(plan)
            with (options.folder / name).open("w") as file:
                file.writelines(f"{line}\n" for line in decisions(plan, path_map))
        print(f"{name}: written", file=sys.stderr, flush=True)
        if options.compare is not None:
            found = _compared(options.compare / name, options.folder / name)
            print(f"{name}: {found or 'none'} of {size} differ", flush=True)
            differ += found
    return int(bool(differ))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("folder", type=Path, help="where to write: a file for each library")
    add("--sizes", type=_numbers, default=[1000], help="scenes of Stash, e.g. 1000,20000 (default 1000)")
    add("--seed", type=_numbers, default=[1], help="one or more, e.g. 1,2,3 (default 1)")
    add("--households", type=lambda text: text.split(","), default=list(HOUSEHOLDS), help="only these (default all)")
    add("--compare", type=Path, help="a folder that was written before, to compare with")
    add("--kept", type=Path, help="a folder in which the filled indexes are kept, to be used again (default: none)")
    options = parser.parse_args(arguments)
    if unknown := set(options.households) - HOUSEHOLDS.keys():
        parser.error(f"no such household: {', '.join(sorted(unknown))} (there are: {', '.join(HOUSEHOLDS)})")
    return options


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
