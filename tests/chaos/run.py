"""Runs the storm for some minutes, prints its tally, and ends with 0 when nothing was lost and all is right."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.storm.plants import PLANTS
from tests.chaos.storm.play import Plan, play

#: Lines of the log that are shown per scene that ended wrong, and scenes they are shown of.
LINES_PER_SCENE, SCENES_SHOWN = 12, 5


def main() -> int:
    """Run it; returns the exit code. On a failure the folder with database, inbox and log is kept."""
    plan, keep = _plan()
    folder = Path(tempfile.mkdtemp(prefix=f"plexsync-chaos-{plan.seed}-"))
    print(f"seed {plan.seed}: {plan.seconds / 60:g} minutes, {plan.scenes} scenes, in {folder}", flush=True)
    outcome = play(folder, plan, tell=lambda line: print(line, flush=True))
    print(f"\n{outcome.report()}")
    if not outcome.faults:
        print("\nNothing was lost.")
        if not keep:
            shutil.rmtree(folder)
        return 0
    for scene in outcome.suspects[:SCENES_SHOWN]:
        print(f"\nscene {scene}, the end of its log:")
        print("\n".join(outcome.log_of(scene)[-LINES_PER_SCENE:]))
    print(f"\n{len(outcome.faults)} things are wrong. Everything is kept in {folder}")
    return 1


def _plan() -> tuple[Plan, bool]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="of bad weather (default 2)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="default: a random one")
    parser.add_argument("--scenes", type=int, default=200, help="scenes at the start (default 200)")
    parser.add_argument(
        "--last-edits", action="store_true", help="nothing mends a loss; at the end each scene gets one last edit"
    )
    parser.add_argument(
        "--postgres", action="store_true", help="two consumers on one PostgreSQL, of which the one that leads is killed"
    )
    parser.add_argument("--leaders", type=int, default=0, help="leaders to be killed at the least, with --postgres")
    parser.add_argument("--plant", choices=PLANTS, help="a fault that has to be seen: storm/plants.py")
    parser.add_argument("--keep", action="store_true", help="keep the folder although all is right")
    given = parser.parse_args()
    plan = Plan(
        seed=given.seed,
        seconds=given.minutes * 60,
        scenes=given.scenes,
        last_edits=given.last_edits or given.plant is not None,
        plant=given.plant,
        cluster=given.postgres,
        leaders=given.leaders,
    )
    return plan, given.keep


if __name__ == "__main__":
    sys.exit(main())
