"""Names that tell little or are written otherwise: short titles, files called as any, codes, people in folders."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from plexsync.matching.film_folders import film_folder, is_anybodys
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


# --- Short titles -----------------------------------------------------------------------------------------------------


def called(title: str) -> Scene:
    path = f"/x/Blue Lake/Blue Lake - {DAY} - {title}.mp4"
    return scene(file(path), title=title, date=DAY, studio="Blue Lake", performers=("Jane Doe",))


@pytest.mark.parametrize(
    ("title", "theirs"),
    [
        ("Fog", "/y/films/{}.mkv"),
        ("Dusk", "/y/films/{}.mkv"),
        ("Harvest", "/y/films/{} 1080p.mkv"),
        ("Harvest", "/y/Blue Lake - {}.mkv"),
    ],
)
def test_a_title_of_one_word_that_is_all_of_a_name_and_the_length_are_enough(title: str, theirs: str) -> None:
    assert confidence(called(title), item(theirs.format(title))) >= AUTO


@pytest.mark.parametrize("theirs", ["/y/Harvest Moon.mkv", "/y/Rosa Moretti - The Long Harvest.mkv"])
def test_a_word_of_another_title_is_no_title(theirs: str) -> None:
    assert confidence(called("Harvest"), item(theirs)) < AUTO


def test_a_short_title_that_other_films_have_as_well_needs_a_closer_length() -> None:
    others = [item(f"/y/{key}/Harvest.mkv", 90.0 * key, key) for key in range(11, 15)]
    alone = confidence(called("Harvest"), item("/y/Harvest.mkv", 0.35))
    beside = confidence(called("Harvest"), item("/y/Harvest.mkv", 0.35), *others)
    assert REVIEW <= beside < alone


def test_a_short_title_and_another_length_are_another_film() -> None:
    assert confidence(called("Harvest"), item("/y/Harvest.mkv", 4.0)) < REVIEW


# --- Files called as any, in telling folders --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1080p", "video_720p", "hls-1080", "movie.2160p.x265", "source", "full hd", "4K"])
def test_a_file_called_after_its_quality_is_called_after_its_folder(name: str) -> None:
    assert is_anybodys(name)
    ours = scene(file(f"/x/Blue Lake/{DAY} Gym of the Rain/{name}.mp4"), title="Gym of the Rain", date=DAY)
    others = [item(f"/y/Encoded/Film {key} (2019-03-0{key})/{name}.mkv", 50.0 * key, key) for key in (1, 2, 3)]
    assert confidence(ours, item(f"/y/Encoded/Gym of the Rain ({DAY})/{name}.mkv"), *others) >= AUTO
    assert confidence(ours, item(f"/y/Encoded/Teacher of Dusk ({DAY})/{name}.mkv"), *others) < AUTO


@pytest.mark.parametrize("name", ["IMG_1080", "VID_0026", "1", "vid0026", "Harvest", "Harvest 1080p", "part2"])
def test_a_name_of_its_own_or_a_camera_s_is_not_called_after_its_folder(name: str) -> None:
    assert not is_anybodys(name)
    assert film_folder(f"/x/Trip 2019/{name}.mp4") == ""


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


# --- A person in a studio's folder ------------------------------------------------------------------------------------

PEOPLE = scene(
    file("/x/Blue Lake/BlueLake.23.05.17.Jane.Doe.The.Dinner.Parade.XXX.1080p.x264-GRP.mp4"),
    title="The Dinner Parade",
    date=DAY,
    studio="Blue Lake",
    performers=("Jane Doe",),
)


def in_folder(folder: str) -> list[IndexedPart]:
    return [item(f"/y/{folder}/vid{key:04}.mp4", 97.0 * (key - 20), key) for key in range(11, 20)]


def test_a_person_s_name_in_the_studio_s_folder_and_the_length_are_enough() -> None:
    assert confidence(PEOPLE, item("/y/Blue Lake/jane_doe_02.mp4", 0.12), *in_folder("Blue Lake")) >= AUTO


@pytest.mark.parametrize(
    ("theirs", "apart"),
    [
        ("/y/Red Harbour/jane_doe_02.mp4", 0.02),
        ("/y/Jane Doe/jane_doe_02.mp4", 0.02),
        ("/y/Blue Lake/rosa_moretti_02.mp4", 0.3),
        ("/y/Blue Lake/jane_doe_02.mp4", 0.45),
    ],
)
def test_the_person_or_the_studio_alone_are_not(theirs: str, apart: float) -> None:
    assert confidence(PEOPLE, item(theirs, apart), *in_folder(theirs.split("/")[2])) < AUTO


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


# --- Titles that were cut off -----------------------------------------------------------------------------------------

TURQUOISE = scene(
    file("/x/Blue Lake/BlueLake.23.05.17.Jane.Doe.Turquoise.Maid.Train.Market.XXX.1080p.x264-GRP.mp4"),
    title="Turquoise Maid Train Market",
    date=DAY,
    studio="Blue Lake",
    performers=("Jane Doe", "Tessa Madison"),
)


@pytest.mark.parametrize(
    "name",
    [
        "Tessa Madison - Turquois",
        "Jane Doe & Tessa Madison - Turquoise Ma",
        "Tessa Madison - Turquoise Mai",
        "Blue Lake - 2023-05-17 - Turquoi",
    ],
)
def test_a_title_that_the_end_of_a_name_cuts_off_is_no_other_title(name: str) -> None:
    assert confidence(TURQUOISE, item(f"/y/cut/{name}.mp4")) >= AUTO


@pytest.mark.parametrize(
    "name",
    [
        "Tessa Madison - Torquay Be",
        "Turquois",
        "Tessa Madison - Turquois Harbour",
        "Tessa Madison - Tu",
    ],
)
def test_what_begins_otherwise_or_goes_on_was_not_cut_off(name: str) -> None:
    assert confidence(TURQUOISE, item(f"/y/cut/{name}.mp4")) < AUTO


# --- The same day, studio and people, and another title ---------------------------------------------------------------

SHOOT = "BlueLake.23.05.17.Jane.Doe.{}.XXX.1080p.x264-GRP"


def test_whoever_named_both_files_alike_gives_each_its_own_title() -> None:
    ours = scene(
        file(f"/x/{SHOOT.format('The.Silent.Neighbour')}.mp4"),
        title="The Silent Neighbour",
        date=DAY,
        studio="Blue Lake",
        performers=("Jane Doe",),
    )
    assert confidence(ours, item(f"/y/{SHOOT.format('Bargain.my.Harvest')}.mkv", 0.02)) < AUTO
    assert confidence(ours, item(f"/y/{SHOOT.format('Bargain.Harvest')}.mkv", 0.02)) < AUTO
    assert confidence(ours, item(f"/y/{SHOOT.format('Die.Stille.Nachbarin')}.mkv", 0.02)) >= AUTO
    assert confidence(ours, item(f"/y/{SHOOT.format('La.Voisine.du.Silence')}.mkv", 0.02)) >= AUTO
    assert confidence(ours, item(f"/y/Blue Lake - {DAY} - Jane Doe - Die stille Nachbarin.mkv", 0.02)) >= AUTO


@pytest.mark.parametrize("studio", ["Club 7", "The 18 Room", "Studio 66"])
def test_a_studio_with_a_number_is_known_in_a_name(studio: str) -> None:
    ours = scene(
        file(f"/x/{studio} - {DAY} - The Silent Neighbour.mp4"),
        title="The Silent Neighbour",
        date=DAY,
        studio=studio,
        performers=("Jane Doe",),
    )
    theirs = f"/y/{studio} - 17.05.2023 - Jane Doe - Die stille Nachbarin.mkv"
    found = find_matches(ours, (), MemoryIndex(item(theirs)))
    assert f"studio {studio!r} in its name" in found[0].reasons
    assert found[0].confidence >= AUTO


# --- Words that stand in place of others, in other scripts ------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Весенняя прогулка тихая улица домой", "Весенняя прогулка тихая река домой"),
        ("Весенняя прогулка тихая улица домой", "Весенняя прогулка тихая Bridge домой"),
        ("Весенняя прогулка тихая улица домой", "vesennyaya_progulka_tihaya_Bridge_domoj"),
        ("Όμορφη νύχτα στο νησί μας", "Όμορφη μέρα στο νησί μας"),
        ("조용한 봄 산책 거리", "조용한 겨울 산책 거리"),
        ("春天的安静街道故事", "春天的安静河流故事"),
        ("春天的安静河流故事", "春天的安静个体故事"),
        ("Lední medvěd na horách", "Lední tygr na horách"),
        ("Night Teacher Valley Cloud", "night_anchor_valley_cloud"),
    ],
)
def test_a_word_in_another_s_place_is_another_film_in_any_script(title: str, other: str) -> None:
    ours = scene(file(f"/x/Blue Lake - {title}.mp4"), title=title, studio="Blue Lake", performers=("Jane Doe",))
    assert confidence(ours, item(f"/y/{other}.mkv")) < REVIEW
    assert confidence(ours, item(f"/y/Blue Lake - {other}.mkv")) < REVIEW


@pytest.mark.parametrize(
    "spelt", ["Vesennjaja progulka tikhaja ulitsa domoj", "vesennyaya_progulka_tihaya_ulica_domoy"]
)
def test_however_a_script_is_put_into_latin_letters_no_word_is_another(spelt: str) -> None:
    title = "Весенняя прогулка тихая улица домой"
    ours = scene(file(f"/x/Blue Lake - {title}.mp4"), title=title, studio="Blue Lake")
    assert confidence(ours, item(f"/y/{spelt}.mkv")) >= AUTO


@pytest.mark.parametrize("typed", ["Cloak Tunnel aSnit Carpet", "Cloak TunnelSaint Carpet", "Cloak Tunel Siant Carpet"])
def test_a_word_with_letters_out_of_place_is_no_other_word(typed: str) -> None:
    ours = scene(file("/x/Blue Lake - Cloak Tunnel Saint Carpet.mp4"), title="Cloak Tunnel Saint Carpet")
    assert confidence(ours, item(f"/y/{typed}.mkv")) >= AUTO


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


# --- Names that may be another's --------------------------------------------------------------------------------------

LONG_NAME = "The Silent Neighbour of the Old Bride and the Teacher"


@pytest.mark.parametrize("second", ["{} (2)", "{}(3)", "{} copy", "{} - Copy (2)"])
def test_of_two_files_of_a_name_none_is_certain_where_nothing_else_is_known(second: str) -> None:
    ours = scene(file_of_size(f"/x/b/{LONG_NAME}.mp4", None, None))
    own = part(7, f"/y/a/{LONG_NAME}.mp4", SIZE, LONG)
    assert confidence(ours, own) >= AUTO
    assert REVIEW <= confidence(ours, own, part(8, f"/y/a/{second.format(LONG_NAME)}.mp4", OTHER, LONG / 2)) < AUTO
    sized = scene(file_of_size(f"/x/b/{LONG_NAME}.mp4", SIZE, LONG))
    assert confidence(sized, own, part(8, f"/y/a/{second.format(LONG_NAME)}.mp4", OTHER, LONG / 2)) >= AUTO


@pytest.mark.parametrize("apart", [0.1, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("name", ["59", "a", "IMG_0012", LONG_NAME])
def test_another_size_and_half_a_second_at_the_path_of_a_name_that_any_file_may_have(name: str, apart: float) -> None:
    ours = scene(file_of_size(f"/x/clips/{name}.mp4", SIZE, 61.02))
    sure = confidence(ours, part(7, f"/x/clips/{name}.mp4", OTHER, 61.02 + apart))
    assert (sure >= AUTO) == (name == LONG_NAME or apart < 0.5)
    assert sure >= REVIEW


RELEASE = "EchoChannel.08.08.02.Paula.Cruz.{}.XXX.1080p.x264-GRP"


@pytest.mark.parametrize("name", ["Scene.1", "Scene", ""])
def test_studio_day_and_people_are_no_title_where_the_scene_has_none_and_no_length_is_known(name: str) -> None:
    path = f"/x/in/{RELEASE.format(name).replace('..', '.')}.mp4"
    theirs = part(7, f"/y/z/{RELEASE.format('Lauras.Electric.Guest')}.mp4", OTHER, None)
    assert confidence(scene(file_of_size(path, None, None)), theirs) < AUTO
    assert confidence(scene(file_of_size(path, SIZE, LONG)), theirs) < AUTO


def test_a_number_of_a_title_says_nothing_of_a_name_that_holds_people_alone() -> None:
    ours = scene(
        file("/x/Blue Lake/BlueLake.23.05.17.Jane.Doe.Trip.650.The.Cold.Motel.XXX.1080p.x264-GRP.mp4"),
        title="Trip 650: The Cold Motel",
        date=DAY,
        studio="Blue Lake",
        performers=("Jane Doe",),
    )
    assert confidence(ours, item("/y/Blue Lake/jane_doe_03.mp4"), *in_folder("Blue Lake")) >= AUTO


def test_a_number_goes_with_a_studio_although_a_word_of_the_title_is_like_its_name() -> None:
    mine, yours = (
        Text(text, read(text), is_title=False)
        for text in ("Willow 32 - 2011-03-21 - Snow Pillow Nurse", "Jane Doe - Snow Pillow Nurse")
    )
    assert of_studio(mine, yours) == {32}


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
