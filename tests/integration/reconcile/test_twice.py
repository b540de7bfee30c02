"""A second comparison right after the first: what the first has put in doubt is no write that was never confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.errors import PlexSyncError
from plexsync.ledger import rescued
from tests.support.reconcile_bench import ReconcileBench, reconcile_bench


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReconcileBench]:
    with reconcile_bench(tmp_path) as ready:
        yield ready


def drift(ready: ReconcileBench) -> dict[str, int]:
    """Something of each kind that is found in Plex, one scene each."""
    ready.bench.plex_ahead[0] += 5.0
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    ready.plex.unlock_as_person(ready.keys[1], "studio")
    ready.plex.delete_picture_as_person(ready.keys[2], "posters")
    return {"drifted": 1, "unlocked": 1, "picture_gone": 1}


def test_what_is_in_the_queue_already_is_not_found_again(ready: ReconcileBench) -> None:
    found = drift(ready)
    assert ready.counts() == found
    ready.queue.there = set(ready.queue.synced)
    assert ready.counts() == {}
    assert ready.queue.synced == []


def test_what_is_no_longer_in_the_queue_is_found_again_and_called_what_it_is(ready: ReconcileBench) -> None:
    found = drift(ready)
    assert ready.counts() == found
    assert ready.counts() == found
    assert sorted(ready.queue.synced) == sorted(ready.scenes)
    ready.sync_all()
    assert ready.counts() == {}


def test_a_dry_run_after_it_says_the_same(ready: ReconcileBench) -> None:
    found = drift(ready)
    ready.counts()
    assert ready.counts(dry_run=True) == found


def test_a_write_that_came_to_no_end_is_called_so_even_where_the_item_was_in_doubt_before(
    ready: ReconcileBench,
) -> None:
    ready.bench.plex_ahead[0] += 5.0
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    assert ready.counts() == {"drifted": 1}
    ready.plex.faults.add(PlannedFault("after", match=lambda one: one.method == "PUT", then="html"))
    with pytest.raises(PlexSyncError):
        ready.bench.sync(ready.scenes[0])
    assert ready.counts() == {"unconfirmed": 1}
    ready.queue.there = {ready.scenes[0]}
    assert ready.counts() == {}
    ready.queue.there = set()
    assert ready.put_right() == {"unconfirmed": 1}


def test_a_record_that_cannot_be_read_is_called_so_twice(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set pushed = '[]' where scene_id = ?", (ready.scenes[0],))
    assert ready.counts(full=True) == {"unconfirmed": 1}
    assert ready.put_right() == {"unconfirmed": 1}


def test_a_scene_that_had_to_let_its_item_go_is_one_whose_file_has_moved(ready: ReconcileBench) -> None:
    ready.bench.app.ledger.scenes.release(ready.scenes[0])
    assert ready.put_right() == {"moved": 1}


@pytest.mark.sqlite  # such a file is
def test_after_a_damaged_file_was_put_together_again_no_write_is_blamed(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        rescued.take_for_doubtful(db)
    assert ready.put_right() == {"doubted": 3}


def test_what_an_older_version_left_in_doubt_is_still_looked_at(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set pushing = pushed where scene_id = ?", (ready.scenes[0],))
    assert ready.put_right() == {"unconfirmed": 1}
