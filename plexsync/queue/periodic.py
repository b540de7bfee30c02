"""Periodic tasks that are queued only where there is something to do: most minutes there is nothing.

To queue a message, hand it out and acknowledge it takes three transactions; to see that nothing is due takes a look at
an index.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from datetime import datetime

#: Says of a moment whether a task is to be queued then, as Huey's ``crontab`` does.
IsDue = Callable[[datetime], bool]

log = logging.getLogger(__name__)


def where_needed(is_due: IsDue, is_needed: Callable[[], bool]) -> IsDue:
    """When it is time, and there is something to do.

    :param is_due: whether it is time.
    :param is_needed: whether there is something to do; asked in the scheduler's thread, only when it is time. Should it
        fail, the task is queued, which meets the same and tells of it.
    """

    def is_due_and_needed(moment: datetime) -> bool:
        if not is_due(moment):
            return False
        if multiprocessing.parent_process() is not None:
            # The scheduler is a process of its own, beside those of the workers: it is not to make all that they need.
            return True
        try:
            return is_needed()
        except Exception as error:  # noqa: BLE001 - the task tells of it, and other tasks are queued as well
            log.debug("whether a periodic task has anything to do cannot be told: %r", error)
            return True

    return is_due_and_needed
