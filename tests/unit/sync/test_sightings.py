"""What items were seen to hold a moment ago: when that counts, and what is read along."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexsync.errors import FileElsewhere, ItemGone, ItemUnreadable, PlexUnavailable
from plexsync.matching.lookup import Match
from plexsync.model import Item, Part
from plexsync.sync.sightings import ALONE_FOR, FRESH, MOST_ALONG, SURELY_DOWN, TOGETHER, Sightings, held
from plexsync.sync.upcoming import Upcoming


class Reader:
    """Items, and what was asked for; the clock and what waits are set by hand."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.gone: set[int] = set()
        self.odd: set[int] = set()
        self.now = 0.0
        self.epoch = 0
        self.waiting: list[int] = []
        self.fails = False
        #: Plex fails at each request for one of these.
        self.stumbles: set[int] = set()
        self.sightings = Sightings(self.read, lambda: self.epoch, lambda count: self.waiting[:count], lambda: self.now)

    def read(self, keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        self.asked.append(list(keys))
        if self.fails:
            raise PlexUnavailable("away")
        if self.stumbles.intersection(keys):
            error = PlexUnavailable("it stumbles")
            error.stumbled = True
            raise error
        found: dict[int, Item | ItemUnreadable] = {
            key: Item(key, 1, parts=(Part(f"/media/{key}.mp4"),)) for key in keys if key not in self.gone
        }
        return found | {key: ItemUnreadable("odd") for key in keys if key in self.odd}

    def look(self, key: int) -> int:
        """Look at an item; how many requests that took."""
        before = len(self.asked)
        item = self.sightings.look(key)
        assert item is not None
        assert item.rating_key == key
        return len(self.asked) - before


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_what_was_seen_before_is_no_look(reader: Reader) -> None:
    assert reader.look(1) == 1
    assert reader.look(1) == 1
    reader.sightings.read(1)
    assert reader.look(1) == 1


def test_scenes_that_wait_are_looked_at_along_with_one_that_is(reader: Reader) -> None:
    reader.waiting = [2, 3, 4]
    assert reader.look(1) == 1
    assert reader.asked == [[1, 2, 3, 4]]
    assert [reader.look(key) for key in (2, 3, 4)] == [0, 0, 0]


def test_what_was_read_along_serves_one_look(reader: Reader) -> None:
    reader.waiting = [2]
    reader.look(1)
    reader.waiting = []
    assert [reader.look(2), reader.look(2)] == [0, 1]


def test_what_was_read_along_does_not_outlast_its_scenes_turn(reader: Reader) -> None:
    reader.waiting = [2]
    reader.look(1)
    reader.waiting = []
    reader.sightings.over(2)
    assert reader.look(2) == 1


def test_what_was_read_along_serves_for_a_few_seconds(reader: Reader) -> None:
    reader.waiting = [2, 3]
    reader.look(1)
    reader.waiting = []
    reader.now = FRESH - 0.1
    assert reader.look(2) == 0
    reader.now = FRESH + 0.1
    assert reader.look(3) == 1


def test_nothing_seen_before_an_outage_serves_after_it(reader: Reader) -> None:
    reader.waiting = [2]
    reader.look(1)
    reader.epoch += 1
    assert reader.look(2) == 1


def test_an_item_that_was_written_to_is_looked_at_anew(reader: Reader) -> None:
    reader.waiting = [2]
    reader.look(1)
    reader.waiting = []
    with reader.sightings.writing([2]):
        pass
    assert reader.look(2) == 1


def test_what_is_read_while_an_item_is_written_to_does_not_serve(reader: Reader) -> None:
    asked, answer = threading.Event(), threading.Event()
    read = reader.read

    def slowly(keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        asked.set()
        assert answer.wait(10)
        return read(keys)

    sightings = Sightings(slowly, upcoming=lambda _count: reader.waiting, clock=lambda: reader.now)
    reader.waiting = [2]
    thread = threading.Thread(target=sightings.look, args=(1,))
    thread.start()
    assert asked.wait(10)
    with sightings.writing([2]):
        pass
    answer.set()
    thread.join(10)
    reader.waiting = []
    sightings.look(2)
    assert reader.asked == [[1, 2], [2]]


def test_readings_side_by_side_do_not_end_each_other(reader: Reader) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slowly(keys: Sequence[int]) -> dict[int, Item | ItemUnreadable]:
        if keys[0] == 1:
            asked.set()
            assert answer.wait(10)
        return reader.read(keys)

    sightings = Sightings(slowly, upcoming=lambda _count: reader.waiting, clock=lambda: reader.now)
    reader.waiting = [9]
    slow = threading.Thread(target=sightings.read_all, args=([1],))
    slow.start()
    assert asked.wait(10)
    reader.waiting = []
    sightings.read_all([2])
    with sightings.writing([9]):
        pass
    answer.set()
    slow.join(10)
    sightings.look(9)
    assert reader.asked == [[2], [1, 9], [9]]


def test_who_waits_for_a_write_is_looked_at_along(reader: Reader) -> None:
    reader.look(5)
    with reader.sightings.writing([5]):
        reader.now += FRESH
        reader.sightings.read(1)
        assert reader.asked[-1] == [1, 5]
        reader.now += 1
        assert list(reader.sightings.seen([5])) == [5]
        assert len(reader.asked) == 2
    # Not for a look that is to come.
    assert reader.look(5) == 1


def test_what_is_seen_for_its_files_may_have_been_written_to(reader: Reader) -> None:
    reader.look(1)
    with reader.sightings.writing([1]):
        pass
    assert list(reader.sightings.seen([1])) == [1]
    assert len(reader.asked) == 1
    reader.now += FRESH + 0.1
    assert list(reader.sightings.seen([1])) == [1]
    assert len(reader.asked) == 2


def test_a_request_stays_within_its_bounds(reader: Reader) -> None:
    for key in range(200):
        reader.waiting = list(range(1000 * key + 1000, 1000 * key + 2000))
        reader.look(key)
        assert len(reader.asked[-1]) <= TOGETHER
    assert max(len(keys) for keys in reader.asked) == MOST_ALONG + 1


def test_few_are_read_along_where_few_are_wanted(reader: Reader) -> None:
    reader.waiting = list(range(1000, 2000))
    reader.look(1)
    assert len(reader.asked[-1]) < 10


def test_where_items_moved_nothing_is_read_along_for_a_while(reader: Reader) -> None:
    reader.waiting = [2, 3]
    reader.gone = {3}
    reader.look(1)
    reader.look(10)
    assert reader.asked[-1] == [10]
    reader.now += ALONE_FOR
    reader.look(11)
    assert reader.asked[-1] == [11, 2, 3]


def test_a_failure_is_not_shared_again(reader: Reader) -> None:
    reader.waiting = [2]
    reader.fails = True
    with pytest.raises(PlexUnavailable):
        reader.sightings.look(1)
    reader.fails = False
    reader.look(1)
    assert reader.asked == [[1, 2], [1]]


def test_an_item_that_cannot_be_read_is_its_own_fault_alone(reader: Reader) -> None:
    reader.waiting = [2, 3]
    reader.odd = {2}
    assert reader.look(1) == 1
    assert reader.look(3) == 0
    with pytest.raises(ItemUnreadable):
        reader.sightings.look(2)
    with pytest.raises(ItemUnreadable):
        reader.sightings.read(2)


def test_an_item_that_is_gone_is_none(reader: Reader) -> None:
    reader.gone = {1}
    assert reader.sightings.look(1) is None
    assert reader.sightings.read(1) is None
    assert reader.sightings.read_all([1, 2]).keys() == {2}


class TestReadBack:
    """Items that are written at the same moment are read back in one request; ``PATIENT`` seconds are never used up."""

    PATIENT = 60.0

    @pytest.fixture
    def reader(self) -> Reader:
        reader = Reader()
        reader.sightings = Sightings(reader.read, gather_for=self.PATIENT)
        return reader

    def test_those_that_are_written_at_the_moment_are_waited_for(self, reader: Reader) -> None:
        for key in (1, 2, 3):
            reader.sightings.expect_read_back(key)
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(reader.sightings.read_back, match(key)) for key in (1, 2, 3)]
            assert [future.result(self.PATIENT / 2).rating_key for future in futures] == [1, 2, 3]
        assert [sorted(keys) for keys in reader.asked] == [[1, 2, 3]]

    def test_one_alone_waits_for_nobody(self, reader: Reader) -> None:
        began = time.monotonic()
        reader.sightings.expect_read_back(1)
        assert reader.sightings.read_back(match(1)).rating_key == 1
        assert time.monotonic() - began < self.PATIENT / 2

    @pytest.mark.parametrize("ended", [Sightings.over, Sightings.await_no_longer])
    def test_who_fails_or_takes_longer_holds_nobody_up(
        self, reader: Reader, ended: Callable[[Sightings, int], None]
    ) -> None:
        reader.sightings.expect_read_back(1)
        reader.sightings.expect_read_back(2)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(reader.sightings.read_back, match(1))
            ended(reader.sightings, 2)
            assert future.result(self.PATIENT / 2).rating_key == 1
        assert reader.asked == [[1]]

    def test_nobody_is_waited_for_longer_than_a_moment(self) -> None:
        reader = Reader()
        reader.sightings = Sightings(reader.read, gather_for=0.01)
        reader.sightings.expect_read_back(2)
        assert reader.sightings.read_back(match(1)).rating_key == 1

    def test_one_that_holds_another_file_or_is_gone_spoils_no_other(self, reader: Reader) -> None:
        reader.gone = {2}
        for key in (1, 2, 3):
            reader.sightings.expect_read_back(key)
        elsewhere = Match(3, 1, 100, (), "3", "/media/elsewhere.mp4", "")
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(reader.sightings.read_back, one) for one in (match(1), match(2), elsewhere)]
            assert futures[0].result(self.PATIENT / 2).rating_key == 1
            with pytest.raises(ItemGone):
                futures[1].result(self.PATIENT / 2)
            with pytest.raises(FileElsewhere):
                futures[2].result(self.PATIENT / 2)

    def test_one_that_plex_fails_at_spoils_no_other(self, reader: Reader) -> None:
        reader.stumbles = {2}
        for key in (1, 2, 3):
            reader.sightings.expect_read_back(key)
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(reader.sightings.read_back, match(key)) for key in (1, 2, 3)]
            assert futures[0].result(self.PATIENT / 2).rating_key == 1
            assert futures[2].result(self.PATIENT / 2).rating_key == 3
            with pytest.raises(PlexUnavailable):
                futures[1].result(self.PATIENT / 2)
        assert len(reader.asked) == 4

    def test_a_plex_that_fails_at_all_is_not_asked_for_each(self, reader: Reader) -> None:
        keys = range(1, 7)
        reader.stumbles = {*keys}
        for key in keys:
            reader.sightings.expect_read_back(key)
        with ThreadPoolExecutor(6) as pool:
            futures = [pool.submit(reader.sightings.read_back, match(key)) for key in keys]
            for future in futures:
                with pytest.raises(PlexUnavailable):
                    future.result(self.PATIENT / 2)
        assert len(reader.asked) == 1 + SURELY_DOWN

    def test_a_plex_that_is_away_is_not_asked_again_for_each(self, reader: Reader) -> None:
        reader.fails = True
        for key in (1, 2, 3):
            reader.sightings.expect_read_back(key)
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(reader.sightings.read_back, match(key)) for key in (1, 2, 3)]
            for future in futures:
                with pytest.raises(PlexUnavailable):
                    future.result(self.PATIENT / 2)
        assert len(reader.asked) == 1


def match(key: int) -> Match:
    return Match(key, 1, 100, (), f"item {key}", f"/media/{key}.mp4", "")


def test_an_item_has_to_hold_the_file() -> None:
    match = Match(1, 1, 100, (), "Title", "/media/1.mp4")
    item = Item(1, 1, parts=(Part("/media/1.mp4"), Part("/media/2.mp4")))
    assert held(match, item) is item
    with pytest.raises(FileElsewhere):
        held(match, Item(1, 1, parts=(Part("/media/2.mp4"),)))
    with pytest.raises(ItemGone):
        held(match, None)


def test_an_item_without_files_says_nothing() -> None:
    with pytest.raises(ItemUnreadable):
        held(Match(1, 1, 100, (), "Title", "/media/1.mp4"), Item(1, 1))


# --- who comes next ------------------------------------------------------------------------------------------------


def test_what_is_in_line_comes_before_what_is_expected() -> None:
    now = [0.0]
    upcoming = Upcoming(lambda count: [7, 8][:count], lambda: now[0])
    upcoming.expect([1, 8, 2, 3], seconds=10)
    assert upcoming.next(10) == [7, 8, 1, 2, 3]
    assert upcoming.next(3) == [7, 8, 1]
    upcoming.met(1)
    assert upcoming.next(10) == [7, 8, 2, 3]
    now[0] = 11
    assert upcoming.next(10) == [7, 8]


def test_what_had_its_turn_is_not_expected_any_more() -> None:
    now = [0.0]
    upcoming = Upcoming(lambda _count: [], lambda: now[0])
    upcoming.met(1)
    now[0] = 5.0
    upcoming.met(2)
    now[0] = 6.0
    # Its own message overtook the one that names all.
    upcoming.expect([1, 2, 3], seconds=10, ago=3.0)
    assert upcoming.next(10) == [1, 3]
