"""The task a hook asks for: bring one scene to Plex."""

from __future__ import annotations

from huey.api import Task

from tasks.app import huey, runtime
from tasks.attempt import attempt


@huey.task(context=True)
def sync_scene(scene_id: int, task: Task | None = None) -> str:
    """Bring one scene to Plex; ``sync_scene(45)`` queues it, ``sync_scene.call_local(45)`` does it here and now.

    What the scene looks like is read when the task runs, so nothing but its id is in the queue, and several that wait
    for one scene are one.

    :param scene_id: the scene's id in Stash.
    :returns: what was done, in words.
    """
    # Only retries carry a time: an event is to be dealt with at once.
    fresh = task is None or task.eta is None
    return attempt(runtime(), scene_id, fresh=fresh)
