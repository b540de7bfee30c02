"""One bound on a whole exchange: requests bounds the connect and each single read, never their sum.

A server that sends a byte a second keeps every read short and the call going for ever, in the headers as well as in the
body. Here each wait for the socket is cut to what is left until the deadline of the call, so nothing read later (lines,
chunks, whole bodies) has to know of it.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from plexsync.http.heads import begin

_deadline: ContextVar[float] = ContextVar("http_deadline", default=float("inf"))


def within(seconds: float) -> Bound:
    """Bound everything this thread reads through ``pool_classes`` in the block.

    :param seconds: from now until reads fail with ``TimeoutError``.
    """
    return Bound(seconds)


class Bound:
    """A block whose requests end in time.

    :param seconds: from its begin.
    """

    __slots__ = ("_seconds", "_token")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._token = _deadline.set(time.monotonic() + self._seconds)

    def __exit__(self, *_: object) -> None:
        _deadline.reset(self._token)


def time_left() -> float:
    """Seconds until the deadline of the block this thread is in; negative when it is over."""
    return _deadline.get() - time.monotonic()


def pool_classes(*, check_certificates: bool) -> dict[str, type[HTTPConnectionPool]]:
    """By scheme, the connection pools for urllib3 whose connections keep to the deadline set by ``within``.

    :param check_certificates: False where the session does not verify TLS.
    """
    return {"http": _Pool, "https": _CheckedPool if check_certificates else _UncheckedPool}


class Outgoing(io.BytesIO):
    """A request body that stops with ``TimeoutError`` at the deadline.

    Handed over in pieces for a second reason: the socket still has the connect time-out while a request is sent, and
    bytes given in one piece would have to be gone within it.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """The next ``size`` bytes."""
        if time_left() <= 0:
            raise TimeoutError("the request took too long to send")
        return super().read(size)


class _Incoming(io.RawIOBase):
    """The receiving side of a socket, each wait no longer than the deadline allows."""

    def __init__(self, sock: socket.socket, got: bytes = b"") -> None:
        self._sock = sock
        self._stream = sock.makefile("rb", buffering=0)
        self._longest_wait = sock.gettimeout()
        self._got = got

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._got:
            size = min(len(buffer), len(self._got))
            buffer[:size], self._got = self._got[:size], self._got[size:]
            return size
        left = time_left()
        if left <= 0:
            raise TimeoutError("the answer took too long to come")
        self._sock.settimeout(left if self._longest_wait is None else min(left, self._longest_wait))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Source:
    """What http.client takes for a socket that it reads an answer from; ``got`` was read already."""

    def __init__(self, sock: socket.socket, got: bytes = b"") -> None:
        self._sock = sock
        self._got = got

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._sock, self._got))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, got: bytes = b"", **kwargs: Any) -> None:
        super().__init__(_Source(sock, got), *args, **kwargs)  # type: ignore[arg-type]  # it makes a file, and no more

    begin = begin


def read_on(sock: socket.socket, method: str, got: bytes) -> http.client.HTTPResponse:
    """An answer of which some was read already, as http.client reads it; its head is read by now.

    :param method: of the request.
    :param got: what was read.
    :raises http.client.HTTPException: it is none.
    """
    response = _Response(sock, method=method, got=got)
    try:
        response.begin()
    except BaseException:
        response.close()
        raise
    return response


class _Connection(HTTPConnection):
    response_class = _Response


class _CheckedConnection(HTTPSConnection):
    response_class = _Response


class _UncheckedConnection(_CheckedConnection):
    """TLS without a look at the certificate, because the settings say so."""

    def connect(self) -> None:
        super().connect()
        # urllib3 warns at each request on a connection that it holds for unverified. The choice was made in the
        # settings, and silencing the warning would silence it for the whole process.
        self.is_verified = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _CheckedPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedConnection


class _UncheckedPool(HTTPSConnectionPool):
    ConnectionCls = _UncheckedConnection
