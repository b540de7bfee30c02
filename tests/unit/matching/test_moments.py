"""Files that a camera named by the moment at which it began."""

from __future__ import annotations

import pytest

from plexsync.matching import weights
from plexsync.matching.match import find_matches
from plexsync.matching.moments import compared_moments
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VID_20130918_112346", "VID_20130918_071841"),
        ("VID_20130918_112346", "2013-09-18 11.23.59"),
        ("PXL_20210102_030405123", "20210102-030501"),
        ("VID_20130918_112346", "VID_20130919_112349 1080p"),
    ],
)
def test_ancompared_moments_is_another_film(ours: str, theirs: str) -> None:
    found = compared_moments(ours, theirs)
    assert found is not None
    assert found.weight <= -3
    assert found.reason.startswith("another moment (20")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VID_20130918_112346", "2013-09-18 11.23.46"),
        ("VID_20130918_112346", "2013-09-18 11.23.47 720p"),
        ("VID_20130918_112346", "Screen Recording 2013-09-18 at 11.23.46"),
        ("VID_20130918_112346", "20130918T112346"),
        ("VID_20130918_112346", "20130918112346"),
        ("VID_20130918_152346", "Recording 2013-09-18 at 3.23.46 PM"),
        ("VID_20130918_002346", "2013-09-18 12-23-46 am"),
        ("PXL_20130918_112346123", "signal-2013-09-18-11-23-46"),
    ],
)
def test_one_moment_however_it_is_written_is_one_film(ours: str, theirs: str) -> None:
    found = compared_moments(ours, theirs)
    assert found is not None
    assert found.weight >= weights.SAME_MOMENT
    assert found.reason.startswith("same moment 2013-09-18 ")
    assert not found.reason.endswith("zone")


@pytest.mark.parametrize("theirs", ["VID_20130918_092346", "VID_20130919_042346"])
def test_a_moment_in_another_time_zone_says_less(theirs: str) -> None:
    found = compared_moments("VID_20130918_112346", theirs)
    assert found is not None
    assert 0 < found.weight < weights.SAME_MOMENT
    assert found.reason.endswith("but for the time zone")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VID_20130918_112346", "VID_20130920_112346"),
        ("VID_20130918_112346", "VID_20130918"),
        ("Harbour Lights", "VID_20130918_112346"),
        ("VID_20131318_112346", "VID_20131319_112349"),
        ("VID_20130231_112346", "VID_20130228_112349"),
        ("VID_20130918_112346", "2013091811234"),
    ],
)
def test_what_is_no_moment_says_nothing(ours: str, theirs: str) -> None:
    assert compared_moments(ours, theirs) is None


def test_a_recording_is_known_by_its_moment_and_its_length() -> None:
    ours = scene(file("/x/2013/09/VID_20130918_112346.mp4", SIZE, LONG))
    own = part(7, "/y/Converted/2013-09-18 11.23.46.mkv", SIZE // 3, LONG + 0.2)
    other = part(8, "/y/Converted/2013-09-18 11.29.12.mkv", SIZE // 2, LONG + 0.05)
    best, *rest = find_matches(ours, (), MemoryIndex(own, other))
    assert (best.rating_key, best.confidence >= 90) == (7, True)
    assert all(match.confidence < 60 for match in rest)
