"""A small HTTP server for simulations: starts and stops at will, keeps a log, and fails on request.

class Greeter(SimulatedServer):
    def respond(self, request: Request) -> Response:
        return Response.json({"hello": request.param("name")})

with Greeter() as server:
    server.faults.add(Fault("status", status=503, retry_after=2))
    requests.get(server.url, timeout=5)  # 503
    server.stop()                        # from here on connections are refused
    server.start()                       # the same port again
"""

from __future__ import annotations

import random
import socket
import ssl
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from plexsync.demo.http.connection import Listener
from plexsync.demo.http.exchange import DropConnection, LoggedRequest, Request, Response
from plexsync.demo.http.faults import FaultPlan

#: Ports are taken from below the range that outgoing connections use (32768 and up on Linux). While a server is
#: stopped the system gives its port to nobody else, and a client that keeps trying cannot be connected to itself.
PORTS = range(20_000, 32_000)


class SimulatedServer(ABC):
    """A server on a loopback port, stopped until ``start`` or the ``with`` block; its state outlives a stop.

    :param port: the port, or 0 for a free one; it stays the same over stops and starts.
    :param idle_timeout: seconds after which a connection without a request is closed.
    :param cert_file: PEM certificate (chain); with it the server speaks TLS.
    :param key_file: PEM key, where it is not in ``cert_file``.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        idle_timeout: float = 20.0,
        cert_file: Path | None = None,
        key_file: Path | None = None,
    ) -> None:
        self.port, claim = (port, None) if port else _free_port()
        if claim is not None:
            weakref.finalize(self, claim.close)
        self.idle_timeout = idle_timeout
        self.faults = FaultPlan()
        #: Exceptions out of ``respond``: faults of the simulation itself. The end of a ``with`` block raises the first.
        self.errors: list[Exception] = []
        self.peak_concurrency = 0
        self._tls = _tls_context(cert_file, key_file) if cert_file else None
        self._lock = threading.Lock()
        self._log: list[LoggedRequest] = []
        self._counters: Counter[str] = Counter()
        self._serving = 0
        self._stopping = threading.Event()
        self._listener: Listener | None = None

    @abstractmethod
    def respond(self, request: Request) -> Response:
        """Carry a request out. Called from several threads at once.

        :raises DropConnection: to reset the connection instead of answering.
        """

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether connections are accepted now."""
        return self._listener is not None

    @property
    def stopping(self) -> bool:
        """Whether requests still being served are to be dropped."""
        return self._stopping.is_set()

    @property
    def log(self) -> list[LoggedRequest]:
        """The requests so far in the order of their arrival, also those still being served."""
        with self._lock:
            return list(self._log)

    @property
    def counters(self) -> Counter[str]:
        """How often things happened: ``connections``, each method, and what a subclass counts."""
        with self._lock:
            return Counter(self._counters)

    def count(self, kind: str) -> None:
        """Add one to a counter."""
        with self._lock:
            self._counters[kind] += 1

    def forget(self) -> None:
        """Empty the log, the counters and the peak; the state of the simulation stays."""
        with self._lock:
            self._log.clear()
            self._counters.clear()
            self.peak_concurrency = self._serving

    def start(self) -> Self:
        """Accept connections; nothing happens when the server runs already.

        :raises OSError: another program has taken the port.
        """
        if self._listener is None:
            self._stopping = threading.Event()
            self._listener = Listener(self, self._tls)
        return self

    def stop(self) -> None:
        """Refuse connections from now on and close the open ones, as a process that ends; safe to call twice."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self._stopping.set()
            self.faults.release()
            listener.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None and self.errors:
            raise self.errors[0]

    def pause(self, seconds: float) -> None:
        """Sleep, in ``respond``.

        :raises DropConnection: the server was stopped meanwhile.
        """
        if self._stopping.wait(seconds):
            raise DropConnection

    def arrived(self, request: Request) -> LoggedRequest:
        """Enter a request into the log; called by the connection."""
        names = frozenset(name.lower() for name in request.headers)
        entry = LoggedRequest(request.method, request.path, request.query, names, len(request.body), time.time())
        with self._lock:
            self._log.append(entry)
            self._counters[request.method] += 1
            self._serving += 1
            self.peak_concurrency = max(self.peak_concurrency, self._serving)
        return entry

    def answered(self, entry: LoggedRequest, status: int) -> None:
        """Note in the log that the answer is ready; called by the connection."""
        with self._lock:
            entry.status, entry.duration = status, time.time() - entry.started

    def served(self, entry: LoggedRequest) -> None:
        """The other end of ``arrived``: the answer is sent, or will never be."""
        with self._lock:
            self._serving -= 1
            if entry.duration is None:
                entry.duration = time.time() - entry.started

    def carry_out(self, request: Request) -> Response:
        """``respond``, with its own faults kept in ``errors`` and answered 500."""
        try:
            return self.respond(request)
        except DropConnection:
            raise
        except Exception as error:  # noqa: BLE001  # raised again where the with block ends
            self.errors.append(error)
            return Response.html(f"the simulation failed: {error!r}", 500)


def _free_port() -> tuple[int, socket.socket]:
    """A port that nothing listens on, and what keeps other simulated servers off it, also while this one is stopped.

    That is a UDP socket on the port of the same number: nothing here speaks UDP, two cannot have one, and it goes with
    the process, whatever ends that.
    """
    for port in random.sample(PORTS, 100):
        claim = socket.socket(type=socket.SOCK_DGRAM)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                claim.bind(("127.0.0.1", port))
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
            return port, claim
    raise OSError(f"no free port between {PORTS.start} and {PORTS.stop}")


def _tls_context(cert_file: Path, key_file: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    return context
