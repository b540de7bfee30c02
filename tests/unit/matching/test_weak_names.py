"""Names that tell little or are written otherwise: short titles, files called as any, codes, people in folders."""

from __future__ import annotations

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
