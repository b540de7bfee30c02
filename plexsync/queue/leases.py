"""Who holds a claim, whether they are still there, and the heartbeat by which they say so.

All processes that share a SQLite file in WAL mode run on one kernel, so a process that holds claims can mostly be
looked up. Where it cannot (it runs in another container), the heartbeat decides, and it is watched with a clock that
nobody sets: a claim is lost when it was not renewed for a lease's time *as seen from here*. A wall clock that jumps
takes no claim from anybody.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

from plexsync.imports.late_dataclass import dataclass
from plexsync.log_throttle import LogThrottle

#: Seconds between two words on leases that cannot be renewed.
TELL_EVERY = 300.0

log = logging.getLogger(__name__)

#: The start ids of the owners of this process that still work. After ``exec`` the process id is the same and they are
#: not.
_working: set[str] = set()


@dataclass(frozen=True, slots=True)
class Owner:
    """One start of one process, told from any other one.

    :param host: the host's name; in a container the container's.
    :param boot: the kernel's boot id, or ``""`` where it has none to read (macOS).
    :param namespace: where the process id counts, or ``""``.
    :param pid: the process id.
    :param started: when the process started, in the kernel's ticks since boot, or ``""``. Guards against a reused pid.
    :param start_id: a random id.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: str
    start_id: str

    @classmethod
    def here(cls) -> Owner:
        """A new owner in this process."""
        pid = os.getpid()
        owner = cls(
            host=socket.gethostname().replace("|", "_"),
            boot=_content("/proc/sys/kernel/random/boot_id"),
            namespace=_link("/proc/self/ns/pid"),
            pid=pid,
            started=_state_and_start(pid)[1],
            start_id=uuid.uuid4().hex[:12],
        )
        _working.add(owner.start_id)
        return owner

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """The owner that ``str`` wrote, or None where it is none."""
        parts = text.split("|")
        if len(parts) != 6 or not parts[3].isdecimal():
            return None
        host, boot, namespace, pid, started, start_id = parts
        return cls(host, boot, namespace, int(pid), started, start_id)

    def __str__(self) -> str:
        """The owner as it stands in a claim."""
        # Said with each claim: by astuple it takes thirty times as long.
        return f"{self.host}|{self.boot}|{self.namespace}|{self.pid}|{self.started}|{self.start_id}"

    def retire(self) -> None:
        """This owner takes no more claims; what it still holds is lost."""
        _working.discard(self.start_id)

    def is_alive(self, here: Owner) -> bool | None:
        """Whether the owner still works, as seen from ``here``; None where that cannot be told."""
        if self.boot != here.boot:
            # The same machine after a restart has other processes; one of another name may be any.
            return False if self.boot and here.boot and self.host == here.host else None
        if self.namespace != here.namespace or (not self.boot and self.host != here.host):
            return None
        if self.pid == here.pid:
            return self.start_id in _working
        return _runs(self.pid, self.started)


def _runs(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # It runs, as another user.
        return True
    state, start = _state_and_start(pid)
    # A process that was killed keeps its number until its parent has asked after it.
    return state not in ("Z", "X") and (not start or not started or start == started)


def _state_and_start(pid: int) -> tuple[str, str]:
    """A process's state letter and start time (fields 3 and 22 of proc(5)'s stat), or empty texts."""
    stat = _content(f"/proc/{pid}/stat")
    # The second field is the program's name in parentheses and may hold anything.
    fields = stat.rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else ("", "")


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


class LeaseWatch:
    """Watches the leases of owners that cannot be looked up.

    :param lease: seconds without renewal after which a claim is lost.
    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(self, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._clock = clock
        self._seen: dict[str, tuple[float, float]] = {}

    def has_run_out(self, owner: str, lease_until: float) -> bool:
        """Whether the owner has not renewed for a lease's time.

        :param lease_until: the latest end of the owner's leases. Only whether it changes counts, not what it is.
        """
        now = self._clock()
        seen = self._seen.get(owner)
        if seen is None or seen[0] != lease_until:
            self._seen[owner] = (lease_until, now)
            return False
        return now - seen[1] >= self._lease

    def keep_only(self, owners: Collection[str]) -> None:
        """Forget owners that hold nothing any more."""
        self._seen = {owner: seen for owner, seen in self._seen.items() if owner in owners}


class Heartbeat:
    """A thread that renews leases while there are any.

    :param interval: seconds between renewals.
    :param renew: renews.
    :param is_idle: whether there is nothing to renew; the thread ends and is started again when it is needed.
    """

    def __init__(self, interval: float, renew: Callable[[], None], is_idle: Callable[[], bool]) -> None:
        self._interval = interval
        self._renew = renew
        self._is_idle = is_idle
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        """Start the thread unless it runs.

        :raises RuntimeError: no thread can be started.
        """
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._stop = threading.Event()
                thread = threading.Thread(target=self._run, args=(self._stop,), name="heartbeat", daemon=True)
                thread.start()
                self._thread = thread

    def stop(self) -> None:
        """End the thread."""
        with self._lock:
            self._stop.set()
            self._thread = None

    def _run(self, stop: threading.Event) -> None:
        said = LogThrottle(TELL_EVERY)
        while not stop.wait(self._interval):
            with self._lock:
                if self._is_idle() and not stop.is_set():
                    self._thread = None
                    return
            try:
                self._renew()
            except Exception as error:  # noqa: BLE001 - whatever it is, this thread has to go on
                if said.unsaid((type(error), str(error))) is not None:
                    log.warning("the leases could not be renewed: %r; tried again in %.0f s", error, self._interval)
