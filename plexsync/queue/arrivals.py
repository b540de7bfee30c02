"""What comes in, by the inbox and from other processes, and who is woken for it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from plexsync.inbox import event_files
from plexsync.log_throttle import LogThrottle
from plexsync.queue.courtesy import Courtesy
from plexsync.queue.doorbell import Doorbell
from plexsync.queue.glances import Glances
from plexsync.queue.intake import Intake, UnusableFile
from plexsync.queue.listening import DoorbellListener, Reliance
from plexsync.queue.standstill import Standstill
from plexsync.queue.wakeup import Wakeup
from plexsync.storage.database import Database
from plexsync.storage.log_files import log_of

#: Seconds between two looks whether work has still to rest.
REST_LOOK = 0.05
#: Seconds by which the clock on the wall has to leave the steady one until what is scheduled is looked at anew.
JUMP = 0.5

log = logging.getLogger(__name__)


class Arrivals:
    """Takes the hook's messages over, and wakes as many workers as there is work for. Safe to share between threads.

    :param database: the file, where other processes leave work.
    :param inbox: the folder of the hook's messages; the doorbell is beside it.
    :param store: stores messages, and sets what is unusable aside, in one durable transaction.
    :param is_stopping: whether nobody is to wait any longer.
    :param is_work_there: whether a message waits that could be worked on now.
    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(
        self,
        database: Database,
        inbox: Path,
        store: Callable[[Sequence[bytes], Sequence[UnusableFile]], None],
        is_stopping: Callable[[], bool],
        is_work_there: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        #: Whether whoever leaves something can be relied on to ring.
        self.reliance = Reliance()
        #: Set when something was scheduled, or may have been: the next due time may be another one.
        self.schedule_changed = threading.Event()
        #: Made with each look for what other processes left, and after each ring of the doorbell. Without a doorbell:
        #: ten times a second while a worker of this process waits, and not at all while none does.
        self.glances = Glances()
        self._database = database
        #: Tells the thread at the doorbell that there is nothing to look at. Whoever has it glance at something names
        #: here what changes with that.
        self.standstill = Standstill(None if database.is_shared else str(log_of(database.path)), str(inbox))
        #: Seconds between the clock on the wall and the one that nobody sets.
        self._offset = time.time() - time.monotonic()
        self._folder = inbox.parent
        self._store = store
        self._is_stopping = is_stopping
        self._is_work_there = is_work_there
        self._intake = Intake(inbox, self._take_in, clock)
        self._wakeup = Wakeup(self._others_left_work, is_stopping)
        self._courtesy = Courtesy()
        self._listener: DoorbellListener | None = None
        self._end_following: Callable[[], object] | None = None
        self._said = LogThrottle()
        self._seen_version = 0

    # --- the doorbell -----------------------------------------------------------------------------------------------

    @property
    def is_listening(self) -> bool:
        """Whether the doorbell wakes this process."""
        return self._listener is not None

    def listen(self) -> None:
        """Be woken by the doorbell from now on, until ``close``: this process is the consumer, and all its workers."""
        if self._listener is not None or not self._folder.is_dir():
            return
        listener = DoorbellListener(Doorbell(self._folder), self._rung, self._look_for_others, self.reliance)
        if listener.start():
            self._listener = listener
            # What lay there before could not ring.
            self.reliance.rung()
            self._wakeup.is_looked_for = True
            self._end_following = self._database.follow(self._others_committed)

    def close(self) -> None:
        """Listen no longer."""
        follow, self._end_following = self._end_following, None
        if follow is not None:
            follow()
        listener, self._listener = self._listener, None
        if listener is not None:
            self._wakeup.is_looked_for = False
            listener.stop()

    def announce(self, count: int = 1) -> None:
        """So many messages came into the queue: wake whoever works on it, in this process or in the consumer's."""
        self._wakeup.notify(count)
        self.ring()

    def ring(self) -> None:
        """Wake the consumer where that is another process."""
        if not self.is_listening:
            event_files.ring(str(self._folder))

    # --- waking -----------------------------------------------------------------------------------------------------

    def notify(self, count: int | None = None) -> None:
        """There may be work for so many workers of this process; None for all."""
        self._wakeup.notify(count)

    def token(self) -> int:
        """See ``Wakeup.token``."""
        return self._wakeup.token()

    def wait(self, token: int, timeout: float) -> None:
        """See ``Wakeup.wait``."""
        self._wakeup.wait(token, timeout)

    def rest(self) -> None:
        """Give way to a person for whom events come in, one after the other."""
        while (rest := self._courtesy.rest()) and not self._is_stopping():
            time.sleep(min(rest, REST_LOOK))

    # --- the inbox --------------------------------------------------------------------------------------------------

    def take_over(self, *, everything: bool = False, waits: bool = True) -> None:
        """See ``Intake.take_over``."""
        self._intake.take_over(everything=everything, waits=waits)

    def take_over_if_possible(self) -> None:
        """Take everything over, for whoever only looks: he has to see something, whatever is in the inbox."""
        try:
            self._intake.take_over(everything=True)
        except Exception as error:  # noqa: BLE001 - as above
            if self._said.unsaid(type(error)) is not None:
                what = str(error) if isinstance(error, sqlite3.Error) else repr(error)
                log.warning("the inbox could not be taken over, so what waits there is not counted: %s", what)

    def in_the_way(self) -> list[str]:
        """See ``Intake.in_the_way``."""
        self.take_over_if_possible()
        return self._intake.in_the_way()

    def _take_in(self, messages: Sequence[bytes], unusable: Sequence[UnusableFile]) -> None:
        self._store(messages, unusable)
        self._wakeup.notify(len(messages))
        if messages:
            self.reliance.found()

    # --- inside -----------------------------------------------------------------------------------------------------

    def _rung(self, times: int) -> None:
        """The doorbell was rung so often; 0: it or the file cannot be used now, as the workers are to find out, too."""
        for _ in range(min(times, 2)):
            self._courtesy.event()
        if not times:
            # Else the look that follows wakes them, once there is something for them.
            self._wakeup.notify()

    def _look_for_others(self) -> None:
        """Wake a worker where work waits: another process may have left it, or whoever was woken for it has died.

        What lies in the inbox wakes them once it is queued.
        """
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > JUMP:
            # The clock on the wall was set: something may be due.
            self._offset = offset
            self.schedule_changed.set()
        elif self.standstill.lasts():
            return
        self.glances.glance()
        if self._has_changed():
            self.schedule_changed.set()
        if self._is_work_there():
            self._wakeup.notify(1)
        if not self._courtesy.rest():
            self._intake.take_over()

    def _others_committed(self) -> None:
        """Another machine's process has committed: what it left may be work, or be due at a time of its own."""
        self.schedule_changed.set()
        if self._is_work_there():
            self._wakeup.notify(1)

    def _others_left_work(self) -> bool:
        self.glances.glance()
        return self._has_changed() or self._intake.may_hold_news()

    def _has_changed(self) -> bool:
        """Whether another connection has committed since this was asked last."""
        version, seen = self._database.data_version(), self._seen_version
        self._seen_version = version
        return version != seen
