"""What a video is like, in Stash's words and in Plex's."""

from __future__ import annotations

import math

import pytest

from plexsync.matching import streams


@pytest.mark.parametrize(
    ("value", "pixels"),
    [(1920, 1920), ("1080", 1080), (1088.0, 1088), (65_536, 65_536), *((odd, 0) for odd in (0, -1, 65_537, "x"))],
)
def test_a_side_is_a_whole_number_of_pixels_that_a_video_can_have(value: object, pixels: int) -> None:
    assert streams.pixels(value) == pixels


@pytest.mark.parametrize("value", [None, True, [], {}, "", "-5", "1e3", "９", math.nan, math.inf, 10**30, "9" * 30])
def test_what_is_no_number_is_unknown(value: object) -> None:
    assert (streams.pixels(value), streams.bits(value), streams.bits(value, 1000)) == (0, 0, 0)
    assert streams.frames_per_second(value) == 0.0


@pytest.mark.parametrize(("value", "unit", "bits"), [(5612, 1000, 5_612_000), ("5612345", 1, 5_612_345), (-3, 1, 0)])
def test_plex_counts_kilobits_and_stash_bits(value: object, unit: int, bits: int) -> None:
    assert streams.bits(value, unit) == bits


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (29.97002997, 29.97),
        (25, 25.0),
        ("24p", 24.0),
        ("NTSC", 29.97),
        ("pal", 25.0),
        ("60p", 60.0),
        ("59.94", 59.94),
        ("50i", 50.0),
        ("fast", 0.0),
        ("0p", 0.0),
        (1001, 0.0),
    ],
)
def test_frame_rates_are_numbers_whatever_plex_calls_them(value: object, rate: float) -> None:
    assert streams.frames_per_second(value) == rate


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("h264", "h264"),
        ("AVC1", "h264"),
        ("hevc", "hevc"),
        ("h265", "hevc"),
        ("dca", "dts"),
        ("pcm_s16le", "pcm"),
        ("mpeg2", "mpeg2video"),
        ("wmav2", "wmav2"),
        ("", ""),
        ("two words", ""),
        (264, ""),
        ("x" * 33, ""),
    ],
)
def test_codecs_go_by_ffmpegs_names(value: object, name: str) -> None:
    assert streams.codec(value) == name


@pytest.mark.parametrize(("value", "height"), [("1080", 1080), ("4k", 2160), ("720p", 720), ("sd", 0), (None, 0)])
def test_a_class_of_resolutions_stands_for_a_height(value: object, height: int) -> None:
    assert streams.height_of_class(value) == height


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        *((same, 5) for same in (5, "5", 5.7, "5.7", "005")),
        *((same, same) for same in (0, 10**12)),
        *((odd, None) for odd in (None, True, -1, "-1", "", "1e3", "٣", [], {}, 2**63, 1e300, math.nan, math.inf)),
    ],
)
def test_a_length_is_one_that_a_video_can_have(value: object, milliseconds: int | None) -> None:
    assert streams.milliseconds(value) == milliseconds


def test_a_text_of_any_length_is_no_codec_and_no_frame_rate_and_is_not_kept() -> None:
    kept = streams._codec.cache_info().currsize, streams._named_rate.cache_info().currsize
    for length in (33, 10**6):
        assert (streams.codec("h" * length), streams.frames_per_second("2" * length)) == ("", 0.0)
    assert kept == (streams._codec.cache_info().currsize, streams._named_rate.cache_info().currsize)
