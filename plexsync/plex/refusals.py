"""What an HTTP status that is no success means, as one of our errors.

Decided here once; nobody further up looks at a status code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from plexsync.errors import (
    AccessDenied,
    ItemGone,
    PermanentError,
    PictureRefused,
    PlexStarting,
    PlexSyncError,
    PlexUnavailable,
    RequestTooLong,
)
from plexsync.http.address import origin
from plexsync.http.headers import retry_after
from plexsync.imports.late import late_pattern
from plexsync.redaction import redact

#: Characters of a foreign text that are shown to a person.
EXCERPT_LENGTH = 80
#: Bytes of it that are looked at.
_LOOKED_AT = 4096

_STARTING = late_pattern(rb"still starting up", re.IGNORECASE)
_BUSY = late_pattern(rb"database (is )?(busy|locked)", re.IGNORECASE)
#: Plex's status for a device token (JWT) that has run out.
EXPIRED = 498
#: Statuses for a request line, or all headers with it, that are too long.
_TOO_LONG = (414, 431)
#: Statuses below 500 that may be another in a moment: request time-out, too early.
_PASSING = (408, 425)


class RateLimited(PlexUnavailable):
    """429 with a ``Retry-After``: a healthy server that asks for a pause, so it does not count as a failure of Plex."""

    healthy = True


def refusal(status: int, headers: Mapping[str, str], body: bytes, what: str, secret: str) -> PlexSyncError:
    """The error for an answer whose status is not 2xx.

    :param what: the request, for a person, e.g. ``"PUT /library/sections/1/all"``.
    :param secret: a text that must not come out again, should the answer echo it.
    """
    error = _refusal(status, headers, body, what, secret)
    error.status = status
    return error


def _refusal(status: int, headers: Mapping[str, str], body: bytes, what: str, secret: str) -> PlexSyncError:
    said = excerpt(body, secret)
    quoted = f': "{said}"' if said else ""
    if _starts(status, body):
        return PlexStarting(f"Plex is still starting up ({status} to {what})", retry_after(headers))
    if status in (401, 403, EXPIRED):
        return AccessDenied(_access(status), service="Plex")
    if 300 <= status < 400:
        return PlexUnavailable(_redirect(headers))
    if status == 404:
        return ItemGone(f"Plex knows no such item (any more): 404 to {what}")
    if status == 429:
        pause = retry_after(headers)
        limited = PlexUnavailable if pause is None else RateLimited
        return limited(f"Plex asks for fewer requests (429 to {what})", pause)
    if status >= 500 or status in _PASSING:
        unwell = PlexUnavailable(f"Plex answered {status} to {what}{quoted}", retry_after(headers))
        unwell.busy = _is_busy(status, body)
        unwell.stumbled = status == 500 and not unwell.busy
        return unwell
    if status in _TOO_LONG:
        return RequestTooLong(f"Plex, or a proxy in front of it, finds the request too long ({status} to {what})")
    return PermanentError(f"Plex refused {what} ({status}){quoted}")


def upload_refusal(status: int, headers: Mapping[str, str], body: bytes, what: str, secret: str) -> PlexSyncError:
    """As ``refusal``, for the upload of a picture: Plex answers 500 to one that is too large or cannot be read."""
    error = refusal(status, headers, body, what, secret)
    is_fault = status == 500 and not _is_busy(status, body) and retry_after(headers) is None
    if is_fault or type(error) is PermanentError:
        said = excerpt(body, secret)
        error = PictureRefused(f"Plex does not take the picture ({status} to {what})" + (f': "{said}"' if said else ""))
        error.status = status
    return error


def passes_quickly(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """True for a failure that is often over within a second: a proxy's 502, 503 or 504, a busy database.

    False where the server itself said when to come back.
    """
    if retry_after(headers) is not None:
        return False
    return not _starts(status, body) and (status in (502, 503, 504) or _is_busy(status, body))


def _starts(status: int, body: bytes) -> bool:
    """Whether it is a server that is still starting: for some 15 s, or as long as it brings its database up to date."""
    return (status == 400 or status >= 500) and _STARTING.search(body[:_LOOKED_AT]) is not None


def _is_busy(status: int, body: bytes) -> bool:
    return status == 500 and _BUSY.search(body) is not None


def excerpt(body: bytes, secret: str) -> str:
    """The first ``EXCERPT_LENGTH`` characters of what a person would read in ``body``, on one line, without markup."""
    # With room for a secret, percent-encoded at worst, at the end: half of one would not be known for one.
    text = redact(body[: _LOOKED_AT + 3 * len(secret)].decode("utf-8", "replace"))
    if secret:
        text = text.replace(secret, "***")
    text = text[:_LOOKED_AT]
    text = re.sub(r"(?is)<(style|script|head)\b.*?</\1>|<[^>]*>", " ", text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= EXCERPT_LENGTH else text[: EXCERPT_LENGTH - 1] + "…"


def _access(status: int) -> str:
    if status == EXPIRED:
        return (
            "The Plex token has expired (498), as tokens do that begin with eyJ: get a lasting one with "
            "./huey_consumer.sh --login, or set another PLEXSYNC_PLEX_TOKEN"
        )
    if status == 401:
        return "Plex does not accept the token (401): set PLEXSYNC_PLEX_TOKEN to a valid token of the server's owner"
    return (
        "The token is not allowed to do this in Plex (403): set PLEXSYNC_PLEX_TOKEN to a token of the server's owner, "
        "not of a home or shared user"
    )


def _redirect(headers: Mapping[str, str]) -> str:
    """Name the host only: the rest of the address may hold anything."""
    location = headers.get("Location", "")
    try:
        target = origin(location) if urlsplit(location).hostname else "another address"
    except ValueError:
        target = "an address that is none"
    return (
        f"Plex, or a proxy in front of it, redirects to {target}. Redirects are not followed, as the token would go "
        "along: set PLEXSYNC_PLEX_URL to the address where Plex itself answers"
    )
