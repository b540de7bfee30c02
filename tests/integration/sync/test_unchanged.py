"""Scenes that need no look of their own when all are asked for, and those that do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.ledger import Result, State
from plexsync.ledger.at_rest import _AT_REST, _MATTERS
from plexsync.queue.huey import open_queue
from plexsync.storage.many_values import marks
from plexsync.sync import everything
from tests.support.sync_bench import SyncBench, sync_bench

#: Stash's clock: its stamps are a minute old, so that each is surely before its scene is read.
STAMPED = 60.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, stash_clock=lambda: time.time() - STAMPED) as bench:
        bench.stash.edit(bench.scene, title="A title", details="What it is about.")
        assert bench.sync() == Result.SYNCED
        yield bench


def unchanged(bench: SyncBench) -> set[int]:
    return set(bench.app.unchanged([bench.scene]))


def test_a_scene_that_is_as_it_was_costs_no_request_to_plex_and_none_for_its_picture(bench: SyncBench) -> None:
    bench.plex.forget()
    bench.stash.forget()
    assert unchanged(bench) == {bench.scene}
    assert bench.plex.log == []
    assert [one.path for one in bench.stash.log] == ["/graphql"]


@pytest.fixture
def many(tmp_path: Path) -> Iterator[tuple[SyncBench, list[int]]]:
    """A bench, and the scenes in it, all of them synced."""
    with sync_bench(tmp_path, stash_clock=lambda: time.time() - STAMPED) as bench:
        scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(40))]
        for scene in scenes:
            bench.sync(scene)
        yield bench, scenes


def test_many_scenes_are_read_in_one_request(many: tuple[SyncBench, list[int]]) -> None:
    bench, scenes = many
    bench.stash.forget()
    assert set(bench.app.unchanged(scenes)) == set(scenes)
    assert len(bench.stash.log) == 1


def test_asking_for_all_scenes_costs_two_requests_a_page_and_queues_none(
    many: tuple[SyncBench, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, scenes = many
    monkeypatch.setattr(everything, "PAGE", 20)
    huey = open_queue(bench.database, name="all")
    bench.stash.forget()
    bench.plex.forget()
    pages: list[everything.QueuedPage] = []
    while not pages or not pages[-1].is_last:
        after = pages[-1].last if pages else 0
        pages.append(everything.queue_page(huey, bench.app.stash, after, lambda _: None, bench.app.unchanged))
    assert sum(page.unchanged for page in pages) == len(scenes)
    assert huey.pending_count() == 0
    assert [one.path for one in bench.stash.log] == ["/graphql"] * 2 * len(pages)
    assert bench.plex.log == []


def test_one_that_cannot_be_read_spoils_no_other(many: tuple[SyncBench, list[int]]) -> None:
    bench, scenes = many
    bench.stash.spoil(scenes[3])
    assert set(bench.app.unchanged(scenes)) == {*scenes} - {scenes[3]}


def test_where_none_was_ever_synced_stash_is_not_asked(bench: SyncBench) -> None:
    bench.stash.forget()
    assert bench.app.unchanged([777, 778]) == set()
    assert bench.stash.log == []


CHANGES: dict[str, Callable[[SyncBench], object]] = {
    "a text": lambda bench: bench.stash.edit(bench.scene, title="Another"),
    "a cover": lambda bench: _later(bench, lambda: bench.stash.set_screenshot(bench.scene, pictures.png(9, 9, 9))),
    "its file": lambda bench: bench.stash.move_file(bench.stash.scene(bench.scene).files[0].id, "/data/elsewhere.mp4"),
    "it is gone": lambda bench: bench.stash.library.destroy_scenes([bench.scene]),
    "Stash is away": lambda bench: bench.stash.stop(),
    "Stash cannot read it": lambda bench: bench.stash.spoil(bench.scene),
    "it is in doubt": lambda bench: bench.app.ledger.scenes.doubt(bench.scene),
    "it failed since": lambda bench: bench.app.ledger.scenes.set_state(
        bench.scene, State.PENDING, Result.RETRY, error="Plex was busy"
    ),
    "its item is gone": lambda bench: bench.app.ledger.index.drop(bench.key),
    "a person chose": lambda bench: bench.app.ledger.reviews.accept(bench.scene, bench.key),
    "its picture was not sent": lambda bench: _execute(bench, "update picture set uploaded = 0"),
    "something is left out": lambda bench: _execute(
        bench,
        "insert into left_out (scene_id, field, part, reason, tries, since, tried_at) "
        f"values ({bench.scene}, 'title', 'x', 'refused', 1, 0, 0)",
    ),
    "a text was cut": lambda bench: _execute(bench, """update scene set notes = '["summary: cut"]'"""),
    "other settings": lambda bench: bench.restart(ascii_titles=True),
    "a match that asks": lambda bench: bench.restart(match_auto=101),
    "only organized ones": lambda bench: bench.restart(only_organized=True),
    "edits in Plex stay": lambda bench: bench.restart(preserve_plex_edits=True),
}


def _execute(bench: SyncBench, statement: str) -> None:
    with bench.database.write() as db:
        db.execute(statement)


def _later(bench: SyncBench, change: Callable[[], object]) -> None:
    """Change Stash in another second than before."""
    stamp = bench.stash.scene(bench.scene).updated_at
    while bench.stash.library.now() == stamp:
        time.sleep(0.01)
    change()


@pytest.mark.parametrize("change", CHANGES)
def test_a_scene_is_looked_at_where(bench: SyncBench, change: str) -> None:
    assert unchanged(bench) == {bench.scene}
    CHANGES[change](bench)
    assert unchanged(bench) == set()


def test_a_cover_that_may_have_changed_in_the_second_of_its_stamp_is_looked_at(tmp_path: Path) -> None:
    with sync_bench(tmp_path) as bench:
        bench.sync()
        assert unchanged(bench) == set()


def test_where_no_pictures_are_sent_the_second_of_the_stamp_does_not_matter(tmp_path: Path) -> None:
    with sync_bench(tmp_path, fields=frozenset({"title", "summary"})) as bench:
        bench.sync()
        assert unchanged(bench) == {bench.scene}
        bench.stash.edit(bench.scene, title="Another")
        assert unchanged(bench) == set()


@pytest.mark.sqlite
def test_every_lookup_goes_by_an_index(bench: SyncBench) -> None:
    select = _AT_REST.format(ids=marks([1]), fields=marks(["poster"]))
    with bench.database.read() as db:
        plans = [row["detail"] for row in db.execute(f"explain query plan {select}", [1, 90, "poster", 1])]
        for table in _MATTERS:
            known = f"explain query plan select scene_id from {table} where scene_id in (?)"
            plans += [row["detail"] for row in db.execute(known, [1])]
    assert [one for one in plans if one.startswith("SCAN")] == []
