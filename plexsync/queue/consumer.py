"""Huey's consumer, which stops gracefully on SIGINT and SIGTERM alike."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from huey.constants import WORKER_PROCESS, WORKER_THREAD
from huey.consumer import Consumer, ForkSafeFlag, ProcessEnvironment, ThreadEnvironment

from plexsync.log_throttle import Unforeseen
from plexsync.queue.signal_wait import SignalWait
from plexsync.queue.starting import Startable
from plexsync.queue.storage_health import FAULTS, PatientScheduler, PatientWorker, StorageHealth, patient

log = logging.getLogger(__name__)

#: Seconds that running tasks have to finish.
SHUTDOWN_TIMEOUT = 30.0
#: Seconds between two looks of the main thread at how the workers fare, which a signal ends.
LOOK = 10.0
#: How far the consumer stands back behind what people wait for, as ``nice`` counts.
NICENESS = 5
#: What a person at a terminal, Docker and systemd send to stop a process.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class FamilyFlag(ForkSafeFlag):  # type: ignore[misc]  # huey has no types
    """Tells worker processes to stop, also when the consumer was killed and cannot tell them any more.

    Made in the consumer's process, before any worker.
    """

    def __init__(self) -> None:
        super().__init__()
        self._consumer = os.getpid()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, ``timeout`` seconds at most; whether it is."""
        return bool(super().wait(timeout)) or self._is_orphan()

    def _is_orphan(self) -> bool:
        return self._consumer not in (os.getpid(), os.getppid())


class QueueProcessEnvironment(ProcessEnvironment):  # type: ignore[misc]  # huey has no types
    """Worker processes that leave stopping to the consumer: a terminal and systemd send each of them the signal too."""

    def get_stop_flag(self) -> FamilyFlag:
        """What tells all processes to stop."""
        return FamilyFlag()

    def create_process(self, runnable: Any, name: str) -> Startable:
        """A process that can fail to start."""
        return Startable(super().create_process(runnable, name), name)

    def init_child(self, process: Any) -> None:
        """Called in a new worker process."""
        super().init_child(process)
        for signum in STOP_SIGNALS:
            signal.signal(signum, signal.SIG_IGN)

    def interrupt_workers(self, procs: Sequence[Any]) -> None:
        """Interrupt the tasks that run, then end the processes that do not react."""
        super().interrupt_workers(procs)
        for proc in procs:
            if proc.is_alive():
                proc.kill()


class QueueThreadEnvironment(ThreadEnvironment):  # type: ignore[misc]  # huey has no types
    """Worker threads that can fail to start."""

    def create_process(self, runnable: Any, name: str) -> Startable:
        """A thread that can fail to start."""
        return Startable(super().create_process(runnable, name), name)


class QueueConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    """The consumer.

    The first SIGINT or SIGTERM lets running tasks finish, bounded by ``shutdown_timeout``. A second one, or the
    time-out, interrupts them; their messages go back in line. SIGHUP restarts, as in Huey; but where the consumer was
    started in a terminal it is the word that this was closed, and stops it as SIGTERM does, and where whoever started
    it had it ignored (``nohup``) it stays so. SIGUSR2 restarts in any case.
    """

    worker_class = PatientWorker
    scheduler_class = PatientScheduler

    def __init__(self, huey: Any, **options: Any) -> None:
        self._health = StorageHealth()
        self._unforeseen = Unforeseen("the consumer", log)
        self._is_restarted_by_caller = self._is_to_restart = False
        self._signals: SignalWait | None = None
        super().__init__(huey, **options)
        for signum in STOP_SIGNALS:
            self._signal_actions[signum] = (False, True)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
            self._signal_actions.pop(signal.SIGHUP, None)
        elif _in_a_terminal():
            self._signal_actions[signal.SIGHUP] = (False, True)
        self._signal_actions[signal.SIGUSR2] = (True, True)
        if not huey.immediate:
            huey.storage.is_stopping = self.stop_flag.is_set

    def get_environment(self, worker_type: str) -> Any:
        """Where workers run."""
        if worker_type == WORKER_PROCESS:
            return QueueProcessEnvironment(signal.SIGINT, signal.SIGUSR1)
        if worker_type == WORKER_THREAD:
            return QueueThreadEnvironment(self._graceful_sig, self._interrupt_sig)
        return super().get_environment(worker_type)

    def start(self) -> None:
        """Put back in line what a consumer that died was working on, then start scheduler and workers.

        What was set aside because an older version could not read it, and can be read by now, goes back as well.
        """
        self._set_signal_handlers()
        if not self.huey.immediate:
            self.tidy_up()
            self.huey.storage.turns.workers = self.workers
            if self.worker_type == WORKER_THREAD:
                # Worker processes look for themselves.
                self.huey.storage.arrivals.listen()
        super().start()

    def run(self) -> None:
        """Run until a signal comes."""
        _stand_back()
        if threading.current_thread() is not threading.main_thread():
            super().run()
            return
        with SignalWait() as self._signals:
            super().run()

    def loop(self, health_check_ts: float | None = None) -> Any:
        """One look at signals and workers."""
        if self._signals is not None and self._signum is None:
            self._stop_flag_timeout = 0.0
            try:
                self._signals.wait(LOOK)
            except KeyboardInterrupt:
                # Of the second signal, the first of which is dealt with now.
                log.debug("interrupted")
        return super().loop(health_check_ts)

    def run_to_end(self) -> bool:
        """As ``run``, for a caller who restarts the program himself; whether he is to."""
        self._is_restarted_by_caller = True
        self.run()
        # A signal may have come since.
        return self._is_to_restart and self._signum not in STOP_SIGNALS

    def tidy_up(self) -> None:
        """Put back in line what a consumer that died was working on, and what can be read by now."""
        try:
            # Of a database that several share this one has the lead: whoever had it before claims nothing any more.
            self.huey.storage.recover(begins=self.huey.storage.database.is_shared)
            self.huey.take_up_again()
        except FAULTS as error:
            # Recovering is repeated every now and then; what was set aside waits for the next start.
            self._health.note(error)
        except Exception as error:  # noqa: BLE001 - a consumer that does not start does nothing at all
            self._unforeseen.met(error)

    def _create_worker(self) -> Any:
        return patient(super()._create_worker(), self._health)

    def _create_scheduler(self) -> Any:
        return patient(super()._create_scheduler(), self._health)

    def check_worker_health(self) -> Any:
        """Replace workers that died, and start those that could not be. Whatever goes wrong, the consumer goes on."""
        try:
            return super().check_worker_health()
        except Exception as error:  # noqa: BLE001 - the next look is in ten seconds
            self._unforeseen.met(error)
            return False

    def stop(self, graceful: bool = False) -> None:
        """Stop the workers, then give back what they could not finish."""
        self.stop_flag.set()
        if not self.huey.immediate:
            self.huey.storage.arrivals.schedule_changed.set()
            self.huey.storage.wake()
        try:
            super().stop(graceful)
        except KeyboardInterrupt:
            self._restart = False
            self._interrupt_workers()
        self._ignore_signals()
        self.huey.storage.close()
        if self._is_restarted_by_caller:
            self._is_to_restart, self._restart = self._restart, False

    def _interrupt_workers(self) -> None:
        self._ignore_signals()
        super()._interrupt_workers()

    def _ignore_signals(self) -> None:
        # A consumer that restarts would begin its new life deaf to them.
        if not self._restart:
            for signum in STOP_SIGNALS:
                signal.signal(signum, signal.SIG_IGN)

    def _handle_signal(self, signum: int, frame: FrameType | None) -> None:
        if self._signum in STOP_SIGNALS and self._signal_actions[signum][0]:
            # It stops, and that is what holds.
            return
        super()._handle_signal(signum, frame)
        if not self._restart:
            for stop_signal in STOP_SIGNALS:
                signal.signal(stop_signal, signal.default_int_handler)


def _stand_back() -> None:
    """Let others go first, such as the hooks that a person waits for. Who has set it lower already has his way."""
    if hasattr(os, "setpriority") and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)


def _in_a_terminal() -> bool:
    return any(os.isatty(stream) for stream in range(3))
