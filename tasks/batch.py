"""The task that brings many scenes to Plex at once, where the same has to be written to their items."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterable

from huey.api import Task

from plexsync.app import App
from plexsync.errors import PlexSyncError, TransientError
from plexsync.ledger.course import follow
from plexsync.queue.priorities import Priority
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.came_from import came_from
from tasks.policy import TaskKind, TaskRun, carry_out
from tasks.retry import Backoff, varied
from tasks.scenes import sync_scene

log = logging.getLogger(__name__)

#: How often it is tried again with all of them, before each scene is tried by itself.
TRIES = 2


@huey.task(context=True, exclusive=True, priority=Priority.FOLLOW_UP, retries=TRIES)
def sync_together(*scene_ids: int, task: Task | None = None) -> str | None:
    """Bring scenes to Plex that are thought to need the same write; those that do not are queued one by one.

    One such message is worked on at a time: Plex writes one thing at a time anyway, and the other workers are there for
    what people edit meanwhile.

    :param scene_ids: ids in Stash, at most ``batches.BATCH``.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    if multiprocessing.parent_process() is not None:
        # Which scenes the other worker processes work on is not known here.
        return sync_one_by_one(scene_ids, "in worker processes")
    run = _BatchRun(runtime(), task, scene_ids)
    with follow(*came_from(task)):
        return carry_out(run, run.sync)


class _BatchRun(TaskRun[str]):
    """One try with all of them."""

    kind = TaskKind.BATCH

    def __init__(self, app: App, task: Task | None, scene_ids: tuple[int, ...]) -> None:
        super().__init__(app, task)
        self.failed = f"{counted(len(scene_ids), 'scene')} could not be synced together"
        self.wait = app.settings.retry_base
        self._scene_ids = scene_ids

    def sync(self) -> str:
        """Bring the scenes to Plex, and queue by themselves those that need more."""
        result = self.app.together.sync(self._scene_ids)
        if result.alone:
            sync_one_by_one(result.alone, "")
        return result.text

    def delay(self, error: TransientError) -> float:
        """Seconds until the next try with all of them."""
        settings = self.app.settings
        failed = TRIES - self.task.retries if self.task is not None else 1
        return Backoff(TRIES, settings.retry_base, settings.retry_cap).delay(failed, error.retry_after) or varied(
            self.wait
        )

    def give_up(self, error: Exception) -> str:
        """Have each scene tried by itself."""
        self.tell_given_up(error, "each is tried by itself")
        return sync_one_by_one(self._scene_ids, "after errors" if isinstance(error, PlexSyncError) else "after a fault")


def sync_one_by_one(scene_ids: Iterable[int], why: str) -> str:
    """Queue each scene by itself; what was done, in words, with ``why`` at their end."""
    count = huey.enqueue_many((sync_scene.s(scene_id) for scene_id in scene_ids), Priority.FOLLOW_UP)
    return f"{counted(count, 'scene is', 'scenes are')} synced one by one {why}".rstrip()
