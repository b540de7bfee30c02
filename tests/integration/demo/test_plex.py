"""What the simulated Plex shows, and to whom."""

from __future__ import annotations

import time
from xml.etree import ElementTree as ET

import pytest
import requests

from plexsync.demo.plex import Behaviour, SimulatedPlex
from plexsync.model import Part
from tests.support.plex_by_hand import PlexByHand


@pytest.fixture
def movies(plex: SimulatedPlex) -> int:
    return plex.add_section("Movies", locations=["/media", "/more"])


# --- Who may ask -----------------------------------------------------------------------------------------------------


def test_identity_needs_no_token(plex: SimulatedPlex) -> None:
    answer = requests.get(f"{plex.url}/identity", headers={"Accept": "application/json"}, timeout=5)
    assert answer.json()["MediaContainer"]["machineIdentifier"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_wrong_token_is_answered_401_with_a_page(plex: SimulatedPlex, ask: PlexByHand, token: str | None) -> None:
    answer = ask.get("/library/sections", headers={"X-Plex-Token": token})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "text/html"
    assert "401 Unauthorized" in answer.text
    assert plex.counters["denied"] == 1


def test_a_token_in_the_query_is_refused_and_remembered(plex: SimulatedPlex, ask: PlexByHand) -> None:
    assert ask.get("/library/sections", params={"X-Plex-Token": plex.token}).status_code == 401
    (violation,) = plex.violations
    assert "token" in violation
    assert plex.token not in violation


def test_a_revoked_token_is_wrong_until_it_is_set_again(plex: SimulatedPlex, ask: PlexByHand) -> None:
    token = plex.wrong_token()
    assert ask.get("/library/sections").status_code == 401
    plex.set_token(token)
    assert ask.get("/library/sections").status_code == 200


def test_a_client_that_does_not_say_who_it_is_is_remembered(plex: SimulatedPlex, ask: PlexByHand) -> None:
    assert ask.get("/library/sections", headers={"X-Plex-Client-Identifier": None}).status_code == 200
    assert len(plex.violations) == 1


def test_without_asking_for_json_the_answer_is_xml(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A & B", ["/media/a.mkv"], genre=["Action"])
    answer = ask.get(f"/library/metadata/{key}", headers={"Accept": "*/*"})
    assert answer.headers["Content-Type"].startswith("text/xml")
    video = ET.fromstring(answer.content).find("Video")
    assert video is not None
    assert video.get("title") == "A & B"
    assert [genre.get("tag") for genre in video.iter("Genre")] == ["Action"]
    assert [part.get("file") for part in video.iter("Part")] == ["/media/a.mkv"]


def test_an_unknown_path_is_not_found(ask: PlexByHand) -> None:
    assert ask.get("/library/nothing").status_code == 404


def test_a_request_line_over_8_kib_is_too_long(plex: SimulatedPlex, ask: PlexByHand) -> None:
    room = 8192 - len("GET /library/sections?pad= HTTP/1.1")
    assert ask.get("/library/sections", params={"pad": "x" * room}).status_code == 200
    assert ask.get("/library/sections", params={"pad": "x" * (room + 1)}).status_code == 414
    assert plex.counters["too_long"] == 1


def test_a_request_line_that_is_too_long_may_break_the_connection(plex: SimulatedPlex, ask: PlexByHand) -> None:
    plex.behaviour.long_requests = "drop"
    with pytest.raises(requests.ConnectionError):
        ask.get("/library/sections", params={"pad": "x" * 9000})


# --- Sections and listings -------------------------------------------------------------------------------------------


def test_sections_show_their_type_agent_and_folders(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    plex.add_section("Series", "show")
    films, series = ask.container("/library/sections")["Directory"]
    assert (films["key"], films["type"], films["title"]) == (str(movies), "movie", "Movies")
    assert [location["path"] for location in films["Location"]] == ["/media", "/more"]
    assert films["agent"]
    assert films["refreshing"] is False
    assert series["type"] == "show"
    assert "Location" not in series


def test_a_section_says_when_its_content_changed(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    before = ask.container("/library/sections")["Directory"][0]["contentChangedAt"]
    plex.add_item(movies, "New")
    assert ask.container("/library/sections")["Directory"][0]["contentChangedAt"] > before


def test_no_sections_are_no_list_at_all(ask: PlexByHand) -> None:
    assert "Directory" not in ask.container("/library/sections")


def test_a_listing_of_an_unknown_section_is_not_found(ask: PlexByHand) -> None:
    assert ask.get("/library/sections/9/all").status_code == 404


def test_a_listed_item_has_a_text_for_its_key_and_numbers_for_numbers(
    plex: SimulatedPlex, ask: PlexByHand, movies: int
) -> None:
    files: list[str | Part] = [Part("/media/a.mkv", size=1234, duration_ms=60_000), "/media/b.mp4"]
    key = plex.add_item(movies, "Film", files, year=1999, added_at=1_700_000_000, studio="Acme")
    (shown,) = ask.listing(movies)["Metadata"]
    assert shown["ratingKey"] == str(key)
    assert (shown["year"], shown["duration"], shown["addedAt"]) == (1999, 60_000, 1_700_000_000)
    assert shown["studio"] == "Acme"
    parts = [part for media in shown["Media"] for part in media["Part"]]
    assert (parts[0]["file"], parts[0]["size"], parts[0]["duration"]) == ("/media/a.mkv", 1234, 60_000)
    assert (parts[1]["file"], parts[1]["container"], parts[1].get("size")) == ("/media/b.mp4", "mp4", None)


def test_a_listing_cuts_tags_short_and_hides_locks(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "Film")
    plex.edit_as_person(key, genre=["A", "B", "C"], actor=["D", "E", "F", "G"])
    (shown,) = ask.listing(movies)["Metadata"]
    assert [genre["tag"] for genre in shown["Genre"]] == ["A", "B"]
    assert [role["tag"] for role in shown["Role"]] == ["D", "E", "F"]
    assert "Field" not in shown
    whole = ask.whole(key)
    assert [genre["tag"] for genre in whole["Genre"]] == ["A", "B", "C"]
    assert [role["tag"] for role in whole["Role"]] == ["D", "E", "F", "G"]
    assert {"name": "genre", "locked": True} in whole["Field"]


def test_empty_lists_and_texts_are_left_out(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    assert "Metadata" not in ask.listing(movies)
    key = plex.add_item(movies, "Bare", summary="")
    shown = ask.whole(key)
    assert shown["title"] == "Bare"
    for absent in ("summary", "Genre", "Role", "Media", "Field", "Image", "thumb", "userRating"):
        assert absent not in shown


@pytest.mark.parametrize("where", ["params", "headers"])
def test_pages_are_asked_for_in_query_or_headers(plex: SimulatedPlex, ask: PlexByHand, movies: int, where: str) -> None:
    for letter in "ABCDE":
        plex.add_item(movies, letter)
    page = {"X-Plex-Container-Start": "3", "X-Plex-Container-Size": "10"}
    answer = ask.get(f"/library/sections/{movies}/all", **{where: page})  # type: ignore[arg-type]  # two maps of texts
    container = answer.json()["MediaContainer"]
    assert (container["size"], container["totalSize"], container["offset"]) == (2, 5, 3)
    assert [shown["title"] for shown in container["Metadata"]] == ["D", "E"]
    assert answer.headers["X-Plex-Container-Total-Size"] == "5"


def test_a_page_of_no_items_still_says_how_many_there_are(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    plex.add_item(movies, "A")
    container = ask.listing(movies, start=0, size=0)
    assert (container["size"], container["totalSize"]) == (0, 1)
    assert "Metadata" not in container


def test_a_page_size_that_is_no_number_is_a_bad_request(ask: PlexByHand, movies: int) -> None:
    assert ask.get(f"/library/sections/{movies}/all", params={"X-Plex-Container-Size": "-1"}).status_code == 400


def test_a_server_may_return_fewer_than_asked(movies: int, plex: SimulatedPlex, ask: PlexByHand) -> None:
    for letter in "ABCDE":
        plex.add_item(movies, letter)
    plex.behaviour.page_cap = 2
    container = ask.listing(movies, start=1, size=4)
    assert (container["size"], container["totalSize"]) == (2, 5)


def test_items_of_another_type_are_not_in_a_section(plex: SimulatedPlex, ask: PlexByHand) -> None:
    series = plex.add_section("Series", "show")
    plex.add_item(series, "A series")
    assert ask.titles(series) == []
    assert ask.container(f"/library/sections/{series}/all", type=2)["size"] == 1


def test_a_title_filter_finds_parts_of_titles_and_a_comma_means_or(
    plex: SimulatedPlex, ask: PlexByHand, movies: int
) -> None:
    for title in ("Alien", "Aliens", "Heat", "Zulu"):
        plex.add_item(movies, title)
    assert ask.titles(movies, title="alien") == ["Alien", "Aliens"]
    assert ask.titles(movies, title="Heat,Zulu") == ["Heat", "Zulu"]


@pytest.mark.parametrize("time_filter", ["addedAt>>", "updatedAt>>"])
def test_a_time_filter_asks_for_later_seconds(time_filter: str) -> None:
    now = [1000.0]
    with SimulatedPlex(clock=lambda: now[0]) as plex, PlexByHand(plex) as ask:
        section = plex.add_section("Movies")
        for title in ("Old", "New"):
            plex.add_item(section, title)
            now[0] += 10
        assert ask.titles(section, **{time_filter: 999}) == ["New", "Old"]
        assert ask.titles(section, **{time_filter: 1000}) == ["New"]
        assert ask.titles(section, **{time_filter: 1010}) == []


def test_a_time_that_is_none_is_a_bad_request(ask: PlexByHand, movies: int) -> None:
    assert ask.get(f"/library/sections/{movies}/all", params={"addedAt>>": "yesterday"}).status_code == 400


def test_an_unknown_filter_lets_everything_pass(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    plex.add_item(movies, "A", ["/media/a.mkv"])
    plex.add_item(movies, "B", ["/media/b.mkv"])
    assert ask.titles(movies, file="/media/a.mkv") == ["A", "B"]


def test_listings_can_be_sorted(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    for added_at, title in ((3, "b"), (1, "C"), (2, "a")):
        plex.add_item(movies, title, added_at=added_at)
    assert ask.titles(movies) == ["a", "b", "C"]
    assert ask.titles(movies, sort="addedAt") == ["C", "a", "b"]
    assert ask.titles(movies, sort="addedAt:desc") == ["b", "a", "C"]


def test_an_order_is_made_anew_when_an_item_changes(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    first, second = plex.add_item(movies, "A"), plex.add_item(movies, "B")
    assert ask.titles(movies) == ["A", "B"]
    ask.edit(movies, first, title__value="Z")
    assert ask.titles(movies) == ["B", "Z"]
    plex.remove_item(second)
    assert ask.titles(movies) == ["Z"]


def test_elements_and_fields_can_be_left_out(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    plex.add_item(movies, "A", ["/media/a.mkv"], summary="long", genre=["X"])
    trim = {"excludeElements": "Genre,Role", "excludeFields": "summary"}
    (shown,) = ask.listing(movies, **trim)["Metadata"]
    assert "Genre" not in shown
    assert "summary" not in shown
    assert "Media" in shown
    plex.behaviour.honours_excludes = False
    (shown,) = ask.listing(movies, **trim)["Metadata"]
    assert "Genre" in shown
    assert "summary" in shown


def test_a_hundred_thousand_items_are_listed_page_by_page_without_sorting_each_time() -> None:
    with SimulatedPlex() as plex, PlexByHand(plex) as ask:
        movies = plex.add_section("Movies")
        for number in range(100_000):
            plex.add_item(movies, f"Film {number:06}", [f"/media/{number}.mkv"])
        seconds = []
        for start in range(10):
            began = time.perf_counter()
            assert ask.titles(movies, sort="year:desc", start=start, size=1) == [f"Film {99_999 - start:06}"]
            seconds.append(time.perf_counter() - began)
        assert min(seconds[1:]) < seconds[0] / 2


# --- Whole items -----------------------------------------------------------------------------------------------------


def test_several_items_come_in_one_answer_and_those_that_are_gone_are_missing(
    plex: SimulatedPlex, ask: PlexByHand, movies: int
) -> None:
    first, second, gone = (plex.add_item(movies, title) for title in "ABC")
    plex.remove_item(gone)
    shown = ask.container(f"/library/metadata/{second},{gone},{first}")["Metadata"]
    assert [item["title"] for item in shown] == ["B", "A"]


def test_an_item_that_is_gone_is_not_found(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A")
    plex.remove_item(key)
    assert ask.get(f"/library/metadata/{key}").status_code == 404


def test_a_rescanned_item_has_a_new_key_and_has_lost_its_edits(
    plex: SimulatedPlex, ask: PlexByHand, movies: int
) -> None:
    old = plex.add_item(movies, "From the file", ["/media/a.mkv"])
    plex.edit_as_person(old, title="Edited")
    new = plex.rekey(old)
    assert new != old
    assert ask.get(f"/library/metadata/{old}").status_code == 404
    shown = ask.whole(new)
    assert shown["title"] == "From the file"
    assert shown["Media"][0]["Part"][0]["file"] == "/media/a.mkv"


# --- Scanning and the agent ------------------------------------------------------------------------------------------


def test_a_scan_of_a_folder_makes_items_of_the_files_in_it(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    plex.add_unscanned(movies, "Here", ["/media/new/a.mkv"])
    plex.add_unscanned(movies, "There", ["/media/other/b.mkv"])
    assert ask.titles(movies) == []
    assert ask.post(f"/library/sections/{movies}/refresh", params={"path": "/media/new"}).status_code == 200
    assert ask.titles(movies) == ["Here"]
    ask.post(f"/library/sections/{movies}/refresh")
    assert ask.titles(movies) == ["Here", "There"]
    assert plex.counters["scans"] == 2


def test_a_scan_takes_its_time_and_shows_while_it_lasts() -> None:
    now = [1000.0]
    with SimulatedPlex(clock=lambda: now[0], behaviour=Behaviour(scan_delay=5)) as plex, PlexByHand(plex) as ask:
        movies = plex.add_section("Movies")
        plex.add_unscanned(movies, "New", ["/media/a.mkv"])
        ask.post(f"/library/sections/{movies}/refresh")
        assert ask.container("/library/sections")["Directory"][0]["refreshing"] is True
        assert ask.titles(movies) == []
        now[0] += 5
        assert ask.titles(movies) == ["New"]
        assert ask.container("/library/sections")["Directory"][0]["refreshing"] is False


def test_the_agent_overwrites_what_is_not_locked(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "Agent's title", genre=["Agent's genre"])
    ask.edit(movies, key, title__value="Ours", summary__value="Ours", summary__locked=1, studio__value="Ours")
    plex.set_agent(key, summary="Agent's summary", tagline="Agent's tagline")
    assert ask.put(f"/library/metadata/{key}/refresh").status_code == 200
    item = plex.item(key)
    assert item.texts == {"title": "Agent's title", "summary": "Ours", "tagline": "Agent's tagline"}
    assert item.names("genre") == ["Agent's genre"]
