"""The task that looks again at scenes which lacked something when they were synced."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from huey import crontab

from plexsync.app import App
from plexsync.inbox import event_files
from plexsync.model import Field
from plexsync.queue.periodic import where_needed
from plexsync.queue.priorities import Priority
from plexsync.sync.late_checks import LateChecks
from tasks.app import huey, runtime
from tasks.policy import PeriodicRun, carry_out

log = logging.getLogger(__name__)

#: Seconds from one turn of the task to the next. What is due before that is scheduled to the moment.
TURN = 60.0


def _is_any_due() -> bool:
    return _looks(runtime()).is_any_due(TURN)


@huey.periodic_task(where_needed(crontab(), _is_any_due))
def look_again_late() -> str | None:
    """Look at all scenes whose time has come; no request where there are none.

    There is one message for all of them. It comes every minute in which something is due, so that a lost one costs a
    minute, and to the moment. While Stash is away, all of them wait.

    :returns: what was done, in words; None where nothing was due.
    """
    app = runtime()
    if app.stash_guard.stopped is not None:
        return None
    return carry_out(PeriodicRun(app, "scenes that lack something are looked at later"), lambda: _look(app))


def _look(app: App) -> str | None:
    looks = _looks(app)
    looked, queued = looks.take(_queue)
    _come_back(looks.next_at())
    if not looked:
        return None
    text = f"{queued} of {looked} scenes that lacked something are synced again"
    log.log(logging.INFO if queued else logging.DEBUG, "%s", text)
    return text


def note_synced(app: App, lacking: Mapping[int, Sequence[Field]], *, fresh: bool) -> None:
    """Note what scenes lack that were just synced, and plan to look again.

    :param app: what synced them.
    :param lacking: what each of them lacks.
    :param fresh: an event asked for the sync; not a retry, and not a look.
    """
    _come_back(_looks(app).synced(lacking, fresh=fresh))


def _looks(app: App) -> LateChecks:
    return LateChecks(app.ledger, app.stash, app.rules, app.settings.late_polls)


def _come_back(at: float | None) -> None:
    if at is not None and at < time.time() + TURN:
        look_again_late.schedule(delay=max(0.0, at - time.time()))


def _queue(scene_ids: Sequence[int]) -> None:
    # With a time, as a retry has one: it is no event, and earlier attempts and looks go on counting.
    huey.schedule_by_name(event_files.SYNC_SCENE, [(one,) for one in scene_ids], datetime.now(UTC), Priority.FOLLOW_UP)
