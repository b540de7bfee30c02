"""What answers and snapshots are made from: the data folder, what the consumer does now, its app once it has one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from plexsync.app import App
from plexsync.ledger import Ledger
from plexsync.status.jobs import LongJobs
from plexsync.status.preview import Preview
from plexsync.status.remembered import Remembered
from plexsync.storage.opening import open_database
from settings import database_url


class ConsumerState(StrEnum):
    """What the consumer does."""

    RUNNING = "running"
    #: A setting is missing or wrong: it reads them again every few seconds.
    NEEDS_SETTINGS = "needs_settings"
    #: What is missing may stand on Stash's settings page, which cannot be read now.
    WAITING_FOR_STASH = "waiting_for_stash"
    #: The PostgreSQL that holds the data does not answer.
    WAITING_FOR_DATABASE = "waiting_for_database"
    #: Another consumer of the same database works; this one takes over when that fails.
    STANDBY = "standby"
    STOPPING = "stopping"


class NotReady(Exception):
    """It cannot be answered yet: there is no app.

    :param remedy: what to do.
    """

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class Desk:
    """The consumer as the status room sees it. Safe to share between threads.

    :param folder: the data folder.
    :param environ: the environment the settings are read from.
    :param restart: lets the consumer finish what runs, and begin anew.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        restart: Callable[[], object] = lambda: None,
    ) -> None:
        self.folder = folder
        self.restart = restart
        self.environ = os.environ if environ is None else environ
        #: When the consumer began (epoch seconds).
        self.since = time.time()
        self._lock = threading.Lock()
        self._state = ConsumerState.RUNNING
        self._faults: tuple[dict[str, str], ...] = ()
        self._app: Callable[[], App] | None = None
        self._look_at_settings: Callable[[], object] = lambda: None
        self._ledger: Ledger | None = None
        #: What takes long to count, for the snapshot.
        self.remembered = Remembered()
        #: What runs long, and the dry run over all scenes.
        self.jobs = LongJobs()
        self.preview = Preview(self.jobs)
        #: Grows with each change that is to be seen at once.
        self.changes = 0

    @property
    def state(self) -> ConsumerState:
        """What the consumer does now."""
        return self._state

    @property
    def settings_faults(self) -> tuple[dict[str, str], ...]:
        """What is wrong with the settings: ``setting``, ``problem`` and ``remedy`` of each."""
        return self._faults

    @property
    def is_ready(self) -> bool:
        """Whether there is an app."""
        return self._app is not None

    def waits(self, state: ConsumerState, faults: Sequence[Mapping[str, str]] = ()) -> None:
        """The consumer cannot work yet.

        :param faults: of the settings: ``setting``, ``problem`` and ``remedy`` of each, without any value.
        """
        with self._lock:
            self._state, self._faults = state, tuple(dict(one) for one in faults)
            self.changed()

    def runs(self, app: Callable[[], App], look_at_settings: Callable[[], object] = lambda: None) -> None:
        """The consumer works from now on.

        :param app: gives the app of the settings in force.
        :param look_at_settings: see the method of that name.
        """
        with self._lock:
            self._look_at_settings = look_at_settings
            self._app, self._state, self._faults = app, ConsumerState.RUNNING, ()
            self.changed()

    def stops(self) -> None:
        """The consumer finishes what runs, and ends."""
        with self._lock:
            self._state = ConsumerState.STOPPING
            self.changed()

    def changed(self) -> None:
        """Something changed that a person who watches is to see within a second."""
        self.changes += 1

    def look_at_settings(self) -> None:
        """Have the settings read now: somebody has just changed them, or wants to know whether they are right.

        While the consumer waits for right ones it reads them every few seconds anyway.
        """
        self._look_at_settings()

    def app(self) -> App:
        """The app of the settings in force.

        :raises NotReady: there is none yet.
        """
        if self._app is None:
            raise self.not_ready()
        return self._app()

    def not_ready(self) -> NotReady:
        """Why there is no app yet."""
        if self._state is ConsumerState.NEEDS_SETTINGS:
            return NotReady("The consumer waits for its settings.", "Open the settings, and put right what is named.")
        if self._state is ConsumerState.WAITING_FOR_STASH:
            return NotReady(
                "The consumer waits for Stash, where its settings may be.", "See that Stash can be reached."
            )
        if self._state is ConsumerState.WAITING_FOR_DATABASE:
            return NotReady("The consumer waits for PostgreSQL.", "See that the database can be reached.")
        if self._state is ConsumerState.STANDBY:
            return NotReady("Another consumer works; this one waits.", "Ask the other one.")
        return NotReady("The consumer is just starting.", "Try again in a moment.")

    @property
    def ledger(self) -> Ledger:
        """The ledger on a connection of its own, for reading: a long look holds up no worker.

        :raises NotReady: the database is not open yet.
        """
        with self._lock:
            if self._app is None:
                raise self.not_ready()
            if self._ledger is None:
                self._ledger = Ledger(open_database(self.folder, database_url(self.environ)))
            return self._ledger

    def close(self) -> None:
        """Close that connection."""
        with self._lock:
            if self._ledger is not None:
                self._ledger.database.close()
