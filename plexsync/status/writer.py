"""Writes the snapshot: every few seconds as a sign of life, and within a second of a change while somebody watches."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from plexsync.inbox.hook_fault import explain
from plexsync.inbox.hook_process import replace
from plexsync.inbox.request_files import HEARTBEAT, MAX_STATUS, STATUS_FILE
from plexsync.log_throttle import LogThrottle, Unforeseen
from plexsync.queue.glances import Glanced
from plexsync.queue.loop import Loop
from plexsync.status.answerer import is_watched
from plexsync.status.desk import Desk
from plexsync.status.snapshot import as_document, basics

#: Seconds between two looks whether anything has changed: while somebody watches, and else.
LOOK, LOOK_UNWATCHED = 0.25, 1.0
#: The same while another thread glances whether anybody watches.
LOOK_GLANCED = 3.0
#: Seconds between two snapshots at least, and the share of the time that making them may take.
APART, SHARE = 0.5, 0.1
#: Seconds for which a snapshot is as good as new where nothing has changed: charts and rates move with the time.
GOOD_FOR = 60.0
#: Seconds by which the clock on the wall may differ from the steady one before the sign of life is renewed at once.
JUMP = 2.0
#: Bytes by which a document may grow when it is signed anew: its time may be written with more digits.
ROOM = 32
#: What stands before the time in a document, and that before all that was not made here.
_WRITTEN_AT = b'"written_at": '

log = logging.getLogger(__name__)


class SnapshotWriter:
    """One thread of the consumer's process.

    :param desk: what the snapshot is made from.
    :param compose: makes it.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        desk: Desk,
        compose: Callable[[Desk], dict[str, Any]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._compose = compose
        self._clock = clock
        self._path = desk.folder / STATUS_FILE
        self._said = LogThrottle(600.0)
        self._unforeseen = Unforeseen("making the snapshot", log)
        self._lock = threading.Lock()
        self._written_at, self._offset = float("-inf"), time.time() - clock()
        self._seen: object = None
        self._took = 0.0
        self._document = b""
        self._good_until = float("-inf")
        self._watched, self._glanced = False, Glanced()
        self._loop = Loop("Snapshot", "writing the snapshot", lambda: self.look(), lambda: self.pause(), log)

    def start(self) -> None:
        """Write the first one at once, and go on."""
        self.write()
        self._loop.start()

    def stop(self) -> None:
        """End, and leave a last one."""
        self._loop.stop()
        self.write()

    def look(self) -> None:
        """Write one, where it is time to."""
        now = self._clock()
        self._watched = is_watched(self._desk)
        is_due = now - self._written_at >= HEARTBEAT - LOOK_GLANCED
        if is_due or self._has_jumped() or (self._watched and self._may_again(now) and self._version() != self._seen):
            self.write()

    def glance(self) -> None:
        """See whether somebody has begun to watch, from a thread that wakes anyway. Costs one ``stat``.

        As long as this is called every so often, the writer's own thread wakes for the sign of life alone.
        """
        self._glanced.note()
        if not self._watched and (is_watched(self._desk) or self._has_jumped()):
            self._loop.wake()

    def _has_jumped(self) -> bool:
        """Whether the clock on the wall was set since the last snapshot."""
        return abs(time.time() - self._clock() - self._offset) > JUMP

    def pause(self) -> float:
        """Seconds to the next look."""
        if self._watched:
            return LOOK
        if not self._glanced:
            return LOOK_UNWATCHED
        return max(LOOK_GLANCED, self._written_at + HEARTBEAT - LOOK_GLANCED - self._clock())

    def write(self) -> None:
        """Write one now. Never fails: see the log then."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        began = self._clock()
        self._offset = time.time() - began
        try:
            version = self._version()
            if version == self._seen and began < self._good_until:
                # A sign of life: nothing has changed.
                self._put(_signed_anew(self._document), began)
                return
            self._seen, self._good_until = version, began + GOOD_FOR
            self._desk.remembered.version, self._desk.remembered.gave_old = self._seen, False
            snapshot = self._compose(self._desk)
            if self._desk.remembered.gave_old:
                # There may be more to tell as soon as that is worked out anew.
                self._seen = None
        except sqlite3.Error as error:
            if self._said.unsaid(str(error)) is not None:
                log.warning("the page is shown less than it could be: %s", error)
            self._seen, snapshot = None, basics(self._desk)
        except Exception as error:  # noqa: BLE001 - it is the sign of life: without it the consumer would seem dead
            self._unforeseen.met(error)
            self._seen, snapshot = None, basics(self._desk)
        self._document = as_document(snapshot, MAX_STATUS - ROOM)
        self._put(self._document, began)

    def _put(self, document: bytes, began: float) -> None:
        try:
            # A data folder that was deleted is not made again for it.
            if self._path.parent.is_dir():
                replace(str(self._path), document)
        except OSError as error:
            if self._said.unsaid(error.errno) is not None:
                log.warning(
                    "the snapshot cannot be written, so that the page shows the consumer as dead: %s",
                    explain(error, str(self._desk.folder)),
                )
        self._written_at = self._clock()
        self._took = self._written_at - began

    def _may_again(self, now: float) -> bool:
        return now - self._written_at >= max(APART, self._took / SHARE)

    def _version(self) -> object:
        """What differs when there may be something new to be seen."""
        try:
            data = self._desk.ledger.database.data_version() if self._desk.is_ready else 0
        except sqlite3.Error:
            # Whoever makes the snapshot meets it too, and says so.
            data = None
        return self._desk.changes, data


def _signed_anew(document: bytes) -> bytes:
    """A snapshot's document, written at present. To encode all of it takes ten times as long."""
    before, name, behind = document.partition(_WRITTEN_AT)
    return b"".join((before, name, repr(time.time()).encode("ascii"), behind[behind.index(b",") :]))
