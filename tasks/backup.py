"""The task that copies the database every night."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from datetime import datetime
from pathlib import Path

from huey import crontab

from plexsync.errors import PlexSyncError
from plexsync.storage import backups
from tasks.app import database, huey

#: The hour of the night, by the clock on the wall here.
HOUR = 3
#: Seconds after which a copy of this night is made, and after which one is made at whatever hour.
NIGHT, LATE = 12 * 3600.0, 30 * 3600.0

log = logging.getLogger(__name__)
_at_work = threading.Lock()


@huey.periodic_task(crontab(minute="23"))
def back_up() -> None:
    """Once an hour: see whether it is time for a copy. A thread of its own makes it, and no worker waits.

    What is in PostgreSQL is for whoever runs PostgreSQL to copy.
    """
    if not database.is_shared and is_due(backups.latest_at(database.path.parent), time.time()):
        threading.Thread(target=copy_now, args=(database.path,), name="backup", daemon=True).start()


def is_due(latest: float | None, now: float) -> bool:
    """Whether to make a copy.

    :param latest: when the newest was made; one of a time to come, by a clock that was wrong, counts as none.
    :param now: epoch seconds.
    """
    age = now - latest if latest is not None and latest <= now else LATE
    return age >= LATE or (age >= NIGHT and datetime.fromtimestamp(now).hour == HOUR)


def copy_now(path: Path) -> None:
    """Make a copy, unless one is being made. If it fails, that is said, and it is tried again an hour later."""
    if not _at_work.acquire(blocking=False):
        return
    try:
        log.info("the database is copied to %s", backups.make(path))
    except (PlexSyncError, OSError, sqlite3.Error) as error:
        log.error("the nightly copy of the database failed: %s; tried again in an hour", error)  # noqa: TRY400 - the text says it all
    finally:
        _at_work.release()
