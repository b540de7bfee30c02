"""What counts as a picture, and where pictures are fetched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from plexsync.errors import PermanentError, StashUnavailable
from plexsync.model import Picture


@dataclass(frozen=True, slots=True)
class NoPicture:
    """There is none to show, and that is no fault: ``reason`` is a sentence's end for a person, ``it has no cover``.

    ``may_come``: Stash may make one later.
    """

    reason: str
    may_come: bool = False


def address(base: str, url: str) -> str:
    """Where to fetch a picture: path and query of ``url`` at ``base``.

    Stash makes addresses from the one it was asked at, and from another where it is told an external one: only ours is
    known to lead to Stash, and only Stash may see the API key.

    :param base: Stash's address, without a slash at the end.
    :param url: the picture's, as Stash gave it.
    :raises PermanentError: it is no address.
    """
    try:
        given, own = urlsplit(url), urlsplit(base)
    except ValueError as error:
        raise PermanentError("Stash gave an address of a picture that is none") from error
    path = f"/{given.path.lstrip('/')}"
    # A proxy that puts Stash under a path need not tell Stash of it.
    if own.path and not path.startswith(f"{own.path}/"):
        path = own.path + path
    return urlunsplit((own.scheme, own.netloc, path, given.query, ""))


def read_picture(data: bytes, content_type: str, etag: str | None) -> Picture | NoPicture:
    """What an answer holds, by its bytes; what its header says only helps to name what is no picture.

    :param data: the whole body.
    :param content_type: the header, or ``""``.
    :param etag: the header, or None.
    :returns: ``NoPicture`` for Stash's own placeholder (an SVG) and for a format that Plex is not known to take.
    :raises StashUnavailable: nothing at all, or a page in place of a picture.
    """
    if media_type := _media_type(data):
        return Picture(data, media_type, hashlib.sha1(data, usedforsecurity=False).hexdigest(), etag)
    said = content_type.partition(";")[0].strip().lower()
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise StashUnavailable("Stash answered with an empty picture")
    if said == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        raise StashUnavailable("Stash, or a proxy in front of it, answered with a page where a picture was due")
    if said == "image/svg+xml" or b"<svg" in start:
        return NoPicture("Stash has only its placeholder", may_come=True)
    if said.startswith("image/") or said in ("application/octet-stream", ""):
        return NoPicture(f"it is {said or 'of no known type'}, and not JPEG, PNG, WebP or GIF")
    raise StashUnavailable(f"Stash answered {said} where a picture was due")


def _media_type(data: bytes) -> str | None:
    """The type by the bytes at the start, as the formats define them."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return None
