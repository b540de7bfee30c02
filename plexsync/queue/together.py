"""Working on messages that one worker has claimed together.

First what they have in common is done for all of them, where their task says how. Then each runs by itself, as ever:
with its own retries, its own result, and its own acknowledgement. Of those that were brought along nothing is left to
do, so they run first, and are acknowledged in one transaction.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plexsync.log_throttle import LogThrottle, kind_of
from plexsync.queue.turns import LENGTH

if TYPE_CHECKING:
    from plexsync.queue.huey import PlexSyncHuey

#: Does what several tasks have in common; returns those of which nothing is left to do but to run.
Prepare = Callable[[Sequence[Any]], Collection[Any]]
#: Seconds after which the rest of a turn goes back into the line, for other workers to take.
LONGEST = LENGTH

log = logging.getLogger(__name__)
_said = LogThrottle()


def work_together(
    huey: PlexSyncHuey, tasks: Sequence[Any], prepare: Prepare | None, timestamp: datetime | None = None
) -> None:
    """Work on tasks of one name that were claimed together, or give back what is not begun.

    :param prepare: what is done for all of them before. Whatever it raises, each is then worked on by itself.
    :raises Exception: as ``work_on`` does; what is not begun by then goes back into the line.
    """
    name, began = huey.names.task_to_string(type(tasks[0])), time.monotonic()
    left = {task.claim_id: task for task in tasks}
    try:
        if prepare is not None:
            brought = _prepared(huey, name, tasks, prepare)
            seconds, priority = time.monotonic() - began, tasks[0].priority
            huey.storage.turns.took(name, len(tasks), seconds, brought=len(brought), priority=priority)
            _run_brought(huey, [left.pop(task.claim_id) for task in brought], timestamp)
        while left and not (len(left) < len(tasks) and _is_over(huey, name, tasks[0].priority, began)):
            huey.work_on(left.pop(next(iter(left))), timestamp)
    except KeyboardInterrupt:
        log.warning("%s was interrupted before it began", name)
    finally:
        if left:
            huey.storage.release(*left)


def _prepared(huey: PlexSyncHuey, name: str, tasks: Sequence[Any], prepare: Prepare) -> list[Any]:
    """The tasks of which nothing is left to do but to run, in their order."""
    ready = [task for task in tasks if huey.ready_to_run(task)]
    if len(ready) < 2 or huey.storage.has_revocations():
        return []
    try:
        brought = {task.claim_id for task in prepare(ready)}
    except sqlite3.Error:
        raise
    except Exception as error:
        if _said.unsaid((name, kind_of(error))) is not None:
            log.exception("%s: several could not be worked on together; each is worked on by itself", name)
        return []
    return [task for task in ready if task.claim_id in brought]


def _run_brought(huey: PlexSyncHuey, tasks: Sequence[Any], timestamp: datetime | None) -> None:
    ended: list[Any] = []
    waiting = list(tasks)
    try:
        while waiting:
            task = waiting.pop(0)
            task.was_brought = True
            huey.run(task, timestamp)
            ended.append(task)
    finally:
        huey.settle(ended)
        if waiting:
            huey.storage.release(*(task.claim_id for task in waiting))
    if huey.storage.has_revocations():
        # They came after the tasks were done.
        for task in ended:
            huey.delete(task.revoke_id)


def _is_over(huey: PlexSyncHuey, name: str, priority: float, began: float) -> bool:
    """Whether what is not begun is better left to others, or to another time, or what is more urgent comes first."""
    storage = huey.storage
    if storage.is_stopping() or time.monotonic() - began > LONGEST or name in storage.paused():
        return True
    return bool(storage.waits_above(priority))
