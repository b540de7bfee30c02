"""The task that notices when Plex is no longer what it was."""

from __future__ import annotations

import logging

from huey import crontab

from plexsync.app import App
from tasks.app import huey, runtime
from tasks.policy import PeriodicRun, carry_out

log = logging.getLogger(__name__)

#: The name under which Huey registers ``watch_plex``.
WATCH_PLEX = "watch_plex"


@huey.periodic_task(crontab())
def watch_plex() -> str | None:
    """Every minute, at the start, and when Plex is back: look whether its items are where they were.

    Two requests where nothing has changed; none while its circuit is open or access is denied.

    :returns: what was done, in words; None for nothing.
    """
    app = runtime()
    if app.guard.state != "closed" or app.guard.stopped is not None:
        return None
    return carry_out(PeriodicRun(app, "Plex could not be watched"), lambda: _look(app))


def _look(app: App) -> str | None:
    healed = app.watch.look()
    if healed is None:
        return None
    return f"{healed.moved} scenes follow their files, {healed.vanished} lost theirs, {healed.doubted} are compared"
