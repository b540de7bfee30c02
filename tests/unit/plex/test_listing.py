"""Listings: what may be written in two ways is read either way, and one malformed item costs itself alone."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from plexsync.errors import NothingReadable, PlexUnavailable
from plexsync.model import ListedItem, Page, Part
from plexsync.plex import answers
from plexsync.plex.transport import PlexAnswer

ENTRY: dict[str, Any] = {
    "ratingKey": "7",
    "title": "Título",
    "addedAt": 100,
    "updatedAt": 200,
    "studio": "Studio",
    "originallyAvailableAt": "2020-01-02 00:00:00",
    "year": 2020,
    "contentRating": "R",
    "userRating": 7.5,
    "thumb": "/library/metadata/7/thumb/200",
    "art": "/library/metadata/7/art/200",
    "guid": "plex://movie/stash-video-45",
    "Media": [{"Part": [{"file": "/media/a.mp4", "size": 5, "duration": 1000}, {"size": 6}]}, {"id": 1}],
}
ITEM = ListedItem(
    rating_key=7,
    section_id=3,
    title="Título",
    added_at=100,
    updated_at=200,
    parts=(Part("/media/a.mp4", 5, 1000),),
    studio="Studio",
    date="2020-01-02",
    year=2020,
    content_rating="R",
    user_rating=7.5,
    thumb="/library/metadata/7/thumb/200",
    art="/library/metadata/7/art/200",
    guid="plex://movie/stash-video-45",
)


def outcome(unread: answers.UnreadPage) -> Page | str:
    """A page, or what is wrong with it."""
    try:
        return unread.read()
    except PlexUnavailable as error:
        return f"{type(error)} {error}"


def page_in(body: bytes) -> Page:
    """What a listing holds: the same whether its entries were looked into at once, or were left as they came."""
    answer = PlexAnswer({}, body, "GET /")
    unread = answers.unread_listing(answer, 3, 0)
    assert outcome(unread) == outcome(answers.unread_page(answer, 3, 0))
    return unread.read()


def read(entry: object) -> ListedItem:
    (item,) = page_in(json.dumps({"MediaContainer": {"totalSize": 1, "Metadata": [entry]}}).encode()).items
    return item


VIDEO = {
    "width": "1920",
    "height": 1080,
    "bitrate": 5612,
    "videoFrameRate": "NTSC",
    "videoCodec": "h264",
    "audioCodec": "dca",
    "videoResolution": "1080",
}
FILE = "/media/a.mp4"
PART = [{"file": FILE, "size": 5, "duration": 1000}]
READ: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"updatedAt": None}, {"updated_at": 100}),
    ({"addedAt": None, "updatedAt": None}, {"added_at": 0, "updated_at": 0}),
    ({"userRating": None}, {"user_rating": None}),
    ({"userRating": 8}, {"user_rating": 8.0}),
    ({"userRating": -1.0}, {"user_rating": None}),
    ({"originallyAvailableAt": "soon"}, {"date": ""}),
    (
        {"year": None, "studio": None, "contentRating": "", "thumb": "", "art": None},
        {"year": None, "studio": "", "content_rating": "", "thumb": None, "art": None},
    ),
    ({"Media": []}, {"parts": ()}),
    ({"titleSort": "Titulo"}, {"sort_title": "Titulo"}),
    ({"ratingKey": 7}, {}),
    ({"addedAt": "100"}, {}),
    ({"userRating": "7.5"}, {}),
    ({"year": "2020"}, {}),
    ({"year": "MMXX"}, {"year": None}),
    ({"title": "half a character: \ud800"}, {"title": "half a character: ?"}),
    ({"title": "NUL: \0", "studio": "a\0"}, {"title": "NUL: \ufffd", "studio": "a\ufffd"}),
    ({"Media": [{"Part": [{"file": "/media/a\0.mp4"}]}]}, {"parts": (Part("/media/a\ufffd.mp4"),)}),
    ({"Media": [{"Part": [{"file": "/media/a.mp4", "size": "5", "duration": 1000}]}]}, {}),
    (
        {"Media": [{**VIDEO, "Part": PART}]},
        {"parts": (Part("/media/a.mp4", 5, 1000, 1920, 1080, 29.97, "h264", "dts", 5_612_000),)},
    ),
    (
        {"Media": [{"videoResolution": "4k", "videoFrameRate": "24p", "Part": PART}]},
        {"parts": (Part("/media/a.mp4", 5, 1000, height=2160, frame_rate=24.0),)},
    ),
    *(
        ({"Media": [{**dict.fromkeys(VIDEO, odd), "Part": PART}]}, {})
        for odd in (None, -1, [], {}, True, 10**30, "9" * 40, "", "sd of sorts")
    ),
    *(
        ({"Media": [{"Part": [{"file": FILE, "size": 5, "duration": odd}]}]}, {"parts": (Part(FILE, 5),)})
        for odd in (-1, "", "long", True, [], {}, 1e300, 10**30, "9" * 30, "-5", math.nan, math.inf, "\ud800")
    ),
    *(({"guid": odd}, {"guid": ""}) for odd in (None, 5, [], {}, True)),
    ({"colour": {"of": [1, None, "x"]}}, {}),
]
WRONG: list[Any] = [
    {"ratingKey": "0"},
    {"ratingKey": None},
    {"ratingKey": "x"},
    {"title": 5},
    {"addedAt": -1},
    {"updatedAt": 2**63},
    {"updatedAt": 1.5},
    {"userRating": "high"},
    {"Media": {}},
    {"Media": [{"Part": [5]}]},
]


@pytest.mark.parametrize(("change", "expected"), READ)
def test_an_item_is_read_as_it_stands_there(change: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(ENTRY | change) == replace(ITEM, **expected)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_a_number_that_is_none_costs_its_item_alone(number: bytes) -> None:
    body = b'{"MediaContainer": {"Metadata": [{"ratingKey": "8", "userRating": %s}, {"ratingKey": "9"}]}}' % number
    page = answers.unread_page(PlexAnswer({}, body, "GET /"), 3, 0).read()
    assert [item.rating_key for item in page.items] == [9]
    assert (page.odd[0].rating_key, page.odd[0].fault[:12]) == (8, "userRating: ")


def test_a_mark_of_the_byte_order_before_an_answer_does_no_harm() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"MediaContainer": {"Metadata": [ENTRY]}}).encode()
    assert answers.unread_page(PlexAnswer({}, body, "GET /"), 3, 0).read().items == (ITEM,)


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(PlexUnavailable, match="Metadata"):
        read(ENTRY | change)


@pytest.mark.parametrize("entry", [None, 5, "x", []])
def test_what_is_no_item_is_refused(entry: object) -> None:
    with pytest.raises(PlexUnavailable):
        read(entry)


def test_a_page_knows_how_many_items_it_has_before_they_are_read() -> None:
    body = json.dumps({"MediaContainer": {"totalSize": 9, "offset": 2, "Metadata": [ENTRY, ENTRY | {"title": 5}]}})
    unread = answers.unread_page(PlexAnswer({}, body.encode(), "GET /"), 3, 2)
    assert (unread.count, unread.total, unread.start) == (2, 9, 2)
    page = unread.read()
    assert (page.items, page.count) == ((replace(ITEM, section_id=3),), 2)


@pytest.mark.parametrize("container", [{}, {"Metadata": []}])
def test_an_empty_listing_has_no_items(container: dict[str, Any]) -> None:
    assert page_in(json.dumps({"MediaContainer": container}).encode()).items == ()


# --- One malformed entry ---------------------------------------------------------------------------------------------


def page_of(*entries: Any) -> Page:
    return page_in(json.dumps({"MediaContainer": {"totalSize": 90, "Metadata": entries}}).encode())


@pytest.mark.parametrize("change", WRONG)
def test_a_malformed_item_is_left_out_and_named_and_the_others_are_read(change: dict[str, Any]) -> None:
    page = page_of({"ratingKey": "8"}, ENTRY | {"title": "The odd one"} | change, {"ratingKey": "9"})
    assert [item.rating_key for item in page.items] == [8, 9]
    (odd,) = page.odd
    assert odd.section_id == 3
    assert odd.rating_key in (7, None)
    assert odd.fault
    assert ("7" in odd.name) == (odd.rating_key == 7)
    assert page.count == 3


@pytest.mark.parametrize("entry", [None, 5, "x", [], {}, {"ratingKey": []}, [[[[]]]]])
def test_what_is_no_item_is_left_out_where_there_are_others(entry: object) -> None:
    page = page_of({"ratingKey": "8"}, entry)
    assert [item.rating_key for item in page.items] == [8]
    assert page.odd[0].rating_key is None


def test_entries_without_a_key_are_told_from_each_other_and_stay_the_same() -> None:
    first, second = page_of({"ratingKey": "8"}, {"title": "a"}, {"title": "b"}).odd
    assert first.mark != second.mark
    assert page_of({"ratingKey": "9"}, {"title": "a"}).odd[0].mark == first.mark
    assert (first.name, second.name) == ("'a'", "'b'")


def test_the_key_of_a_malformed_item_may_stand_in_its_path() -> None:
    entry = {"key": "/library/metadata/77/children", "title": 5, "Media": [{"Part": [{"file": "/m/a.mp4"}, 5]}, None]}
    (odd,) = page_of({"ratingKey": "8"}, entry).odd
    assert (odd.rating_key, odd.files) == (77, ("/m/a.mp4",))


def test_an_item_that_is_listed_twice_is_one_item() -> None:
    page = page_of(ENTRY, {"ratingKey": "8"}, ENTRY | {"title": "again"})
    assert [(item.rating_key, item.title) for item in page.items] == [(7, "Título"), (8, "")]
    (odd,) = page.odd
    assert (odd.rating_key, odd.twice) == (7, True)
    assert page.count == 3


def test_names_and_faults_are_short_and_plain() -> None:
    title = "\x1b[31mred\n" + "x" * 500 + "\ud800"
    (odd,) = page_of({"ratingKey": "8"}, {"ratingKey": "7", "title": title, "Media": 5}).odd
    assert odd.name.isprintable()
    assert len(odd.name) < 120
    (odd,) = page_of({"ratingKey": "8"}, {"ratingKey": "x" * 500}).odd
    assert len(odd.fault) <= 80


def test_a_page_of_which_nothing_can_be_read_is_a_broken_answer() -> None:
    with pytest.raises(NothingReadable, match=r"Metadata\.0\.") as caught:
        page_of({"title": "a"}, {"ratingKey": "x"})
    assert (caught.value.count, caught.value.total) == (2, 90)


@pytest.mark.parametrize(("size", "duration"), [("5", "1000"), (5.0, 1000.7), ("5", 1000.2)])
def test_sizes_and_lengths_may_be_texts_or_have_a_fraction(size: Any, duration: Any) -> None:
    entry = ENTRY | {"Media": [{"Part": [{"file": "/m/a.mp4", "size": size, "duration": duration}]}]}
    assert read(entry).parts == (Part("/m/a.mp4", 5, 1000),)


# --- Entries that need not be read ------------------------------------------------------------------------------------


def unread(*entries: Any) -> answers.UnreadPage:
    body = json.dumps({"MediaContainer": {"totalSize": 90, "Metadata": entries}}).encode()
    return answers.unread_listing(PlexAnswer({}, body, "GET /"), 3, 0)


def test_of_an_entry_that_shows_a_file_and_stands_there_once_the_bytes_tell_enough() -> None:
    without_files = ENTRY | {"ratingKey": "8", "Media": [], "title": 'is no "Part"'}
    twice = ENTRY | {"ratingKey": "9"}
    page = unread(ENTRY, without_files, twice, twice, {"title": "without a key"}, None)
    came = page.as_they_came()
    assert [*came] == [7]
    assert json.loads(bytes(came[7])) == ENTRY


def test_what_is_known_is_left_out_and_the_rest_is_read() -> None:
    other = ENTRY | {"ratingKey": "8"}
    page = unread(ENTRY, other, {"title": "without a key"})
    assert [one.rating_key for one in page.read({7}).items] == [8]
    assert len(page.read({7}).odd) == 1
    assert unread(ENTRY, other).read({7, 8}).items == ()


def test_an_odd_entry_beside_others_that_are_known_is_no_broken_answer() -> None:
    page = unread(ENTRY, {"title": "without a key"}).read({7})
    assert (page.items, len(page.odd)) == ((), 1)


def test_files_are_not_looked_up_where_those_that_are_known_show_some() -> None:
    asked: list[Page] = []
    page = replace(
        unread(ENTRY, ENTRY | {"ratingKey": "8", "Media": []}), filled_in=lambda one: asked.append(one) or one
    )
    assert [one.rating_key for one in page.read({7}).items] == [8]
    assert not asked
    assert len(page.read().items) == 2
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body", [b'{"MediaContainer": {"Metadata": [{"ratingKey": "7", "title": "\xff"}]}}', b"{", b"[]"]
)
def test_a_broken_answer_is_told_as_such_however_it_is_read(body: bytes) -> None:
    with pytest.raises(PlexUnavailable):
        page_in(body)
