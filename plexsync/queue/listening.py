"""One thread of the consumer's process that hears the doorbell, and looks now and then for what did not ring.

Where what is found has not rung (the hook is on another machine, or of an older version), it looks ten times a second.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable

from plexsync.log_throttle import Unforeseen
from plexsync.queue.doorbell import Doorbell

#: Seconds between two looks: where whoever comes rings, and where not.
LOOK_RUNG, LOOK_UNRUNG = 2.0, 0.1
#: Seconds after a ring in which looks are short apart: what rang may be committed a moment later.
ECHO = 0.5
#: Seconds within which what was found has to have rung, or to ring yet: a slow disk comes in between.
RINGS_WITHIN = 3.0
#: Seconds for which nobody is relied on to ring, after something has not.
DOUBT = 600.0

log = logging.getLogger(__name__)


class Reliance:
    """Whether whoever leaves something can be relied on to ring. Safe to share between threads.

    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rung_at = float("-inf")
        self._unrung_since: float | None = None
        self._doubted_until = float("-inf")

    def rung(self) -> None:
        """Somebody has rung."""
        self._rung_at, self._unrung_since = self._clock(), None

    def found(self) -> None:
        """Something was found that ought to have rung."""
        now = self._clock()
        if now < self._doubted_until:
            self._doubted_until = now + DOUBT
        elif self._unrung_since is None and now - self._rung_at > RINGS_WITHIN:
            self._unrung_since = now

    def pause(self) -> float:
        """Seconds to the next look."""
        now = self._clock()
        if self._unrung_since is not None and now - self._unrung_since > RINGS_WITHIN:
            self._unrung_since, self._doubted_until = None, now + DOUBT
            log.debug("something came that did not ring: events are looked for ten times a second for a while")
        if now < self._doubted_until or now - self._rung_at < ECHO:
            return LOOK_UNRUNG
        return LOOK_RUNG


class DoorbellListener:
    """The thread.

    :param doorbell: what is rung.
    :param rung: called when it was, with how often, before the look that follows; with 0 where looking failed.
    :param look: looks whether there is anything; called every so often, and after each ring.
    :param reliance: says how often to look.
    """

    def __init__(
        self,
        doorbell: Doorbell,
        rung: Callable[[int], object],
        look: Callable[[], object],
        reliance: Reliance,
    ) -> None:
        #: What is rung.
        self.doorbell = doorbell
        self._rung = rung
        self._look = look
        self._reliance = reliance
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="Doorbell", daemon=True)

    def start(self) -> bool:
        """Begin; whether a thread could be had for it."""
        try:
            self._thread.start()
        except RuntimeError as error:
            log.debug("nobody listens to the doorbell: %s", error)
            return False
        return True

    def stop(self) -> None:
        """End the thread, and take the doorbell away."""
        self._stopping.set()
        self.doorbell.ring()
        if self._thread is not threading.current_thread():
            self._thread.join(LOOK_RUNG + 1)

    def _run(self) -> None:
        unforeseen = Unforeseen("listening to the doorbell", log)
        while not self._stopping.is_set():
            try:
                self._listen()
                unforeseen.well()
            except (sqlite3.Error, OSError):
                # Whoever works meets it too, says so, and waits until it is over.
                self._rung(0)
                self._stopping.wait(LOOK_RUNG)
            except Exception as error:  # noqa: BLE001 - without this thread nothing would be picked up any more
                self._stopping.wait(unforeseen.met(error))
        self.doorbell.remove()

    def _listen(self) -> None:
        """Wait for a ring or the time to look, and do what follows."""
        if not self.doorbell.is_there():
            self._stopping.wait(LOOK_UNRUNG)
        elif (times := self.doorbell.wait(self._reliance.pause())) and not self._stopping.is_set():
            self._reliance.rung()
            self._rung(times)
        if not self._stopping.is_set():
            self._look()
