"""The Huey application and, for its tasks, everything they work with.

Importing this opens the queue and nothing else: a Python shell needs no settings to look at it. What the tasks need is
wired at the first task that runs.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import settings
from plexsync.database import Database
from plexsync.queue import open_queue
from plexsync.wiring import App, build, load_settings, open_database

#: The database that queue and ledger share.
database: Database = open_database(settings.data_dir(os.environ))
#: The queue. ``huey.pending()``, ``huey.scheduled()`` and ``huey.all_results()`` look into it.
huey = open_queue(database)


class Runtime:
    """Wires the app once per process, at the first use.

    :param wire: makes the app.
    """

    def __init__(self, wire: Callable[[], App]) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self._app: App | None = None
        self._pid = 0

    def __call__(self) -> App:
        """The app; a forked worker process gets one of its own, as connections cannot be shared."""
        with self._lock:
            if self._app is None or self._pid != os.getpid():
                self._app, self._pid = self._wire(), os.getpid()
            return self._app

    def use(self, app: App) -> None:
        """Take an app that is wired already."""
        with self._lock:
            self._app, self._pid = app, os.getpid()


#: The app the tasks of this process work with.
runtime = Runtime(lambda: build(load_settings(os.environ), database))
