"""What we know of each scene: its state, its match, what was applied, and how the attempts went."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from plexsync.ledger import event_log, held_item, holding, past
from plexsync.ledger.course import Course, taken
from plexsync.ledger.entities import keep_parts
from plexsync.ledger.left_decisions import leave_decisions
from plexsync.ledger.records import Attempt, Confirmation, ItemSeen, Result, SceneRecord, State
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

if TYPE_CHECKING:
    from plexsync.matching.lookup import Match
    from plexsync.model import Scene

#: Results that count as the attempt having done what it should, and as it having failed. The others are neither: what
#: Plex does not have, or a person has to decide, no attempt could do.
GOOD = (Result.SYNCED, Result.UNCHANGED, Result.SKIPPED, Result.GONE)
BAD = (Result.RETRY, Result.FAILED)
#: Attempts kept per scene, and overall at most this many days.
HISTORY_PER_SCENE = 20
HISTORY_DAYS = 7


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

    def many(self, scene_ids: Iterable[int]) -> dict[int, SceneRecord]:
        """What is known of these scenes, by id."""
        found: dict[int, SceneRecord] = {}
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(f"select * from scene where scene_id in ({marks(some)})", some).fetchall()
            found |= {row["scene_id"]: _record(row) for row in rows}
        return found

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
            rows = db.execute("select state, count(*) from scene where scene_id > 0 group by state").fetchall()
        return {State(row[0]): row[1] for row in rows}

    def states(self, scene_ids: Sequence[int]) -> dict[int, State]:
        """The states of the scenes that are known among those asked for (at most a few hundred)."""
        with self._database.read() as db:
            rows = db.execute(
                f"select scene_id, state from scene where scene_id in ({marks(scene_ids)})", list(scene_ids)
            )
            return {row[0]: State(row[1]) for row in rows}

    def in_state(self, state: State, limit: int) -> list[SceneRecord]:
        """The first scenes in a state, by id."""
        with self._database.read() as db:
            rows = db.execute(
                "select * from scene where state = ? and scene_id > 0 order by scene_id limit ?", (state, limit)
            )
            return [_record(row) for row in rows]

    def success_rate(self, seconds: float) -> float | None:
        """The share (0 to 1) of attempts in the last ``seconds`` that did what they should; None without attempts."""
        good = ",".join(f"'{result}'" for result in GOOD)
        either = ",".join(f"'{result}'" for result in (*GOOD, *BAD))
        with self._database.read() as db:
            total, right = db.execute(
                f"select count(*), count(*) filter (where outcome in ({good})) from outcome "
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
        with self._database.read() as db:
            row = db.execute(
                "select attempts <> 0 or not_found <> 0 from scene where scene_id = ?", (scene_id,)
            ).fetchone()
        if row is None or not row[0]:
            # As a rule: then there is nothing to be noted.
            return
        with self._database.write() as db:
            db.execute("update scene set attempts = 0, not_found = 0 where scene_id = ?", (scene_id,))

    def not_read_since(self, scene_ids: Sequence[int], moment: float) -> list[int]:
        """Those of the scenes that were not read from Stash and synced since ``moment`` (epoch seconds)."""
        read: set[int] = set()
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(
                    f"select scene_id from scene where scene_id in ({marks(some)}) and state = 'synced' "
                    "and read_at >= ?",
                    [*some, moment],
                )
                read.update(row[0] for row in rows)
        return [scene_id for scene_id in scene_ids if scene_id not in read]

    def matched(self, scene_id: int, match: Match, scene: Scene | None = None) -> int | None:
        """Note which item the scene belongs to, and why we think so; nothing where another scene has that item.

        What was applied to another item says nothing of this one: with the item, ``applied`` turns into ``intended``.
        Where another scene had this item before, it is what that one applied.

        :param scene: as Stash has it, where it was read.
        :param scene_id: its id, or that of the line of a further item.
        :returns: the line that has the item (``lines.scene_of`` says whose), None for no other scene's.
        """
        with self._database.read() as db:
            if holding.has(db, scene_id, match):
                # As a rule: then there is nothing to be noted.
                held_item.check_it_is_free(db, match.rating_key)
                return None
        with self._database.write() as db:
            held_item.check_it_is_free(db, match.rating_key)
            return holding.take(db, scene_id, match, scene)

    def holding_still(self, matches: Mapping[int, Match]) -> set[int]:
        """Those of the scenes of which ``matched`` would note nothing: each has its item, and nobody else does.

        :param matches: by scene; a few hundred at most.
        """
        if not matches:
            return set()
        with self._database.read() as db:
            return holding.having(db, matches)

    def holder(self, rating_key: int) -> int | None:
        """The scene that has this item, if any: as the id of its line, which ``lines.scene_of`` takes."""
        with self._database.read() as db:
            row = db.execute("select scene_id from scene where rating_key = ? limit 1", (rating_key,)).fetchone()
        return int(row[0]) if row else None

    def holders_of_files(self, paths: Sequence[str], scene_id: int) -> list[int]:
        """The other scenes that have an item on account of one of these files (paths in Stash)."""
        with self._database.read() as db:
            return holding.holders_of_files(db, paths, scene_id)

    def waiting_for(self, rating_key: int) -> list[int]:
        """The scenes that wait for a person and may belong to this item."""
        with self._database.read() as db:
            return holding.waiting_for(db, rating_key)

    def release(self, scene_id: int) -> None:
        """Note that the scene's item is another's now. What was applied stays known, with the item.

        Its pictures are sent again should it get the item back: the other scene chooses its own.
        """
        with self._database.write() as db:
            row = db.execute("select rating_key from scene where scene_id = ?", (scene_id,)).fetchone()
            holding.release(db, scene_id)
            holding.forget_pictures(db, scene_id, row[0] if row else None)

    def note_intent(self, scene_id: int, rating_key: int, applied: str, intended: str) -> bool:
        """Note, synced to disk, what is about to be written: what comes after may die at any point.

        :param rating_key: of the item that it is written to.
        :param applied: what of ours is in the item now. Where the last write was in doubt, that is not what was
            confirmed last; forgotten, it would be taken for somebody else's should this write fail, too.
        :returns: False, and nothing is noted, where the scene no longer has that item.
        """
        with self._database.write(durable=True) as db:
            held_item.check_it_is_free(db, rating_key)
            return bool(self.note_intents([(scene_id, rating_key, applied, intended)]))

    def note_intents(self, intents: Sequence[tuple[int, int, str, str]]) -> list[int]:
        """As ``note_intent``, for several scenes at once: their ids, each with its item, ``applied`` and ``intended``.

        :returns: the scenes that still have these items, and whose items nobody else writes to; of the others nothing
            is noted.
        """
        update = "update scene set pushed = ?, pushing = ?, doubted_as = null where scene_id = ? and rating_key = ?"
        with self._database.write(durable=True) as db:
            held = held_item.held_key(db)
            return [
                scene_id
                for scene_id, rating_key, applied, intended in intents
                if rating_key != held and db.execute(update, (applied, intended, scene_id, rating_key)).rowcount
            ]

    def doubt(self, scene_id: int, intended: str | None = None, *, why: str | None = None) -> None:
        """Put a scene in doubt: its item may not show what was applied, so it is read at the scene's next sync.

        :param intended: all that may have been applied, where that is more than is noted.
        :param why: a word for what was found, where nothing else is in doubt; None for a write that is.
        """
        with self._database.write() as db:
            db.execute(
                "update scene set pushing = coalesce(?, pushing, pushed), "
                "doubted_as = case when pushing is null or doubted_as is not null then ? end where scene_id = ?",
                (intended, why, scene_id),
            )

    def confirm_write(self, scene_id: int, rating_key: int, seen: Confirmation, *, whole: bool = True) -> bool:
        """Note that Plex shows what it should: read back, or never in need of a write.

        :param rating_key: of the item that shows it.
        :param whole: whether the scene is done with that; where not, it has further items, and ``finish`` follows.
        :returns: False, and nothing is noted, where the scene no longer has that item.
        """
        now, item = time.time(), seen.item
        with self._database.write() as db:
            past.keep(db, scene_id, seen.applied)
            noted = db.execute(
                "update scene set state = case when ? = 1 or scene_id < 0 then 'synced' else state end, "
                "title = ?, pushed = ?, fingerprint = ?, notes = ?, "
                "pushing = case when pushing is ? then null else pushing end, "
                "doubted_as = case when pushing is ? then null else doubted_as end, "
                "attempts = case when ? = 1 then 0 else attempts end, not_found = 0, "
                "last_error = case when ? = 1 then null else last_error end, "
                "last_error_at = case when ? = 1 then null else last_error_at end, changed_at = ?, "
                "synced_at = case when ? = 1 or scene_id < 0 then ? else synced_at end, "
                "read_at = coalesce(?, read_at), updated_at = ?, created_at = coalesce(nullif(?, ''), created_at), "
                "item_updated_at = coalesce(?, item_updated_at), shown = coalesce(?, shown), "
                "digest = ? where scene_id = ? and rating_key = ?",
                (
                    *(whole, seen.title, seen.applied, seen.fingerprint, json.dumps(list(seen.notes))),
                    *(seen.intended, seen.intended),
                    *(whole, whole, whole, now, whole, now),
                    *(seen.read_at if whole else None, seen.updated_at, seen.created_at),
                    *((item.updated_at, _shown(item)) if item is not None else (None, None)),
                    *(seen.digest, scene_id, rating_key),
                ),
            ).rowcount
            if not noted:
                return False
            if scene_id > 0:
                keep_parts(db, scene_id, seen.parts)
            resolved = whole and self._succeeded(db, scene_id, seen.result, now)
        if resolved:
            self._dead_letters_changed()
        return True

    def finish(self, scene_id: int, read_at: float, result: Result) -> None:
        """Note that all items of a scene show what they should, after each was confirmed by itself.

        :param read_at: when the scene was read from Stash, at the earliest (epoch seconds).
        """
        now = time.time()
        with self._database.write() as db:
            db.execute(
                "update scene set state = 'synced', attempts = 0, not_found = 0, last_error = null, "
                "last_error_at = null, changed_at = ?, synced_at = ?, read_at = ? where scene_id = ?",
                (now, now, read_at, scene_id),
            )
            resolved = self._succeeded(db, scene_id, result, now)
        if resolved:
            self._dead_letters_changed()

    @staticmethod
    def _succeeded(db: sqlite3.Connection, scene_id: int, result: Result, now: float) -> bool:
        """Whether a dead letter was resolved by that."""
        resolved = _resolve(db, scene_id)
        db.execute("insert or replace into fact values ('last_success_at', ?)", (str(now),))
        _remember(db, now, scene_id, result, None)
        return resolved

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
            if state is State.GONE:
                leave_decisions(db, scene_id)
            if state in (State.GONE, State.NOT_FOUND):
                holding.release(db, scene_id)
                holding.drop_further(db, scene_id)
            if state is State.GONE:
                keep_parts(db, scene_id, ())
                db.execute("update scene set looks_at = null where scene_id = ?", (scene_id,))
                db.execute("delete from picture where scene_id = ?", (scene_id,))
                db.execute("delete from left_out where scene_id = ?", (scene_id,))
            if state in (State.GONE, State.SKIPPED):
                resolved = _resolve(db, scene_id)
            if counted:
                db.execute(f"update scene set {counted} = {counted} + 1 where scene_id = ?", (scene_id,))
                count = int(db.execute(f"select {counted} from scene where scene_id = ?", (scene_id,)).fetchone()[0])
            _remember(db, now, scene_id, result, error)
        if resolved:
            self._dead_letters_changed()
        return count

    def saw_item(self, scene_id: int, item: ItemSeen) -> None:
        """Note how the scene's item looks now, where nothing of ours is wrong in it."""
        with self._database.write() as db:
            _saw(db, scene_id, item)

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


_WAITS = (
    "select 1 from candidate where scene_id = ? union all select 1 from sought where scene_id = ? "
    "union all select 1 from dead_letter where scene_id = ? limit 1"
)


def _resolve(db: sqlite3.Connection, scene_id: int) -> bool:
    """Drop what waits for a person or for a file; whether a dead letter was among it."""
    if db.execute(_WAITS, (scene_id,) * 3).fetchone() is None:
        # As a rule.
        return False
    db.execute("delete from candidate where scene_id = ?", (scene_id,))
    db.execute("delete from sought where scene_id = ?", (scene_id,))
    return db.execute("delete from dead_letter where scene_id = ?", (scene_id,)).rowcount > 0


def _remember(db: sqlite3.Connection, at: float, scene_id: int, result: Result, error: str | None) -> None:
    course = taken()
    outcome = db.execute(
        "insert into outcome "
        "(at, scene_id, outcome, error, event_at, queued_at, began_at, seconds, fields, events, steps, rating_key) "
        "select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (select rating_key from scene where scene_id = ?)",
        (
            *(at, scene_id, result, error, course.event_at, course.queued_at, course.began_at),
            *(round(course.seconds, 3), json.dumps(course.fields) if course.fields else None),
            *(json.dumps(course.events) if course.events else None, _steps(course), scene_id),
        ),
    )
    if course.events:
        event_log.note(db, course.events, outcome.lastrowid)
    db.execute(
        "delete from outcome where scene_id = ? and id <= "
        "(select id from outcome where scene_id = ? order by id desc limit 1 offset ?)",
        (scene_id, scene_id, HISTORY_PER_SCENE),
    )


def _steps(course: Course) -> str | None:
    return json.dumps({step: round(at, 3) for step, at in course.steps.items()}) if course.steps else None


def _record(row: sqlite3.Row) -> SceneRecord:
    return SceneRecord(
        scene_id=row["scene_id"],
        state=State(row["state"]),
        rating_key=row["rating_key"],
        section_id=row["section_id"],
        confidence=row["confidence"],
        reasons=_sentences(row["reasons"]),
        notes=_sentences(row["notes"]),
        title=row["title"],
        fingerprint=row["fingerprint"],
        applied=row["pushed"],
        intended=row["pushing"],
        attempts=row["attempts"],
        not_found=row["not_found"],
        last_error=row["last_error"],
        last_error_at=row["last_error_at"],
        changed_at=row["changed_at"],
        synced_at=row["synced_at"],
        file=row["file"],
        part_file=row["part_file"],
        updated_at=row["updated_at"],
        digest=row["digest"],
        item=None if row["item_updated_at"] is None else _seen(row["item_updated_at"], row["shown"]),
    )


@lru_cache(256)
def _sentences(noted: str) -> tuple[str, ...]:
    """Texts that are noted as JSON: most scenes have the same."""
    return tuple(json.loads(noted))


def _seen(updated_at: int, shown: str) -> ItemSeen:
    paths = json.loads(shown)
    return ItemSeen(updated_at, paths.get("thumb"), paths.get("art"))


def _saw(db: sqlite3.Connection, scene_id: int, item: ItemSeen) -> None:
    db.execute(
        "update scene set item_updated_at = ?, shown = ? where scene_id = ?",
        (item.updated_at, _shown(item), scene_id),
    )


def _shown(item: ItemSeen) -> str:
    return json.dumps({"thumb": item.thumb, "art": item.art})
