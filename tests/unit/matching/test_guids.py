"""Which scene an item's guid names, and what that says."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from plexsync.matching.guids import external_id, scene_ids, stash_scene
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

OTHER = SIZE + 1


@pytest.mark.parametrize(
    ("guid", "scene_id"),
    [
        ("com.plexapp.agents.stashplexagent://45?lang=en", 45),
        ("com.plexapp.agents.stashplexagent://45", 45),
        ("plex://movie/stash-video-45", 45),
        ("plex://movie/stash-45", 45),
        ("tv.plex.agents.custom.stash2plex://scene/45", 45),
        ("tv.plex.agents.custom.stash2plex://scene-45", 45),
        ("tv.plex.agents.custom.stash://movie/stash-scene-45", 45),
        ("tv.plex.agents.stash2plex://movie/45", 45),
        ("TV.PLEX.AGENTS.CUSTOM.STASH://movie/2147483647", 2147483647),
    ],
)
def test_agents_that_read_stash_name_the_scene_in_the_guid(guid: str, scene_id: int) -> None:
    assert stash_scene(guid) == scene_id


@pytest.mark.parametrize(
    "guid",
    [
        "",
        "local://45",
        "com.plexapp.agents.none://45?lang=xn",
        "tv.plex.agents.none://45",
        "com.plexapp.agents.imdb://tt0000045?lang=en",
        "plex://movie/5d7768ba96b655001fdc0408",
        "plex://movie/stash-video-",
        "plex://movie/stash-video-0045",
        "tv.plex.agents.custom.tmdb://movie/45",
        # StashDB's identifiers are UUIDs: the digits they end in are no scene's id.
        "tv.plex.agents.custom.stash://scene/0b1c9a4e-92c4-4a5e-9d0c-3f6a2f000045",
        "tv.plex.agents.custom.stash://2147483648",
        "tv.plex.agents.custom.stash://99999999999999999999",
    ],
)
def test_other_guids_name_none(guid: str) -> None:
    assert stash_scene(guid) is None


# --- as evidence, for scene 1 ----------------------------------------------------------------------------------------


def test_an_item_that_an_agent_made_from_the_scene_is_the_scenes() -> None:
    (match,) = found(part(7, "/y/renamed and converted.mp4", OTHER, made_from=1))
    assert (match.rating_key, match.confidence >= 90) == (7, True)
    assert "Plex's agent made item 7 from scene 1" in match.reasons


def test_it_is_enough_where_nothing_else_is_known_of_the_file() -> None:
    (match,) = found(part(7, "/y/b.mp4", None, None, made_from=1))
    assert match.confidence == 90


def test_a_stash_that_was_made_anew_and_gives_out_its_ids_again_misleads_nobody() -> None:
    """Scene 1 is another video now: its file says so."""
    assert [
        one.confidence for one in found(part(7, "/y/b.mp4", OTHER, LONG + 300, made_from=1)) if one.confidence
    ] == []


def test_another_duration_sends_it_to_a_person_at_the_most() -> None:
    (match,) = found(part(7, "/y/b.mp4", None, LONG + 300, made_from=1))
    assert match.confidence < 60


def test_an_item_made_from_another_scene_gains_nothing_by_it() -> None:
    assert found(part(7, "/y/b.mp4", OTHER, made_from=2)) == []


def test_a_file_at_its_own_path_counts_more() -> None:
    at_place = part(8, "/x/a.mp4", SIZE, made_from=2)
    assert found(part(7, "/y/b.mp4", OTHER, made_from=1), at_place)[0].rating_key == 8


def test_the_agents_old_title_does_not_contradict() -> None:
    item = part(7, "/y/0001.mp4", OTHER, title="Something Else Altogether, The Movie", made_from=1)
    (match,) = find_matches(
        scene(file("/x/Harbour Lights at Night.mp4"), title="Harbour Lights at Night"), (), MemoryIndex(item)
    )
    assert match.confidence >= 90


def test_what_a_person_ruled_out_stays_so() -> None:
    item = part(7, "/y/b.mp4", OTHER, made_from=1)
    settled = Settled(vetoed=frozenset({7}))
    assert find_matches(scene(file("/x/a.mp4")), (), MemoryIndex(item), settled) == []


def found(*items: IndexedPart) -> list[Match]:
    return find_matches(scene(file("/x/a.mp4")), (), MemoryIndex(*items))


# --- what a film is known by elsewhere -------------------------------------------------------------------------------

UUID = "0b1c9a4e-92c4-4a5e-9d0c-3f6a2f000045"
PAGE = "https://www.site.example/Video/12345/harbour-lights/"


def base_58(text: str) -> str:
    """As PhoenixAdult writes addresses."""
    number, digits = int.from_bytes(text.encode(), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + digits
    return digits


@pytest.mark.parametrize(
    ("guid", "known_as"),
    [
        ("com.plexapp.agents.imdb://tt0133093?lang=en", "imdb:tt0133093"),
        ("imdb://tt0133093", "imdb:tt0133093"),
        ("com.plexapp.agents.xbmcnfo://tt0133093?lang=en", "imdb:tt0133093"),
        ("com.plexapp.agents.themoviedb://603?lang=en", "tmdb:603"),
        ("tv.plex.agents.custom.tmdb://movie/603", "tmdb:603"),
        (f"tv.plex.agents.custom.tpdb://movie/{UUID.upper()}", f"uuid:{UUID}"),
        (f"tv.plex.agents.custom.stashdb://scene-{UUID}", f"uuid:{UUID}"),
        (
            f"com.plexapp.agents.phoenixadult://{base_58(PAGE)}|12|2020-01-02?lang=en",
            "url:site.example/video/12345/harbour-lights",
        ),
        (
            f"com.plexapp.agents.phoenixadult://{base_58(PAGE)}%7C12?lang=en",
            "url:site.example/video/12345/harbour-lights",
        ),
        (
            "com.plexapp.agents.phoenixadult://https%3A%2F%2Fsite.example%2Fvideo%2F12345",
            "url:site.example/video/12345",
        ),
        # Nothing that says what it is.
        *(
            (guid, "")
            for guid in (
                "",
                "local://45",
                "tv.plex.agents.none://45",
                "plex://movie/5d7768ba96b655001fdc0408",
                f"plex://movie/{UUID}",
                "com.plexapp.agents.imdb://tt",
                "com.plexapp.agents.themoviedb://0603",
                "com.plexapp.agents.phoenixadult://" + base_58("/en/video/12345/harbour-lights"),
                "com.plexapp.agents.phoenixadult://" + "z" * 40,
                "com.plexapp.agents.phoenixadult://" + base_58("https://site.example/"),
                "com.plexapp.agents.phoenixadult://http://[",
                "x" * 5000,
            )
        ),
    ],
)
def test_other_agents_say_what_the_film_is_known_by_elsewhere(guid: str, known_as: str) -> None:
    assert external_id(guid) == known_as


def test_a_scenes_addresses_and_ids_name_the_same() -> None:
    urls = (
        "http://site.example/video/12345/Harbour-Lights",
        "https://www.imdb.com/title/tt0133093/",
        "https://m.imdb.com/de/title/tt0133093/reference",
        "https://www.themoviedb.org/movie/603-the-matrix",
        f"https://stashdb.org/scenes/{UUID}",
        "https://site.example",
        "no address",
        "https://[",
    )
    ids = scene_ids(replace(scene(urls=urls), stash_ids=("1B1C9A4E-92c4-4a5e-9d0c-3f6a2f000045", "odd")))
    assert ids >= {
        "url:site.example/video/12345/harbour-lights",
        "imdb:tt0133093",
        "tmdb:603",
        f"uuid:{UUID}",
        "uuid:1b1c9a4e-92c4-4a5e-9d0c-3f6a2f000045",
    }
    assert not {one for one in ids if "odd" in one or one.endswith("site.example")}


def test_what_the_agent_found_finds_the_item_and_takes_a_witness_to_be_believed() -> None:
    one = scene(file("/x/a.mp4", None, None), urls=(PAGE,))
    item = replace(part(7, "/y/b.mp4", None, None), external_id="url:site.example/video/12345/harbour-lights")
    (alone,) = find_matches(one, (), MemoryIndex(item))
    assert 60 <= alone.confidence < 90
    timed = scene(file("/x/a.mp4", None, LONG), urls=(PAGE,))
    (match,) = find_matches(timed, (), MemoryIndex(replace(item, duration_ms=round(LONG * 1000))))
    assert match.confidence >= 90


@pytest.mark.parametrize(
    ("known_as", "what"),
    [("imdb:tt0133093", "IMDb number"), ("tmdb:603", "TMDb number"), (f"uuid:{UUID}", "stash id")],
)
def test_what_the_agent_found_is_named_by_its_kind_alone(known_as: str, what: str) -> None:
    """Reasons go into reports for others, and such a number says which film it is."""
    urls = ("https://www.imdb.com/title/tt0133093/", "https://www.themoviedb.org/movie/603")
    one = replace(scene(file("/x/a.mp4", None, LONG), urls=urls), stash_ids=(UUID,))
    item = replace(part(7, "/y/b.mp4", None), external_id=known_as)
    (match,) = find_matches(one, (), MemoryIndex(item))
    assert f"Plex's agent found the scene's own {what}" in match.reasons


def test_an_id_that_the_file_contradicts_leads_to_a_person_and_not_to_a_write() -> None:
    """The agent chose the wrong film, and gave the item its title, too."""
    one = scene(file("/x/a.mp4", SIZE, LONG), title="Harbour Lights at Night over Lisbon", urls=(PAGE,))
    item = part(7, "/y/b.mp4", OTHER, LONG + 300, title="Harbour Lights at Night over Lisbon")
    for tied in (
        replace(item, external_id="url:site.example/video/12345/harbour-lights"),
        replace(item, stash_scene=1),
    ):
        (match,) = find_matches(one, (), MemoryIndex(tied))
        assert 60 <= match.confidence < 90


def test_of_two_items_alike_the_one_that_is_said_to_be_another_scenes_comes_last() -> None:
    twins = part(7, "/y/a.mp4", OTHER, made_from=2), part(8, "/z/a.mp4", OTHER)
    (first, second) = find_matches(scene(file("/x/a.mp4")), (), MemoryIndex(*twins))
    assert (first.rating_key, second.rating_key) == (8, 7)
    assert "Plex's agent made the item from scene 2" in second.reasons


@pytest.mark.parametrize("part", ["stash", "stash.", "stash-", "a/"])
def test_a_guid_of_any_length_is_looked_at_no_longer_than_one_of_usual_length(part: str) -> None:
    began = time.process_time()
    guid = f"com.plexapp.agents.{part * 100_000}"
    assert (stash_scene(guid), external_id(guid)) == (None, "")
    assert scene_ids(Scene(id=1, urls=(f"https://{guid}", "https://site.example/a-scene"))) == {
        "url:site.example/a-scene"
    }
    assert time.process_time() - began < 0.5, "half a minute for each, otherwise"
