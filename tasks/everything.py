"""The task that looks at every scene of Stash: after the database was lost, nobody knows how any of them stands."""

from __future__ import annotations

import logging
import sqlite3

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.errors import AccessDenied, CircuitOpen, PermanentError, PlexSyncError
from plexsync.queue.priorities import Priority
from plexsync.sync.everything import QueuedPage, queue_page
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.attempt import ACCESS_RETRY
from tasks.batch import rest
from tasks.retry import varied

log = logging.getLogger(__name__)

#: Seconds between attempts while Stash does not answer. There is no last one: nobody would ask again.
RETRY = 60.0


@huey.task(context=True, coalesce=True)
def sync_all(page: int, after: int = 0, task: Task | None = None) -> str | None:
    """Queue one page of Stash's scenes, and the next page's turn: ``sync_all(1)`` queues all.

    Work that is done is not done again after a crash: where it is stands in the queue. A page that dies half-way is
    queued once more, which costs nothing, as equal messages are one.

    :param page: from 1, as it stands in messages; where it is says ``after``.
    :param after: the last id of the page before, 0 for none.
    :returns: what was done, in words; None where it went back in line, to rest there.
    """
    app = runtime()

    def turn(queued: QueuedPage) -> None:
        if not queued.is_last:
            huey.enqueue(sync_all.s(page + 1, queued.last, priority=Priority.EVERYTHING))

    try:
        queued = queue_page(huey, app.stash, after, turn)
    except CircuitOpen as error:
        rest(task, error.remaining + varied(1.0), error)
        return None
    except AccessDenied as error:
        app.guard_of(error.service).stop(str(error))
        rest(task, varied(ACCESS_RETRY), error)
        return None
    except PermanentError as error:
        # Asked once more, Stash would say the same. What is left out is found when everything is compared.
        again = "./huey_consumer.sh sync --all"
        log.error("the scenes of Stash cannot be queued: %s; when that is put right: %s", error, again)  # noqa: TRY400 - the text says it all
        return str(error)
    except (PlexSyncError, sqlite3.Error) as error:
        log.warning("the scenes of Stash cannot be queued: %s; tried again in a minute", error)
        raise RetryTask(delay=varied(RETRY)) from error
    return f"queued {counted(queued.count, 'scene')}, {queued.remaining} to go"
