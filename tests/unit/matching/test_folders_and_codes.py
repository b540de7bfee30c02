"""What folders of films and of collections say, codes as file names, and slips in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching import weights
from plexsync.matching.bare_names import of_collections
from plexsync.matching.film_folders import film_folder
from plexsync.matching.match import find_matches
from plexsync.matching.same_streams import same_streams
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO = 90
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02


def confidence(ours: Scene, *parts: IndexedPart) -> int:
    matches = find_matches(ours, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == 7), 0)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/x/Harbour Lights (2012)/VIDEO_TS/VTS_01_1.vob", "Harbour Lights (2012)"),
        ("/x/Harbour Lights (2012)/BDMV/STREAM/00000.m2ts", "Harbour Lights (2012)"),
        ("/x/Harbour Lights (2012)/feature.mkv", "Harbour Lights (2012)"),
        ("/x/Olga and the Free Camera/movie.mkv", "Olga and the Free Camera"),
        ("/x/Harbour Lights (2012)/Harbour Lights.mkv", ""),
        ("/x/porn videos 2012/movie.mkv", ""),
        ("/x/Movies/disc 1/title00.mkv", ""),
        ("movie.mkv", ""),
    ],
)
def test_a_file_that_is_called_as_on_any_disc_is_called_after_its_folder(path: str, folder: str) -> None:
    assert film_folder(path) == folder


@pytest.mark.parametrize("theirs", ["disc/title00", "VIDEO_TS/VTS_01_1", "feature", "BDMV/STREAM/00000"])
@pytest.mark.parametrize("ours", ["VIDEO_TS/VTS_01_1", "BDMV/STREAM/00000", "movie"])
def test_the_folder_of_one_film_is_its_name_wherever_the_file_lies_in_it(ours: str, theirs: str) -> None:
    mine = scene(file(f"/data/The Harbour Lights of Porto (2012)/{ours}.mp4", SIZE, LONG))
    folder = "/media/DVDs/The Harbour Lights of Porto (2012)"
    assert confidence(mine, part(7, f"{folder}/{theirs}.mkv", OTHER, LONG + 0.1)) >= AUTO
    elsewhere = folder.replace("Porto", "Lagos").replace("Harbour Lights", "Marble Prairie")
    assert confidence(mine, part(7, f"{elsewhere}/{theirs}.mkv", OTHER, LONG + 0.1)) < AUTO


@pytest.mark.parametrize("name", ["disc/title00", "VIDEO_TS/VTS_01_1", "BDMV/STREAM/00000", "feature"])
def test_what_each_disc_has_is_no_name_and_no_folder_by_which_another_film_is_known(name: str) -> None:
    ours = scene(
        file(f"/data/Eager Balcony (2017)/{name}.mp4", SIZE, LONG), title="Eager Balcony", studio="Quartz", date="2017"
    )
    other = part(7, f"/media/Missing the Burning Lantern/{name}.avi", OTHER, LONG + 0.1)
    assert confidence(ours, other) < 60
    own = part(8, "/media/all/Eager.Balcony.2017.avi", OTHER, LONG + 0.1)
    assert find_matches(ours, (), MemoryIndex(other, own))[0].rating_key == 8


@pytest.mark.parametrize("name", ["kjxe-219", "BZWO657", "[jav] RXB-344 1080p", "SVLO-00522"])
def test_a_code_as_the_files_name_is_given_once_in_whichever_folder_it_lies(name: str) -> None:
    ours = scene(file(f"/data/JAV/{name}.mp4", SIZE, LONG))
    assert confidence(ours, part(7, f"/media/new/else/{name}.mkv", OTHER, LONG + 0.2)) >= AUTO


@pytest.mark.parametrize("name", ["vid0219", "scene219", "PICT0219", "SANY0219", "clip_219", "take219"])
def test_what_sites_and_cameras_count_is_no_code(name: str) -> None:
    ours = scene(file(f"/data/one/{name}.mp4", SIZE, LONG))
    assert confidence(ours, part(7, f"/media/other/{name}.mkv", OTHER, LONG + 0.02)) < AUTO


def test_a_count_in_another_folder_is_the_scenes_where_its_title_is_the_items() -> None:
    ours = scene(file("/data/one/vid0219.mp4", SIZE, LONG), title="Harbour Lights", date="2017-02-26", studio="Quartz")
    item = part(7, "/media/other/vid0219.mkv", OTHER, LONG + 0.02, title="Harbour Lights", date="2017-02-26")
    assert confidence(ours, item) >= AUTO
    assert confidence(ours, replace(item, title="Marble Prairie", date="2014-07-12")) < AUTO


def test_a_letter_that_is_a_word_of_the_other_name_is_no_number() -> None:
    ours = scene(file("/data/x/Irina and the Proud Waltz - Retro V.mp4", SIZE, LONG))
    item = part(
        7, "/media/y/RetroV.09.05.03.Anna.Moretti.Irina.and.the.Proud.Waltz.XXX.1080p.x265-iaK.mkv", OTHER, LONG
    )
    assert not any("only in Stash" in one for one in find_matches(ours, (), MemoryIndex(item))[0].reasons)


def test_folders_of_studios_and_people_are_known_by_what_the_names_in_them_begin_with() -> None:
    found = of_collections(["/x/Lucky Island/Eva Moretti/lucky_island_the_small_anchor.mp4"])
    assert found.words == {"lucky", "island", "eva", "moretti"}
    assert found.named == (("lucky", "island"),)


@pytest.mark.parametrize(
    "path",
    [
        "/x/The Small Anchor (2012)/lucky_island_the_small_anchor.mp4",
        "/x/The Small Anchor/lucky_island_the_small_anchor.mp4",
        "/x/The Small Anchor/The Small Anchor.mp4",
        "/x/One of the very long names of a series/anchor.mp4",
        "/x/2012/03/anchor.mp4",
    ],
)
def test_folders_of_one_film_or_of_no_name_are_no_collections(path: str) -> None:
    assert not of_collections([path]).words


def test_a_studio_or_person_that_only_the_folder_tells_of_may_be_left_out_of_a_name() -> None:
    ours = scene(file("/data/Lucky Island/lucky_island_annas_tender_ribbon_720p.mp4", SIZE, LONG))
    item = part(7, "/media/Nantes 263/Anna's Tender Ribbon.webm", OTHER, LONG + 0.06)
    assert confidence(ours, item) >= AUTO


def test_another_person_of_the_day_is_nobody_that_the_folder_tells_of() -> None:
    ours = scene(file("/data/Rosa Moretti/Rosa Moretti - 2016-03-23 - Blue Lake - Interview.mp4", SIZE, LONG))
    item = part(7, "/media/days/Eva Lindqvist - 2016-03-23 - Blue Lake - Interview.mp4", OTHER, LONG + 0.1)
    assert confidence(ours, item) < AUTO


def test_the_number_of_a_bare_name_is_no_year_and_its_clip_no_shorter_one() -> None:
    ours = scene(file("/data/Blue Lake/Harbour.mp4", SIZE, LONG), studio="Blue Lake", date="2006-10-04")
    for name in ("movie1939", "2001", "clip-299274"):
        (match, *_) = find_matches(ours, (), MemoryIndex(part(7, f"/media/Blue Lake/{name}.mkv", OTHER, LONG + 0.02)))
        assert not any("another year" in one or "only in" in one for one in match.reasons)


@pytest.mark.parametrize("slip", ["20", "2220", "202", "22s"])
def test_a_slip_in_a_number_beside_other_mistyped_words_says_little(slip: str) -> None:
    ours = scene(file("/data/x/Hurricane 220 - The Cold Arrival.mp4", SIZE, LONG), date="2019-03-01")
    item = part(7, f"/media/y/Hurraicane {slip} - The Cold Aririval 2019-03-01.mkv", OTHER, LONG + 0.05)
    assert confidence(ours, item) >= AUTO


@pytest.mark.parametrize(
    "name",
    [
        "Hurraicane 221 - The Cold Aririval 2019-03-01",
        "Hurricane 20 - The Cold Arrival 2019-03-01",
        "Hurraicane 2 - The Cold Aririval 2019-03-01",
    ],
)
def test_another_number_is_another_part_where_it_is_no_slip_or_all_else_is_typed_well(name: str) -> None:
    ours = scene(file("/data/x/Hurricane 220 - The Cold Arrival.mp4", SIZE, LONG), date="2019-03-01")
    assert confidence(ours, part(7, f"/media/y/{name}.mkv", OTHER, LONG + 0.05)) < AUTO


def test_a_mistyped_title_is_found_within_a_longer_name() -> None:
    ours = scene(file("/data/2013/Swimming the Faded Scarf.m4v", SIZE, LONG))
    item = part(7, "/media/2013/[Indigo Island] Pia Moretti - Swmming the Faed Sarf (2013-10-06).webm", OTHER, LONG)
    assert "called otherwise" not in find_matches(ours, (), MemoryIndex(item))[0].reasons


def test_the_same_pictures_in_the_same_bytes_but_for_tags_are_hardly_two() -> None:
    ours = replace(file("/x/a.mp4", SIZE, LONG), width=1920, height=1080, video_codec="h264")
    theirs = replace(part(7, "/y/b.mkv", SIZE + 2000, LONG), width=1920, height=1080, video_codec="h264")
    assert weights.RETAGGED in [one.weight for one in same_streams(ours, theirs)]
    assert weights.RETAGGED not in [one.weight for one in same_streams(ours, replace(theirs, size=SIZE + 50_000))]
    other = replace(theirs, video_codec="hevc")
    assert [one.weight for one in same_streams(ours, other)] == [weights.REPACKED_OTHERWISE]
