"""What can go wrong with one request, on purpose: the faults a simulated server is told to show."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from plexsync.demo.http.exchange import Request

#: ``status``     answers with an error status; the request is not carried out.
#: ``hang``       does not answer until ``FaultPlan.release`` (the request is then served, as by a server that was
#:                stalled) or until the server stops (it is dropped).
#: ``reset``      breaks the connection with a TCP reset; the request is not carried out.
#: ``html``       answers 200 with an HTML page, as a proxy in front does; the request is not carried out.
#: ``slow``       waits, then carries the request out and answers.
#: ``truncate``   carries it out; the answer promises more bytes than come before the connection closes.
#: ``half_json``  carries it out; the answer is complete HTTP around half a JSON document.
#: ``drip``       carries it out; the answer's body comes a byte at a time (its head too when there is no body).
#: ``stall``      carries it out; the answer's head and half of its body come, and then no more until ``release`` or
#:                until the server stops.
#: ``cut``        resets the connection while the request's body is still being sent; the request is not carried out.
#: ``after``      carries it out; then fails as ``then`` says. The write happened and the answer is lost.
FaultKind = Literal["status", "hang", "reset", "html", "slow", "truncate", "half_json", "drip", "stall", "cut", "after"]


def _every(_request: Request) -> bool:
    return True


@dataclass(eq=False)
class PlannedFault:
    """One fault, shown to the next requests that match.

    :param kind: what happens; see ``FaultKind``.
    :param times: how many requests it strikes; None for all until it is removed.
    :param match: which requests; all by default.
    :param status: the status of ``status`` and of ``after`` with ``then="status"``.
    :param retry_after: for the ``Retry-After`` header: seconds, or an aware time that is sent as an HTTP date.
    :param seconds: what ``slow`` waits, and what ``drip`` waits before each byte.
    :param body: the body of ``status`` and ``html``; a short HTML page where it is None.
    :param content_type: of that body; that of an HTML page where it is None.
    :param then: how ``after`` fails.
    """

    kind: FaultKind
    times: int | None = 1
    match: Callable[[Request], bool] = _every
    status: int = 500
    retry_after: int | datetime | None = None
    seconds: float = 1.0
    body: bytes | None = None
    content_type: str | None = None
    then: Literal["reset", "hang", "status", "html"] = "reset"

    def retry_after_header(self) -> str | None:
        """The header's value, or None where no ``Retry-After`` is sent."""
        if isinstance(self.retry_after, datetime):
            return format_datetime(self.retry_after, usegmt=True)
        return None if self.retry_after is None else str(self.retry_after)


@dataclass
class FaultPlan:
    """The faults a server will show, the oldest first. Safe to change while the server runs.

    ``struck`` counts the requests each kind has struck so far.
    """

    struck: Counter[str] = field(default_factory=Counter)
    _faults: list[PlannedFault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _released: threading.Event = field(default_factory=threading.Event, repr=False)

    def add(self, fault: PlannedFault) -> PlannedFault:
        """Put a fault at the end of the plan.

        :returns: the same fault, to be handed to ``remove``.
        """
        with self._lock:
            self._faults.append(fault)
        return fault

    def remove(self, fault: PlannedFault) -> None:
        """Take a fault out of the plan; nothing happens where it is used up already."""
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def clear(self) -> None:
        """Take all faults out of the plan. Requests that hang go on hanging: see ``release``."""
        with self._lock:
            self._faults.clear()

    def release(self) -> None:
        """Let the requests that hang now go on."""
        with self._lock:
            self._released.set()
            self._released = threading.Event()

    def take(self, request: Request, *, early: bool = False) -> PlannedFault | None:
        """The fault that strikes this request, counted and used up by one; None where the request is spared.

        :param early: the request's body has not been read yet: only a ``cut`` strikes, and no other time does one.
        """
        with self._lock:
            for fault in self._faults:
                if (fault.kind == "cut") is early and fault.match(request):
                    break
            else:
                return None
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            self.struck[fault.kind] += 1
            return fault

    def hanging(self) -> threading.Event:
        """The event that the next ``release`` sets."""
        with self._lock:
            return self._released
