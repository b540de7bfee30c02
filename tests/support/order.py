"""Which tests come first, and who runs them: whole files, the one that takes longest first, to whoever is free.

The tests of a file share what they start, and some go on where the one before has ended: several workers would start it
several times. Those of files that take very long and share nothing are given out one by one. What takes long begins at
once, so that at the end no worker is alone with it.

Some tests keep a core busy, and others mostly wait for processes and servers. One worker on each core begins with the
former, and all others with the latter: else all would wait first, with the cores idle, and then queue for them.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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
#: Tests that take longer than that: they wait for back-offs, for time-outs, for packages. All tests of their files are
#: given out one by one, so none of these files has anything that its tests share and that is dear.
LONG_TESTS = {
    "tests/acceptance/test_bad_days.py::"
    "test_a_file_that_is_lost_under_the_consumer_costs_no_event_and_no_second_picture": 12.0,
    "tests/acceptance/test_bad_days.py::test_a_full_disk_is_waited_out_without_a_crash_or_a_busy_loop": 18.0,
    "tests/acceptance/test_lost_log.py::"
    "test_a_database_that_is_replaced_by_a_folder_is_told_of_once_and_goes_on_when_it_is_gone": 30.0,
    "tests/acceptance/test_plex_made_anew.py::test_items_that_come_back_under_other_keys_are_right_soon": 60.0,
    "tests/acceptance/test_promises.py::test_an_outage_costs_a_few_lines_of_log_however_many_scenes_wait": 25.0,
    "tests/acceptance/test_promises.py::test_a_consumer_does_not_grow_with_what_it_has_done": 15.0,
    "tests/acceptance/test_update.py::test_a_queue_is_carried_on_by_the_new_version_in_the_same_process": 30.0,
    "tests/acceptance/test_update.py::test_what_needs_other_packages_is_started_with_them": 20.0,
}
#: Files that take longer than their tests let expect, and stay whole.
LONG_FILES = {
    "tests/acceptance/test_guide.py": 95.0,
    "tests/acceptance/test_old_data_folder.py": 30.0,
    "tests/chaos/test_last_edits.py": 60.0,
    "tests/chaos/test_short_chaos.py": 70.0,
    "tests/integration/storage/test_locked_database.py": 40.0,
}
#: Folders that are one worker's as a whole: what they start costs more than most tests in them.
TOGETHER = ("tests/browser",)
#: A test that takes at least so many seconds takes them because it waits for something.
WAITS = 0.5
#: Of so many workers one begins with what keeps a core busy.
OF_WORKERS = 4

_ONE_BY_ONE = {name.partition("::")[0] for name in LONG_TESTS}


def unit_of(nodeid: str) -> str:
    """What a test is given out with: nothing else, its file, or one of the folders."""
    file = nodeid.partition("::")[0]
    if file in _ONE_BY_ONE:
        return nodeid
    folder = file.rpartition("/")[0]
    return folder if folder in TOGETHER else file


def _usual_seconds(nodeid: str) -> float:
    folders = nodeid.split("/")
    return next((SECONDS[name] for n in (3, 2) if (name := "/".join(folders[:n])) in SECONDS), ELSE)


@functools.cache
def waits(unit: str) -> bool:
    """Whether the tests of a unit mostly wait for processes and servers, rather than keep a core busy."""
    return _usual_seconds(unit) >= WAITS


def seconds(item: pytest.Item) -> float:
    """How long a test may take, about."""
    usual = LONG_TESTS.get(item.nodeid.partition("[")[0], 0.0) or _usual_seconds(item.nodeid)
    is_marked = any(item.get_closest_marker(name) for name in ("slow", "timeout"))
    return max(usual, MARKED) if is_marked else usual


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """All of them, unit by unit, in the order in which they are to begin; those of one unit stay in theirs."""
    units: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        units[unit_of(item.nodeid)].append(item)
    takes = {name: max(LONG_FILES.get(name, 0.0), sum(map(seconds, tests))) for name, tests in units.items()}
    return [item for name in sorted(units, key=lambda name: -takes[name]) for item in units[name]]


class WholeUnits(LoadScopeScheduling):
    """Gives each worker the next unit when it has all but done the one before; they come in the order of the list.

    Of several workers the first ones take those before others that keep a core busy, and the rest those that wait.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._busy_workers = self.numnodes // OF_WORKERS

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._busy_workers:
            wants_waiting = list(self.assigned_work).index(node) >= self._busy_workers
            fits = (name for name in self.workqueue if waits(name) == wants_waiting)
            self.workqueue.move_to_end(next(fits, next(iter(self.workqueue))), last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        # A worker begins the last test that it has when it knows what follows. Told earlier, what follows would wait
        # for one test more, which may be a long one.
        if node.shutting_down or not self.workqueue or self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)
