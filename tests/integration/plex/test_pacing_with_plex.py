"""Many threads that write to a simulated Plex as fast as they are let."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.errors import PlexUnavailable
from plexsync.model import Edit, Field
from plexsync.plex import PlexClient, PlexEndpoint
from tests.support.sync_bench import sync_bench

WORKERS = 8


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as plex:
        plex.add_item(plex.add_section("Movies", locations=["/media"]), "A film", ["/media/a.mkv"])
        yield plex


@contextmanager
def client(plex: SimulatedPlex, **options: float) -> Iterator[PlexClient]:
    endpoint = PlexEndpoint(plex.url, plex.token, "test", read_timeout=1.0)
    with PlexClient(endpoint, pool_size=WORKERS, **options) as client:
        yield client


def is_write(request: Request) -> bool:
    return request.method == "PUT"


def edit(client: PlexClient, key: int = 1) -> None:
    client.edit(1, [key], Edit(texts={Field.TITLE: "Another"}), lock=True)


def key_of(plex: SimulatedPlex) -> int:
    return plex.items(1)[0].rating_key


@contextmanager
def writing(write: Callable[[], None]) -> Iterator[None]:
    """Write in all threads until the block is left; what fails is written again."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            with suppress(PlexUnavailable):
                write()

    with ThreadPoolExecutor(WORKERS) as threads:
        futures = [threads.submit(work) for _ in range(WORKERS)]
        try:
            yield
        finally:
            done.set()
    for future in futures:
        future.result()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_plex_that_writes_one_at_a_time_has_few_waiting_and_is_hardly_ever_idle(plex: SimulatedPlex) -> None:
    plex.behaviour.write_delay = 0.05
    key = key_of(plex)
    with client(plex) as paced:
        with writing(lambda: edit(paced, key)):
            time.sleep(2)
            done = plex.counters["writes"]
        # A busy machine adds latency of its own, and with it the limit wavers; bench_throughput.py has exact figures.
        assert paced.pace.peak_in_flight < WORKERS - 1
    assert 1 <= plex.peak_waiting < WORKERS - 2
    assert done >= 0.6 * 2 / 0.05


def test_a_busy_database_is_not_pushed(plex: SimulatedPlex) -> None:
    plex.behaviour.write_delay = 0.03
    plex.behaviour.busy_limit = 3
    key = key_of(plex)
    with client(plex) as paced, writing(lambda: edit(paced, key)):
        time.sleep(1.5)
    statuses = [one.status for one in plex.log if one.method == "PUT"]
    assert len(statuses) > 20
    assert statuses.count(500) < len(statuses) / 5


def test_it_begins_with_one_after_plex_was_away_and_grows_again(plex: SimulatedPlex) -> None:
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.02))
    key = key_of(plex)
    with client(plex) as paced, writing(lambda: edit(paced, key)):
        until(lambda: paced.pace.limit >= 5)
        plex.stop()
        until(lambda: paced.pace.limit == 1)
        time.sleep(0.5)
        assert paced.pace.limit == 1
        plex.start()
        until(lambda: paced.pace.limit >= 5)


def test_one_answer_with_retry_after_pauses_all_writes_and_no_reads(plex: SimulatedPlex) -> None:
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.02))
    key = key_of(plex)
    with client(plex) as paced:
        with writing(lambda: edit(paced, key)):
            until(lambda: paced.pace.limit >= 3)
            plex.faults.clear()
            plex.faults.add(PlannedFault("status", status=429, retry_after=1, match=is_write))
            until(lambda: paced.pace.paused_for > 0)
            until(lambda: paced.pace.in_flight == 0)
            plex.forget()
            paced.items([key])
            until(lambda: plex.counters["PUT"] > 0)
        first = next(one for one in plex.log if one.method == "PUT")
        read = next(one for one in plex.log if one.method == "GET")
    assert first.started - read.started > 0.5


def test_time_outs_lower_the_limit(plex: SimulatedPlex) -> None:
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.01))
    key = key_of(plex)
    with client(plex) as paced:
        with writing(lambda: edit(paced, key)):
            until(lambda: paced.pace.limit >= 4)
        before = paced.pace.limit
        plex.faults.clear()
        plex.faults.add(PlannedFault("hang"))
        with pytest.raises(PlexUnavailable):
            edit(paced, key)
        assert paced.pace.limit == before // 2


def test_the_setting_bounds_the_writes_of_a_sync(tmp_path: Path) -> None:
    with sync_bench(tmp_path, max_writes_per_second=4) as bench:
        bench.stash.edit(bench.scene, title="Title", rating100=80)
        bench.sync()
        times = [one.started for one in bench.plex.log if one.method in ("PUT", "POST")]
    assert len(times) >= 3
    assert all(later - earlier > 0.2 for earlier, later in pairwise(times))
