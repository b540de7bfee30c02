"""The sockets of a simulated server: listening, one thread per connection, answering well or badly."""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from plexsync.demo.http.exchange import DropConnection, LoggedRequest, Request, Response
from plexsync.demo.http.faults import PlannedFault

if TYPE_CHECKING:
    from plexsync.demo.http.server import SimulatedServer

#: Seconds to wait for the thread of a connection when the server stops.
JOIN_TIMEOUT = 5.0
#: Bytes: a longer request line is not even read, whatever the simulation thinks of it.
MAX_REQUEST_LINE = 1 << 20


class Listener:
    """Accepts connections for ``owner`` on its port until ``stop``.

    :param owner: the server that answers the requests.
    :param tls: speak TLS with this, or plain where it is None.
    :raises OSError: the port is taken.
    """

    def __init__(self, owner: SimulatedServer, tls: ssl.SSLContext | None) -> None:
        self._server = _Server(owner, tls)
        self._thread = threading.Thread(
            target=self._server.accept_connections, name=f"{type(owner).__name__} accept", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the listening socket and every connection, and wait for their threads."""
        self._server.stop_accepting()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()


class _Server(ThreadingHTTPServer):
    """Keeps the connections by thread, so that they can be closed from outside."""

    allow_reuse_port = False
    request_queue_size = 256
    #: ``handle_request`` is called when there is something to accept, and is not to wait if it has gone again.
    timeout = 0

    def __init__(self, owner: SimulatedServer, tls: ssl.SSLContext | None) -> None:
        self.owner = owner
        self._tls = tls
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._woken, self._waker = socket.socketpair()
        super().__init__(("127.0.0.1", owner.port), _Connection)

    def accept_connections(self) -> None:
        """Accept until ``stop_accepting``, without the ticking of ``serve_forever``."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is not self._woken for key, _ in selector.select()):
                self.handle_request()

    def stop_accepting(self) -> None:
        """Let ``accept_connections`` end."""
        self._waker.send(b"x")

    def server_close(self) -> None:
        super().server_close()
        self._woken.close()
        self._waker.close()

    def server_bind(self) -> None:
        # HTTPServer's own looks up the host's name, which may take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.owner.port

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is not None:
            # The handshake is the connection's own affair: a client that stalls in it must not block the others.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        self.owner.count("connections")
        thread = threading.Thread(
            target=self._serve_connection,
            args=(request, client_address),
            name=f"{type(self.owner).__name__} connection",
            daemon=True,
        )
        with self._lock:
            self._connections[thread] = request
        thread.start()

    def _serve_connection(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._connections[threading.current_thread()]

    def shutdown_request(self, request: Any) -> None:
        if not _resets_on_close(request):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(request, socket.SHUT_WR)
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: what gets here is a client that went away or could not agree on TLS."""

    def close_connections(self) -> None:
        """Break every connection and wait for its thread."""
        with self._lock:
            connections = dict(self._connections)
        for thread, connection in connections.items():
            # SSLSocket's own shutdown takes the TLS state away from under the thread that reads.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            thread.join(JOIN_TIMEOUT)


class _Connection(BaseHTTPRequestHandler):
    """One connection: request after request until either side has enough."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.request.settimeout(self.server.owner.idle_timeout)
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Say nothing; the server keeps a log."""

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(MAX_REQUEST_LINE)
            if not self.raw_requestline.endswith(b"\n"):
                self.close_connection = True
            elif self.parse_request():
                self._serve()
        except OSError:  # idle for too long, or the client is gone
            self.close_connection = True

    def _serve(self) -> None:
        if "transfer-encoding" in self.headers:
            self.close_connection = True
            self._send(Response.html("Length Required", HTTPStatus.LENGTH_REQUIRED))
            return
        owner = self.server.owner
        length = int(self.headers.get("content-length") or 0)
        if length and (cut := self._cut_short(length)):
            owner.served(cut)
            return
        body = self.rfile.read(length)
        request = Request.read(self.requestline, self.command, self.path, self.headers, body)
        entry = owner.arrived(request)
        try:
            released = owner.faults.hanging()
            fault = owner.faults.take(request)
            if fault is None:
                self._answer(request, entry)
            else:
                entry.fault = fault.kind
                self._misbehave(fault, request, entry, released)
        except DropConnection:
            self._reset()
        finally:
            owner.served(entry)

    def _cut_short(self, length: int) -> LoggedRequest | None:
        """Reset the connection in the middle of the request's body, where that is to be; its entry in the log."""
        owner = self.server.owner
        request = Request.read(self.requestline, self.command, self.path, self.headers, b"")
        if owner.faults.take(request, early=True) is None:
            return None
        entry = owner.arrived(request)
        entry.fault = "cut"
        self.rfile.read(length // 2)
        self._reset()
        return entry

    def _answer(self, request: Request, entry: LoggedRequest) -> None:
        self._finish(entry, self.server.owner.carry_out(request))

    def _finish(self, entry: LoggedRequest, response: Response, send: Callable[[Response], None] | None = None) -> None:
        # Before sending: whoever has the answer finds the log complete.
        self.server.owner.answered(entry, response.status)
        (send or self._send)(response)

    def _misbehave(
        self, fault: PlannedFault, request: Request, entry: LoggedRequest, released: threading.Event
    ) -> None:
        owner = self.server.owner
        match fault.kind:
            case "status" | "html":
                self._finish(entry, _failure(fault, fault.kind))
            case "reset":
                raise DropConnection
            case "hang":
                self._hang(released)
                self._answer(request, entry)
            case "slow":
                owner.pause(fault.seconds)
                self._answer(request, entry)
            case "truncate":
                self._finish(entry, owner.carry_out(request), self._send_truncated)
            case "half_json":
                self._finish(entry, _half_json(owner.carry_out(request)))
            case "stall":
                self._finish(entry, owner.carry_out(request), lambda response: self._stall(response, released))
            case "drip":
                self._finish(entry, owner.carry_out(request), lambda response: self._drip(response, fault.seconds))
            case "after":
                owner.carry_out(request)
                self._lose_answer(fault, entry, released)

    def _lose_answer(self, fault: PlannedFault, entry: LoggedRequest, released: threading.Event) -> None:
        if fault.then == "hang":
            self._hang(released)
        if fault.then in ("hang", "reset"):
            raise DropConnection
        self._finish(entry, _failure(fault, fault.then))

    def _hang(self, released: threading.Event) -> None:
        if not self.server.owner.stopping:
            released.wait()
        if self.server.owner.stopping:
            raise DropConnection

    def _send(self, response: Response) -> None:
        head, body = self._head(response, len(response.body)), response.body
        # In one piece: two small ones cost the client a delayed acknowledgement of 40 ms.
        self.connection.sendall(head if self.command == "HEAD" else head + body)

    def _send_truncated(self, response: Response) -> None:
        self.close_connection = True
        head = self._head(response, len(response.body) + 100)
        self.connection.sendall(head + response.body)

    def _stall(self, response: Response, released: threading.Event) -> None:
        half = len(response.body) // 2
        self.connection.sendall(self._head(response, len(response.body)) + response.body[:half])
        self._hang(released)
        self.connection.sendall(response.body[half:])

    def _drip(self, response: Response, seconds: float) -> None:
        head = self._head(response, len(response.body))
        slow = response.body or head
        if response.body:
            self.connection.sendall(head)
        for byte in slow:
            self.server.owner.pause(seconds)
            self.connection.sendall(bytes([byte]))

    def _head(self, response: Response, length: int) -> bytes:
        lines = [
            f"HTTP/1.1 {response.status} {_phrase(response.status)}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Length: {length}",
        ]
        if response.content_type:
            lines.append(f"Content-Type: {response.content_type}")
        if self.close_connection:
            lines.append("Connection: close")
        else:
            lines += ["Connection: Keep-Alive", f"Keep-Alive: timeout={self.server.owner.idle_timeout:g}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)


#: On, for no second: closing such a socket throws away what is unsent and sends a reset.
_LINGER_NOT = struct.pack("ii", 1, 0)


def _resets_on_close(connection: socket.socket) -> bool:
    try:
        return connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_LINGER_NOT)) == _LINGER_NOT
    except OSError:
        return False


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _failure(fault: PlannedFault, kind: str) -> Response:
    """What a server, or a proxy in front of it, says when it cannot."""
    status = fault.status if kind == "status" else 200
    page = Response.html(_phrase(status) if kind == "status" else "The service is starting", status)
    retry_after = fault.retry_after_header()
    return Response(
        status,
        page.body if fault.body is None else fault.body,
        page.content_type if fault.content_type is None else fault.content_type,
        {} if retry_after is None else {"Retry-After": retry_after},
    )


def _half_json(response: Response) -> Response:
    body = response.body if response.content_type == "application/json" else b'{"MediaContainer": {"size": 1}}'
    return Response(response.status, body[: len(body) // 2], "application/json", response.headers)
