"""A thread with a session of its own that hears what others commit, and sees whether this process still leads."""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Callable

from plexsync.log_throttle import Unforeseen
from plexsync.storage.postgres.connection import PostgresSession

log = logging.getLogger(__name__)


class Watch:
    """Used once.

    :param open_one: opens the session.
    :param leads: asks by that session whether this process leads; None where it does not matter.
    :param lost: called, once, with what happened, where it does not, or where that cannot be told any more: then the
        server is about to take the lead away.
    :param told: called when another process has committed, and after each moment in which that could not be heard.
    """

    #: Seconds between two looks at the lead, and within which a server that is silent is taken for gone: together less
    #: than the server waits for a leader that is silent.
    EVERY, SILENT = 1.5, 3.0
    #: Seconds to the next attempt where there is no session.
    AGAIN = 1.0

    def __init__(
        self,
        open_one: Callable[[], PostgresSession],
        leads: Callable[[PostgresSession], bool] | None,
        lost: Callable[[str], object],
        told: Callable[[], object] = lambda: None,
    ) -> None:
        self._open_one = open_one
        self._leads = leads
        self._lost = lost
        self._told = told
        self._stopping = threading.Event()
        #: The first can be read from once the second is closed: that ends the wait for the server.
        self._ended, self._end = socket.socketpair()
        self._session: PostgresSession | None = None
        self._thread = threading.Thread(target=self._run, name="Postgres", daemon=True)

    def start(self) -> bool:
        """Begin; whether a thread could be had for it."""
        try:
            self._thread.start()
        except RuntimeError as error:
            log.warning("PostgreSQL is not listened to: %s", error)
            self._end.close()
            self._ended.close()
            return False
        return True

    def stop(self) -> None:
        """End, at once."""
        self._stopping.set()
        self._end.close()
        if self._thread is not threading.current_thread():
            self._thread.join(self.EVERY + self.SILENT)

    def _run(self) -> None:
        unforeseen = Unforeseen("listening to PostgreSQL", log)
        # At once: until it is told that this process leads, nobody who asks hears of it.
        asked = float("-inf")
        while not self._stopping.is_set():
            try:
                asked = self._look(asked)
                unforeseen.well()
            except sqlite3.Error as error:
                self._drop()
                if self._leads is not None:
                    self._lost(str(error))
                    break
                self._stopping.wait(self.AGAIN)
            except Exception as error:  # noqa: BLE001 - without this thread nobody would notice
                self._stopping.wait(unforeseen.met(error))
        self._drop()
        self._ended.close()

    def _look(self, asked: float) -> float:
        """Wait for news, and ask for the lead where it is time; when it was asked for last."""
        session = self._session
        if session is None:
            session = self._session = self._open_one()
            self._told()
        elif session.notifications(self.EVERY, self._ended.fileno()):
            self._told()
        now = time.monotonic()
        if self._leads is None or now - asked < self.EVERY:
            return asked
        if not self._leads(session) and not self._stopping.is_set():
            self._lost("PostgreSQL has ended the session that led")
            self._stopping.set()
        return now

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
