"""What names, lengths and ids tell: codes, editions, years, groups, joined names, and how common things are here."""

from __future__ import annotations

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.path_map import infer
from plexsync.matching.reading import read
from plexsync.matching.titles import words
from plexsync.matching.twins import likeness
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
DAY = "2023-05-17"
TITLE = "The Long Summer of Ingrid"


def confidence(scene: Scene, *parts: IndexedPart, key: int = 7) -> int:
    matches = find_matches(scene, (), MemoryIndex(*parts))
    return next((match.confidence for match in matches if match.rating_key == key), 0)


# --- Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "WANX-931",
        "wanx931",
        "[WANX-931] Some Title",
        "hhd800.com@WANX-931",
        "hhd800 com@WANX-931",
        "wanx-00931 1080p",
        "wanx931hhb",
        "118wanx00931",
        "h_118wanx00931",
    ],
)
def test_a_code_is_the_same_however_it_is_written(text: str) -> None:
    assert read(text).codes == {"wanx931"}


@pytest.mark.parametrize(
    "text", ["IMG-0001", "vid0026", "part-12", "May-2019", "Film-2019", "x265-KTR", "S01E12", "P2P"]
)
def test_what_cameras_series_and_groups_write_is_no_code(text: str) -> None:
    assert read(text).codes == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MonoPassion_JaneDoe_ADayInMay_1080p", "mono passion jane doe day in may"),
        ("Beach%20Day%20%26%20Night", "beach day night"),
        ("Jack&#39;s Day &amp; Night", "jacks day night"),
        ("ZoÃ«'s Day", "zoes day"),
        ("Beach Day_180x180_3dh_LR", "beach day"),
        ("Beach Day 8K VR", "beach day"),
        ("Long.Beach.Day.with.Bob-P2P", "long beach day with bob"),
        ("Beach.Day.1080p.WEB.H264-W4F[rarbg]", "beach day"),
    ],
)
def test_names_are_read_as_they_were_meant(text: str, found: str) -> None:
    assert words(text) == found.split()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Film (2019) {tmdb-12345}", {"tmdb:12345"}),
        ("Film (2019) [tmdbid-12345]", {"tmdb:12345"}),
        ("Film {imdb-tt0012345}", {"imdb:tt12345"}),
        ("Film tt0012345", {"imdb:tt12345"}),
    ],
)
def test_ids_of_films_are_no_numbers_of_parts(text: str, ids: set[str]) -> None:
    reading = read(text)
    assert reading.ids == ids
    assert (reading.words, reading.numbers) == (("film",), ())


def test_a_month_or_a_camera_is_a_studio_before_three_digits() -> None:
    assert read("JAN-122").codes == read("jan00122").codes == {"jan122"}
    assert read("SAM-231").codes == {"sam231"}
    assert read("SAM_0231").codes == read("GH01-0231").codes == read("DJI_0001").codes == frozenset()
    assert read("Holiday Jan-12").codes == read("Holiday Mar-2019").codes == frozenset()


def test_a_site_that_plex_shows_without_its_point_is_no_word() -> None:
    assert read("hhd800 com@WANX-931").words == read("WANX-931").words


def test_an_edition_is_no_part_of_the_title() -> None:
    reading = read("Film (2019) {edition-Director's Cut}")
    assert (reading.words, reading.year, reading.edition) == (("film",), 2019, "directors cut")


def test_a_studio_in_x_has_no_tenth_part() -> None:
    assert read("Beach Day Hard X").numbers == ()


# --- Weighing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "ours", "theirs"),
    [
        ("a code", scene(file("/x/WANX-931.mp4")), part(7, "/y/wanx931 uncensored.mkv", OTHER)),
        (
            "a code in two words",
            scene(file("/x/WANX 931.mp4")),
            part(7, "/y/[jav] WANX-931 Some Title.mkv", OTHER),
        ),
        (
            "an id",
            scene(file("/x/Sommer (2019) {tmdb-12345}.mp4")),
            part(7, "/y/The Summer (2019) [tmdbid-12345]/a.mkv", OTHER),
        ),
        (
            "the year for a date",
            scene(file("/x/0a1b.mp4"), title=TITLE, date=DAY),
            part(7, "/y/9f8e.mkv", OTHER, title=TITLE, date="2023-01-01"),
        ),
        (
            "studio, day and people",
            scene(
                file("/x/0a1b.mp4", SIZE, LONG + 11),
                title=TITLE,
                date=DAY,
                studio="Blue Lake",
                performers=("Jane Doe",),
            ),
            part(7, "/y/BlueLake.23.05.17.Jane.Doe.XXX.1080p.mkv", OTHER, LONG + 11),
        ),
        (
            "a site's file, filed elsewhere",
            scene(file("/x/Siterips/Blue Lake/vid0026.mp4"), studio="Blue Lake"),
            part(7, "/y/by site/BlueLake/vid0026.mkv", OTHER),
        ),
        (
            "a studio's V",
            scene(file("/x/The Long Summer of Ingrid - Red V.mp4"), studio="Red V"),
            part(7, "/y/Long Summer of Ingrid.mkv", OTHER),
        ),
    ],
)
def test_what_is_enough(what: str, ours: Scene, theirs: IndexedPart) -> None:
    assert confidence(ours, theirs) >= AUTO


@pytest.mark.parametrize(
    ("what", "ours", "theirs"),
    [
        (
            "the next code",
            scene(file("/x/WANX-931.mp4"), studio="Blue Lake"),
            part(7, "/y/WANX-932.mkv", OTHER, studio="Blue Lake"),
        ),
        ("another code's digits", scene(file("/x/WANX-931.mp4")), part(7, "/y/ABPQ-931.mkv", OTHER)),
        (
            "another id",
            scene(file(f"/x/{TITLE} {{tmdb-12345}}.mp4")),
            part(7, f"/y/{TITLE} {{tmdb-54321}}.mkv", OTHER),
        ),
        (
            "a remake",
            scene(file("/x/a.mp4", None, None), title=TITLE, date="1998-03-02"),
            part(7, "/y/b.mkv", None, None, title=TITLE, date="2019-01-01"),
        ),
        (
            "a trailer with the film's id",
            scene(file(f"/x/{TITLE} {{tmdb-12345}}.mp4", None, None), title=TITLE, date=DAY),
            part(7, f"/y/{TITLE} {{tmdb-12345}} Teaser.mkv", OTHER, 60.0, title=TITLE, date=DAY),
        ),
        (
            "a camera's name in another folder",
            scene(file("/x/Jane/IMG_0001.mp4")),
            part(7, "/y/Ann/IMG_0001.mp4", OTHER),
        ),
    ],
)
def test_what_is_not_enough(what: str, ours: Scene, theirs: IndexedPart) -> None:
    assert confidence(ours, theirs) < AUTO


@pytest.mark.parametrize("seconds", [LONG - 20, LONG * 23.976 / 25])
def test_another_cut_under_the_same_telling_name_is_a_persons_choice(seconds: float) -> None:
    name = "Sunset Films - 2023-05-17 - The Beach Day"
    assert REVIEW <= confidence(scene(file(f"/x/{name}.mp4")), part(7, f"/y/{name}.mkv", OTHER, seconds)) < AUTO


@pytest.mark.parametrize("size", [OTHER, None])
@pytest.mark.parametrize("apart", [0.6, 0.9, 1.6])
def test_lengths_further_apart_than_encoding_moves_them_are_a_persons_choice_whatever_else_agrees(
    apart: float, size: int | None
) -> None:
    """``Part 1`` is not the second file of a name that was cut short, nor is a film the other one of its day."""
    name = "BlueLake.23.05.17.Jane.Doe.The.Long.Summer.of.Ingrid.on.the.Way"
    ours = scene(
        file(f"/x/Blue Lake/{name}.Home.Part.1.720p.mkv"),
        title=f"{TITLE} on the Way Home Part 1",
        studio="Blue Lake",
        date=DAY,
        performers=("Jane Doe",),
    )
    theirs = part(7, f"/x/Blue Lake/{name} (1)", size, LONG + apart)
    as_long = part(7, f"/x/Blue Lake/{name} (1)", size, LONG + 0.3)
    assert REVIEW <= confidence(ours, theirs) < AUTO <= confidence(ours, as_long)


def test_a_title_that_an_agent_gave_to_a_file_of_another_name_is_not_believed() -> None:
    ours = scene(file("/x/a.mp4", None, None), title=TITLE, date=DAY)
    right = part(7, f"/y/{TITLE}.mkv", None, None, title=TITLE, date=DAY)
    wrong = part(7, "/y/Harbour at Midnight with Oskar.mkv", None, None, title=TITLE, date=DAY)
    assert confidence(ours, wrong) < confidence(ours, right)


def test_in_a_library_of_usual_size_many_bytes_are_enough() -> None:
    index = MemoryIndex(part(7, "/y/b.mp4"))
    index.LARGE = 20_000
    assert find_matches(scene(file("/x/a.mp4", SIZE, None)), (), index)[0].confidence >= AUTO


class Counted(MemoryIndex):
    """A library in which so many files are as long as any other."""

    as_long = 5

    def lengths_near(self, milliseconds: int, within: int) -> int:
        return self.as_long


def test_a_length_that_many_files_have_says_less() -> None:
    ours, theirs = scene(file("/x/0a1b.mp4"), title=TITLE[:15]), part(7, "/y/9f8e.mkv", OTHER, title=TITLE[:15])
    rare, common = Counted(theirs), Counted(theirs)
    common.as_long = 2500
    assert find_matches(ours, (), rare)[0].confidence > find_matches(ours, (), common)[0].confidence


def test_a_smaller_library_makes_any_item_likelier() -> None:
    ours, theirs = scene(file("/x/0a1b.mp4"), title=TITLE[:15]), part(7, "/y/9f8e.mkv", OTHER, title=TITLE[:15])
    small, large = MemoryIndex(theirs), MemoryIndex(theirs)
    small.LARGE = 2000
    assert find_matches(ours, (), small)[0].confidence > find_matches(ours, (), large)[0].confidence


# --- Twins ------------------------------------------------------------------------------------------------------------


def test_of_one_film_in_two_resolutions_the_one_with_its_lines_is_the_scenes() -> None:
    low = part(8, f"/y/{TITLE} 1080p.mkv", OTHER, title=TITLE, date=DAY, studio="Blue Lake")
    high = part(7, f"/z/{TITLE} [2160p].mkv", OTHER + 1)
    ours = scene(file(f"/x/Blue Lake - {TITLE} [2160p].mp4"), title=TITLE, date=DAY, studio="Blue Lake")
    matches = find_matches(ours, (), MemoryIndex(low, high))
    assert [match.rating_key for match in matches] == [7, 8]
    assert matches[0].confidence >= AUTO > matches[1].confidence


def test_streams_tell_more_than_names() -> None:
    ours = SceneFile("/x/a.mp4", SIZE, LONG, width=1920, height=1088, frame_rate=29.97, video_codec="h264")
    same = part(7, "/y/a 480p.mkv", OTHER)
    told = IndexedPart(
        7, 1, "", same.file, same.path, OTHER, same.duration_ms, width=1080, height=1920, frame_rate=30.0
    )
    assert likeness(ours, told) > likeness(ours, same)


# --- The path map -----------------------------------------------------------------------------------------------------


def test_a_mount_that_very_many_files_speak_for_is_taken_although_others_were_filed_anew() -> None:
    stay = [(f"/data/{number}/a{number}.mp4", f"/media/{number}/a{number}.mp4") for number in range(60)]
    moved = [(f"/data/{number}/b{number}.mp4", f"/media/new{number}/b{number}.mp4") for number in range(70)]
    assert ("/data", "/media") in {(one.stash, one.plex) for one in infer([*stay, *moved])}


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ("{edition-Unrated}", "{edition-Unrated}", "same edition 'unrated'"),
        ("- Unrated", "{edition-Unrated}", "same edition 'unrated'"),
        ("{edition-Unrated}", "- Unrated", "same edition 'unrated'"),
        (
            "{edition-Unrated}",
            "{edition-Director's Cut}",
            "another edition ('unrated' in Stash, 'directors cut' in Plex)",
        ),
        ("{edition-Unrated}", "", None),
        ("", "", None),
    ],
)
def test_editions_are_compared_however_they_are_written(ours: str, theirs: str, reason: str | None) -> None:
    index = MemoryIndex(part(7, f"/y/{TITLE} (2019) {theirs}.mkv", OTHER))
    match = find_matches(scene(file(f"/x/{TITLE} (2019) {ours} x.mp4")), (), index)[0]
    assert [one for one in match.reasons if "edition" in one.split("'")[0]] == ([reason] if reason else [])


# --- Names that are none, and numbers with a wrong letter -----------------------------------------------------------


def test_a_name_that_a_telephone_gave_is_no_other_title() -> None:
    ours = scene(file("/x/VID_20121108_115448.mkv", SIZE, LONG))
    theirs = part(7, "/y/Blue Lake - 2012-11-08 - Jane Doe - Washing the Dusty Ticket.avi", OTHER)
    match = find_matches(ours, (), MemoryIndex(theirs))[0]
    assert "called otherwise" not in match.reasons


@pytest.mark.parametrize("spoilt", ["43i2", "4e2", "43r"])
def test_a_number_with_a_wrong_letter_is_no_other_part(spoilt: str) -> None:
    ours = scene(file("/x/Stairway 432 - The Shallow Office.mp4"))
    found = confidence(ours, part(7, f"/y/Stairway {spoilt} - The Shallow Office.mkv", OTHER))
    assert (found >= AUTO) == (spoilt != "43r")


def test_a_code_leads_to_its_item_among_the_words_of_a_long_title() -> None:
    ours = scene(file("/x/HSR-949 Reading the Mild Station of Seville with Pablo and a Star on the Way Home.mkv"))
    crowd = [
        part(
            100 + number,
            f"/y/{number} Reading the Mild Station of Seville with Pablo on the Way Home.mkv",
            number,
            90.0,
        )
        for number in range(1, 40)
    ]
    assert confidence(ours, *crowd, part(7, "/y/hsr-949.mkv", OTHER)) >= AUTO
