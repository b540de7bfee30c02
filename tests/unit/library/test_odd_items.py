"""Items that Plex lists in a way that cannot be read: each costs itself, is named once, and upsets no count."""

from __future__ import annotations

import logging

import pytest

from plexsync.errors import NothingReadable
from plexsync.ledger import Ledger
from plexsync.library import library as library_module
from plexsync.library.library import FULL_PASS_AGE, FULL_PASS_INTERVAL, PAGE_SIZE
from plexsync.model import SceneFile
from tests.support.listed_plex import ListedPlex, Refresher, item, now_item

COUNT = 1200
#: The requests of a full pass: the sections, the latest change, three pages.
FULL = 5


@pytest.fixture
def plex() -> ListedPlex:
    return ListedPlex(item(key) for key in range(1, COUNT + 1))


@pytest.fixture
def refresher(plex: ListedPlex, ledger: Ledger) -> Refresher:
    return Refresher(plex, ledger)


def named(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("has_key", [True, False])
def test_the_others_are_indexed_and_the_odd_one_is_named_once_and_causes_no_further_pass(
    refresher: Refresher, plex: ListedPlex, caplog: pytest.LogCaptureFixture, has_key: bool
) -> None:
    plex.odd = {700: has_key}
    assert refresher.refresh() == FULL
    assert refresher.known() == [key for key in range(1, COUNT + 1) if key != 700]
    assert len(named(caplog)) == 1
    assert "'Odd'" in named(caplog)[0]
    assert refresher.refresh() == 1, "it is in step"
    refresher.age(FULL_PASS_INTERVAL)
    plex.put(now_item(5000))
    assert refresher.refresh() == 4, "what is new is read, and nothing else"
    refresher.restart()
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert len(named(caplog)) == 1, "also not by another process, at another pass"
    assert refresher.ledger.index.odd_ones(5)[0] == 1


@pytest.mark.parametrize("has_key", [True, False])
def test_an_item_that_was_known_and_is_odd_now_stays(refresher: Refresher, plex: ListedPlex, has_key: bool) -> None:
    refresher.refresh()
    plex.odd = {700: has_key}
    plex.content += 1
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert 700 in refresher.known()
    assert refresher.refresh() == 1
    plex.remove(3)
    refresher.age(FULL_PASS_INTERVAL)
    refresher.refresh()
    assert 700 in refresher.known()
    assert 3 not in refresher.known(), "that one is gone indeed"
    assert refresher.refresh() == 1


def test_one_that_nothing_tells_of_may_be_any_so_none_is_dropped_and_no_pass_follows_another(
    refresher: Refresher, plex: ListedPlex
) -> None:
    plex.put(item(700, parts=()))
    refresher.refresh()
    plex.odd = {700: False}
    plex.remove(3)
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert {3, 700} <= set(refresher.known())
    passes = 0
    for _ in range(6):
        refresher.age(FULL_PASS_INTERVAL)
        plex.content += 1
        passes += refresher.refresh() > 4 + 3
    assert passes <= 1
    assert refresher.refresh() == 1
    plex.odd = {}
    plex.content += 1
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert 3 not in refresher.known()


def test_one_that_can_be_read_again_is_indexed_and_no_longer_odd(refresher: Refresher, plex: ListedPlex) -> None:
    plex.odd = {700: True, 701: False}
    refresher.refresh()
    assert refresher.ledger.index.odd_ones(5)[0] == 2
    plex.odd = {}
    plex.content += 1
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert refresher.known() == list(range(1, COUNT + 1))
    assert refresher.ledger.index.odd_ones(5) == (0, [])
    assert refresher.refresh() == 1


def test_a_new_item_that_is_odd_is_left_out_though_nothing_else_is_new(
    refresher: Refresher, plex: ListedPlex, caplog: pytest.LogCaptureFixture
) -> None:
    refresher.refresh()
    plex.put(now_item(5000))
    plex.odd = {5000: True}
    refresher.refresh()
    assert len(named(caplog)) == 1
    assert refresher.refresh() == 1
    plex.put(now_item(5001))
    refresher.refresh()
    assert 5001 in refresher.known()


@pytest.mark.parametrize("has_key", [True, False])
def test_the_last_page_may_hold_nothing_but_odd_ones(refresher: Refresher, plex: ListedPlex, has_key: bool) -> None:
    last = PAGE_SIZE * 3
    plex.put(*(item(key) for key in range(COUNT + 1, last + 3)))
    plex.odd = {last + 1: has_key, last + 2: has_key}
    refresher.refresh()
    assert refresher.known() == list(range(1, last + 1))
    assert refresher.refresh() == 1


@pytest.mark.parametrize("has_key", [True, False])
def test_whoever_reads_everything_anew_leaves_odd_ones_out_and_what_is_known_of_them_as_it_is(
    refresher: Refresher, plex: ListedPlex, monkeypatch: pytest.MonkeyPatch, has_key: bool
) -> None:
    refresher.refresh()
    plex.odd = {700: has_key, COUNT: has_key}
    plex.remove(5)
    monkeypatch.setattr(library_module, "WALK_SIZE", COUNT - 2)  # The last page holds nothing but an odd one.
    library = refresher.library
    (walk,) = library.begin_walks()
    met = 0
    while not walk.at_end:
        unread, walk = library.walk(walk)
        page = library.read(unread)
        met += len(page.items)
        library.keep(walk, page.items, odd=page.odd)
    assert met == COUNT - 3
    library.end_walk(walk)
    assert refresher.known() == [key for key in range(1, COUNT + 1) if key != 5]


def test_a_page_of_many_of_which_none_can_be_read_is_a_broken_answer(refresher: Refresher, plex: ListedPlex) -> None:
    plex.odd = dict.fromkeys(range(1, PAGE_SIZE + 1), True)
    with pytest.raises(NothingReadable):
        refresher.refresh()


def test_a_library_of_which_nothing_can_be_read_is_a_broken_answer(refresher: Refresher, plex: ListedPlex) -> None:
    plex.remove(*range(4, COUNT + 1))
    plex.odd = {1: True, 2: True, 3: True}
    with pytest.raises(NothingReadable):
        refresher.refresh()


def test_very_many_odd_ones_are_not_all_named(
    refresher: Refresher, plex: ListedPlex, caplog: pytest.LogCaptureFixture
) -> None:
    plex.odd = dict.fromkeys(range(1, 400), True)
    refresher.refresh()
    assert len(named(caplog)) == 6
    assert "394 more" in named(caplog)[-1]
    assert refresher.refresh() == 1


def test_a_plex_that_counts_wrongly_is_not_read_over_and_over(refresher: Refresher, plex: ListedPlex) -> None:
    plex.more = 7
    refresher.refresh()
    passes = 0
    for _ in range(8):
        refresher.age(FULL_PASS_INTERVAL)
        plex.content += 1
        passes += refresher.refresh() > 10
    assert passes == 1, "once more, to see whether it stays so"
    assert refresher.known() == list(range(1, COUNT + 1))


def test_a_scene_whose_file_appears_beside_an_odd_item_is_told_of(
    refresher: Refresher, plex: ListedPlex, ledger: Ledger
) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/5.mp4")])
    plex.odd = {4: True, 6: False}
    refresher.refresh()
    assert refresher.appeared == [41]
