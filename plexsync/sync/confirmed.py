"""What is recorded of a scene once its item is confirmed: Plex shows what it should, however that came about."""

from __future__ import annotations

from functools import partial

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Confirmation, Ledger, Result
from plexsync.metadata import Rules, after, cut_notes, digest, fingerprint, spelling_notes, to_json
from plexsync.model import Applied, Desired, Edit, Field, Item, Scene
from plexsync.sync.holders import put_right
from plexsync.sync.in_order import item_seen, was_sent
from plexsync.sync.picture_locks import PicturesSeen


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One scene's item, read back and found right, or never in need of a write.

    ``wanted`` is what Plex should show, ``writes`` what of it was ours to write, ``applied`` what was
    applied before ``edit``. ``item`` is the item as read, None where it was not; ``intended`` the ledger's by then.
    ``read_at`` is when the scene was read from Stash (epoch seconds), None to leave what is noted.
    """

    scene: Scene
    rating_key: int
    wanted: Desired
    writes: Desired
    applied: Applied
    edit: Edit
    item: Item | None
    intended: str | None
    read_at: float | None
    #: How the item's pictures stood before.
    pictures: PicturesSeen


def confirm(
    ledger: Ledger, rules: Rules, one: Confirmed, result: Result, *, lock: bool, whole: bool = True
) -> list[int]:
    """Note it.

    :param lock: whether what we write is locked.
    :param whole: whether the scene is done with that; where not, it has further items.
    :returns: the scenes to look at again: none, unless a person has given the item to another scene meanwhile.
    """
    applied = after(one.applied, one.edit, one.writes, one.item)
    sent = partial(was_sent, ledger.sent_pictures, one.scene.id)
    seen = item_seen(sent, one.writes, applied, one.item, lock=lock, owned=rules.owned, pictures=one.pictures)
    confirmation = Confirmation(
        title=one.wanted.texts.get(Field.TITLE, one.scene.title),
        applied=to_json(applied),
        fingerprint=fingerprint(one.wanted),
        notes=(*one.writes.notes, *spelling_notes(applied), *cut_notes(applied, one.wanted)),
        read_at=one.read_at,
        result=result,
        intended=one.intended,
        updated_at=one.scene.updated_at,
        created_at=one.scene.created_at,
        digest=digest(one.scene, rules),
        parts=parts_of(one.scene),
        item=seen,
    )
    is_ours = ledger.scenes.confirm_write(one.scene.id, one.rating_key, confirmation, whole=whole)
    return [] if is_ours else put_right(ledger, one.scene.id, one.rating_key, one.edit)


def parts_of(scene: Scene) -> list[tuple[str, int]]:
    """Kind and id of the studio, performers, tags and groups of a scene."""
    return [
        *([("studio", scene.studio_id)] if scene.studio_id is not None else []),
        *(("performer", one.id) for one in scene.performers),
        *(("tag", one) for one in scene.tag_ids),
        *(("group", one) for one in scene.group_ids),
    ]
