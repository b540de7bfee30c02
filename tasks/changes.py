"""The task that asks Stash for changes of which no hook told."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from huey import crontab

from plexsync.app import App
from plexsync.errors import CircuitOpen
from plexsync.inbox import event_files
from plexsync.installation import unannounced
from plexsync.ledger import Facts
from plexsync.queue.periodic import where_needed
from plexsync.queue.priorities import Priority
from plexsync.stash import EntityKind
from plexsync.sync.changes import ChangesPoll
from tasks.app import huey, runtime
from tasks.policy import PeriodicRun, carry_out

log = logging.getLogger(__name__)

#: Seconds from one turn of the task to the next; polls that are due in between are scheduled to the moment.
TURN = 60.0
#: A poll is taken for punctual within this share of the interval, and these seconds: turns are no better than that.
PUNCTUAL_SHARE, PUNCTUAL_LIMIT = 0.1, 1.0
#: Name of the fact that holds when the last poll was due (epoch seconds).
POLLED_AT = "changes_polled_at"


class OutageTold:
    """Whether it was said that Stash cannot be asked: once per outage is enough."""

    def __init__(self) -> None:
        self.told = False

    def worked(self) -> None:
        """It was asked, and has answered: the next outage is news."""
        self.told = False


class _ChangesRun(PeriodicRun[str]):
    """One poll."""

    def skip(self, error: Exception) -> None:
        # Of an open breaker the log knows.
        level = logging.DEBUG if outage_told.told or isinstance(error, CircuitOpen) else logging.WARNING
        outage_told.told = True
        self.tell(level, error, "they are found when it can be")


#: Of the outage of this process's Stash, as the poll has met it.
outage_told = OutageTold()


def _is_poll_due() -> bool:
    """Whether a turn of the minute is a poll; where one is due before the next turn, it is scheduled for then."""
    app, now = runtime(), time.time()
    if app.stash_guard.stopped is not None:
        return False
    due, leeway = _due(app, now)
    if due <= now + leeway:
        return True
    _come_back(due - now)
    return False


@huey.periodic_task(where_needed(crontab(), _is_poll_due))
def poll_changes() -> str | None:
    """Ask Stash what was changed, once in each ``poll_interval``, and queue what differs.

    Every minute, whatever became of its last turn, it is queued, or scheduled where a poll is due before the next one.
    Equal messages are one, so there is never more than one chain. When the last poll was stands in the database: a
    start is no reason for another.

    :returns: what was done, in words; None where nothing was due, or nothing found.
    """
    app = runtime()
    if app.stash_guard.stopped is not None:
        return None
    now, interval = time.time(), app.settings.poll_interval
    due, leeway = _due(app, now)
    if due > now + leeway:
        _come_back(due - now)
        return None
    # Counted from when it was due, polls keep their interval though each is a little late.
    at = due if due > now - leeway else now
    app.ledger.facts.put(POLLED_AT, repr(at))
    _come_back(at + interval - now)
    return carry_out(_ChangesRun(app, "Stash cannot be asked for changes"), lambda: _poll(app))


def _due(app: App, now: float) -> tuple[float, float]:
    """When the next poll is due, and the seconds by which one may come earlier."""
    interval = app.settings.poll_interval
    return _due_at(app.ledger.facts, now, interval), min(PUNCTUAL_LIMIT, interval * PUNCTUAL_SHARE)


def _due_at(facts: Facts, now: float, interval: float) -> float:
    try:
        last = float(facts.get(POLLED_AT) or "-inf")
    except ValueError:
        return now
    # One that is to come was noted before the clock was set back.
    return last + interval if last <= now + PUNCTUAL_LIMIT else now


def _come_back(delay: float) -> None:
    if delay < TURN - PUNCTUAL_LIMIT:
        poll_changes.schedule(delay=max(delay, 0.0))


def _poll(app: App) -> str | None:
    only_organized = app.settings.only_organized
    found = ChangesPoll(
        app.ledger, app.stash, app.rules, _queue_scenes, _queue_parts, only_organized=only_organized
    ).poll()
    outage_told.worked()
    unannounced.note(app.ledger.facts, found.stamps, huey.hook_called_at())
    if not found.listed and not found.parts:
        return None
    text = (
        f"of {found.listed} changes in Stash {found.scenes} scenes are synced, "
        f"and the scenes of {found.parts} performers, studios, tags and groups are looked at"
    )
    log.log(logging.INFO if found.scenes else logging.DEBUG, "%s", text)
    return text


def _queue_scenes(scene_ids: Sequence[int]) -> None:
    huey.enqueue_by_name(event_files.SYNC_SCENE, [(one,) for one in scene_ids], Priority.FOLLOW_UP)


def _queue_parts(kind: EntityKind, ids: Sequence[int]) -> None:
    # One each, as the hooks' messages are: those that wait already are one with them.
    huey.enqueue_by_name(event_files.SYNC_RELATED, [(kind, one) for one in ids], Priority.FOLLOW_UP)
