"""Matches that wait for a person, and what people have decided."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence

from plexsync.errors import PermanentError
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import holding, verdicts
from plexsync.ledger.index import LibraryIndex
from plexsync.ledger.left_decisions import chosen_for_files, file_to_note, note_file, take_over_decisions
from plexsync.ledger.lines import SCENE_OF, scene_of
from plexsync.ledger.records import Result, State
from plexsync.ledger.scenes import SceneLedger
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.paths import path_key
from plexsync.model import IndexedPart, Scene
from plexsync.script import SCRIPT
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Scenes read in one go.
BATCH = 200
#: The reason of a match that a person has made, and how sure that is.
CHOSEN, CERTAIN = "chosen by a person", 100
_DECIDED = (
    "select 1 from pin where scene_id in ({ids}) union all select 1 from veto where scene_id in ({ids}) "
    "union all select 1 from decided_file where file in ({paths}) "
    "union all select 1 from left_decision where scene_file in ({paths}) limit 1"
)


@dataclass(frozen=True, slots=True)
class Review:
    """A scene whose match is too uncertain to act on alone.

    ``title`` is the one last synced, ``""`` for none; ``why`` a sentence on what is uncertain. The ``candidates`` are
    the items it may belong to, the likeliest first.
    """

    scene_id: int
    title: str
    why: str
    candidates: tuple[Match, ...]


class Reviews:
    """Reads and writes the candidates of uncertain matches, and what people decided: pins and vetoes.

    A pin says that a scene belongs to an item, a veto that it does not. An item that Plex scans anew gets a new rating
    key, so both are kept with the item's file as well: whichever item holds that now is the one that was meant. Where
    none does, the file may have been renamed, and the rating key counts, unless it leads to another scene's file now.

    :param database: the file, already migrated.
    :param scenes: the scenes' lines in the same file.
    :param index: the library index in the same file.
    """

    def __init__(self, database: Database, scenes: SceneLedger, index: LibraryIndex) -> None:
        self._database = database
        self._scenes = scenes
        self._index = index

    # --- what waits -----------------------------------------------------------------------------------------------

    def put(self, scene_id: int, candidates: Sequence[Match]) -> None:
        """Replace the scene's candidates; those that were ruled out meanwhile are left out."""
        with self._database.write(durable=True) as db:
            vetoed = self.settled(scene_id).vetoed
            db.execute("delete from candidate where scene_id = ?", (scene_id,))
            for place, one in enumerate(candidates):
                if one.rating_key not in vetoed:
                    _put_candidate(db, scene_id, one, place)

    def count(self) -> int:
        """How many scenes wait for a person."""
        with self._database.read() as db:
            return int(
                db.execute("select count(*) from scene where state = ? and scene_id > 0", (State.REVIEW,)).fetchone()[0]
            )

    def pages(self) -> Iterator[list[Review]]:
        """All that waits, by scene id, at most ``BATCH`` at a time. Some may be decided in between."""
        select = "select * from scene where state = ? and scene_id > ? order by scene_id limit ?"
        after = 0
        while True:
            with self._database.read() as db:
                page = _reviews(db, db.execute(select, (State.REVIEW, after, BATCH)).fetchall())
            if not page:
                return
            after = page[-1].scene_id
            yield page

    def get(self, scene_id: int) -> Review | None:
        """The scene's review, or None where it does not wait for one."""
        select = "select * from scene where scene_id = ? and state = ?"
        with self._database.read() as db:
            found = _reviews(db, db.execute(select, (scene_id, State.REVIEW)).fetchall())
        return found[0] if found else None

    def waiting_beside(self, scene_id: int) -> list[int]:
        """The scenes that wait for a person as well and may belong to an item that this one may belong to."""
        with self._database.read() as db:
            rows = db.execute(
                "select distinct other.scene_id from candidate own join candidate other using (rating_key) "
                "where own.scene_id = ? and other.scene_id <> own.scene_id order by 1",
                (scene_id,),
            )
            return [row[0] for row in rows]

    def know(self, scene: Scene) -> None:
        """Note which file a scene has that a person has decided on, and take over what was decided of that file.

        The latter where Stash has the scene of that decision no longer: this one is the same, scanned anew.
        """
        paths = [file.path for file in scene.files]
        if not paths:
            return
        with self._database.read() as db:
            to_note = file_to_note(db, scene.id, paths[0])
            is_left = db.execute("select 1 from left_decision limit 1").fetchone() is not None
        if not to_note and not is_left:
            return
        with self._database.write() as db:
            if to_note:
                note_file(db, scene.id, paths[0])
            count = take_over_decisions(db, scene.id, paths)
        if count:
            log.info("scene %d has a file that a person has decided about: that decision holds for it", scene.id)

    def is_nothing_decided(self, scenes: Sequence[Scene]) -> bool:
        """Whether no person has decided anything that could be about one of the scenes, or about a file of theirs.

        Then ``know`` notes nothing, ``settled`` tells of nothing, and nobody is chosen for their files.

        :param scenes: a few dozen at most.
        """
        ids, paths = [scene.id for scene in scenes], [file.path for scene in scenes for file in scene.files]
        decided = _DECIDED.format(ids=marks(ids), paths=marks(paths))
        with self._database.read() as db:
            return db.execute(decided, [*ids, *ids, *paths, *paths]).fetchone() is None

    def chosen_for_files(self, paths: Sequence[str], scene_id: int) -> list[int]:
        """The other scenes with one of these files to which a person gave an item."""
        with self._database.read() as db:
            return chosen_for_files(db, paths, scene_id)

    def settled(self, scene_id: int) -> Settled:
        """What was decided of a scene before, by the rating keys that the items have now."""
        decisions = "select rating_key, file from {} where scene_id = ?"
        with self._database.read() as db:
            scene = db.execute("select rating_key from scene where scene_id = ?", (scene_id,)).fetchone()
            pin = db.execute(decisions.format("pin"), (scene_id,)).fetchone()
            vetoes = db.execute(decisions.format("veto"), (scene_id,)).fetchall()
            pinned = self._pinned(pin, scene_id) if pin else None
            vetoed = {key for veto in vetoes for key in self._meant(veto, scene_id)}
        return Settled(pinned, frozenset(vetoed - {pinned}), scene["rating_key"] if scene else None)

    # --- what a person decides ------------------------------------------------------------------------------------

    def accept(self, scene_id: int, rating_key: int) -> list[int]:
        """Note that a scene belongs to an item, whatever was thought before.

        A scene that has the item loses it, and waits for review. What that one applied counts as applied by this scene
        from now on, so that it is cleared if Stash does not have it for this scene.

        :returns: the scenes to be synced now: this one, then those that lost the item.
        :raises PermanentError: there is no such scene, or no such item in the index.
        """
        with self._database.write(durable=True) as db:
            scene = _scene(db, scene_id)
            item = self._item(db, rating_key, scene_id)
            # Whose further item it was has its own item still.
            further = db.execute("select scene_id from scene where rating_key = ? and scene_id < 0", (rating_key,))
            holding.drop_lines(db, [row[0] for row in further.fetchall()])
            losers = self._holders(db, scene_id, rating_key)
            verdicts.of_waiting(db, scene_id, rating_key)
            if scene["state"] != State.REVIEW and scene["rating_key"] != rating_key:
                verdicts.of_match(db, scene)
            for loser in losers:
                self._hand_over(db, loser, scene_id, rating_key, item)
            db.execute(
                "insert or replace into pin (scene_id, rating_key, file, pinned_at) values (?, ?, ?, ?)",
                (scene_id, rating_key, item.file, time.time()),
            )
            db.execute("delete from veto where scene_id = ? and rating_key = ?", (scene_id, rating_key))
            db.execute("delete from candidate where scene_id = ?", (scene_id,))
            if scene["rating_key"] != rating_key:
                self._scenes.release(scene_id)
                db.execute("update scene set part_file = ? where scene_id = ?", (item.file, scene_id))
                holding.inherit(db, scene_id, rating_key)
            db.execute(
                "update scene set state = ?, rating_key = ?, section_id = ?, confidence = ?, reasons = ?, "
                "last_error = null, last_error_at = null, changed_at = ? where scene_id = ?",
                (State.PENDING, rating_key, item.section_id, CERTAIN, json.dumps([CHOSEN]), time.time(), scene_id),
            )
        return [scene_id, *losers]

    def reject(self, scene_id: int, rating_key: int | None = None) -> int:
        """Note that a scene belongs to none of its candidates; where it has none, not to the item that it has.

        It is looked at again with its next change, or when its file appears in Plex.

        :param rating_key: of one item to rule out: a candidate, the scene's own, or a further one. None for all of the
            candidates, or the scene's own.
        :returns: how many items were ruled out.
        :raises PermanentError: there is no such scene, or nothing to rule out.
        """
        with self._database.write(durable=True) as db:
            scene = _scene(db, scene_id)
            if rating_key is not None and rating_key != scene["rating_key"]:
                self._rule_out(db, scene_id, rating_key)
                return 1
            rows = db.execute("select rating_key, path from candidate where scene_id = ?", (scene_id,)).fetchall()
            if rating_key is not None:
                rows = []
            items = {row["rating_key"]: row["path"] for row in rows}
            text = f"a person ruled out {counted(len(items), 'candidate')}"
            if not items and scene["rating_key"] is not None and scene["state"] != State.REVIEW:
                items = {scene["rating_key"]: scene["part_file"] or ""}
                text = f"a person ruled out item {scene['rating_key']}"
            if not items:
                raise PermanentError(
                    f"scene {scene_id} has no candidates and no item, so there is nothing to rule out; "
                    f"to have it looked at again: {SCRIPT} sync {scene_id}"
                )
            verdicts.of_waiting(db, scene_id, None)
            if not rows:
                verdicts.of_match(db, scene)
            pinned = self.settled(scene_id).pinned
            db.executemany(
                "insert or replace into veto (scene_id, rating_key, file, vetoed_at) values (?, ?, ?, ?)",
                [(scene_id, key, file, time.time()) for key, file in items.items()],
            )
            if pinned in items:
                db.execute("delete from pin where scene_id = ?", (scene_id,))
            db.execute("delete from candidate where scene_id = ?", (scene_id,))
            self._scenes.release(scene_id)
            self._scenes.set_state(scene_id, State.NOT_FOUND, Result.NOT_FOUND, error=text)
        return len(items)

    def forget(self, scene_id: int) -> int:
        """Forget what people decided of a scene; a match that rests on that goes as well.

        :returns: how many decisions there were. The scene is to be synced where there were any.
        """
        with self._database.write(durable=True) as db:
            pins = db.execute("delete from pin where scene_id = ?", (scene_id,)).rowcount
            verdicts.take_back(db, scene_id)
            vetoes = db.execute("delete from veto where scene_id = ?", (scene_id,)).rowcount
            if pins:
                self._scenes.release(scene_id)
            if pins or vetoes:
                db.execute(
                    "update scene set state = ? where scene_id = ? and state <> ?",
                    (State.PENDING, scene_id, State.GONE),
                )
        return pins + vetoes

    def _rule_out(self, db: sqlite3.Connection, scene_id: int, rating_key: int) -> None:
        """Note that an item that is not the scene's own is not to show it."""
        item = self._item(db, rating_key, scene_id)
        lines = db.execute("select scene_id from scene where rating_key = ? and scene_id < 0", (rating_key,)).fetchall()
        holding.drop_lines(db, [row[0] for row in lines if scene_of(row[0]) == scene_id])
        db.execute(
            "insert or replace into veto (scene_id, rating_key, file, vetoed_at) values (?, ?, ?, ?)",
            (scene_id, rating_key, item.file, time.time()),
        )
        verdicts.of_one(db, scene_id, rating_key)
        db.execute("delete from candidate where scene_id = ? and rating_key = ?", (scene_id, rating_key))

    def _hand_over(self, db: sqlite3.Connection, loser: int, winner: int, rating_key: int, item: IndexedPart) -> None:
        """Take an item from a scene, which may have it back when a person says so."""
        scene = db.execute("select * from scene where scene_id = ?", (loser,)).fetchone()
        if scene["rating_key"] == rating_key:
            verdicts.of_match(db, scene)
        reasons = (*json.loads(scene["reasons"]), f"a person gave it to scene {winner}")
        path, file, confidence = scene["part_file"] or item.file, scene["file"] or "", scene["confidence"] or 0
        candidate = Match(rating_key, item.section_id, confidence, reasons, item.title, path, file)
        _put_candidate(db, loser, candidate)
        db.execute("delete from pin where scene_id = ?", (loser,))
        if scene["rating_key"] == rating_key:
            self._scenes.release(loser)
        text = f"item {rating_key} was given to scene {winner} by a person"
        self._scenes.set_state(loser, State.REVIEW, Result.REVIEW, error=text)

    def _item(self, db: sqlite3.Connection, rating_key: int, scene_id: int) -> IndexedPart:
        """The file that speaks for an item: the one of the scene's candidate, else its first one."""
        parts = self._index.of_item(rating_key)
        if not parts:
            raise PermanentError(
                f"no item {rating_key} is known in the libraries in use (PLEXSYNC_PLEX_LIBRARIES): for the candidates "
                f"see: {SCRIPT} review list; an item that is new in Plex is known after: {SCRIPT} sync {scene_id}"
            )
        select = "select path from candidate where scene_id = ? and rating_key = ?"
        row = db.execute(select, (scene_id, rating_key)).fetchone()
        found = next((part for part in parts if row is None or part.file == row["path"]), None)
        if found is None:
            raise PermanentError(
                f"item {rating_key} no longer holds {row['path']}, for which it was a candidate of scene {scene_id}: "
                f"to have the scene looked at again: {SCRIPT} sync {scene_id}; then see: {SCRIPT} review list"
            )
        return found

    def _holders(self, db: sqlite3.Connection, scene_id: int, rating_key: int) -> list[int]:
        """The other scenes that have an item, or that a person gave it to."""
        files = [part.file for part in self._index.of_item(rating_key)]
        pins = db.execute(
            f"select * from pin where rating_key = ? or file in ({','.join('?' * len(files))})", [rating_key, *files]
        ).fetchall()
        pinned = [pin["scene_id"] for pin in pins if self._pinned(pin, pin["scene_id"]) == rating_key]
        rows = db.execute(
            f"select scene_id from scene where (rating_key = ? or scene_id in ({','.join('?' * len(pinned))})) "
            "and scene_id <> ? and state <> ? order by scene_id",
            [rating_key, *pinned, scene_id, State.GONE],
        )
        return [int(row["scene_id"]) for row in rows]

    def _pinned(self, pin: sqlite3.Row, scene_id: int) -> int:
        # The newest of several: it is the one that Plex made of the file when it looked again. Where there is none, a
        # rating key that no item has: the scene waits for its file.
        return max(self._meant(pin, scene_id), default=-abs(int(pin["rating_key"])))

    def _meant(self, decision: sqlite3.Row, scene_id: int) -> list[int]:
        """The items that a pin or a veto of a scene speaks of, by the rating keys they have now."""
        key = int(decision["rating_key"])
        parts = self._index.by_path(path_key(decision["file"])) if decision["file"] else []
        holders = [part.rating_key for part in parts]
        if holders:
            return [key] if key in holders else holders
        return [] if decision["file"] and self._leads_elsewhere(key, scene_id) else [key]

    def _leads_elsewhere(self, rating_key: int, scene_id: int) -> bool:
        """Whether a rating key leads to a file for which another scene has an item, or had."""
        with self._database.read() as db:
            row = db.execute(
                "select 1 from part cross join scene on scene.part_file = part.file "
                f"where part.rating_key = ? and {SCENE_OF.format('scene.scene_id')} <> ? limit 1",
                (rating_key, scene_id),
            ).fetchone()
        return row is not None


def _put_candidate(db: sqlite3.Connection, scene_id: int, one: Match, place: int = 0) -> None:
    db.execute(
        "insert or replace into candidate (scene_id, rating_key, section_id, confidence, reasons, title, path, file, "
        "hint, place) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            scene_id,
            one.rating_key,
            one.section_id,
            one.confidence,
            json.dumps(list(one.reasons)),
            one.title,
            one.path,
            one.file,
            one.hint,
            place,
        ),
    )


def _reviews(db: sqlite3.Connection, scenes: Sequence[sqlite3.Row]) -> list[Review]:
    """The reviews of some lines of the scene table."""
    if not scenes:
        return []
    candidates: dict[int, list[Match]] = {scene["scene_id"]: [] for scene in scenes}
    rows = db.execute(
        f"select * from candidate where scene_id in ({','.join('?' * len(scenes))}) "
        "order by confidence desc, place, rating_key",
        list(candidates),
    )
    for row in rows:
        reasons = tuple(json.loads(row["reasons"]))
        candidates[row["scene_id"]].append(
            Match(
                *(row["rating_key"], row["section_id"], row["confidence"], reasons, row["title"], row["path"]),
                file=row["file"],
                hint=row["hint"],
            )
        )
    return [
        Review(scene["scene_id"], scene["title"], scene["last_error"] or "", tuple(candidates[scene["scene_id"]]))
        for scene in scenes
    ]


def _scene(db: sqlite3.Connection, scene_id: int) -> sqlite3.Row:
    scene: sqlite3.Row | None = db.execute("select * from scene where scene_id = ?", (scene_id,)).fetchone()
    if scene is None:
        raise PermanentError(
            f"nothing is known of scene {scene_id}: its id is the number in its address in Stash; "
            f"if that is right, first: {SCRIPT} sync {scene_id}"
        )
    if scene["state"] == State.GONE:
        raise PermanentError(f"Stash has no scene {scene_id} any more")
    return scene
