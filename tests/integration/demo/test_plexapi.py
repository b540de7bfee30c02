"""python-plexapi, the client that most tools for Plex are built on, finds its way in the simulated Plex.

And what it sends for an edit beside what we send for the same one: its edits are tested against real servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound
from plexapi.server import PlexServer

from plexsync.demo.pictures import png
from plexsync.demo.plex import SimulatedPlex
from plexsync.model import Edit, Field, Part, Picture, Tag
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.probing import ProbingClient


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as running:
        yield running


@pytest.fixture
def movies(plex: SimulatedPlex) -> int:
    return plex.add_section("Movies", locations=["/media"])


@pytest.fixture
def key(plex: SimulatedPlex, movies: int) -> int:
    genres, actors = ["Action", "Drama, Noir", "Western"], ["Ann", "Bob"]
    part = Part("/media/a film.mkv", 1_000, 60_000)
    return plex.add_item(movies, "A film", [part], year=1999, genre=genres, actor=actors, studio="One")


@pytest.fixture
def theirs(plex: SimulatedPlex, key: int) -> Iterator[PlexServer]:
    with requests.Session() as session:
        yield PlexServer(plex.url, plex.token, session=session)


@pytest.fixture
def ours(plex: SimulatedPlex) -> Iterator[PlexClient]:
    with PlexClient(PlexEndpoint(plex.url, plex.token, "test")) as client:
        yield client


# --- It finds its way ------------------------------------------------------------------------------------------------


def test_it_connects_and_lists(plex: SimulatedPlex, theirs: PlexServer, movies: int, key: int) -> None:
    assert theirs.friendlyName == "Simulated Plex"
    assert theirs.machineIdentifier == theirs.identity().machineIdentifier == plex.machine_identifier
    (section,) = theirs.library.sections()
    assert (section.key, section.type, section.title, section.locations) == (movies, "movie", "Movies", ["/media"])
    assert (section.agent, section.scanner) == ("tv.plex.agents.none", "Plex Video Files")
    assert section.totalSize == 1
    (movie,) = section.all()
    assert (movie.ratingKey, movie.title, movie.year, movie.guid) == (
        key,
        "A film",
        1999,
        f"tv.plex.agents.none://{key}",
    )
    assert [part.file for part in movie.iterParts()] == ["/media/a film.mkv"]
    assert movie.isPartialObject()
    movie.reload()
    assert [genre.tag for genre in movie.genres] == ["Action", "Drama, Noir", "Western"]
    assert plex.violations == []


def test_it_pages_through_a_section(plex: SimulatedPlex, theirs: PlexServer, movies: int) -> None:
    for number in range(24):
        plex.add_item(movies, f"B {number:02}")
    section = theirs.library.section("Movies")
    found = section.search(sort="titleSort:desc", container_size=10)
    assert [movie.title for movie in found] == ["B 23", *(f"B {number:02}" for number in range(22, -1, -1)), "A film"]
    assert [movie.title for movie in section.recentlyAdded(maxresults=3)] == ["B 23", "B 22", "B 21"]


def test_it_searches(plex: SimulatedPlex, theirs: PlexServer, movies: int, key: int) -> None:
    other = plex.add_item(movies, "Another", genre=["Noir"], collection=["Favourites"], studio="Two")
    section = theirs.library.section("Movies")
    assert section.get("A film").ratingKey == key
    assert [movie.ratingKey for movie in section.search(genre="Noir")] == [other]
    assert [movie.ratingKey for movie in section.search(genre=["Noir", "Western"])] == [key, other]
    assert [movie.ratingKey for movie in section.search(studio="two")] == [other]
    assert [movie.ratingKey for movie in theirs.search("another")] == [other]
    assert [choice.title for choice in section.listFilterChoices("genre")] == [
        *("Action", "Drama, Noir", "Noir", "Western")
    ]
    collection = section.collection("Favourites")
    assert [movie.ratingKey for movie in collection.items()] == [other]
    with pytest.raises(NotFound):
        section.get("No such film")


def test_it_reads_several_items_at_once_and_scans(
    plex: SimulatedPlex, theirs: PlexServer, movies: int, key: int
) -> None:
    other = plex.add_item(movies, "Another")
    assert [movie.title for movie in theirs.fetchItems([key, other])] == ["A film", "Another"]
    plex.add_unscanned(movies, "New", ["/media/new & old/c d.mkv"])
    section = theirs.library.section("Movies")
    section.update(path="/media/new & old")
    assert section.get("New")


def test_it_edits(plex: SimulatedPlex, theirs: PlexServer, movies: int, key: int, tmp_path: Path) -> None:
    movie = theirs.fetchItem(key)
    movie.editTitle("Another film").editSummary("A: b, c & d").editOriginallyAvailable("2001-02-03")
    movie.addGenre(["Comedy"]).addCollection("Favourites").addLabel("new label")
    movie.removeGenre("Drama, Noir")
    movie.rate(8.5)
    movie.editStudio("Two", locked=False)
    picture = png(1, 2, 3)
    path = tmp_path / "poster.png"
    path.write_bytes(picture)
    movie.uploadPoster(filepath=str(path)).lockPoster()
    movie.reload()
    assert (movie.title, movie.summary, movie.year) == ("Another film", "A: b, c & d", 2001)
    assert [genre.tag for genre in movie.genres] == ["Action", "Western", "Comedy"]
    assert [one.tag for one in movie.collections] == ["Favourites"]
    assert [one.tag for one in movie.labels] == ["New Label"]
    assert movie.userRating == 8.5
    assert {field.name for field in movie.fields} == {
        *("title", "summary", "originallyAvailableAt", "genre", "collection", "label", "thumb")
    }
    assert plex.selected_picture(key, "posters") == picture
    (poster,) = movie.posters()
    assert poster.selected
    poster.select()
    movie.unlockPoster().rate(None)
    movie.reload()
    assert not movie.isLocked("thumb")
    assert movie.userRating is None
    assert plex.violations == []


def test_a_guests_token_reads_and_may_not_edit(plex: SimulatedPlex, key: int) -> None:
    with requests.Session() as session:
        server = PlexServer(plex.url, plex.share(), session=session)
        movie = server.library.section("Movies").get("A film")
        with pytest.raises(BadRequest, match="403"):
            movie.editTitle("Mine")
    assert plex.item(key).title == "A film"


# --- The same edit, theirs and ours ----------------------------------------------------------------------------------


def last_write(plex: SimulatedPlex) -> tuple[str, str, dict[str, str]]:
    """Method, path and parameters of the last request that was no read; values as they stood in the query."""
    sent = [request for request in plex.log if request.method != "GET"][-1]
    pairs = (pair.partition("=") for pair in sent.query.split("&") if pair)
    # A square bracket in a name may be encoded or not, and means the same.
    return sent.method, sent.path, {unquote(name): value for name, _, value in pairs}


LIST = tuple(Tag(name) for name in ("Action", "Drama, Noir", "Western", "Comedy"))
SAME_EDITS: dict[str, tuple[Any, Edit]] = {
    "a title": (lambda movie: movie.editTitle("It's: 100%, & more?"), Edit(texts={Field.TITLE: "It's: 100%, & more?"})),
    "an empty summary": (lambda movie: movie.editSummary(""), Edit(texts={Field.SUMMARY: ""})),
    "a date": (lambda movie: movie.editOriginallyAvailable("2001-02-03"), Edit(texts={Field.DATE: "2001-02-03"})),
    "a studio and a content rating": (
        lambda movie: movie.batchEdits().editStudio("Zoë & Co.").editContentRating("XXX").saveEdits(),
        Edit(texts={Field.STUDIO: "Zoë & Co.", Field.CONTENT_RATING: "XXX"}),
    ),
    "one more genre": (lambda movie: movie.addGenre("Comedy"), Edit(add={Field.TAGS: LIST})),
    "the first collections": (
        lambda movie: movie.addCollection(["One, two", "a+b; c/d"]),
        Edit(add={Field.GROUPS: (Tag("One, two"), Tag("a+b; c/d"))}),
    ),
    "a genre with a comma removed": (
        lambda movie: movie.removeGenre("Drama, Noir"),
        Edit(remove={Field.TAGS: ("Drama, Noir",)}),
    ),
    "two genres removed": (
        lambda movie: movie.removeGenre(["Drama, Noir", "Action"]),
        Edit(remove={Field.TAGS: ("Drama, Noir", "Action")}),
    ),
    "odd genres removed": (
        lambda movie: movie.removeGenre(["100%, & more+; it's", "Zoë: “x”", "a_b~c!*()"]),
        Edit(remove={Field.TAGS: ("100%, & more+; it's", "Zoë: “x”", "a_b~c!*()")}),
    ),
    "a cast": (
        lambda movie: movie.editTags("actor", ["Zed", "Ann, B.", "Zoë & Co. + 100%"]),
        Edit(add={Field.PERFORMERS: (Tag("Ann"), Tag("Bob"), Tag("Zed"), Tag("Ann, B."), Tag("Zoë & Co. + 100%"))}),
    ),
    "somebody of the cast removed": (
        lambda movie: movie.editTags("actor", ["Ann"], remove=True),
        Edit(remove={Field.PERFORMERS: ("Ann",)}),
    ),
    "a director": (lambda movie: movie.addDirector("Ann, B."), Edit(add={Field.DIRECTOR: (Tag("Ann, B."),)})),
    "a poster's lock": (lambda movie: movie.lockPoster(), Edit(lock=frozenset({Field.POSTER}))),
    "the locks of both pictures": (
        lambda movie: movie.batchEdits().lockPoster().lockArt().saveEdits(),
        Edit(lock=frozenset({Field.POSTER, Field.BACKGROUND})),
    ),
    "a lock alone": (lambda movie: movie.edit(**{"title.locked": 1}), Edit(lock=frozenset({Field.TITLE}))),
}


@pytest.mark.parametrize("what", SAME_EDITS)
def test_the_same_edit_is_the_same_request(
    plex: SimulatedPlex, theirs: PlexServer, ours: PlexClient, movies: int, key: int, what: str
) -> None:
    they_edit, edit = SAME_EDITS[what]
    they_edit(theirs.fetchItem(key))
    expected = last_write(plex)
    plex.forget()
    ours.edit(movies, [key], edit, lock=True)
    assert last_write(plex) == expected
    assert plex.violations == []


@pytest.mark.parametrize("rating", [0, 7, 8.5, 10, None])
def test_the_same_rating_is_the_same_request(
    plex: SimulatedPlex, theirs: PlexServer, ours: PlexClient, key: int, rating: float | None
) -> None:
    theirs.fetchItem(key).rate(rating)
    expected = last_write(plex)
    plex.forget()
    ours.rate(key, rating)
    assert last_write(plex) == expected


def test_the_same_poster_is_the_same_request(
    plex: SimulatedPlex, theirs: PlexServer, ours: PlexClient, key: int, tmp_path: Path
) -> None:
    data = png(9, 8, 7)
    path = tmp_path / "poster.png"
    path.write_bytes(data)
    movie = theirs.fetchItem(key)
    for field, upload in ((Field.POSTER, movie.uploadPoster), (Field.BACKGROUND, movie.uploadArt)):
        upload(filepath=str(path))
        expected = (*last_write(plex), plex.log[-1].body_bytes)
        ours.upload(key, field, Picture(data, "image/png", "0" * 40))
        assert (*last_write(plex), plex.log[-1].body_bytes) == expected


def test_the_same_picture_is_listed_and_chosen_by_the_same_requests(
    plex: SimulatedPlex, theirs: PlexServer, movies: int, key: int
) -> None:
    for kind, field in (("posters", Field.POSTER), ("arts", Field.BACKGROUND)):
        plex.upload_as_person(key, kind, png(1, 2, 3))  # type: ignore[arg-type]  # both are its values
        plex.upload_as_person(key, kind, png(4, 5, 6))  # type: ignore[arg-type]  # both are its values
        movie = theirs.fetchItem(key)
        plex.forget()
        listed = movie.posters() if kind == "posters" else movie.arts()
        listed[0].select()
        expected = last_write(plex)
        (listing,) = [one.path for one in plex.log if one.method == "GET"]
        with ProbingClient(PlexEndpoint(plex.url, plex.token, "test")) as ours:
            plex.forget()
            pictures = ours.pictures(key, field)
            assert [one.rating_key for one in pictures] == [one.ratingKey for one in listed]
            ours.choose(key, field, pictures[0].rating_key)
        assert [one.path for one in plex.log if one.method == "GET"] == [listing]
        assert last_write(plex) == expected
        assert plex.selected_picture(key, kind) == png(1, 2, 3)  # type: ignore[arg-type]  # both are its values


def test_the_same_folder_is_scanned_by_the_same_path(
    plex: SimulatedPlex, theirs: PlexServer, ours: PlexClient, movies: int
) -> None:
    section = theirs.library.section("Movies")
    section.update(path="/media/Ünï & co, 100%/#1")
    expected = plex.log[-1]
    ours.scan(movies, "/media/Ünï & co, 100%/#1")
    sent = plex.log[-1]
    assert (sent.path, parse_qsl(sent.query)) == (expected.path, parse_qsl(expected.query))


def test_both_read_the_same_item(theirs: PlexServer, ours: PlexClient, key: int) -> None:
    movie, item = theirs.fetchItem(key), ours.items([key])[key]
    assert (movie.title, movie.studio, movie.librarySectionID) == (
        *(item.texts[Field.TITLE], item.texts[Field.STUDIO]),
        item.section_id,
    )
    assert [one.tag for one in movie.genres] == [tag.name for tag in item.tags[Field.TAGS]]
    assert [one.tag for one in movie.roles] == [tag.name for tag in item.tags[Field.PERFORMERS]]
    assert item.user_rating is movie.userRating is None
