"""Lists for people: scenes, dead letters, matches to decide and the latest outcomes, page by page, by an index each.

A page begins behind the last row of the one before, not after so many rows: what changes meanwhile moves no other row
to another page, and the last page costs as little as the first.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.records import Result, State
from plexsync.ledger.scenes import BAD, GOOD
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks

#: Seconds that one look may take: a search of half a million scenes takes a fifth of a second.
LONGEST = 3.0
#: Steps of SQLite's machine between two looks at the clock.
_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class ListedScene:
    """A scene as lists show it; times are epoch seconds.

    ``file`` is the one in Stash by which it was matched; of a scene that waits for a match, its first one.
    """

    scene_id: int
    title: str
    state: State
    rating_key: int | None
    confidence: int | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    last_error: str | None
    file: str | None
    changed_at: float
    synced_at: float | None


@dataclass(frozen=True, slots=True)
class ListedOutcome:
    """One outcome; see ``plexsync.ledger.course``."""

    id: int
    at: float
    scene_id: int
    title: str
    outcome: Result
    error: str | None
    event_at: float | None
    queued_at: float | None
    began_at: float | None
    seconds: float | None
    fields: tuple[str, ...]
    rating_key: int | None
    events: tuple[tuple[str, float], ...] = ()
    steps: Mapping[str, float] = field(default_factory=dict)


class Listings:
    """Reads lists.

    :param database: the file, best on a connection of its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- scenes -------------------------------------------------------------------------------------------------------

    def scenes(
        self, state: State | None, search: str, after: tuple[float, int] | None, limit: int
    ) -> list[ListedScene]:
        """Scenes, the one that changed last first.

        :param state: only those in it; None for all.
        :param search: what their title or file holds, or their id; ``""`` for all.
        :param after: ``changed_at`` and id of the last one of the page before.
        """
        where, values = _scene_filter(state, search)
        if after is not None:
            where.append("(changed_at, scene_id) < (?, ?)")
            values += after
        with self._looking(search) as db:
            rows = db.execute(
                f"select scene_id from scene indexed by {_scene_index(state)} where {' and '.join(where) or '1'} "
                "order by changed_at desc, scene_id desc limit ?",
                [*values, limit],
            ).fetchall()
            return _in_order(_listed(db, [row[0] for row in rows]), [row[0] for row in rows])

    def count_scenes(self, state: State | None, search: str) -> int:
        """How many scenes ``scenes`` would list in all."""
        where, values = _scene_filter(state, search)
        with self._looking(search) as db:
            return int(
                db.execute(
                    f"select count(*) from scene indexed by {_scene_index(state)} where {' and '.join(where) or '1'}",
                    values,
                ).fetchone()[0]
            )

    def scenes_by_id(self, state: State, search: str, after: int, limit: int) -> list[ListedScene]:
        """Scenes in a state, by id.

        :param after: the id of the last one of the page before; 0 for none.
        """
        where, values = _scene_filter(state, search)
        with self._looking(search) as db:
            rows = db.execute(
                f"select scene_id from scene indexed by scene_state where {' and '.join(where)} and scene_id > ? "
                "order by scene_id limit ?",
                [*values, after, limit],
            ).fetchall()
            return _in_order(_listed(db, [row[0] for row in rows]), [row[0] for row in rows])

    # --- dead letters -------------------------------------------------------------------------------------------------

    def letters(self, search: str, after: tuple[float, int] | None, limit: int) -> list[dict[str, Any]]:
        """Dead letters, the newest first: what ``failed list`` tells of each, with ``failed_at`` in epoch seconds.

        :param search: what the title or the message holds, or the scene's id; ``""`` for all.
        :param after: ``failed_at`` and id of the last one of the page before.
        """
        where, values = _letter_filter(search)
        if after is not None:
            where.append("(failed_at, id) < (?, ?)")
            values += after
        with self._looking(search) as db:
            rows = db.execute(
                "select id, scene_id, title, error_class, message, attempts, failed_at from dead_letter "
                f"indexed by dead_letter_failed_at where {' and '.join(where) or '1'} "
                "order by failed_at desc, id desc limit ?",
                [*values, limit],
            ).fetchall()
        return [dict(row) for row in rows]

    def count_letters(self, search: str) -> int:
        """How many dead letters ``letters`` would list in all."""
        where, values = _letter_filter(search)
        with self._looking(search) as db:
            statement = f"select count(*) from dead_letter where {' and '.join(where) or '1'}"
            return int(db.execute(statement, values).fetchone()[0])

    # --- outcomes -----------------------------------------------------------------------------------------------------

    def outcomes(self, scene_id: int | None, before: int | None, limit: int) -> list[ListedOutcome]:
        """The latest outcomes, the newest first.

        :param scene_id: of this scene alone; None for all.
        :param before: the id of the last one of the page before.
        """
        where, values = ["1"], []
        if scene_id is not None:
            where.append("outcome.scene_id = ?")
            values.append(scene_id)
        if before is not None:
            where.append("outcome.id < ?")
            values.append(before)
        with self._looking() as db:
            rows = db.execute(f"{_OUTCOMES} where {' and '.join(where)} order by outcome.id desc limit ?",
                              [*values, limit]).fetchall()  # fmt: skip
        return [_outcome(row) for row in rows]

    def outcome(self, outcome_id: int) -> ListedOutcome | None:
        """One outcome, or None."""
        with self._looking() as db:
            row = db.execute(f"{_OUTCOMES} where outcome.id = ?", (outcome_id,)).fetchone()
        return _outcome(row) if row else None

    def of_event(self, event: str, limit: int) -> list[ListedOutcome]:
        """What an event has led to, the first first.

        :param event: its short id.
        """
        with self._looking() as db:
            rows = db.execute(
                f"{_OUTCOMES} where outcome.id in (select outcome_id from event_outcome "
                "indexed by event_outcome_event where event = ? order by outcome_id limit ?) order by outcome.id",
                (event, limit),
            ).fetchall()
        return [_outcome(row) for row in rows]

    def chart(self, since: float, step: float, count: int) -> list[tuple[float, int, int]]:
        """How many attempts did what they should, and how many failed, in each step of time.

        :param since: when the first step begins (epoch seconds).
        :param step: seconds.
        :param count: of steps.
        :returns: of each step when it begins, and the two numbers.
        """
        good, bad = Counter[int](), Counter[int]()
        with self._looking() as db:
            rows = db.execute(
                "select cast((at - ?) / ? as integer), outcome, count(*) from outcome "
                "where at >= ? and at < ? group by 1, 2",
                (since, step, since, since + step * count),
            )
            for place, outcome, number in rows:
                if outcome in GOOD:
                    good[place] += number
                elif outcome in BAD:
                    bad[place] += number
        return [(since + step * place, good[place], bad[place]) for place in range(count)]

    @contextmanager
    def _looking(self, search: str = "") -> Iterator[sqlite3.Connection]:
        """A connection for one look, which is given up after ``LONGEST`` seconds."""
        until = time.monotonic() + LONGEST
        with self._database.read() as db:
            if not search.isascii():
                # SQLite itself knows the case of ASCII letters only.
                db.create_function("holds", 2, _holds, deterministic=True)
            db.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            try:
                yield db
            finally:
                db.set_progress_handler(None, 0)


_OUTCOMES = """
select outcome.*, coalesce(scene.title, '') as title from outcome left join scene on scene.scene_id = outcome.scene_id
"""


#: Of a scene that waits for a file: it has one that holds a text.
_WAITS_FOR = "scene_id in (select scene_id from sought indexed by sought_file where file is not null and {})"


def _scene_index(state: State | None) -> str:
    return "scene_newest" if state is None else "scene_listed"


def _scene_filter(state: State | None, search: str) -> tuple[list[str], list[Any]]:
    where = ["scene_id > 0"]
    values: list[Any] = []
    if state is not None:
        where.append("state = ?")
        values.append(state)
    if search:
        words, found = _holding(("title", "file"), search, _WAITS_FOR)
        where.append(words)
        values += found
    return where, values


def _letter_filter(search: str) -> tuple[list[str], list[Any]]:
    if not search:
        return [], []
    words, values = _holding(("title", "message"), search)
    return [words], values


def _holding(columns: Sequence[str], search: str, within: str = "") -> tuple[str, list[Any]]:
    """A condition that one of the columns holds a text, or that the scene has this id.

    :param within: one more such condition, with ``{}`` where it is said of ``file`` that it holds the text.
    """
    if search.isascii():
        pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        words = [f"{column} like ? escape '\\'" for column in columns]
        values: list[Any] = [pattern] * len(columns)
        in_file = "file like ? escape '\\'"
    else:
        words, values = [f"holds({column}, ?)" for column in columns], [search.casefold()] * len(columns)
        in_file = "holds(file, ?)"
    if within:
        words.append(within.format(in_file))
        values.append(values[0])
    if search.isascii() and search.isdigit() and len(search) < 19:
        words.append("scene_id = ?")
        values.append(int(search))
    return f"({' or '.join(words)})", values


def _holds(text: str | None, folded: str) -> bool:
    return text is not None and folded in text.casefold()


def _listed(db: sqlite3.Connection, scene_ids: list[int]) -> dict[int, ListedScene]:
    if not scene_ids:
        return {}
    rows = db.execute(
        "select scene.*, dead_letter.title as letter_title, sought.file as sought_file from scene "
        "left join sought indexed by sought_file on sought.scene_id = scene.scene_id and sought.file is not null "
        "left join dead_letter on dead_letter.scene_id = scene.scene_id "
        f"where scene.scene_id in ({marks(scene_ids)})",
        scene_ids,
    )
    return {
        row["scene_id"]: ListedScene(
            scene_id=row["scene_id"],
            title=row["title"] or row["letter_title"] or "",
            state=State(row["state"]),
            rating_key=row["rating_key"],
            confidence=row["confidence"],
            reasons=tuple(json.loads(row["reasons"])),
            notes=tuple(json.loads(row["notes"])),
            last_error=row["last_error"],
            # A scene that waits for one was read later than what it was matched by.
            file=row["sought_file"] or row["file"],
            changed_at=row["changed_at"],
            synced_at=row["synced_at"],
        )
        for row in rows
    }


def _in_order(found: dict[int, ListedScene], scene_ids: Sequence[int]) -> list[ListedScene]:
    return [found[scene_id] for scene_id in scene_ids if scene_id in found]


def _outcome(row: sqlite3.Row) -> ListedOutcome:
    return ListedOutcome(
        id=row["id"],
        at=row["at"],
        scene_id=row["scene_id"],
        title=row["title"],
        outcome=Result(row["outcome"]),
        error=row["error"],
        event_at=row["event_at"],
        queued_at=row["queued_at"],
        began_at=row["began_at"],
        seconds=row["seconds"],
        fields=tuple(json.loads(row["fields"] or "[]")),
        rating_key=row["rating_key"],
        events=tuple((event, at) for event, at in json.loads(row["events"] or "[]")),
        steps=json.loads(row["steps"] or "{}"),
    )
