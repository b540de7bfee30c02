"""Starting the consumer anew in its own place: the same process, arguments and environment, after what runs is done.

The process stays the one that a service or a container watches. What it becomes is ``huey_consumer.sh``, which renews
the packages where an update needs others. The consumer's lock stays held all the way, so no other one can slip in.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from plexsync.storage.consumer_lock import INHERITED, ConsumerLock

#: Set by ``huey_consumer.sh`` to its own place.
STARTED_BY_SCRIPT = "PLEXSYNC_SCRIPT"
#: What runs the script: its folder may be one from which no program may start.
_SHELL = "/bin/sh"
#: Wakes the main thread, be it that it waits for settings or that it consumes.
ANEW_SIGNAL = signal.SIGUSR2
#: Signals that Python takes over at its start, and that a program that is run expects as they usually are.
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = logging.getLogger("plexsync.consumer")


class Anew:
    """Whether this consumer is to be started anew, and how. Made in the main thread, before signals are taken over.

    :param become: replaces this process by a program: its path, its arguments, its environment.
    """

    def __init__(self, become: Callable[[str, list[str], dict[str, str]], object] = os.execve) -> None:
        #: Whether it is to be, once all else has ended.
        self.is_wanted = False
        #: Whether the program's files are just being replaced: nothing new should begin.
        self.is_update_coming = False
        self._become = become
        self._lock = ""
        self._is_stopping = False
        self._hang_up = signal.getsignal(signal.SIGHUP)

    @property
    def is_by_script(self) -> bool:
        """Whether ``huey_consumer.sh`` has started this process."""
        return bool(os.environ.get(STARTED_BY_SCRIPT))

    def take_signals(self) -> None:
        """Until the consumer runs, and after it, there is nothing to finish: a signal ends the process at once.

        What was started to outlive its terminal (nohup) goes on.
        """
        for signum in _STOP_SIGNALS:
            if signum != signal.SIGHUP or self._hang_up is not signal.SIG_IGN:
                signal.signal(signum, self._stop)
        signal.signal(ANEW_SIGNAL, lambda *_: sys.exit(0))

    def ask(self) -> None:
        """Finish what runs, and start anew. From any thread; who stops the consumer has the last word."""
        if self._is_stopping:
            return
        self.is_wanted = True
        os.kill(os.getpid(), ANEW_SIGNAL)

    def ended(self, *, restarts: bool) -> None:
        """The consumer has finished what ran.

        :param restarts: it was asked to be started anew, and not to stop.
        """
        self.is_wanted = restarts
        if restarts:
            self.take_signals()
        else:
            self.cancel()

    def cancel(self) -> None:
        """It is to stop, and not to be started anew, whatever comes."""
        self._is_stopping, self.is_wanted = True, False

    def keep_if_wanted(self, lock: ConsumerLock) -> None:
        """All else has ended: where it is to be started anew, the lock stays held."""
        if self.is_wanted:
            self._lock = lock.hand_over()

    def go(self) -> NoReturn:
        """Become the consumer again.

        :raises OSError: that cannot be.
        """
        log.info("starting anew")
        logging.shutdown()
        for signum in (*_STOP_SIGNALS, *_PYTHONS):
            signal.signal(signum, signal.SIG_DFL)
        if self._hang_up is signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._go()

    def _go(self) -> NoReturn:
        command = _command()
        environment = {name: value for name, value in os.environ.items() if name != STARTED_BY_SCRIPT}
        if self._lock:
            environment[INHERITED] = self._lock
        self._become(command[0], command, environment)
        raise OSError("a process that became another one goes on")

    def go_at_once(self, lock: ConsumerLock | None) -> NoReturn:
        """Become the consumer again without finishing anything, from any thread: what runs must not go on.

        :param lock: stays held.
        :raises OSError: that cannot be.
        """
        if self._is_stopping or lock is None:
            os._exit(0)
        for child in multiprocessing.active_children():
            child.kill()
        self._lock = lock.hand_over()
        # What is handled is as usual again in the program that follows.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        self._go()

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.cancel()
        sys.exit(0)


def _command() -> list[str]:
    script = os.environ.get(STARTED_BY_SCRIPT)
    if script:
        return [_SHELL, script, *sys.argv[1:]]
    return [sys.executable, *sys.orig_argv[1:]]
