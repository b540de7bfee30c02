"""Which tests each of several workers is given next: what takes long at once, and all of it shared out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from tasks import huey
from tests.support.order import Shares, seconds


@dataclass
class Item:
    """What is looked at of a test."""

    nodeid: str
    marks: set[str] = field(default_factory=set)
    module: Any = None

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


def of(file: str, count: int, *marks: str, module: Any = None) -> list[Item]:
    return [Item(f"{file}::test_{number}", {*marks}, module) for number in range(count)]


class Workers:
    """Asks for tests by turns until there are none."""

    def __init__(self, items: Sequence[Item], count: int) -> None:
        self.items, self.count = items, count
        self.shares = Shares(items)  # type: ignore[arg-type]
        #: By worker: the numbers of the tests that it was given, and their files in the order in which it met them.
        self.given: list[list[int]] = [[] for _ in range(count)]

    def files(self, worker: int) -> list[str]:
        return list(dict.fromkeys(self.items[one].nodeid.partition("::")[0] for one in self.given[worker]))

    def ask(self, worker: int) -> list[int]:
        more = self.shares.next_of(worker)
        self.given[worker] += more
        return more

    def run(self) -> None:
        is_more = True
        while is_more:
            is_more = False
            for worker in range(self.count):
                is_more |= bool(self.ask(worker))


def test_what_is_marked_and_what_starts_programs_is_expected_to_take_longer() -> None:
    quick, real = Item("tests/unit/test_a.py::test_it"), Item("tests/acceptance/test_b.py::test_it")
    inner, cli = Item("tests/integration/sync/test_c.py::test_it"), Item("tests/integration/cli/test_d.py::test_it")
    slow = Item("tests/unit/test_a.py::test_long", {"slow"})
    assert seconds(quick) < seconds(inner) < seconds(cli) < seconds(real) < seconds(slow)  # type: ignore[arg-type]


def test_each_worker_begins_with_its_part_of_what_takes_long() -> None:
    items = of("tests/unit/test_quick.py", 40)
    for name in "abcd":
        items += of(f"tests/acceptance/test_{name}.py", 2)
    items += of("tests/chaos/test_storm.py", 1, "slow", "timeout")
    workers = Workers(items, 4)
    workers.run()
    firsts = [workers.files(one)[0] for one in range(4)]
    assert "tests/chaos/test_storm.py" in firsts
    assert all("quick" not in one for one in firsts)
    assert sum("tests/unit/test_quick.py" in workers.files(one) for one in range(4)) == 1
    # Those of one file are one worker's.
    for name in "abcd":
        assert sum(f"tests/acceptance/test_{name}.py" in workers.files(one) for one in range(4)) == 1


def test_one_worker_opens_the_browser() -> None:
    items = of("tests/unit/test_quick.py", 40)
    for name in "abcd":
        items += of(f"tests/browser/test_{name}.py", 1)
        items += of(f"tests/acceptance/test_{name}.py", 2)
    workers = Workers(items, 4)
    workers.run()
    assert sum(any("browser" in file for file in workers.files(one)) for one in range(4)) == 1


@pytest.mark.parametrize("count", [0, 1, 7, 50])
@pytest.mark.parametrize("workers", [2, 3, 6])
def test_none_is_lost_or_run_twice_whatever_their_number(count: int, workers: int) -> None:
    items = of("tests/unit/test_a.py", count) + of("tests/acceptance/test_b.py", count // 3)
    running = Workers(items, workers)
    running.run()
    assert sorted(one for given in running.given for one in given) == list(range(len(items)))


def test_who_has_nothing_left_takes_half_of_what_takes_longest() -> None:
    workers = Workers(of("tests/acceptance/test_all.py", 12), 2)
    workers.run()
    # In their order, the latter half.
    assert workers.given == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_what_takes_milliseconds_is_given_out_many_at_a_time() -> None:
    workers = Workers(of("tests/unit/test_a.py", 50) + of("tests/acceptance/test_b.py", 3), 2)
    assert len(workers.ask(0)) == 1
    assert len(workers.ask(1)) == 50


def test_what_one_that_died_had_not_run_is_for_another() -> None:
    workers = Workers(of("tests/acceptance/test_a.py", 5), 2)
    first, second = workers.ask(0), workers.ask(0)
    workers.shares.give_back(0, second)
    workers.given[0] = first
    while workers.ask(1):
        pass
    assert workers.given == [[0], [1, 2, 3, 4]]


def test_nothing_is_given_out_once_it_is_given_up() -> None:
    workers = Workers(of("tests/acceptance/test_a.py", 5) + of("tests/acceptance/test_b.py", 5), 2)
    assert workers.ask(0)
    workers.shares.give_up()
    assert workers.ask(0) == workers.ask(1) == []


def test_those_with_the_queue_of_this_process_are_one_workers() -> None:
    using, another = ModuleType("using"), ModuleType("another")
    using.queue = huey  # type: ignore[attr-defined]
    items = of("tests/integration/tasks/test_a.py", 9, module=using)
    items += of("tests/integration/sync/test_b.py", 9, module=using)
    items += of("tests/integration/sync/test_c.py", 9, module=another)
    workers = Workers(items, 3)
    workers.run()
    assert max(len({*range(18)} & {*given}) for given in workers.given) == 18
