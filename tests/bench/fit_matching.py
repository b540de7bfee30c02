"""Fits weights of matching on some libraries and judges them on others; prints what either set of weights does on both.

One weight after the other is moved step by step within its bounds (``libraries/weight_bounds.py``), and stays where
less is lost on the libraries to fit on; at a tie the present value stays. A wrong automatic match loses as much as a
thousand questions to a person, since it overwrites another film's metadata; a film that Plex has and that is not even
asked about loses two. The index is searched once for each scene, and decisions are made anew of what it answered
(``libraries/kept_scenes.py``), in most cases only of the few scenes that lose anything: a try takes milliseconds. The
tables at the end are the finder's own, from the index.

Nothing is written: who takes a value over into ``plexsync/matching/weights.py`` writes beside it where it comes from,
and takes none that is less safe where it is judged. The seeds to judge on must not be among those to fit on, nor among
those whose scenes anybody has looked at.

Examples:
  python -m tests.bench.fit_matching
  python -m tests.bench.fit_matching --size 1000 --fit 1,2 --judge 1001,1002 --weights WITNESSES_LEFT,DURATION_SAFETY
  python -m tests.bench.fit_matching --households films,codes --weights SAME_YEAR,CODE_DIGIT --rounds 2
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from plexsync.matching import weights
from plexsync.matching.decision import Decision, Verdict, decide
from plexsync.matching.match import find_matches
from tests.bench.libraries.households import HOUSEHOLDS
from tests.bench.libraries.kept_scenes import KeptScene, kept_index
from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.matching_run import PathMap, Plan, fill, opened
from tests.bench.libraries.report import table
from tests.bench.libraries.weight_bounds import BOUNDS

#: What is lost by a wrong automatic match, by a question to a person, and by a film that is not even asked about.
WRONG, ASKED, NOT_FOUND = 1000, 1, 2
#: Steps from one bound to the other.
STEPS = 6
#: Confidence from which a question about another film's item is nearly a wrong match.
NEARLY = 80

Filled = tuple[Plan, PathMap]


@dataclass(slots=True)
class Outcome:
    """Scenes by what became of them. ``known``, ``recalled``: as in ``tally.Count``; ``nearly``: nearly wrong."""

    known: int = 0
    recalled: int = 0
    wrong: int = 0
    review: int = 0
    nearly: int = 0
    lost: int = 0

    def add(self, labelled: Labelled, decision: Decision) -> None:
        """Count one scene."""
        is_right = decision.match is not None and decision.match.rating_key in labelled.truth
        self.known += labelled.knowable
        self.lost += lost(labelled, decision)
        if decision.verdict is Verdict.SYNC:
            self.recalled += is_right and labelled.knowable
            self.wrong += not is_right
        elif decision.verdict is Verdict.REVIEW:
            self.review += 1
            self.nearly += not is_right and decision.match is not None and decision.match.confidence >= NEARLY


def lost(labelled: Labelled, decision: Decision) -> int:
    """What is lost by a decision: the fewer, the better."""
    if decision.verdict is Verdict.REVIEW:
        return ASKED
    if decision.verdict is Verdict.NOT_FOUND or decision.match is None:
        return NOT_FOUND if labelled.knowable else 0
    return 0 if decision.match.rating_key in labelled.truth else WRONG


def outcome(libraries: Iterable[Filled]) -> Outcome:
    """What comes of matching all of them with the weights as they stand, by the finder itself."""
    found = Outcome()
    for plan, path_map in libraries:
        with opened(plan) as ledger:
            for labelled in plan.scenes():
                matches = find_matches(labelled.scene, path_map, ledger.index)
                found.add(labelled, decide(matches, plan.auto, plan.review))
    return found


class Fit:
    """Moves weights, in place, as long as less is lost on some scenes."""

    def __init__(self, scenes: Sequence[KeptScene]) -> None:
        """Decides on all of them once."""
        self._scenes = scenes
        self._lost = {scene: lost(scene.labelled, scene.noted()) for scene in scenes}

    @property
    def lost(self) -> int:
        """What is lost with the weights as they stand."""
        return sum(self._lost.values())

    def move(self, name: str) -> bool:
        """Move one weight within its bounds to where the least is lost on the way; whether it moved."""
        (least, most), start = BOUNDS[name], getattr(weights, name)
        step = (most - least) / STEPS
        for direction in (step, -step):
            # The nearest first, so that of two that are as good the nearer one stays.
            values = [round(start + number * direction, 3) for number in range(1, STEPS + 1)]
            values = [value for value in values if least <= value <= most]
            if values and self._may_gain(name, values[-1]) and [value for value in values if self._try(name, value)]:
                return True
        return False

    def _may_gain(self, name: str, value: float) -> bool:
        """Whether a scene that loses something now loses less where the weight moves as far as this."""
        before = getattr(weights, name)
        setattr(weights, name, value)
        losing = (one for one, now in self._lost.items() if now and name in one.read)
        found = any(lost(one.labelled, one.decision()) < self._lost[one] for one in losing)
        setattr(weights, name, before)
        return found

    def _try(self, name: str, value: float) -> bool:
        """Take a value over if less is lost with it."""
        before = getattr(weights, name)
        # Those that lose something first: where none of them gains, the others need not be looked at.
        touched = sorted((one for one in self._scenes if name in one.read), key=lambda one: -self._lost[one])
        could_gain = sum(self._lost[one] for one in touched)
        if not could_gain:
            return False
        change = 0
        setattr(weights, name, value)
        for scene in touched:
            could_gain -= self._lost[scene]
            change += lost(scene.labelled, scene.decision()) - self._lost[scene]
            if change >= could_gain:
                setattr(weights, name, before)
                return False
        for scene in touched:
            self._lost[scene] = lost(scene.labelled, scene.noted())
        return True


def kept(libraries: Iterable[Filled], stack: ExitStack) -> Iterator[KeptScene]:
    """All scenes of some libraries, whose indexes stay open as long as the stack."""
    for plan, path_map in libraries:
        index = kept_index(stack.enter_context(opened(plan)).index)
        for labelled in plan.scenes():
            yield KeptScene(labelled, plan, path_map, index)


def fit(libraries: Sequence[Filled], names: Sequence[str], rounds: int, minutes: float) -> None:
    """Change the weights in place, one after the other, until none gains or the time is over."""
    with ExitStack() as stack:
        began = time.monotonic()
        fitting = Fit(list(kept(libraries, stack)))
        gc.freeze()
        print(f"{fitting.lost} lost; all scenes read in {time.monotonic() - began:.0f} s", flush=True)
        end = time.monotonic() + 60 * minutes
        for number in range(1, rounds + 1):
            moved = False
            for name in names:
                if time.monotonic() > end:
                    print(f"The time was over in round {number}, at {name}.", flush=True)
                    return
                before = getattr(weights, name)
                if fitting.move(name):
                    moved = True
                    print(f"{name} = {getattr(weights, name)} (was {before}): {fitting.lost} lost", flush=True)
            print(f"Round {number} done after {time.monotonic() - began:.0f} s.", flush=True)
            if not moved:
                return


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, and print both tables."""
    options = _parse(arguments)
    before = {name: getattr(weights, name) for name in options.weights}
    with tempfile.TemporaryDirectory(prefix="plexsync-fit-") as folder:
        to_fit, to_judge = (_filled(options, seeds, folder) for seeds in (options.fit, options.judge))
        outcomes = [outcome(to_fit), outcome(to_judge)]
        fit(to_fit, options.weights, options.rounds, options.minutes)
        outcomes += [outcome(to_fit), outcome(to_judge)]
    head = ("libraries", "weights", "known", "recalled", "recall", "wrong", "review", "nearly wrong", "lost")
    rows: list[tuple[str, ...]] = [head]
    which = product(("before", "fitted"), ("to fit on", "to judge on"))
    for one, (with_these, libraries) in zip(outcomes, which, strict=True):
        recall = f"{100 * one.recalled / max(one.known, 1):.2f} %"
        counted = (one.known, one.recalled, recall, one.wrong, one.review, one.nearly, one.lost)
        rows.append((libraries, with_these, *map(str, counted)))
    print(f"\n{table(rows)}\n")
    values = ((name, str(old), str(getattr(weights, name))) for name, old in before.items())
    moved = [row for row in values if row[1] != row[2]]
    print(table([("weight", "before", "fitted"), *moved]) if moved else "All weights stay as they are.")


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
    add("--fit", type=_numbers, default=[1, 2], help="seeds to fit on, e.g. 1,2 (default 1,2)")
    add("--judge", type=_numbers, default=[1001, 1002], help="seeds to judge on (default 1001,1002)")
    add("--households", type=_names, default=list(HOUSEHOLDS), help="only these (default all)")
    add("--weights", type=_names, default=list(BOUNDS), help="names in weights.py (default: all that have bounds)")
    add("--rounds", type=int, default=3, help="times that all weights are tried at most (default 3)")
    add("--minutes", type=float, default=15.0, help="time for trying (default 15)")
    options = parser.parse_args(arguments)
    if common := set(options.fit) & set(options.judge):
        parser.error(f"seeds {', '.join(map(str, sorted(common)))} are to be fitted on and judged on: name others")
    if unknown := [name for name in options.weights if name not in BOUNDS]:
        parser.error(f"no bounds for these weights: {', '.join(unknown)} (libraries/weight_bounds.py has them)")
    if unknown := [name for name in options.households if name not in HOUSEHOLDS]:
        parser.error(f"no such household: {', '.join(unknown)} (there are: {', '.join(HOUSEHOLDS)})")
    return options


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


if __name__ == "__main__":
    main()
