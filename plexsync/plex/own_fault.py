"""Whether a picture, or a rating, failed by itself, or Plex with it: one bad part must not make Plex look down.

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
    WriteFailed,
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
        _ask_for(transport, rating_key)
    except ItemGone as gone:
        return gone
    except PlexSyncError as other:
        # A refusal of the picture, as every 500 to an upload looks, is none where Plex fails at all else, too.
        return other if isinstance(error, PermanentError) else error
    if isinstance(error, ItemGone):
        return PictureFailed("Plex has the item and answers 404 where its pictures should be", absent=True)
    # A proxy that finds a picture too large may say nothing at all, and not wait for its end.
    too_large = sending and error.status in (*_TOO_LARGE, None)
    if not isinstance(error, PlexUnavailable):
        return PictureFailed(str(error), refused=True, too_large=too_large)
    return PictureFailed(str(error), too_large=too_large, slow=error.slow, retry_after=error.retry_after)


def write_failure(error: PlexUnavailable, transport: Transport, rating_key: int) -> PlexSyncError:
    """The error to raise where a write to one item failed: ``WriteFailed`` where Plex is well otherwise.

    :param error: how it failed; the other parameters are those of ``picture_failure``.
    """
    if not may_be_its_own(error):
        return error
    try:
        _ask_for(transport, rating_key)
    except ItemGone as gone:
        return gone
    except PlexSyncError:
        return error
    failure = WriteFailed(str(error), error.retry_after)
    failure.status, failure.stumbled, failure.slow = error.status, error.stumbled, error.slow
    return failure


def may_be_its_own(error: PlexUnavailable) -> bool:
    """Whether a failure may be about what was written. It is not where the server tells another reason."""
    return not (isinstance(error, RateLimited | PlexStarting) or error.busy or error.retry_after is not None)


def _ask_for(transport: Transport, rating_key: int) -> None:
    answers.read_items_apart(transport.send("GET", f"/library/metadata/{rating_key}", "skipRefresh=1"))
