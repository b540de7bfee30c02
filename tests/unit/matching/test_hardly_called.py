"""Titles in another language, names without words, words that stand in place of others, and paths of other files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.lookup import Match
from plexsync.matching.match import find_matches
from plexsync.matching.pieces import pieces
from plexsync.matching.random_names import is_random, is_wordless
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import SIZE, MemoryIndex, part, scene
from tests.support.matching_index import file as file_of_size

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
LONG = 1511.02
DAY = "2023-05-17"


def file(path: str, size: int | None = SIZE) -> SceneFile:
    return replace(file_of_size(path, size, LONG), frame_rate=25.0)


def item(path: str, apart: float = 0.04, key: int = 7, size: int | None = OTHER) -> IndexedPart:
    return replace(part(key, path, size, LONG + apart), frame_rate=25.0)


def found(ours: Scene, *parts: IndexedPart) -> list[Match]:
    return find_matches(ours, (), MemoryIndex(*parts))


def confidence(ours: Scene, *parts: IndexedPart, key: int = 7) -> int:
    return next((match.confidence for match in found(ours, *parts) if match.rating_key == key), 0)


def described(title: str, path: str = "/x/0a1.mp4") -> Scene:
    return scene(file(path), title=title, date=DAY, studio="Blue Lake", performers=("Jane Doe",))


# --- Called otherwise -------------------------------------------------------------------------------------------------

SILENT = described("The Silent Neighbour and the Bride")
ABROAD = "/y/Blue Lake - 2023-05-17 - Jane Doe - Die stille Nachbarin und die Braut.mkv"


def test_a_title_in_another_language_is_no_other_film_where_studio_day_people_and_length_agree() -> None:
    assert confidence(SILENT, item(ABROAD)) >= AUTO


@pytest.mark.parametrize(
    ("title", "least", "most"),
    [("Die Braut und der Nachbar", AUTO, 100), ("The Garden and the Party", REVIEW, AUTO - 1)],
)
def test_a_short_film_is_taken_for_a_translated_one_where_both_names_show_their_language(
    title: str, least: int, most: int
) -> None:
    """Short films are often as long as others, so that what names agree in nothing says must be weighed finely."""
    ours = replace(
        file_of_size("/x/Blue Lake - Jane Doe - The Silent Neighbour and the Bride.mp4", SIZE, 153.02), frame_rate=25.0
    )
    theirs = replace(
        part(7, f"/y/BlueLake.23.05.17.Jane.Doe.{title.replace(' ', '.')}.mkv", OTHER, 153.09), frame_rate=25.0
    )
    short = scene(
        ours, title="The Silent Neighbour and the Bride", date=DAY, studio="Blue Lake", performers=("Jane Doe",)
    )
    assert least <= confidence(short, theirs) <= most


@pytest.mark.parametrize(
    ("ours", "theirs", "is_sure"),
    [
        ("Long Neighbour of Porto", "Lange Nachbarin von Porto", True),
        ("Long Teacher of Marseille", "Longue Maitresse de Marseille", True),
        ("Long Teacher of Marseille", "Long Painter of Marseille", False),
    ],
)
def test_the_name_of_a_place_is_the_same_in_two_languages(ours: str, theirs: str, is_sure: bool) -> None:
    """So titles of short films, which are often as long as others, are known for one; but not two of one language."""
    mine = replace(file_of_size(f"/x/Blue Lake - {DAY} - Jane Doe - {ours}.mp4", SIZE, 91.76), frame_rate=25.0)
    yours = replace(
        part(7, f"/y/BlueLake.23.05.17.Jane.Doe.{theirs.replace(' ', '.')}.mkv", OTHER, 91.81), frame_rate=25.0
    )
    short = scene(mine, title=ours, date=DAY, studio="Blue Lake", performers=("Jane Doe",))
    assert (confidence(short, yours) >= AUTO) == is_sure


def test_an_id_that_a_site_gave_is_the_film_whatever_title_stands_beside_it() -> None:
    ours = scene(
        file("/x/anna/Gentle Sweet Sauna [653849c980500].mp4"), title="Gentle Sweet Sauna", performers=("anna",)
    )
    theirs = item("/y/dl/Orchard Mirror With Hana [653849c980500].mkv")
    assert not any("others than" in reason for match in found(ours, theirs) for reason in match.reasons)
    assert confidence(ours, theirs) >= AUTO


@pytest.mark.parametrize(
    ("what", "theirs"),
    [
        ("a length a bit further off", item(ABROAD, 0.3)),
        ("another day", item(ABROAD.replace("05-17", "05-19"))),
        ("another studio", item(ABROAD.replace("Blue Lake", "Red Harbour"))),
        ("other people", item(ABROAD.replace("Jane Doe", "Rosa Moretti"))),
    ],
)
def test_where_one_of_these_differs_a_title_in_another_language_is_a_persons_choice(
    what: str, theirs: IndexedPart
) -> None:
    assert confidence(SILENT, theirs) < AUTO


def test_of_two_films_of_the_day_that_are_as_long_a_title_in_another_language_tells_none() -> None:
    other = item(ABROAD.replace("Die stille Nachbarin und die Braut", "Der verbotene Garten im Winter"), 0.06, key=8)
    assert max(match.confidence for match in found(SILENT, item(ABROAD), other)) < AUTO


# --- Lengths ----------------------------------------------------------------------------------------------------------

INGRID = "The Long Summer of Ingrid"


@pytest.mark.parametrize("apart", [0.55, 0.8, 0.98])
def test_up_to_a_second_apart_is_another_encoding_where_title_and_day_agree_word_by_word(apart: float) -> None:
    ours = described(INGRID)
    theirs = item(f"/y/BlueLake.23.05.17.Jane.Doe.{INGRID.replace(' ', '.')}.XXX.720p.MP4-KTR.mp4", apart)
    assert confidence(ours, theirs) >= AUTO


@pytest.mark.parametrize(
    ("called", "apart"),
    [
        (f"Blue Lake - {DAY} - Jane Doe - {INGRID}", 1.4),
        (f"Blue Lake - 2023-05-19 - Jane Doe - {INGRID}", 0.8),
        (f"Blue Lake - {DAY} - Jane Doe - {INGRID} 2", 0.8),
        (f"Blue Lake - {DAY} - Jane Doe - The Long Summer", 0.8),
    ],
)
def test_up_to_a_second_apart_is_a_persons_choice_where_anything_differs(called: str, apart: float) -> None:
    assert confidence(described(INGRID), item(f"/y/{called}.mkv", apart)) < AUTO


# --- Names without words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "3fa8c1d2",
        "2023-05-17 98a99c11bf",
        "6ca09eed-0a26-8057-0d2d-3189fb01e5c6",
        "88OXHqj7xcDU",
        "0hx7w56odgnj2gvmxdrt_source_2023-05-17",
        "jane_doe_3fa8c1d29b",
        "D41D8CD98F00B204",
        "0hbgtmaa1extmpjs7cxm_source_2017-06-19",
        "yzdDpKvifgaEJBIu2Ikq",
    ],
)
def test_random_ids_are_no_words(name: str) -> None:
    assert is_wordless(name, frozenset(("jane", "doe")))


@pytest.mark.parametrize(
    "name",
    ["Beach Day", "Beach Day 3fa8c1d29b", "2023-05-17", "vid0026", "WANX-931", "S01E02", "MonoPassion2", "Facade 2"],
)
def test_titles_and_counts_are_no_random_ids(name: str) -> None:
    assert not is_wordless(name, frozenset())


@pytest.mark.parametrize(
    "word", ["1080p60fps", "decade", "20230517", "x265", "JaneDoe2023", "HarbourLights2", "20StrengthsOfTheNight4K"]
)
def test_what_people_write_is_not_random(word: str) -> None:
    assert not is_random(word)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("98a99c11bf", "2e8da2b6332f5e67"),
        ("88OXHqj7xcDU", "6ca09eed-0a26-8057-0d2d-3189fb01e5c6"),
        ("0hx7w56odgnj2gvmxdrt_source", "d41d8cd98f00b204"),
    ],
)
def test_random_names_of_one_person_and_day_leave_it_to_the_length(ours: str, theirs: str) -> None:
    mine = scene(
        file(f"/x/Jane Doe/{DAY} {ours}.mp4"),
        title="My day at the beach, thank you all",
        date=DAY,
        studio="Jane Doe (Fans)",
        performers=("Jane Doe",),
    )
    there = item(f"/y/fans/Jane Doe/{DAY} {theirs}.mp4")
    assert confidence(mine, there) >= AUTO
    assert confidence(mine, replace(there, duration_ms=round((LONG + 1) * 1000))) < AUTO


# --- Words in place of others -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Lounge Storm Ink", "Veranda Storm Ink"),
        ("Storm Lounge Ink", "Storm Veranda Ink"),
        ("Storm Ink Lounge", "Storm Ink Veranda"),
        ("Twilight Sunday Diary", "Twilight Library Diary"),
        ("Her Lounge and the Storm of Ink", "Her Veranda and the Storm of Ink"),
    ],
)
@pytest.mark.parametrize(
    "form", ["{}", "Blue Lake - {}", "Jane Doe - {}", "blue_lake_{}_1080p", "[Blue Lake] {} (2023)"]
)
@pytest.mark.parametrize("is_described", [True, False])
def test_a_word_in_place_of_another_is_another_film_of_the_studio(
    ours: str, theirs: str, form: str, is_described: bool
) -> None:
    names = [form.format(one.replace(" ", "_") if "_" in form else one) for one in (ours, theirs)]
    path = f"/x/Blue Lake/{names[0]}.mp4"
    mine = described(ours, path) if is_described else scene(file(path))
    assert confidence(mine, item(f"/y/Blue Lake/{names[1]}.mkv", 0.2)) < AUTO
    assert confidence(mine, item(f"/y/Blue Lake/{names[0]} 720p.mkv", 0.2)) >= AUTO


@pytest.mark.parametrize("theirs", ["Storm Ink at Night", "Lounge Storm", "Lounge Storm Ink at Night Sunset"])
def test_a_word_too_many_or_too_few_is_no_other_film(theirs: str) -> None:
    assert confidence(described("Lounge Storm Ink at Night"), item(f"/y/Blue Lake - {DAY} - {theirs}.mkv", 0.2)) >= AUTO


def test_a_number_in_words_is_no_word_in_place_of_another() -> None:
    ours = scene(file("/x/Anna Klein - Twenty-Four Modern Spells in Salzburg.mkv"))
    theirs = item("/y/QuartzOriginals.07.05.23.Anna.Klein.and.Luna.Varga.24.Modern.Spells.in.Salzburg.720p.mp4")
    assert not any(reason.startswith("another word") for reason in found(ours, theirs)[0].reasons)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("BlueLake.23.05.17.Lola.Davies.Musician.in.Dublin", "BlueLake.23.05.17.Freya.Svensson.Musician.in.Dublin"),
        ("GGXI-830 Rough Flower of Marta", "BlueLake.23.05.17.Greta.Bianchi.Rough.Flower.of.Marta"),
        ("GGXI-830 Rough Flower of Marta", "Greta Rough Flower of Marta"),
        ("blue_lake_rough_flower_of_marta", "rosa_moretti_rough_flower_of_marta"),
    ],
)
def test_people_studios_and_codes_before_a_title_are_no_words_of_it(ours: str, theirs: str) -> None:
    matches = found(scene(file(f"/x/{ours}.mkv")), item(f"/y/{theirs}.mkv"))
    assert not any(reason.startswith("another word") for reason in matches[0].reasons)


def test_other_people_before_a_title_do_not_hide_that_a_word_of_it_is_another() -> None:
    ours = scene(file(f"/x/Blue Lake - {DAY} - Petra Haas, Uma Smith, Ann Davies - Passenger Hurricane Bell.mkv"))
    theirs = item(f"/x/Blue Lake - {DAY} - Rafael Ibanez - Passenger Circle Bell.mkv", 0.2)
    assert confidence(replace(ours, studio="Blue Lake"), theirs) < AUTO


def test_a_name_falls_into_pieces_where_something_else_begins() -> None:
    assert pieces("[Blue Lake] Jane Doe & Ann - The Storm (2023-05-17)") == (
        ("blue", "lake"),
        ("jane", "doe"),
        ("ann",),
        ("storm",),
    )
    assert pieces("BlueLake.23.05.17.Jane.Doe.Storm") == (("blue", "lake"), ("jane", "doe", "storm"))


# --- The same words in one order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (f"Blue Lake - {DAY} - Canvas Orchard Pillow", "Ann Bell & Rosa Moretti - Canvas Orchard Pillow"),
        ("Ann Bell & Rosa Moretti - Canvas Orchard Pillow", f"[Blue Lake Productions] Canvas Orchard Pillow ({DAY})"),
    ],
)
def test_three_words_in_one_order_are_a_title_whatever_stands_before_them(ours: str, theirs: str) -> None:
    class Rare(MemoryIndex):
        def holding(self, words: object) -> int:
            return 1

    mine = scene(file(f"/x/{ours}.mp4"))
    (match,) = find_matches(mine, (), Rare(item(f"/y/{theirs}.mkv")))
    assert match.confidence >= AUTO
    (match,) = find_matches(mine, (), Rare(item(f"/y/{theirs.replace('Orchard', 'Guest')}.mkv")))
    assert match.confidence < AUTO


# --- Another file at the path -----------------------------------------------------------------------------------------


def test_a_path_is_not_believed_where_the_scenes_own_bytes_lie_elsewhere_under_its_name() -> None:
    ours = scene(replace(file("/x/a/Harbour Lights.mp4"), duration=None))
    here = item("/x/a/Harbour Lights.mp4", 200, key=8)
    moved = item("/x/b/Harbour Lights.mp4", size=SIZE)
    assert found(ours, here, moved)[0].rating_key == 7
    assert confidence(ours, here, moved, key=8) < AUTO
    assert confidence(ours, here, key=8) == 95
    smaller = item("/x/b/Harbour Lights.mp4", size=SIZE - 1)
    assert confidence(ours, here, smaller, key=8) == 95


def test_a_path_is_believed_where_the_length_agrees_and_a_copy_lies_elsewhere() -> None:
    ours = scene(file("/x/a/Harbour Lights.mp4"))
    here, copy = item("/x/a/Harbour Lights.mp4", key=8), item("/x/b/Harbour Lights.mp4", size=SIZE)
    assert confidence(ours, here, copy, key=8) >= AUTO


# --- Parts of titles --------------------------------------------------------------------------------------------------


def as_in_a_library(one: IndexedPart, ours: Scene) -> int:
    """How sure an item is where a thousand others are."""
    others = [
        part(100 + number, f"/z/{number}/thing {number}.mp4", SIZE + number, 100 + number) for number in range(999)
    ]
    return next((match.confidence for match in found(ours, one, *others) if match.rating_key == 7), 0)


@pytest.mark.parametrize("other", ["Library", "Home", "Storage", "Garden"])
def test_a_word_that_folders_are_called_by_tells_two_titles_apart_as_any_other(other: str) -> None:
    ours = described("Endless Neighbour", f"/x/{DAY} - Endless Neighbour - Jane Doe.mp4")
    assert as_in_a_library(item(f"/y/Blue Lake - Endless {other} ({DAY}).mp4"), ours) < AUTO


@pytest.mark.parametrize(("day", "least", "most"), [(DAY, AUTO, 100), ("2019-01-31", REVIEW, AUTO - 1)])
def test_a_part_of_a_title_is_not_the_scene_by_itself_where_the_day_is_another(day: str, least: int, most: int) -> None:
    ours = described("Extraordinary Neighbour", f"/x/{DAY} - Extraordinary Neighbour - Jane Doe.mp4")
    assert least <= as_in_a_library(item(f"/y/Blue Lake - Extraordinary ({day}).mp4"), ours) <= most
