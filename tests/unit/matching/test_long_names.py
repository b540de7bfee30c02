"""However long and odd a name is, it is looked at in a moment: whoever works on one scene keeps no other waiting."""

from __future__ import annotations

import time

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.texts import is_bare
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

#: What names consist of, again and again: some of it can be read in several ways.
PIECES = [
    *("a", "1-", "1_1 ", "aA", "[a]", "é", "日本", "2020-01-01 ", "20.20.", "20200101123456 ", "VID_20210304_101512 "),
    *("S01E01", "ABC-123 ", "1 of 2 ", "1080p ", "twenty one ", "III ", "ab12cd34", "Ã©", "0x", "and "),
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_name_of_1500_characters_is_compared_in_a_moment(piece: str) -> None:
    name = f"{(piece * 1500)[:1500]}x (1)"
    wanted = scene(
        file(f"/data/{name}.mp4"), title=f"clip {name}", studio="One", performers=("Ann Day", name), date="2020-01-02"
    )
    index = MemoryIndex(
        part(1, f"/media/other/{name}x.mkv", SIZE + 5, title=f"{name} b"),
        part(2, f"/media/{name}/film.mkv", SIZE + 50, LONG + 1, title=f"b {name}"),
    )
    began = time.process_time()
    find_matches(wanted, [("/data", "/media")], index)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("VID_20051231_155010", True),
        ("20190506 101112-1080", True),
        ("1234567890", True),
        ("7", False),
        ("VID_20051231__155010", False),
        ("20190506_101112_20200101_101112345_1080_1234567890 copy", False),
    ],
)
def test_a_name_of_numbers_is_bare(name: str, bare: bool) -> None:
    began = time.process_time()
    assert is_bare(name) == bare
    assert time.process_time() - began < 0.5, "minutes, where each number is tried in all its parts"
