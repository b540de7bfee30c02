"""A requests session for one server that takes no more time, bytes or ways than it is given."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from plexsync.http.deadline import pool_classes

#: Bytes taken from an answer at a time.
_CHUNK = 64 * 1024


class BodyTooLarge(requests.RequestException):
    """The answer's body has more bytes than the session takes; the rest was not read."""


class BoundedSession(requests.Session):
    """A session whose answers come whole, or not at all. Safe to share between threads once its headers are set.

    It follows no redirect (requests would hand a token on to wherever it leads) and keeps no cookies. Proxies, CA
    bundles and ``.netrc`` named by the environment are ignored: the servers stand in the local network as a rule, where
    a proxy does not reach them, and a ``.netrc`` entry would add a password to each request. Its time-outs hold for
    every request, whatever the caller asks for; the time for the whole of one is set with ``deadline.within``.

    :param connect_timeout: seconds to establish a connection.
    :param read_timeout: seconds between two pieces of an answer.
    :param verify: True to check TLS certificates, False not to, or the path of a CA file.
    :param answer_max: bytes of an answer's body, decoded.
    :param pool_size: connections kept open, at most; more threads than that open connections for one request.
    """

    def __init__(
        self, connect_timeout: float, read_timeout: float, *, verify: bool | str, answer_max: int, pool_size: int
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = verify
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _BoundedAdapter((connect_timeout, read_timeout), answer_max, pool_size, verify is not False)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  # requests asks with it
        """No redirect leads anywhere; the answer itself is what the caller gets."""
        return None


class _BoundedAdapter(HTTPAdapter):
    def __init__(
        self, timeouts: tuple[float, float], answer_max: int, pool_size: int, check_certificates: bool
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        self._timeouts = timeouts
        self._answer_max = answer_max
        self.poolmanager.pool_classes_by_scheme = pool_classes(check_certificates=check_certificates)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, and read all of the answer, so that nobody further up waits for the network.

        :raises requests.RequestException: also ``BodyTooLarge``.
        """
        kwargs |= {"stream": True, "timeout": self._timeouts}
        with super().send(request, *args, **kwargs) as response:
            response._content = b"".join(self._pieces(response))
        return response

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        length = 0
        for piece in response.iter_content(_CHUNK):
            length += len(piece)
            if length > self._answer_max:
                raise BodyTooLarge(f"more than {self._answer_max} bytes", response=response)
            yield piece
