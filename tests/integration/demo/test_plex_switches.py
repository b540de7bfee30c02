"""The switches of the simulated Plex: what real servers are known, or believed, to do in more than one way."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from plexsync.demo.pictures import png
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.plex.behaviour import Behaviour
from tests.support.plex_by_hand import PlexByHand

GENRES = ["Action", "Drama", "Noir", "Western"]


@pytest.fixture
def movies(plex: SimulatedPlex) -> int:
    return plex.add_section("Movies", locations=["/media"])


@pytest.mark.parametrize("whole", [True, False])
def test_items_that_are_read_together_are_whole_or_cut_short(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, whole: bool
) -> None:
    plex.behaviour.group_reads_whole = whole
    keys = [plex.add_item(movies, title, genre=GENRES) for title in ("A", "B")]
    plex.edit_as_person(keys[0], title="C")
    together = ask.container(f"/library/metadata/{keys[0]},{keys[1]}")["Metadata"]
    assert [len(shown["Genre"]) for shown in together] == [4 if whole else 2] * 2
    assert ("Field" in together[0]) is whole
    assert len(ask.whole(keys[0])["Genre"]) == 4
    assert "Field" in ask.whole(keys[0])


def test_a_picture_above_the_limit_fails_with_500(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A")
    picture = png(1, 2, 3)
    plex.behaviour.upload_max = len(picture)
    assert ask.post(f"/library/metadata/{key}/posters", data=picture).status_code == 200
    assert ask.post(f"/library/metadata/{key}/posters", data=picture + b"\0").status_code == 500
    assert plex.pictures(key, "posters") == [picture]


def test_a_server_that_starts_says_503_then_400_and_then_answers(plex: SimulatedPlex, ask: PlexByHand) -> None:
    plex.behaviour.starting = "503"
    assert [ask.get(path).status_code for path in ("/identity", "/library/sections")] == [503, 503]
    plex.behaviour.starting = "400"
    assert ask.get("/identity").status_code == 200
    answer = ask.get("/library/sections")
    assert answer.status_code == 400
    assert "still starting up" in answer.text
    plex.behaviour.starting = "no"
    assert ask.get("/library/sections").status_code == 200


def test_an_expired_token_is_told_from_a_wrong_one(plex: SimulatedPlex, ask: PlexByHand) -> None:
    token = plex.expire_token()
    assert ask.get("/library/sections").status_code == 498
    plex.set_token(token)
    assert ask.get("/library/sections").status_code == 200


@pytest.mark.parametrize("status", [401, 403])
def test_a_guest_reads_and_does_not_write(plex: SimulatedPlex, ask: PlexByHand, movies: int, status: int) -> None:
    plex.behaviour.not_owner = status  # type: ignore[assignment]  # both are its values
    key = plex.add_item(movies, "A")
    assert ask.get("/butler").status_code == ask.get("/accounts").status_code == 200
    ask.headers["X-Plex-Token"] = plex.share()
    assert ask.get("/library/sections").status_code == 200
    assert ask.rate(key, "5").status_code == 200
    assert ask.get("/butler").status_code == ask.get("/accounts").status_code == status
    assert ask.edit(movies, key, title__value="B").status_code == status
    assert ask.get(f"/library/sections/{movies}/refresh").status_code == status
    assert plex.item(key).title == "A"


def test_the_total_may_be_absent_where_one_page_shows_all(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    for title in "ABC":
        plex.add_item(movies, title)
    plex.behaviour.total_size = "absent"
    assert "totalSize" not in ask.listing(movies, start=0, size=3)
    assert ask.listing(movies, start=0, size=2)["totalSize"] == 3
    assert ask.listing(movies, start=1, size=3)["totalSize"] == 3


def test_a_listing_may_have_to_say_which_page_it_wants(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    assert ask.get(f"/library/sections/{movies}/all").status_code == 200
    plex.behaviour.paging_required = True
    assert ask.get(f"/library/sections/{movies}/all").status_code == 400
    assert ask.listing(movies, start=0, size=10)["size"] == 0


def test_reading_an_item_may_start_an_analysis(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A")
    ask.container(f"/library/metadata/{key}", skipRefresh=1)
    assert plex.counters["analyses"] == 0
    ask.whole(key)
    assert plex.counters["analyses"] == 1


@pytest.mark.parametrize("refusal", [400, 404, 405])
def test_a_server_may_scan_by_one_method_only(plex: SimulatedPlex, ask: PlexByHand, movies: int, refusal: int) -> None:
    plex.behaviour.scans_by = ("GET",)
    plex.behaviour.scan_refusal = refusal
    path = f"/library/sections/{movies}/refresh"
    assert ask.post(path, params={"path": "/media"}).status_code == refusal
    plex.add_unscanned(movies, "A", ["/media/a.mkv"])
    assert ask.get(path, params={"path": "/media"}).status_code == 200
    assert [item.title for item in plex.items(movies)] == ["A"]


@pytest.mark.parametrize(("step", "shown"), [(None, 6.9), (1.0, 7.0), (0.5, 7.0)])
def test_ratings_are_kept_or_rounded(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, step: float | None, shown: float
) -> None:
    plex.behaviour.rating_step = step
    key = plex.add_item(movies, "A")
    ask.rate(key, "6.9")
    assert plex.item(key).user_rating == shown


@pytest.mark.parametrize(
    ("year", "after_date", "after_year"), [("follows", 1999, 2001), ("takes", 1980, 2001), ("stays", 1980, 1980)]
)
def test_the_year_follows_the_date_or_is_taken_or_stays(
    plex: SimulatedPlex, ask: PlexByHand, movies: int, year: str, after_date: int, after_year: int
) -> None:
    plex.behaviour.year = year  # type: ignore[assignment]  # one of its values
    key = plex.add_item(movies, "A", year=1980)
    ask.edit(movies, key, originallyAvailableAt__value="1999-12-31")
    assert plex.item(key).year == after_date
    ask.edit(movies, key, year__value=2001)
    assert plex.item(key).year == after_year
    assert plex.violations == []


@pytest.mark.parametrize(
    ("agent", "guid"),
    [("tv.plex.agents.none", "tv.plex.agents.none://{}"), ("com.plexapp.agents.none", "local://{}")],
)
def test_personal_media_has_a_guid_that_says_no_more_than_its_key(
    plex: SimulatedPlex, ask: PlexByHand, agent: str, guid: str
) -> None:
    key = plex.add_item(plex.add_section("Own", agent=agent), "A")
    assert ask.whole(key)["guid"] == guid.format(key)
    known = plex.add_item(1, "B", guid="com.plexapp.agents.stashplexagent://45?lang=en")
    assert ask.whole(known)["guid"] == "com.plexapp.agents.stashplexagent://45?lang=en"


def test_collections_are_listed_and_so_are_their_items(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A", collection=["Favourites"])
    plex.add_item(movies, "B")
    (collection,) = ask.container(f"/library/sections/{movies}/collections")["Metadata"]
    assert (collection["title"], collection["childCount"]) == ("Favourites", 1)
    (member,) = ask.container(collection["key"])["Metadata"]
    assert member["ratingKey"] == str(key)


def test_a_choice_among_an_items_pictures(plex: SimulatedPlex, ask: PlexByHand, movies: int) -> None:
    key = plex.add_item(movies, "A")
    first, second = png(1, 1, 1), png(2, 2, 2)
    for picture in (first, second):
        ask.post(f"/library/metadata/{key}/posters", data=picture)
    shown = ask.container(f"/library/metadata/{key}/posters")["Metadata"]
    ask.put(f"/library/metadata/{key}/poster", params={"url": shown[0]["ratingKey"]})
    assert plex.selected_picture(key, "posters") == first
    listed = ask.get(f"/library/metadata/{key}/posters", headers={"Accept": "*/*"})
    assert [photo.get("selected") for photo in ET.fromstring(listed.content).iter("Photo")] == ["1", "0"]


@pytest.mark.both_readings
def test_a_test_may_be_run_under_both_readings_of_tag_lists(tag_lists: str) -> None:
    assert SimulatedPlex().behaviour.tag_lists == tag_lists
    assert Behaviour(tag_lists="add").tag_lists == "add"
