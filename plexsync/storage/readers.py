"""Connections that only read: so that whoever reads waits neither for a writer nor for a writer's disk.

Whoever reads takes one that is free, or opens one more. So there are as many as ever read at once, and those that were
used last, which know most, are used first.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

#: Seconds between two looks whether the file is still the one there is.
LOOK_EVERY = 0.05
#: Connections that are kept open for the next who reads.
KEPT = 4
#: Seconds between two looks whether the last one has been given back.
_GLANCE = 0.01


class ReadConnection:
    """A connection, and which life of the file it belongs to."""

    __slots__ = ("connection", "life")

    def __init__(self, connection: sqlite3.Connection, life: int) -> None:
        self.connection = connection
        self.life = life


class Readers:
    """The connections of one process that only read. Safe to share between threads.

    :param open_one: opens one; None where there cannot be any beside the connection that writes.
    :param look: sees whether the file that is open is still the one there is. It may call ``renew``.
    """

    def __init__(self, open_one: Callable[[], sqlite3.Connection | None], look: Callable[[], object]) -> None:
        #: Grows whenever the file is opened anew: connections from before are used no more.
        self.life = 0
        self._open_one = open_one
        self._look = look
        self._free: list[ReadConnection] = []
        self._busy: set[ReadConnection] = set()
        self._pid = 0
        self._look_at = 0.0

    def take(self) -> ReadConnection | None:
        """One that nobody else uses, until it is given back; None where there can be none.

        :raises sqlite3.Error: the file cannot be opened.
        """
        if self._pid != os.getpid():
            # What a process opened is no good to those that it forks.
            self._free, self._busy, self._pid = [], set(), os.getpid()
            self.look_first()
        now = time.monotonic()
        if now >= self._look_at:
            self._look()
            self._look_at = now + LOOK_EVERY
        while True:
            try:
                reader = self._free.pop()
            except IndexError:
                break
            # First known as used, then compared: ``renew`` does the contrary.
            self._busy.add(reader)
            if reader.life == self.life:
                return reader
            self._close(reader)
        life = self.life
        connection = self._open_one()
        if connection is None:
            return None
        # One that was opened while the file was opened anew is taken for an old one, at worst.
        reader = ReadConnection(connection, life)
        self._busy.add(reader)
        return reader

    def give_back(self, reader: ReadConnection, error: BaseException | None = None) -> None:
        """It is used no longer.

        :param error: how its use ended: after one of SQLite's, the next use looks first.
        """
        if isinstance(error, sqlite3.Error):
            self.look_first()
        if reader.life == self.life and len(self._free) < KEPT and not isinstance(error, sqlite3.Error):
            self._free.append(reader)
            self._busy.discard(reader)
            if reader.life == self.life:
                return
            # Renewed in this very moment, and maybe before it was among those that are free.
            self._close_free()
        else:
            self._close(reader)

    def look_first(self) -> None:
        """See before the next use whether the file is still the one there is."""
        self._look_at = 0.0

    def renew(self, patience: float = 0.0) -> bool:
        """Use none of those there are any more.

        :param patience: seconds to wait until the last one is closed.
        :returns: whether it is.
        """
        self.life += 1
        self.look_first()
        self._close_free()
        until = time.monotonic() + patience
        while self._busy and time.monotonic() < until:
            time.sleep(_GLANCE)
        return not self._busy

    def _close_free(self) -> None:
        while self._free:
            try:
                reader = self._free.pop()
            except IndexError:
                return
            reader.connection.close()

    def _close(self, reader: ReadConnection) -> None:
        reader.connection.close()
        self._busy.discard(reader)


class ReadUse:
    """One use of the database for reading: a context manager that gives the connection.

    :param own: the connection that writes, where this thread uses it.
    :param readers: those that only read.
    :param writer: the connection that writes, to be used alone, where there is no other.
    :param met: told of an error of SQLite's, and in which life of the file.
    """

    __slots__ = ("_met", "_own", "_reader", "_readers", "_use", "_writer")

    def __init__(
        self,
        own: Callable[[], sqlite3.Connection | None],
        readers: Readers,
        writer: Callable[[], AbstractContextManager[sqlite3.Connection]],
        met: Callable[[sqlite3.DatabaseError, int], object],
    ) -> None:
        self._own = own
        self._readers = readers
        self._writer = writer
        self._met = met
        self._reader: ReadConnection | None = None
        self._use: AbstractContextManager[sqlite3.Connection] | None = None

    def __enter__(self) -> sqlite3.Connection:
        connection = self._own()
        if connection is not None:
            return connection
        reader = self._reader = self._readers.take()
        if reader is not None:
            return reader.connection
        self._use = self._writer()
        return self._use.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._use is not None:
            self._use.__exit__(kind, error, trace)
        reader = self._reader
        if reader is None:
            return
        self._readers.give_back(reader, error)
        if isinstance(error, sqlite3.DatabaseError):
            self._met(error, reader.life)
