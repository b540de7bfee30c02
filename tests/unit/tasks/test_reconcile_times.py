"""When everything is compared: at the set time by the clock on the wall, and when it is overdue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tasks.reconcile import DAY, PUNCTUAL, is_due, latest_moment

HOUR = 3600.0


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/New_York"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def at(*moment: int) -> float:
    """Epoch seconds of a moment by the clock on the wall: year, month, day, hour, minute."""
    return time.mktime((*moment, 0, 0, 0, -1))


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ((2026, 5, 10, 4, 0), (2026, 5, 10, 4, 0)),
        ((2026, 5, 10, 3, 59), (2026, 5, 9, 4, 0)),
        ((2026, 5, 10, 23, 0), (2026, 5, 10, 4, 0)),
        ((2026, 3, 1, 1, 0), (2026, 2, 28, 4, 0)),
        ((2026, 1, 1, 0, 0), (2025, 12, 31, 4, 0)),
        # The days on which the clocks change in Berlin and in New York.
        ((2026, 3, 29, 12, 0), (2026, 3, 29, 4, 0)),
        ((2026, 10, 25, 12, 0), (2026, 10, 25, 4, 0)),
        ((2026, 11, 1, 12, 0), (2026, 11, 1, 4, 0)),
    ],
)
def test_the_latest_moment_is_told_by_the_clock_on_the_wall(
    zone: str, now: tuple[int, ...], wanted: tuple[int, ...]
) -> None:
    assert latest_moment("04:00", at(*now)) == at(*wanted)


@pytest.mark.parametrize("time_of_day", ["00:00", "02:30", "23:59"])
def test_it_comes_once_a_day_also_when_clocks_change(zone: str, time_of_day: str) -> None:
    for first in ((2026, 3, 27), (2026, 10, 23), (2026, 10, 30)):
        began = at(*first, 12, 0)
        moments = {latest_moment(time_of_day, began + minute * 60) for minute in range(4 * 24 * 60)}
        assert len(moments) == 5
        assert all(22 * HOUR < later - earlier < 26 * HOUR for earlier, later in pairwise(sorted(moments)))


MOMENT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (MOMENT, MOMENT - DAY, True),
        (MOMENT + PUNCTUAL - 1, MOMENT - DAY, True),
        # It has begun, or was over before the minute was.
        (MOMENT + 60, MOMENT, False),
        (MOMENT + 60, MOMENT + 30, False),
        # Somebody did it in the evening.
        (MOMENT, MOMENT - 5 * HOUR, True),
        # Nobody was there at the time.
        (MOMENT + 6 * HOUR, MOMENT - DAY, True),
        (MOMENT + 6 * HOUR, MOMENT - 5 * HOUR, False),
        (MOMENT + 6 * HOUR, MOMENT - 90 * DAY, True),
        # The clock was years ahead for a while.
        (MOMENT + 6 * HOUR, MOMENT + 900 * DAY, True),
    ],
)
def test_it_is_due_at_its_time_or_when_the_last_one_is_a_day_ago(now: float, last: float, due: bool) -> None:
    assert is_due(MOMENT, now, last) is due
