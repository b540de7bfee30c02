"""Which test comes first, and in whose share: what takes long begins at once, so that at the end no worker is alone.

pytest-xdist gives each worker a stretch of the list, of as many tests as every other, and lets whoever has ended his
own take from the end of another's. So each stretch begins with its part of what takes long, whole files of it, and ends
with what takes milliseconds, which is what is left to share when the others have ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

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
#: A file of so many seconds and more is given out by what it takes; one of less fills a stretch up.
LONG = 1.0


def seconds(item: pytest.Item) -> float:
    """How long a test may take, about."""
    folders = item.nodeid.split("/")
    usual = next((SECONDS[name] for n in (3, 2) if (name := "/".join(folders[:n])) in SECONDS), ELSE)
    is_marked = any(item.get_closest_marker(name) for name in ("slow", "timeout"))
    return max(usual, MARKED) if is_marked else usual


def in_stretches(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """All of them in the order for so many workers; those of one file stay in theirs."""
    files: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        file = item.nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        files[folder if folder in TOGETHER else file].append(item)
    takes = {name: sum(map(seconds, tests)) for name, tests in files.items()}
    dearest = sorted(files, key=lambda name: -takes[name])
    sizes = _sizes(len(items), workers)
    stretches: list[list[pytest.Item]] = [[] for _ in sizes]
    spent = [0.0] * workers
    rest: list[pytest.Item] = []
    for name in dearest:
        tests = files[name]
        room = [at for at in range(workers) if len(stretches[at]) + len(tests) <= sizes[at]]
        if takes[name] < LONG or not room:
            rest += tests
            continue
        at = min(room, key=spent.__getitem__)
        spent[at] += takes[name]
        stretches[at] += tests
    return list(_filled(stretches, sizes, rest))


def _sizes(count: int, workers: int) -> list[int]:
    """How many tests each worker is given at first, as pytest-xdist counts them."""
    sizes: list[int] = []
    for at in range(workers):
        sizes.append((count - sum(sizes)) // (workers - at))
    return sizes


def _filled(
    stretches: Sequence[list[pytest.Item]], sizes: Sequence[int], rest: list[pytest.Item]
) -> Iterable[pytest.Item]:
    begin = 0
    for stretch, size in zip(stretches, sizes, strict=True):
        more = size - len(stretch)
        yield from stretch
        yield from rest[begin : begin + more]
        begin += more
