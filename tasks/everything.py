"""The task that looks at every scene of Stash: after the database was lost, nobody knows how any of them stands."""

from __future__ import annotations

import logging
import time

from huey.api import Task

from plexsync.app import App
from plexsync.ledger import Ledger
from plexsync.queue.priorities import Priority
from plexsync.status.everything_run import EverythingRun, keep, noted
from plexsync.sync.everything import QueuedPage, queue_page
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.policy import TaskKind, TaskRun, carry_out

log = logging.getLogger(__name__)


@huey.task(context=True, coalesce=True)
def sync_all(page: int, after: int = 0, task: Task | None = None) -> str | None:
    """Queue one page of Stash's scenes, and the next page's turn: ``sync_all(1)`` queues all.

    Work that is done is not done again after a crash: where it is stands in the queue. A page that dies half-way is
    queued once more, which costs nothing, as equal messages are one.

    :param page: from 1, as it stands in messages; where it is says ``after``.
    :param after: the last id of the page before, 0 for none.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    app = runtime()
    return carry_out(_EverythingRun(app, task), lambda: _queue_page(app, page, after))


class _Stopped(Exception):
    """A person has stopped it."""


class _EverythingRun(TaskRun[str]):
    """One page. There is no last try: nobody would ask again."""

    kind = TaskKind.EVERYTHING
    failed = "the scenes of Stash cannot be queued"

    def give_up(self, error: Exception) -> str:
        """Say how a person asks for the scenes again: asked once more as it is, Stash would say the same.

        What is left out is found when everything is compared.
        """
        self.tell(logging.ERROR, error, "when that is put right: ./huey_consumer.sh sync --all")
        return str(error)


def _queue_page(app: App, page: int, after: int) -> str:
    facts, began_at = Ledger(huey.storage.database).facts, time.time()
    run = noted(facts) if after else EverythingRun()

    def turn(queued: QueuedPage) -> None:
        now = noted(facts)
        if now is not None and now.stopped and (after or now.at >= began_at):
            raise _Stopped
        # Where it began is not known of one that an older version began.
        if run is not None and run.after == after:
            keep(facts, run, queued)
        if not queued.is_last:
            huey.enqueue(sync_all.s(page + 1, queued.last, priority=Priority.EVERYTHING))

    try:
        queued = queue_page(huey, app.stash, after, turn, app.unchanged)
    except _Stopped:
        return "it was stopped"
    same = f", {queued.unchanged} are as they were" if queued.unchanged else ""
    return f"queued {counted(queued.count - queued.unchanged, 'scene')}{same}, {queued.remaining} to go"
