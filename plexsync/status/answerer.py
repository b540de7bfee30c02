"""Answers requests: short questions at once, what asks Plex or Stash aside, actions one after the other."""

from __future__ import annotations

import json
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from plexsync.errors import PlexSyncError
from plexsync.inbox import request_files
from plexsync.inbox.event_files import shown
from plexsync.inbox.request_files import BAD_REQUEST, BUSY, FAILED, MAX_ANSWER, WATCHES_FOR
from plexsync.log_throttle import Unforeseen
from plexsync.queue.glances import Glanced
from plexsync.queue.loop import Loop
from plexsync.queue.starting import patiently
from plexsync.status.arguments import BadRequest, checked
from plexsync.status.desk import Desk, NotReady
from plexsync.status.encoding import TooLarge, encoded
from plexsync.status.mailbox import LaidRequest, Mailbox
from plexsync.status.registry import Action, StatusQuestion
from plexsync.storage.facts import Facts
from plexsync.storage.faults import is_locked

#: Seconds between two looks for requests: after one came in, while somebody watches, and else.
LOOK, LOOK_WATCHED, LOOK_IDLE = 0.03, 0.05, 0.1
#: The same while another thread glances at the folder anyway: for answers that nobody has fetched.
LOOK_GLANCED = 15.0
#: Seconds after a request in which more are expected.
MORE_WITHIN = 5.0
#: Seconds between two looks whether somebody watches.
WATCH_LOOK = 1.0
#: Questions that ask Plex or Stash: worked on at a time, and waiting.
LONG_AT_ONCE, LONG_WAITING = 2, 8
#: The name of the fact that holds which actions were done that must not be done again, and how many it holds.
DONE_FACT, DONE_KEPT = "status_done_once", 50
#: Actions that wait.
ACTIONS_WAITING = 1000

_STORAGE = "Run ./huey_consumer.sh doctor: it says what is wrong with the data folder."

log = logging.getLogger(__name__)


class Answerer:
    """Answers what lies in the folder of requests, in threads of its own.

    :param desk: what answers are made from.
    :param questions: by their names.
    :param actions: by their names.
    """

    def __init__(self, desk: Desk, questions: Mapping[str, StatusQuestion], actions: Mapping[str, Action]) -> None:
        self._desk = desk
        self._questions = questions
        self._actions = actions
        self._mailbox = Mailbox(desk.folder)
        self._unforeseen = Unforeseen("answering a request", log)
        self._asked_at = float("-inf")
        self._glanced = Glanced()
        #: Actions that wait for the app.
        self._deferred: list[LaidRequest] = []
        self._watched, self._look_at_watched = False, 0.0
        self._long = _Crew("StatusLong", LONG_AT_ONCE, LONG_WAITING)
        self._acting = _Crew("StatusActions", 1, ACTIONS_WAITING)
        #: Called when something was found.
        self.on_found: Callable[[], object] = lambda: None
        self._loop = Loop("Status", "answering requests", lambda: self.look(), lambda: self.pause(), log)

    @property
    def at_work(self) -> int:
        """How many questions that take long are being answered."""
        return self._long.at_work

    def start(self) -> None:
        """Begin to answer."""
        self._loop.start()

    def stop(self) -> None:
        """End; what is being answered is not waited for. Actions that were not begun are done by the next consumer."""
        self._loop.stop()
        self._long.stop()
        self._acting.stop()

    def look(self) -> None:
        """Answer what has come in."""
        if self._deferred and self._desk.is_ready:
            deferred, self._deferred = self._deferred, []
            for request in deferred:
                self._deal_with(request)
        if not self._mailbox.may_hold_news():
            return
        for request in self._mailbox.take():
            self._asked_at = time.monotonic()
            self.on_found()
            self._deal_with(request)

    def glance(self) -> None:
        """See whether there may be something to answer, from a thread that wakes often anyway: a ``stat``, as a rule.

        As long as this is called every so often, nobody else wakes for it.
        """
        self._glanced.note()
        begins = not self._watched and is_watched(self._desk)
        if begins:
            self._look_at_watched = 0.0
        if begins or self._mailbox.has_news():
            self._loop.wake()

    def pause(self) -> float:
        """Seconds to the next look."""
        now = time.monotonic()
        if now - self._asked_at < MORE_WITHIN:
            return LOOK
        if now >= self._look_at_watched:
            self._look_at_watched = now + WATCH_LOOK
            self._watched = is_watched(self._desk)
        if self._watched:
            return LOOK_WATCHED
        return LOOK_GLANCED if self._glanced else LOOK_IDLE

    def _deal_with(self, request: LaidRequest) -> None:
        if request.fault:
            text = f"The request cannot be read: {request.fault}."
            self._reply(request, _fault(BAD_REQUEST, text, "Send it as the documentation says."))
            return
        if (action := self._actions.get(request.mode)) is not None:
            if action.is_for_this_run and request.is_from_before:
                self._reply(request, _done({"text": "The consumer has been started since."}))
            elif action.needs_app and not self._desk.is_ready:
                self._deferred.append(request)
            elif not self._acting.give(lambda: self._work(request, action, action.carry_out)):
                # It stays where it is, and is taken up by the next consumer at the latest.
                log.warning("too many actions wait: %s waits for the next start", request.file)
            return
        question = self._questions.get(request.mode)
        if question is None:
            text = f"There is nothing called {shown(request.mode)} to be asked."
            self._reply(request, _fault(BAD_REQUEST, text, "Restart the consumer if PlexSync was updated."))
        elif request.is_old:
            self._mailbox.drop(request)
        elif not question.takes_long:
            self._work(request, question, question.answer)
        elif not self._long.give(lambda: self._work(request, question, question.answer)):
            text = "The consumer is busy with other questions to Plex and Stash."
            self._reply(request, _fault(BUSY, text, "Try again in a moment."))

    def _work(
        self, request: LaidRequest, entry: StatusQuestion | Action, handler: Callable[..., dict[str, Any]]
    ) -> None:
        """Answer one request. Never fails."""
        if isinstance(entry, StatusQuestion) and not self._mailbox.is_wanted(request):
            self._mailbox.drop(request)
            return
        try:
            if entry.needs_app and not self._desk.is_ready:
                raise self._desk.not_ready()
            args = checked(entry.arguments, request.args or {})
            if isinstance(entry, Action) and entry.once:
                answer = _done(once(request.file, lambda: handler(self._desk, args)))
            else:
                answer = _done(handler(self._desk, args))
        except Exception as error:  # noqa: BLE001 - whoever asked gets an answer, and others get theirs
            answer = self._explained(error)
        if isinstance(entry, Action):
            self._desk.changed()
        if isinstance(entry, Action) or self._mailbox.is_wanted(request):
            self._reply(request, answer)
        else:
            self._mailbox.drop(request)

    def _explained(self, error: Exception) -> dict[str, Any]:
        match error:
            case BadRequest():
                return _fault(BAD_REQUEST, str(error), error.remedy)
            case NotReady():
                return _fault(BUSY, str(error), error.remedy)
            case PlexSyncError():
                return _fault(FAILED, str(error), "")
            case sqlite3.Error():
                kind = BUSY if is_locked(error) else FAILED
                return _fault(kind, f"The database cannot be used now: {error}", _STORAGE)
            case OSError():
                return _fault(FAILED, f"A file cannot be used: {error.strerror or error}", _STORAGE)
        self._unforeseen.met(error)
        return _fault(FAILED, f"A fault of PlexSync's: {type(error).__name__}.", "The consumer's log says more.")

    def _reply(self, request: LaidRequest, answer: dict[str, Any]) -> None:
        try:
            content = encoded(answer, MAX_ANSWER)
        except TooLarge as error:
            content = encoded(
                _fault(FAILED, f"The answer is too large: {error}.", "Ask for less at a time."), MAX_ANSWER
            )
        self._mailbox.answer(request, content)


def once(request: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What an action comes to, which is done and noted in one transaction: a crash after it does not repeat it.

    :param request: the name of the request's file.
    """
    import tasks.app as app

    facts = Facts(app.database)
    with app.database.write(durable=True):
        known = json.loads(facts.get(DONE_FACT) or "[]")
        if request in known:
            return {"text": "That is done already."}
        result = do()
        facts.put(DONE_FACT, json.dumps([*known[-DONE_KEPT:], request]))
    return result


def is_watched(desk: Desk) -> bool:
    """Whether somebody has looked at the snapshot within ``WATCHES_FOR`` seconds."""
    try:
        # Every second all day long: pathlib takes three times as long.
        touched = os.stat(f"{desk.folder}/{request_files.WATCHED_FILE}").st_mtime  # noqa: PTH116
    except OSError:
        return False
    return abs(time.time() - touched) < WATCHES_FOR


class _Crew:
    """A few threads that work off what they are given, in order. They are started when there is something to do."""

    def __init__(self, name: str, threads: int, most_waiting: int) -> None:
        self._name = name
        self._most = threads
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._waiting: queue.Queue[Callable[[], object] | None] = queue.Queue(most_waiting)
        self._unfinished = 0
        #: How many of the threads have something to do.
        self.at_work = 0

    def give(self, work: Callable[[], object]) -> bool:
        """Have something done; False where too much waits already."""
        with self._lock:
            try:
                self._waiting.put_nowait(work)
            except queue.Full:
                return False
            self._unfinished += 1
            if self._unfinished > len(self._threads) < self._most:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                patiently(thread.start, "answering requests")
                self._threads.append(thread)
        return True

    def stop(self) -> None:
        """End the threads once they have done what they are at; what waits is left."""
        with self._lock:
            with suppress(queue.Empty):
                while True:
                    self._waiting.get_nowait()
            for _ in self._threads:
                self._waiting.put_nowait(None)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            with self._lock:
                self.at_work += 1
            try:
                work()
            finally:
                with self._lock:
                    self.at_work -= 1
                    self._unfinished -= 1


def _done(result: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "result": result}


def _fault(kind: str, text: str, remedy: str) -> dict[str, Any]:
    return request_files.fault(kind, text, remedy)
