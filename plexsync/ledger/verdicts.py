"""What people said of matches: which were right, which were not, and by which kinds of evidence they had been found."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.kinds import kinds_of
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks


class VerdictKind(StrEnum):
    """What a person said of a match."""

    #: It waited for a person, who said that it is right.
    ACCEPTED = "accepted"
    #: It waited for a person, who said that it is not.
    REJECTED = "rejected"
    #: It was made without anybody's leave, and a person took it back.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """How often each kind of evidence was right. Each value counts matches, by kind of evidence.

    ``said``: what people said of matches, all kinds together. ``by_kind``: the same by the kind of evidence.
    ``automatic``: matches that stand and that nobody was asked about; ``automatic_by_kind``: the same by kind.
    """

    said: Mapping[VerdictKind, int] = field(default_factory=dict)
    by_kind: Mapping[str, Mapping[VerdictKind, int]] = field(default_factory=dict)
    automatic: int = 0
    automatic_by_kind: Mapping[str, int] = field(default_factory=dict)


class Verdicts:
    """Reads what people said.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self) -> EvidenceRecord:
        """How often each kind of evidence was right. It looks at every match: a second for some 200,000."""
        said: Counter[VerdictKind] = Counter()
        by_kind: dict[str, Counter[VerdictKind]] = {}
        automatic: Counter[str] = Counter()
        count = 0
        with self._database.read() as db:
            # A newer version, before this one was put back, may have kept others.
            known = list(VerdictKind)
            for kind, kinds in db.execute(f"select kind, evidence from verdict where kind in ({marks(known)})", known):
                verdict = VerdictKind(kind)
                said[verdict] += 1
                for one in json.loads(kinds):
                    by_kind.setdefault(one, Counter())[verdict] += 1
            matched = db.execute(
                "select reasons, count(*) from scene "
                "where scene_id > 0 and state = 'synced' and rating_key is not null "
                "and not exists (select 1 from pin where pin.scene_id = scene.scene_id) group by reasons"
            )
            for reasons, number in matched:
                count += number
                for one in kinds_of(_texts(reasons)):
                    automatic[one] += number
        return EvidenceRecord(said, by_kind, count, automatic)


def note(
    db: sqlite3.Connection, scene_id: int, rating_key: int, kind: VerdictKind, confidence: int, reasons: Iterable[str]
) -> None:
    """Keep what a person said of a match. Works inside the caller's transaction.

    :param confidence: that the match had, 0 to 100.
    :param reasons: that it rested on, in words.
    """
    db.execute(
        "insert into verdict (at, scene_id, rating_key, kind, confidence, evidence) values (?, ?, ?, ?, ?, ?)",
        (time.time(), scene_id, rating_key, kind, confidence, json.dumps(kinds_of(reasons))),
    )


def take_back(db: sqlite3.Connection, scene_id: int) -> None:
    """Forget what a person said of a scene's matches. Works inside the caller's transaction."""
    db.execute("delete from verdict where scene_id = ?", (scene_id,))


def of_waiting(db: sqlite3.Connection, scene_id: int, accepted: int | None) -> None:
    """Keep what a person says of the matches of a scene that waits: the one that is right, or that the best is not.

    Works inside the caller's transaction, before the candidates are gone.

    :param accepted: the rating key of the right one; None for none of them.
    """
    rows = db.execute(
        "select rating_key, confidence, reasons from candidate where scene_id = ? order by confidence desc, place",
        (scene_id,),
    ).fetchall()
    for number, row in enumerate(rows):
        if row["rating_key"] == accepted:
            _keep(db, scene_id, row, VerdictKind.ACCEPTED)
        elif number == 0:
            _keep(db, scene_id, row, VerdictKind.REJECTED)


def of_one(db: sqlite3.Connection, scene_id: int, rating_key: int) -> None:
    """Keep that a person ruled out one of the candidates of a scene.

    Works inside the caller's transaction, before it is gone.
    """
    select = "select rating_key, confidence, reasons from candidate where scene_id = ? and rating_key = ?"
    if row := db.execute(select, (scene_id, rating_key)).fetchone():
        _keep(db, scene_id, row, VerdictKind.REJECTED)


def of_match(db: sqlite3.Connection, scene: sqlite3.Row) -> None:
    """Keep that a person took back a match that was made without anybody's leave.

    Works inside the caller's transaction, before it is gone.

    :param scene: the scene's line.
    """
    pinned = db.execute("select 1 from pin where scene_id = ?", (scene["scene_id"],)).fetchone()
    if scene["rating_key"] is not None and scene["synced_at"] is not None and pinned is None:
        _keep(db, scene["scene_id"], scene, VerdictKind.CHANGED)


def _keep(db: sqlite3.Connection, scene_id: int, match: sqlite3.Row, kind: VerdictKind) -> None:
    note(db, scene_id, match["rating_key"], kind, match["confidence"] or 0, _texts(match["reasons"]))


def _texts(reasons: str) -> list[str]:
    return [one for one in json.loads(reasons) if isinstance(one, str)]
