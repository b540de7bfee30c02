"""The tasks that compare everything once a day, and queue what differs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from huey import crontab
from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.app import App
from plexsync.inbox import event_files
from plexsync.ledger import Facts
from plexsync.queue.periodic import where_needed
from plexsync.queue.priorities import Priority
from plexsync.reconcile import AlreadyRunning, Phase, ReconcileRun, Runs, exclusive
from plexsync.reconcile.reconciler import Reconciler
from plexsync.sync.batches import BATCH
from tasks.app import huey, runtime
from tasks.batch import sync_together
from tasks.policy import TaskKind, TaskRun, carry_out
from tasks.scenes import sync_scene

log = logging.getLogger(__name__)

#: The name under which Huey registers ``reconcile_on``.
RECONCILE_ON = "reconcile_on"
#: So few scenes that changed are not worth looking whether they need the same write.
FEW = 3
#: Seconds that one message goes on for; then it hands over to the next one, behind what else waits.
TURN = 2.0
#: Seconds after the set time in which it begins although the last one is less than a day ago.
PUNCTUAL = 600.0
DAY = 24 * 3600.0
#: Seconds until a comparison goes on that another process is just making.
RETRY = 60.0
#: Name of the fact that tells when this was looked at first: nothing was compared by then.
SINCE = "reconcile_since"


class HueyQueue:
    """Queues scenes on behalf of the comparison."""

    def absent(self, scene_ids: Sequence[int]) -> list[int]:
        """Those of the scenes that are not in the queue at all, and not written to together with others now."""
        at_work = {scene_id for some in huey.claimed_arguments(event_files.SYNC_TOGETHER) for scene_id in some}
        missing = (scene_id for scene_id in scene_ids if huey.whereabouts(sync_scene.s(scene_id)) is None)
        return [scene_id for scene_id in missing if scene_id not in at_work]

    def sync(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes, with all their tries."""
        huey.enqueue_many((sync_scene.s(scene_id) for scene_id in scene_ids), priority=Priority.EVERYTHING)

    def together(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes that may need the same write."""
        if len(scene_ids) < FEW:
            self.sync(scene_ids)
            return
        batches = [scene_ids[start : start + BATCH] for start in range(0, len(scene_ids), BATCH)]
        huey.enqueue_many((sync_together.s(*batch) for batch in batches), priority=Priority.EVERYTHING)

    def look(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes for one try."""
        # With a time, as a retry has one: it is no event, and the tries that were used up stay so.
        huey.schedule_by_name(
            event_files.SYNC_SCENE, [(one,) for one in scene_ids], datetime.now(UTC), Priority.EVERYTHING
        )


def due_now() -> float | None:
    """The moment whose comparison is to begin now; None where none is. Asked every minute; no request to anybody."""
    app = runtime()
    if app.settings.reconcile == "off":
        return None
    now = time.time()
    moment = latest_moment(app.settings.reconcile, now)
    return moment if is_due(moment, now, _last_start(app.ledger.facts, now)) else None


@huey.periodic_task(where_needed(crontab(), lambda: due_now() is not None))
def reconcile_daily() -> None:
    """Compare everything, when it is time to."""
    moment = due_now()
    if moment is not None:
        huey.enqueue(reconcile_on.s(int(moment), priority=Priority.EVERYTHING))


@huey.task(context=True, exclusive=True)
def reconcile_on(run_id: int, full: bool = False, task: Task | None = None) -> str | None:
    """Compare everything, some pages per message: ``reconcile_on(int(time.time()))`` begins.

    How far it is stands in the database, so nothing is lost by a crash.

    :param run_id: of the run, larger than that of any before.
    :param full: trust no digest and no listing.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    app = runtime()
    return carry_out(_ComparisonRun(app, task), lambda: _take_turn(app, run_id, full=full))


class _ComparisonRun(TaskRun[str]):
    """One turn of a comparison. Where it stopped it goes on."""

    kind = TaskKind.COMPARISON
    failed = "comparing everything stopped"

    def give_up(self, error: Exception) -> str:
        """Abandon the comparison: the next one is tried at the set time."""
        runs = Runs(self.app.ledger.facts)
        current = runs.current()
        if current is not None:
            runs.abandon(current)
        self.tell(logging.ERROR, error, "the next one is tried at the set time")
        return str(error)


def latest_moment(time_of_day: str, now: float) -> float:
    """When it was this time last, by the clock on the wall here (epoch seconds).

    :param time_of_day: ``HH:MM``.
    :param now: epoch seconds.
    """
    hour, minute = map(int, time_of_day.split(":"))
    # Without a zone it is the machine's, and of an hour that comes twice in autumn the first.
    today = datetime.fromtimestamp(now).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    moment = today.timestamp()
    return moment if moment <= now else (today - timedelta(days=1)).timestamp()


def is_due(moment: float, now: float, last: float) -> bool:
    """Whether to compare everything now: it is time, or nobody was there when it was, and the last one is a day ago.

    :param moment: when it was time last.
    :param last: when the last one began, all in epoch seconds. One that began in time to come, by a clock that was
        wrong, is taken for none.
    """
    if not moment - DAY * 2 < last <= now:
        last = moment - DAY * 2
    return last < moment and (now - moment < PUNCTUAL or now - last > DAY)


def _last_start(facts: Facts, now: float) -> float:
    """When everything was compared last, or could have been for the first time."""
    last = Runs(facts).latest_start()
    if last is not None:
        return last
    since = facts.get(SINCE)
    if since is None:
        facts.put(SINCE, repr(now))
        return now
    return float(since)


def _take_turn(app: App, run_id: int, *, full: bool) -> str:
    try:
        with exclusive(app.ledger.database.path.parent):
            return _go_on(app, run_id, full=full)
    except AlreadyRunning as error:
        raise RetryTask(delay=RETRY) from error


def _go_on(app: App, run_id: int, *, full: bool) -> str:
    runs = Runs(app.ledger.facts)
    newest = runs.current() or runs.last()
    if runs.is_cancelled(run_id):
        if newest is not None and newest.id <= run_id and newest.phase is not Phase.DONE:
            runs.abandon(newest)
        return "the comparison was stopped"
    if newest is not None and (newest.id > run_id or (newest.id == run_id and newest.phase is Phase.DONE)):
        return "everything is compared since, or is being compared"
    until = time.monotonic() + TURN
    run: ReconcileRun = runs.begin(run_id, full=full)
    for further in Reconciler(app, HueyQueue(), pause=lambda: time.monotonic() >= until).pages(run):
        run = further
    if run.phase is not Phase.DONE:
        huey.enqueue(reconcile_on.s(run_id, *([True] if full else []), priority=Priority.EVERYTHING))
    return run.text()
