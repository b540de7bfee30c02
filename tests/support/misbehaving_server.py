"""A TCP server that answers HTTP requests as badly as a test wants."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class Received:
    """A request as it arrived; ``connection`` counts the server's connections from 1."""

    connection: int
    head: str
    body: bytes


#: Answers one request on an open connection; False closes the connection after it.
Behaviour = Callable[[socket.socket, Received], bool]


class Server:
    """A TCP server that reads whole HTTP requests and lets each behaviour in turn (the last one for ever) answer."""

    def __init__(self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.behaviours = list(behaviours)
        self.requests: list[Received] = []
        self.stopped = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()
        self._connections = 0
        #: Requests that a connection is at work on, be it only that it closes after them.
        self._at_work = 0
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopped.is_set():
                connection.close()
                return
            self._connections += 1
            self._start(self._serve, connection, self._connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            connection.settimeout(5)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                while (request := read_request(connection, number)) is not None:
                    with self._lock:
                        self.requests.append(request)
                        behave = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                        self._at_work += 1
                    try:
                        if not behave(connection, request):
                            connection.close()
                            return
                    finally:
                        with self._lock:
                            self._at_work -= 1

    def wait_until_done(self) -> None:
        """Wait until what was asked is answered, and the connections that are closed after it are.

        Whoever has read an answer may be faster than the server's thread, which has yet to close the connection.
        """
        deadline = time.monotonic() + 5
        while self._at_work:
            assert time.monotonic() < deadline, "the server comes to an end"
            time.sleep(0.001)

    def close(self) -> None:
        self.stopped.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._listener.close()
        for thread in self._threads:
            thread.join(0.01)


def read_request(connection: socket.socket, number: int) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(65536)):
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    # In one place: a new one for each piece would take the longer the smaller the pieces are.
    whole, rests = bytearray(body), 0
    while len(whole) < length:
        if b"slow-reader" in head and len(whole) >= rests * 1_000_000:
            rests += 1
            time.sleep(0.1)
        if not (piece := connection.recv(65536)):
            return None
        whole += piece
    return Received(number, head.decode(), bytes(whole))


def answer(body: bytes = b"{}", status: str = "200 OK", headers: str = "", keep: bool = True) -> Behaviour:
    def behave(connection: socket.socket, _: Received) -> bool:
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)
        return keep

    return behave


def drip(beginning: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: Received) -> bool:
        connection.sendall(beginning)
        for _piece in range(200):
            time.sleep(0.02)
            connection.sendall(b"a")
        return False

    return behave


def drip_chunks(connection: socket.socket, _: Received) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _piece in range(200):
        time.sleep(0.02)
        connection.sendall(b"1\r\na\r\n")
    return False


def hang(connection: socket.socket, _: Received) -> bool:
    time.sleep(0.6)
    return False


def hang_up(connection: socket.socket, _: Received) -> bool:
    return False


def reset(connection: socket.socket, _: Received) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def truncate(connection: socket.socket, _: Received) -> bool:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"MediaContainer": {')
    return False
