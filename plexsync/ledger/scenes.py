"""What we know of each scene: its state, its match, what Plex was told, and how the attempts went."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plexsync.database import Database
from plexsync.matching.lookup import Match
from plexsync.model import Field


class State(StrEnum):
    """Where a scene stands."""

    #: An attempt failed for a passing reason; another one is scheduled.
    PENDING = "pending"
    #: Plex shows what Stash knows; read back and found right.
    SYNCED = "synced"
    #: Given up; a dead letter tells why.
    FAILED = "failed"
    #: The match is too uncertain to act on alone.
    REVIEW = "review"
    #: Plex has no item for its files (yet).
    NOT_FOUND = "not_found"
    #: Left alone on purpose: not organized, and only organized scenes are wanted.
    SKIPPED = "skipped"
    #: Stash has it no longer.
    GONE = "gone"


class Result(StrEnum):
    """How one attempt ended, as the history keeps it."""

    SYNCED = "synced"
    UNCHANGED = "unchanged"
    RETRY = "retry"
    NOT_FOUND = "not_found"
    REVIEW = "review"
    FAILED = "failed"
    SKIPPED = "skipped"
    GONE = "gone"


#: Results that count as the attempt having done what it should, and as it having failed. The others are neither: what
#: Plex does not have, or a person has to decide, no attempt could do.
GOOD = (Result.SYNCED, Result.UNCHANGED, Result.SKIPPED, Result.GONE)
BAD = (Result.RETRY, Result.FAILED)
#: Ids in one statement: SQLite takes 999 values at the least.
IDS_PER_QUERY = 500
#: Attempts kept per scene, and overall at most this many days.
HISTORY_PER_SCENE = 20
HISTORY_DAYS = 7


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """One scene's line. ``pushed`` and ``pushing`` are JSON texts (see ``plexsync.metadata``), times epoch seconds.

    ``file`` is the scene's file by which it was matched, ``part_file`` the one in Plex.

    ``pushing`` is not None from just before a write to Plex until it was read back: after a crash it says what Plex may
    have been told without our having noted it. ``pushed`` is then what of ours stood there right before.
    """

    scene_id: int
    state: State
    rating_key: int | None
    section_id: int | None
    confidence: int | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    title: str
    fingerprint: str | None
    pushed: str | None
    pushing: str | None
    attempts: int
    not_found: int
    last_error: str | None
    last_error_at: float | None
    changed_at: float
    synced_at: float | None
    file: str | None = None
    part_file: str | None = None


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """The picture last sent (``uploaded``) or about to be sent (not ``uploaded``) for one field of a scene."""

    rating_key: int
    sha1: str
    etag: str | None
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of a scene's history; ``at`` in epoch seconds."""

    at: float
    outcome: Result
    error: str | None


class SceneLedger:
    """Reads and writes the scenes' lines.

    :param database: the file, already migrated.
    :param dead_letters_changed: called after a scene's dead letter was resolved.
    """

    def __init__(self, database: Database, dead_letters_changed: Callable[[], None]) -> None:
        self._database = database
        self._dead_letters_changed = dead_letters_changed

    def get(self, scene_id: int) -> SceneRecord | None:
        """What is known of a scene, or None."""
        with self._database.read() as db:
            row = db.execute("select * from scene where scene_id = ?", (scene_id,)).fetchone()
        return _record(row) if row else None

    def history(self, scene_id: int) -> list[Attempt]:
        """The scene's latest attempts, newest first."""
        with self._database.read() as db:
            rows = db.execute(
                "select at, outcome, error from outcome where scene_id = ? order by id desc limit ?",
                (scene_id, HISTORY_PER_SCENE),
            ).fetchall()
        return [Attempt(row["at"], Result(row["outcome"]), row["error"]) for row in rows]

    def counts(self) -> dict[State, int]:
        """How many scenes are in each state."""
        with self._database.read() as db:
            rows = db.execute("select state, count(*) from scene group by state").fetchall()
        return {State(row[0]): row[1] for row in rows}

    def states(self, scene_ids: Sequence[int]) -> dict[int, State]:
        """The states of the scenes that are known among those asked for (at most a few hundred)."""
        marks = ",".join("?" * len(scene_ids))
        with self._database.read() as db:
            rows = db.execute(f"select scene_id, state from scene where scene_id in ({marks})", list(scene_ids))
            return {row[0]: State(row[1]) for row in rows}

    def success_rate(self, seconds: float) -> float | None:
        """The share (0 to 1) of attempts in the last ``seconds`` that did what they should; None without attempts."""
        good = ",".join(f"'{result}'" for result in GOOD)
        either = ",".join(f"'{result}'" for result in (*GOOD, *BAD))
        with self._database.read() as db:
            total, right = db.execute(
                f"select count(*), coalesce(sum(outcome in ({good})), 0) from outcome "
                f"where at >= ? and outcome in ({either})",
                (time.time() - seconds,),
            ).fetchone()
        return right / total if total else None

    def last_success_at(self) -> float | None:
        """When a scene was last found to stand right in Plex (epoch seconds)."""
        with self._database.read() as db:
            row = db.execute("select value from fact where key = 'last_success_at'").fetchone()
        return float(row[0]) if row else None

    # --- the steps of one synchronisation, in their order --------------------------------------------------------

    def fresh_start(self, scene_id: int) -> None:
        """A new event asks for the scene: what was tried before no longer counts."""
        with self._database.write() as db:
            db.execute(
                "update scene set attempts = 0, not_found = 0, later_looks = 0 "
                "where scene_id = ? and (attempts or not_found or later_looks)",
                (scene_id,),
            )

    def count_later_look(self, scene_id: int) -> int:
        """Note that the scene will be looked at once more for something that was missing; returns how often before."""
        with self._database.write() as db:
            db.execute("update scene set later_looks = later_looks + 1 where scene_id = ?", (scene_id,))
            row = db.execute("select later_looks from scene where scene_id = ?", (scene_id,)).fetchone()
        return int(row[0]) - 1

    def not_read_since(self, scene_ids: Sequence[int], moment: float) -> list[int]:
        """Those of the scenes that were not read from Stash and synced since ``moment`` (epoch seconds)."""
        read: set[int] = set()
        for start in range(0, len(scene_ids), IDS_PER_QUERY):
            some = list(scene_ids[start : start + IDS_PER_QUERY])
            marks = ",".join("?" * len(some))
            with self._database.read() as db:
                rows = db.execute(
                    f"select scene_id from scene where scene_id in ({marks}) and state = 'synced' and read_at >= ?",
                    [*some, moment],
                )
                read.update(row[0] for row in rows)
        return [scene_id for scene_id in scene_ids if scene_id not in read]

    def matched(self, scene_id: int, match: Match) -> int | None:
        """Note which item the scene belongs to, and why we think so; nothing where another scene has that item.

        What was told to another item says nothing of this one: with the item, ``pushed`` turns into ``pushing``.

        :returns: the scene that has the item, None for no other.
        """
        with self._database.write() as db:
            holder = db.execute(
                "select scene_id from scene where rating_key = ? and scene_id <> ? limit 1",
                (match.rating_key, scene_id),
            ).fetchone()
            if holder:
                return int(holder[0])
            db.execute(
                "insert into scene (scene_id, state, rating_key, section_id, confidence, reasons, file, part_file, "
                "changed_at) values (?, 'pending', ?, ?, ?, ?, ?, ?, ?) on conflict (scene_id) do update set "
                "pushing = case when rating_key = excluded.rating_key then pushing else coalesce(pushing, pushed) end, "
                "fingerprint = case when rating_key = excluded.rating_key then fingerprint end, "
                "rating_key = excluded.rating_key, section_id = excluded.section_id, "
                "confidence = excluded.confidence, reasons = excluded.reasons, "
                "file = excluded.file, part_file = excluded.part_file",
                (
                    scene_id,
                    match.rating_key,
                    match.section_id,
                    match.confidence,
                    json.dumps(list(match.reasons)),
                    match.file,
                    match.path,
                    time.time(),
                ),
            )
        return None

    def holder(self, rating_key: int) -> int | None:
        """The scene that has this item, if any."""
        with self._database.read() as db:
            row = db.execute("select scene_id from scene where rating_key = ? limit 1", (rating_key,)).fetchone()
        return int(row[0]) if row else None

    def release(self, scene_id: int) -> None:
        """Note that the scene's item is another's now. What it was told stays known, as a thing in doubt.

        Its pictures count as none of its own: should the item come back, then maybe with the other scene's.
        """
        with self._database.write() as db:
            _release(db, scene_id)
            db.execute("update picture set sha1 = '', etag = null, uploaded = 0 where scene_id = ?", (scene_id,))

    def begin_push(self, scene_id: int, told: str, pushing: str) -> None:
        """Note, synced to disk, what Plex is about to be told: what comes after may die at any point.

        :param told: what of ours stands in the item now. Where the last push was in doubt, that is not what was last
            confirmed; forgotten, it would be taken for somebody else's should this push fail, too.
        """
        with self._database.write(durable=True) as db:
            db.execute("update scene set pushed = ?, pushing = ? where scene_id = ?", (told, pushing, scene_id))

    def finish_push(
        self,
        scene_id: int,
        rating_key: int,
        *,
        title: str,
        pushed: str,
        fingerprint: str,
        notes: Sequence[str],
        read_at: float,
        result: Result,
    ) -> bool:
        """Note that Plex shows what it should: read back, or never in need of a write.

        :param rating_key: of the item that shows it.
        :param read_at: when the scene was read from Stash, at the earliest (epoch seconds).
        :returns: False, and nothing is noted, where the scene no longer has that item.
        """
        now = time.time()
        with self._database.write() as db:
            noted = db.execute(
                "update scene set state = 'synced', title = ?, pushed = ?, pushing = null, fingerprint = ?, notes = ?, "
                "attempts = 0, not_found = 0, last_error = null, last_error_at = null, changed_at = ?, synced_at = ?, "
                "read_at = ? where scene_id = ? and rating_key = ?",
                (title, pushed, fingerprint, json.dumps(list(notes)), now, now, read_at, scene_id, rating_key),
            ).rowcount
            if not noted:
                return False
            resolved = _resolve(db, scene_id)
            db.execute("insert or replace into fact values ('last_success_at', ?)", (str(now),))
            _remember(db, now, scene_id, result, None)
        if resolved:
            self._dead_letters_changed()
        return True

    def set_state(
        self, scene_id: int, state: State, result: Result, *, error: str | None = None, title: str = ""
    ) -> int:
        """Note where the scene stands after an attempt that did not sync it.

        :param title: the scene's, where it is known.
        :returns: how many attempts have now failed in a row (of the kind ``state`` speaks of).
        """
        now, resolved, count = time.time(), False, 0
        counted = {State.PENDING: "attempts", State.FAILED: "attempts", State.NOT_FOUND: "not_found"}.get(state)
        with self._database.write() as db:
            db.execute(
                "insert into scene (scene_id, state, changed_at) values (?, ?, ?) "
                "on conflict (scene_id) do update set state = excluded.state, changed_at = excluded.changed_at",
                (scene_id, state, now),
            )
            db.execute(
                "update scene set last_error = ?, last_error_at = ?, title = coalesce(nullif(?, ''), title) "
                "where scene_id = ?",
                (error, now if error else None, title, scene_id),
            )
            if state in (State.GONE, State.NOT_FOUND):
                _release(db, scene_id)
            if state in (State.GONE, State.SKIPPED):
                resolved = _resolve(db, scene_id)
            if counted:
                db.execute(f"update scene set {counted} = {counted} + 1 where scene_id = ?", (scene_id,))
                count = int(db.execute(f"select {counted} from scene where scene_id = ?", (scene_id,)).fetchone()[0])
            _remember(db, now, scene_id, result, error)
        if resolved:
            self._dead_letters_changed()
        return count

    def waits(self, scene_id: int, error: str) -> None:
        """Note that the scene waits for something that is not its own fault (an open breaker, a wrong token)."""
        now = time.time()
        with self._database.write() as db:
            db.execute(
                "insert into scene (scene_id, state, last_error, last_error_at, changed_at) "
                "values (?, 'pending', ?, ?, ?) on conflict (scene_id) do update set "
                "state = 'pending', last_error = excluded.last_error, last_error_at = excluded.last_error_at",
                (scene_id, error, now, now),
            )

    # --- pictures -------------------------------------------------------------------------------------------------

    def picture(self, scene_id: int, field: Field) -> PictureRecord | None:
        """The picture last sent, or about to be sent, for a field of the scene."""
        with self._database.read() as db:
            row = db.execute(
                "select rating_key, sha1, etag, uploaded from picture where scene_id = ? and field = ?",
                (scene_id, field),
            ).fetchone()
        return PictureRecord(row["rating_key"], row["sha1"], row["etag"], bool(row["uploaded"])) if row else None

    def begin_upload(self, scene_id: int, field: Field, rating_key: int, sha1: str) -> None:
        """Note, synced to disk, that a picture is about to be uploaded: Plex keeps each copy it is given."""
        with self._database.write(durable=True) as db:
            db.execute(
                "insert or replace into picture (scene_id, field, rating_key, sha1, etag, uploaded) "
                "values (?, ?, ?, ?, null, 0)",
                (scene_id, field, rating_key, sha1),
            )

    def finish_upload(self, scene_id: int, field: Field, etag: str | None) -> None:
        """Note that the picture is in Plex; ``etag`` makes the next look at Stash's copy cheap."""
        with self._database.write() as db:
            db.execute(
                "update picture set uploaded = 1, etag = ? where scene_id = ? and field = ?", (etag, scene_id, field)
            )


def _release(db: sqlite3.Connection, scene_id: int) -> None:
    db.execute(
        "update scene set rating_key = null, section_id = null, confidence = null, reasons = '[]', file = null, "
        "part_file = null, fingerprint = null, pushing = coalesce(pushing, pushed) "
        "where scene_id = ? and rating_key is not null",
        (scene_id,),
    )


def _resolve(db: sqlite3.Connection, scene_id: int) -> bool:
    """Drop what waits for a person or for a file; whether a dead letter was among it."""
    db.execute("delete from candidate where scene_id = ?", (scene_id,))
    db.execute("delete from sought where scene_id = ?", (scene_id,))
    return db.execute("delete from dead_letter where scene_id = ?", (scene_id,)).rowcount > 0


def _remember(db: sqlite3.Connection, at: float, scene_id: int, result: Result, error: str | None) -> None:
    db.execute("insert into outcome (at, scene_id, outcome, error) values (?, ?, ?, ?)", (at, scene_id, result, error))
    db.execute(
        "delete from outcome where scene_id = ? and id <= "
        "(select id from outcome where scene_id = ? order by id desc limit 1 offset ?)",
        (scene_id, scene_id, HISTORY_PER_SCENE),
    )


def _record(row: sqlite3.Row) -> SceneRecord:
    return SceneRecord(
        scene_id=row["scene_id"],
        state=State(row["state"]),
        rating_key=row["rating_key"],
        section_id=row["section_id"],
        confidence=row["confidence"],
        reasons=tuple(json.loads(row["reasons"])),
        notes=tuple(json.loads(row["notes"])),
        title=row["title"],
        fingerprint=row["fingerprint"],
        pushed=row["pushed"],
        pushing=row["pushing"],
        attempts=row["attempts"],
        not_found=row["not_found"],
        last_error=row["last_error"],
        last_error_at=row["last_error_at"],
        changed_at=row["changed_at"],
        synced_at=row["synced_at"],
        file=row["file"],
        part_file=row["part_file"],
    )
