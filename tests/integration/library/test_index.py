"""The library index: what is found in it and how, and how little is written."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from plexsync.demo.plex import SimulatedPlex
from plexsync.errors import LibraryMissing
from plexsync.ledger import Confirmation, Ledger, Result, State
from plexsync.ledger.index import MISSING_FOR
from plexsync.ledger.indexed_files import MOST_PARTS
from plexsync.ledger.word_search import MOST_FOUND, MOST_READ
from plexsync.library.library import Library
from plexsync.matching.lookup import Match
from plexsync.matching.paths import folded, path_key, stem_key
from plexsync.matching.titles import words
from plexsync.model import IndexedPart, ListedItem, Page, Part, SceneFile, Section
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.storage.database import Database
from tests.support.listed_plex import Unread
from tests.support.plans import whole_reads
from tests.support.sql_seen import statements_of

SECTION = Section(1, "Scenes", "movie", locations=("/media",))


def listed(key: int, file: str, size: int | None = 10, section: int = 1, title: str | None = None) -> ListedItem:
    parts = (Part(file, size, 1000),)
    return ListedItem(key, section, title or f"item {key}", added_at=key, updated_at=key, parts=parts)


def titled(key: int, title: str) -> ListedItem:
    return listed(key, f"/media/{key}.mp4", title=title)


def keys(parts: Sequence[IndexedPart]) -> list[int]:
    return list(dict.fromkeys(part.rating_key for part in parts))


def found(ledger: Ledger, text: str) -> list[int]:
    return keys(ledger.index.by_words(words(text)))


# --- looking up ------------------------------------------------------------------------------------------------------


def test_files_are_found_by_path_whatever_its_form(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "D:\\Videos\\Cafe\u0301.mp4")])
    assert keys(ledger.index.by_path("D:/Videos/Café.mp4")) == [1]


def test_only_who_asks_for_it_finds_a_path_in_another_case(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "/media/Straße/Beach.MP4"), listed(2, "/media/straße/beach.mp4")])
    assert keys(ledger.index.by_path("/media/straße/beach.mp4")) == [2]
    assert ledger.index.by_path("/media/STRASSE/beach.mp4") == []
    found = ledger.index.by_folded_path(folded("/MEDIA/STRASSE/BEACH.mp4"))
    assert keys(found) == [1, 2]
    # A question that is answered sooner tells the same of them.
    assert sorted(ledger.index.placed(folded("/MEDIA/STRASSE/BEACH.mp4"))) == [
        (one.rating_key, one.section_id, one.title, one.file, one.size, one.duration_ms) for one in found
    ]


def test_files_are_found_by_name_without_ending_and_by_size(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "/a/Day 1.mp4", 10), listed(2, "/b/day 1.mkv", 11), listed(3, "/c/day 2.mp4", 10)])
    assert keys(ledger.index.by_stem(stem_key("/x/DAY 1.webm"))) == [1, 2]
    assert keys(ledger.index.by_size(10)) == [1, 3]


def test_a_found_file_tells_of_its_item(ledger: Ledger) -> None:
    part = Part("/media//A.mp4", 2**40, 1500)
    ledger.index.put([ListedItem(7, 2, "A", 1, 1, (part,), studio="Acme", date="2024-02-03", year=2024)])
    (one,) = ledger.index.by_size(2**40)
    assert (one.rating_key, one.section_id, one.title, one.file, one.path) == (
        7,
        2,
        "A",
        part.file,
        path_key(part.file),
    )
    assert (one.size, one.duration_ms, one.studio, one.date, one.year) == (2**40, 1500, "Acme", "2024-02-03", 2024)


def test_an_item_is_found_by_the_scene_that_its_agent_made_it_from(ledger: Ledger) -> None:
    item = ListedItem(7, 2, "A", 1, 1, (Part("/media/a.mp4"),), guid="tv.plex.agents.custom.stash://scene/45")
    ledger.index.put([item, listed(8, "/media/b.mp4")])
    (one,) = ledger.index.by_stash_scene(45)
    assert (one.rating_key, one.file, one.stash_scene) == (7, "/media/a.mp4", 45)
    ledger.index.put([replace(item, guid="tv.plex.agents.none://7")])
    assert ledger.index.by_stash_scene(45) == []


def test_an_item_is_found_by_each_of_its_files(ledger: Ledger) -> None:
    versions = (Part("/media/a 1080p.mp4", 5), Part("/media/a 4k.mp4", 6), Part("/media/a 4k.mp4", 6))
    ledger.index.put([ListedItem(1, 1, "A", 1, 1, versions)])
    assert [part.file for part in ledger.index.of_item(1)] == ["/media/a 1080p.mp4", "/media/a 4k.mp4"]
    assert [part.file for part in ledger.index.by_size(6)] == ["/media/a 4k.mp4"]


def test_a_renamed_file_is_no_longer_found_under_its_old_name(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "/a/old.mp4", title="Same")])
    ledger.index.put([listed(1, "/a/new.mp4", title="Same")])
    assert ledger.index.by_path("/a/old.mp4") == []
    assert ledger.index.by_stem("old") == []
    assert found(ledger, "old") == []
    assert [part.file for part in ledger.index.of_item(1)] == ["/a/new.mp4"]
    assert found(ledger, "new") == [1]


def test_look_ups_are_bounded(ledger: Ledger) -> None:
    ledger.index.put([listed(key, f"/media/{key}/video.mp4", 10, title="The same") for key in range(1, 100)])
    assert len(ledger.index.by_stem("video")) == MOST_PARTS
    assert len(ledger.index.by_size(10)) == MOST_PARTS
    assert len(found(ledger, "the same")) == MOST_FOUND


# --- by words --------------------------------------------------------------------------------------------------------


def test_titles_and_file_names_are_found_by_words_they_share(ledger: Ledger) -> None:
    ledger.index.put([titled(1, "Harbour Lights"), listed(2, "/media/HarbourNights.mp4"), titled(3, "Beach")])
    assert found(ledger, "harbour") == [1, 2]
    assert found(ledger, "Lights of the Harbour") == [1, 2]
    assert found(ledger, "harbour nights") == [2, 1]


def test_rare_words_say_more_than_common_ones(ledger: Ledger) -> None:
    ledger.index.put([titled(key, f"Acme scene day {key}") for key in range(1, 300)])
    ledger.index.put([titled(500, "Kaleidoscope"), titled(501, "Acme scene Harbour with more to it")])
    assert found(ledger, "acme scene kaleidoscope day")[0] == 500
    assert found(ledger, "Acme Scene: Harbour")[0] == 501
    assert found(ledger, "acme scene day 17")[0] == 17


def test_of_items_that_share_as_much_those_called_little_else_come_first(ledger: Ledger) -> None:
    ledger.index.put([titled(1, "Beach Day and a Night in the Harbour"), titled(2, "Beach Day")])
    assert found(ledger, "Beach Day") == [2, 1]


def test_words_that_every_title_has_are_no_reason_to_read_them_all(database: Database, ledger: Ledger) -> None:
    ledger.index.put([titled(key, "Acme Scene") for key in range(1, MOST_READ + 10)])
    ledger.index.put([titled(9000, "Acme Scene Harbour"), titled(9001, "Harbour")])
    read = rows_matched(database, lambda: found(ledger, "acme scene harbour"))
    assert read == ["harbour"]
    assert found(ledger, "acme scene harbour") == [9000, 9001]


def test_where_all_words_are_common_those_count_that_hold_all_of_them_or_all_but_one(ledger: Ledger) -> None:
    many = range(1, MOST_READ + 10)
    for number, word in enumerate(("red", "green", "blue")):
        ledger.index.put([titled(key + number * 10_000, word) for key in many])
    ledger.index.put([titled(50_000, "red green blue"), titled(50_001, "green and blue")])
    assert found(ledger, "blue green red") == [50_000]
    ledger.index.drop(50_000)
    assert found(ledger, "blue green red") == [50_001]


def test_words_that_nothing_has_are_passed_over(ledger: Ledger) -> None:
    ledger.index.put([titled(1, "Harbour Lights")])
    assert found(ledger, "kaleidoscope lights") == [1]
    assert found(ledger, "kaleidoscope") == []
    assert ledger.index.by_words([]) == []


@pytest.mark.parametrize("word", ["and", "or", "not", "near", "words", "rowid"])
def test_words_of_the_query_language_are_words_like_others(ledger: Ledger, word: str) -> None:
    ledger.index.put([titled(1, f"{word} harbour {word}"), titled(2, "Beach")])
    assert keys(ledger.index.by_words([word, "harbour"])) == [1]


def test_what_is_no_word_is_not_asked_for(ledger: Ledger) -> None:
    ledger.index.put([titled(1, "Harbour")])
    assert keys(ledger.index.by_words(['"', "a*", "(", "", "harbour OR", "harbour"])) == [1]


def rows_matched(database: Database, act: Callable[[], object]) -> list[str]:
    """What SQLite was asked to match."""
    statements = traced(database, act)
    return [match.group(1) for one in statements if (match := re.search("item_words match '(.*)'", one))]


def traced(database: Database, act: Callable[[], object]) -> list[str]:
    """The statements SQLite is given."""
    with statements_of(database) as statements:
        act()
    return [one for one in statements if not one.startswith("--")]


def test_every_look_up_and_every_write_goes_through_an_index(database: Database, ledger: Ledger) -> None:
    index = ledger.index
    index.keep_sections([SECTION])
    index.put([titled(1, "harbour")])

    def everything() -> None:
        index.by_path("/x")
        index.by_folded_path("/x")
        index.placed("/x")
        index.by_stem("x")
        index.by_size(1)
        index.by_words(["harbour", "lights"])
        index.of_item(1)
        index.by_stash_scene(1)
        index.fill_state(1)
        number = index.begin_pass(1)
        index.put([titled(1, "harbour")], number, 1)
        index.put([listed(1, "/media/other.mp4"), titled(2, "new")], number, 2)
        index.end_pass(1, number, total=2, content_changed_at=None)
        index.in_step(1, 1, 1, None)
        index.drop(1)

    own = [one for one in traced(database, everything) if one.split()[0] in ("select", "update", "delete")]
    own = [one for one in own if "'main'." not in one]
    assert len(set(own)) > 25
    assert whole_reads(database, own) == {}


# --- writing no more than needed -------------------------------------------------------------------------------------


def changes(database: Database, act: Callable[[], object]) -> int:
    """How many rows are written."""
    with database.writer() as db:
        before = db.total_changes
        act()
        return db.total_changes - before


@pytest.mark.sqlite
def test_items_that_stand_there_as_they_are_listed_are_not_written(database: Database, ledger: Ledger) -> None:
    page = [titled(key, f"Title {key}") for key in range(1, 301)]
    ledger.index.keep_sections([SECTION])
    ledger.index.put(page)
    assert changes(database, lambda: ledger.index.put(page)) == 0
    number = ledger.index.begin_pass(1)
    # Each is marked as seen, and the position is noted.
    assert changes(database, lambda: ledger.index.put(page, number, 300)) == 301


@pytest.mark.sqlite
def test_an_item_that_differs_in_its_studio_alone_is_not_searched_anew(database: Database, ledger: Ledger) -> None:
    one = titled(1, "Title")
    ledger.index.put([one])
    moved = ListedItem(1, 1, "Title", 1, 1, one.parts, studio="Acme")
    assert changes(database, lambda: ledger.index.put([moved])) == 1
    assert ledger.index.of_item(1)[0].studio == "Acme"


def test_what_a_full_pass_did_not_see_is_gone(ledger: Ledger) -> None:
    ledger.index.keep_sections([SECTION])
    ledger.index.put([titled(key, "harbour") for key in range(1, 1204)])
    number = ledger.index.begin_pass(1)
    ledger.index.put([titled(2, "harbour")], number)
    assert ledger.index.end_pass(1, number, total=1, content_changed_at=None) == 1202
    assert ledger.index.by_path("/media/1.mp4") == []
    assert found(ledger, "harbour") == [2]
    assert ledger.index.fill_state(1).items == 1


def test_a_pass_that_saw_fewer_items_than_there_are_drops_none(ledger: Ledger) -> None:
    ledger.index.keep_sections([SECTION])
    ledger.index.put([titled(1, "A"), titled(2, "B")])
    number = ledger.index.begin_pass(1)
    ledger.index.put([titled(2, "B")], number)
    assert ledger.index.end_pass(1, number, total=2, content_changed_at=77) == 0
    state = ledger.index.fill_state(1)
    assert (state.items, state.content_changed_at) == (2, None)


def test_an_item_that_comes_during_a_pass_is_not_gone_at_its_end(ledger: Ledger) -> None:
    ledger.index.keep_sections([SECTION])
    number = ledger.index.begin_pass(1)
    ledger.index.put([titled(1, "A")], number)
    ledger.index.put([titled(2, "B")])
    assert ledger.index.end_pass(1, number, total=2, content_changed_at=None) == 0


def test_a_section_that_is_no_longer_wanted_leaves_with_its_items(ledger: Ledger) -> None:
    ledger.index.keep_sections([SECTION, Section(2, "Other", "movie")])
    ledger.index.put([listed(1, "/a/1.mp4"), listed(2, "/b/2.mp4", section=2, title="harbour")])
    ledger.index.keep_sections([SECTION])
    assert ledger.index.by_path("/b/2.mp4") == []
    assert found(ledger, "harbour") == []
    assert keys(ledger.index.by_path("/a/1.mp4")) == [1]


# --- sections that Plex leaves out for a moment -----------------------------------------------------------------------


class TwoSections:
    """A Plex with two sections that may leave out one of them."""

    def __init__(self) -> None:
        self.listed = [SECTION, Section(2, "Other", "movie")]

    def sections(self) -> Sequence[Section]:
        return self.listed

    def listing(self, section_id: int, start: int, size: int, **_: object) -> Page:
        items = (listed(section_id, f"/{section_id}.mp4", section=section_id),)
        return Page(items[start : start + size], start, 1)

    def unread_listing(self, section_id: int, start: int, size: int, **_: object) -> Unread:
        return Unread(section_id, start, 1, 1, self.listing(section_id, start, size))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the time is ahead, as its only element."""
    ahead, now = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: now() + ahead[0])
    return ahead


def look(plex: TwoSections, ledger: Ledger, wanted: Sequence[str] = ()) -> set[int]:
    """Refresh, as a new process does; the sections whose files are known then."""
    Library(plex, ledger.index, wanted).refresh()
    return {section for section in (1, 2) if ledger.index.by_path(f"/{section}.mp4")}


@pytest.mark.parametrize("wanted", [(), ("scenes", "other"), ("1", "2")])
def test_a_section_that_plex_leaves_out_for_a_moment_stays(
    ledger: Ledger, clock: list[float], wanted: Sequence[str], caplog: pytest.LogCaptureFixture
) -> None:
    plex = TwoSections()
    assert look(plex, ledger, wanted) == {1, 2}
    plex.listed.pop()
    for _ in range(3):
        with suppress(LibraryMissing):
            look(plex, ledger, wanted)
        clock[0] += 60
    assert ledger.index.by_path("/2.mp4")
    assert ledger.index.is_filled()
    assert caplog.text.count("does not list its library 'Other'") == (0 if wanted else 1)
    plex.listed.append(Section(2, "Other", "movie"))
    assert look(plex, ledger, wanted) == {1, 2}
    clock[0] += 3600
    plex.listed.pop()
    with suppress(LibraryMissing):
        look(plex, ledger, wanted)
    assert ledger.index.by_path("/2.mp4"), "it was there in between"


def test_a_section_that_stays_missing_leaves_with_its_items(ledger: Ledger, clock: list[float]) -> None:
    plex = TwoSections()
    look(plex, ledger)
    plex.listed.pop()
    assert look(plex, ledger) == {1, 2}
    clock[0] += MISSING_FOR - 1
    assert look(plex, ledger) == {1, 2}
    clock[0] += 2
    assert look(plex, ledger) == {1}


def test_a_section_is_not_gone_because_the_clock_was_set_back(ledger: Ledger, clock: list[float]) -> None:
    plex = TwoSections()
    look(plex, ledger)
    plex.listed.pop()
    look(plex, ledger)
    clock[0] -= 24 * 3600
    assert look(plex, ledger) == {1, 2}
    clock[0] += MISSING_FOR + 1
    assert look(plex, ledger) == {1}


def test_a_section_that_the_settings_no_longer_name_leaves_at_once(ledger: Ledger) -> None:
    plex = TwoSections()
    look(plex, ledger)
    assert look(plex, ledger, ["Scenes"]) == {1}
    look(plex, ledger)
    plex.listed.pop()
    assert look(plex, ledger, ["Scenes"]) == {1}, "also where Plex does not list it"
    plex.listed.append(Section(2, "Other", "show"))
    look(plex, ledger)
    assert look(plex, ledger) == {1}, "one of another type is none of ours"


# --- files that scenes wait for --------------------------------------------------------------------------------------


def test_a_new_file_of_the_same_name_or_size_is_told_of(ledger: Ledger) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/Beach Day.mp4", 5)])
    ledger.wanted_files.seek(42, [SceneFile("/data/x.mp4", 77), SceneFile("/data/y.mp4")])
    ledger.wanted_files.seek(43, [SceneFile("/data/else.mp4", 99)])
    assert ledger.index.put([listed(1, "/media/BEACH DAY.mkv", 6)]) == [41]
    assert ledger.index.put([listed(2, "/media/renamed.mp4", 77), listed(3, "/media/nothing.mp4", 1)]) == [42]
    assert ledger.index.put([listed(4, "/media/y.mkv", None)]) == [42]


def test_a_file_that_was_there_before_is_not_new(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "/media/a.mp4", 5)])
    ledger.wanted_files.seek(41, [SceneFile("/data/a.mp4", 5)])
    assert ledger.index.put([listed(1, "/media/a.mp4", 5, title="Other title")]) == []
    assert ledger.index.put([listed(1, "/media/a.mp4", 6)]) == [41], "a file that was replaced is"


def test_an_unknown_size_is_like_no_other(ledger: Ledger) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/a.mp4"), SceneFile("/data/b.mp4", 0)])
    assert ledger.index.put([listed(1, "/media/x.mp4", 0), listed(2, "/media/y.mp4", None)]) == []


def test_a_scene_waits_only_for_the_files_it_has_now(ledger: Ledger) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/old.mp4", 5)])
    ledger.wanted_files.seek(41, [SceneFile("/data/1/new.mp4", 6), SceneFile("/data/2/new.mp4", 7)])
    assert ledger.wanted_files.count() == 1
    assert ledger.index.put([listed(1, "/media/old.mp4", 5)]) == []
    assert ledger.index.put([listed(2, "/media/x.mp4", 7)]) == [41]
    ledger.wanted_files.drop(41)
    assert ledger.wanted_files.count() == 0


def test_those_nobody_was_told_of_stay_noted(ledger: Ledger) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/a.mp4", 5)])
    ledger.index.put([listed(1, "/media/a.mp4", 5)])
    assert ledger.index.appeared() == [41]
    ledger.index.queued([41])
    assert ledger.index.appeared() == []
    assert ledger.wanted_files.count() == 1


def test_a_scene_that_is_synced_or_gone_waits_for_nothing(ledger: Ledger) -> None:
    for scene in (1, 2, 3):
        ledger.wanted_files.seek(scene, [SceneFile("/data/a.mp4", 5)])
    ledger.scenes.matched(1, Match(7, 1, 100, (), "", ""))
    ledger.scenes.confirm_write(1, 7, Confirmation("", "{}", "", (), 0, Result.SYNCED))
    ledger.scenes.set_state(2, State.GONE, Result.GONE)
    ledger.scenes.set_state(3, State.NOT_FOUND, Result.NOT_FOUND)
    assert ledger.index.put([listed(1, "/media/a.mp4", 5)]) == [3]


# --- with Plex -------------------------------------------------------------------------------------------------------


def test_what_plex_lists_is_found_and_what_it_changes_too(ledger: Ledger) -> None:
    with SimulatedPlex() as plex, PlexClient(PlexEndpoint(plex.url, plex.token, "tests")) as client:
        section = plex.add_section("Scenes", locations=["/media"])
        texts = {"studio": "Acme", "originallyAvailableAt": "2024-02-03"}
        first = plex.add_item(section, "Beach Day", [Part("/media/1.mp4", 5, 1000)], year=2024, **texts)
        assert refreshed(client, ledger) == 3
        (part,) = ledger.index.by_words(["beach"])
        assert (part.rating_key, part.studio, part.date, part.year) == (first, "Acme", "2024-02-03", 2024)
        assert refreshed(client, ledger) == 1
        plex.edit_as_person(first, title="Harbour")
        second = plex.add_item(section, "Lights", ["/media/2.mp4"])
        assert refreshed(client, ledger) == 4
        assert found(ledger, "harbour lights") == [first, second]
        assert not plex.violations


def refreshed(client: PlexClient, ledger: Ledger) -> int:
    """Refresh as a new process does; how many requests that took."""
    before = client.calls["read"]
    assert Library(client, ledger.index, ()).refresh()
    return client.calls["read"] - before
