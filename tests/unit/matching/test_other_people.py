"""Names that hold others than the scene's people, and names that contradict although a word is in both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.other_people import others_named
from plexsync.matching.reading import read
from plexsync.model import IndexedPart, Performer, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO = 90
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02
DAY = "2023-05-17"


def confidence(ours: Scene, *parts: IndexedPart) -> int:
    matches = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == 7), 0)


def interview(title: str = "Interview") -> Scene:
    return scene(
        file(f"/x/Blue Lake - {DAY} - Jane Doe - {title}.mp4", SIZE, LONG),
        title=title,
        date=DAY,
        studio="Blue Lake",
        performers=("Jane Doe",),
    )


@pytest.mark.parametrize("people", ["Ann Miller", "Jane Miller", "Ann Miller & Bea Stone"])
def test_anothers_film_of_the_same_title_and_day_is_for_a_person_to_decide(people: str) -> None:
    theirs = part(7, f"/y/[Blue Lake] {people} - Interview ({DAY}) [720p].mkv", OTHER, LONG + 0.2)
    assert confidence(interview(), theirs) < AUTO


@pytest.mark.parametrize("people", ["Jane Doe", "Doe, Jane", "JaneDoe & Ann Miller", ""])
def test_with_one_of_the_scenes_people_or_nobody_in_the_name_it_is_the_scenes(people: str) -> None:
    theirs = part(7, f"/y/[Blue Lake] {people} - Interview ({DAY}) [720p].mkv", OTHER, LONG + 0.2)
    assert confidence(interview(), theirs) >= AUTO


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Ann Miller - Beach Day", ["ann", "miller"]),
        ("Jane Doe - Ann Miller - Beach Day", []),
        ("Beach Day", []),
        ("Beech Days", []),
        ("Jane - Beach Day", []),
        ("Beach Day full video", []),
    ],
)
def test_what_is_left_of_a_name(name: str, left: list[str]) -> None:
    assert others_named([["jane", "doe"]], {"beach", "day", "jane", "doe"}, [read(name)]) == left


def test_a_name_in_the_title_is_no_other_person_and_a_check_sum_is_none() -> None:
    theirs = [read("Pia and the Parade"), read("d60c8b53097b5127c6bdeac17be30657")]
    assert others_named([["pia", "keller"]], {"parade", "pia", "keller"}, theirs, ["pia", "parade"]) == []


# --- Names that contradict ------------------------------------------------------------------------------------------


def test_two_telling_names_with_one_word_in_common_are_two_films_however_alike_their_lengths_are() -> None:
    ours = scene(file("/s/Golden Afternoon 1 - Blue Lake.mp4", SIZE, LONG), studio="Blue Lake")
    ours = replace(ours, files=(replace(ours.files[0], frame_rate=25.0),))
    theirs = part(7, "/s/JaneDoe-RedHarbour-Quiet Afternoon.mp4", OTHER, LONG + 0.17)
    assert confidence(ours, replace(theirs, frame_rate=25.0)) < AUTO


def test_a_folder_of_the_studio_does_not_outweigh_a_name_that_tells_of_something_else() -> None:
    ours = scene(file("/s/Blue Lake/Golden Afternoon.mp4", SIZE, LONG), title="Golden Afternoon", studio="Blue Lake")
    assert confidence(ours, part(7, "/m/Blue Lake/Quiet Morning in Paris.mp4", OTHER, LONG + 0.1)) < AUTO


def test_a_code_that_only_stash_knows_leads_to_the_file_that_is_called_by_it() -> None:
    ours = replace(
        scene(file("/x/Reading the Mild Station.mp4", SIZE, LONG), title="Reading the Mild Station"), code="HSR-949"
    )
    assert confidence(ours, part(7, "/y/hsr-949.mkv", OTHER, LONG)) >= AUTO


def test_the_studios_name_is_no_code() -> None:
    ours = scene(
        file(f"/x/Alpha21.{DAY[2:].replace('-', '.')}.Jane.Doe.Beach.Day.mp4", SIZE, LONG),
        title="Beach Day",
        date=DAY,
        studio="Alpha 21",
        performers=("Jane Doe",),
    )
    theirs = part(7, "/y/Alpha21.19.02.11.Ann.Miller.Harbour.Lights.mkv", OTHER, LONG + 0.2)
    assert confidence(ours, theirs) < AUTO


def test_a_code_that_many_items_hold_is_none() -> None:
    ours = scene(file("/x/XRT-2100 Beach Day.mp4", SIZE, LONG))
    theirs = part(7, "/y/XRT-2100 Harbour Lights.mkv", OTHER, LONG + 0.2)
    crowd = [part(number, f"/y/XRT-2100 Film {number}.mkv", number, 100.0) for number in range(20, 26)]
    assert confidence(ours, theirs, *crowd) < AUTO <= confidence(ours, theirs)


def test_two_contradictions_leave_it_to_a_person() -> None:
    ours = scene(file("/x/WANX-931.mp4", SIZE, LONG), title="Harbour Lights", date=DAY, studio="Blue Lake")
    ours = replace(ours, files=(replace(ours.files[0], frame_rate=25.0),))
    theirs = part(7, "/y/WANX-931.mkv", OTHER, LONG, title="WANX-931", date="2019-02-11")
    one, two = (confidence(ours, replace(theirs, frame_rate=rate)) for rate in (25.0, 29.97))
    assert one > two
    assert two < AUTO


def test_whoever_has_only_a_surname_of_the_scenes_people_is_somebody_else_and_a_misspelt_name_is_not() -> None:
    mine = scene(
        replace(file("/data/[Topaz] Julia Johansson & Erik Bosch - Interview (2022-05-06).mp4"), duration=2773.8),
        title="Interview",
        date="2022-05-06",
        studio="Topaz",
        performers=("Julia Johansson", "Erik Bosch"),
    )
    found = {}
    for name in ("Chloe Johansson", "Julia Johanson"):
        item = part(7, f"/media/Topaz - 2022-05-06 - {name} - Interview.avi", SIZE // 3, 2774.0)
        found[name] = find_matches(mine, (), MemoryIndex(item))[0]
    assert found["Chloe Johansson"].confidence < 90 <= found["Julia Johanson"].confidence
    assert any("chloe johansson" in reason for reason in found["Chloe Johansson"].reasons)


def test_a_name_that_says_nothing_does_not_outdo_an_agent_who_knows_another_film() -> None:
    mine = scene(
        file("/data/Carla Kruse 2023/1.mov", SIZE, LONG), title="Frozen Signal", date="2023-05-28", studio="Olive TV"
    )
    files = (replace(mine.files[0], frame_rate=25.0),)
    mine = replace(mine, files=files, performers=(Performer(1, "Carla Kruse"),))
    item = part(7, "/media/Carla Kruse 2007/1.mov", OTHER, LONG + 0.08)
    item = replace(
        item, title="Lobby and Forest: Wandering", studio="Silver Street", date="2007-05-25", year=2007, frame_rate=25.0
    )
    assert confidence(mine, item) < AUTO - 10


def test_a_short_name_is_no_misspelt_word_of_the_studio() -> None:
    ours = scene(
        file("/x/[Nova Pictures] Helena Lindqvist - Interview (2014-05-03).mp4", SIZE, LONG),
        title="Interview",
        studio="Nova Pictures",
        date="2014-05-03",
        performers=("Helena Lindqvist",),
    )
    index = MemoryIndex(part(7, "/y/days/Nora Castro - Interview.mkv", OTHER, LONG + 0.2))
    (match, *_) = find_matches(ours, (), index)
    assert "others than the scene's people in its name: 'nora castro'" in match.reasons
    assert match.confidence < AUTO


def test_a_short_date_that_cannot_be_the_scenes_and_another_frame_rate_are_two_contradictions() -> None:
    ours = scene(file("/x/Harbour 229.mp4", SIZE, LONG), title="Harbour 229: The Northern Treasure", date="2007-09-28")
    ours = replace(ours, studio="Olive Network", files=(replace(ours.files[0], frame_rate=59.94),))
    name = "VistaTV.{}.Rosa.Lindqvist.Harbour.229.The.Northern.Treasure.XXX.480p.MP4-GRP"
    other, own = (
        replace(part(7, f"/y/{name.format(day)}.mp4", OTHER, LONG + 0.2), frame_rate=25.0)
        for day in ("15.01.18", "07.09.28")
    )
    assert confidence(ours, other) < AUTO
    assert confidence(ours, own) > confidence(ours, other)


@pytest.mark.parametrize("name", ["SLR BlueLake ParlorCoach 2160p 59288 LR 180", "SLR_BlueLake_ParlorCoach_LR_180"])
def test_a_title_in_one_piece_is_nobodys_name(name: str) -> None:
    for title, whole in (("Parlor Coach", "ParlorCoach"), ("Parlor at the Coast", "ParlorAtTheCoast")):
        shown = name.replace("ParlorCoach", whole)
        theirs = part(7, f"/y/SLR_BlueLake_{whole}_2160p_59288_LR_180.mp4", OTHER, LONG + 0.03, title=shown)
        assert confidence(interview(title), theirs) >= AUTO
