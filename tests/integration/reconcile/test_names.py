"""What a comparison of everything makes of names, their order and their locks, also right after an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reconcile_bench import ReconcileBench, reconcile_bench

pytestmark = pytest.mark.both_readings


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReconcileBench]:
    with reconcile_bench(tmp_path) as ready:
        yield ready


@pytest.fixture
def cast(ready: ReconcileBench) -> list[int]:
    """Two performers, in all scenes."""
    cast = [ready.stash.add_performer("Ann"), ready.stash.add_performer("Bea")]
    for scene in ready.scenes:
        ready.stash.edit(scene, performers=cast)
        ready.bench.sync(scene)
    assert ready.counts() == {}
    ready.plex.forget()
    return cast


def as_an_earlier_version_left_it(ready: ReconcileBench) -> None:
    """Fingerprints said nothing of the order of names, and digests were others."""
    with ready.bench.database.write() as db:
        db.execute("update scene set fingerprint = substr(fingerprint, 1, 64), digest = 'of an earlier version'")


def test_what_plex_showed_rightly_before_is_no_work_for_the_first_night(ready: ReconcileBench) -> None:
    scene, key = ready.bench.add("right already.mp4")
    ready.plex.edit_as_person(key, lock=False, title="Right", studio="Sunset", genre=["Summer"], collection=["Sunset"])
    ready.stash.edit(scene, title="Right", studio=ready.studio, tags=[ready.tag])
    ready.bench.app.library.expire()
    assert ready.bench.sync(scene) == "synced"
    assert {"title", "studio", "genre", "collection"} <= ready.plex.item(key).locked
    ready.plex.forget()
    assert ready.counts() == {}
    assert ready.counts(full=True) == {}
    assert ready.plex.counters["writes"] == 0


def test_another_order_in_stash_that_no_hook_told_of_is_found_and_written(
    ready: ReconcileBench, cast: list[int]
) -> None:
    ready.stash.edit(ready.scenes[1], performers=cast[::-1])
    assert ready.put_right() == {"changed": 1}
    assert ready.plex.item(ready.keys[1]).names("actor") == ["Bea", "Ann"]


@pytest.mark.usefixtures("cast")
def test_an_upgrade_queues_nothing_that_is_right_and_knows_orders_from_then_on(ready: ReconcileBench) -> None:
    as_an_earlier_version_left_it(ready)
    assert ready.counts() == {}
    assert ready.queue.synced == []
    assert ready.plex.counters["writes"] == 0
    assert all(len(ready.record(scene).fingerprint or "") > 64 for scene in ready.scenes)
    performers = ready.stash.scene(ready.scenes[0]).performers
    ready.stash.edit(ready.scenes[0], performers=list(reversed(performers)))
    assert ready.put_right() == {"changed": 1}
    assert ready.plex.item(ready.keys[0]).names("actor") == ["Bea", "Ann"]


def test_an_order_that_changes_before_the_first_comparison_is_written_with_its_hook(
    ready: ReconcileBench, cast: list[int]
) -> None:
    as_an_earlier_version_left_it(ready)
    ready.stash.edit(ready.scenes[2], performers=cast[::-1])
    assert ready.bench.sync(ready.scenes[2]) == "synced"
    assert ready.plex.item(ready.keys[2]).names("actor") == ["Bea", "Ann"]


@pytest.mark.usefixtures("cast")
def test_names_an_earlier_version_left_in_another_case_cost_nothing_where_plex_keeps_them(
    ready: ReconcileBench,
) -> None:
    # The server spells it so: nothing could change that, and nothing was noted of it then.
    for key in ready.keys:
        ready.plex.edit_as_person(key, actor=["Ann", "Bea"])
    with ready.plex.library.lock:
        ready.plex.library.tags.shared("actor", "Ann").name = "ANN"
    as_an_earlier_version_left_it(ready)
    assert ready.counts(full=True) == {}


@pytest.mark.usefixtures("cast")
def test_a_rename_in_case_that_an_earlier_version_swallowed_is_found_by_a_full_comparison(
    ready: ReconcileBench,
) -> None:
    ann = next(row for row in ready.stash.library.rows("performers").values() if row.name == "Ann")
    ready.stash.rename("performers", ann.id, "жанна")
    ready.put_right()
    ready.stash.rename("performers", ann.id, "Жанна")
    # Noted as told, and never written.
    with ready.bench.database.write() as db:
        db.execute("update scene set pushed = replace(pushed, ?, ?)", (r"\u0436\u0430", r"\u0416\u0430"))
    as_an_earlier_version_left_it(ready)
    with ready.bench.database.write() as db:
        db.execute("update scene set fingerprint = 'x'")
    for scene in ready.scenes:
        ready.bench.sync(scene)
    assert ready.plex.item(ready.keys[0]).names("actor") == ["жанна", "Bea"]
    assert ready.put_right(full=True) == {"drifted": 3}
    assert {tuple(ready.plex.item(key).names("actor")) for key in ready.keys} == {("Жанна", "Bea")}


@pytest.mark.usefixtures("cast")
def test_a_cast_that_an_earlier_version_shuffled_is_put_in_order_by_a_full_comparison(ready: ReconcileBench) -> None:
    ready.plex.edit_as_person(ready.keys[0], actor=["Bea", "Ann"], genre=["Summer"])
    assert ready.put_right(full=True) == {"drifted": 1}
    assert ready.plex.item(ready.keys[0]).names("actor") == ["Ann", "Bea"]


@pytest.mark.usefixtures("cast")
def test_a_plex_with_an_order_of_its_own_is_found_in_order(ready: ReconcileBench) -> None:
    ready.plex.behaviour.tag_order = "arrival"
    ready.plex.edit_as_person(ready.keys[0], actor=["Bea", "Ann"])
    ready.counts(full=True)
    ready.sync_all()
    writes = ready.plex.counters["writes"]
    assert ready.counts(full=True) == {}
    assert ready.plex.counters["writes"] == writes
