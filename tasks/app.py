"""The Huey application and, for its tasks, everything they work with.

Importing this opens the database and nothing else. Huey is imported when the queue is asked for, and a Python shell
needs no settings to look at it.
What the tasks need is imported and wired at the first task that runs: a command that only looks at queue and ledger
waits for none of it.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from plexsync.configuration.data_folder import data_dir, database_url
from plexsync.configuration.faults import SettingsError
from plexsync.errors import PlexSyncError
from plexsync.inbox import event_files
from plexsync.ledger.hours import Hours
from plexsync.queue.priorities import Priority
from plexsync.queue.schema import STEPS as QUEUE_STEPS
from plexsync.storage import opening
from plexsync.storage.database import Database
from plexsync.sync.hour_keeper import HourKeeper
from plexsync.sync.outcomes import Outcomes
from plexsync.sync.scene_locks import SceneLocks
from plexsync.sync.upcoming import Upcoming

if TYPE_CHECKING:
    from plexsync.app import App
    from plexsync.installation.settings_reader import SettingsReader
    from plexsync.queue import PlexSyncHuey
    from settings import Settings

#: The database that queue and ledger share.
database: Database = opening.of_process(data_dir(os.environ), database_url(os.environ))
# Whoever looks at the ledger alone may find the queue's tables missing otherwise, as in a folder that is new.
database.migrate("queue", QUEUE_STEPS)
#: The scenes that threads of this process work on: with the old settings or with new ones, no two on the same.
scene_locks = SceneLocks()
#: Hears how scenes fare, whatever the settings.
outcomes = Outcomes()
#: Counts them, hour by hour.
hour_keeper = HourKeeper(lambda: Hours(database))
outcomes.listen(hour_keeper)

#: Name of the fact that tells worker processes of new settings: a number that grows.
GENERATION = "settings_generation"


log = logging.getLogger(__name__)


class Runtime:
    """Wires the app once per process, at the first use, and again when the settings have changed.

    :param reader: reads the settings.
    :param wire: makes the app.
    :param process: the number of the process that asks.
    """

    def __init__(
        self, reader: SettingsReader, wire: Callable[[Settings], App], process: Callable[[], int] = os.getpid
    ) -> None:
        self.reader = reader
        self._wire = wire
        self._process = process
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._app: App | None = None
        self._generation = 0
        self._pid = 0
        self._told = ""

    def __call__(self) -> App:
        """The app; a forked worker process gets one of its own, as connections cannot be shared."""
        with self._lock:
            app = self._wired()
            if _generation(app) == self._generation:
                return app
        # Another process of this consumer has found new settings.
        with self._renewing:
            self._renew(ask_stash=True)
        return self._current()

    def use(self, app: App, reader: SettingsReader) -> None:
        """Take an app that is wired already, from settings that ``reader`` has read."""
        from plexsync.installation import settings_in_force

        settings_in_force.note(app.ledger.facts, app.settings, starting=True)
        with self._lock:
            self.reader = reader
            self._take(app, _generation(app))

    def reload(self, *, ask_stash: bool = True) -> bool:
        """Read the settings again, and wire a new app where they have changed; tasks that run finish with the old one.

        The number of workers and the kind of log stay as they were at the start. Where the settings have become wrong,
        the old ones stay in force.

        :param ask_stash: False takes Stash's settings page as it was last.
        :returns: whether there is a new app.
        """
        with self._lock:
            self._wired()
        with self._renewing:
            if not self._renew(ask_stash=ask_stash):
                return False
            with self._lock:
                told = self._current().ledger.facts.increase(GENERATION)
                # Where another process has told of newer settings meanwhile, those are still to be read here.
                if told == self._generation + 1:
                    self._generation = told
            return True

    def _wired(self) -> App:
        """The app of this process, made where there is none yet."""
        if self._app is None or self._pid != self._process():
            # As in ``_renew`` taken before the settings are read; where there is no app yet nobody else is at work.
            before = None if self._app is None else _generation(self._app)
            app = self._wire(self.reader.read())
            self._take(app, _generation(app) if before is None else before)
        return self._current()

    def _renew(self, *, ask_stash: bool) -> bool:
        """Read the settings, and wire a new app where they have changed; whether they have. Not twice at a time."""
        from plexsync.installation import settings_in_force

        old = self._current()
        # Taken before the settings are read: what another process tells of from here on may not be among them.
        generation = _generation(old)
        try:
            settings = self.reader.read(ask_stash=ask_stash)
            changed = _differences(old.settings, settings)
            # What was found of the scenes so far holds whatever the settings.
            app = replace(self._wire(settings), outages_met=old.outages_met) if changed else old
        except (SettingsError, PlexSyncError, ValueError) as error:
            if str(error) != self._told:
                self._told = str(error)
                log.error("the new settings are wrong, so the old ones stay in force: %s", error)  # noqa: TRY400 - no trace
            changed, app = [], old
        else:
            if self._told:
                log.info("the settings are right again")
            self._told = ""
        with self._lock:
            self._take(app, generation)
        if not changed:
            return False
        settings_in_force.note(app.ledger.facts, app.settings)
        log.info("the settings have changed, and the new ones are in force: %s", ", ".join(changed))
        if text := settings_in_force.advice(changed, app.settings.reconcile):
            log.warning("%s", text)
        # Closes what is idle; a task that runs finishes on its own connections.
        old.close()
        return True

    def _current(self) -> App:
        if self._app is None:
            raise RuntimeError("nothing is wired yet")
        return self._app

    def _take(self, app: App, generation: int) -> None:
        self._app, self._pid, self._generation = app, self._process(), generation


def _generation(app: App) -> int:
    return int(app.ledger.facts.get(GENERATION) or 0)


def _differences(old: Settings, new: Settings) -> list[str]:
    """Names of the settings that differ; never their values."""
    from settings import Settings

    names = [one.name for one in fields(Settings) if one.name != "warnings"]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def requeue(scene_ids: Sequence[int]) -> None:
    """Queue scenes whose item was another scene's."""
    _queue().enqueue_by_name(event_files.SYNC_SCENE, [(scene_id,) for scene_id in scene_ids])


def on_appeared(scene_ids: Sequence[int]) -> None:
    """Queue scenes whose files have appeared in Plex: those that wait for their time already keep their priority.

    When a library is read for the first time these may be all scenes there are.
    """
    _queue().enqueue_by_name(event_files.SYNC_SCENE, [(scene_id,) for scene_id in scene_ids], Priority.EVERYTHING)


def on_moved(scene_ids: Sequence[int]) -> None:
    """Queue scenes whose items have become others, in the caller's transaction, behind what people do."""
    _queue().enqueue_by_name(event_files.SYNC_SCENE, [(scene_id,) for scene_id in scene_ids], Priority.EVERYTHING)


def _in_line(count: int) -> list[int]:
    arguments = _queue().next_arguments(event_files.SYNC_SCENE, count)
    return [one[0] for one in arguments if one and isinstance(one[0], int)]


#: The scenes that are synchronised next, as far as can be told.
upcoming = Upcoming(_in_line)


def wire(settings: Settings) -> App:
    """The app of these settings, on the queue and the database of this process."""
    from plexsync.app import QueueAccess, build

    queue = QueueAccess(_queue().waiting, requeue, on_appeared, on_moved, upcoming.next)
    return build(settings, database, queue, scene_locks=scene_locks, outcomes=outcomes)


def _open_queue() -> PlexSyncHuey:
    from plexsync.queue import open_queue

    return open_queue(database)


def _runtime() -> Runtime:
    from plexsync.installation.settings_reader import SettingsReader

    return Runtime(SettingsReader(os.environ), wire)


if TYPE_CHECKING:
    #: The queue. ``huey.pending()``, ``huey.scheduled()`` and ``huey.all_results()`` look into it.
    huey: PlexSyncHuey
    #: The app the tasks of this process work with.
    runtime: Runtime

#: Made when they are asked for: who looks at the ledger alone waits for neither Huey nor the settings.
_MADE: dict[str, Callable[[], object]] = {"huey": _open_queue, "runtime": _runtime}
_making = threading.RLock()


def __getattr__(name: str) -> Any:
    if name not in _MADE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with _making:
        if name not in globals():
            globals()[name] = _MADE[name]()
        return globals()[name]


def _queue() -> PlexSyncHuey:
    queue: PlexSyncHuey = __getattr__("huey")
    return queue
