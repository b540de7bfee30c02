"""One HTTP request to Plex: the session, time-outs, quick repeats, and errors told as ours.

One ``requests`` session serves all threads. Its connection pool is made for that; what is not safe to share are changes
to the session, and none is made after the constructor: it takes no cookies, and every request brings its own headers.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from plexsync import __version__
from plexsync.errors import ConnectionDropped, PlexSyncError, PlexUnavailable
from plexsync.http.address import origin
from plexsync.http.deadline import time_left, within
from plexsync.http.failures import address_advice, causes, reason, timed_out, tls_advice, wants_tls
from plexsync.http.headers import can_be_sent
from plexsync.http.session import BodyTooLarge, BoundedSession
from plexsync.http.tally import REQUESTS_SENT
from plexsync.imports.late import late_module
from plexsync.imports.late_dataclass import dataclass
from plexsync.plex.refusals import excerpt, passes_quickly, refusal

if TYPE_CHECKING:
    import tenacity
else:
    # Needed for the first request that has to be repeated.
    tenacity = late_module("tenacity")

#: Bytes of a request line (method, address, version, line end) that servers and proxies take: nginx and Apache both
#: stop at 8 KiB by default.
REQUEST_LINE_MAX = 8192
#: Bytes of one that holds a single text or list that cannot be split. Plex itself is not known to have a bound.
REQUEST_LINE_LONG = 65536
#: Seconds for one call as a whole, quick repeats included.
TOTAL_TIMEOUT = 30.0
#: Bytes of an answer's body, decoded, beyond which it is not read on. A page of 500 films has two or three million, a
#: picture twenty at the most.
ANSWER_MAX = 32 * 1024 * 1024
#: Seconds before each quick repeat.
REPEAT_AFTER = (0.1, 0.2, 0.4)

#: Makes an error of a status that is not 2xx, as ``refusals.refusal`` does.
ErrorOf = Callable[[int, Mapping[str, str], bytes, str, str], PlexSyncError]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlexAnswer:
    """A successful (2xx) answer, read to its end.

    ``what`` names the request for a person; ``secret`` is a text that must not come out again, should the body echo it.
    """

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    what: str
    secret: str = field(default="", repr=False)

    def excerpt(self) -> str:
        """What a person would read first in the body: one line, at most ``refusals.EXCERPT_LENGTH`` characters."""
        return excerpt(self.body, self.secret)


class _Request(NamedTuple):
    """A request as ``Transport.send`` was asked for it. ``what`` names it for a person."""

    method: str
    url: str
    what: str
    headers: Mapping[str, str] | None
    body: bytes | None
    with_token: bool
    repeatable: bool
    refused: ErrorOf


class _Made:
    """How many requests were sent by what runs in one context."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.count += 1


_made_here: ContextVar[_Made] = ContextVar("plex_requests_made")


def _made() -> _Made:
    """The count of this context: a thread has one of its own, unless it was given that of another."""
    made = _made_here.get(None)
    if made is None:
        _made_here.set(made := _Made())
    return made


class _Blip(Exception):
    """A failure that is worth an immediate repeat; ``error`` is what it becomes when repeats do not help."""

    def __init__(self, error: PlexUnavailable) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True, slots=True)
class PlexEndpoint:
    """Where a Plex server is, and how it is called.

    ``url``: its address, with the path a reverse proxy may have put in front, e.g. ``http://nas:32400``. ``token``:
    ``X-Plex-Token``; sent as a header only, and to this address only. ``client_identifier``: stable name of this
    installation. ``verify``: True to check TLS certificates, False not to, or the path of a CA file.
    ``connect_timeout``: seconds to establish a connection. ``read_timeout``: seconds between two pieces of an answer.
    """

    url: str = field(repr=False)
    token: str = field(repr=False)
    client_identifier: str
    verify: bool | str = True
    connect_timeout: float = 3.05
    read_timeout: float = 10.0


class Transport:
    """Sends requests to one Plex server. Safe to share between threads.

    :param endpoint: the server.
    :param pool_size: connections kept open: as many as there are threads that call.
    :param total_timeout: seconds for one call as a whole.
    :param answer_max: bytes of an answer's body.
    :raises ValueError: the address, the token or the CA file cannot be used.
    """

    def __init__(
        self,
        endpoint: PlexEndpoint,
        *,
        pool_size: int,
        total_timeout: float = TOTAL_TIMEOUT,
        answer_max: int = ANSWER_MAX,
    ) -> None:
        self._url = endpoint.url.rstrip("/")
        self.address = _address(self._url)
        self._token = _header_value(endpoint.token, "Plex token (PLEXSYNC_PLEX_TOKEN)")
        self._timeouts = (endpoint.connect_timeout, endpoint.read_timeout)
        self._total_timeout = total_timeout
        self._answer_max = answer_max
        self._session = BoundedSession(
            *self._timeouts, verify=_certificates(endpoint.verify), answer_max=answer_max, pool_size=pool_size
        )
        self._headers = {
            "Accept": "application/json",
            "User-Agent": f"PlexSync/{__version__}",
            "X-Plex-Client-Identifier": _header_value(endpoint.client_identifier, "client identifier"),
            "X-Plex-Product": "PlexSync",
            "X-Plex-Version": __version__,
            "X-Plex-Pms-Api-Version": "1.0",
        }
        self._standing: tuple[dict[str, str], dict[str, str]] | None = None
        if endpoint.verify is False and self._url.startswith("https:"):
            _log.warning("The certificate of %s is not checked (PLEXSYNC_PLEX_VERIFY_TLS is false)", self.address)

    def __repr__(self) -> str:
        return f"<Transport to {self.address}>"

    @property
    def requests(self) -> int:
        """How many requests this thread, and those that fetch pages for it, have sent so far, repeats among them."""
        return _made().count

    def line_length(self, method: str, path: str, query: str = "") -> int:
        """Bytes of the request line that ``send`` with the same arguments puts on the wire, line end included."""
        target = urlsplit(self._url).path + path + (f"?{query}" if query else "")
        return len(f"{method} {target} HTTP/1.1\r\n")

    def send(
        self,
        method: str,
        path: str,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        with_token: bool = True,
        repeatable: bool = True,
        on_repeat: Callable[[], None] | None = None,
        refused: ErrorOf = refusal,
    ) -> PlexAnswer:
        """Send one request and read its whole answer; a blip is repeated after 100, 200 and 400 ms.

        A time-out is not repeated here: the caller's thread has waited long enough.

        :param query: already percent-encoded.
        :param with_token: False for what Plex tells everybody.
        :param repeatable: False where a second arrival would do harm: then a repeat happens only if no connection could
            be made, so that nothing has arrived.
        :param on_repeat: told before each wait for a repeat.
        :param refused: what a status that is not 2xx means.
        :raises PlexUnavailable: no answer, or one that says Plex is not well.
        :raises PlexSyncError: whatever else ``refused`` makes of a status that is not 2xx.
        """
        url = f"{self._url}{path}?{query}" if query else self._url + path
        request = _Request(method, url, f"{method} {path}", headers, body, with_token, repeatable, refused)

        def attempt() -> PlexAnswer:
            return self._attempt(request)

        try:
            with within(self._total_timeout):
                try:
                    return attempt()
                except _Blip as blip:
                    return self._repeated(blip, attempt, on_repeat)
        except _Blip as blip:
            raise blip.error from None

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _repeated(
        self, first: _Blip, attempt: Callable[[], PlexAnswer], on_repeat: Callable[[], None] | None
    ) -> PlexAnswer:
        """The answer to a repeat of what has failed once; the last failure where none has one."""
        failed = [first]

        def again() -> PlexAnswer:
            if failed:
                raise failed.pop()
            return attempt()

        repeats = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Blip),
            wait=tenacity.wait_chain(*map(tenacity.wait_fixed, REPEAT_AFTER)),
            stop=lambda state: state.attempt_number > len(REPEAT_AFTER) or time_left() <= 0,
            before_sleep=None if on_repeat is None else lambda _: on_repeat(),
            reraise=True,
        )
        return repeats(again)

    def _standing_headers(self) -> tuple[dict[str, str], dict[str, str]]:
        """What every request brings, without the token and with it."""
        if self._standing is None:
            known = self._session.standing_headers(self._url, self._headers)
            self._standing = known, {**known, "X-Plex-Token": self._token}
        return self._standing

    def _attempt(self, request: _Request) -> PlexAnswer:
        method, url, what, headers, body, with_token, repeatable, refused = request
        _made().add()
        # requests' own errors hold the whole address and, for a bad header, its value: neither may come out.
        try:
            sent = self._standing_headers()[with_token]
            response = self._session.exchange(method, url, sent, body, headers)
        except (requests.RequestException, OSError) as error:
            REQUESTS_SENT.count("plex", None)
            raise self._failure(error, what, repeatable) from None
        received = response.content or b""
        REQUESTS_SENT.count("plex", response.status_code)
        _log.debug("%s: %d, %d bytes", what, response.status_code, len(received))
        if 200 <= response.status_code < 300:
            return PlexAnswer(response.headers, received, what, self._token)
        if wants_tls(response.status_code, received):
            raise PlexUnavailable(f"{self.address} speaks TLS only: PLEXSYNC_PLEX_URL should begin with https://")
        failure = refused(response.status_code, response.headers, received, what, self._token)
        if (
            repeatable
            and isinstance(failure, PlexUnavailable)
            and passes_quickly(response.status_code, response.headers, received)
        ):
            raise _Blip(failure)
        raise failure

    def _failure(self, error: Exception, what: str, repeatable: bool) -> Exception:
        """What a request that got no whole answer becomes: a blip or a final error."""
        if isinstance(error, BodyTooLarge):
            return PlexUnavailable(
                f"Plex's answer to {what} is longer than {self._answer_max} bytes and was not read on"
            )
        if advice := tls_advice(error, self.address, "PLEXSYNC_PLEX"):
            return PlexUnavailable(advice)
        if isinstance(error, requests.ConnectTimeout):
            return PlexUnavailable(
                f"No connection to Plex at {self.address} within {self._timeouts[0]:g} s: is the machine on, "
                "PLEXSYNC_PLEX_URL right, and no firewall in between?"
            )
        if timed_out(error):
            text = f"Plex said nothing for {self._timeouts[1]:g} s at {what}"
            if time_left() <= 0:
                text = f"Plex's answer to {what} was not complete after {self._total_timeout:g} s"
            late = PlexUnavailable(text)
            late.slow = True
            return late
        if not isinstance(error, requests.RequestException):
            return PlexUnavailable(f"No request to {self.address} could be made: {reason(error).lower()}")
        if isinstance(error, requests.exceptions.ContentDecodingError):
            return PlexUnavailable(f"Plex's answer to {what} is not compressed in the way it says")
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            return _blip_or(PlexUnavailable(f"Plex's answer to {what} broke off before its end"), repeatable)
        nothing_arrived = any(isinstance(cause, NewConnectionError) for cause in causes(error))
        kind = PlexUnavailable if nothing_arrived else ConnectionDropped
        advice = address_advice(error, self._url, "PLEXSYNC_PLEX")
        told = f"No answer from Plex at {self.address} to {what}: {reason(error).lower()}"
        blip = kind(f"{told}; {advice}" if advice else told)
        return _blip_or(blip, repeatable or nothing_arrived)


def _blip_or(error: PlexUnavailable, repeatable: bool) -> Exception:
    return _Blip(error) if repeatable else error


def _address(url: str) -> str:
    """Scheme, host and port of ``url``, which is all of it that may be shown."""
    try:
        address = origin(url)
    except ValueError:
        address = ""
    if not address or "?" in url or "#" in url:
        raise ValueError("The address of Plex (PLEXSYNC_PLEX_URL) must look like http://host:32400")
    return address


def _certificates(verify: bool | str) -> bool | str:
    if isinstance(verify, str):
        path = Path(verify)
        try:
            ssl.create_default_context(capath=verify) if path.is_dir() else ssl.create_default_context(cafile=verify)
        except OSError as error:
            raise ValueError(f"The CA file {verify} (PLEXSYNC_PLEX_VERIFY_TLS) cannot be used: {error}") from None
    return verify


def _header_value(value: str, name: str) -> str:
    if not can_be_sent(value):
        raise ValueError(f"The {name} is empty or holds a space, a line break or a character that is not ASCII")
    return value
