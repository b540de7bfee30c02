"""Files that a camera named by the moment at which it began."""

from __future__ import annotations

import pytest

from plexsync.matching.moments import other_moment


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VID_20130918_112346", "VID_20130918_071841"),
        ("VID_20130918_112346", "2013-09-18 11.23.59"),
        ("PXL_20210102_030405123", "20210102-030501"),
        ("VID_20130918_112346", "VID_20130919_112349 1080p"),
    ],
)
def test_another_moment_is_another_film(ours: str, theirs: str) -> None:
    found = other_moment(ours, theirs)
    assert found is not None
    assert found.weight <= -3
    assert found.reason.startswith("another moment (20")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VID_20130918_112346", "2013-09-18 11.23.46"),
        ("VID_20130918_112346", "2013-09-18 11.23.47 720p"),
        # In another time zone.
        ("VID_20130918_112346", "VID_20130918_092346"),
        ("VID_20130918_233346", "VID_20130919_051846"),
        ("VID_20130918_112346", "VID_20130918"),
        ("Harbour Lights", "VID_20130918_112346"),
        ("VID_20131318_112346", "VID_20131319_112349"),
        ("VID_20130231_112346", "VID_20130228_112349"),
    ],
)
def test_one_moment_however_it_is_written_and_what_is_none(ours: str, theirs: str) -> None:
    assert other_moment(ours, theirs) is None
