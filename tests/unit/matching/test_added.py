"""What is added to names: ids of sites, lengths and sizes, groups, endings, places in a list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.reading import read
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO = 90
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02
TITLE = "The Marble Harbour Lights"


def confidence(ours: Scene, *parts: IndexedPart) -> int:
    matches = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == 7), 0)


def named(name: str, *, seconds: float = LONG + 0.02, key: int = 7) -> IndexedPart:
    return part(key, f"/y/{name}.mkv", OTHER + key, seconds)


def ours(name: str = TITLE, title: str = TITLE) -> Scene:
    return scene(file(f"/x/{name}.mp4", SIZE, LONG), title=title)


@pytest.mark.parametrize(
    "added",
    [
        " [ph5c3e9a1b77d0e]",
        "-xh7Ab29f",
        " dQw4w9WgXcQ",
        " (11min)",
        " [34m12s]",
        " - 1454MB",
        " 1.4GB",
        " 1h02m",
        ".f137+140",
        ".f398",
        ".mp4",
        ".temp",
        "_(720p)",
        ".1080p.x264-ABC6DEF AI upscale 4K",
        ".HEVC-N1C (25min)",
    ],
)
def test_what_is_added_to_a_name_is_no_part_of_it(added: str) -> None:
    assert (read(TITLE + added).words[:3], read(TITLE + added).numbers) == (read(TITLE).words, ())
    assert confidence(ours(), named(TITLE + added)) >= AUTO
    assert confidence(ours(TITLE + added), named(TITLE)) >= AUTO


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("10 Minutes in the Harbour", (10,)), ("Harbour S01E02E03", (1, 2, 3)), ("Harbour 2.mp4", (2,))],
)
def test_other_numbers_stay(name: str, numbers: tuple[int, ...]) -> None:
    assert read(name).numbers == numbers
    assert not read(name).uploads


def test_an_id_that_is_all_there_is_stays_a_name() -> None:
    assert read("ph5c3e9a1b77d0e").words
    assert read("118wanx00931hhb").codes == {"wanx931"}
    assert not read("118wanx00931hhb").uploads


def test_one_id_of_a_site_is_one_video_whatever_it_is_called() -> None:
    item = named("Anna am Fenster [ph5c3e9a1b77d0e]")
    assert confidence(ours("Girl at the Window-ph5c3e9a1b77d0e", ""), item) >= AUTO
    assert confidence(ours("Girl at the Window-ph5c3e9a1b77d0f", ""), item) < AUTO


@pytest.mark.parametrize("front", ["03. ", "(12) ", "017 ", "#5 ", "12 - ", "7) ", "[04] "])
def test_a_place_in_a_list_is_no_part(front: str) -> None:
    assert confidence(ours(), named(front + TITLE)) >= AUTO
    assert confidence(ours(front + TITLE), named(TITLE)) >= AUTO
    assert confidence(ours(f"18. {TITLE}", ""), named(front + TITLE)) < AUTO


@pytest.mark.parametrize("front", ["14. ", "032 ", "(7) "])
def test_a_place_in_a_list_may_stand_before_a_number_of_the_title(front: str) -> None:
    assert (
        confidence(
            ours("23 Marble Harbour Lights", "23 Marble Harbour Lights"), named(f"{front}23 Marble Harbour Lights")
        )
        >= AUTO
    )


@pytest.mark.parametrize("name", [f"24 {TITLE}", f"{TITLE} 24"])
def test_a_number_that_is_no_place_in_a_list_is_one_of_a_series(name: str) -> None:
    assert confidence(ours(), named(name)) < AUTO


@pytest.mark.parametrize("apart", [0.0, 0.05, 0.5])
def test_another_year_is_for_a_person_to_decide(apart: float) -> None:
    remake = named(f"{TITLE} (1996)", seconds=LONG + apart)
    assert confidence(ours(f"{TITLE} (1979)"), remake) < AUTO
    same = replace(remake, size=SIZE, duration_ms=round(LONG * 1000))
    assert confidence(ours(f"{TITLE} (1979)"), same) >= AUTO
