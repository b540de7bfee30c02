"""Which scenes are at rest: synchronised, in no doubt, with nothing that waits, is left out, or was decided.

Of such a scene nothing but a change in Stash is a reason to look at it once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger.lines import BETWEEN, SCENE_OF
from plexsync.model import Field
from plexsync.storage.database import Database
from plexsync.storage.many_values import marks, portions

#: What may be known of a scene besides its line, and makes it worth a look.
_MATTERS = ("pin", "veto", "candidate", "sought", "left_out", "dead_letter")
#: A note says that a text was cut, or that something is left to a person: that may be otherwise by now.
_AT_REST = f"""
select scene_id, file, digest, updated_at, created_at, read_at from scene
where scene_id in ({{ids}}) and state = 'synced' and rating_key is not null and pushed is not null
and pushing is null and doubted_as is null and attempts = 0 and not_found = 0 and notes = '[]'
and digest is not null and updated_at is not null and read_at is not null and confidence >= ?
and exists (select 1 from part where part.rating_key = scene.rating_key and part.file = scene.part_file)
and not exists (select 1 from scene other where other.file = scene.file
    and {SCENE_OF.format("other.scene_id")} <> scene.scene_id)
and (select count(*) from picture where picture.scene_id = scene.scene_id and uploaded <> 0
     and picture.rating_key = scene.rating_key and field in ({{fields}})) = ?
"""
#: Of a scene, that its further items are at rest, too, and that no other item has its file. They are few.
_FURTHER_AT_REST = f"""
and not exists (select 1 from scene line
    where line.scene_id {BETWEEN.format("scene.scene_id")}
    and (line.state <> 'synced' or line.pushed is null or line.pushing is not null or line.doubted_as is not null
         or line.notes <> '[]' or exists (select 1 from left_out where left_out.scene_id = line.scene_id)
         or not exists (select 1 from part where part.rating_key = line.rating_key and part.file = line.part_file)
         or (select count(*) from picture where picture.scene_id = line.scene_id and uploaded <> 0
             and picture.rating_key = line.rating_key and field in ({{fields}})) <> ?))
and not exists (select 1 from part mine join part its on its.folded_path = mine.folded_path and its.file = mine.file
    where mine.rating_key = scene.rating_key and mine.file = scene.part_file and its.rating_key <> mine.rating_key
    and not exists (select 1 from scene holder where holder.rating_key = its.rating_key))
"""


@dataclass(frozen=True, slots=True)
class RestingScene:
    """How a scene stood in Stash when it was synchronised; ``read_at`` is when that was read (epoch seconds)."""

    file: str | None
    digest: str
    updated_at: str
    created_at: str | None
    read_at: float


class AtRest:
    """Tells them, many at once.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def among(
        self, scene_ids: Iterable[int], auto: int, pictures: Sequence[Field], *, all_items: bool
    ) -> dict[int, RestingScene]:
        """Those of the scenes that are at rest, by id.

        :param auto: the least confidence (0 to 100) of a match that nobody has to confirm.
        :param pictures: the fields of which the scene's item has to have a picture of ours.
        :param all_items: whether further items of a scene are written to: then they have to be at rest as well.
        """
        found: dict[int, RestingScene] = {}
        for some in portions(scene_ids):
            fields = [*pictures, len(pictures)]
            select = (_AT_REST + _FURTHER_AT_REST * all_items).format(ids=marks(some), fields=marks(list(pictures)))
            with self._database.read() as db:
                rows = db.execute(select, [*some, auto, *fields, *(fields if all_items else ())]).fetchall()
                for table in _MATTERS if rows else ():
                    known = f"select scene_id from {table} where scene_id in ({marks(some)})"
                    busy = {row[0] for row in db.execute(known, some)}
                    rows = [row for row in rows if row["scene_id"] not in busy]
            found |= {row["scene_id"]: RestingScene(*tuple(row)[1:]) for row in rows}
        return found
