"""The task that brings many scenes to Plex at once, where the same has to be written to their items."""

from __future__ import annotations

import logging
import multiprocessing
import sqlite3
from collections.abc import Iterable

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.app import App
from plexsync.errors import AccessDenied, CircuitOpen, PlexUnavailable, StashUnavailable, TransientError
from plexsync.queue.priorities import Priority
from plexsync.words import counted
from tasks.app import huey, runtime
from tasks.attempt import ACCESS_RETRY, Rest
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

    :param scene_ids: ids in Stash, at most ``bundles.BUNDLE``.
    :returns: what was done, in words; None where it went back in line, to rest there.
    """
    if multiprocessing.parent_process() is not None:
        # Which scenes the other worker processes work on is not known here.
        return _queue(scene_ids, "in worker processes")
    app = runtime()
    try:
        tally = app.together.sync(scene_ids)
    except CircuitOpen as error:
        rest(task, error.remaining + varied(1.0), error)
        return None
    except AccessDenied as error:
        app.guard_of(error.service).stop(str(error))
        rest(task, varied(ACCESS_RETRY), error)
        return None
    except TransientError as error:
        return _try_again(app, task, scene_ids, error)
    except sqlite3.Error as error:
        log.error("scenes could not be synced together: our own database: %s; tried again", error)  # noqa: TRY400 - no trace of ours
        raise RetryTask(delay=varied(app.settings.retry_base)) from error
    except Exception:
        log.exception("scenes could not be synced together, through a fault of PlexSync's; each is tried by itself")
        return _queue(scene_ids, "after a fault")
    if tally.alone:
        _queue(tally.alone, "")
    writes = counted(tally.writes, "write")
    text = (
        f"{counted(len(scene_ids), 'scene')} together: {len(tally.written)} synced with {writes}, "
        f"{len(tally.same)} unchanged, {len(tally.alone)} left to be synced by themselves"
    )
    log.info("%s", text)
    return text


def rest(task: Task | None, delay: float, error: Exception) -> None:
    """Let a message go back to its place in line, where it rests until Plex and Stash are back.

    :param delay: seconds after which it is tried again, where it cannot rest.
    :raises Rest: it cannot.
    """
    if task is None or not huey.give_back(task):
        raise Rest(delay=delay) from error


def _try_again(app: App, task: Task | None, scene_ids: tuple[int, ...], error: TransientError) -> str | None:
    """Try again with all of them after a while, or rest; when that was tried, each by itself.

    :raises RetryTask: it is tried again.
    """
    guard = app.stash_guard if isinstance(error, StashUnavailable) else app.guard
    if isinstance(error, PlexUnavailable | StashUnavailable) and guard.state != "closed":
        rest(task, guard.remaining() + varied(1.0), error)
        return None
    scenes = counted(len(scene_ids), "scene")
    if task is None or task.retries < 1:
        log.warning("%s could not be synced together: %s; each is tried by itself", scenes, error)
        return _queue(scene_ids, "after errors")
    # Huey counts no retry that a task asks for by itself.
    task.retries -= 1
    failed = TRIES - task.retries
    delay = Backoff(TRIES, app.settings.retry_base, app.settings.retry_cap).delay(failed, error.retry_after)
    log.warning("%s could not be synced together: %s; tried again in %.0f s", scenes, error, delay)
    raise RetryTask(delay=delay) from error


def _queue(scene_ids: Iterable[int], why: str) -> str:
    count = huey.enqueue_many((sync_scene.s(scene_id) for scene_id in scene_ids), Priority.FOLLOW_UP)
    return f"{counted(count, 'scene is', 'scenes are')} synced one by one {why}".rstrip()
