"""Requests that end: a bound on connecting, on each wait, on the whole answer, and on the answer's size."""

from __future__ import annotations

import http.client
import io
import socket
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InsecureRequestWarning, ProtocolError, ReadTimeoutError

#: An answer as a whole, head and body, may take this many times the read time-out. Judged: a picture of 20 MiB comes
#: within 30 s over any network that a video library is used on.
WHOLE_ANSWER = 3.0
#: Bytes, decoded. Pictures are well below 5 MiB, 200 scenes with long descriptions too.
MAX_ANSWER = 20 * 1024 * 1024
#: Connections kept open, at most: more than there ever are threads. urllib3 logs a warning for each one too many.
_IDLE_CONNECTIONS = 64
#: Bytes taken from an answer at a time.
_CHUNK = 64 * 1024


class BodyTooLarge(requests.RequestException):
    """The answer has more than ``MAX_ANSWER`` bytes; the rest was not read."""


class BoundedSession(requests.Session):
    """A session whose requests all go through a ``BoundedAdapter``. Safe to share between threads.

    It follows no redirect (requests would hand the API key on to wherever it leads), keeps no cookies, and takes
    nothing from the environment: neither a proxy nor a password out of ``.netrc``.

    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds to wait for the next bytes; ``WHOLE_ANSWER`` times that for the whole answer.
    :param verify: check certificates against the known authorities (True), those in a file, or not at all (False).
    """

    def __init__(self, connect_timeout: float, read_timeout: float, verify: bool | str) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = verify
        if verify is False:
            # Whoever set it knows; one warning per request would drown the log.
            urllib3.disable_warnings(InsecureRequestWarning)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = BoundedAdapter(connect_timeout, read_timeout)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  # requests asks with it
        """No redirect leads anywhere; the answer itself is what the caller gets."""
        return None


class BoundedAdapter(HTTPAdapter):
    """Sends with its own time-outs, whatever the caller asked for, and reads the answer whole.

    An idle connection that the server closed meanwhile is noticed only when it is used again: such a request is sent
    once more. Only for requests that may be carried out twice.
    """

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        super().__init__(pool_maxsize=_IDLE_CONNECTIONS)
        self._timeouts = (connect_timeout, read_timeout)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, and read all of the answer.

        :raises requests.RequestException: also ``BodyTooLarge``.
        """
        kwargs |= {"stream": True, "timeout": self._timeouts}
        try:
            response = super().send(request, *args, **kwargs)
        except requests.ConnectionError as error:
            if not (error.args and isinstance(error.args[0], ProtocolError)):
                raise
            response = super().send(request, *args, **kwargs)
        try:
            response.raw = io.BytesIO(_read(response, request))
        except BaseException:
            response.close()
            raise
        return response


def _read(response: requests.Response, request: requests.PreparedRequest) -> bytes:
    body = bytearray()
    try:
        for chunk in response.raw.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > MAX_ANSWER:
                raise BodyTooLarge(f"more than {MAX_ANSWER} bytes", request=request)
    except ReadTimeoutError as error:
        raise requests.ReadTimeout(error, request=request) from error
    except HTTPError as error:
        raise requests.ConnectionError(error, request=request) from error
    return bytes(body)


class _WatchedSocket(io.RawIOBase):
    """What a socket receives, until the deadline: a server that sends a byte now and then does not hold us for ever."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._connection = connection
        self._wait = connection.gettimeout() or 0.0
        self._deadline = time.monotonic() + WHOLE_ANSWER * self._wait

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._connection.settimeout(min(self._wait, left))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_WatchedSocket(self.fp.detach(), sock))


class _HTTPConnection(HTTPConnection):
    response_class = _Response


class _HTTPSConnection(HTTPSConnection):
    response_class = _Response


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection
