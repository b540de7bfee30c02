"""Pages are fetched while others are worked on: in order, one at a time, and no more of them than are wanted."""

from __future__ import annotations

import threading
import time

import pytest

from plexsync.library.ahead import WAITING, ahead
from plexsync.library.gathered import TOGETHER, gathered


def never() -> bool:
    return False


def pages(last: int, asked: list[int]) -> object:
    def fetch(number: int) -> tuple[int, int | None]:
        asked.append(number)
        return number * 10, number + 1 if number < last else None

    return fetch


def test_all_pages_come_in_their_order() -> None:
    asked: list[int] = []
    assert list(ahead(pages(5, asked), 1, never)) == [10, 20, 30, 40, 50]  # type: ignore[arg-type]
    assert asked == [1, 2, 3, 4, 5]


def test_the_next_page_is_fetched_while_this_one_is_worked_on() -> None:
    second = threading.Event()

    def fetch(number: int) -> tuple[int, int | None]:
        if number == 2:
            second.set()
        return number, number + 1 if number < 3 else None

    coming = ahead(fetch, 1, never)
    assert next(coming) == 1
    assert second.wait(5)
    assert list(coming) == [2, 3]


def test_while_some_are_written_together_as_many_are_fetched() -> None:
    enough = threading.Event()

    def fetch(number: int) -> tuple[int, int | None]:
        if number == 2 * TOGETHER:
            enough.set()
        return number, number + 1 if number < 100 else None

    coming = gathered(ahead(fetch, 1, never))
    assert next(coming) == list(range(1, TOGETHER + 1))
    assert enough.wait(5), "Plex had nothing to do meanwhile"
    coming.close()  # type: ignore[attr-defined]


def test_no_more_is_fetched_than_can_wait() -> None:
    asked: list[int] = []
    coming = ahead(pages(100, asked), 1, never)  # type: ignore[arg-type]
    next(coming)
    time.sleep(0.2)
    assert len(asked) <= 2 + WAITING
    coming.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "Ahead"]


def test_at_a_pause_what_was_fetched_is_all() -> None:
    asked: list[int] = []
    assert list(ahead(pages(100, asked), 1, lambda: len(asked) == 3)) == [10, 20, 30]  # type: ignore[arg-type]
    assert asked == [1, 2, 3]


def test_what_goes_wrong_comes_out_behind_the_pages_before() -> None:
    def fetch(number: int) -> tuple[int, int]:
        if number == 3:
            raise ValueError("no third")
        return number, number + 1

    came = []
    with pytest.raises(ValueError, match="no third"):
        for page in ahead(fetch, 1, never):
            came.append(page)  # noqa: PERF402 - up to the error
    assert came == [1, 2]


@pytest.mark.parametrize("pause_after", [2, 100])
def test_where_no_thread_can_be_started_pages_are_fetched_when_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, pause_after: int
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    fetched: list[int] = []

    def fetch(place: int) -> tuple[int, int | None]:
        fetched.append(place)
        return place * 10, place + 1 if place < 4 else None

    monkeypatch.setattr(threading.Thread, "start", fail)
    pages = ahead(fetch, 1, lambda: len(fetched) >= pause_after)
    assert next(pages) == 10
    assert fetched == [1]
    assert [10, *pages] == [10, 20, 30, 40][:pause_after]
