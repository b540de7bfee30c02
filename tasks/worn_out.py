"""Messages that each worker died over: their scenes end as dead letters, where people look for what failed."""

from __future__ import annotations

import logging

from huey import crontab
from huey.api import Task
from huey.exceptions import HueyException

from plexsync.app import App
from plexsync.errors import PermanentError
from plexsync.ledger import Result, State
from plexsync.queue import SetAside
from plexsync.queue.message import UnreadableMessage
from plexsync.queue.periodic import where_needed
from plexsync.sync.outcomes import SceneOutcome
from tasks.app import huey, runtime
from tasks.batch import sync_one_by_one, sync_together
from tasks.scenes import sync_scene

log = logging.getLogger(__name__)


class WorkerLost(PermanentError):
    """Each consumer that worked on a scene ended in the middle of it."""


@huey.periodic_task(where_needed(crontab(), lambda: bool(huey.storage.worn_out())))
def give_up_worn_out() -> None:
    """Write dead letters for scenes whose message killed its workers, or met the end of each. Every minute with such.

    The queue hands a message out only so often, so that one that is deadly does not stop everything, and then sets it
    aside. A death in here repeats it. What names no scene stays aside, and ``doctor`` tells of it.
    """
    for item in huey.storage.worn_out():
        try:
            task = huey.deserialize_task(item.data)
        except (HueyException, UnreadableMessage) as error:
            log.debug("a message that was set aside cannot be read: %s", error)
            continue
        if _see_to(runtime(), task, item):
            huey.storage.remove_set_aside(item.id)


def _see_to(app: App, task: Task, item: SetAside) -> bool:
    """Whether something stands in for the message now."""
    if isinstance(task, sync_together.task_class):
        log.warning("%s: %s", item.reason, sync_one_by_one(task.args, "as all of them together came to nothing"))
        return True
    if not isinstance(task, sync_scene.task_class):
        return False
    scene_id = int(task.args[0])
    record = app.ledger.scenes.get(scene_id)
    if record is None or record.synced_at is None or record.synced_at < item.at:
        _give_up(app, scene_id, item.reason)
    return True


def _give_up(app: App, scene_id: int, reason: str) -> None:
    error = WorkerLost(
        f"{reason}: was PlexSync restarted or killed again and again, or was the machine out of memory? "
        "Have it tried again when it runs steadily"
    )
    text = str(error)
    attempts = app.ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED, error=text)
    app.ledger.dead_letters.put(scene_id, type(error).__name__, text, "", attempts)
    app.outcomes.tell_scene(SceneOutcome(scene_id, Result.FAILED, text, 0.0))
    log.error("scene %d: given up: %s", scene_id, text)
