"""Plex's answers, checked and turned into our values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from plexsync.errors import PlexUnavailable
from plexsync.model import Field, Item, Part, Section, Tag
from plexsync.plex import answers
from plexsync.plex.transport import PlexAnswer


def said(content: Any, headers: dict[str, str] | None = None) -> PlexAnswer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return PlexAnswer(headers or {}, body, "GET /library/x", "t0ken")


def container(**content: Any) -> PlexAnswer:
    return said({"MediaContainer": content})


def items(answer: PlexAnswer) -> Mapping[int, Item]:
    """The items of an answer in which every entry can be read."""
    read = answers.read_items_apart(answer)
    assert read.faults == ()
    return read.items


WHOLE = {
    "ratingKey": "7",
    "title": "A",
    "summary": "B",
    "studio": "C",
    "originallyAvailableAt": "2024-02-03 00:00:00",
    "contentRating": "XXX",
    "userRating": 8.5,
    "librarySectionID": 2,
    "thumb": "/t",
    "art": "/a",
    "Genre": [{"tag": "g1"}, {"tag": "g2", "thumb": "/ignored"}],
    "Role": [{"tag": "p", "thumb": "http://stash/p.jpg"}, {"tag": "q", "thumb": ""}],
    "Director": [{"tag": "d"}],
    "Collection": [{"tag": "c"}],
    "Field": [
        {"name": "title", "locked": True},
        {"name": "genre", "locked": 0},
        {"name": "thumb", "locked": 1},
        {"name": "originalTitle", "locked": True},
    ],
    "addedAt": 1000,
    "updatedAt": 2000,
    "Media": [{"id": 1, "Part": [{"id": 1, "file": "/m/a.mp4", "size": 2**40, "duration": 1500, "new": {}}]}],
    "unknown": ["to", "us"],
}


def test_a_whole_item_is_read() -> None:
    item = items(container(Metadata=[WHOLE]))[7]
    assert item.section_id == 2
    assert item.texts == {
        Field.TITLE: "A",
        Field.SUMMARY: "B",
        Field.STUDIO: "C",
        Field.DATE: "2024-02-03",
        Field.CONTENT_RATING: "XXX",
        Field.TAGLINE: "",
        Field.SORT_TITLE: "A",
    }
    assert item.tags == {
        Field.TAGS: (Tag("g1"), Tag("g2")),
        Field.PERFORMERS: (Tag("p", "http://stash/p.jpg"), Tag("q")),
        Field.DIRECTOR: (Tag("d"),),
        Field.GROUPS: (Tag("c"),),
    }
    assert item.user_rating == 8.5
    assert item.locked == {Field.TITLE, Field.POSTER}, "other fields are none of ours"
    assert item.updated_at == 2000
    assert (item.thumb, item.art) == ("/t", "/a")
    assert item.parts == (Part("/m/a.mp4", 2**40, 1500),)


def test_a_sort_title_is_read_and_is_the_title_where_plex_shows_none() -> None:
    texts = {"title": "The A", "tagline": "A line", "titleSort": "A, the"}
    item = items(container(Metadata=[{**WHOLE, **texts}]))[7]
    assert (item.texts[Field.TAGLINE], item.texts[Field.SORT_TITLE]) == ("A line", "A, the")
    del texts["titleSort"]
    item = items(container(Metadata=[{**WHOLE, **texts}]))[7]
    assert item.texts[Field.SORT_TITLE] == "The A"


def test_what_plex_leaves_out_is_empty() -> None:
    item = items(container(librarySectionID=4, Metadata=[{"ratingKey": "7"}]))[7]
    assert set(item.texts.values()) == {""}
    assert set(item.tags.values()) == {()}
    assert item.section_id == 4, "said once for the whole answer"
    assert (item.user_rating, item.thumb, item.parts) == (None, None, ())


def test_an_answer_without_items_is_no_item() -> None:
    assert items(container(size=0)) == {}
    assert answers.read_pictures(container(size=0)) == ()
    assert answers.read_sections(container(size=0)) == ()


def test_unset_texts_and_numbers_may_be_null() -> None:
    item = items(container(Metadata=[{"ratingKey": 7, "title": None, "userRating": None}]))[7]
    assert item.texts[Field.TITLE] == ""
    assert item.user_rating is None


@pytest.mark.parametrize(("times", "updated_at"), [({"addedAt": 5}, 5), ({}, 0), ({"addedAt": 5, "updatedAt": 0}, 5)])
def test_a_whole_item_never_changed_was_changed_when_it_was_added(times: dict[str, int], updated_at: int) -> None:
    assert items(container(Metadata=[{"ratingKey": "7", **times}]))[7].updated_at == updated_at


def test_the_lock_of_every_field_is_known_by_plex_name() -> None:
    names = ["title", "summary", "studio", "originallyAvailableAt", "contentRating", "actor", "genre", "director"]
    names += ["collection", "thumb", "art", "tagline", "titleSort"]
    locks = [{"name": name, "locked": True} for name in names]
    item = items(container(Metadata=[{"ratingKey": "7", "Field": locks}]))[7]
    assert item.locked == frozenset(Field) - {Field.RATING}


def test_a_rating_below_zero_is_none() -> None:
    assert items(container(Metadata=[{"ratingKey": "7", "userRating": -1}]))[7].user_rating is None


def test_sections_are_read_with_their_folders() -> None:
    entry = {"key": "3", "title": "Clips", "type": "movie", "agent": "x", "Location": [{"id": 1, "path": "/m"}]}
    assert answers.read_sections(container(Directory=[entry, {"key": "4", "type": "show"}])) == (
        Section(3, "Clips", "movie", "x", ("/m",)),
        Section(4, "", "show"),
    )


def test_a_page_says_what_came_and_how_much_there_is() -> None:
    listed = {"ratingKey": "7", "title": "A", "addedAt": 10, "updatedAt": 20, "Media": WHOLE["Media"]}
    page = answers.unread_page(container(totalSize=90, offset=40, Metadata=[listed]), 3, 40).read()
    assert (page.start, page.total) == (40, 90)
    (item,) = page.items
    assert (item.rating_key, item.section_id, item.title) == (7, 3, "A")
    assert (item.added_at, item.updated_at) == (10, 20)
    assert item.parts == (Part("/m/a.mp4", 2**40, 1500),)


def test_a_listed_item_has_what_may_speak_for_a_match() -> None:
    listed = {"ratingKey": "7", "studio": "C", "originallyAvailableAt": "2024-02-03 00:00:00", "year": 2024}
    (item,) = answers.unread_page(container(Metadata=[listed]), 1, 0).read().items
    assert (item.studio, item.date, item.year) == ("C", "2024-02-03", 2024)


@pytest.mark.parametrize("year", ["", "next", -1, 0, None, 19.5, 10**30, {}])
def test_an_odd_year_or_date_is_none_and_no_error(year: Any) -> None:
    listed = {"ratingKey": "7", "originallyAvailableAt": "2024", "year": year}
    (item,) = answers.unread_page(container(Metadata=[listed]), 1, 0).read().items
    assert (item.studio, item.date, item.year) == ("", "", None)


def test_half_a_character_in_a_title_or_a_path_does_no_harm() -> None:
    listed = {"ratingKey": "7", "title": "a\ud800b", "Media": [{"Part": [{"file": "/m/\udcff.mp4"}]}]}
    (item,) = answers.unread_page(container(Metadata=[listed]), 1, 0).read().items
    assert (item.title, item.parts[0].file) == ("a?b", "/m/?.mp4")


def test_a_section_may_tell_whether_anything_has_changed() -> None:
    entries = [{"key": "1", "type": "movie", "contentChangedAt": 77}, {"key": "2", "type": "movie"}]
    assert [one.content_changed_at for one in answers.read_sections(container(Directory=entries))] == [77, None]


def test_an_item_never_changed_counts_as_changed_when_it_was_added() -> None:
    page = answers.unread_page(container(Metadata=[{"ratingKey": "7", "addedAt": 10}]), 1, 0).read()
    assert page.items[0].updated_at == 10


def test_items_without_files_are_listed_without_parts() -> None:
    entries = [
        {"ratingKey": "1"},
        {"ratingKey": "2", "Media": [{}]},
        {"ratingKey": "3", "Media": [{"Part": [{"id": 1}]}]},
    ]
    page = answers.unread_page(container(Metadata=entries), 1, 0).read()
    assert [item.parts for item in page.items] == [(), (), ()]


def test_the_total_comes_from_the_header_where_the_body_has_none() -> None:
    one = {"MediaContainer": {"Metadata": [{"ratingKey": "1"}]}}
    assert answers.unread_page(said(one, {"X-Plex-Container-Total-Size": "55"}), 1, 0).read().total == 55
    assert answers.unread_page(said(one, {"X-Plex-Container-Total-Size": "many"}), 1, 10).read().total == 11
    assert answers.unread_page(said(one), 1, 10).read().total == 11


@pytest.mark.parametrize("total", ["many", -1, 2.5, None, {}, [], True, "9" * 30])
def test_a_total_that_is_no_number_is_one_that_is_not_told(total: Any) -> None:
    page = answers.unread_page(container(totalSize=total, offset=total, Metadata=[{"ratingKey": "1"}]), 1, 10).read()
    assert (page.start, page.total, page.told) == (10, 11, False)


@pytest.mark.parametrize("total", [55, "55", 0, "0"])
def test_a_total_may_be_a_text(total: Any) -> None:
    page = answers.unread_page(container(totalSize=total, Metadata=[{"ratingKey": "1"}]), 1, 0).read()
    assert (page.total, page.told) == (int(total), True)


def test_identity_is_the_machine_identifier() -> None:
    assert answers.read_identity(container(machineIdentifier="abc", version="1")) == "abc"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            b"<!DOCTYPE html><html><body><h1>Welcome t0ken</h1>",
            r'an HTML page .*where Plex itself listens.*"Welcome \*\*\*"',
        ),
        (b"\xef\xbb\xbf \n<HTML>", "an HTML page"),
        (b'<?xml version="1.0"?><MediaContainer/>', "XML instead of JSON"),
        (b'{"MediaContainer": {"Metadata": [', "broken or incomplete JSON"),
        (b"", "nothing instead of JSON"),
        (b"\xff\xfe\x00", "something else"),
        (b"[" * 100_000, "broken or incomplete JSON"),
        (b"[]", "JSON without a MediaContainer"),
        (b"7", "JSON without a MediaContainer"),
        (b'{"error": "t0ken"}', r"JSON without a MediaContainer.*\*\*\*"),
        (b'{"MediaContainer": null}', "JSON without a MediaContainer"),
        (b'{"MediaContainer": []}', "JSON without a MediaContainer"),
    ],
)
def test_what_plex_would_not_say_is_named(body: bytes, text: str) -> None:
    with pytest.raises(PlexUnavailable, match=text) as caught:
        answers.read_items_apart(said(body))
    assert "GET /library/x" in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("metadata", "where"),
    [
        ({"ratingKey": "1"}, "Metadata: Not a valid list"),
        (None, "Metadata"),
        (["x"], "Metadata.0"),
        ([{"title": "x"}], "Metadata.0.ratingKey: Missing"),
        ([{"ratingKey": "abc"}], "Metadata.0.ratingKey"),
        ([{"ratingKey": 1.5}], "Metadata.0.ratingKey"),
        ([{"ratingKey": True}], "Metadata.0.ratingKey"),
        ([{"ratingKey": "0"}], "Metadata.0.ratingKey"),
        ([{"ratingKey": str(2**63)}], "Metadata.0.ratingKey"),
        ([{"ratingKey": "1", "title": ["x"]}], "Metadata.0.title"),
        ([{"ratingKey": "1", "Genre": [{}]}], "Metadata.0.Genre.0.tag"),
        ([{"ratingKey": "1", "userRating": "NaN"}], "Metadata.0.userRating"),
        ([{"ratingKey": "1", "Media": [{"Part": [{"file": "/x", "size": -1}]}]}], "Metadata.0.Media.0.Part.0.size"),
        ([{"ratingKey": "1", "Media": {"Part": []}}], "Metadata.0.Media"),
        ([{"ratingKey": "1", "Field": [{"name": "title", "locked": "perhaps"}]}], "Metadata.0.Field.0.locked"),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_that_says_where(metadata: Any, where: str) -> None:
    try:
        (fault,) = answers.read_items_apart(container(Metadata=metadata)).faults
    except PlexUnavailable as error:
        fault = str(error)
    assert f"Plex's answer to GET /library/x is not as it should be: {where}" in fault


def test_of_several_items_one_that_is_malformed_is_told_apart() -> None:
    read = answers.read_items_apart(
        container(Metadata=[WHOLE, {"ratingKey": "8", "title": []}, {"title": "no key"}, {"ratingKey": "9"}])
    )
    assert list(read.items) == [7, 9]
    assert list(read.unreadable) == [8]
    assert "Metadata.1.title" in read.unreadable[8]
    assert read.nameless == 1


def test_a_section_with_an_odd_value_is_taken_without_it_and_one_without_a_key_left_out() -> None:
    told: list[str] = []
    good = {"key": "1", "title": "A", "type": "movie"}
    odd = {"key": "2", "title": "B", "type": "movie", "Location": [{"id": 1}], "agent": 5}
    sections = answers.read_sections(
        container(Directory=[good, odd, {"title": "C", "type": "movie"}, None]), told.append
    )
    assert sections == (Section(1, "A", "movie"), Section(2, "B", "movie"))
    assert len(told) == 2
    assert "'C'" in told[0]


@pytest.mark.parametrize("directory", [[{}], [None, 5], [{"key": "x", "type": "movie"}], {}, None, "x"])
def test_sections_of_which_none_can_be_read_are_a_broken_answer(directory: Any) -> None:
    with pytest.raises(PlexUnavailable, match="Directory"):
        answers.read_sections(container(Directory=directory))


def test_an_odd_picture_in_a_list_hides_no_other() -> None:
    pictures = answers.read_pictures(container(Metadata=[{"ratingKey": "upload://a", "key": "/a"}, 5, {"key": []}]))
    assert [one.rating_key for one in pictures] == ["upload://a"]
    with pytest.raises(PlexUnavailable, match="Metadata.0"):
        answers.read_pictures(container(Metadata=[5]))


def test_an_empty_machine_identifier_is_an_error() -> None:
    with pytest.raises(PlexUnavailable, match="machineIdentifier"):
        answers.read_identity(container(machineIdentifier=""))


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"<html><body><h1>200 OK</h1></body></html>", b"<html></html>", b"{}", b"<MediaContainer/>"]
)
def test_a_write_is_believed_where_plex_itself_may_have_answered(body: bytes) -> None:
    try:
        answers.check_written(said(body))
    except PlexUnavailable as error:
        pytest.fail(f"refused: {error}")


def test_a_login_page_in_answer_to_a_write_is_an_error() -> None:
    with pytest.raises(PlexUnavailable, match="HTML page"):
        answers.check_written(said(b"<html><body><form>Sign in</form></body></html>"))


def test_items_are_read_in_one_go_and_no_table_is_made_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the answer is read as a table")

    monkeypatch.setattr(answers, "read_json", read)
    monkeypatch.setattr("plexsync.plex.oddities.read_entry", read)
    answer = container(size=2, totalSize=3, Metadata=[WHOLE, {**WHOLE, "ratingKey": "8"}])
    assert set(items(answer)) == {7, 8}
    assert answers.read_items_apart(answer).has_more
