"""Scenes that were given up on, with what a person needs to understand why."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.records import Attempt, Result
from plexsync.storage.database import Database

#: Longest traceback kept, in characters: its end, where the error is.
TRACEBACK_LIMIT = 8000
#: Longest message kept, in characters.
MESSAGE_LIMIT = 2000
#: Dead letters read, or dropped, in one go.
BATCH = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One scene that was given up on.

    Times are epoch seconds; ``first_failed_at`` is when the trouble began, ``failed_at`` when the scene was last given
    up on. ``tries`` are the attempts that led there, oldest first. ``rating_key``, ``confidence`` (0 to 100) and
    ``reasons`` are the match, as far as there was one. ``snapshot`` is what was to be written (``sync.snapshot``).
    """

    id: int
    scene_id: int
    title: str
    error_class: str
    message: str
    traceback: str
    attempts: int
    tries: tuple[Attempt, ...]
    rating_key: int | None
    confidence: int | None
    reasons: tuple[str, ...]
    snapshot: dict[str, Any]
    first_failed_at: float
    failed_at: float


class DeadLetters:
    """Reads and writes the dead letters: at most one per scene, the latest.

    :param database: the file, already migrated.
    :param changed: called after there are more or fewer of them.
    """

    def __init__(self, database: Database, changed: Callable[[], None]) -> None:
        self._database = database
        self._changed = changed

    def put(
        self,
        scene_id: int,
        error_class: str,
        message: str,
        traceback: str,
        attempts: int,
        *,
        title: str = "",
        snapshot: str = "{}",
    ) -> None:
        """Give up on a scene, replacing what was said of it before; the dead letter's id stays.

        The match and the times of the attempts are taken from what the ledger knows of the scene.

        :param attempts: how many failed in a row.
        :param title: of the scene; the one last synced where it is empty.
        :param snapshot: what was to be written, as a JSON object.
        """
        now = time.time()
        with self._database.write(durable=True) as db:
            scene = db.execute("select * from scene where scene_id = ?", (scene_id,)).fetchone()
            tries = _tries(db, scene_id, attempts)
            values = {
                "scene_id": scene_id,
                "title": title or (scene["title"] if scene else ""),
                "error_class": error_class,
                "message": _shortened(message, MESSAGE_LIMIT),
                "traceback": traceback[-TRACEBACK_LIMIT:],
                "attempts": attempts,
                "tries": json.dumps(tries),
                "rating_key": scene["rating_key"] if scene else None,
                "confidence": scene["confidence"] if scene else None,
                "reasons": scene["reasons"] if scene else "[]",
                "snapshot": snapshot,
                "first_failed_at": tries[0][0] if tries else now,
                "failed_at": now,
            }
            renewed = ", ".join(f"{name} = excluded.{name}" for name in values if name != "first_failed_at")
            db.execute(
                f"insert into dead_letter ({', '.join(values)}) values ({', '.join(f':{name}' for name in values)}) "
                f"on conflict (scene_id) do update set {renewed}",
                values,
            )
        self._changed()

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as db:
            return int(db.execute("select count(*) from dead_letter").fetchone()[0])

    def latest_at(self) -> float | None:
        """When a scene was last given up on (epoch seconds), of those that still are."""
        with self._database.read() as db:
            latest = db.execute("select max(failed_at) from dead_letter").fetchone()[0]
        return None if latest is None else float(latest)

    def get(self, letter_id: int) -> DeadLetter | None:
        """The dead letter with this id, or None."""
        return self._one("id", letter_id)

    def of_scene(self, scene_id: int) -> DeadLetter | None:
        """The scene's dead letter, or None."""
        return self._one("scene_id", scene_id)

    def pages(self) -> Iterator[list[DeadLetter]]:
        """All of them, the oldest first, at most ``BATCH`` at a time. They may be dropped in between."""
        select, after = "select * from dead_letter where id > ? order by id limit ?", 0
        while True:
            with self._database.read() as db:
                rows = db.execute(select, (after, BATCH)).fetchall()
            if not rows:
                return
            after = rows[-1]["id"]
            yield [_letter(row) for row in rows]

    def discard(self, letter_ids: Sequence[int]) -> int:
        """Drop dead letters, at most ``BATCH`` per transaction; what is known of their scenes stays.

        :returns: how many there were.
        """
        dropped = 0
        for start in range(0, len(letter_ids), BATCH):
            chunk = letter_ids[start : start + BATCH]
            marks = ",".join("?" * len(chunk))
            with self._database.write() as db:
                dropped += db.execute(f"delete from dead_letter where id in ({marks})", list(chunk)).rowcount
        if dropped:
            self._changed()
        return dropped

    def prune(self, days: float, now: float) -> int:
        """Drop those older than ``days``; returns how many went.

        :param now: epoch seconds. One from after it, written while the clock was ahead, begins to age now.
        """
        with self._database.write() as db:
            db.execute("update dead_letter set failed_at = ? where failed_at > ?", (now, now + 86400))
            pruned = db.execute("delete from dead_letter where failed_at < ?", (now - days * 86400,)).rowcount
        self._changed()
        return pruned

    def _one(self, column: str, value: int) -> DeadLetter | None:
        with self._database.read() as db:
            row = db.execute(f"select * from dead_letter where {column} = ?", (value,)).fetchone()
        return _letter(row) if row else None


def _tries(db: sqlite3.Connection, scene_id: int, attempts: int) -> list[tuple[float, str, str | None]]:
    """The last attempts that failed, as far as the history goes back, oldest first."""
    rows = db.execute(
        "select at, outcome, error from outcome where scene_id = ? and outcome in (?, ?) order by id desc limit ?",
        (scene_id, Result.RETRY, Result.FAILED, attempts),
    ).fetchall()
    return [(row["at"], row["outcome"], _shortened(row["error"] or "", MESSAGE_LIMIT) or None) for row in rows[::-1]]


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _letter(row: sqlite3.Row) -> DeadLetter:
    values = dict(row)
    values["tries"] = tuple(Attempt(at, Result(outcome), error) for at, outcome, error in json.loads(row["tries"]))
    values["reasons"] = tuple(json.loads(row["reasons"]))
    values["snapshot"] = json.loads(row["snapshot"])
    return DeadLetter(**values)
