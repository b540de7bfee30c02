"""An item in a folder of the scene's studio, people or folder: it is one of so many there, not of the library."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from plexsync.matching.claims import claim
from plexsync.matching.counters import other_count
from plexsync.matching.lookup import FileIndex
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import SIZE, MemoryIndex, part, scene
from tests.support.matching_index import file as file_of_size

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02
DAY = "2023-05-17"


def file(path: str) -> SceneFile:
    return file_of_size(path, SIZE, LONG)


def parts_in(folder: str, count: int, apart: float = 90.0) -> list[IndexedPart]:
    """Files of other lengths in a folder."""
    return [
        part(100 + number, f"{folder}/{number + 501}.mp4", 100 + number, 300 + number * apart)
        for number in range(count)
    ]


def confidence(ours: Scene, *parts: IndexedPart) -> int:
    matches = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == 7), 0)


OURS = scene(file("/data/Siterips/Blue Lake/vid0026.mp4"), studio="Blue Lake")


@pytest.mark.parametrize("folder", ["Blue Lake", "bluelake", "BlueLake.com", "SiteRip Blue Lake", "Blue Lake/full"])
def test_one_of_few_of_its_studio_and_day_that_is_as_long_is_the_scenes_whatever_it_is_called(folder: str) -> None:
    item = part(7, f"/media/{folder}/{DAY}.mkv", OTHER, LONG + 0.08)
    assert confidence(replace(OURS, date=DAY), item, *parts_in(f"/media/{folder}", 6)) >= AUTO


@pytest.mark.parametrize("others", [0, 2, 6, 30])
@pytest.mark.parametrize("name", ["Harbour Lights", "Blue Lake 55", "vid0130", "3fa8c1d29b"])
def test_of_a_studio_that_has_more_films_than_are_here_a_length_alone_is_a_persons_choice(
    name: str, others: int
) -> None:
    item = part(7, f"/media/Blue Lake/{name}.mkv", OTHER, LONG + 0.02)
    found = find_matches(OURS, (), MemoryIndex(item, *parts_in("/media/Blue Lake", others)))
    assert found[0].rating_key == 7 or name == "vid0130"
    assert found[0].confidence < AUTO
    assert not any(" like the item's " in reason for reason in found[0].reasons)


@pytest.mark.parametrize(
    ("folder", "apart", "rate", "is_sure"),
    [
        ("Blue Lake", 0.04, 30.0, True),
        ("SiteRip Blue Lake", 0.08, 30.0, True),
        ("Blue Lake", 0.2, 30.0, False),
        ("Blue Lake", 0.04, 25.0, False),
        ("Blue Lake", 0.04, 0.0, False),
        ("Nico Jagger", 0.04, 30.0, False),
    ],
)
def test_in_a_studios_folder_a_length_tells_to_some_frames_where_the_frame_rate_is_the_same(
    folder: str, apart: float, rate: float, is_sure: bool
) -> None:
    ours = replace(OURS, files=(replace(OURS.files[0], frame_rate=30.0),))
    ours = replace(ours, performers=scene(file("/data/x.mp4"), performers=("Nico Jagger",)).performers)
    item = replace(part(7, f"/media/{folder}/Harbour Lights.mkv", OTHER, LONG + apart), frame_rate=rate)
    assert (confidence(ours, item, *parts_in(f"/media/{folder}", 6)) >= AUTO) is is_sure


@pytest.mark.parametrize("height", [1440, 2160])
def test_a_persons_name_and_a_length_are_a_persons_choice(height: int) -> None:
    ours = scene(
        file("/data/Nico Jagger/Harbour Lights.mp4"), title="Harbour Lights", performers=("Nico Jagger", "Rosa")
    )
    ours = replace(ours, files=(replace(ours.files[0], frame_rate=30.0, height=2160, width=3840),))
    item = part(7, "/media/Fans/Nico Jagger 25.mp4", OTHER, LONG + 0.04)
    assert REVIEW <= confidence(ours, replace(item, frame_rate=30.0, height=height)) < AUTO


@pytest.mark.parametrize("name", ["bluelake_69066_full", "clip-69066", "Blue Lake - 6906612", "Rosa Moretti 69066"])
def test_a_name_of_studio_or_people_with_a_number_is_no_other_title(name: str) -> None:
    ours = scene(
        file("/data/Siterips/Blue Lake/The Marble Prairie of Miami.mp4"),
        title="The Marble Prairie of Miami",
        studio="Blue Lake",
        performers=("Rosa Moretti",),
    )
    ours = replace(ours, date=DAY)
    folder = "/media/by site/Blue Lake"
    item = part(7, f"{folder}/{DAY} {name}.mkv", OTHER, LONG + 0.12)
    assert confidence(ours, item, *parts_in(folder, 6)) >= AUTO

    other = part(7, f"{folder}/{DAY} {name} harbour lights.mkv", OTHER, LONG + 0.12)
    assert confidence(ours, other, *parts_in(folder, 6)) < AUTO


@pytest.mark.parametrize("form", ["bluelake_{}_full", "clip-{}", "Blue Lake {} hd"])
def test_another_number_in_a_name_of_the_same_form_is_another_film_however_alike_the_lengths_are(form: str) -> None:
    ours = scene(
        file(f"/data/Siterips/Blue Lake/{form.format(49709)}.mp4"),
        title="The Marble Prairie of Miami",
        studio="Blue Lake",
        performers=("Rosa Moretti",),
    )
    folder = "/media/by site/Blue Lake"
    item = part(7, f"{folder}/{form.format(56064)}.mkv", OTHER, LONG + 0.03)
    assert confidence(ours, item, *parts_in(folder, 6)) < AUTO


def test_lines_of_a_picture_in_names_of_the_same_form_are_no_count() -> None:
    assert other_count("bluelake_1080_full", "bluelake_2160_full") is None
    assert other_count("bluelake_31080_full", "bluelake_32160_full") is not None


def test_one_of_very_many_is_for_a_person_to_decide() -> None:
    item = part(7, "/media/Blue Lake/Harbour Lights.mkv", OTHER, LONG + 0.15)
    assert REVIEW <= confidence(OURS, item, *parts_in("/media/Blue Lake", 300, apart=40.0)) < AUTO


def test_where_others_of_the_folder_are_about_as_long_a_length_says_less() -> None:
    item = part(7, "/media/Blue Lake/Harbour Lights.mkv", OTHER, LONG + 0.15)
    close = [
        replace(one, duration_ms=round((LONG + 3 + place) * 1000))
        for place, one in enumerate(parts_in("/media/Blue Lake", 6))
    ]
    assert confidence(OURS, item, *close) < AUTO


def test_the_next_number_of_a_site_is_not_the_scenes_however_long_it_is() -> None:
    item = part(7, "/media/Blue Lake/vid0027.mkv", OTHER, LONG)
    assert confidence(OURS, item) < AUTO - 20


@pytest.mark.parametrize("name", ["scene0585 - Harbour Lights", "Blue Lake - scene0585 (Harbour Lights)"])
def test_nor_is_it_where_words_stand_beside_the_number(name: str) -> None:
    ours = scene(file(f"/data/Blue Lake/{name}.mp4"), title="Harbour Lights", studio="Blue Lake")
    ours = replace(ours, files=(replace(ours.files[0], frame_rate=30.0),))
    item = replace(part(7, "/media/siterips/Blue Lake/scene0586.mp4", OTHER, LONG + 0.04), frame_rate=30.0)
    assert confidence(ours, item) < AUTO - 20
    assert confidence(ours, replace(item, path=item.path.replace("586", "585"), file=item.file.replace("586", "585")))


def test_another_studios_file_of_the_same_length_is_not_the_scenes() -> None:
    item = part(7, "/media/Red Harbour/Harbour Lights.mkv", OTHER, LONG)
    assert confidence(OURS, item) < REVIEW


def test_of_two_that_are_as_long_in_the_folder_none_is_taken() -> None:
    items = [part(key, f"/media/Blue Lake/{key}.mkv", OTHER + key, LONG + key / 100) for key in (7, 8)]
    assert confidence(OURS, *items) < AUTO


def test_a_folder_of_the_same_own_name_counts_as_well() -> None:
    ours = scene(replace(file("/data/Summer in Kyoto/0a1.mp4"), frame_rate=25.0))
    item = part(7, "/media/films/Summer in Kyoto/夏の雨の空.mkv", OTHER, LONG + 0.1)
    assert confidence(ours, replace(item, frame_rate=25.0)) >= AUTO
    assert confidence(ours, replace(item, frame_rate=29.97)) < AUTO


def test_the_folder_of_a_day_holds_the_takes_of_one_shoot_and_says_nothing() -> None:
    ours = scene(replace(file("/data/2022-09-29 Jane Doe/MVI_5685.mp4"), frame_rate=25.0))
    item = replace(part(7, "/media/Shoots/2022-09-29 Jane Doe/a2e10fb5508d.mkv", OTHER, LONG), frame_rate=25.0)
    assert confidence(ours, item) < AUTO


def test_a_third_of_a_second_is_too_much_where_the_length_is_all_that_is_known() -> None:
    ours = replace(OURS, files=(replace(OURS.files[0], frame_rate=30.0),))
    item = replace(part(7, "/media/Blue Lake/vid1330.mp4", OTHER), frame_rate=30.0)
    close, far = (replace(item, duration_ms=round((LONG + apart) * 1000)) for apart in (0.08, 0.32))
    renamed = replace(ours, files=(replace(ours.files[0], path="/data/Blue Lake/Harbour.mp4"),))
    assert confidence(renamed, close) >= AUTO > confidence(renamed, far)


@pytest.mark.parametrize("folder", ["videos", "2019", "new", "A"])
def test_a_folder_that_many_have_says_nothing(folder: str) -> None:
    ours = scene(file(f"/data/{folder}/0a1.mp4"))
    assert confidence(ours, part(7, f"/media/{folder}/9f8.mkv", OTHER, LONG)) < AUTO


def test_the_same_count_in_another_sites_folder_is_anothers_however_alike_the_files_are() -> None:
    ours = scene(file("/data/sites/bluelake/vid1658.m4v"), studio="Blue Lake")
    ours = replace(ours, files=(replace(ours.files[0], frame_rate=25.0, width=1920, height=1080, video_codec="h264"),))
    item = part(7, "/media/by site/Red Harbour/vid1658.m4v", SIZE + 1000, LONG + 0.04)
    item = replace(item, frame_rate=25.0, width=1920, height=1080, video_codec="h264")
    there = replace(item, file="/media/Blue Lake/vid1658.m4v", path="/media/Blue Lake/vid1658.m4v")
    assert confidence(ours, item) < AUTO <= confidence(ours, there)


def test_where_all_files_of_a_folder_are_as_long_nobody_is_asked_about_one_of_them() -> None:
    ours = scene(file("/data/Kyoto Summer/0a1.mp4"))
    items = [part(key, f"/media/Kyoto Summer/{key}9f8.mkv", OTHER + key, LONG + key / 50) for key in range(7, 13)]
    assert confidence(ours, *items) < REVIEW


# --- Counts -----------------------------------------------------------------------------------------------------------


def test_a_number_with_zeros_before_it_counts_as_one_of_many_digits() -> None:
    ours = scene(file("/data/x/vid0026.mp4"), studio="Blue Lake")
    item = part(7, "/media/Blue Lake 0026.mkv", OTHER, LONG)
    match = find_matches(ours, (), MemoryIndex(item))[0]
    assert "same number 26" in match.reasons
    assert match.confidence >= AUTO


def test_a_number_that_might_be_a_year_is_none_where_both_names_have_it_and_the_scene_is_of_another() -> None:
    ours = scene(file("/data/x/vid1961.mp4"), studio="Blue Lake", date="2016-01-31", title="Reckless Dinner")
    match = find_matches(ours, (), MemoryIndex(part(7, "/media/Blue Lake 1961.mkv", OTHER, LONG)))[0]
    assert "same number 1961" in match.reasons
    assert not any(reason.startswith("another year") for reason in match.reasons)


def test_what_a_scene_can_claim_an_item_with_counts_its_folder_as_well() -> None:
    item = part(7, "/media/Blue Lake/Harbour Lights.mkv", OTHER, LONG + 0.15)
    index = MemoryIndex(item, *parts_in("/media/Blue Lake", 6))
    (match, *_) = find_matches(OURS, (), index)
    claimed = claim(OURS, 7, (), cast("FileIndex", index), is_in_place=False)
    assert claimed.weight == pytest.approx(match.weight, abs=0.01)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("untitled", "Lucia and the Silver Model"), ("Lucia and the Silver Model", "clip")]
)
def test_a_name_that_says_no_more_than_the_folder_is_no_title_of_its_own(ours: str, theirs: str) -> None:
    folder = "I/Ingrid Bianchi"
    mine = scene(file(f"/data/{folder}/Ingrid Bianchi - {ours}.wmv"))
    item = part(7, f"/media/{folder}/Ingrid Bianchi - {theirs}.mp4", OTHER, LONG + 0.15)
    assert confidence(mine, item, *parts_in(f"/media/{folder}", 20)) < AUTO


@pytest.mark.parametrize("name", ["Harbour Lights", "The Other Film of Harbour Lights"])
def test_a_folder_of_a_films_own_name_takes_nothing_from_it(name: str) -> None:
    mine = scene(file(f"/data/{name}/{name}.wmv"))
    item = part(7, f"/media/{name} (2021)/{name} 1080p.mp4", OTHER, LONG + 0.15)
    assert confidence(mine, item) >= AUTO


@pytest.mark.parametrize("folder", ["sites", "Siterips", "by site", "Models", "JAV", "New Collection"])
def test_a_shelf_is_no_folder_of_the_scenes(folder: str) -> None:
    ours = scene(file(f"/data/{folder}/primemedia/vid2215.wmv"))
    item = part(7, f"/media/{folder}/Sunset Lane/20110918.webm", OTHER, LONG + 0.06)
    matches = find_matches(ours, (), MemoryIndex(item, *parts_in(f"/media/{folder}/Else", 4)))
    assert not any("in the folder" in reason for match in matches for reason in match.reasons)


class _Small(MemoryIndex):
    """An index that knows of a folder as much as a library of so many files would."""

    def __init__(self, *parts: IndexedPart, files: int) -> None:
        super().__init__(*parts)
        self._files = files

    def size(self) -> int:
        return self._files


@pytest.mark.parametrize(("others", "files"), [(40, 100), (1000, 100_000)])
def test_a_folder_that_holds_a_good_part_of_the_library_says_nothing_by_its_name(others: int, files: int) -> None:
    ours = scene(file("/data/fans/3fa8c1d29b.mp4"), studio="Vivid")
    item = part(7, "/media/fans/9d11e0aa47.mkv", OTHER, LONG + 0.02)
    crowd = [replace(one, rating_key=1000 + place) for place, one in enumerate(parts_in("/media/fans/x", others))]
    reasons = find_matches(ours, (), _Small(item, *crowd, files=files))[0].reasons
    assert not any(reason.startswith("one of ") for reason in reasons)
    few = find_matches(ours, (), _Small(item, *crowd[:8], files=100_000))[0].reasons
    assert any(reason.startswith("one of 9 files in the folder 'fans'") for reason in few)


@pytest.mark.parametrize(
    ("folder", "speaks"), [("Rosa Moretti", False), ("Jane Doe", True), ("2019", True), ("", True)]
)
def test_in_one_folder_those_of_others_have_folders_of_their_own(folder: str, speaks: bool) -> None:
    ours = scene(file("/data/Blue Lake/Jane Doe/3fa8c1d29b.mp4"))
    item = part(7, f"/media/Blue Lake/{folder}/Harbour Lights.mkv".replace("//", "/"), OTHER, LONG + 0.02)
    reasons = find_matches(ours, (), MemoryIndex(item, *parts_in("/media/Blue Lake/x", 3)))[0].reasons
    assert any(reason.startswith("one of ") for reason in reasons) == speaks
