"""The task a hook asks for: bring one scene to Plex."""

from __future__ import annotations

import logging
import multiprocessing
import time

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.ledger.course import follow
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


@huey.task(context=True)
def sync_scene(scene_id: int, task: Task | None = None) -> str | None:
    """Bring one scene to Plex; ``sync_scene(45)`` queues it, ``sync_scene.call_local(45)`` does it here and now.

    What the scene looks like is read when the task runs, so nothing but its id is in the queue, and several that wait
    for one scene are one.

    :param scene_id: the scene's id in Stash.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    # Only retries and later looks carry a time: an event is to be dealt with at once.
    fresh = task is None or task.eta is None
    upcoming.met(scene_id)
    with follow(*came_from(task)):
        outcome = attempt(runtime(), scene_id, fresh=fresh, task=task)
    if outcome is None:
        return None
    if outcome.missing is not None:
        note_synced(scene_id, outcome.missing, fresh=fresh)
    if outcome.left_out:
        come_back()
    return outcome.text


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
