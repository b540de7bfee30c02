"""Why a request got no whole answer, out of what requests, urllib3 and the system wrapped around each other."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, RemoteDisconnected
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from plexsync.imports.late import late_pattern

#: What OpenSSL says of an answer that is no TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
#: OpenSSL's numbers for what is wrong with a certificate.
_TOO_OLD, _TOO_NEW, _SELF_SIGNED, _OTHER_HOST, _OTHER_IP = 10, 9, (18, 19), 62, 64
#: How servers of Go's, nginx and Apache answer a plain request where they speak TLS.
_WANTS_TLS = late_pattern(rb"(?i)plain http request|http request to an https|speaking plain http to an ssl")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all it wraps: urllib3 keeps the original in ``args``, ``reason`` or the exception's context."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        candidate = waiting.pop(0)
        if isinstance(candidate, BaseException) and candidate not in seen:
            seen.append(candidate)
            yield candidate
            waiting += [*candidate.args, getattr(candidate, "reason", None), candidate.__cause__, candidate.__context__]


def timed_out(error: BaseException) -> bool:
    """Whether a time-out is behind it: on connecting, on a single wait, or on the whole."""
    return any(isinstance(cause, (TimeoutError, ReadTimeoutError, requests.Timeout)) for cause in causes(error))


def connecting_timed_out(error: BaseException) -> bool:
    """Whether it was no answer, but the connection that did not come in time."""
    return any(isinstance(cause, requests.ConnectTimeout) for cause in causes(error))


def broke_off(error: BaseException) -> bool:
    """Whether an answer had begun, and did not come to its end."""
    return any(isinstance(cause, requests.exceptions.ChunkedEncodingError) for cause in causes(error))


def reason(error: BaseException) -> str:
    """The system's own words for the innermost error that has any, else the name of its kind, ``Remote Disconnected``.

    Nothing of the request: requests' own texts hold the whole address and, for a bad header, its value.
    """
    innermost = list(causes(error))[::-1]
    for cause in innermost:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(innermost[0]).__name__)


def tls_advice(error: BaseException, server: str, settings: str) -> str | None:
    """What to tell a person where both sides did not agree on TLS; None where it was something else.

    :param server: as it may be shown.
    :param settings: what the names of its settings begin with, ``PLEXSYNC_PLEX``.
    """
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The TLS certificate of {server} {_of_certificate(cause.verify_code, settings)}"
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            return f"{server} does not speak TLS: {settings}_URL should begin with http://, not with https://"
    return None


def _of_certificate(code: int, settings: str) -> str:
    otherwise = f"set {settings}_VERIFY_TLS to false on a network you trust"
    if code in (_OTHER_HOST, _OTHER_IP):
        text = f"is for another name: write in {settings}_URL a name that it is for"
        if settings.endswith("PLEX"):
            text += " (Plex's own is for names that end in plex.direct)"
        return f"{text}, or {otherwise}"
    if code == _TOO_OLD:
        return f"has expired: renew it, or {otherwise}"
    if code == _TOO_NEW:
        return f"is not valid yet: see that both machines' clocks are right, or {otherwise}"
    signed = "self-signed, and not trusted" if code in _SELF_SIGNED else "not trusted"
    file = "that very certificate as a file" if code in _SELF_SIGNED else "the CA file it was signed with"
    return f"is {signed}: set {settings}_VERIFY_TLS to {file}, or to false on a network you trust"


def address_advice(error: BaseException, url: str, settings: str) -> str:
    """What to tell a person where nobody could be reached; empty where there is nothing to say about the address.

    :param url: whom the request was for.
    :param settings: as for ``tls_advice``.
    """
    host = urlsplit(url).hostname or ""
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return f"no machine has that name as seen from here: write another, or an IP address, in {settings}_URL"
        if isinstance(cause, ConnectionRefusedError):
            text = f"nothing listens there: is it up, and are host and port right in {settings}_URL?"
            if host in ("localhost", "127.0.0.1", "::1"):
                text += " In a container that is the container itself"
            return text
        if isinstance(cause, OSError) and cause.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
            return f"no way leads there: is the machine on, and {settings}_URL right?"
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            return f"it does not speak HTTP: is the port right in {settings}_URL, and should it begin with https://?"
    return ""


def wants_tls(status: int, body: bytes) -> bool:
    """Whether an answer is how a server that speaks TLS refuses a request that does not."""
    return status == 400 and _WANTS_TLS.search(body[:4096]) is not None


def speaks_tls(url: str, timeout: float) -> bool:
    """Whether what listens at an address shakes hands in TLS, with whatever certificate; for a person's question.

    :param timeout: seconds, for connecting and for each wait.
    """
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 80), timeout) as connection,
            context.wrap_socket(connection, server_hostname=parts.hostname),
        ):
            return True
    except (OSError, ValueError):
        return False
