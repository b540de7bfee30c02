"""The task a hook asks for when a performer, studio, tag or group was edited or destroyed."""

from __future__ import annotations

import logging

from huey.api import Task

from plexsync.app import App
from plexsync.inbox import event_files
from plexsync.queue.priorities import Priority
from plexsync.stash import EntityKind
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.batch import sync_together
from tasks.policy import TaskKind, TaskRun, carry_out
from tasks.scenes import sync_scene

log = logging.getLogger(__name__)

#: How often it is tried with a Stash that is well otherwise. It may stumble over one of the scenes, time and again.
TRIES = 5


@huey.task(context=True, exclusive=True, priority=Priority.FOLLOW_UP, retries=TRIES)
def sync_related(kind: EntityKind, *part_ids: int, task: Task | None = None) -> str | None:
    """Queue the scenes that have, or had, what was edited or destroyed, as far as Plex is to show something else.

    What is queued is on the disk before this message is done with. Should it die half-way, it is done again, which
    costs little, as equal messages are one.

    :param kind: one of ``inbox.RELATED``.
    :param part_ids: ids of performers, studios, tags or groups.
    :returns: what was done, in words; None where its message went back into the queue, paused.
    """
    if kind not in event_files.RELATED:
        raise ValueError(f"{kind!r} is not one of {', '.join(event_files.RELATED)}")
    run = _RelatedRun(runtime(), task, kind, part_ids)
    return carry_out(run, run.queue)


class _RelatedRun(TaskRun[str]):
    """One search for the scenes."""

    kind = TaskKind.RELATED

    def __init__(self, app: App, task: Task | None, entity: EntityKind, ids: tuple[int, ...]) -> None:
        super().__init__(app, task)
        self._entity, self._ids = entity, ids
        self._name = f"{entity} {ids[0]}" if len(ids) == 1 else f"{len(ids):,} {entity}s"
        self.failed = f"the scenes of {self._name} cannot be looked at"

    def queue(self) -> str:
        """Queue the scenes as Stash lists them."""
        looked_at = differ = 0
        for named in self.app.related.scenes(self._entity, self._ids, at_work):
            huey.enqueue_many((sync_scene.s(scene_id) for scene_id in named.alone), Priority.FOLLOW_UP)
            huey.enqueue_many((sync_together.s(*batch) for batch in named.batches), Priority.FOLLOW_UP)
            looked_at += named.looked_at
            differ += named.differ
        text = f"{self._name} changed: {looked_at:,} scenes looked at, {differ:,} differ"
        log.log(logging.INFO if differ else logging.DEBUG, "%s", text)
        return text

    def give_up(self, error: Exception) -> str:
        """Queue one by one what the ledger knows: then the scene that Stash stumbles over keeps no other from its turn.

        Asked once more, Stash would say the same.
        """
        count = 0
        for scene_ids in self.app.related.known(self._entity, self._ids):
            count += huey.enqueue_many((sync_scene.s(one) for one in scene_ids), Priority.FOLLOW_UP)
        scenes = counted(count, "scene that had it is", "scenes that had it are")
        self.tell_given_up(error, f"{scenes} synced one by one")
        return f"{self._name} changed: {scenes} synced one by one"


def at_work() -> set[int]:
    """The scenes that workers of any process work on at this moment."""
    messages = [*huey.claimed_arguments(event_files.SYNC_SCENE), *huey.claimed_arguments(event_files.SYNC_TOGETHER)]
    return {scene_id for arguments in messages for scene_id in arguments if isinstance(scene_id, int)}
