"""Periodic tasks that keep the files small."""

from __future__ import annotations

import logging

from huey import crontab

from tasks.app import huey, runtime

log = logging.getLogger(__name__)


@huey.periodic_task(crontab(minute="17"))
def prune() -> None:
    """Once an hour: drop history, dead letters and task results that are past their time."""
    app = runtime()
    app.ledger.prune(app.settings.dead_letter_days)
    dropped = huey.prune()
    log.debug("pruned %d task results", dropped)
