"""Asks a service whose circuit is open, or that denies access, whether that is over; meanwhile scenes are paused."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from plexsync.app import App
from plexsync.errors import AccessDenied, PlexSyncError, StashUnavailable
from plexsync.http.breaker import anything_rests
from plexsync.inbox import event_files
from plexsync.inbox.everything_again import SYNC_ALL
from plexsync.library.chosen import choose_sections
from plexsync.queue import PlexSyncHuey
from plexsync.queue.glances import Glanced
from plexsync.queue.loop import Loop
from plexsync.storage.commits import Commits
from tasks.app import Runtime
from tasks.knocks import LEAST, Knocks
from tasks.reconcile import RECONCILE_ON

#: Seconds between two looks at whether something is to be asked: a few rows of our own file.
LOOK = 0.5
#: The same while both answer: of whoever glances for it, and of its own where nobody does and where somebody does.
LOOK_AT_REST, LOOK_GLANCED = 2.0, 15.0
#: Seconds between two questions to a service that denies access.
ACCESS_RETRY = 60.0
#: The tasks that need Plex and Stash.
PAUSABLE = (event_files.SYNC_SCENE, RECONCILE_ON, event_files.SYNC_RELATED, event_files.SYNC_TOGETHER, SYNC_ALL)

log = logging.getLogger(__name__)


class Probe:
    """One thread of the consumer's process that finds out when a service is back, and pauses the scenes until then.

    While a breaker is open it asks once per interval, as the breaker's one trial: Plex for its libraries, Stash for its
    version. In between it knocks (see ``Knocks``): where there is an answer, the trial is made at once. While a token
    or key is refused it asks for what needs one. Before each question the settings are read again, as the fault may be
    mended there; new settings are a reason to ask at once.

    :param runtime: the app, and how to wire it anew.
    :param huey: the queue in which scenes are paused.
    :param access_retry: seconds; see ``ACCESS_RETRY``.
    :param look_every: seconds; see ``LOOK``.
    :param on_plex_back: called when Plex answers again: it may be another one.
    :param is_held: whether nothing new is to begin for a reason of the consumer's own.
    :param knocks: makes what says when to knock at a service.
    """

    def __init__(
        self,
        runtime: Runtime,
        huey: PlexSyncHuey,
        access_retry: float = ACCESS_RETRY,
        look_every: float = LOOK,
        on_plex_back: Callable[[], object] = lambda: None,
        is_held: Callable[[], bool] = lambda: False,
        knocks: Callable[[], Knocks] = Knocks,
    ) -> None:
        self._runtime = runtime
        self._look_every = look_every
        self._storage = huey.storage
        self._database = huey.storage.database
        self._access_retry = access_retry
        self._on_plex_back = on_plex_back
        self._is_held = is_held
        self._ask_access_at = {"Plex": 0.0, "Stash": 0.0}
        #: The newest message in the queue when each was asked last.
        self._newest = {"Plex": 0, "Stash": 0}
        self._knocks = {"Plex": knocks(), "Stash": knocks()}
        self._settling = self._was_held = False
        self._commits = Commits(self._database)
        self._glanced = Glanced()
        #: The services that are to be asked at once, as the settings have changed.
        self._to_ask: set[str] = set()
        self.loop = Loop("Probe", "asking Plex and Stash whether they are back", lambda: self.look(), self._pause, log)

    def start(self) -> None:
        """Begin to look. What is known already counts before any scene is handed out."""
        app = self._runtime()
        for guard in (app.guard, app.stash_guard):
            guard.forget_trial()
        self._judge_page()
        self._storage.paused = self.paused
        self._storage.arrivals.glances.add(self.glance, LOOK_AT_REST)
        self.loop.start()

    def stop(self) -> None:
        """End the thread; a question under way is not waited for."""
        self.loop.stop()

    def paused(self) -> Collection[str]:
        """The names of the tasks that are paused now."""
        return PAUSABLE if self._settling or self._is_held() or anything_rests(self._database) else ()

    def _pause(self) -> float:
        """Seconds to the next look."""
        if self._to_ask or self._look_every != LOOK or anything_rests(self._database):
            return self._look_every
        return LOOK_AT_REST if not self._glanced or self._page_is_awaited() else LOOK_GLANCED

    def glance(self) -> None:
        """Have it look where anything may have changed, from a thread that wakes anyway. Costs one ``stat`` at rest.

        A breaker that opens, in whatever process, stands in the file.
        """
        self._glanced.note()
        was_held, self._was_held = self._was_held, self._is_held()
        if was_held and not self._was_held:
            self._storage.wake()
        if self._commits.may_be_new():
            self.loop.wake()

    def settings_changed(self) -> None:
        """New settings are in force: a service that is down, or denies access, is asked at once. From any thread."""
        self._to_ask |= {"Plex", "Stash"}
        self.loop.wake()

    def look(self) -> None:
        """Ask whatever is to be asked now."""
        for service in ("Plex", "Stash"):
            guard = self._runtime().guard_of(service)
            if guard.stopped is not None:
                self._ask_for_access(service)
            elif guard.state != "closed":
                self._ask_whether_back(service)
            else:
                self._knocks[service].over()
            self._to_ask.discard(service)
        if self._page_is_due():
            with self._unsettled():
                self._reload()
            self._judge_page()

    def _reload(self, *, ask_stash: bool = True) -> None:
        """Read the settings again, unless somebody is just writing them: they are read a moment later then."""
        if not self._runtime.reader.being_written():
            self._runtime.reload(ask_stash=ask_stash)

    def _ask_whether_back(self, service: str) -> None:
        if service in self._to_ask:
            self._runtime().guard_of(service).hasten()
        if self._runtime().guard_of(service).remaining() > 0 and not self._is_back(service):
            return
        if service == "Plex":
            self._reload(ask_stash=self._stash_is_well())
        if self._ask(service, _QUESTIONS[service]) and service == "Plex":
            self._on_plex_back()

    def _is_back(self, service: str) -> bool:
        """Knock, where it is time: whether the service answers. The breaker may then make its trial at once."""
        knocks = self._knocks[service]
        if not knocks.due(self._storage.newest_message()):
            return False
        app = self._runtime()
        try:
            with app.guard_of(service).uncounted():
                _QUESTIONS[service](app)
        except AccessDenied:
            log.debug("%s answers, and denies access", service)
        except PlexSyncError as error:
            knocks.knocked(answered=False)
            log.debug("%s is not back: %s", service, error)
            return False
        if not knocks.knocked(answered=True):
            return False
        app.guard_of(service).hasten()
        return True

    def _ask_for_access(self, service: str) -> None:
        now, newest = time.monotonic(), self._storage.newest_message()
        # Somebody who is at work may just have put right what was refused.
        is_news = newest != self._newest[service] and now >= self._ask_access_at[service] - self._access_retry + LEAST
        if now < self._ask_access_at[service] and not is_news and service not in self._to_ask:
            return
        self._ask_access_at[service], self._newest[service] = now + self._access_retry, newest
        self._reload(ask_stash=self._stash_is_well())
        if self._ask(service, _sections if service == "Plex" else _a_scene):
            self._runtime().guard_of(service).lift()
            self._storage.wake()

    def _ask(self, service: str, question: Callable[[App], object]) -> bool:
        """Ask; whether the service answered as it should. The breaker hears of it either way."""
        app = self._runtime()
        with self._unsettled():
            try:
                question(app)
            except AccessDenied as error:
                app.guard_of(service).stop(str(error))
                return False
            except PlexSyncError as error:
                log.debug("%s was asked and is not well: %s", service, error)
                return False
            if service == "Stash":
                self._reload()
        return True

    @contextmanager
    def _unsettled(self) -> Iterator[None]:
        """In the block scenes stay paused even if the circuit closes: settings in Stash have to be known first."""
        self._settling = True
        try:
            yield
        finally:
            self._settling = False
            self._storage.wake()

    # --- Stash's settings page ---------------------------------------------------------------------------------------

    def _stash_is_well(self) -> bool:
        guard = self._runtime().stash_guard
        return guard.state == "closed" and guard.stopped is None

    def _page_is_due(self) -> bool:
        """Whether Stash is well, and was not when its settings page, which nobody knows yet, was asked for."""
        return self._page_is_awaited() and self._stash_is_well()

    def _page_is_awaited(self) -> bool:
        reader = self._runtime.reader
        return not reader.page_known and _says_stash_is_away(reader.page_error)

    def _judge_page(self) -> None:
        """Where Stash did not even show its settings page, no scene can be read from it.

        Once that page is known, a single question for it that fails says less than the scenes that are read meanwhile.
        """
        error = self._runtime.reader.page_error
        if self._runtime.reader.page_known or not _says_stash_is_away(error):
            return
        if isinstance(error, StashUnavailable):
            self._runtime().stash_guard.trip(error)
        elif isinstance(error, AccessDenied):
            self._runtime().stash_guard.stop(str(error))


def _says_stash_is_away(error: PlexSyncError | None) -> bool:
    """Whether Stash's settings page could not be read on account of Stash as a whole, and not of that page."""
    return isinstance(error, AccessDenied) or (isinstance(error, StashUnavailable) and not error.healthy)


def _plex_sections(app: App) -> object:
    # Not /identity: a server that starts answers that before it has its library.
    return app.plex.sections()


def _sections(app: App) -> object:
    return choose_sections(app.plex.sections(), app.settings.plex_libraries)


def _a_scene(app: App) -> object:
    # A Stash whose database is locked, or that is too old, tells its version all the same.
    return app.stash.check()


#: What is asked of a service to see whether it is back.
_QUESTIONS: dict[str, Callable[[App], object]] = {"Plex": _plex_sections, "Stash": _a_scene}
