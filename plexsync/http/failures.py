"""Why a request got no whole answer, out of what requests, urllib3 and the system wrapped around each other."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import ReadTimeoutError


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
            return (
                f"The TLS certificate of {server} is not trusted: set {settings}_VERIFY_TLS to the CA file it was "
                "signed with, or to false on a network you trust"
            )
        if isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER":
            return f"{server} does not speak TLS: {settings}_URL should begin with http://"
    return None
