"""Searching Plex's items: what a person types, and what is found."""

from __future__ import annotations

import pytest

from plexsync.ledger import Ledger
from plexsync.ledger.item_search import MOST
from plexsync.matching.lookup import Match
from plexsync.model import ListedItem, Part, Section
from plexsync.storage.database import Database
from tests.support.plans import whole_reads
from tests.support.sql_seen import statements_of


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    ledger.index.keep_sections([Section(1, "Scenes", "movie"), Section(2, "Clips", "movie")])
    ledger.index.put(
        [
            item(11, "Beach Day", "/media/studio/beach.day.1080p.mp4"),
            item(12, "Beach Night", "/media/studio/xk-4711.mp4"),
            item(13, "Étude", "/media/other/etude.mkv", "/media/other/etude (2).mkv", section=2),
            item(4711, "Snow", "/media/snow.mp4"),
        ]
    )
    return ledger


def item(key: int, title: str, *files: str, section: int = 1) -> ListedItem:
    return ListedItem(key, section, title, added_at=1, updated_at=1, parts=tuple(Part(one, 10, 1000) for one in files))


def keys(ledger: Ledger, text: str, limit: int = MOST) -> list[int]:
    return [one.rating_key for one in ledger.items.search(text, limit)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Beach Day", [11, 12]),
        ("beach day 1080p", [11, 12]),
        ("night", [12]),
        ("xk-4711.mp4", [12]),
        ("/media/studio/xk-4711.mp4", [12]),
        ("/elsewhere/etude.mkv", [13]),
        ("etude", [13]),
        ("snow.mp4", [4711]),
        ("bea", [11, 12]),
        ("beach ni", [11, 12]),
        ("be", []),
        ("nothing like it", []),
        ("", []),
        ("   ", []),
        ("' OR 1=1 --", []),
        ('"*', []),
        ("ж", []),
    ],
)
def test_what_a_person_types_is_found(ledger: Ledger, text: str, found: list[int]) -> None:
    assert sorted(keys(ledger, text)) == found


def test_an_items_number_and_what_it_names_exactly_come_first(ledger: Ledger) -> None:
    assert keys(ledger, "4711") == [4711, 12]
    assert keys(ledger, "Beach Night") == [12, 11]
    assert keys(ledger, "9" * 30) == []


def test_it_says_which_library_holds_the_item_and_which_scene_has_it(ledger: Ledger) -> None:
    ledger.scenes.matched(7, Match(13, 2, 95, ("same path",), "Étude", "/media/other/etude.mkv", "/data/etude.mkv"))
    (found,) = ledger.items.search("etude")
    assert (found.title, found.library, found.scene_id) == ("Étude", "Clips", 7)
    assert found.file == "/media/other/etude.mkv"
    assert ledger.items.search("snow")[0].scene_id is None


def test_a_search_gives_no_more_than_it_is_asked_for(ledger: Ledger) -> None:
    ledger.index.put([item(100 + number, f"Winter {number}", f"/media/w{number}.mp4") for number in range(80)])
    assert len(keys(ledger, "winter", 5)) == 5
    assert len(keys(ledger, "winter", 1000)) == MOST
    assert len(keys(ledger, "wint", 1000)) == MOST


def test_every_look_up_of_a_search_uses_an_index(ledger: Ledger, database: Database) -> None:
    with statements_of(database) as asked:
        for text in ("4711", "/media/snow.mp4", "beach da", "etude"):
            ledger.items.search(text)
    assert len(asked) > 5
    assert whole_reads(database, asked) == {}
