"""Refreshing the library index: what is asked of Plex, what is noticed, and what a crash leaves to do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from plexsync.ledger import Ledger
from plexsync.library.library import (
    FULL_PASS_AGE,
    FULL_PASS_INTERVAL,
    FULL_PASS_SHARE,
    PAGE_SIZE,
    REFRESH_INTERVAL,
    Library,
)
from plexsync.model import Page, Part, SceneFile, Section
from plexsync.storage.database import Database
from tests.support.listed_plex import BEGAN, Died, ListedPlex, Refresher, Unread, die_at, item, now_item


class SlowPlex:
    """One section without items, whose first answer comes when it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answer = threading.Event()
        self.calls = 0

    def sections(self) -> Sequence[Section]:
        self.calls += 1
        self.asked.set()
        assert self.answer.wait(10)
        return [Section(1, "Scenes", "movie", locations=("/media",))]

    def listing(self, section_id: int, start: int, size: int, **_: Any) -> Page:
        return Page((), start, 0)

    def unread_listing(self, section_id: int, start: int, size: int, **_: Any) -> Unread:
        return Unread(section_id, start, 0, 0, self.listing(section_id, start, size))


@pytest.fixture
def plex() -> ListedPlex:
    return ListedPlex(item(key) for key in range(1, 2201))


@pytest.fixture
def refresher(plex: ListedPlex, ledger: Ledger) -> Refresher:
    return Refresher(plex, ledger)


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_the_first_fill_reads_everything_in_pages(refresher: Refresher, ledger: Ledger) -> None:
    # The sections, the latest change, five pages.
    assert refresher.refresh() == 7
    assert refresher.known() == list(range(1, 2201))
    assert ledger.index.is_filled()


def test_where_nothing_has_changed_one_request_is_enough(refresher: Refresher, plex: ListedPlex) -> None:
    refresher.refresh()
    assert refresher.refresh() == 1
    refresher.restart()
    assert refresher.refresh() == 1
    assert plex.requests[-1] == "sections"


def test_where_plex_does_not_tell_whether_it_has_a_handful_is(refresher: Refresher, plex: ListedPlex) -> None:
    plex.tells = False
    refresher.refresh()
    assert refresher.refresh() == 4
    plex.put(now_item(9000))
    refresher.refresh()
    assert 9000 in refresher.known()


def test_ten_new_items_cost_a_handful_of_requests_whatever_the_size(ledger: Ledger) -> None:
    plex = ListedPlex(item(key) for key in range(1, 5_001))
    refresher = Refresher(plex, ledger)
    assert refresher.refresh() == 2 + 5_000 / PAGE_SIZE
    plex.put(*(now_item(key) for key in range(30_001, 30_011)))
    assert refresher.refresh() == 4
    assert refresher.known()[-10:] == list(range(30_001, 30_011))
    assert refresher.refresh() == 1


def test_an_edit_of_an_item_costs_a_handful_of_requests(refresher: Refresher, plex: ListedPlex, ledger: Ledger) -> None:
    refresher.refresh()
    plex.put(item(5, title="Edited", updated_at=int(time.time())))
    assert refresher.refresh() == 4
    assert ledger.index.of_item(5)[0].title == "Edited"


def test_refreshes_are_gathered(refresher: Refresher, plex: ListedPlex) -> None:
    refresher.refresh()
    plex.put(now_item(9000))
    refresher.now += REFRESH_INTERVAL - 1
    assert refresher.library.refresh() is False
    refresher.refresh()
    assert 9000 in refresher.known()


def test_whoever_waits_for_another_threads_refresh_is_told_that_the_index_is_newer(ledger: Ledger) -> None:
    plex = SlowPlex()
    library = Library(plex, ledger.index, ())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(library.refresh)
        assert plex.asked.wait(10)
        second = pool.submit(library.refresh)
        while not second.running():
            pass
        threading.Event().wait(0.05)
        plex.answer.set()
        assert (first.result(), second.result()) == (True, True)
    assert plex.calls == 1
    assert library.refresh() is False


# --- what is noticed -------------------------------------------------------------------------------------------------


def test_an_item_that_comes_while_the_section_is_read_is_found_next_time(
    refresher: Refresher, plex: ListedPlex
) -> None:
    plex.before = lambda number: plex.put(item(1, title="Edited", updated_at=int(time.time()))) if number == 4 else None
    refresher.refresh()
    assert refresher.refresh() == 4
    assert refresher.ledger.index.of_item(1)[0].title == "Edited"
    assert refresher.refresh() == 1


def test_items_that_come_while_changes_are_read_are_no_reason_for_a_full_pass(
    refresher: Refresher, plex: ListedPlex
) -> None:
    refresher.refresh()
    refresher.age(FULL_PASS_INTERVAL)
    plex.put(now_item(9000))
    count = len(plex.requests) + 3
    plex.before = lambda number: plex.put(now_item(9001)) if number == count else None
    assert refresher.refresh() == 7
    assert refresher.known()[-2:] == [9000, 9001]


def test_the_very_second_of_a_change_is_not_taken_for_settled(refresher: Refresher, plex: ListedPlex) -> None:
    plex.content = int(time.time())
    refresher.refresh()
    # In the same second: the number stays.
    plex.items[9000] = now_item(9000)
    refresher.refresh()
    assert 9000 in refresher.known()


def test_deletions_are_noticed(refresher: Refresher, plex: ListedPlex) -> None:
    refresher.refresh()
    plex.remove(3, 700)
    refresher.refresh()
    assert refresher.known() == [key for key in range(1, 2201) if key not in (3, 700)]
    assert refresher.refresh() == 1


def test_deletions_are_noticed_later_where_reading_everything_takes_long(
    refresher: Refresher, plex: ListedPlex
) -> None:
    refresher.seconds_per_look = 1.0
    refresher.refresh()
    took = refresher.now
    plex.remove(3, 700)
    refresher.refresh()
    assert 3 in refresher.known(), "not yet: everything was read a moment ago"
    refresher.now += took / FULL_PASS_SHARE
    refresher.refresh()
    assert 3 not in refresher.known()


def test_a_count_that_stays_wrong_is_no_reason_to_read_everything_again_and_again(
    refresher: Refresher, plex: ListedPlex
) -> None:
    refresher.refresh()
    plex.more = 1
    plex.put(now_item(9000))
    refresher.refresh()
    costs = [refresher.refresh() for _ in range(5)]
    refresher.now += FULL_PASS_INTERVAL
    assert refresher.refresh() > max(costs)


def test_an_index_that_is_suspected_is_read_anew_whatever_the_times_say(refresher: Refresher, plex: ListedPlex) -> None:
    refresher.refresh()
    one, two = plex.items[3], plex.items[700]
    plex.items |= {3: replace(two, rating_key=3), 700: replace(one, rating_key=700)}
    assert refresher.refresh() == 1
    refresher.library.suspect()
    refresher.refresh()
    assert [part.file for part in refresher.ledger.index.of_item(3)] == ["/media/700.mp4"]
    assert [part.file for part in refresher.ledger.index.of_item(700)] == ["/media/3.mp4"]
    assert refresher.refresh() == 1


def test_what_cancels_out_is_noticed_by_the_full_pass_now_and_then(refresher: Refresher, plex: ListedPlex) -> None:
    refresher.refresh()
    del plex.items[3]
    plex.items[9000] = item(9000, added_at=BEGAN, updated_at=BEGAN)
    assert refresher.refresh() == 1
    refresher.age(FULL_PASS_AGE)
    refresher.refresh()
    assert 3 not in refresher.known()
    assert 9000 in refresher.known()
    assert refresher.refresh() == 1


def test_an_item_that_was_dropped_by_mistake_comes_back(refresher: Refresher, ledger: Ledger) -> None:
    refresher.refresh()
    ledger.index.drop(7)
    refresher.age(FULL_PASS_INTERVAL)
    refresher.refresh()
    assert 7 in refresher.known()


def test_an_item_of_the_far_future_does_not_hide_what_comes_before_then(refresher: Refresher, plex: ListedPlex) -> None:
    plex.put(item(5000, added_at=2**31, updated_at=2**31))
    refresher.refresh()
    plex.put(now_item(9000))
    assert refresher.refresh() == 4
    assert {5000, 9000} <= set(refresher.known())


def test_an_emptied_section_is_empty(refresher: Refresher, plex: ListedPlex, ledger: Ledger) -> None:
    refresher.refresh()
    plex.remove(*list(plex.items))
    refresher.age(FULL_PASS_INTERVAL)
    refresher.refresh()
    assert refresher.known() == []
    assert not ledger.index.is_filled()


# --- what was cut short ----------------------------------------------------------------------------------------------


def test_a_fill_that_was_cut_short_goes_on_where_it_was(
    refresher: Refresher, plex: ListedPlex, database: Database
) -> None:
    die_at(plex, 5)
    with pytest.raises(Died):
        refresher.refresh()
    assert len(refresher.known()) == 1500
    database.close()
    refresher.restart()
    # The sections, and from one page before on: what left meanwhile has shifted the others.
    assert refresher.refresh() == 4
    assert plex.requests[-3:] == ["1000+500", "1500+500", "2000+500"]
    assert refresher.known() == list(range(1, 2201))
    # What changed while nobody looked is still to be asked for.
    assert refresher.refresh() == 4
    assert refresher.refresh() == 1


def test_an_edit_while_a_fill_lay_still_is_found(refresher: Refresher, plex: ListedPlex, ledger: Ledger) -> None:
    die_at(plex, 5)
    with pytest.raises(Died):
        refresher.refresh()
    plex.put(item(1, title="Edited", updated_at=int(time.time())))
    refresher.restart()
    refresher.refresh()
    refresher.refresh()
    assert ledger.index.of_item(1)[0].title == "Edited"


def test_a_full_pass_that_was_cut_short_drops_what_it_saw_gone_before_and_after(
    refresher: Refresher, plex: ListedPlex
) -> None:
    refresher.refresh()
    plex.remove(10, 2000)
    refresher.age(FULL_PASS_AGE)
    die_at(plex, len(plex.requests) + 4)
    with pytest.raises(Died):
        refresher.refresh()
    refresher.restart()
    refresher.refresh()
    assert refresher.known() == [key for key in range(1, 2201) if key not in (10, 2000)]


@pytest.mark.parametrize("page", [1, 4, 5])
def test_where_deletions_shift_the_pages_no_item_is_lost_and_another_pass_follows(
    refresher: Refresher, plex: ListedPlex, page: int
) -> None:
    refresher.refresh()
    refresher.age(FULL_PASS_AGE)
    request = len(plex.requests) + 2 + page
    plex.before = lambda number: plex.remove(*range(1, 401)) if number == request else None
    refresher.refresh()
    assert set(range(401, 2201)) <= set(refresher.known())
    refresher.age(FULL_PASS_INTERVAL)
    refresher.refresh()
    assert refresher.known() == list(range(401, 2201))


def test_changes_that_were_read_in_part_are_read_again(refresher: Refresher, plex: ListedPlex, ledger: Ledger) -> None:
    refresher.refresh()
    plex.put(*(item(key, title="Edited", updated_at=int(time.time()) - 5000 + key) for key in range(1, 1001)))
    # The sections, what was added, the first page of what was changed.
    die_at(plex, len(plex.requests) + 3)
    with pytest.raises(Died):
        refresher.refresh()
    refresher.restart()
    refresher.refresh()
    assert {ledger.index.of_item(key)[0].title for key in range(1, 1001)} == {"Edited"}


# --- files that scenes wait for --------------------------------------------------------------------------------------


def test_a_scene_whose_file_appears_is_told_of_once(refresher: Refresher, plex: ListedPlex, ledger: Ledger) -> None:
    refresher.refresh()
    ledger.wanted_files.seek(41, [SceneFile("/data/new.mp4", 5_000_000)])
    refresher.refresh()
    assert refresher.appeared == []
    plex.put(now_item(9000, parts=(Part("/media/new.mp4", 5_000_000),)))
    refresher.refresh()
    refresher.refresh()
    assert refresher.appeared == [41]


def test_after_a_death_in_between_it_is_told_of_at_the_next_refresh(
    plex: ListedPlex, ledger: Ledger, refresher: Refresher
) -> None:
    def die(scene_ids: list[int]) -> None:
        raise Died

    ledger.wanted_files.seek(41, [SceneFile("/data/5.mp4")])
    with pytest.raises(Died):
        Library(plex, ledger.index, (), on_appeared=die).refresh()
    refresher.refresh()
    assert refresher.appeared == [41]


def test_a_process_that_has_nobody_to_tell_leaves_it_to_one_that_has(
    plex: ListedPlex, ledger: Ledger, refresher: Refresher
) -> None:
    ledger.wanted_files.seek(41, [SceneFile("/data/5.mp4")])
    Library(plex, ledger.index, ()).refresh()
    assert refresher.refresh() == 1
    assert refresher.appeared == [41]


# --- the log ---------------------------------------------------------------------------------------------------------


def test_a_long_fill_tells_how_far_it_is_and_how_long_it_will_take(
    refresher: Refresher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "plexsync.library.library")
    refresher.seconds_per_look = 5.0
    refresher.refresh()
    assert "library 'Scenes': 500 of 2200 items indexed, 100 a second, 17 s left" in caplog.text
    assert "2,200 items indexed in" in caplog.text


def test_a_short_one_tells_only_that_it_is_done(refresher: Refresher, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "plexsync.library.library")
    refresher.refresh()
    assert [record.getMessage() for record in caplog.records] == ["library 'Scenes': 2,200 items indexed in 0.0 s"]
