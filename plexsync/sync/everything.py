"""Every scene of Stash into the queue, page by page, behind whatever people do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey
from plexsync.queue.priorities import Priority
from plexsync.stash import StashClient

#: Scenes asked for in one page of ids, and queued in one transaction.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class QueuedPage:
    """A page of scenes that was queued: how many, the last one's id, how many come after, and whether none do."""

    count: int
    last: int
    remaining: int
    is_last: bool


def queue_page(huey: PlexSyncHuey, stash: StashClient, after: int, note: Callable[[QueuedPage], object]) -> QueuedPage:
    """Queue the next page of scenes.

    Pages are found by id, so that scenes that are destroyed meanwhile move no other one.

    :param after: the last id of the page before, 0 for none.
    :param note: notes how far it is, in the transaction that queues the page: both are kept, or neither.
    :raises PlexSyncError: Stash cannot be asked; nothing was queued.
    :raises sqlite3.Error: the queue cannot be written; nothing was queued.
    """
    ids, larger = stash.scene_ids_after(after, PAGE)
    page = QueuedPage(len(ids), ids[-1] if ids else after, larger - len(ids), len(ids) < PAGE)
    with huey.storage.database.write(durable=True):
        huey.enqueue_by_name(event_files.SYNC_SCENE, ((scene_id,) for scene_id in ids), Priority.EVERYTHING)
        note(page)
    return page
