"""The task a hook asks for: bring one scene to Plex."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Sequence

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.errors import PlexSyncError
from plexsync.inbox import event_files
from plexsync.ledger.course import follow
from plexsync.log_context import about_scene
from plexsync.words import counted
from tasks.app import huey, runtime, upcoming
from tasks.attempt import attempt
from tasks.came_from import came_from
from tasks.late import note_synced
from tasks.left_out import come_back

log = logging.getLogger(__name__)

#: Seconds that an edit of many gets for its own hooks to arrive: some, and some more per scene (a hook takes 10 to
#: 100 ms).
GRACE, GRACE_PER_SCENE = 5.0, 0.1


#: Messages that a worker claims at once, at most.
TOGETHER = 16


@huey.task(context=True, together=TOGETHER)
def sync_scene(scene_id: int, task: Task | None = None) -> str | None:
    """Bring one scene to Plex; ``sync_scene(45)`` queues it, ``sync_scene.call_local(45)`` does it here and now.

    What the scene looks like is read when the task runs, so nothing but its id is in the queue, and several that wait
    for one scene are one.

    :param scene_id: the scene's id in Stash.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    fresh = task is None or _is_fresh(task)
    upcoming.met(scene_id)
    app = runtime()
    with follow(*came_from(task)):
        outcome = attempt(app, scene_id, fresh=fresh, task=task, brought=getattr(task, "brought", None))
    if outcome is None:
        return None
    if outcome.missing is not None and getattr(task, "brought", None) is None:
        note_synced(app, {scene_id: outcome.missing}, fresh=fresh)
    if outcome.left_out:
        come_back()
    return outcome.text


def _is_fresh(task: Task) -> bool:
    """Whether an event asks for it: only retries and later looks carry a time, an event is to be dealt with at once."""
    return task.eta is None


@huey.together(event_files.SYNC_SCENE)
def bring_together(tasks: Sequence[Task]) -> list[Task]:
    """Bring the scenes of messages that were claimed together, as far as they need nothing unusual.

    :returns: those that were brought; the others run by themselves.
    """
    fresh = {task.args[0]: task for task in tasks if _is_fresh(task) and _names_a_scene(task)}
    for scene_id in fresh:
        upcoming.met(scene_id)
    around = {scene_id: _InTurn(scene_id, task) for scene_id, task in fresh.items()}
    app = runtime()
    try:
        brought = app.sync.sync_together(list(fresh), around.__getitem__)
    except PlexSyncError as error:
        # Each finds out by itself, and what follows from it is decided there.
        log.debug("no scenes were brought together: %s", error)
        return []
    lacking = {one: done.outcome.missing for one, done in brought.items() if done.outcome.missing is not None}
    note_synced(app, lacking, fresh=True)
    for scene_id, one in brought.items():
        fresh[scene_id].brought = one
    return [fresh[scene_id] for scene_id in brought]


class _InTurn:
    """A block in which something is done for one of several scenes: it is entered for each step anew."""

    __slots__ = ("_blocks",)

    def __init__(self, scene_id: int, task: Task) -> None:
        event_at, queued_at, events = came_from(task)
        with huey.named_in_logs(task):
            lines = about_scene(scene_id)
        self._blocks = lines, follow(event_at, queued_at, events)

    def __enter__(self) -> None:
        for block in self._blocks:
            block.__enter__()

    def __exit__(self, *_: object) -> None:
        for block in reversed(self._blocks):
            block.__exit__()


def _names_a_scene(task: Task) -> bool:
    return len(task.args) == 1 and type(task.args[0]) is int


@huey.task(context=True)
def sync_scenes(edited_at: int, *scene_ids: int, task: Task | None = None) -> str:
    """Queue the scenes of an edit of many that their own hooks did not bring.

    Stash stops starting hooks when the browser that asked for the edit goes away; the edit stays. So the first hook
    names all the scenes, and those that have not been read since are queued when the others have had their time.

    :param edited_at: when the edit was done (milliseconds since 1970).
    :param scene_ids: the scenes' ids in Stash.
    :returns: what was done, in words.
    """
    if task is not None and task.eta is None:
        delay = GRACE + GRACE_PER_SCENE * len(scene_ids)
        if multiprocessing.parent_process() is None:
            # With worker processes it is not known here which of them had their turn.
            upcoming.expect(scene_ids, delay, ago=time.time() - edited_at / 1000)
        raise RetryTask(delay=delay)
    missed = runtime().ledger.scenes.not_read_since(scene_ids, (edited_at + 1) / 1000)
    huey.enqueue_many(sync_scene.s(scene_id) for scene_id in missed)
    text = f"{len(missed)} of {counted(len(scene_ids), 'scene')} edited together: looked at once more"
    log.log(logging.INFO if missed else logging.DEBUG, "%s", text)
    return text
