"""Dates as Plex takes them: a whole day of the calendar."""

from __future__ import annotations

from datetime import date

from plexsync.imports.late import late_pattern

#: Before it nothing was filmed; Go's zero time, year 1, and typing errors like ``0203`` fall outside.
FIRST_YEAR = 1800
LAST_YEAR = 2199

_DATE = late_pattern(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def full_date(text: str) -> str:
    """``text`` as ``YYYY-MM-DD``. A month or a year alone, as Stash allows, stands for its first day.

    :param text: ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``.
    :raises ValueError: it is none of these, no day of the calendar, or not within FIRST_YEAR to LAST_YEAR.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("it is not written as YYYY-MM-DD, YYYY-MM or YYYY")
    year, month, day = (int(part or "1") for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"its year is not within {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise ValueError("the calendar has no such day") from error
