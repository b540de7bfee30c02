"""``sync --all``: every scene of Stash into the queue, behind whatever people do meanwhile, and on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from plexsync.cli import show
from plexsync.ledger import Ledger
from plexsync.queue import PlexSyncHuey
from plexsync.queue.priorities import Priority
from plexsync.status.everything_run import FACT, GOES_ON_FOR, EverythingRun, keep, noted
from plexsync.sync.everything import QueuedPage, queue_page

if TYPE_CHECKING:
    from plexsync.stash import StashClient


class Everything:
    """Queues all scenes, page by page; each page and the note of it are one transaction.

    So whatever kills it, the next run goes on where it was.

    :param ledger: where the position is noted.
    :param huey: the queue, in the same file.
    """

    def __init__(self, ledger: Ledger, huey: PlexSyncHuey) -> None:
        self._ledger = ledger
        self._huey = huey

    def earlier(self) -> EverythingRun | None:
        """The run to go on with, if there is one: half queued, or queued and not done."""
        run = noted(self._ledger.facts)
        if run is None or run.stopped or not 0 <= run.age < GOES_ON_FOR:
            return None
        if run.complete and not self.waiting():
            return None
        return run

    def waiting(self) -> int:
        """How many messages of such a run wait or are worked on."""
        backlog = self._huey.backlog(Priority.EVERYTHING)
        return backlog.pending + backlog.in_progress

    def queue(
        self,
        stash: StashClient,
        run: EverythingRun,
        unchanged: Callable[[Sequence[int]], Collection[int]] = lambda _scene_ids: (),
    ) -> EverythingRun:
        """Queue what a run has not queued yet.

        :param unchanged: tells the scenes that need not be queued.
        :returns: the complete run.
        :raises PlexSyncError: Stash cannot be asked; what was queued until then is noted.
        """
        progress: show.Progress | None = None
        while not run.complete:
            before = run.queued
            run, remaining = self._queue_page(stash, run, unchanged)
            progress = progress or show.Progress("Queueing", run.queued + remaining, done=before)
            progress.at(run.queued, run.queued + remaining)
        if progress is not None:
            progress.end()
        return run

    def _queue_page(
        self, stash: StashClient, run: EverythingRun, unchanged: Callable[[Sequence[int]], Collection[int]]
    ) -> tuple[EverythingRun, int]:
        def note(page: QueuedPage) -> None:
            nonlocal run
            run = keep(self._ledger.facts, run, page)

        page = queue_page(self._huey, stash, run.after, note, unchanged)
        return run, page.remaining

    def done(self) -> None:
        """All of it is done: the next run begins anew."""
        self._ledger.facts.drop(FACT)
