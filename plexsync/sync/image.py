"""Makes pictures fit for Plex: small enough, and of a kind that it shows. That takes an imaging library, Pillow.

Pillow is no requirement: most libraries hold JPEG covers of some hundred kilobytes, which go to Plex as they are. Where
it is installed (``requirements-pictures.txt``) it is used for the others only, in the consumer only, one picture at a
time, and for no more pixels than a machine can hold.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Picture

log = logging.getLogger(__name__)

#: Bytes of a picture that Plex takes; above about 10 MB it answers 500.
UPLOAD_MAX = 10_000_000
#: Bytes that a proxy in front of it takes in any case: what nginx and others begin with.
PROXY_MAX = 1_000_000
#: The kinds that Plex shows: JPEG and PNG by its documentation, WebP and GIF by what people report.
SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")
#: Pixels of a picture that is decoded: with four bytes for each it takes 200 MB. 8K has 33 million.
PIXELS_MAX = 50_000_000
#: Pixels of the longer side, and the quality of the JPEG, from the first try to the last. No player shows more than 4K.
_STEPS = ((3840, 90), (3840, 80), (2560, 80), (1920, 80), (1280, 75), (960, 70), (640, 60))
#: How Pillow is had.
HOW_TO = "./huey_consumer.sh --setup requirements-pictures.txt"

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class UnfitImage:
    """The picture cannot be sent: ``reason`` is what a person reads after the field's name."""

    reason: str


def fit(picture: Picture, most: int = UPLOAD_MAX) -> Picture | UnfitImage:
    """The picture as it can be sent: itself, as a rule, else made smaller or another kind.

    :param most: bytes it may have.
    :returns: what is sent, with the ``sha1`` of its own bytes and the ``etag`` of the original.
    """
    too_large = len(picture.data) > most
    if picture.media_type in SHOWN and not too_large:
        return picture
    what = (
        f"it has {len(picture.data):,} bytes, and Plex takes {most:,} at most"
        if too_large
        else f"it is {picture.media_type}, which Plex does not show"
    )
    imaging = _imaging()
    if imaging is None:
        return UnfitImage(f"left out, {what}; with Pillow installed it would be converted ({HOW_TO})")
    with _one_at_a_time:
        try:
            data = as_jpeg(imaging, picture.data, most)
        except Exception as error:  # noqa: BLE001 - a decoder may raise anything at a broken picture
            log.debug("a picture of %d bytes could not be converted: %r", len(picture.data), error)
            return UnfitImage(f"left out, {what}, and Pillow cannot convert it ({type(error).__name__})")
    if isinstance(data, UnfitImage):
        return UnfitImage(f"left out, {what}, and {data.reason}")
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return Picture(data, "image/jpeg", sha1, picture.etag)


def _imaging() -> Any:
    """Pillow's ``Image``, or None where it is not installed."""
    try:
        image: Any = importlib.import_module("PIL.Image")
    except ImportError:
        return None
    # What has too many pixels is refused below, so its own warning of the same says nothing new.
    image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.filterwarnings("ignore", category=image.DecompressionBombWarning)
    return image


def as_jpeg(imaging: Any, data: bytes, most: int) -> bytes | UnfitImage:
    """A picture as a JPEG of at most so many bytes, or why it cannot be one.

    :param imaging: Pillow's ``Image``.
    """
    with imaging.open(io.BytesIO(data)) as opened:
        pixels = opened.width * opened.height
        if pixels > PIXELS_MAX:
            return UnfitImage(f"its {pixels:,} pixels are too many to convert it (at most {PIXELS_MAX:,})")
        # A JPEG can be read at a fraction of its size; other kinds take no notice.
        opened.draft("RGB", (_STEPS[0][0], _STEPS[0][0]))
        # One that speaks of other colours than red, green and blue would be wrong for what comes out.
        profile = opened.info.get("icc_profile") if opened.mode in ("RGB", "RGBA", "P") else None
        whole = _upright(_opaque(imaging, opened))
    for shrunk, quality in _shrunk(imaging, whole):
        out = io.BytesIO()
        shrunk.save(out, "JPEG", quality=quality, optimize=True, icc_profile=profile)
        if out.tell() <= most:
            return out.getvalue()
    return UnfitImage("it stays too large however small it is made")


def _shrunk(imaging: Any, whole: Any) -> Iterator[tuple[Any, int]]:
    """The picture in smaller and smaller sizes, each with the quality of its JPEG."""
    for side, quality in _STEPS:
        if max(whole.size) > side:
            whole = whole.copy()
            whole.thumbnail((side, side), imaging.Resampling.LANCZOS)
        yield whole, quality


def _opaque(imaging: Any, opened: Any) -> Any:
    """The first frame, in red, green and blue, on black where one could see through it."""
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        seen = opened.convert("RGBA")
        ground = imaging.new("RGBA", seen.size, "black")
        ground.alpha_composite(seen)
        return ground.convert("RGB")
    return opened.convert("RGB")


def _upright(whole: Any) -> Any:
    """Turned as its EXIF data says, which is not kept."""
    turned = importlib.import_module("PIL.ImageOps").exif_transpose(whole)
    return whole if turned is None else turned
