"""The order in which several workers run the tests: what takes long at once, and all of it shared out."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.order import in_stretches, seconds


@dataclass
class Item:
    """What is looked at of a test."""

    nodeid: str
    marks: set[str] = field(default_factory=set)

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


def of(file: str, count: int, *marks: str) -> list[Item]:
    return [Item(f"{file}::test_{number}", {*marks}) for number in range(count)]


def shares(items: list[Item], workers: int) -> list[list[str]]:
    """What each worker is given at first: the files of its tests."""
    ordered = [one.nodeid.partition("::")[0] for one in in_stretches(items, workers)]  # type: ignore[arg-type]
    size = len(items) // workers
    return [ordered[at * size : (at + 1) * size if at + 1 < workers else None] for at in range(workers)]


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
    given = shares(items, 4)
    assert all("quick" not in one[0] for one in given)
    assert all("quick" in one[-1] for one in given)
    assert "tests/chaos/test_storm.py" in {one[0] for one in given}
    # Those of one file are one worker's.
    for name in "abcd":
        assert sum(f"tests/acceptance/test_{name}.py" in one for one in given) == 1


def test_one_worker_opens_the_browser() -> None:
    items = of("tests/unit/test_quick.py", 40)
    for name in "abcd":
        items += of(f"tests/browser/test_{name}.py", 2)
    given = shares(items, 4)
    assert sum(any("browser" in file for file in one) for one in given) == 1


def test_none_is_lost_or_run_twice_whatever_their_number() -> None:
    for count in (0, 1, 7, 50):
        for workers in (2, 3, 6):
            items = of("tests/unit/test_a.py", count) + of("tests/acceptance/test_b.py", count // 3)
            ordered = in_stretches(items, workers)  # type: ignore[arg-type]
            assert sorted(one.nodeid for one in ordered) == sorted(one.nodeid for one in items)


def test_a_file_that_is_larger_than_a_workers_share_is_shared() -> None:
    given = shares(of("tests/acceptance/test_all.py", 10) + of("tests/unit/test_few.py", 2), 3)
    assert [len(one) for one in given] == [4, 4, 4]
    assert sum("tests/acceptance/test_all.py" in one for one in given) == 3
