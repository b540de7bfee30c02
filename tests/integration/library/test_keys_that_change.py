"""Items that Plex has scanned again under other rating keys, and what the index still says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.compare import differences
from plexsync.model import Part
from tests.support.sync_bench import SIZE, SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def let_it_look(bench: SyncBench) -> None:
    """Let the next miss refresh the index, however short ago the last one was."""
    bench.app.library.expire()


def test_an_item_scanned_again_more_than_once_is_found(bench: SyncBench) -> None:
    bench.sync()
    bench.key = bench.plex.rekey(bench.key)
    let_it_look(bench)
    bench.app.library.refresh()  # For another scene: the index now has the file under two keys.
    bench.key = bench.plex.rekey(bench.key)
    let_it_look(bench)
    bench.stash.edit(bench.scene, title="After")
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_what_takes_the_place_of_a_lost_item_has_to_be_as_sure_as_any_other(bench: SyncBench) -> None:
    bench.restart(match_auto=100)
    bench.sync()
    bench.plex.remove_item(bench.key)
    other = bench.plex.add_item(bench.section, "other", [Part("/media/elsewhere/a file.mp4", SIZE, 1_800_000)])
    let_it_look(bench)
    bench.stash.edit(bench.scene, title="After")
    assert bench.sync() == "review"
    assert bench.plex.item(other).title == "other"
