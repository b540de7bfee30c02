"""Which tests a worker is given next: what takes long begins at once, so that at the end no worker is alone.

A file is one worker's, as what its tests share would be made once more by another, and it is given out in small parts.
Who has ended his own takes the next file; when there is none, half of what is left of the one that will take longest.
"""

from __future__ import annotations

import sys
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

#: Seconds that a test takes by the clock, by the first folders it is in: what is waited for counts as well.
SECONDS = {
    "tests/acceptance": 3.0,
    "tests/browser": 0.7,
    "tests/chaos": 8.0,
    "tests/integration/cli": 0.8,
    "tests/integration/inbox": 0.8,
    "tests/integration/self_test": 0.8,
    "tests/integration/tasks": 0.8,
    "tests/integration": 0.2,
}
#: Those of all others, and of one that is marked as slow or has been given more time, at the least.
ELSE, MARKED = 0.005, 6.0
#: Folders that are one worker's as a whole, as far as it goes: what they start costs more than most tests in them.
TOGETHER = ("tests/browser",)
#: The files of the tests that use the queue that every process of this data folder has.
QUEUE = "the queue"
#: A worker is given tests of so many seconds at once, or one.
AT_ONCE = 0.3
#: Of a file that takes less no part is taken over: what its tests share might take as long.
WORTH_TAKING = 5.0


def seconds(item: pytest.Item) -> float:
    """How long a test may take, about."""
    folders = item.nodeid.split("/")
    usual = next((SECONDS[name] for n in (3, 2) if (name := "/".join(folders[:n])) in SECONDS), ELSE)
    is_marked = any(item.get_closest_marker(name) for name in ("slow", "timeout"))
    return max(usual, MARKED) if is_marked else usual


class Shares:
    """Hands the tests out.

    :param items: all of them, in their order.
    """

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._seconds = [seconds(item) for item in items]
        groups: defaultdict[str, deque[int]] = defaultdict(deque)
        for number, item in enumerate(items):
            groups[_group(item)].append(number)
        #: What nobody has begun: the dearest last.
        self._waiting = sorted(groups.values(), key=self._takes)
        #: Must not be run by two.
        self._whole = [groups[QUEUE]] if QUEUE in groups else []
        #: By worker: what is left of its file.
        self._left: dict[int, deque[int]] = {}

    def next_of(self, worker: int) -> list[int]:
        """The numbers of the tests that a worker runs next; none when nothing is left for it."""
        own = self._left.get(worker)
        if not own:
            own = self._left[worker] = self._waiting.pop() if self._waiting else self._half_of_anothers()
        given: list[int] = []
        spent = 0.0
        while own and (not given or spent + self._seconds[own[0]] <= AT_ONCE):
            spent += self._seconds[own[0]]
            given.append(own.popleft())
        return given

    def give_back(self, worker: int, numbers: Sequence[int]) -> None:
        """A worker has ended before it ran these: they are for another, with the rest of its file."""
        left = self._left.pop(worker, deque())
        left.extendleft(reversed(numbers))
        if left:
            self._waiting.append(left)

    def give_up(self) -> None:
        """Hand out nothing more."""
        self._waiting.clear()
        self._left.clear()

    def _takes(self, numbers: Sequence[int]) -> float:
        return sum(self._seconds[number] for number in numbers)

    def _half_of_anothers(self) -> deque[int]:
        can_be_shared = [one for one in self._left.values() if not any(one is whole for whole in self._whole)]
        longest = max(can_be_shared, key=self._takes, default=deque[int]())
        whole = self._takes(longest)
        if whole < WORTH_TAKING or len(longest) < 2:
            return deque()
        taken: deque[int] = deque()
        while len(longest) > 1 and self._takes(taken) < whole / 2:
            taken.appendleft(longest.pop())
        return taken


def _group(item: pytest.Item) -> str:
    if _uses_the_queue(vars(getattr(item, "module", None) or object)):
        return QUEUE
    file = item.nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return folder if folder in TOGETHER else file


def _uses_the_queue(names: Mapping[str, Any]) -> bool:
    """Whether a module has the queue of ``tasks``, a task of it, or a module that has."""
    app = sys.modules.get("tasks.app")
    if app is None:
        return False
    ours = [app.huey, app.database, *(one for name, one in sys.modules.items() if name.partition(".")[0] == "tasks")]
    return any(value is one for value in names.values() for one in ours)
