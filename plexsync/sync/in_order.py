"""How an item looks, as far as it is in order: what is not, the next comparison of everything has to look at."""

from __future__ import annotations

from collections.abc import Callable, Collection

from plexsync.ledger import ItemSeen, SentPictures
from plexsync.metadata import drift
from plexsync.model import PICTURE_FIELDS, Applied, Desired, Field, Item
from plexsync.sync.picture_locks import PicturesSeen, shown

#: In place of the time of an item's last change, where something of ours in it is wrong: no item has this one.
NOT_IN_ORDER = 0


def item_seen(
    was_sent: Callable[[Field, Item], bool],
    wanted: Desired,
    applied: Applied,
    item: Item | None,
    *,
    lock: bool,
    owned: Collection[Field],
    pictures: PicturesSeen,
) -> ItemSeen | None:
    """What the ledger is to keep of how an item looks; None where it was not read.

    Synchronising a scene writes what has changed in Stash, and trusts the ledger in all else. What somebody changed in
    Plex meanwhile shows when the item is read back; were the time of that noted, nobody would look for it again.

    :param was_sent: whether a picture of ours was sent for a field of the item.
    :param wanted: what was to be written; fields that are left to a person are not in it.
    :param applied: what was applied by now.
    :param pictures: how they stood before. By the paths that are kept ours are known.
    """
    if item is None:
        return None
    odd = [field for field in PICTURE_FIELDS if not shown(field, item) or (lock and field not in item.locked)]
    odd = [field for field in odd if field not in pictures.others | pictures.unsure or not shown(field, item)]
    sent = [field for field in odd if was_sent(field, item)]
    in_order = not drift(wanted, applied, item, lock, sent=sent, ours=sent, owned=owned)
    thumb, art = (pictures.path(field, item) for field in PICTURE_FIELDS)
    return ItemSeen(item.updated_at if in_order else NOT_IN_ORDER, thumb, art)


def was_sent(pictures: SentPictures, scene_id: int, field: Field, item: Item) -> bool:
    """Whether a picture of ours was sent for a field of an item, to which it belongs still."""
    record = pictures.get(scene_id, field)
    return record is not None and record.uploaded and record.rating_key == item.rating_key
