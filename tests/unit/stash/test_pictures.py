"""What counts as a picture, and that pictures are fetched from Stash only."""

from __future__ import annotations

import hashlib

import pytest

from plexsync.demo.pictures import png
from plexsync.errors import PictureFailed
from plexsync.model import Picture
from plexsync.stash import NoPicture
from plexsync.stash.pictures import address, read_picture


@pytest.mark.parametrize(
    ("base", "given", "fetched"),
    [
        ("http://stash:9999", "http://stash:9999/scene/1/screenshot?t=5", "http://stash:9999/scene/1/screenshot?t=5"),
        ("http://stash:9999", "https://nas.example/scene/1/screenshot?t=5", "http://stash:9999/scene/1/screenshot?t=5"),
        ("https://nas/stash", "http://stash:9999/scene/1/screenshot", "https://nas/stash/scene/1/screenshot"),
        ("https://nas/stash", "https://nas/stash/scene/1/screenshot", "https://nas/stash/scene/1/screenshot"),
        ("http://stash:9999", "//evil.example/scene/1/screenshot", "http://stash:9999/scene/1/screenshot"),
        ("http://stash:9999", "http://a.example//evil.example/x", "http://stash:9999/evil.example/x"),
        ("http://stash:9999", "http://user:pw@evil.example/x#y", "http://stash:9999/x"),
        (
            "http://stash:9999",
            "/performer/3/image?t=1&default=true",
            "http://stash:9999/performer/3/image?t=1&default=true",
        ),
    ],
)
def test_a_picture_is_fetched_from_stash_whatever_host_its_address_names(base: str, given: str, fetched: str) -> None:
    assert address(base, given) == fetched


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(PictureFailed, match="address"):
        address("http://stash:9999", "http://[broken/scene/1/screenshot")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(1, 2, 3), "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF89a...", "image/gif"),
        (b"GIF87a...", "image/gif"),
    ],
)
def test_a_picture_is_known_by_its_bytes_whatever_the_header_says(data: bytes, media_type: str) -> None:
    assert read_picture(data, "text/html", '"e"') == Picture(data, media_type, hashlib.sha1(data).hexdigest(), '"e"')


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"<svg></svg>", "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg></svg>', "text/xml"),
        (b"\xef\xbb\xbf  <SVG/>", ""),
    ],
)
def test_stashs_placeholder_is_no_picture_and_no_fault(data: bytes, content_type: str) -> None:
    assert read_picture(data, content_type, None) == NoPicture("Stash has only its placeholder", may_come=True)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x20ftypavis", "image/avif"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heic"),
        (b"\xff\x0a....", "image/jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
        (b"II*\0....", "image/tiff"),
        (b"MM\0*....", "image/tiff"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "image/bmp"),
    ],
)
def test_pictures_that_plex_does_not_show_are_pictures_all_the_same(data: bytes, media_type: str) -> None:
    """Whether they can be made into one that it does is for others to say."""
    found = read_picture(data, "application/octet-stream", None)
    assert isinstance(found, Picture)
    assert found.media_type == media_type


@pytest.mark.parametrize(
    ("data", "content_type", "said"),
    [
        (b"", "image/jpeg", "0 bytes"),
        (b"  \n", "image/jpeg", "0 bytes"),
        (b"<!DOCTYPE html><html>log in</html>", "text/html; charset=utf-8", "page"),
        (b"<!DOCTYPE html><html><svg/></html>", "image/jpeg", "page"),
        (b"not a word of HTML", "text/html", "page"),
        (b'{"error": "busy"}', "application/json", "application/json"),
        (b"upstream gone", "text/plain", "text/plain"),
        (b"BM is how this text begins, too", "text/plain", "text/plain"),
        (b"\0\0\0\x20ftypisom a video", "video/mp4", "video/mp4"),
        (b"\0\0\0\x20ftypisom a video", "image/jpeg", "not a known kind"),
        (b"anything", "", "something where a picture was due"),
    ],
)
def test_what_stands_in_place_of_a_picture_is_a_fault(data: bytes, content_type: str, said: str) -> None:
    with pytest.raises(PictureFailed, match=said):
        read_picture(data, content_type, None)
