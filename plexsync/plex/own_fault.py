"""Whether a picture failed by itself, or Plex with it: one bad picture must not make Plex look as if it were down.

Plex answers 500 to a picture that is too large, a proxy 413 or nothing at all, and an item whose list of pictures
cannot be had is there all the same. So it is asked for the item. Only where that fails, too, it is Plex that fails, or
the item that is gone.
"""

from __future__ import annotations

from plexsync.errors import (
    AccessDenied,
    ItemGone,
    PermanentError,
    PictureFailed,
    PlexStarting,
    PlexSyncError,
    PlexUnavailable,
)
from plexsync.plex import answers
from plexsync.plex.refusals import RateLimited
from plexsync.plex.transport import Transport

#: Statuses of an upload after which a smaller picture may be taken: Plex says 500, a proxy 413.
_TOO_LARGE = (413, 500)


def picture_failure(
    error: PlexSyncError, transport: Transport, rating_key: int, *, sending: bool, writes_work: bool
) -> PlexSyncError:
    """The error to raise where a request about an item's pictures failed.

    :param error: how it failed.
    :param transport: asked for the item. What comes of that is for the caller's guard to learn from.
    :param rating_key: of the item.
    :param sending: the request brought a picture.
    :param writes_work: Plex took other writes with the same token: what it forbids is this picture, then.
    :returns: ``PictureFailed`` where Plex is well otherwise and has the item; else what is the matter.
    """
    if isinstance(error, RateLimited | PlexStarting | PictureFailed):
        return error
    if isinstance(error, AccessDenied):
        if error.status == 403 and writes_work:
            return PictureFailed("Plex, or a proxy in front of it, forbids it (403)", refused=True)
        return error
    if not isinstance(error, PermanentError | PlexUnavailable):
        return error
    try:
        answers.read_items_apart(transport.send("GET", f"/library/metadata/{rating_key}", "skipRefresh=1"))
    except ItemGone as gone:
        return gone
    except PlexSyncError:
        return error
    if isinstance(error, ItemGone):
        return PictureFailed("Plex has the item and answers 404 where its pictures should be", absent=True)
    # A proxy that finds a picture too large may say nothing at all, and not wait for its end.
    too_large = sending and error.status in (*_TOO_LARGE, None)
    if not isinstance(error, PlexUnavailable):
        return PictureFailed(str(error), refused=True, too_large=too_large)
    return PictureFailed(str(error), too_large=too_large, slow=error.slow, retry_after=error.retry_after)
