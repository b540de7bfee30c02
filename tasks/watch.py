"""The task that notices when Plex is no longer what it was."""

from __future__ import annotations

import logging

from huey import crontab

from plexsync.errors import AccessDenied, LibraryUnread, PlexSyncError
from tasks.app import huey, runtime

log = logging.getLogger(__name__)

#: The name under which Huey registers ``watch_plex``.
WATCH_PLEX = "watch_plex"


@huey.periodic_task(crontab())
def watch_plex() -> str | None:
    """Every minute, at the start, and when Plex is back: look whether its items are where they were.

    Two requests where nothing has changed; none while Plex is left alone or refuses us.

    :returns: what was done, in words; None for nothing.
    """
    app = runtime()
    if app.guard.state != "closed" or app.guard.stopped is not None:
        return None
    try:
        healed = app.watch.look()
    except AccessDenied as error:
        app.guard_of(error.service).stop(str(error))
        return None
    except LibraryUnread:
        # Another thread reads everything, and heals what that shows.
        return None
    except PlexSyncError as error:
        # Whoever has a scene to sync meets the same, and tells.
        log.debug("Plex could not be watched: %s", error)
        return None
    if healed is None:
        return None
    return f"{healed.moved} scenes follow their files, {healed.vanished} lost theirs, {healed.doubted} are compared"
