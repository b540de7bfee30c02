"""Periodic tasks: keeping the database small, and looking for files that Plex did not have."""

from __future__ import annotations

import logging

from huey import crontab

from tasks.app import huey, runtime
from tasks.policy import PeriodicRun, carry_out
from tasks.unfound import unfound

log = logging.getLogger(__name__)


@huey.periodic_task(crontab(minute="17"))
def prune() -> None:
    """Once an hour: drop history and dead letters that are past their time. Results the queue prunes by itself."""
    app = runtime()
    app.ledger.prune(app.settings.dead_letter_days)


@huey.periodic_task(crontab(minute="*/5"))
def look_for_files() -> None:
    """Every five minutes, where scenes wait for a file: see whether Plex has it by now. Those that wait are queued.

    One request where nothing has changed in Plex.
    """
    unfound.tell()
    app = runtime()
    if not app.ledger.wanted_files.count():
        return
    carry_out(PeriodicRun(app, "Plex could not be asked for new files"), app.library.refresh)
