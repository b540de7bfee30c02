"""Which tests come first, and who runs them: whole files, the one that takes longest first, to whoever is free.

The tests of a file share what they start, and some go on where the one before has ended: several workers would start it
several times. What takes long begins at once, so that at the end no worker is alone with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

#: Seconds that a test takes by the clock, by the first folders it is in: what is waited for counts as well.
SECONDS = {
    "tests/acceptance": 3.0,
    "tests/browser": 0.7,
    "tests/chaos": 12.0,
    "tests/integration/cli": 0.8,
    "tests/integration/inbox": 0.8,
    "tests/integration/self_test": 0.8,
    "tests/integration/tasks": 0.8,
    "tests/integration": 0.2,
}
#: Those of all others, and of one that is marked as slow or has been given more time, at the least.
ELSE, MARKED = 0.005, 6.0
#: Files that take longer than their tests let expect: they wait for storms to clear, for back-offs and for time-outs.
LONG = {
    "tests/acceptance/test_bad_days.py": 80.0,
    "tests/acceptance/test_guide.py": 65.0,
    "tests/acceptance/test_lost_log.py": 80.0,
    "tests/acceptance/test_old_data_folder.py": 35.0,
    "tests/acceptance/test_plex_made_anew.py": 90.0,
    "tests/acceptance/test_promises.py": 80.0,
    "tests/acceptance/test_update.py": 50.0,
    "tests/chaos/test_short_chaos.py": 70.0,
    "tests/integration/storage/test_locked_database.py": 40.0,
}
#: Folders that are one worker's as a whole: what they start costs more than most tests in them.
TOGETHER = ("tests/browser",)


def unit_of(nodeid: str) -> str:
    """What a test is given out with: its file, or one of the folders."""
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder in TOGETHER else file


def seconds(item: pytest.Item) -> float:
    """How long a test may take, about."""
    folders = item.nodeid.split("/")
    usual = next((SECONDS[name] for n in (3, 2) if (name := "/".join(folders[:n])) in SECONDS), ELSE)
    is_marked = any(item.get_closest_marker(name) for name in ("slow", "timeout"))
    return max(usual, MARKED) if is_marked else usual


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """All of them, unit by unit, in the order in which they are to begin; those of one unit stay in theirs."""
    units: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        units[unit_of(item.nodeid)].append(item)
    takes = {name: max(LONG.get(name, 0.0), sum(map(seconds, tests))) for name, tests in units.items()}
    return [item for name in sorted(units, key=lambda name: -takes[name]) for item in units[name]]


class WholeUnits(LoadScopeScheduling):
    """Gives each worker the next unit when it has all but done the one before; they come in the order of the list."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
