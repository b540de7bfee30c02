"""Numbers that tell parts apart, however they are written, and numbers that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching import weights
from plexsync.matching.counters import other_count
from plexsync.matching.match import find_matches
from plexsync.matching.reading import read
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02


def confidence(ours: Scene, *parts: IndexedPart) -> int:
    matches = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == 7), 0)


def named(name: str, *, seconds: float = LONG + 0.1, key: int = 7, folder: str = "/y") -> IndexedPart:
    return part(key, f"{folder}/{name}.mkv", OTHER + key, seconds)


def ours(name: str) -> Scene:
    return scene(file(f"/x/{name}.mp4", SIZE, LONG))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Harbour Lights partB", (2,)),
        ("Harbour Lights part-c", (3,)),
        ("Harbour Lights Part A", (1,)),
        ("Harbour Lights 1 of 3", (1,)),
        ("Harbour Lights (Part 2 of 3)", (2,)),
        ("Harbour.Lights.2of4", (2,)),
        ("Harbour Lights 5 of 3", (5, 3)),
        ("Harbour Lights partII", (2,)),
        ("Harbour Lights second part", (2,)),
        ("Harbour Lights - 1st half", (1,)),
        ("Harbour Lights 2 von 3", (2,)),
        ("Harbour Lights Scene B", (2,)),
        ("Harbour Lights cd-b", (2,)),
        ("Harbour Lights cdB", (2,)),
        ("CDB-247", (247,)),
        ("[jav] CDB 247", (247,)),
        ("One Sided Taped Harbour", ()),
        ("Harbour Lights party", ()),
        ("La segunda parte", ()),
    ],
)
def test_parts_are_read_however_they_are_written(name: str, numbers: tuple[int, ...]) -> None:
    assert read(name).numbers == numbers


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("harbour_lights_B_180_LR", 2),
        ("Harbour Lights A", 1),
        ("Harbour Lights (c) [1080p]", 3),
        ("Harbour Lights 180x180_3dh", None),
        ("Harbour Lights Scene B", None),
        ("Boat B for Nadia", None),
        ("Plan", None),
        ("B", None),
    ],
)
def test_a_letter_at_the_end_may_be_a_halfs(name: str, letter: int | None) -> None:
    assert read(name).letter == letter


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("The Marble Harbour Lights Part 2", "The Marble Harbour Lights partB"),
        ("The Marble Harbour Lights part2", "the_marble_harbour_lights_B_180_LR"),
        ("The Marble Harbour Lights 1 of 3", "The Marble Harbour Lights Part 1"),
        ("The Marble Harbour Lights Part Two", "The Marble Harbour Lights 2 of 2"),
        ("24 Marble Harbour Lights", "Twenty-Four Marble Harbour Lights"),
        ("Seven Marble Harbour Lights", "7 Marble Harbour Lights"),
    ],
)
def test_the_same_part_is_the_same_film(mine: str, theirs: str) -> None:
    assert confidence(ours(mine), named(theirs)) >= AUTO
    assert confidence(ours(theirs), named(mine)) >= AUTO


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("The Marble Harbour Lights Part 2", "The Marble Harbour Lights partA"),
        ("The Marble Harbour Lights part2", "the_marble_harbour_lights_A_180_LR"),
        ("the_marble_harbour_lights_B_180_LR", "the_marble_harbour_lights_A_180_LR"),
        ("The Marble Harbour Lights 1 of 3", "The Marble Harbour Lights 2 of 3"),
        ("Two Marble Harbour Lights 2", "Two Marble Harbour Lights"),
        ("24 Marble Harbour Lights", "Twenty Marble Harbour Lights"),
        ("The Marble Harbour Lights (2)", "The Marble Harbour Lights (3)"),
    ],
)
def test_another_part_is_another_film_however_it_is_written(mine: str, theirs: str) -> None:
    assert confidence(ours(mine), named(theirs)) < AUTO
    assert confidence(ours(theirs), named(mine)) < AUTO


@pytest.mark.parametrize(("letter", "number"), [("A", 1), ("B", 2), ("C", 3)])
def test_a_half_is_found_by_its_letter_although_the_title_has_none(letter: str, number: int) -> None:
    half = scene(
        file(f"/x/MarbleHarbourLights_{letter}_180_LR.mp4", SIZE, LONG),
        title="Marble Harbour Lights",
        studio="Northpier",
    )
    parts = [named(f"Northpier - Marble Harbour Lights - part{one}", key=6 + one) for one in (1, 2, 3)]
    match = find_matches(half, (), MemoryIndex(*parts))[0]
    assert (match.rating_key, match.confidence >= AUTO) == (6 + number, True)


@pytest.mark.parametrize("name", ["{title}_720", "{title} (720)", "{title} [720]", "{title}.720", "{title}-720"])
@pytest.mark.parametrize("known", [(1280, 720), (0, 0)])
def test_the_lines_of_a_picture_without_a_letter_are_no_part(name: str, known: tuple[int, int]) -> None:
    title = "Marble Harbour Lights"
    wanted = replace(ours(title), title=title)
    wanted = replace(wanted, files=(replace(wanted.files[0], width=1280, height=720),))
    width, height = known
    assert confidence(wanted, replace(named(name.format(title=title)), width=width, height=height)) >= AUTO
    assert confidence(wanted, replace(named(f"{title} 720 2"), width=width, height=height)) < AUTO


def test_a_number_that_is_as_large_as_lines_is_one_of_a_series_where_the_pictures_have_others() -> None:
    title = "Marble Harbour Lights"
    wanted = replace(ours(title), title=title)
    wanted = replace(wanted, files=(replace(wanted.files[0], width=1920, height=1080),))
    assert confidence(wanted, replace(named(f"{title} 720"), width=640, height=480)) < AUTO


@pytest.mark.parametrize("added", [" (2)", "(2)", " - Copy (2)", " copy 2"])
def test_a_number_that_a_program_added_is_none_of_a_part_where_the_other_file_of_the_name_is_there(added: str) -> None:
    name = "The Marble Harbour Lights"
    item = named(f"{name}{added}")
    assert REVIEW <= confidence(ours(name), item) < AUTO
    first = named(name, seconds=LONG + 300, key=8)
    assert confidence(ours(name), item, first) >= AUTO
    # As long as the scene, it is rather the scene's.
    assert confidence(ours(name), item, named(name, seconds=LONG + 0.1, key=8)) < AUTO


def test_among_films_of_one_name_a_length_has_to_be_nearly_the_same() -> None:
    name = "The Marble Harbour Lights"
    namesakes = [named(name, seconds=LONG + 300 * key, key=key) for key in (8, 9)]
    assert confidence(ours(f"Lucky Island - {name}"), named(name, folder="/z"), *namesakes) >= AUTO
    assert confidence(ours(f"Lucky Island - {name}"), named(name, seconds=LONG + 0.46, folder="/z"), *namesakes) < AUTO


def test_an_item_of_another_day_that_shares_a_few_words_is_no_twin() -> None:
    mine = scene(
        file("/x/Packing the Reckless Invitation.mp4", SIZE, LONG),
        title="Packing the Reckless Invitation",
        date="2006-12-04",
        studio="Lucky Channel",
        performers=("Rosa Moretti",),
    )
    own = part(7, "/y/7.mkv", OTHER, LONG + 0.04, title=mine.title, date=mine.date, studio="Lucky Channel")
    title = "Packing the Simple Tourist of Porto with Rosa Moretti and a Invitation"
    other = part(8, "/y/8.mkv", OTHER + 1, LONG + 0.02, title=title, date="2018-12-07", studio="Quartz Factory")
    assert confidence(mine, own, other) >= AUTO


@pytest.mark.parametrize(
    ("name", "meant", "not_meant"),
    [
        ("Blue Lake - Harbour Lights 2023-05-1", "2023-05-17", "2023-05-27"),
        ("Blue Lake - Harbour Lights (2023-05-0", "2023-05-07", "2023-05-17"),
        ("Blue Lake - Harbour Lights 2023-05", "2023-05", "2023-05-17"),
        ("Blue Lake - Harbour Lights 2023.05.", "2023-05", "2023-05-17"),
    ],
)
def test_a_date_that_was_cut_off_means_what_it_may_have_been(name: str, meant: str, not_meant: str) -> None:
    reading = read(name)
    assert meant in reading.dates
    assert not_meant not in reading.dates
    assert not reading.numbers


def test_a_number_added_to_a_name_that_was_cut_before_its_title_is_none_of_a_part() -> None:
    mine = scene(
        file("/x/BlueLake.14.01.08.Rosa.Moretti.and.Jana.Lind.Harbour.Lights.Part.2.mp4", SIZE, LONG),
        title="Harbour Lights Part 2",
        date="2014-01-08",
        studio="Blue Lake",
        performers=("Rosa Moretti", "Jana Lind"),
    )
    first = named("BlueLake.14.01.08.Rosa.Moretti.and.Ja", key=8, seconds=LONG + 0.02)
    second = named("BlueLake.14.01.08.Rosa.Moretti.and.Ja (1)", seconds=LONG + 0.04)
    assert max(match.confidence for match in find_matches(mine, (), MemoryIndex(first, second))) < AUTO


def test_a_part_in_brackets_is_a_persons_choice_however_much_else_agrees() -> None:
    mine = scene(file("/x/Rosa Moretti/The Marble Harbour Lights.mp4", SIZE, LONG), date="2015-08-04")
    own = part(7, "/y/Rosa Moretti/The Marble Harbour Lights (3).mp4", SIZE + 90_000, LONG + 0.02)
    assert confidence(mine, own) < AUTO


def test_another_part_stays_one_where_more_items_have_the_words() -> None:
    name = "Atlas Studio - 2024-09-18 - Anna Quinn - Introduction"
    others = [named(f"{name} ({number})", seconds=LONG + 60 * number, key=number) for number in (1, 2)]
    found = find_matches(ours(f"{name} (6)"), (), MemoryIndex(named(f"{name} (5)"), *others))
    assert "another number (6 in Stash, 5 in Plex)" in next(one.reasons for one in found if one.rating_key == 7)


@pytest.mark.parametrize(("ours", "theirs"), [("2x2 22", "2 22"), ("2o2 2 22", "2 22"), ("2 22", "2x2 22")])
def test_a_number_that_stands_there_once_is_not_taken_twice(ours: str, theirs: str) -> None:
    names = f"Lucky Harbour {ours}", f"Lucky Harbour {theirs}"
    wanted = scene(file(f"/data/{names[0]}.mp4"), title=names[0])
    found = find_matches(wanted, [("/data", "/media")], MemoryIndex(part(1, f"/media/x/{names[1]}.mkv", SIZE + 7)))
    assert [one.rating_key for one in found] == [1]


@pytest.mark.parametrize(("first", "second"), [("-A", "-B"), ("-cd1", "-cd2"), (" pt1", "_B"), ("_1", " part 2")])
@pytest.mark.parametrize("code", ["WANX-931", "Return 559"])
def test_halves_of_one_code_are_told_apart_though_they_are_as_long(code: str, first: str, second: str) -> None:
    halves = [named(f"{code}{part}", key=6 + number) for number, part in enumerate(("-A", "-B"), 1)]
    for number, written in ((1, first), (2, second)):
        wanted = replace(ours(f"[{code.replace(' ', '')}] Jane Doe{written}"), title="")
        best = find_matches(wanted, (), MemoryIndex(*halves))[0]
        assert (best.rating_key, best.confidence >= AUTO) == (6 + number, True)
        alone = find_matches(wanted, (), MemoryIndex(halves[2 - number]))
        assert not alone or alone[0].confidence < AUTO


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("scene0585 - Harbour Lights", "scene0586"),
        ("scene0586", "scene0585 - Harbour Lights"),
        ("Blue Lake - scene0585 - Harbour Lights", "scene0586"),
        ("Harbour Lights (scene0585)", "scene0586"),
        ("scene_0585_harbour_lights", "scene-0586"),
        ("scene99 - Harbour Lights", "scene100"),
        ("vid99", "vid100"),
        ("0585 - Harbour Lights", "0586"),
        ("Harbour Lights 0585", "0586"),
    ],
)
def test_another_counter_of_one_site_is_another_film_whatever_stands_beside_it(ours: str, theirs: str) -> None:
    found = other_count(ours, theirs)
    assert found is not None
    assert found.weight == weights.OTHER_COUNT


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("scene0585 - Harbour Lights", "scene0585"),
        ("scene0585 - Harbour Lights", "scene585"),
        ("scene0585 - scene0586 - Harbour Lights", "scene0586"),
        ("Harbour Lights 0585", "vid0586"),
        ("Harbour Lights 585", "586"),
        ("Harbour Lights 2013", "0586"),
        ("Harbour Lights vid720", "vid1080"),
        ("scene0585 - Harbour Lights", "scene31415"),
        ("0585 - Harbour Lights", "012345"),
        ("Harbour Lights", "scene0586"),
        ("Harbour Lights", "Bright Stars"),
    ],
)
def test_what_counts_otherwise_or_not_at_all_is_no_other_counter(ours: str, theirs: str) -> None:
    assert other_count(ours, theirs) is None


def test_a_number_of_thousands_of_digits_is_no_counter() -> None:
    assert other_count("vid0026", f"vid {'7' * 5000}") is None
    assert other_count(f"vid {'7' * 5000}", "vid0026") is None
