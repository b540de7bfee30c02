"""The task that tries again what was left out of scenes: pictures that could not be had, and what Plex refused."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from huey import crontab

from plexsync.app import App
from plexsync.inbox import event_files
from plexsync.queue.periodic import where_needed
from plexsync.queue.priorities import Priority
from plexsync.sync.left_out import SecondTries
from tasks.app import huey, runtime

log = logging.getLogger(__name__)

#: Seconds from one turn of the task to the next. What is due before that is scheduled to the moment.
TURN = 60.0


def _is_any_due() -> bool:
    return _tries(runtime()).is_any_due(TURN)


@huey.periodic_task(where_needed(crontab(), _is_any_due))
def try_left_out() -> str | None:
    """Queue all scenes of which a part is due to be tried again. Every minute in which one is.

    While Stash or Plex is away, all of them wait.

    :returns: what was done, in words; None where nothing was due.
    """
    app = runtime()
    if any(guard.state != "closed" or guard.stopped is not None for guard in (app.guard, app.stash_guard)):
        return None
    tries = _tries(app)
    queued = tries.take(_queue)
    come_back()
    if not queued:
        return None
    text = f"{queued} scenes of which something was left out are tried again"
    log.info("%s", text)
    return text


def come_back() -> None:
    """Have the next part tried to the moment, where it is due before the task's next turn."""
    at = _tries(runtime()).next_at()
    if at is not None and at < time.time() + TURN:
        try_left_out.schedule(delay=max(0.0, at - time.time()))


def _tries(app: App) -> SecondTries:
    return SecondTries(app.ledger.left_out)


def _queue(scene_ids: Sequence[int]) -> None:
    # With a time, as a retry has one: it is no event, and earlier attempts and looks go on counting.
    huey.schedule_by_name(event_files.SYNC_SCENE, [(one,) for one in scene_ids], datetime.now(UTC), Priority.LEFT_OUT)
