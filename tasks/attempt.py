"""One attempt at a scene: the one place that decides what each kind of failure leads to.

=====================  =============================================================================================
what happened          what is done
=====================  =============================================================================================
breaker open           it rests until Plex, or Stash, is back; no attempt used up
the failure opened it  the same; also where a scene's tries are used up and nothing else has worked since the first
401, 403 or 498        everything rests until the token or key works; no attempt used up
Plex is starting       it rests until Plex has started; no attempt used up
no such library        everything rests until Plex has the libraries of the settings; no attempt used up
all of Plex is read    the scene waits until that is done or its file met; no attempt used up
a self-test runs       on the scene's item: the scene waits until that is over; no attempt used up
no item yet            tried again on the patient schedule; then ``not_found`` until its file appears, or the next event
passing error          tried again with backoff; when the tries are used up, a dead letter
one scene unreadable   for Stash: tried again with backoff, whatever becomes of others; then a dead letter
Stash fails at all     tried again with backoff; when the tries are used up it rests until Stash can read again
Stash is too old       everything rests until it is another one; no attempt used up
lasting error, or bug  a dead letter
no memory left         as a passing error
our own file           (locked, disk full) tried again; where not even that can be noted, the claim runs out and returns
=====================  =============================================================================================
"""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback

from huey.exceptions import RetryTask

from plexsync.app import App
from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    ItemHeld,
    LibraryUnread,
    NotFoundYet,
    PlexStarting,
    PlexSyncError,
    PlexUnavailable,
    StashUnavailable,
    TransientError,
)
from plexsync.http.breaker import Guard
from plexsync.ledger import Result, State
from plexsync.sync.sync import Outcome
from tasks.retry import Backoff, varied
from tasks.unfound import Knowledge, unfound

log = logging.getLogger(__name__)

#: Seconds between attempts while a token or key is refused, where the queue does not rest (see ``Rest``).
ACCESS_RETRY = 60.0
#: Seconds between looks whether a self-test of the scene's item is over.
HELD_RETRY = 5.0
#: So often a scene's failure may come with an outage before it is taken for the scene's own fault: a service that fails
#: at this scene alone looks as if it were down when nothing else is asked of it.
OUTAGES_BELIEVED = 10


class Rest(RetryTask):  # type: ignore[misc]  # huey has no types
    """Nothing is wrong with the scene; what it needs is away. Its message may go back in line and rest there."""


def attempt(app: App, scene_id: int, *, fresh: bool) -> Outcome:
    """Try to bring one scene to Plex.

    :param fresh: an event asks for it, not a retry: earlier attempts no longer count.
    :returns: how it ended.
    :raises RetryTask: it is to be tried again after a while; as ``Rest`` where that is no fault of the scene's.
    :raises Exception: it was given up; the dead letter is written.
    """
    try:
        return _attempt(app, scene_id, fresh=fresh)
    except sqlite3.Error as error:
        log.error("scene %d: our own database: %s; tried again", scene_id, error)  # noqa: TRY400 - no trace of ours
        raise RetryTask(delay=varied(app.settings.retry_base)) from error


def _attempt(app: App, scene_id: int, *, fresh: bool) -> Outcome:
    scenes = app.ledger.scenes
    if fresh:
        scenes.fresh_start(scene_id)
    looked_in = unfound.knowledge(app)
    try:
        if not fresh:
            unfound.skip(app, scene_id)
            looked_in = unfound.knowledge(app)
        outcome = app.sync.sync(scene_id)
    except CircuitOpen as error:
        raise _rest(app, scene_id, error, error.remaining + varied(1.0)) from error
    except AccessDenied as error:
        app.guard_of(error.service).stop(str(error))
        raise _rest(app, scene_id, error, varied(ACCESS_RETRY)) from error
    except LibraryUnread as error:
        # Not sooner: the reading is not likely to be done by then.
        raise _rest(app, scene_id, error, error.remaining + varied(2.0)) from error
    except ItemHeld as error:
        # It may be over long before.
        raise _rest(app, scene_id, error, min(error.remaining, HELD_RETRY) + varied(1.0)) from error
    except NotFoundYet as error:
        return _not_found(app, scene_id, error, looked_in)
    except TransientError as error:
        _retry_or_give_up(app, scene_id, error)
        raise
    except MemoryError as error:
        failure = TransientError("there was no memory left for it")
        _retry_or_give_up(app, scene_id, failure)
        raise failure from error
    except sqlite3.Error:
        raise
    except Exception as error:
        _give_up(app, scene_id, error)
        raise
    app.outages_met.pop(scene_id, None)
    unfound.found(scene_id)
    level = logging.DEBUG if outcome.result is Result.UNCHANGED else logging.INFO
    log.log(level, "scene %d: %s", scene_id, outcome.text)
    return outcome


def _not_found(app: App, scene_id: int, error: NotFoundYet, looked_in: Knowledge) -> Outcome:
    settings = app.settings
    backoff = Backoff(settings.not_found_retries, settings.not_found_base, settings.not_found_cap)
    misses = app.ledger.scenes.set_state(scene_id, State.NOT_FOUND, Result.NOT_FOUND, error=str(error))
    delay = backoff.delay(misses)
    unfound.missed(scene_id, looked_in, str(error), delay)
    if delay is None:
        return Outcome(Result.NOT_FOUND, str(error))
    raise RetryTask(delay=delay) from error


def _rest(app: App, scene_id: int, error: PlexSyncError, delay: float) -> Rest:
    app.ledger.scenes.waits(scene_id, app.redact(str(error)))
    return Rest(delay=delay)


def _outage(app: App, scene_id: int, error: TransientError, failed: int) -> Guard | None:
    """The guard of the service that is down, where that and not the scene is why the attempt failed.

    :param failed: attempts of the scene that have failed in a row, this one included.
    """
    if not isinstance(error, PlexUnavailable | StashUnavailable):
        return None
    # It is up, and other scenes were tried: none can be read.
    fails_at_all = isinstance(error, StashUnavailable) and error.healthy
    if error.healthy and not fails_at_all:
        return None
    guard = app.guard if isinstance(error, PlexUnavailable) else app.stash_guard
    if isinstance(error, PlexStarting):
        # It says so itself, so it is no fault of the scene's, however often that happens.
        guard.trip(error)
        app.ledger.scenes.fresh_start(scene_id)
        return guard
    if failed > app.settings.max_retries and (fails_at_all or guard.failures >= failed):
        # Nothing has worked since the scene's first attempt: too few calls to open the breaker, but it is down.
        guard.trip(error)
    if guard.state == "closed":
        return None
    if not fails_at_all:
        app.outages_met[scene_id] += 1
        if app.outages_met[scene_id] > OUTAGES_BELIEVED:
            return None
    # Those before were failures of the same outage.
    app.ledger.scenes.fresh_start(scene_id)
    return guard


def _retry_or_give_up(app: App, scene_id: int, error: TransientError) -> None:
    settings = app.settings
    backoff = Backoff(settings.max_retries, settings.retry_base, settings.retry_cap)
    record = app.ledger.scenes.get(scene_id)
    failed = (record.attempts if record else 0) + 1
    guard = _outage(app, scene_id, error, failed)
    if guard is not None:
        raise _rest(app, scene_id, error, guard.remaining() + varied(1.0)) from error
    delay = backoff.delay(failed, error.retry_after)
    if delay is None:
        _give_up(app, scene_id, error)
        return
    app.ledger.scenes.set_state(scene_id, State.PENDING, Result.RETRY, error=app.redact(str(error)))
    log.warning("scene %d: attempt %d failed: %s; tried again in %.0f s", scene_id, failed, error, delay)
    raise RetryTask(delay=delay) from error


def _give_up(app: App, scene_id: int, error: Exception) -> None:
    app.outages_met.pop(scene_id, None)
    message = app.redact(str(error))
    attempts = app.ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED, error=message)
    trace = app.redact("".join(traceback.format_exception(error)))
    planned = app.sync.snapshot(scene_id)
    title, snapshot = app.redact(planned.title), app.redact(json.dumps(planned.to_write))
    app.ledger.dead_letters.put(
        scene_id, type(error).__name__, message, trace, attempts, title=title, snapshot=snapshot
    )
    log.error("scene %d: given up: %s", scene_id, error)
