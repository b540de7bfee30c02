"""Locks of pictures: which of ours an agent's refresh may replace, and what this Plex does of itself.

Most servers are believed to lock a picture as it is uploaded. Where one is found that does not, the lock goes along
with the next edit of the item, or has one of its own right after the upload.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace

from plexsync.errors import PictureFailed
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import ItemSeen, Ledger, PictureRecord, SceneRecord
from plexsync.model import Desired, Field, Item
from plexsync.plex import PlexClient
from plexsync.plex.traits import Trait

log = logging.getLogger(__name__)

#: What is known of a server: whether an upload locks its picture, or an edit has to.
BY_UPLOAD, BY_EDIT = "by upload", "by edit"
#: Of so many items it was seen before it is taken for the server's way: of one a person may just have taken the lock.
SURELY = 2


@dataclass(frozen=True, slots=True)
class PicturesSeen:
    """How the pictures stand that were sent to an item, as it was read before anything is written.

    ``unlocked``: ours, shown without a lock. ``others``: known not to be ours. ``unsure``: shown under another path
    than when ours were seen there last, which any edit may have moved. ``before``: those paths.
    """

    unlocked: frozenset[Field] = frozenset()
    others: frozenset[Field] = frozenset()
    unsure: frozenset[Field] = frozenset()
    before: ItemSeen | None = None

    def having_sent(self, fields: Collection[Field]) -> PicturesSeen:
        """The same after these pictures were brought to the item: that they are ours is known."""
        return replace(self, others=self.others.difference(fields), unsure=self.unsure.difference(fields))

    def path(self, field: Field, item: Item) -> str | None:
        """The path under which an item is known to show our picture, to be kept; None where it shows another one.

        :param item: as it was read last.
        """
        if field in self.unsure:
            return path_before(field, self.before)
        return None if field in self.others else shown(field, item)


def shown(field: Field, item: Item) -> str | None:
    """The path of the picture that an item shows."""
    return item.picture(field)


def path_before(field: Field, seen: ItemSeen | None) -> str | None:
    """The path under which an item was seen to show our picture last."""
    return None if seen is None else seen.thumb if field is Field.POSTER else seen.art


class PictureLocks:
    """Finds pictures without a lock. Safe to share between threads.

    :param ledger: which pictures were sent.
    :param plex: asked for what an item shows, where that is not known.
    :param lock: whether what we write is locked at all.
    """

    def __init__(self, ledger: Ledger, plex: PlexClient, *, lock: bool) -> None:
        self._ledger = ledger
        self._plex = plex
        self._lock = lock
        self._guard = threading.Lock()
        self._seen: dict[str, set[int]] = {}

    def look(
        self,
        scene_id: int,
        item: Item,
        wanted: Desired,
        record: SceneRecord | None,
        sent_before: Mapping[str, PictureRecord] | None = None,
        *,
        theirs: Collection[Field] = (),
        ours: Collection[Field] = (),
        ask: bool = True,
    ) -> PicturesSeen:
        """How the pictures stand that were sent to an item.

        No request is made but for one without a lock that is shown under another path than before: is it ours?

        :param wanted: only pictures in there are looked at.
        :param record: what the ledger knows of the scene; ``sent_before`` the pictures it was sent, None to read that.
        :param theirs: pictures that are known to be a person's; ``ours``: to be ours, whatever the path.
        :param ask: False makes no request.
        :raises PlexSyncError: Plex could not be asked.
        """
        before = record.item if record and record.rating_key == item.rating_key else None
        found: dict[str, set[Field]] = {"unlocked": set(), "others": set(), "unsure": set()}
        known = self._ledger.sent_pictures.many([scene_id])[scene_id] if sent_before is None else sent_before
        for field in wanted.pictures:
            path = shown(field, item)
            sent = known.get(field) if path else None
            if sent is None or not sent.uploaded or sent.rating_key != item.rating_key:
                continue
            is_open = self._lock and field not in item.locked
            if field in theirs:
                found["others"].add(field)
            elif field in ours or path == path_before(field, before):
                if is_open:
                    found["unlocked"].add(field)
            elif is_open and ask:
                is_ours = self._shows(item.rating_key, field, sent.sent_sha1)
                found["unlocked" if is_ours else "others"].add(field)
            else:
                found["unsure"].add(field)
        unlocked, others, unsure = map(frozenset, found.values())
        return PicturesSeen(unlocked, others, unsure, before)

    def still_missing(
        self, item: Item, before: Item | None, sent: Collection[Field], uploaded: Collection[Field]
    ) -> frozenset[Field]:
        """Which of the pictures that were brought to an item just now lack their lock. Tells by it what this Plex does.

        :param item: as it was read after that; ``before``: as it was read before, where it was.
        :param sent: the pictures of ours that it is to show; ``uploaded``: those of them that were not there before.
        """
        if not self._lock:
            return frozenset()
        unlocked = frozenset(one for one in sent if shown(one, item) and one not in item.locked)
        if unlocked.intersection(uploaded):
            self._learn(item.rating_key, BY_EDIT)
        elif before is not None and (item.locked - before.locked).intersection(uploaded):
            self._learn(item.rating_key, BY_UPLOAD)
        return unlocked

    def to_be_sent(self, item: Item | None, sent: Collection[Field]) -> frozenset[Field]:
        """The locks that have to be written after an upload, where it is known of this Plex that they have to.

        :param item: as it was before the upload.
        :param sent: the pictures that were uploaded.
        """
        if not self._lock or item is None or self._plex.traits.peek(Trait.PICTURE_LOCKS) != BY_EDIT:
            return frozenset()
        return frozenset(sent) - item.locked

    def _learn(self, rating_key: int, way: str) -> None:
        if self._plex.traits.peek(Trait.PICTURE_LOCKS) is not None:
            return
        with self._guard:
            items = self._seen.setdefault(way, set())
            items.add(rating_key)
            is_sure = len(items) >= SURELY and len(self._seen) == 1
        if is_sure and self._plex.traits.put(Trait.PICTURE_LOCKS, way) and way == BY_EDIT:
            log.info("this Plex does not lock a picture that is uploaded: PlexSync locks it with an edit")

    def _shows(self, rating_key: int, field: Field, sha1: str) -> bool:
        try:
            return bool(self._plex.shows_picture(rating_key, field, sha1))
        except PictureFailed:
            return False
