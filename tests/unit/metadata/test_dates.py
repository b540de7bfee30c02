"""Plex takes whole days of the calendar only."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from plexsync.metadata.dates import FIRST_YEAR, LAST_YEAR, full_date


@hypothesis_settings(database=None, deadline=None)
@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
def test_every_day_of_the_calendar_stands_as_it_is(day: date) -> None:
    assert full_date(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2023-05", "2023-05-01"), ("2023-12", "2023-12-01"), ("2023", "2023-01-01"), ("1800", "1800-01-01")],
)
def test_a_month_or_a_year_stands_for_its_first_day(text: str, expected: str) -> None:
    assert full_date(text) == expected


@pytest.mark.parametrize("text", ["2024-02-29", "2000-02-29"])
def test_leap_days_exist_in_leap_years(text: str) -> None:
    assert full_date(text) == text


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "1900-02-29", "2024-13-40", "2024-13", "2024-00-01", "2024-01-00", "2024-04-31", "2024-00"],
)
def test_a_day_the_calendar_has_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the calendar has no such day"):
        full_date(text)


@pytest.mark.parametrize("text", ["0001-01-01", "0000-01-01", "0000", "1799-12-31", "2200-01-01", "9999"])
def test_a_year_in_which_nothing_was_filmed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="its year is not within 1800 to 2199"):
        full_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2023-5-7",
        "17.05.2023",
        "05/17/2023",
        "2023/05/17",
        "20230517",
        "2023-05-17T00:00:00Z",
        "2023-05-17\n",
        " 2023-05-17",
        "-2023-05-17",
        "2023-05-",
        "23-05-17",
        "12023-05-17",
        "２０２３-05-17",
        "٢٠٢٣",
    ],
)
def test_what_is_not_written_as_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it is not written as"):
        full_date(text)
