"""A requests session for one server that takes no more time, bytes or ways than it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import BaseHTTPResponse, Timeout

from plexsync.http.deadline import Outgoing, pool_classes
from plexsync.http.kept import ONE_PIECE, KeptConnections, Whole

#: Bytes taken at a time from an answer that does not say how long it is, or that is compressed.
_CHUNK = 64 * 1024
_NO_HOOKS: dict[str, list[Any]] = {"response": []}


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
        self._adapter = _BoundedAdapter((connect_timeout, read_timeout), answer_max, pool_size, verify is not False)
        self.mount("http://", self._adapter)
        self.mount("https://", self._adapter)

    def standing_headers(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        """The headers that each request to a server has: the session's, and what the address says of a user.

        :param url: the server's address.
        :param headers: others, for each of them.
        :raises requests.RequestException: nothing can be sent to that address.
        """
        return dict(self.prepare_request(requests.Request("GET", url, headers=headers)).headers)

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        more: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request as it stands, and read all of the answer.

        requests works out anew for each request what all to one server have in common (addresses, headers, proxies,
        cookies, redirects), at twice the cost of the request itself. Here that is worked out once, and a connection
        that is open is used with as little between (``kept``).

        :param url: percent-encoded, as ``standing_headers`` has found it to be good.
        :param headers: by ``standing_headers``, the same object each time.
        :param more: those of this request alone.
        :raises requests.RequestException: also ``BodyTooLarge``.
        """
        kept = self._adapter.kept(url, self.verify) if not self.proxies else None
        answer = kept.exchange(method, _split(url)[1], headers, more, body) if kept is not None else None
        if isinstance(answer, Whole):
            return _WholeResponse.read(url, answer)
        request = requests.PreparedRequest()
        request.method, request.url, request.hooks = method, url, _NO_HOOKS
        request.headers = {**headers, **more} if more else headers  # type: ignore[assignment]  # no name is looked up
        if answer is not None:
            return self._adapter.read(self._adapter.build_response(request, answer))
        if body is not None:
            request.headers = {**request.headers, "Content-Length": str(len(body))}  # type: ignore[assignment]
            request.body = body if len(body) <= ONE_PIECE else Outgoing(body)  # type: ignore[assignment]
        return self.send(request, proxies=self.proxies, stream=True, allow_redirects=False)

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[requests.Response]:
        """No redirect leads anywhere; the answer itself is what the caller gets."""
        return iter(())


class _WholeResponse(requests.Response):
    """An answer that was read, without what costs as much to make as all the rest: a jar for its cookies."""

    cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))

    def __init__(self, request: requests.PreparedRequest, raw: BaseHTTPResponse) -> None:
        self.request, self.url = request, request.url or ""
        self.status_code, self.reason = raw.status, raw.reason or ""
        self.headers = raw.headers  # type: ignore[assignment]  # they know their names in any case, too
        self.raw: Any = raw
        self.history = []
        self.encoding = None
        self._content: Any = False
        self._content_consumed = False
        self._next = None

    @classmethod
    def read(cls, url: str, answer: Whole) -> _WholeResponse:
        """Out of an answer that was read to its end."""
        response = cls.__new__(cls)
        response.__dict__.update(
            request=None,
            url=url,
            status_code=answer.status,
            reason=answer.reason,
            headers=answer.headers,
            raw=None,
            history=[],
            encoding=None,
            _content=answer.body,
            _content_consumed=True,
            _next=None,
        )
        return response


class _BoundedAdapter(HTTPAdapter):
    """Sends to one server; what requests finds out about it anew for each request is kept."""

    def __init__(
        self, timeouts: tuple[float, float], answer_max: int, pool_size: int, check_certificates: bool
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        self._timeouts = timeouts
        self._timeout = Timeout(connect=timeouts[0], read=timeouts[1])
        self._answer_max = answer_max
        self._pools: dict[tuple[str, Any], Any] = {}
        self._kept: dict[tuple[str, Any], KeptConnections] = {}
        self.poolmanager.pool_classes_by_scheme = pool_classes(check_certificates=check_certificates)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, and read all of the answer, so that nobody further up waits for the network.

        :raises requests.RequestException: also ``BodyTooLarge``.
        """
        kwargs |= {"stream": True, "timeout": self._timeout}
        return self.read(super().send(request, *args, **kwargs))

    def read(self, response: requests.Response) -> requests.Response:
        """Read all of an answer whose head was read.

        :raises requests.RequestException: also ``BodyTooLarge``.
        """
        with response:
            raw = response.raw
            try:
                response._content = b"".join(self._pieces(response))
            except ValueError as error:
                # urllib3 takes the length of a piece as it comes: one below nothing cannot be read.
                raise requests.exceptions.ChunkedEncodingError(error) from error
            response._content_consumed = True  # type: ignore[attr-defined]
            # Its connection is back in the pool, and nobody may look at it any more.
            response.raw = None
            raw.release_conn()
        return response

    def close(self) -> None:
        """Close the kept connections; a later request opens new ones."""
        self._pools.clear()
        self._kept.clear()
        super().close()

    def kept(self, url: str, verify: Any) -> KeptConnections | None:
        """The connections to a server that was spoken to before; None where it was not."""
        server = _split(url)[0], verify
        kept = self._kept.get(server)
        if kept is None and (pool := self._pools.get(server)) is not None:
            kept = self._kept[server] = KeptConnections(pool, *self._timeouts, self._answer_max)
        return kept

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """The pool for a request; found once for each server."""
        if proxies:
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        server = _split(request.url or "")[0]
        pool = self._pools.get((server, verify))
        if pool is None:
            whole = requests.Request("GET", server).prepare()
            pool = super().get_connection_with_tls_context(whole, verify, proxies, cert)
            super().cert_verify(pool, whole.url, verify, cert)  # type: ignore[no-untyped-call]
            # The pools of another server are closed by now: there is room for one.
            self._pools.clear()
            self._kept.clear()
            self._pools[server, verify] = pool
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Done once for each server; what is reached by a proxy is not kept."""
        if conn not in self._pools.values():
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        """Path and query, or all of the address where a proxy wants it."""
        return super().request_url(request, proxies) if proxies else _split(request.url or "")[1]

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """What is read next, and then handed on."""
        return _WholeResponse(req, resp)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        length = 0
        for piece in response.iter_content(self._piece_of(response.raw)):
            length += len(piece)
            if length > self._answer_max:
                raise BodyTooLarge(f"more than {self._answer_max} bytes", response=response)
            yield piece

    def _piece_of(self, raw: Any) -> int:
        """Bytes to be read at a time: all at once where it is said how many there are, and they may be read."""
        told = raw.length_remaining
        if told is None or "Content-Encoding" in raw.headers or told > self._answer_max:
            return _CHUNK
        return max(int(told), 1)


def _split(url: str) -> tuple[str, str]:
    """What of an address says the server, and what it is asked for."""
    begin = url.find("/", url.find("://") + 3)
    return (url[:begin], url[begin:]) if begin > 0 else (url, "/")
