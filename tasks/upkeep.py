"""Periodic tasks that keep the database small."""

from __future__ import annotations

from huey import crontab

from tasks.app import huey, runtime


@huey.periodic_task(crontab(minute="17"))
def prune() -> None:
    """Once an hour: drop history and dead letters that are past their time. Results the queue prunes by itself."""
    app = runtime()
    app.ledger.prune(app.settings.dead_letter_days)
