"""What frame rates and pictures say of two files of one length."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching import weights
from plexsync.matching.evidence import pair
from plexsync.matching.match import find_matches
from plexsync.matching.same_streams import is_repacked, same_streams
from plexsync.model import Scene
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

OURS = replace(file("/x/a.mp4"), width=1920, height=1080, frame_rate=25.0, video_codec="h264")
THEIRS = replace(part(7, "/y/b.mkv", SIZE // 2), width=1280, height=720, frame_rate=25.0, video_codec="hevc")


def test_an_encoding_keeps_the_frame_rate_and_nothing_else() -> None:
    assert [one.weight for one in same_streams(OURS, THEIRS)] == [weights.SAME_FRAME_RATE]


@pytest.mark.parametrize(("rate", "weight"), [(50.0, weights.HALF_FRAME_RATE), (29.97, weights.OTHER_FRAME_RATE)])
def test_another_frame_rate_speaks_against_it_but_for_a_half(rate: float, weight: float) -> None:
    assert [one.weight for one in same_streams(OURS, replace(THEIRS, frame_rate=rate))] == [weight]


def test_what_is_not_known_says_nothing() -> None:
    assert same_streams(OURS, part(7, "/y/b.mkv", SIZE // 2)) == []
    assert same_streams(file("/x/a.mp4"), THEIRS) == []


def test_the_same_streams_in_another_container_have_the_same_picture() -> None:
    again = replace(THEIRS, size=SIZE + 1_000_000, width=1920, height=1080, video_codec="h264")
    turned = replace(again, width=1080, height=1920)
    for one in (again, turned):
        assert [one.weight for one in same_streams(OURS, one)] == [
            weights.SAME_FRAME_RATE,
            weights.SAME_PICTURES + weights.SAME_FRAMES,
        ]


@pytest.mark.parametrize("change", [{"height": 720, "width": 1280}, {"video_codec": "hevc"}])
def test_nearly_the_same_size_with_another_picture_is_chance(change: dict[str, object]) -> None:
    again = replace(THEIRS, size=SIZE + 1000, width=1920, height=1080, video_codec="h264")
    said = same_streams(OURS, replace(again, **change))  # type: ignore[arg-type]
    assert said[-1].weight == weights.REPACKED_OTHERWISE
    assert weights.REPACKED + weights.REPACKED_OTHERWISE < 0


def test_the_very_same_size_is_no_repacking() -> None:
    assert not is_repacked(SIZE, SIZE)
    assert is_repacked(SIZE, SIZE + 17)
    assert not is_repacked(SIZE, SIZE * 2)
    assert not is_repacked(None, SIZE)


def test_streams_that_are_packed_anew_keep_their_length() -> None:
    again = replace(THEIRS, size=SIZE + 1000, width=1920, height=1080, video_codec="h264")
    other = replace(again, duration_ms=(again.duration_ms or 0) + 700)
    assert same_streams(OURS, other) == same_streams(OURS, replace(other, size=SIZE // 2))
    assert pair(OURS, again, "/x/a.mp4", 1).size_in_context != pair(OURS, other, "/x/a.mp4", 1).size_in_context


@pytest.mark.parametrize(("named", "sure"), [("2023-05-17 - {}", True), ("{}", False)])
def test_of_another_frame_rate_and_hardly_as_long_it_needs_title_and_day(named: str, sure: bool) -> None:
    title = "Marble Harbour Lights at Dusk"
    wanted = scene(replace(OURS, path=f"/x/{title}.mp4", duration=1511.02), title=title, date="2023-05-17")
    theirs = replace(THEIRS, frame_rate=30.0, duration_ms=1511420)
    name = f"/y/{named.format(title)}.mkv"
    best, *_ = find_matches(wanted, (), MemoryIndex(replace(theirs, path=name, file=name)))
    assert (best.confidence >= 90) == sure


def test_another_frame_rate_is_of_other_streams_however_near_the_sizes_are() -> None:
    near = replace(OURS, size=SIZE)
    theirs = replace(THEIRS, size=SIZE + SIZE // 1000, width=1920, height=1080, video_codec="h264")
    same, other = (same_streams(near, replace(theirs, frame_rate=rate)) for rate in (25.0, 60.0))
    assert sum(one.weight for one in same) > weights.SAME_FRAME_RATE
    assert sum(one.weight for one in other) < weights.REPACKED_OTHERWISE
    assert other[-1].reason == "other pictures (1920x1080 h264 at 25 in Stash, 1920x1080 h264 at 60 in Plex)"


#: Two films of a house that encodes all of its films at one bit rate: as long and as large as each other, but for some
#: bytes in a thousand.
TITLE = "Marble Harbour Lights"
OF_HOUSE = replace(
    scene(replace(OURS, path=f"/x/{TITLE}.mp4"), title=TITLE, studio="Blue Lake", performers=("Nico Jagger",)),
    date="2023-05-17",
)


def sure_of(ours: Scene, name: str, *, bytes_apart: int = SIZE // 900, apart: float = 0.04) -> int:
    theirs = part(7, f"/y/new/{name}.mkv", SIZE + bytes_apart, LONG + apart)
    theirs = replace(theirs, width=1920, height=1080, frame_rate=25.0, video_codec="h264")
    found = find_matches(ours, (), MemoryIndex(theirs))
    return found[0].confidence if found else 0


@pytest.mark.parametrize(
    "name",
    [
        "Blue Lake - Amber Orchard of Winter - Nico Jagger",
        "BlueLake.19.03.04.Nico.Jagger.And.Mara.Holt.Amber.Orchard.of.Winter",
        "Nico Jagger 126",
        "6570afbd2f9a7",
        "Blue Lake - Wild Orchard Harbour Lights Forever",
    ],
)
def test_nearly_the_same_size_does_not_outweigh_another_title_people_and_day(name: str) -> None:
    assert sure_of(OF_HOUSE, name) < 90
    assert sure_of(OF_HOUSE, name, bytes_apart=0) >= 90


@pytest.mark.parametrize("name", [f"{TITLE}", f"Blue Lake - {TITLE} - Nico Jagger", "Blue Lake 2023-05-17 Nico Jagger"])
def test_beside_a_title_or_a_day_it_confirms_it(name: str) -> None:
    assert sure_of(OF_HOUSE, name) >= 90


def test_three_words_in_one_order_are_a_title_beside_nearly_the_same_size_as_well() -> None:
    class Rare(MemoryIndex):
        def holding(self, words: object) -> int:
            return 1

    ours = scene(replace(OURS, path="/x/Julia Marin - Signal Waterfall Piano.mkv"))
    name = "/y/Wild Productions - 2015-01-06 - Signal Waterfall Piano.mp4"
    item = replace(part(7, name, SIZE + SIZE // 900, LONG - 0.02), width=1920, height=1080, frame_rate=25.0)
    assert find_matches(ours, (), Rare(replace(item, video_codec="h264")))[0].confidence >= 90
