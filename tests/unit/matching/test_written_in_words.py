"""Numbers and days that one side writes in words, and what sites and limits of lengths do to names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.reading import read
from plexsync.matching.spelt_numbers import spelt_in
from plexsync.matching.titles import words
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

LONG = 1511.02
#: Of another length than any.
OTHER_FILM = part(1, "/y/Some Other Film.mkv", SIZE // 2, LONG + 400)


def _confidence(title: str, theirs: str) -> int:
    ours = scene(file(f"/x/Vivid - {title}.mp4", SIZE, LONG), title=title, studio="Vivid")
    index = MemoryIndex(part(7, f"/y/{theirs}.mkv", SIZE // 3, LONG + 0.04), OTHER_FILM)
    return next((match.confidence for match in find_matches(ours, (), index) if match.rating_key == 7), 0)


@pytest.mark.parametrize(
    ("title", "theirs"),
    [
        ("One Hundred Kitchens Of Balcony", "100 Kitchens Of Balcony"),
        ("100 Kitchens Of Balcony", "Vivid - One Hundred Kitchens Of Balcony"),
        ("Two Hundred And Five Harbour Lanterns", "205 Harbour Lanterns"),
        ("A Thousand Harbour Lanterns", "1000 Harbour Lanterns"),
        ("Twenty One Harbour Lanterns", "21 Harbour Lanterns"),
        ("Second Harbour Lantern Shift", "2nd Harbour Lantern Shift"),
        ("Zwei Harbour Lanterns Shift", "2 Harbour Lanterns Shift"),
        ("Back To Harbour Lantern", "Back 2 Harbour Lantern"),
        ("Lanterns For Harbours Tonight", "Lanterns 4 Harbours Tonight"),
    ],
)
def test_a_number_in_words_is_the_one_in_figures(title: str, theirs: str) -> None:
    assert _confidence(title, theirs) >= 90


@pytest.mark.parametrize(
    ("title", "theirs"),
    [
        ("One Hundred Kitchens Of Balcony", "200 Kitchens Of Balcony"),
        ("Two Harbour Lantern Shifts", "3 Harbour Lantern Shifts"),
        ("Back To Harbour Lantern", "Back To Harbour Lantern 2"),
        ("Lanterns For Harbours Tonight", "Lanterns For Harbours Tonight 4"),
    ],
)
def test_another_number_is_another_one_however_it_is_written(title: str, theirs: str) -> None:
    assert _confidence(title, theirs) < 90


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("two thousand nineteen", [2019]),
        ("two hundred thousand", [200_000]),
        ("one two three", [1, 2, 3]),
        ("thirty twelve", [30, 12]),
        ("hundred", [100]),
        ("harbour lights", []),
    ],
)
def test_words_that_follow_each_other_are_one_number_where_they_can_be(text: str, numbers: list[int]) -> None:
    assert list(spelt_in(text.split())) == numbers


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Vivid - 5. Mai 2021", "2021-05-05"),
        ("Vivid - May 5th 2021", "2021-05-05"),
        ("Vivid 3 de mayo de 2021", "2021-05-03"),
        ("Vivid_24_août_2019", "2019-08-24"),
        ("Vivid 13. Dezember 2020", "2020-12-13"),
        ("Vivid 1. März 2020", "2020-03-01"),
        ("Vivid may.05.2021", "2021-05-05"),
        ("Vivid 2021 Oct 09", "2021-10-09"),
    ],
)
def test_days_are_read_with_the_names_of_months(text: str, day: str) -> None:
    assert read(text).dates == {day}


@pytest.mark.parametrize(
    "text",
    [
        "www.site24.com - Harbour Lights",
        "www site24 com - Harbour Lights",
        "www.site24.to_Harbour Lights",
        "site24.to_Harbour Lights",
        "[site24.to]_Harbour Lights",
        "Harbour Lights - Site24.com",
        "Harbour Lights [HD 720]",
        "Harbour Lights [FullHD 1080]",
        "Harbour Lights [108",
        "Harbour Lights (HD 72",
    ],
)
def test_sites_and_lines_are_no_words_and_no_numbers(text: str) -> None:
    assert (read(text).words, read(text).numbers) == (("harbour", "lights"), ())


@pytest.mark.parametrize("text", ["Twenty4 To Tango", "Title 24 to Go", "Girls 720 Times", "Harbour Lights (2)"])
def test_what_looks_like_it_is_left(text: str) -> None:
    assert sorted([*read(text).words, *map(str, read(text).numbers)]) == sorted(words(text))


def test_a_year_that_a_name_says_twice_is_no_number() -> None:
    assert read("Harbour Lights (1997) Harbour Lights (1997)").numbers == ()
    assert read("Harbour 1984 Lights (1985)").numbers == (1985,)


def test_an_id_of_a_site_may_be_all_digits_behind_its_letters() -> None:
    assert read("Harbour Lights [ph563515385960]").uploads == {"ph563515385960"}
    assert read("Harbour Lights [ph563515385960]").numbers == ()


SWAN = "Beyond The Paper Swan Of Winter Harbour"


@pytest.mark.parametrize(
    ("theirs", "lines", "is_sure"),
    [
        (f"{SWAN} 72", 720, True),
        (f"{SWAN} [108", 1080, True),
        (f"0012_{SWAN}", 720, True),
        (f"{SWAN} 72", 1080, False),
        (f"{SWAN} 7", 720, False),
        ("Paper Swan 72", 720, False),
    ],
)
def test_what_is_left_of_lines_at_the_end_of_a_long_name_is_no_part(theirs: str, lines: int, is_sure: bool) -> None:
    title = SWAN if SWAN in theirs else "Paper Swan"
    mine = replace(file(f"/x/Vivid - {title}.mp4", SIZE, LONG), height=lines, width=lines * 16 // 9)
    yours = replace(part(7, f"/y/{theirs}.mkv", SIZE // 3, LONG + 0.04), height=lines, width=lines * 16 // 9)
    found = find_matches(scene(mine, title=title, studio="Vivid"), (), MemoryIndex(yours, OTHER_FILM))
    assert (max(match.confidence for match in found if match.rating_key == 7) >= 90) == is_sure


def test_words_of_the_title_in_one_piece_are_no_other_people() -> None:
    ours = scene(file(f"/x/{SWAN}.mp4", SIZE, LONG), title=SWAN, studio="Vivid", performers=("Ann Day",))
    theirs = part(7, "/y/BeyondThe PaperSwan Of Winterharbour.mkv", SIZE // 3, LONG + 0.04)
    found = find_matches(ours, (), MemoryIndex(theirs, OTHER_FILM))
    assert max(match.confidence for match in found if match.rating_key == 7) >= 90
