"""What people and agents do in the simulated Plex behind a client's back, and what shows of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.metadata import after, drift, preserve
from plexsync.model import Applied, Desired, Edit, Field, Item, Picture, Tag
from plexsync.plex import PlexClient, PlexEndpoint
from tests.support.plex_by_hand import PlexByHand

JPEG = b"\xff\xd8\xff\xe0 a picture"
PNG = b"\x89PNG\r\n\x1a\n another picture"
SHA1 = "0" * 40


class Library:
    """A Plex with one film, and a clock that stands still until it is moved."""

    def __init__(self, plex: SimulatedPlex, client: PlexClient, now: list[float]) -> None:
        self.plex, self.client, self._now = plex, client, now
        self.section = plex.add_section("Movies")
        self.film = plex.add_item(self.section, "Agent's", genre=["Agent's"])

    def later(self) -> None:
        self._now[0] += 10

    def item(self) -> Item:
        return self.client.items([self.film])[self.film]

    def edit(self, edit: Edit, *, lock: bool = True) -> None:
        self.client.edit(self.section, [self.film], edit, lock=lock)


@pytest.fixture
def library() -> Iterator[Library]:
    now = [1000.0]
    with (
        SimulatedPlex(clock=lambda: now[0]) as plex,
        PlexClient(PlexEndpoint(plex.url, plex.token, "test")) as client,
    ):
        yield Library(plex, client, now)
        assert not plex.violations


def test_a_persons_edit_locks_what_it_changes(library: Library) -> None:
    library.plex.edit_as_person(library.film, title="Theirs", genre=["Theirs"])
    item = library.item()
    assert (item.texts[Field.TITLE], item.tags[Field.TAGS]) == ("Theirs", (Tag("Theirs"),))
    assert item.locked == {Field.TITLE, Field.TAGS}


def test_a_refresh_writes_over_what_is_not_locked(library: Library) -> None:
    library.edit(Edit(texts={Field.TITLE: "Ours", Field.SUMMARY: "Ours"}, add={Field.TAGS: (Tag("Ours"),)}))
    library.plex.unlock_as_person(library.film, "summary", "genre")
    library.plex.refresh(library.film)
    item = library.item()
    assert (item.texts[Field.TITLE], item.texts[Field.SUMMARY]) == ("Ours", "")
    assert item.tags[Field.TAGS] == (Tag("Agent's"),)
    assert item.locked == {Field.TITLE}


def test_only_what_is_locked_can_be_unlocked(library: Library) -> None:
    library.plex.edit_as_person(library.film, title="Theirs")
    with pytest.raises(ValueError, match="only title is locked"):
        library.plex.unlock_as_person(library.film, "title", "summary")
    assert library.item().locked == {Field.TITLE}
    library.plex.unlock_as_person(library.film, "title")
    with pytest.raises(ValueError, match="only nothing is locked"):
        library.plex.unlock_as_person(library.film, "titel")


def test_a_field_is_locked_without_a_value(library: Library) -> None:
    library.edit(Edit(lock=frozenset({Field.TITLE, Field.TAGS})), lock=False)
    item = library.item()
    assert item.locked == {Field.TITLE, Field.TAGS}
    assert (item.texts[Field.TITLE], item.tags[Field.TAGS]) == ("Agent's", (Tag("Agent's"),))
    assert library.plex.counters["writes"] == 1


def test_a_person_chooses_another_of_the_pictures(library: Library) -> None:
    for data in (JPEG, PNG):
        library.plex.upload_as_person(library.film, "posters", data)
    library.plex.unlock_as_person(library.film, "thumb")
    before = library.item().thumb
    library.plex.choose_as_person(library.film, "posters", JPEG)
    assert library.plex.selected_picture(library.film, "posters") == JPEG
    assert library.plex.pictures(library.film, "posters") == [JPEG, PNG]
    item = library.item()
    assert item.thumb not in (None, before)
    assert item.locked == {Field.POSTER}
    with pytest.raises(ValueError, match="no such picture among its arts"):
        library.plex.choose_as_person(library.film, "arts", JPEG)


def test_a_person_deletes_the_picture_that_is_shown(library: Library) -> None:
    for data in (JPEG, PNG):
        library.plex.upload_as_person(library.film, "arts", data)
    library.plex.delete_picture_as_person(library.film, "arts")
    assert library.plex.pictures(library.film, "arts") == [JPEG]
    item = library.item()
    assert (item.art, item.locked) == (None, {Field.BACKGROUND})
    with pytest.raises(ValueError, match="shows none of its arts"):
        library.plex.delete_picture_as_person(library.film, "arts")


@pytest.mark.parametrize(
    "happens",
    [
        lambda library: library.plex.edit_as_person(library.film, title="Theirs"),
        lambda library: library.plex.edit_as_person(library.film, lock=False, genre=[]),
        lambda library: library.plex.unlock_as_person(library.film, "thumb"),
        lambda library: library.plex.refresh(library.film),
        lambda library: library.plex.upload_as_person(library.film, "posters", PNG),
        lambda library: library.plex.choose_as_person(library.film, "posters", JPEG),
        lambda library: library.plex.delete_picture_as_person(library.film, "posters"),
        lambda library: library.edit(Edit(texts={Field.TITLE: "Ours"})),
        lambda library: library.edit(Edit(lock=frozenset({Field.TITLE}))),
        lambda library: library.client.upload(library.film, Field.POSTER, Picture(PNG, "image/png", SHA1)),
    ],
)
def test_whatever_changes_an_item_moves_its_updated_at(library: Library, happens: Callable[[Library], None]) -> None:
    library.plex.upload_as_person(library.film, "posters", JPEG)
    library.later()
    happens(library)
    assert library.item().updated_at == 1010
    (listed,) = library.client.listing(library.section, 0, 10, updated_since=1009).items
    assert (listed.rating_key, listed.updated_at) == (library.film, 1010)


def test_a_rating_does_not_move_updated_at(library: Library) -> None:
    library.later()
    library.plex.rate_as_person(library.film, 7.0)
    assert (library.item().user_rating, library.item().updated_at) == (7.0, 1000)
    library.client.rate(library.film, 8.0)
    assert (library.item().user_rating, library.item().updated_at) == (8.0, 1000)


def test_the_path_of_a_picture_moves_with_any_edit(library: Library) -> None:
    library.plex.upload_as_person(library.film, "posters", JPEG)
    before = library.item().thumb
    library.later()
    library.plex.edit_as_person(library.film, summary="Theirs")
    with PlexByHand(library.plex) as ask:
        after = library.item().thumb
        assert after not in (None, before)
        assert ask.get(str(after)).content == JPEG


# --- Told apart ------------------------------------------------------------------------------------------------------


def test_a_persons_edit_is_told_from_an_agents_refresh(library: Library) -> None:
    texts = {Field.TITLE: "Ours", Field.SUMMARY: "Ours", Field.STUDIO: "Ours", Field.DATE: "2023-05-17"}
    tags = {Field.TAGS: (Tag("Ours"), Tag("Too")), Field.DIRECTOR: (Tag("Dana"),)}
    wanted = Desired(texts, tags, 8.0, {Field.POSTER: "http://stash/p"}, frozenset(Field))
    library.edit(Edit(texts=texts, add=tags))
    library.client.rate(library.film, 8.0)
    library.client.upload(library.film, Field.POSTER, Picture(JPEG, "image/jpeg", sha1(JPEG)))
    applied, paths = after(Applied(), Edit(), wanted), {Field.POSTER: library.item().thumb}
    assert drift(wanted, applied, library.item(), lock=True, sent={Field.POSTER}) == ()
    assert preserve(wanted, applied, library.item(), paths) == (wanted, ())

    library.later()
    library.plex.unlock_as_person(library.film, "summary", "genre", "originallyAvailableAt")
    library.plex.refresh(library.film)
    library.plex.edit_as_person(library.film, title="Theirs", director=["Dana", "Theirs"])
    library.plex.edit_as_person(library.film, lock=False, originallyAvailableAt="2023-05-17")
    library.plex.rate_as_person(library.film, 3.0)
    library.plex.upload_as_person(library.film, "posters", PNG)
    item = library.item()
    assert {one.field: str(one.kind) for one in drift(wanted, applied, item, lock=True, sent={Field.POSTER})} == {
        Field.TITLE: "changed",
        Field.SUMMARY: "changed",
        Field.DATE: "unlocked",
        Field.TAGS: "changed",
        Field.RATING: "changed",
    }
    rest, left = preserve(wanted, applied, item, paths)
    assert left == (Field.TITLE, Field.RATING, Field.POSTER)
    assert {one.field for one in drift(rest, applied, item, lock=True)} == {Field.SUMMARY, Field.DATE, Field.TAGS}


# --- Which picture an item shows -------------------------------------------------------------------------------------


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def test_the_client_tells_which_picture_an_item_shows(library: Library) -> None:
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(JPEG)) is None
    for data in (PNG, JPEG):
        library.plex.upload_as_person(library.film, "posters", data)
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(JPEG).upper()) is True
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(PNG)) is False
    library.plex.choose_as_person(library.film, "posters", PNG)
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(PNG)) is True
    library.plex.delete_picture_as_person(library.film, "posters")
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(PNG)) is None


def test_a_picture_uploaded_twice_is_known_by_its_bytes(library: Library) -> None:
    for _ in range(2):  # The second goes by another name than its SHA-1.
        library.plex.upload_as_person(library.film, "arts", JPEG)
    assert library.client.shows_picture(library.film, Field.BACKGROUND, sha1(JPEG)) is True


def test_a_picture_that_cannot_be_fetched_is_not_ours(library: Library) -> None:
    library.plex.upload_as_person(library.film, "posters", JPEG)
    library.plex.faults.add(PlannedFault("status", status=404, match=lambda request: request.path.endswith("/file")))
    assert library.client.shows_picture(library.film, Field.POSTER, sha1(PNG)) is False
