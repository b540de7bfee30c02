"""A request and its answer over a connection that is open already, in as few steps as it takes.

urllib3 makes, checks and keeps the connections, TLS among it, and whatever goes over a new one goes through it. On one
that is kept, all that is left of a request is to send some bytes and to read some, and urllib3 takes several times as
long as that. What is not ordinary (another head than HTTP/1.1 has, an answer without a length, a compressed one) is
handed to urllib3 with the bytes that were read of it, so it comes out as ever.
"""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Mapping
from queue import Empty
from typing import Any, NamedTuple

import requests
from urllib3 import BaseHTTPResponse, HTTPHeaderDict, HTTPResponse
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import InvalidHeader, ProtocolError, ReadTimeoutError

from plexsync.http.deadline import read_on, time_left
from plexsync.imports.late import late_pattern

#: Bytes of a request's body that are sent in one piece: the socket still has the connect time-out then.
ONE_PIECE = 16 * 1024
#: Bytes that are read at a time, at most: of a head, and of a body.
_READ_HEAD, _READ_BODY = 16 * 1024, 256 * 1024
#: Bytes of a head, and its lines, that are looked at here.
_HEAD_MAX, _LINES_MAX = 32 * 1024, 100
#: How an ordinary answer begins, and where its head ends: with an empty line.
_BEGIN, _EMPTY_LINE = b"HTTP/1.1 ", late_pattern(rb"\n\r?\n")
#: The head of one: a status that ends the exchange, and headers of one line each.
_HEAD = late_pattern(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: ([^\r\n]*))?\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n\0]*\r\n)*)\r\n"
)
#: Path and query that urllib3 leaves as they are.
_TARGET = late_pattern(r"/[A-Za-z0-9/?:@!$&'()*+,;=._~\-]*(?:%[0-9A-F]{2}[A-Za-z0-9/?:@!$&'()*+,;=._~\-]*)*")
_NAME, _VALUE = late_pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"), late_pattern(r"[ \t!-~\x80-\xff]*")
#: Where a header goes on in the next line.
_FOLD = late_pattern(r"\r?\n[ \t]+")
#: Answers that have no body, whatever their length is said to be.
_WITHOUT_BODY = (204, 304)
#: Blocks of headers that are kept: a server has two or three that stand for all requests to it.
_BLOCKS_KEPT = 8
#: A server may refuse a request, and close, before it has read all of it: its answer is there all the same.
_ANSWERED_EARLY = (errno.EPIPE, errno.ECONNRESET, errno.EPROTOTYPE)


class Headers(dict[str, str]):
    """An answer's headers, which are found by their names in any case."""

    @classmethod
    def of(cls, block: bytes) -> Headers:
        """Those of a block of ordinary lines; what is there several times is one value, with commas in between."""
        headers = cls()
        for line in block.decode("iso-8859-1").split("\r\n")[:-1]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip(" \t")
            known = dict.get(headers, name)
            dict.__setitem__(headers, name, value if known is None else f"{known}, {value}")
        return headers

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a header."""
        return super().get(name.lower(), default)


class Whole(NamedTuple):
    """An answer that was read to its end."""

    status: int
    reason: str
    headers: Headers
    body: bytes


class _BrokeOff(Exception):
    """The answer had begun, and did not come to its end."""


class KeptConnections:
    """Sends requests over the connections that a pool of urllib3's keeps. Safe to share between threads.

    :param pool: of one server, without a proxy.
    :param connect_timeout: seconds that sending a piece may take.
    :param read_timeout: seconds between two pieces of an answer.
    :param answer_max: bytes of a body that are read here; a longer one is left to urllib3.
    """

    def __init__(self, pool: HTTPConnectionPool, connect_timeout: float, read_timeout: float, answer_max: int) -> None:
        self._pool = pool
        self._timeouts = connect_timeout, read_timeout
        self._answer_max = answer_max
        self._blocks: dict[int, tuple[Mapping[str, str], str]] = {}

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], more: Mapping[str, str] | None, body: bytes | None
    ) -> Whole | BaseHTTPResponse | None:
        """Send a request and read its answer.

        :param target: path and query.
        :param headers: those that many requests have, always the same object; without the server's name and a length.
        :param more: those of this one.
        :returns: the answer; one whose body is still to be read where it is not ordinary; None, and nothing was sent,
            where no connection is open, or urllib3 has to look at the request.
        :raises requests.RequestException: just as requests tells of it.
        """
        connection = self._take()
        if connection is None:
            return None
        answer: Whole | BaseHTTPResponse | None = None
        is_kept = False
        try:
            head = self._head(connection, method, target, headers, more, body)
            if head is None:
                is_kept = True
                return None
            self._send(connection.sock, head, body or b"")
            answer, is_kept = self._receive(connection, method, target)
            return answer
        except requests.RequestException:
            raise
        except _BrokeOff as error:
            raise requests.exceptions.ChunkedEncodingError(_cause(error)) from error
        except InvalidHeader as error:
            raise requests.exceptions.InvalidHeader(error) from error
        except ssl.SSLError as error:
            raise requests.exceptions.SSLError(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", error)) from error
        finally:
            if not isinstance(answer, BaseHTTPResponse):
                self._give_back(connection, is_kept=is_kept)

    def _take(self) -> Any:
        """A connection that is open, and on which nothing has come unasked; None for none."""
        try:
            connection: Any = self._pool.pool.get(block=False)  # type: ignore[union-attr]  # None where it is closed
        except (Empty, AttributeError):
            return None
        if connection is None or connection.sock is None or not connection.is_connected:
            # urllib3 opens it anew.
            self._pool._put_conn(connection)
            return None
        return connection

    def _give_back(self, connection: Any, *, is_kept: bool) -> None:
        if not is_kept:
            connection.close()
        self._pool._put_conn(connection)

    # --- Sending ------------------------------------------------------------------------------------------------------

    def _head(
        self,
        connection: Any,
        method: str,
        target: str,
        headers: Mapping[str, str],
        more: Mapping[str, str] | None,
        body: bytes | None,
    ) -> bytes | None:
        """The request's first lines; None where urllib3 has to look at them."""
        if more and any(name in headers for name in more):
            headers, more = {**headers, **more}, None
        standing = self._block(connection, headers)
        if standing is None or method == "HEAD" or _TARGET.fullmatch(target) is None:
            return None
        length = b"" if body is None and method not in ("PUT", "POST") else b"Content-Length: %d\r\n" % len(body or b"")
        own = _lines(more) if more else ""
        if own is None:
            return None
        return f"{method} {target} HTTP/1.1\r\n{standing}{own}".encode("iso-8859-1") + length + b"\r\n"

    def _block(self, connection: Any, headers: Mapping[str, str]) -> str | None:
        """The lines that say the server's name, and the headers that many requests have; None as above."""
        known = self._blocks.get(id(headers))
        if known is not None and known[0] is headers:
            return known[1]
        host, names = connection.host, {name.lower() for name in headers}
        lines = _lines(headers)
        # http.client adds these where they are missing, and knows how names are written that are not plain.
        if lines is None or not {"user-agent", "accept-encoding"} <= names or {"host", "content-length"} & names:
            return None
        if not host.isascii() or ":" in host:
            return None
        port = "" if connection.port == connection.default_port else f":{connection.port}"
        if len(self._blocks) >= _BLOCKS_KEPT:
            self._blocks.clear()
        self._blocks[id(headers)] = headers, (block := f"Host: {host}{port}\r\n{lines}")
        return block

    def _send(self, sock: socket.socket, head: bytes, body: bytes) -> None:
        sock.settimeout(self._timeouts[0])
        try:
            if len(body) <= ONE_PIECE:
                sock.sendall(head + body)
                return
            sock.sendall(head)
            view = memoryview(body)
            for begin in range(0, len(body), ONE_PIECE):
                if time_left() <= 0:
                    raise TimeoutError("the request took too long to send")
                sock.sendall(view[begin : begin + ONE_PIECE])
        except OSError as error:
            if error.errno not in _ANSWERED_EARLY:
                raise

    # --- Receiving ----------------------------------------------------------------------------------------------------

    def _receive(self, connection: Any, method: str, target: str) -> tuple[Whole | BaseHTTPResponse, bool]:
        """The answer, and whether the connection may be used again by now."""
        try:
            got, end = self._read_head(connection.sock)
            ordinary = _HEAD.fullmatch(got, 0, end) if end else None
            headers = Headers.of(ordinary[3]) if ordinary else Headers()
            length = self._length(int(ordinary[1]), headers) if ordinary else None
            if ordinary is None or length is None or got.count(b"\n", 0, end) > _LINES_MAX:
                return self._left_to_urllib3(connection, method, target, got), False
        except TimeoutError as error:
            raise requests.ReadTimeout(ReadTimeoutError(self._pool, target, "Read timed out.")) from error
        try:
            body = self._read_body(connection.sock, got[end:], length)
        except TimeoutError as error:
            raise requests.ConnectionError(ReadTimeoutError(self._pool, target, "Read timed out.")) from error
        except ssl.SSLError:
            raise
        except OSError as error:
            raise _BrokeOff from error
        # Whatever comes beyond an answer belongs to none.
        is_kept = len(body) == length and "close" not in headers.get("Connection", "").lower()
        reason = (ordinary[2] or b"").decode("iso-8859-1").strip()
        return Whole(int(ordinary[1]), reason, headers, body[:length]), is_kept

    def _read_head(self, sock: socket.socket) -> tuple[bytes, int]:
        """What has come so far, and where in it the head ends; 0 where that is not an ordinary one's beginning.

        :raises TimeoutError: it does not come.
        """
        got = b""
        while True:
            piece = self._read(sock, _READ_HEAD)
            got += piece
            if (end := _EMPTY_LINE.search(got)) is not None:
                return got, end.end()
            if not piece or not got.startswith(_BEGIN[: len(got)]) or len(got) > _HEAD_MAX:
                return got, 0

    def _read_body(self, sock: socket.socket, got: bytes, length: int) -> bytes:
        """What has come after the head: of the given length, or longer where more came with it.

        :raises OSError: it broke off.
        """
        if len(got) >= length:
            return got
        pieces, missing = [got], length - len(got)
        while missing:
            piece = self._read(sock, min(missing, _READ_BODY))
            if not piece:
                raise ConnectionError(f"{missing} bytes are missing")
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def _read(self, sock: socket.socket, size: int) -> bytes:
        left = time_left()
        if left <= 0:
            raise TimeoutError("the answer took too long to come")
        sock.settimeout(min(left, self._timeouts[1]))
        return sock.recv(size)

    def _length(self, status: int, headers: Headers) -> int | None:
        """Bytes of the body; None where that is not simply said, or more than is read here."""
        if "Transfer-Encoding" in headers or "Content-Encoding" in headers:
            return None
        if status in _WITHOUT_BODY:
            return 0
        text = headers.get("Content-Length", "")
        length = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
        return None if length is None or length > self._answer_max else length

    def _left_to_urllib3(self, connection: Any, method: str, target: str, got: bytes) -> BaseHTTPResponse:
        """What urllib3 makes of an answer of which some was read."""
        read = read_on(connection.sock, method, got)
        response = HTTPResponse(
            body=read,
            headers=HTTPHeaderDict([(name, _FOLD.sub(" ", value)) for name, value in read.msg.items()]),
            status=read.status,
            version=read.version,
            reason=read.reason,
            preload_content=False,
            decode_content=False,
            original_response=read,
            request_method=method,
            request_url=target,
        )
        response._connection, response._pool = connection, self._pool
        if read.will_close:
            # What is still to be read of it keeps the socket.
            connection.close()
        return response


def _lines(headers: Mapping[str, str]) -> str | None:
    """Headers as they are sent; None where one cannot be."""
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers.items()):
        return None
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


def _cause(error: _BrokeOff) -> ProtocolError:
    return ProtocolError(f"Connection broken: {error.__cause__!r}", error.__cause__)
