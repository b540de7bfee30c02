"""``sync --all``: every scene of Stash into the queue, behind whatever people do meanwhile, and on after a stop."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace

from plexsync.cli import show
from plexsync.installation.settings_in_force import ALL_QUEUED
from plexsync.ledger import Ledger
from plexsync.queue import PlexSyncHuey
from plexsync.queue.priorities import Priority
from plexsync.stash import StashClient
from plexsync.storage.facts import Facts
from plexsync.sync.everything import QueuedPage, queue_page

#: Seconds for which a run that was stopped is gone on with. Later, what was queued is long done and may be outdated.
GOES_ON_FOR = 12 * 3600.0
#: The name of the fact that holds how far a run is.
FACT = "sync_all"


@dataclass(frozen=True, slots=True)
class EverythingRun:
    """How far a run is: the last id that was queued, how many were, when that was, and whether these are all.

    ``began`` is when the first of them was queued, 0 for not known.
    """

    after: int = 0
    queued: int = 0
    at: float = 0.0
    complete: bool = False
    began: float = 0.0

    @property
    def age(self) -> float:
        """Seconds since it was last gone on with; below 0 where the clock was set back."""
        return time.time() - self.at


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
        run = _noted(self._ledger.facts)
        if run is None or not 0 <= run.age < GOES_ON_FOR:
            return None
        if run.complete and not self.waiting():
            return None
        return run

    def waiting(self) -> int:
        """How many messages of such a run wait or are worked on."""
        backlog = self._huey.backlog(Priority.EVERYTHING)
        return backlog.pending + backlog.in_progress

    def queue(self, stash: StashClient, run: EverythingRun) -> EverythingRun:
        """Queue what a run has not queued yet.

        :returns: the complete run.
        :raises PlexSyncError: Stash cannot be asked; what was queued until then is noted.
        """
        progress: show.Progress | None = None
        while not run.complete:
            before = run.queued
            run, remaining = self._queue_page(stash, run)
            progress = progress or show.Progress("Queueing", run.queued + remaining, done=before)
            progress.at(run.queued, run.queued + remaining)
        if progress is not None:
            progress.end()
        return run

    def _queue_page(self, stash: StashClient, run: EverythingRun) -> tuple[EverythingRun, int]:
        began = run.began if run.queued else time.time()

        def note(page: QueuedPage) -> None:
            nonlocal run
            run = EverythingRun(page.last, run.queued + page.count, time.time(), complete=page.is_last, began=began)
            self._ledger.facts.put(FACT, json.dumps(asdict(run)))
            if run.complete:
                self._ledger.facts.put(ALL_QUEUED, repr(began))

        page = queue_page(self._huey, stash, run.after, note)
        return run, page.remaining

    def done(self) -> None:
        """All of it is done: the next run begins anew."""
        self._ledger.facts.drop(FACT)


def _noted(facts: Facts) -> EverythingRun | None:
    """The run that is noted; None where there is none, or a newer version noted it otherwise."""
    text = facts.get(FACT)
    if text is None:
        return None
    try:
        run = replace(EverythingRun(), **json.loads(text))
        return run if type(run.after) is int and type(run.queued) is int and run.at >= 0 else None
    except (TypeError, ValueError):
        return None
