"""The lines of further items: what is known of each item that a scene has besides its own.

A scene may have several items: its files are items of their own in Plex (2160p and 1080p), or one file lies in two
libraries. Table ``scene`` has a line for each scene, under the scene's id, with the item that is the scene's own. For
each further item there is one more line, under a negative id that is worked out from the scene's. So what was applied
to an item, what is intended, its pictures and what is left out are kept for each item by itself, an item belongs to
one line at most, and lines follow their files when Plex's keys change. Whoever lists or counts scenes looks at
positive ids alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plexsync.ledger import holding
from plexsync.ledger.lines import BETWEEN, LARGEST, MOST, SCENE_OF, bounds, line_of, scene_of
from plexsync.matching.lookup import LEAST_BYTES, Match
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions


class FurtherLine(NamedTuple):
    """The line of a further item.

    ``id``: the line's own. ``file`` is the scene's file for which it has the item, ``part_file`` the one in Plex.
    """

    id: int
    state: str
    rating_key: int | None
    section_id: int | None
    confidence: int | None
    file: str | None
    part_file: str | None

    @property
    def scene_id(self) -> int:
        """The scene whose further item it is."""
        return scene_of(self.id)


_LINES = (
    "select scene_id, state, rating_key, section_id, confidence, file, part_file from scene "
    "where scene_id between ? and ? order by scene_id desc"
)


class FurtherItems:
    """Reads and writes which further items scenes have.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, scene_id: int) -> list[FurtherLine]:
        """The lines of a scene's further items, the first one first; none as a rule."""
        with self._database.read() as db:
            return [FurtherLine._make(row) for row in db.execute(_LINES, bounds(scene_id))]

    def having(self, scene_ids: Iterable[int]) -> set[int]:
        """Those of the scenes that have further items."""
        found: set[int] = set()
        for some in portions(scene_ids):
            with self._database.read() as db:
                rows = db.execute(
                    f"select scene_id from scene where scene_id in ({marks(some)}) and exists (select 1 from scene "
                    f"as line where line.scene_id {BETWEEN.format('scene.scene_id')})",
                    some,
                )
                found.update(row[0] for row in rows)
        return found

    def count(self) -> int:
        """How many further items there are in all."""
        with self._database.read() as db:
            return int(db.execute("select count(*) from scene where scene_id < 0").fetchone()[0])

    def assign(self, scene_id: int, matches: Sequence[Match]) -> list[tuple[int, Match]]:
        """The lines of these items, in their order; lines of others are dropped.

        An item that has a line keeps it, also where Plex has given it another key. Nothing is noted of those that are
        new: ``SceneLedger.matched`` does that.

        :returns: the id of a line for each match, ``lines.MOST`` at most.
        """
        if scene_id > LARGEST:
            return []
        matches = matches[:MOST]
        left = {one.id: one for one in self.of(scene_id)}
        if not left:
            return [(line_of(scene_id, number), one) for number, one in enumerate(matches, start=1)]
        found: dict[int, int] = {}
        for match in matches:
            by_key = next((one.id for one in left.values() if one.rating_key == match.rating_key), None)
            if by_key is not None:
                found[match.rating_key] = by_key
                del left[by_key]
        for match in matches:
            by_file = next((one.id for one in left.values() if one.part_file == match.path), None)
            if match.rating_key not in found and by_file is not None:
                found[match.rating_key] = by_file
                del left[by_file]
        self.drop(left)
        ids = {line_of(scene_id, number) for number in range(1, MOST + 1)}.difference(found.values())
        # Those that were dropped just now come last.
        free = iter(sorted(ids, key=lambda one: (one in left, -one)))
        return [(found[one.rating_key] if one.rating_key in found else next(free), one) for one in matches]

    def drop(self, line_ids: Iterable[int]) -> None:
        """Note that further items are no longer their scenes'. What stands in Plex stays there."""
        if lines := list(line_ids):
            with self._database.write() as db:
                holding.drop_lines(db, lines)

    def unwritten(self, rating_keys: Iterable[int]) -> dict[int, int]:
        """Items that no scene has, and that hold the file of a synced one, or a copy of it: their keys and the scenes.

        A copy is what has the file's name, size and length. What a person has ruled out is not among them.
        """
        found: dict[int, int] = {}
        for some in portions(rating_keys):
            with self._database.read() as db:
                rows = db.execute(_UNWRITTEN.format(keys=marks(some)), some)
                found |= {row[0]: row[1] for row in rows}
        return found


#: One length is another's, in milliseconds, as ``weights.SAME_DURATION`` has it in seconds.
_SAME_LENGTH_MS = 500
_UNWRITTEN = f"""
select part.rating_key, {SCENE_OF.format("scene.scene_id")} as scene_id from part
cross join part as its on its.size = part.size and its.stem = part.stem and its.rating_key <> part.rating_key
join scene on scene.rating_key = its.rating_key and scene.part_file = its.file
where part.rating_key in ({{keys}}) and scene.state = 'synced' and part.size >= {LEAST_BYTES}
and (its.folded_path = part.folded_path or abs(its.duration_ms - part.duration_ms) <= {_SAME_LENGTH_MS})
and not exists (select 1 from scene as holder where holder.rating_key = part.rating_key)
and not exists (select 1 from veto
    where veto.scene_id = {SCENE_OF.format("scene.scene_id")} and veto.rating_key = part.rating_key)
and not exists (select 1 from pin where pin.rating_key = part.rating_key)
"""


def note_copies(db: sqlite3.Connection, sizes: Iterable[int | None]) -> set[int]:
    """Note the scenes whose item has a file like one that is new in Plex: it may be a copy, or in another library.

    Works inside the caller's transaction.

    :param sizes: of the files that are new, in bytes; None where it is not known.
    :returns: the scenes' ids. They stay noted until they are queued.
    """
    known = sorted({size for size in sizes if size and size >= LEAST_BYTES})
    if not known or db.execute("select 1 from scene where rating_key is not null limit 1").fetchone() is None:
        return set()
    found: set[int] = set()
    for some in portions(known):
        rows = db.execute(
            f"select {SCENE_OF.format('scene.scene_id')} from part "
            "cross join scene on scene.rating_key = part.rating_key "
            f"where part.size in ({marks(some)}) and scene.part_file = part.file and exists "
            "(select 1 from part as other where other.size = part.size and other.stem = part.stem "
            "and other.rating_key <> part.rating_key and not exists "
            "(select 1 from scene as holder where holder.rating_key = other.rating_key))",
            some,
        )
        found.update(row[0] for row in rows)
    db.executemany("insert or ignore into moved values (?)", [(one,) for one in sorted(found)])
    return found


def scenes_of(ids: Iterable[int]) -> list[int]:
    """The scenes whose lines these are, each once, in their order."""
    return list(dict.fromkeys(map(scene_of, ids)))
