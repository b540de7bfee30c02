"""One attempt at a scene: what the failure policy leads to for scenes.

Which failure leads to what stands in ``tasks.policy``. Here is what is special about a scene: its attempts and its dead
letter are in the ledger, a service that seems to be down may be the scene's own fault, and a scene without an item is
looked for patiently.
"""

from __future__ import annotations

import json
import logging
import time
import traceback

from huey.api import Task
from huey.exceptions import RetryTask

from plexsync.app import App
from plexsync.errors import (
    PlexStarting,
    PlexUnavailable,
    StashUnavailable,
    TransientError,
)
from plexsync.http.breaker import Guard
from plexsync.ledger import Result, State
from plexsync.log_context import about_scene
from plexsync.sync.outcomes import Outcome, SceneOutcome
from plexsync.sync.snapshot import Snapshot
from plexsync.sync.turn import Brought
from tasks.policy import TaskKind, TaskRun, carry_out
from tasks.retry import Backoff
from tasks.unfound import Knowledge, unfound

#: So often a scene's failure may come with an outage before it is taken for the scene's own fault: a service that fails
#: at this scene alone looks as if it were down when nothing else is asked of it.
OUTAGES_BELIEVED = 10


def attempt(
    app: App, scene_id: int, *, fresh: bool, task: Task | None = None, brought: Brought | None = None
) -> Outcome | None:
    """Try to bring one scene to Plex.

    :param fresh: an event asks for it, not a retry: earlier attempts no longer count.
    :param task: the message that asks for it.
    :param brought: what came of it, where it was brought along with others already.
    :returns: how it ended; None where the message went back in line, to stay there until what it needs is back.
    :raises RetryTask: it is to be tried again after a while; as ``Paused`` where that is no fault of the scene's.
    :raises Exception: it was given up; the dead letter is written.
    """
    run = _SceneRun(app, task, scene_id)
    with about_scene(scene_id):
        if brought is not None:
            return carry_out(run, lambda: run.was_brought(brought))
        return carry_out(run, lambda: run.sync(fresh=fresh))


class _SceneRun(TaskRun[Outcome]):
    """One attempt."""

    kind = TaskKind.SCENE

    def __init__(self, app: App, task: Task | None, scene_id: int) -> None:
        super().__init__(app, task)
        self.failed = f"scene {scene_id}"
        self.wait = app.settings.retry_base
        self._scene_id = scene_id
        self._looked_in: Knowledge | None = None
        self._snapshot = Snapshot()
        self._began = time.monotonic()
        self._asked_before = app.plex.requests

    def sync(self, *, fresh: bool) -> Outcome:
        """Bring the scene to Plex."""
        app, scene_id = self.app, self._scene_id
        if fresh:
            app.ledger.scenes.fresh_start(scene_id)
        self._looked_in = unfound.knowledge(app)
        if not fresh:
            unfound.skip(app, scene_id)
            self._looked_in = unfound.knowledge(app)
        outcome = app.sync.sync(scene_id, self._snapshot)
        self._known()
        self._ended(outcome.result, outcome.text)
        return outcome

    def was_brought(self, brought: Brought) -> Outcome:
        """The scene was brought along with others; the ledger holds it."""
        self._known()
        self._tell(brought.outcome.result, brought.outcome.text, brought.seconds, brought.requests)
        return brought.outcome

    def _known(self) -> None:
        """Whatever was the matter with the scene is so no longer."""
        self.app.outages_met.pop(self._scene_id, None)
        unfound.found(self._scene_id)

    def pause(self, error: Exception, delay: float) -> None:
        """Note what the scene waits for."""
        self.app.ledger.scenes.waits(self._scene_id, self.app.redact(str(error)))
        self._ended(Result.WAITING, str(error))
        super().pause(error, delay)

    def outage(self, error: TransientError) -> Guard | None:
        """The guard of the service that is down, where that and not the scene is why the attempt failed."""
        if not isinstance(error, PlexUnavailable | StashUnavailable):
            return None
        app, scene_id, failed = self.app, self._scene_id, self._failed_attempts()
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

    def retry(self, error: TransientError) -> Outcome | None:
        """Try again, as long as the scene has tries left by the ledger's count."""
        settings, failed = self.app.settings, self._failed_attempts()
        backoff = Backoff(settings.max_retries, settings.retry_base, settings.retry_cap)
        delay = backoff.delay(failed, error.retry_after)
        if delay is None:
            return self.give_up(error)
        message = self.app.redact(str(error))
        self.app.ledger.scenes.set_state(self._scene_id, State.PENDING, Result.RETRY, error=message)
        self.failed = f"scene {self._scene_id}: attempt {failed} failed"
        raise self.tried_again(error, delay) from error

    def wait_patiently(self, error: Exception) -> Outcome:
        """Look for the scene's item again when Plex may have it."""
        settings, text = self.app.settings, str(error)
        backoff = Backoff(settings.not_found_retries, settings.not_found_base, settings.not_found_cap)
        title = self.app.redact(self._snapshot.title)
        misses = self.app.ledger.scenes.set_state(
            self._scene_id, State.NOT_FOUND, Result.NOT_FOUND, error=text, title=title
        )
        delay = backoff.delay(misses)
        if self._looked_in is not None:
            unfound.missed(self._scene_id, self._looked_in, text, delay)
        self._ended(Result.NOT_FOUND, text)
        if delay is None:
            return Outcome(Result.NOT_FOUND, text)
        raise RetryTask(delay=delay) from error

    def give_up(self, error: Exception) -> Outcome:
        """Write a dead letter.

        :raises Exception: the error.
        """
        app, scene_id = self.app, self._scene_id
        app.outages_met.pop(scene_id, None)
        message = app.redact(str(error))
        title, snapshot = app.redact(self._snapshot.title), app.redact(json.dumps(self._snapshot.to_write))
        attempts = app.ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED, error=message, title=title)
        trace = app.redact("".join(traceback.format_exception(error)))
        app.ledger.dead_letters.put(
            scene_id, type(error).__name__, message, trace, attempts, title=title, snapshot=snapshot
        )
        self._ended(Result.FAILED, message)
        self.failed = f"scene {scene_id}: given up"
        # Huey logs the traceback.
        self.tell(logging.ERROR, error, trace=False)
        raise error

    def tried_again(self, error: Exception, delay: float, level: int = logging.WARNING) -> RetryTask:
        """Say that it is tried again."""
        self._ended(Result.RETRY, str(error))
        return super().tried_again(error, delay, level)

    def _ended(self, result: Result, reason: str) -> None:
        """Tell those that listen; the ledger holds it."""
        self._tell(result, reason, time.monotonic() - self._began, self.app.plex.requests - self._asked_before)

    def _tell(self, result: Result, reason: str, seconds: float, requests: int) -> None:
        outcome = SceneOutcome(self._scene_id, result, self.app.redact(reason), seconds, requests)
        self.app.outcomes.tell_scene(outcome)

    def _failed_attempts(self) -> int:
        """Attempts of the scene that have failed in a row, this one included."""
        record = self.app.ledger.scenes.get(self._scene_id)
        return (record.attempts if record else 0) + 1
