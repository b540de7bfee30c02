"""How often the file is written to for one scene: each transaction costs a lock and a share of a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Result
from tests.support.sql_seen import transactions_of
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    """A bench on which two scenes were synced, so that what is found out once is known of this Plex."""
    with sync_bench(tmp_path, stash_clock=lambda: time.time() - 60) as bench:
        others = [bench.add(f"{number}.mp4")[0] for number in range(2)]
        for scene in others:
            bench.sync(scene)
        yield bench


def transactions(bench: SyncBench, work: Callable[[], object]) -> tuple[int, int]:
    """How many there are, and how many of them are synced to disk."""
    with transactions_of(bench.database) as seen:
        work()
    return seen.all, seen.durable


def sync(bench: SyncBench, result: Result) -> Callable[[], None]:
    def work() -> None:
        assert bench.sync() == result

    return work


def test_first_contact_with_two_pictures_takes_five(bench: SyncBench) -> None:
    # The match, the intent, that two pictures are sent, that they are there, and the outcome; what is to last before
    # something is sent is synced.
    assert transactions(bench, sync(bench, Result.SYNCED)) == (5, 2)


def test_an_edit_of_one_text_takes_two(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="Another title")
    # The intent and the outcome.
    assert transactions(bench, sync(bench, Result.SYNCED)) == (2, 1)


def test_a_scene_that_is_unchanged_takes_one(bench: SyncBench) -> None:
    bench.sync()
    assert transactions(bench, sync(bench, Result.UNCHANGED)) == (1, 0)
