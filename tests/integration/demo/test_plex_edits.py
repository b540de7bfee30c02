"""What the simulated Plex lets clients change, and how."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1
from typing import Literal

import pytest
import requests

from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.plex.behaviour import Behaviour
from tests.support.plex_by_hand import PlexByHand

JPEG = b"\xff\xd8\xff\xe0 a picture"
PNG = b"\x89PNG\r\n\x1a\n another picture"


@pytest.fixture
def movies(plex: SimulatedPlex) -> int:
    return plex.add_section("Movies")


@pytest.fixture
def film(plex: SimulatedPlex, movies: int) -> int:
    return plex.add_item(movies, "Film", ["/media/film.mkv"])


# --- Fields ----------------------------------------------------------------------------------------------------------


def test_one_edit_writes_and_locks_many_fields(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    texts = {
        "title": "T",
        "titleSort": "S",
        "originalTitle": "O",
        "summary": "Sum",
        "tagline": "Tag",
        "studio": "St",
        "originallyAvailableAt": "2024-02-29",
        "contentRating": "XXX",
    }
    params: dict[str, str | int] = {f"{name}.value": text for name, text in texts.items()}
    params |= {f"{name}.locked": 1 for name in texts}
    answer = ask.edit_with(movies, film, params)
    assert (answer.status_code, answer.content) == (200, b"")
    assert plex.item(film).texts == texts
    assert plex.item(film).locked == set(texts)
    shown = ask.whole(film)
    assert {name: shown[name] for name in texts} == texts
    assert not plex.violations


def test_the_metadata_path_takes_the_same_edits(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    assert ask.put(f"/library/metadata/{film}", params={"summary.value": "New"}).status_code == 200
    assert plex.item(film).text("summary") == "New"


def test_several_items_get_the_same_values_in_one_write(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    other = plex.add_item(movies, "Other")
    ask.edit(movies, f"{film},{other}", studio__value="Acme")
    assert [plex.item(key).text("studio") for key in (film, other)] == ["Acme", "Acme"]
    assert plex.counters["writes"] == 1


def test_a_lock_is_taken_off_with_0(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.edit_as_person(film, summary="Locked")
    assert plex.item(film).locked == {"summary"}
    ask.edit(movies, film, summary__locked=0)
    assert plex.item(film).locked == set()


def test_an_empty_value_clears(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.edit_as_person(film, summary="Old", originallyAvailableAt="2020-01-01")
    assert ask.edit(movies, film, summary__value="", originallyAvailableAt__value="").status_code == 200
    assert plex.item(film).texts == {"title": "Film"}
    assert "summary" not in ask.whole(film)


@pytest.mark.parametrize("title", ["", "  "])
def test_a_title_is_never_empty(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int, title: str) -> None:
    assert ask.edit(movies, film, title__value=title).status_code == 400
    assert plex.item(film).title == "Film"


@pytest.mark.parametrize("date", ["2024-13-40", "2023-02-29", "2024", "2024-01", "soon", "20240101", "2024-1-1"])
def test_a_bad_date_fails_the_whole_edit(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int, date: str
) -> None:
    before = plex.item(film)
    assert ask.edit(movies, film, title__value="New", originallyAvailableAt__value=date).status_code == 400
    assert plex.item(film) == before
    assert plex.counters["writes"] == 0


def test_an_edit_moves_updated_at_even_when_nothing_changes() -> None:
    now = [1000.0]
    with SimulatedPlex(clock=lambda: now[0]) as plex, PlexByHand(plex) as ask:
        movies = plex.add_section("Movies")
        film = plex.add_item(movies, "Film")
        now[0] = 1005.9
        assert ask.edit(movies, film, title__value="Film").status_code == 200
        assert (plex.item(film).added_at, plex.item(film).updated_at) == (1000, 1005)


def test_an_edit_of_an_unknown_item_is_not_found_and_changes_none(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    assert ask.edit(movies, f"{film},999", summary__value="x").status_code == 404
    assert ask.put("/library/metadata/999", params={"summary.value": "x"}).status_code == 404
    assert plex.item(film).text("summary") == ""


def test_an_item_of_another_section_is_not_found(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    other = plex.add_section("Other")
    assert ask.edit(other, film, summary__value="x").status_code == 404


def test_an_edit_without_id_is_refused_and_remembered(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    answer = ask.put(f"/library/sections/{movies}/all", params={"type": "1", "title.value": "All the same"})
    assert answer.status_code == 400
    assert len(plex.violations) == 1


def test_an_unknown_parameter_is_ignored_and_remembered(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    assert ask.edit(movies, film, titel__value="x").status_code == 200
    (violation,) = plex.violations
    assert "titel.value" in violation


# --- Tags ------------------------------------------------------------------------------------------------------------


def test_tags_are_added_to_those_that_are_there(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.edit_as_person(film, lock=False, genre=["Old"])
    ask.edit_with(movies, film, {"genre[0].tag.tag": "A", "genre[1].tag.tag": "B", "genre.locked": 1})
    assert plex.item(film).names("genre") == ["Old", "A", "B"]
    assert plex.item(film).locked == {"genre"}


@pytest.mark.parametrize("tag_list", ["genre", "actor", "director", "writer", "country", "collection", "label"])
def test_every_tag_list_can_be_added_to_and_taken_from(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int, tag_list: str
) -> None:
    ask.edit_with(movies, film, {f"{tag_list}[0].tag.tag": "One", f"{tag_list}[1].tag.tag": "Two"})
    ask.edit_with(movies, film, {f"{tag_list}[].tag.tag-": "One"})
    assert plex.item(film).names(tag_list) == ["Two"]


def test_removed_tags_are_named_in_one_list_each_encoded_by_itself(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.edit_as_person(film, genre=["A, B", "A", "C", "100%"])
    ask.edit_with(movies, film, {"genre[].tag.tag-": "A%2C%20B,100%25"})
    assert plex.item(film).names("genre") == ["A", "C"]


def test_a_name_with_a_bare_comma_is_torn_in_two(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.edit_as_person(film, genre=["A,B", "A"])
    ask.edit_with(movies, film, {"genre[].tag.tag-": "A,B"})
    assert plex.item(film).names("genre") == ["A,B"]


def test_removal_does_not_mind_the_case_or_what_is_not_there(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.edit_as_person(film, genre=["Action"])
    assert ask.edit_with(movies, film, {"genre[].tag.tag-": "ACTION,Never there"}).status_code == 200
    assert plex.item(film).names("genre") == []


def test_a_tag_is_spelled_as_the_server_knows_it(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.add_item(movies, "Other", genre=["Action"])
    ask.edit_with(movies, film, {"genre[0].tag.tag": "action", "genre[1].tag.tag": "ACTION"})
    assert plex.item(film).names("genre") == ["Action"]


def test_a_list_that_is_written_may_take_the_place_of_what_is_there(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.behaviour.tag_lists = "replace"
    plex.edit_as_person(film, lock=False, genre=["Old", "B"], actor=["Stays"])
    ask.edit_with(movies, film, {"genre[0].tag.tag": "A", "genre[1].tag.tag": "B"})
    assert plex.item(film).names("genre") == ["A", "B"]
    assert plex.item(film).names("actor") == ["Stays"]
    ask.edit_with(movies, film, {"genre[].tag.tag-": "A"})
    assert plex.item(film).names("genre") == ["B"]


def test_names_stand_by_their_index_the_earlier_first(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.edit_as_person(film, lock=False, actor=["Old"])
    ask.edit_with(movies, film, {"actor[0].tag.tag": "New"})
    assert plex.item(film).names("actor") == ["Old", "New"]
    ask.edit_with(movies, film, {"actor[0].tag.tag": "New", "actor[1].tag.tag": "Old"})
    assert plex.item(film).names("actor") == ["New", "Old"]


def test_names_may_stand_in_the_order_they_came(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    plex.behaviour.tag_order = "arrival"
    plex.edit_as_person(film, lock=False, actor=["Old"])
    ask.edit_with(movies, film, {"actor[0].tag.tag": "New", "actor[1].tag.tag": "Old"})
    assert plex.item(film).names("actor") == ["Old", "New"]


@pytest.mark.parametrize(
    ("folds", "shown"),
    [
        ("ascii", ["Action", "жанна", "Жанна", "Strasse", "Straße"]),
        ("unicode", ["Action", "жанна", "Strasse"]),
        ("none", ["Action", "action", "жанна", "Жанна", "Strasse", "Straße"]),
    ],
)
def test_which_names_are_one_differs(folds: Literal["ascii", "unicode", "none"], shown: list[str]) -> None:
    with SimulatedPlex(behaviour=Behaviour(folds=folds)) as plex, PlexByHand(plex) as ask:
        film = plex.add_item(movies := plex.add_section("Movies"), "Film")
        names = ["Action", "action", "жанна", "Жанна", "Strasse", "Straße"]
        ask.edit_with(movies, film, {f"genre[{n}].tag.tag": name for n, name in enumerate(names)})
        assert plex.item(film).names("genre") == shown


def test_a_name_to_be_removed_may_be_decoded_once_only(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.behaviour.removals_decoded = "once"
    plex.edit_as_person(film, genre=["A B", "100%"])
    ask.edit_with(movies, film, {"genre[].tag.tag-": "A%20B"})
    assert plex.item(film).names("genre") == ["A B", "100%"]
    ask.edit_with(movies, film, {"genre[].tag.tag-": "A B,100%"})
    assert plex.item(film).names("genre") == []


def test_a_name_both_added_and_removed_stays_unless_removals_come_last(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    both: dict[str, str | int] = {"genre[0].tag.tag": "Action", "genre[].tag.tag-": "action"}
    ask.edit_with(movies, film, both)
    assert plex.item(film).names("genre") == ["Action"]
    plex.behaviour.removals_last = True
    ask.edit_with(movies, film, both)
    assert plex.item(film).names("genre") == []


def test_a_new_label_comes_back_in_title_case(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    ask.edit_with(movies, film, {"label[0].tag.tag": "my own label", "genre[0].tag.tag": "my own genre"})
    assert plex.item(film).names("label") == ["My Own Label"]
    assert plex.item(film).names("genre") == ["my own genre"]


def test_an_actor_has_a_picture_and_a_role(plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int) -> None:
    thumb = "http://pictures/jane.jpg"
    role: dict[str, str | int] = {"actor[0].tag.tag": "Jane", "actor[0].tag.thumb": thumb, "actor[0].tagging.text": "X"}
    ask.edit_with(movies, film, role)
    (shown,) = ask.whole(film)["Role"]
    assert (shown["tag"], shown["thumb"], shown["role"]) == ("Jane", thumb, "X")


def test_adding_an_actor_again_changes_the_picture_everywhere(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    other = plex.add_item(movies, "Other", actor=["Jane"])
    for thumb in ("http://pictures/old.jpg", "http://pictures/new.jpg"):
        ask.edit_with(movies, film, {"actor[0].tag.tag": "Jane", "actor[0].tag.thumb": thumb})
    for key in (film, other):
        assert [(tag.name, tag.thumb) for tag in plex.item(key).tags["actor"]] == [("Jane", "http://pictures/new.jpg")]


def test_a_picture_address_with_an_api_key_is_remembered(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    ask.edit_with(movies, film, {"actor[0].tag.tag": "Jane", "actor[0].tag.thumb": "http://stash/1?apikey=abc"})
    (violation,) = plex.violations
    assert "abc" not in violation


# --- Rating ----------------------------------------------------------------------------------------------------------


def test_a_rating_is_set_and_cleared(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    assert ask.rate(film, "7.5").status_code == 200
    assert ask.whole(film)["userRating"] == 7.5
    assert ask.rate(film, "-1").status_code == 200
    assert plex.item(film).user_rating is None


@pytest.mark.parametrize("rating", ["11", "-2", "good", "nan", ""])
def test_a_rating_that_is_none_is_a_bad_request(plex: SimulatedPlex, ask: PlexByHand, film: int, rating: str) -> None:
    assert ask.rate(film, rating).status_code == 400


def test_a_rating_needs_an_item_and_an_identifier(ask: PlexByHand, film: int) -> None:
    assert ask.rate(999, "1").status_code == 404
    assert ask.put("/:/rate", params={"key": str(film), "rating": "1"}).status_code == 404


# --- Pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "shown_as"), [("posters", "thumb"), ("arts", "art")])
def test_an_uploaded_picture_is_shown_served_and_locked(
    plex: SimulatedPlex, ask: PlexByHand, film: int, kind: str, shown_as: str
) -> None:
    assert ask.post(f"/library/metadata/{film}/{kind}", data=JPEG).status_code == 200
    shown = ask.whole(film)
    assert ask.get(shown[shown_as]).content == JPEG
    assert shown["Field"] == [{"locked": True, "name": shown_as}]
    assert shown["Image"][0]["url"] == shown[shown_as]
    assert plex.counters["uploads"] == 1


def test_pictures_are_listed_by_the_sha1_of_their_bytes(ask: PlexByHand, film: int) -> None:
    for data in (JPEG, PNG):
        ask.post(f"/library/metadata/{film}/posters", data=data)
    first, second = ask.container(f"/library/metadata/{film}/posters")["Metadata"]
    assert first["ratingKey"] == f"upload://posters/{sha1(JPEG).hexdigest()}"
    assert (first["selected"], second["selected"]) == (False, True)
    answer = ask.get(first["key"])
    assert (answer.content, answer.headers["Content-Type"]) == (JPEG, "image/jpeg")
    assert "Metadata" not in ask.container(f"/library/metadata/{film}/arts")


def test_every_upload_stays_the_same_bytes_too(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    paths = set()
    for data in (JPEG, PNG, JPEG):
        ask.post(f"/library/metadata/{film}/posters", data=data)
        paths.add(ask.whole(film)["thumb"])
    assert plex.pictures(film, "posters") == [JPEG, PNG, JPEG]
    assert len(paths) == 3


def test_a_server_may_keep_the_same_bytes_once(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    plex.behaviour.dedupe_pictures = True
    for data in (JPEG, PNG, JPEG):
        ask.post(f"/library/metadata/{film}/posters", data=data)
    assert plex.pictures(film, "posters") == [JPEG, PNG]
    assert plex.selected_picture(film, "posters") == JPEG


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"RIFF1234WAVE"])
def test_what_is_no_picture_is_refused(plex: SimulatedPlex, ask: PlexByHand, film: int, data: bytes) -> None:
    assert ask.post(f"/library/metadata/{film}/posters", data=data).status_code == 400
    assert plex.pictures(film, "posters") == []
    assert plex.counters["uploads"] == 0


@pytest.mark.parametrize("data", [PNG, b"GIF89a...", b"RIFF1234WEBP..."])
def test_other_kinds_of_pictures_are_taken(plex: SimulatedPlex, ask: PlexByHand, film: int, data: bytes) -> None:
    assert ask.post(f"/library/metadata/{film}/arts", data=data).status_code == 200
    assert plex.pictures(film, "arts") == [data]


def test_a_picture_can_be_fetched_from_an_address(plex: SimulatedPlex, ask: PlexByHand, film: int) -> None:
    with SimulatedPlex() as pictures:
        pictures.faults.add(PlannedFault("status", status=200, body=JPEG))
        assert ask.post(f"/library/metadata/{film}/posters", params={"url": pictures.url}).status_code == 200
    assert plex.pictures(film, "posters") == [JPEG]
    assert ask.post(f"/library/metadata/{film}/posters", params={"url": pictures.url}).status_code == 400


def test_a_picture_for_an_unknown_item_is_not_found(ask: PlexByHand) -> None:
    assert ask.post("/library/metadata/999/posters", data=JPEG).status_code == 404


# --- One writer ------------------------------------------------------------------------------------------------------


def test_writes_wait_for_each_other_and_reads_do_not(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.behaviour.write_delay = 0.1
    with ThreadPoolExecutor(3) as pool:
        started = time.monotonic()
        writes = [pool.submit(_edit_alone, plex, movies, film) for _ in range(3)]
        _until(lambda: plex.peak_waiting == 2)
        assert ask.whole(film)["title"] == "Film"
        read_after = time.monotonic() - started
        assert [write.result() for write in writes] == [200, 200, 200]
    assert read_after < 0.3 <= time.monotonic() - started
    assert plex.counters["writes"] == 3


def test_too_many_waiting_writes_find_the_database_busy(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.behaviour.write_delay = 0.3
    plex.behaviour.busy_limit = 1
    with ThreadPoolExecutor(2) as pool:
        writes = [pool.submit(_edit_alone, plex, movies, film) for _ in range(2)]
        _until(lambda: plex.peak_waiting == 1)
        answer = ask.edit(movies, film, title__value="Too much")
        assert answer.status_code == 500
        assert "database is busy" in answer.text
        assert [write.result() for write in writes] == [200, 200]
    assert plex.item(film).title == "Film"


def test_a_write_is_lost_when_plex_stops_before_it_is_done(plex: SimulatedPlex, movies: int, film: int) -> None:
    plex.behaviour.write_delay = 30
    stopper = threading.Timer(0.1, plex.stop)
    stopper.start()
    with pytest.raises(requests.ConnectionError):
        _edit_alone(plex, movies, film)
    stopper.join()
    assert plex.item(film).text("summary") == ""


def test_a_write_whose_answer_is_lost_has_happened(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, film: int
) -> None:
    plex.faults.add(PlannedFault("after", match=lambda request: request.method == "PUT"))
    with pytest.raises(requests.ConnectionError):
        ask.edit(movies, film, summary__value="Written")
    assert plex.item(film).text("summary") == "Written"


def _edit_alone(plex: SimulatedPlex, movies: int, film: int) -> int:
    with PlexByHand(plex) as ask:
        return ask.edit(movies, film, summary__value="Slowly").status_code


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
