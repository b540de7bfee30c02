"""What a video is like and what its film is known by elsewhere, in the index: kept, renewed, and unknown at first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plexsync.ledger import Ledger
from plexsync.library.library import Library, ListingWalk
from plexsync.model import Item, ListedItem, Page, Part, Section
from plexsync.storage.database import Database

VIDEO = (1920, 1080, 29.97, "h264", "aac", 5_612_000)
FILE = Part("/media/a.mp4", 1000, 60_000, *VIDEO)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database(tmp_path / "plexsync.db")
    ledger = Ledger(database)
    ledger.index.keep_sections([Section(1, "Scenes", "movie")])
    yield ledger
    database.close()


def item(*parts: Part, key: int = 7, guid: str = "") -> ListedItem:
    return ListedItem(key, 1, "A title", 5, 5, parts, guid=guid)


def video(ledger: Ledger, key: int = 7) -> list[tuple[int, int, float, str, str, int]]:
    return [
        (one.width, one.height, one.frame_rate, one.video_codec, one.audio_codec, one.bit_rate)
        for one in ledger.index.of_item(key)
    ]


@pytest.mark.parametrize(
    "told",
    [
        VIDEO,
        (0, 0, 0.0, "", "", 0),
        (0, 1080, 0.0, "", "", 0),
        (0, 0, 0.0, "", "mp3", 0),
        (720, 576, 25.0, "mpeg2video", "", 9),
    ],
)
def test_what_a_video_is_like_is_kept_as_it_was_told(
    ledger: Ledger, told: tuple[int, int, float, str, str, int]
) -> None:
    ledger.index.put([item(replace(FILE), Part("/media/b.mp4", 2, 3, *told))])
    assert video(ledger) == [VIDEO, told]


def test_an_index_that_was_built_before_learns_it_where_items_are_met_and_nothing_counts_as_new(
    ledger: Ledger,
) -> None:
    ledger.index.put([item(FILE)])
    with ledger.database.write() as db:
        db.execute("update part set video = ''")
    before = ledger.index.news()
    assert video(ledger) == [(0, 0, 0.0, "", "", 0)]
    words = ledger.index.by_words(["title"])
    ledger.index.put([item(FILE)])
    assert video(ledger) == [VIDEO]
    assert ledger.index.news() == before
    assert [one.rating_key for one in ledger.index.by_words(["title"])] == [one.rating_key for one in words] == [7]


def test_the_nightly_walk_renews_what_stands_as_it_was_listed(ledger: Ledger) -> None:
    ledger.index.put([item(FILE), item(FILE, key=8)])
    with ledger.database.write() as db:
        db.execute("update part set video = '' where rating_key = 7")
    assert ledger.index.without_video([7, 8, 9]) == {7}
    walk = ListingWalk(1, ledger.index.begin_walk(1), total=2)
    Library(_NoPlex(), ledger.index, ()).keep(walk, [], (7, 8), (), [item(FILE), item(FILE, key=8)])
    assert video(ledger, 7) == [VIDEO]
    assert ledger.index.end_walk(1, walk.pass_number, 2) == 0


def test_files_that_a_listing_leaves_out_keep_what_is_known(ledger: Ledger) -> None:
    ledger.index.put([item(FILE)])
    ledger.index.put([replace(item(), title="Another title")])
    assert video(ledger) == [VIDEO]


@pytest.mark.sqlite
def test_an_item_is_found_by_what_its_film_is_known_by_elsewhere(ledger: Ledger) -> None:
    ledger.index.put([item(FILE, guid="com.plexapp.agents.imdb://tt0133093?lang=en"), item(FILE, key=8)])
    (found,) = ledger.index.by_external_id(["imdb:tt0133093", "tmdb:603"])
    assert (found.rating_key, found.external_id) == (7, "imdb:tt0133093")
    ledger.index.put([item(FILE, guid="com.plexapp.agents.imdb://tt0000001?lang=en")])
    assert ledger.index.by_external_id(["imdb:tt0133093"]) == []
    assert ledger.index.by_external_id([]) == ledger.index.by_external_id([""]) == []
    with ledger.database.read() as db:
        plan = db.execute(
            "explain query plan select rating_key from item where external_id in ('a') and external_id <> ''"
        )
        assert "item_external_id" in plan.fetchone()["detail"]


def test_an_item_that_was_read_by_itself_keeps_what_its_guid_says(ledger: Ledger) -> None:
    ledger.index.put([item(FILE, guid="com.plexapp.agents.stashplexagent://45")])
    ledger.index.learn(Item(7, 1, parts=(FILE,), guid="com.plexapp.agents.stashplexagent://45"))
    assert [one.stash_scene for one in ledger.index.of_item(7)] == [45]
    assert video(ledger) == [VIDEO]


def test_a_hash_goes_with_its_item(ledger: Ledger) -> None:
    ledger.index.put([item(FILE)])
    parts = ledger.index.of_item(7)
    ledger.part_hashes.put(parts, {(7, FILE.file): "00f52aa3bd4025d4"})
    assert ledger.index.by_path("/media/a.mp4")[0].oshash == "00f52aa3bd4025d4"
    ledger.index.drop(7)
    ledger.index.put([item(FILE)])
    assert ledger.index.of_item(7)[0].oshash == ""


class _NoPlex:
    """Nobody to ask."""

    def sections(self) -> tuple[Section, ...]:
        raise AssertionError("nothing is asked of Plex")

    def listing(self, section_id: int, start: int, size: int, **_given: object) -> Page:
        raise AssertionError("nothing is asked of Plex")

    def unread_listing(self, section_id: int, start: int, size: int, *, sort: str | None = None) -> Page:  # type: ignore[override]
        raise AssertionError("nothing is asked of Plex")
