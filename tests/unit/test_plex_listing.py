"""Listings are read quickly where they are plain, and by the schema where they are not: both say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plexsync.errors import PlexUnavailable
from plexsync.model import ListedItem, Part
from plexsync.plex import answers, quick
from plexsync.plex.transport import Answer

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


def slowly(entry: object, monkeypatch: pytest.MonkeyPatch) -> ListedItem:
    with monkeypatch.context() as patch:
        patch.setattr(quick, "read_listed", lambda *_: None)
        return read(entry)


def read(entry: object) -> ListedItem:
    body = json.dumps({"MediaContainer": {"totalSize": 1, "Metadata": [entry]}}).encode()
    (item,) = answers.read_page(Answer({}, body, "GET /"), 3, 0).items
    return item


PLAIN: list[dict[str, Any]] = [
    {},
    {"updatedAt": None},
    {"addedAt": None, "updatedAt": None},
    {"userRating": None},
    {"userRating": 8},
    {"userRating": -1.0},
    {"originallyAvailableAt": "soon"},
    {"year": None, "studio": None, "contentRating": "", "thumb": "", "art": None},
    {"Media": []},
]
ODD: list[dict[str, Any]] = [
    {"ratingKey": 7},
    {"addedAt": "100"},
    {"userRating": "7.5"},
    {"year": "2020"},
    {"year": "MMXX"},
    {"title": "half a character: \ud800"},
    {"Media": [{"Part": [{"file": "/media/a.mp4", "size": "5", "duration": 1000}]}]},
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


def test_a_plain_item_is_read_quickly() -> None:
    assert quick.read_listed({"Metadata": [ENTRY]}, 3) == (ITEM,)


@pytest.mark.parametrize("change", PLAIN)
def test_both_ways_read_the_same(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ENTRY | change
    quickly = quick.read_listed({"Metadata": [entry]}, 3)
    assert quickly == (slowly(entry, monkeypatch),)


@pytest.mark.parametrize("change", ODD)
def test_what_is_odd_is_left_to_the_schema(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ENTRY | change
    assert quick.read_listed({"Metadata": [entry]}, 3) is None
    assert read(entry) == slowly(entry, monkeypatch)


@pytest.mark.parametrize("change", WRONG)
def test_what_is_wrong_is_refused(change: dict[str, Any]) -> None:
    assert quick.read_listed({"Metadata": [ENTRY | change]}, 3) is None
    with pytest.raises(PlexUnavailable, match="Metadata"):
        read(ENTRY | change)


@pytest.mark.parametrize("entry", [None, 5, "x", []])
def test_what_is_no_item_is_refused(entry: object) -> None:
    with pytest.raises(PlexUnavailable):
        read(entry)


def test_a_page_knows_how_many_items_it_has_before_they_are_read() -> None:
    body = json.dumps({"MediaContainer": {"totalSize": 9, "offset": 2, "Metadata": [ENTRY, ENTRY | {"title": 5}]}})
    unread = answers.unread_page(Answer({}, body.encode(), "GET /"), 3, 2)
    assert (unread.count, unread.total, unread.start) == (2, 9, 2)
    with pytest.raises(PlexUnavailable, match="Metadata"):
        unread.read()


@pytest.mark.parametrize("container", [{}, {"Metadata": []}])
def test_an_empty_listing_has_no_items(container: dict[str, Any]) -> None:
    assert quick.read_listed(container, 3) == ()
