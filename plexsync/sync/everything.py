"""Every scene of Stash into the queue, page by page, behind whatever people do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey
from plexsync.queue.priorities import Priority

if TYPE_CHECKING:
    from plexsync.stash import StashClient

#: Scenes asked for in one page of ids, and queued in one transaction.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class QueuedPage:
    """A page of scenes: how many, the last one's id, how many come after, and whether none do.

    ``unchanged`` of them were not queued, as they are as they were when they were synchronised.
    """

    count: int
    last: int
    remaining: int
    is_last: bool
    unchanged: int = 0


def queue_page(
    huey: PlexSyncHuey,
    stash: StashClient,
    after: int,
    note: Callable[[QueuedPage], object],
    unchanged: Callable[[Sequence[int]], Collection[int]] = lambda _scene_ids: (),
) -> QueuedPage:
    """Queue the next page of scenes.

    Pages are found by id, so that scenes that are destroyed meanwhile move no other one.

    :param after: the last id of the page before, 0 for none.
    :param note: notes how far it is, in the transaction that queues the page: both are kept, or neither.
    :param unchanged: tells the scenes that need not be queued.
    :raises PlexSyncError: Stash cannot be asked; nothing was queued.
    :raises sqlite3.Error: the queue cannot be written; nothing was queued.
    """
    ids, larger = stash.scene_ids_after(after, PAGE)
    same = set(unchanged(ids))
    page = QueuedPage(len(ids), ids[-1] if ids else after, larger - len(ids), len(ids) < PAGE, len(same))
    with huey.storage.database.write(durable=True):
        huey.enqueue_by_name(event_files.SYNC_SCENE, ((one,) for one in ids if one not in same), Priority.EVERYTHING)
        note(page)
    return page
