"""Codes, days and numbers in names: which of them tell a film, and which are a studio's, a site's or a list's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.numbers_of_studios import of_studio
from plexsync.matching.reading import read
from plexsync.matching.texts import Text
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import SIZE, MemoryIndex, part, scene
from tests.support.matching_index import file as file_of_size

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
LONG = 1511.02
DAY = "2023-05-17"


def file(path: str) -> SceneFile:
    return file_of_size(path, SIZE, LONG)


def item(path: str, apart: float = 0.04, key: int = 7, title: str = "") -> IndexedPart:
    return part(key, path, OTHER + key, LONG + apart, title=title)


def confidence(ours: Scene, *parts: IndexedPart, key: int = 7) -> int:
    found = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in found if match.rating_key == key), 0)


# --- Codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "hhd800.com@WANX-931",
        "hhd800 com@WANX-931",
        "[hhd800.com]WANX-931",
        "hhd800.com_WANX-931",
        "WANX-931 - site.com",
        "118wanx00931",
        "h_118wanx00931hhb",
        "wanx00931",
        "WANX_hd_931_full",
    ],
)
def test_a_code_is_the_same_with_a_site_or_a_shop_s_number_before_it(name: str) -> None:
    ours = scene(
        file("/x/WANX/WANX-931.mp4"), title="Tutor and the Waterfall", studio="Vivid", performers=("Aiko Tanaka",)
    )
    assert confidence(ours, item(f"/y/J/{name}.mkv", title=name.replace(".", " "))) >= AUTO


@pytest.mark.parametrize("name", ["5 mile 00473", "1080p00123", "24fps00100"])
def test_what_is_no_shop_s_number_makes_no_code(name: str) -> None:
    assert not read(name).codes


# --- A studio's number ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("studio", ["Studio 66", "Club 7", "The 18 Room"])
def test_the_number_of_a_studio_of_which_nothing_is_known_is_no_part_s(studio: str) -> None:
    theirs = item("/y/Rosa Moretti & Jane Doe - Waiter Echo Puzzle.mkv")
    with_number, without = (
        confidence(scene(file(f"/x/in/{name} - {DAY} - Waiter Echo Puzzle.mp4")), theirs)
        for name in (studio, re.sub(" ?[0-9]+", "", studio))
    )
    assert with_number >= without >= REVIEW


@pytest.mark.parametrize(
    ("ours", "theirs", "numbers"),
    [
        ("Studio 66 - Waiter Puzzle", "Jane Doe - Waiter Puzzle", {66}),
        ("Studio66.23.05.17.Waiter.Puzzle", "Jane Doe - Waiter Puzzle", {66}),
        ("Part 2 - Waiter Puzzle", "Jane Doe - Waiter Puzzle", set()),
        ("Day 2 - Waiter Puzzle", "Jane Doe - Waiter Puzzle", set()),
        ("2 - Waiter Puzzle", "Jane Doe - Waiter Puzzle", set()),
        ("Waiter Puzzle 2 - Jane Doe", "Waiter Puzzle - Jane Doe", set()),
        ("Waitter Puzzle 2 - Jane Doe", "Waiter Pzzle - Jane Doe", set()),
        ("Waiter Puzzle 2", "Jane Doe - Waiter Puzzle", set()),
        ("Waiter Puzzle - Volume 2", "Waiter Puzzle", set()),
    ],
)
def test_a_number_goes_with_the_words_beside_it(ours: str, theirs: str, numbers: set[int]) -> None:
    mine, yours = (Text(text, read(text), is_title=False) for text in (ours, theirs))
    assert of_studio(mine, yours) == numbers


# --- The first of January ---------------------------------------------------------------------------------------------

NEW_YEAR = "2021-01-01"


def creator(name: str, date: str = NEW_YEAR) -> Scene:
    return scene(file(f"/x/janedoe/{name}.mp4"), title="The Dinner Parade", date=date, performers=("Jane Doe",))


def test_the_first_of_january_is_a_day_where_names_on_both_sides_have_it() -> None:
    ours = creator(f"{NEW_YEAR}_07571871613_source")
    assert confidence(ours, item("/y/of/janedoe/20210101_ff349b71.mp4")) >= AUTO


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("07571871613_source", "20210101_ff349b71"),
        (f"{NEW_YEAR}_07571871613_source", "ff349b71"),
        (f"{NEW_YEAR}_07571871613_source", "20210102_ff349b71"),
    ],
)
def test_else_it_is_the_year(ours: str, theirs: str) -> None:
    assert confidence(creator(ours), item(f"/y/of/janedoe/{theirs}.mp4")) < AUTO


def test_of_an_item_s_first_of_january_no_more_than_the_year_is_known() -> None:
    ours = creator(f"{NEW_YEAR}_07571871613_source")
    theirs = replace(item("/y/of/janedoe/ff349b71.mp4"), date=NEW_YEAR, year=2021)
    assert confidence(ours, theirs) < AUTO


# --- Long numbers of sites, and moments -------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [20.5, LONG])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("1234567890_source", f"{DAY} - 1234567890 - paid"),
        ("1080P_8000K_112233445", "720P_4000K_112233445"),
        ("112233445", "Some Other Words [112233445]"),
    ],
)
def test_a_long_number_that_both_names_have_is_one_film_s(ours: str, theirs: str, seconds: float) -> None:
    mine = scene(replace(file(f"/x/tube/{ours}.mp4"), duration=seconds))
    own = part(7, f"/y/new/{theirs}.mp4", OTHER, seconds + 0.04)
    other = part(8, f"/y/new/{re.sub('[0-9]{9,}', '112299999', theirs)}.mp4", OTHER + 8, seconds + 0.02)
    best = find_matches(mine, (), MemoryIndex(own, other))[0]
    assert (best.rating_key, best.confidence >= AUTO) == (7, True)
    assert any(reason.startswith("same long number") for reason in best.reasons)
    assert all(match.confidence < REVIEW for match in find_matches(mine, (), MemoryIndex(other)))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("20230517_source", "20230517 paid"),
        ("1234567_source", "1234567 paid"),
        ("1234567890_1_source", "1234567890_2_source"),
    ],
)
def test_days_and_short_numbers_and_other_clips_of_a_post_are_no_such(ours: str, theirs: str) -> None:
    found = find_matches(scene(file(f"/x/tube/{ours}.mp4")), (), MemoryIndex(item(f"/y/new/{theirs}.mp4")))
    assert all(match.confidence < AUTO for match in found)
    assert not any(reason.startswith("same long number") for match in found for reason in match.reasons)


@pytest.mark.parametrize("name", ["VID_20210304_{}", "2021-03-04 {}", "Anna 20210304_{}"])
def test_two_recordings_of_one_minute_are_two_films(name: str) -> None:
    ours = scene(replace(file("/x/2021/03/" + name.format("101512") + ".mp4"), duration=30.02), date="2021-03-04")
    theirs = part(7, "/y/2021/03/" + name.format("101521") + ".mp4", OTHER, 30.04)
    assert all(match.confidence < REVIEW for match in find_matches(ours, (), MemoryIndex(theirs)))


# --- Codes and numbers of a studio elsewhere --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["video", "1080", "scene", "movie"])
def test_a_code_is_known_in_the_folder_of_a_file_without_a_name(name: str) -> None:
    ours = scene(file("/x/WANX/WANX-931.mp4"), title="The Paper Swan", studio="Vivid")
    assert confidence(ours, item(f"/y/DL/WANX-931_1080p/{name}.mp4")) >= AUTO
    assert confidence(ours, item(f"/y/DL/WANX-932_1080p/{name}.mp4")) < REVIEW
    both = scene(file(f"/x/in/WANX-931/{name}.mp4"))
    assert confidence(both, item(f"/y/DL/WANX-931_1080p/{name}.mp4")) >= AUTO


def test_a_studio_s_number_is_its_own_where_it_is_one_of_a_picture_s_elsewhere() -> None:
    ours = scene(
        file("/x/vr/Czech VR 360 - Silent Neighbour of the Bride.mp4"),
        title="Silent Neighbour of the Bride",
        studio="Czech VR 360",
    )
    assert confidence(ours, item("/y/z/czechvr360-silent-neighbour-of-the-bride.mp4")) >= AUTO


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Jane Doe - Secretary Theatre Lantern", "Royal Island - 2013-06-11 - Secretary Lantern Star"),
        ("Jane Doe - Secretary Lantern Star", "Royal Island - 2013-06-11 - Secretary Theatre Lantern"),
    ],
)
def test_two_titles_with_a_word_of_their_own_each_are_two_films(ours: str, theirs: str) -> None:
    assert confidence(scene(file(f"/x/{ours}.mp4")), item(f"/y/{theirs}.mkv")) < AUTO


@pytest.mark.parametrize(
    "theirs", ["Jane Doe - Secretary Lantern", "Secretary Lantern, Blue Lake", "Secretary Lantern (Rosa)"]
)
def test_a_word_that_is_left_out_or_stands_outside_of_a_title_is_no_other_s(theirs: str) -> None:
    ours = scene(file("/x/Jane Doe - Secretary Theatre Lantern.mp4"), title="Secretary Theatre Lantern")
    assert confidence(ours, item(f"/y/{theirs}.mkv")) >= REVIEW


# --- Places in lists --------------------------------------------------------------------------------------------------

SWAN = "Blue Lake - 2023-05-17 - Jane Doe - The Paper Swan"


@pytest.mark.parametrize("number", ["03. ", "(12) ", "017 ", "#5 ", "3 - ", "12) "])
def test_a_number_before_a_name_is_its_place_in_a_list(number: str) -> None:
    ours = scene(file(f"/x/{SWAN}.mp4"), title="The Paper Swan", date=DAY, studio="Blue Lake", performers=("Jane Doe",))
    assert confidence(ours, item(f"/y/{number}{SWAN}.mkv")) >= AUTO


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("03. The Paper Swan", "04. The Paper Swan"),
        ("3 - The Paper Swan", "The Paper Swan 4"),
        ("3 Paper Swans of Porto", "Paper Swans of Porto"),
        ("2023-05-17 The Paper Swan 2", "The Paper Swan"),
    ],
)
def test_another_place_and_a_number_of_a_title_are_another_film(ours: str, theirs: str) -> None:
    assert confidence(scene(file(f"/x/{ours}.mp4")), item(f"/y/{theirs}.mkv")) < AUTO


@pytest.mark.parametrize("folder", ["wanx00931hhb", "site.com@WANX-931", "WANX-931 1080p", "[site1.com]wanx931"])
@pytest.mark.parametrize("name", ["scene", "video", "movie"])
def test_a_folder_s_code_is_read_in_all_its_forms(folder: str, name: str) -> None:
    ours = scene(file("/x/WANX/WANX-931.mp4"), title="The Paper Swan", studio="Vivid")
    assert confidence(ours, item(f"/y/DL/{folder}/{name}.mp4")) >= AUTO


def test_a_word_of_a_title_is_replaced_although_the_studio_has_it_as_well() -> None:
    title = "Photograph Harbour Concert"
    ours = scene(file(f"/x/{title}.mp4"), title=title, studio="Harbour Network")
    assert confidence(ours, item("/y/Photograph Wave Concert (2022).mkv")) < REVIEW
    assert confidence(ours, item("/y/Photograph Concert (2022).mkv")) >= REVIEW
    assert confidence(ours, item("/y/Harbour Network - Photograph Harbour Concert.mkv")) >= AUTO


@pytest.mark.parametrize("ours", ["MKV-102", "102", "tape 102"])
def test_the_digits_of_a_code_are_no_number_that_a_name_without_it_has_as_well(ours: str) -> None:
    mine = scene(file(f"/x/in/{ours}.mp4"), title="Arcade Pirate Cowgirl", studio="Nectar Girls")
    found = find_matches(mine, (), MemoryIndex(item("/y/WANX/WANX-102.mp4", 0.12)))
    assert all(match.confidence < AUTO for match in found)
    assert not any("same number" in reason for match in found for reason in match.reasons)
