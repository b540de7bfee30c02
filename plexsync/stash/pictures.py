"""What counts as a picture, and where pictures are fetched."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit, urlunsplit

from plexsync.errors import PictureFailed
from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Picture


@dataclass(frozen=True, slots=True)
class NoPicture:
    """There is none to show, and that is no fault: ``reason`` is a sentence's end for a person, ``it has no cover``.

    ``may_come``: Stash may make one later.
    """

    reason: str
    may_come: bool = False


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is seen of a picture without fetching it: its ``etag``, None where Stash tells none.

    ``at`` is when, by Stash's clock (epoch seconds).
    """

    etag: str | None
    at: float


def address(base: str, url: str) -> str:
    """Where to fetch a picture: path and query of ``url`` at ``base``.

    Stash makes addresses from the one it was asked at, and from another where it is told an external one: only ours is
    known to lead to Stash, and only Stash may see the API key.

    :param base: Stash's address, without a slash at the end.
    :param url: the picture's, as Stash gave it.
    :raises PictureFailed: it is no address.
    """
    try:
        given, own = urlsplit(url), urlsplit(base)
    except ValueError as error:
        raise PictureFailed("Stash gave an invalid address for it", refused=True) from error
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
    :returns: a picture of whatever kind, also of one that Plex does not show; ``NoPicture`` for Stash's own placeholder
        (an SVG).
    :raises PictureFailed: nothing at all, a page, or anything else that is no picture.
    """
    if kind := media_type(data):
        return Picture(data, kind, hashlib.sha1(data, usedforsecurity=False).hexdigest(), etag)
    said = content_type.partition(";")[0].strip().lower()
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise PictureFailed("Stash answered with nothing (0 bytes)")
    if said == "text/html" or start.startswith((b"<!doctype html", b"<html")):
        raise PictureFailed("Stash, or a proxy in front of it, answered with a page where a picture was due")
    if said == "image/svg+xml" or b"<svg" in start:
        return NoPicture("Stash has only its placeholder", may_come=True)
    if said.startswith("image/"):
        raise PictureFailed(f"Stash answered with {said}, which is not a known kind of picture")
    raise PictureFailed(f"Stash answered with {said or 'something'} where a picture was due")


#: How pictures begin, as their formats define it.
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\x0a", "image/jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
#: The same for what is in an ISO base media file (``ftyp``), by its brand; videos are in such files, too.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic"),
}
#: Bytes of a bitmap's header: its length stands where a text that begins with the same two letters has other letters.
_BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)


def media_type(data: bytes) -> str | None:
    """The type of a picture by the bytes at its start; None for what is no picture of a known kind."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12])
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BITMAP_HEADERS:
        return "image/bmp"
    return None
