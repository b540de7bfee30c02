"""``/health``, ``/ready`` and ``/metrics`` over HTTP. Imported only where ``PLEXSYNC_HTTP`` asks for it.

It reads the snapshot and the metrics, takes nothing, and tells no secret, title or path.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plexsync.inbox import heartbeat

#: Seconds without a byte after which a caller is left.
PATIENCE = 5.0
#: Callers at a time; others are sent away at once.
MOST_CALLERS = 8
_TEXT = "text/plain; version=0.0.4; charset=utf-8"

log = logging.getLogger(__name__)


class OutsideServer:
    """Serves while it runs.

    :param address: ``host:port``; port 0 takes a free one.
    :param folder: the data folder.
    :param metrics: makes the text for Prometheus; None where that cannot be.
    :raises OSError: the address cannot be used.
    """

    def __init__(self, address: str, folder: str, metrics: Callable[[], bytes] | None) -> None:
        host, _, port = address.rpartition(":")
        self._server = _server_of(host)((host.strip("[]"), int(port)), _Handler)
        self._server.folder, self._server.metrics = folder, metrics
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.5,), name="HTTP", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    folder: str
    metrics: Callable[[], bytes] | None

    def __init__(self, *args: Any) -> None:
        self._callers = threading.BoundedSemaphore(MOST_CALLERS)
        super().__init__(*args)

    def server_bind(self) -> None:
        """Without looking up the machine's name, which may take seconds."""
        self.socket.setsockopt(*_REUSE)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, where there is one."""
        if not self._callers.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            self._callers.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._callers.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the library calls it
        """A caller that went away is no matter."""
        log.debug("a caller could not be answered: %r", sys.exc_info()[1])


def _server_of(host: str) -> type[_Server]:
    import socket

    return type("_Server", (_Server,), {"address_family": socket.AF_INET6 if ":" in host else socket.AF_INET})


def _reuse() -> tuple[int, int, int]:
    import socket

    return socket.SOL_SOCKET, socket.SO_REUSEADDR, 1


_REUSE = _reuse()


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: _Server
    server_version, sys_version = "PlexSync", ""

    def do_GET(self) -> None:
        """Answer one of the three."""
        path = self.path.partition("?")[0]
        if path in ("/health", "/ready"):
            found = heartbeat.health(self.server.folder)
            good = found["healthy" if path == "/health" else "ready"]
            status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", json.dumps(found).encode("ascii") + b"\n")
        elif path == "/metrics" and self.server.metrics is not None:
            self._answer(HTTPStatus.OK, _TEXT, self.server.metrics())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"There are /health, /ready and /metrics.\n")

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Whoever looks every few seconds is not worth a line."""
