"""What each hour came to: how scenes fared, how long an edit took to Plex, and how many requests that cost.

One small row per hour in which anything happened, kept for ``KEPT_DAYS``: at most 9,600 rows. How long edits took is
counted in fixed steps, so that hours can be added up.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.records import Result
from plexsync.storage.database import Database

HOUR = 3600
KEPT_DAYS = 400
#: In the row of the hour that was the first of 1970 stands what all hours ever came to.
_EVER = 0
#: Where the steps end in which it is counted how long an edit took, in seconds; what took longer is in one more.
STEPS_END = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
#: The columns: how scenes fared, requests to Plex and the scenes that they were sent for, and the steps.
RESULTS = tuple(str(one) for one in Result if one is not Result.WAITING)
REQUESTS, SCENES, TOOK = "requests", "scenes", "took_ms"
TIMES = tuple(f"took_{number}" for number in range(len(STEPS_END) + 1))
COLUMNS = (*RESULTS, REQUESTS, SCENES, TOOK, *TIMES)

_ADD = (
    f"insert into hour (hour, {', '.join(COLUMNS)}) values (?, {', '.join('?' * len(COLUMNS))}) "
    f"on conflict (hour) do update set {', '.join(f'{one} = hour.{one} + excluded.{one}' for one in COLUMNS)}"
)
_SUM = f"select {', '.join(f'coalesce(sum({one}), 0)' for one in COLUMNS)} from hour where hour >= ? and hour < ?"


def step_of(seconds: float) -> str:
    """The column in which an edit is counted that took so long."""
    return TIMES[next((number for number, end in enumerate(STEPS_END) if seconds <= end), len(STEPS_END))]


@dataclass(frozen=True, slots=True)
class Sums:
    """Some hours added up: how many of what, by ``COLUMNS``."""

    counts: Mapping[str, int]

    @property
    def timed(self) -> int:
        """Of how many it is known how long they took from the edit to Plex."""
        return sum(self.counts[one] for one in TIMES)

    def took(self, share: float) -> float | None:
        """Seconds within which this share (0 to 1) of edits was in Plex, as far as the steps tell; None without any.

        Within a step they count as spread evenly. What took longer than the last step counts as that.
        """
        wanted, before, start = share * self.timed, 0, 0.0
        if not self.timed:
            return None
        for column, end in zip(TIMES, STEPS_END, strict=False):
            count = self.counts[column]
            if count and before + count >= wanted:
                return start + (end - start) * max(0.0, wanted - before) / count
            before, start = before + count, end
        return STEPS_END[-1]

    @property
    def requests_per_scene(self) -> float | None:
        """Requests to Plex for each scene; None without scenes."""
        scenes = self.counts[SCENES]
        return self.counts[REQUESTS] / scenes if scenes else None


class Hours:
    """Reads and writes the hours.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counts: Mapping[int, Mapping[str, int]]) -> None:
        """Add to hours, by the hours since 1970: how many more of each of ``COLUMNS``.

        :raises sqlite3.Error: it could not be; nothing is added.
        """
        ever = Counter[str]()
        for more in counts.values():
            ever.update(more)
        rows = [(hour, *(more.get(one, 0) for one in COLUMNS)) for hour, more in (*counts.items(), (_EVER, ever))]
        with self._database.write() as db:
            db.executemany(_ADD, rows)

    def ever(self) -> Sums:
        """All that was ever added: it only grows, also when old hours are dropped."""
        return self._sums(_EVER, _EVER + 1)

    def sums(self, since: float, until: float) -> Sums:
        """The hours from one moment to another (epoch seconds), the one of ``since`` among them."""
        return self._sums(max(_EVER + 1, int(since // HOUR)), int(until // HOUR) + 1)

    def _sums(self, first: int, behind: int) -> Sums:
        with self._database.read() as db:
            row = db.execute(_SUM, (first, behind)).fetchone()
        return Sums(Counter(dict(zip(COLUMNS, row, strict=True))))


def trim(db: sqlite3.Connection, now: float) -> None:
    """Drop what is older than ``KEPT_DAYS``, in the caller's transaction."""
    db.execute("delete from hour where hour > 0 and hour < ?", (int(now // HOUR) - KEPT_DAYS * 24,))
