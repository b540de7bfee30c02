"""While all of Plex's library is read, whoever needs no more than is known goes on, and nobody else blocks a worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plexsync.app import QueueAccess, build
from plexsync.demo.http.faults import PlannedFault
from plexsync.errors import LibraryUnread
from plexsync.ledger import Ledger, State
from plexsync.library import library as library_module
from plexsync.library import one_reader
from plexsync.library.library import Library
from tests.support.listed_plex import ListedPlex, item
from tests.support.resting_bench import Days, resting_bench, until


class Held(ListedPlex):
    """Three pages of items; one of the requests is answered when it is let go."""

    def __init__(self, request: int) -> None:
        super().__init__(item(key) for key in range(1, 1200))
        self.is_asked = threading.Event()
        self.go = threading.Event()
        self.request = request
        self.before = self._hold

    def _hold(self, number: int) -> None:
        if number == self.request:
            self.is_asked.set()
            assert self.go.wait(10)


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    monkeypatch.setattr(library_module, "PAGE_SIZE", 1)
    monkeypatch.setattr(one_reader, "PATIENCE", 0.2)
    monkeypatch.setattr(one_reader, "SHORTEST_PAUSE", 0.2)
    monkeypatch.setattr(one_reader, "LONGEST_PAUSE", 0.5)
    monkeypatch.setattr("tasks.policy.varied", lambda _seconds: 0.0)
    with resting_bench(tmp_path, monkeypatch) as days:
        yield days


def test_the_scenes_that_are_met_go_on_and_the_others_wait_without_a_worker(days: Days) -> None:
    bench = days.bench
    first, pages = bench.scene, 12
    scenes = [bench.add(f"film {number}.mp4")[0] for number in range(pages)]
    days.set_up(
        wire=lambda settings: build(
            settings,
            days.database,
            QueueAccess(
                days.huey.waiting,
                on_appeared=lambda ids: days.huey.enqueue_by_name("sync_scene", [(one,) for one in ids], -10.0),
            ),
        )
    )
    bench.plex.faults.add(PlannedFault("slow", None, lambda request: request.path.endswith("/all"), seconds=0.25))
    for scene in (scenes[-1], scenes[-2], scenes[-3], first):
        days.sync_scene(scene)
    with days.consuming(workers=2):
        until(lambda: days.state(first) is State.SYNCED)
        assert not days.runtime().ledger.index.is_filled(), "it did not wait for the end"
        until(lambda: days.state(scenes[-3]) is State.PENDING or days.runtime().ledger.index.is_filled())

        def all_synced() -> bool:
            days.huey.storage.read_schedule(datetime.now(UTC))
            return all(days.state(scene) is State.SYNCED for scene in (scenes[-1], scenes[-2], scenes[-3]))

        until(all_synced, 20)
    with days.database.read() as db:
        counts = db.execute("select sum(attempts), sum(not_found), count(*) from scene").fetchone()
    assert tuple(counts) == (0, 0, 4), "no attempt was used up"
    listings = [one for one in bench.plex.log if one.path.endswith("/all")]
    assert len(listings) <= pages + 8, "it was read once"


def test_whoever_comes_while_everything_is_read_is_told_to_come_back_when_that_is_done(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_reader, "PATIENCE", 0.1)
    plex = Held(request=4)
    library = Library(plex, ledger.index, ())
    with ThreadPoolExecutor(1) as pool:
        filling = pool.submit(library.refresh)
        assert plex.is_asked.wait(10)
        began = time.monotonic()
        with pytest.raises(LibraryUnread, match="is being read") as caught:
            library.refresh()
        assert time.monotonic() - began < 2
        assert one_reader.SHORTEST_PAUSE <= caught.value.remaining <= one_reader.LONGEST_PAUSE
        plex.go.set()
        assert filling.result()
    assert library.refresh() is False
    assert plex.requests.count("sections") == 1


def test_a_plex_that_does_not_answer_keeps_one_worker_only(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_reader, "LONGEST_WAIT", 0.2)
    plex = Held(request=0)
    library = Library(plex, ledger.index, ())
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(library.refresh)
        assert plex.is_asked.wait(10)
        with pytest.raises(LibraryUnread):
            library.refresh()
        plex.go.set()
        assert asking.result()


@pytest.mark.parametrize(("share", "least", "most"), [(0.5, 5.0, 6.0), (0.0001, 59.0, 60.0)])
def test_how_long_to_stay_away_follows_from_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, share: float, least: float, most: float
) -> None:
    reader = one_reader.OneReader()
    monkeypatch.setattr(one_reader, "PATIENCE", 0.0)
    with reader.turn(), reader.everything():
        time.sleep(0.05)
        reader.is_at(share)
        with pytest.raises(LibraryUnread) as caught, reader.turn():
            pytest.fail("the turn is taken")
    assert least <= caught.value.remaining <= most
    with reader.turn():
        reader.is_at(0.5)
