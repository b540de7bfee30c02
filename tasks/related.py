"""The task a hook asks for when a performer, studio, tag or group was edited or destroyed."""

from __future__ import annotations

import logging
import sqlite3

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.errors import AccessDenied, CircuitOpen, PermanentError, PlexSyncError, TransientError
from plexsync.inbox import event_files
from plexsync.queue.priorities import Priority
from plexsync.stash import EntityKind
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.attempt import ACCESS_RETRY
from tasks.batch import rest, sync_together
from tasks.retry import varied
from tasks.scenes import sync_scene

log = logging.getLogger(__name__)

#: Seconds between attempts while Stash cannot be asked. There is no last one: nobody would ask again.
RETRY = 60.0
#: How often that is tried with a Stash that is well otherwise. It may stumble over one of the scenes, time and again.
TRIES = 5


@huey.task(context=True, exclusive=True, priority=Priority.FOLLOW_UP, retries=TRIES)
def sync_related(kind: EntityKind, *part_ids: int, task: Task | None = None) -> str | None:
    """Queue the scenes that have, or had, what was edited or destroyed, as far as Plex is to show something else.

    What is queued is on the disk before this message is done with. Should it die half-way, it is done again, which
    costs little, as equal messages are one.

    :param kind: one of ``inbox.RELATED``.
    :param part_ids: ids of performers, studios, tags or groups.
    :returns: what was done, in words; None where it went back in line, to rest there.
    """
    if kind not in event_files.RELATED:
        raise ValueError(f"{kind!r} is not one of {', '.join(event_files.RELATED)}")
    app = runtime()
    looked_at = differ = 0
    try:
        for named in app.related.scenes(kind, part_ids, at_work):
            huey.enqueue_many((sync_scene.s(scene_id) for scene_id in named.alone), Priority.FOLLOW_UP)
            huey.enqueue_many((sync_together.s(*bundle) for bundle in named.bundles), Priority.FOLLOW_UP)
            looked_at += named.looked_at
            differ += named.differ
    except CircuitOpen as error:
        rest(task, error.remaining + varied(1.0), error)
        return None
    except AccessDenied as error:
        app.guard_of(error.service).stop(str(error))
        rest(task, varied(ACCESS_RETRY), error)
        return None
    except PermanentError as error:
        # Asked once more, Stash would say the same.
        return _queue_known(kind, part_ids, error)
    except (PlexSyncError, sqlite3.Error) as error:
        if isinstance(error, TransientError) and app.stash_guard.state == "closed" and task is not None:
            if task.retries < 1:
                return _queue_known(kind, part_ids, error)
            # Huey counts no retry that a task asks for by itself.
            task.retries -= 1
        log.warning("the scenes of %s cannot be looked at: %s; tried again in a minute", _name(kind, part_ids), error)
        raise RetryTask(delay=varied(RETRY)) from error
    text = f"{_name(kind, part_ids)} changed: {looked_at:,} scenes looked at, {differ:,} differ"
    log.log(logging.INFO if differ else logging.DEBUG, "%s", text)
    return text


def _queue_known(kind: EntityKind, part_ids: tuple[int, ...], error: PlexSyncError) -> str:
    """Queue one by one what the ledger knows: then the scene that Stash stumbles over keeps no other from its turn."""
    count = 0
    for scene_ids in runtime().related.known(kind, part_ids):
        count += huey.enqueue_many((sync_scene.s(one) for one in scene_ids), Priority.FOLLOW_UP)
    scenes = counted(count, "scene that had it is", "scenes that had it are")
    text = f"{_name(kind, part_ids)} changed: {scenes} synced one by one"
    log.warning("%s, as Stash does not list them: %s", text, error)
    return text


def at_work() -> set[int]:
    """The scenes that workers of any process work on at this moment."""
    messages = [*huey.claimed_arguments(event_files.SYNC_SCENE), *huey.claimed_arguments(event_files.SYNC_TOGETHER)]
    return {scene_id for arguments in messages for scene_id in arguments if isinstance(scene_id, int)}


def _name(kind: str, part_ids: tuple[int, ...]) -> str:
    if len(part_ids) == 1:
        return f"{kind} {part_ids[0]}"
    return f"{len(part_ids):,} {kind}s"
