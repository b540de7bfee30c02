"""The order in which several workers run the tests: what takes long at once, and whole files to whoever is free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.order import LONG_FILES, LONG_TESTS, WholeUnits, longest_first, seconds, unit_of, waits
from tests.support.places import ROOT


@dataclass
class Item:
    """What is looked at of a test."""

    nodeid: str
    marks: set[str] = field(default_factory=set)

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


class Node:
    """A worker, as a scheduler sees it: what it was sent, and whether it is to end."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.shutting_down = False
        self.gateway, self.id = self, "a worker"

    def send_runtest_some(self, places: Iterable[int]) -> None:
        self.sent += places

    def shutdown(self) -> None:
        self.shutting_down = True


class Options:
    """The configuration of a run with some workers."""

    def __init__(self, workers: int) -> None:
        self.option = self
        self.loadscopereorder = True
        self.tx = ["popen"] * workers

    def getvalue(self, name: str) -> Any:
        return getattr(self, name)


def of(file: str, count: int, *marks: str) -> list[Item]:
    return [Item(f"{file}::test_{number}", {*marks}) for number in range(count)]


def run(items: list[Item], workers: int, slow: str = "") -> list[list[str]]:
    """What each worker runs in the end, if they take turns; the one with the file ``slow`` stays at it to the end."""
    ids = [one.nodeid for one in longest_first(items)]  # type: ignore[arg-type]
    nodes = [Node() for _ in range(workers)]
    scheduler: Any = WholeUnits(Options(workers))  # type: ignore[arg-type]
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, ids)
    scheduler.schedule()
    done: list[list[str]] = [[] for _ in nodes]

    def step(at: int) -> bool:
        node = nodes[at]
        # As a worker does: the last one it knows of is run once another follows, or none will.
        if len(done[at]) + (not node.shutting_down) >= len(node.sent):
            return False
        place = node.sent[len(done[at])]
        done[at].append(ids[place])
        scheduler.mark_test_complete(node, place)
        return True

    def is_held(at: int) -> bool:
        sent, place = nodes[at].sent, len(done[at])
        return bool(slow) and place < len(sent) and ids[sent[place]].startswith(slow)

    everybody = range(workers)
    while sum(step(at) for at in everybody if not is_held(at)):
        pass
    while sum(step(at) for at in everybody):
        pass
    assert scheduler.tests_finished
    assert not scheduler.has_pending
    return done


def test_what_is_marked_and_what_starts_programs_is_expected_to_take_longer() -> None:
    quick, real = Item("tests/unit/test_a.py::test_it"), Item("tests/acceptance/test_b.py::test_it")
    inner, cli = Item("tests/integration/sync/test_c.py::test_it"), Item("tests/integration/cli/test_d.py::test_it")
    slow = Item("tests/unit/test_a.py::test_long", {"slow"})
    assert seconds(quick) < seconds(inner) < seconds(cli) < seconds(real) < seconds(slow)  # type: ignore[arg-type]


def test_each_worker_begins_with_its_part_of_what_takes_long() -> None:
    items = of("tests/unit/test_quick.py", 40)
    for name in "abc":
        items += of(f"tests/acceptance/test_{name}.py", 2)
    items += of("tests/chaos/test_storm.py", 1, "slow", "timeout")
    done = run(items, 2)
    assert done[0][0] == "tests/chaos/test_storm.py::test_0"
    assert all("quick" not in one[0] for one in done)


def test_the_files_that_are_known_to_take_long_are_there_and_come_before_others_of_their_folder() -> None:
    for name in LONG_FILES:
        assert (ROOT / name).is_file()
        other = of(f"{name.rpartition('/')[0]}/test_another.py", 2)
        assert longest_first([*other, *of(name, 1)])[0].nodeid == f"{name}::test_0"  # type: ignore[list-item]


def test_the_tests_that_are_known_to_take_long_are_there_and_come_before_others_of_their_file() -> None:
    for nodeid in LONG_TESTS:
        file, _, name = nodeid.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
        items = [*of(file, 2), Item(f"{nodeid}[of several]")]
        assert longest_first(items)[0] is items[-1]  # type: ignore[arg-type]  # what is looked at of a test
        assert len({unit_of(one.nodeid) for one in items}) == 3


def test_one_worker_on_each_core_begins_with_what_keeps_it_busy() -> None:
    assert waits("tests/acceptance/test_a.py")
    assert waits("tests/browser")
    assert not waits("tests/unit/test_a.py")
    assert not waits("tests/integration/sync/test_a.py")
    items = [one for name in "abcdefgh" for one in of(f"tests/acceptance/test_{name}.py", 4)]
    items += [one for name in "abcdefgh" for one in of(f"tests/unit/test_{name}.py", 4)]
    done = run(items, 8)
    assert all("unit" in test for one in done[:2] for test in one[:12])
    assert all("acceptance" in one[0] for one in done[2:])


def test_a_test_that_is_given_out_alone_keeps_one_other_waiting_at_most() -> None:
    long = next(iter(LONG_TESTS))
    items = [Item(f"{long}[{number}]") for number in range(8)]
    held, free = run(items, 2, slow=items[0].nodeid)
    assert len(held) == 2
    assert len(free) == 6


def test_the_tests_of_a_file_are_one_workers_and_stay_in_their_order() -> None:
    items = [one for name in "abcdefg" for one in of(f"tests/acceptance/test_{name}.py", 5)]
    done = run(items, 3)
    for name in "abcdefg":
        (mine,) = [found for one in done if (found := [test for test in one if f"test_{name}.py" in test])]
        assert mine == [one.nodeid for one in of(f"tests/acceptance/test_{name}.py", 5)]


def test_one_worker_opens_the_browser() -> None:
    assert unit_of("tests/browser/test_a.py::test_it") == unit_of("tests/browser/test_b.py::test_it")
    items = of("tests/unit/test_quick.py", 40)
    for name in "abcd":
        items += of(f"tests/browser/test_{name}.py", 2)
    done = run(items, 4)
    assert sum(any("browser" in test for test in one) for one in done) == 1


def test_who_is_free_takes_what_is_left_while_another_is_busy() -> None:
    items = of("tests/chaos/test_storm.py", 5, "slow")
    items += [one for name in "abcdefg" for one in of(f"tests/unit/test_{name}.py", 5)]
    busy, free = run(items, 2, slow="tests/chaos")
    assert sum("unit" in test for test in free) == 35
    assert sum("chaos" in test for test in busy) == 5


def test_none_is_lost_or_run_twice_whatever_their_number() -> None:
    for count in (1, 7, 50):
        for workers in (1, 2, 6):
            items = of("tests/unit/test_a.py", count) + of("tests/acceptance/test_b.py", count // 3)
            items += [one for number in range(count) for one in of(f"tests/unit/test_{number}x.py", 1)]
            done = [test for one in run(items, workers) for test in one]
            assert sorted(done) == sorted(one.nodeid for one in items)
