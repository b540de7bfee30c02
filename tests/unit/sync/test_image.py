"""Pictures are made fit for Plex: small enough, and of a kind that it shows."""

from __future__ import annotations

import hashlib
import importlib
import io
import threading
from typing import Any

import pytest

from plexsync.demo.pictures import png
from plexsync.model import Picture
from plexsync.sync import image
from plexsync.sync.image import UPLOAD_MAX, UnfitImage, fit


def picture(data: bytes, media_type: str) -> Picture:
    return Picture(data, media_type, hashlib.sha1(data).hexdigest(), '"e"')


@pytest.fixture
def pillow() -> Any:
    return pytest.importorskip("PIL.Image")


def made(pillow: Any, mode: str, size: tuple[int, int], colour: Any, kind: str, **how: Any) -> Picture:
    out = io.BytesIO()
    pillow.new(mode, size, colour).save(out, kind, **how)
    return picture(out.getvalue(), f"image/{kind.lower()}")


def opened(pillow: Any, found: Picture | UnfitImage) -> Any:
    assert isinstance(found, Picture)
    assert found.media_type == "image/jpeg"
    assert found.sha1 == hashlib.sha1(found.data).hexdigest()
    assert found.etag == '"e"'
    return pillow.open(io.BytesIO(found.data))


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp", "image/gif"])
def test_what_plex_takes_stays_as_it_is(media_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_imaging", lambda: pytest.fail("nothing is to be converted"))
    one = picture(b"whatever it holds", media_type)
    assert fit(one) is one
    most = picture(bytes(UPLOAD_MAX), media_type)
    assert fit(most) is most


def test_without_pillow_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    for one in (picture(b"x", "image/avif"), picture(bytes(UPLOAD_MAX + 1), "image/png")):
        found = fit(one)
        assert isinstance(found, UnfitImage)
        assert "./huey_consumer.sh --setup requirements-pictures.txt" in found.reason


@pytest.mark.parametrize(("kind", "mode"), [("BMP", "RGB"), ("TIFF", "RGB"), ("TIFF", "CMYK"), ("TIFF", "L")])
def test_a_kind_that_plex_does_not_show_becomes_a_jpeg(pillow: Any, kind: str, mode: str) -> None:
    one = made(pillow, mode, (64, 36), 0 if mode == "L" else (0,) * len(mode), kind)
    assert opened(pillow, fit(one)).size == (64, 36)


def test_the_same_picture_becomes_the_same_bytes(pillow: Any) -> None:
    one = made(pillow, "RGB", (64, 36), (1, 2, 3), "BMP")
    first, second = fit(one), fit(one)
    assert isinstance(first, Picture)
    assert first == second


def test_what_can_be_seen_through_is_seen_on_black(pillow: Any) -> None:
    one = made(pillow, "RGBA", (16, 16), (255, 255, 255, 0), "TIFF")
    assert max(opened(pillow, fit(one)).getpixel((8, 8))) < 10


def test_a_picture_is_turned_as_its_camera_said(pillow: Any) -> None:
    out = io.BytesIO()
    exif = pillow.Exif()
    exif[0x0112] = 6  # the camera was held upright
    pillow.effect_noise((64, 32), 100).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    one = picture(out.getvalue(), "image/jpeg")
    found = opened(pillow, fit(one, len(one.data) - 1))
    assert found.size == (32, 64)
    assert not found.getexif()


def test_a_picture_gets_smaller_until_it_fits(pillow: Any) -> None:
    out = io.BytesIO()
    pillow.effect_noise((1500, 1000), 100).convert("RGB").save(out, "PNG")
    one = picture(out.getvalue(), "image/png")
    for most in (1_000_000, 600_000, 120_000):
        found = fit(one, most)
        assert isinstance(found, Picture)
        assert len(found.data) <= most
        width, height = opened(pillow, found).size
        assert width / height == pytest.approx(1.5, abs=0.02)
    too_small = fit(one, 100)
    assert isinstance(too_small, UnfitImage)
    assert "however small" in too_small.reason


def test_a_bomb_is_not_unpacked(pillow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "PIXELS_MAX", 1000)
    for side in (40, 200):  # a little too many, and so many that Pillow itself refuses
        found = fit(made(pillow, "RGB", (side, side), (0, 0, 0), "BMP"))
        assert isinstance(found, UnfitImage)
        assert "left out" in found.reason


@pytest.mark.parametrize("data", [b"\xff\x0a", b"II*\0" + bytes(50), b"BM" + bytes(12) + b"\x28\0\0\0", b""])
def test_what_cannot_be_decoded_is_left_out(pillow: Any, data: bytes) -> None:
    found = fit(picture(data, "image/jxl"))
    assert isinstance(found, UnfitImage)
    assert "Pillow cannot convert it" in found.reason


def test_a_picture_that_is_cut_short_is_left_out_where_it_has_to_be_converted(pillow: Any) -> None:
    whole = made(pillow, "RGB", (64, 36), (1, 2, 3), "BMP")
    found = fit(picture(whole.data[: len(whole.data) // 2], "image/bmp"))
    assert isinstance(found, UnfitImage)


def test_one_picture_is_converted_at_a_time(pillow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = [0], [0]
    real = image.as_jpeg

    def counted(*args: Any) -> Any:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        try:
            return real(*args)
        finally:
            at_once[0] -= 1

    monkeypatch.setattr(image, "as_jpeg", counted)
    one = made(pillow, "RGB", (400, 300), (1, 2, 3), "BMP")
    threads = [threading.Thread(target=fit, args=(one,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_demo_picture_is_as_small_as_it_looks() -> None:
    one = picture(png(1, 2, 3), "image/png")
    assert fit(one) is one
