"""A file at its path in Plex, with another size and length than in Stash: Plex looks again, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.ledger import analysed_items
from plexsync.model import Part
from tests.support.sync_bench import SIZE, SyncBench, sync_bench

NEW = SIZE + 1000


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path / "data") as bench:
        bench.app.library.refresh()
        yield bench


def replaced(bench: SyncBench, name: str) -> tuple[int, int]:
    """A file that Stash has scanned since it was replaced, and Plex has not."""
    scene = bench.stash.add_scene("New cut", f"/data/{name}", size=NEW, duration=900.0)
    key = bench.plex.add_item(bench.section, "Old", [Part(f"/media/{name}", SIZE, 1_800_000)])
    bench.plex.replace_files(key, [Part(f"/media/{name}", NEW, 900_000)])
    bench.app.library.expire()
    return scene, key


def test_plex_is_asked_to_analyse_the_item_once_and_the_scene_follows(bench: SyncBench) -> None:
    scene, key = replaced(bench, "cut.mp4")
    assert [bench.sync(scene), bench.sync(scene)] == ["review", "review"]
    assert bench.plex.counters["analyzed"] == 1
    assert bench.plex.item(key).title == "Old"
    bench.app.library.expire()
    bench.app.library.refresh()
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "New cut"


def test_what_plex_has_noticed_is_read_with_the_item_and_nothing_is_analysed(bench: SyncBench) -> None:
    scene, key = replaced(bench, "cut.mp4")
    bench.app.library.refresh()
    with bench.plex.library.lock:
        # Its time does not move, so that no listing of changes shows it.
        item = bench.plex.library.items[key]
        item.parts = (Part("/media/cut.mp4", NEW, 900_000),)
    assert bench.sync(scene) == "synced"
    assert bench.plex.counters["analyzed"] == 0


def test_another_video_under_the_name_stays_with_a_person(bench: SyncBench) -> None:
    scene, key = replaced(bench, "cut.mp4")
    bench.plex.replace_files(key, [Part("/media/cut.mp4", SIZE + 5, 1_234_000)])
    assert bench.sync(scene) == "review"
    for _ in range(2):
        bench.app.library.expire()
        bench.app.library.refresh()
        assert bench.sync(scene) == "review"
    # Once more, as it is listed with another size now, and then no more.
    assert bench.plex.counters["analyzed"] == 2
    assert bench.plex.item(key).title == "Old"


def test_only_so_many_are_asked_for_in_an_hour(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysed_items, "MOST_IN_AN_HOUR", 2)
    scenes = [replaced(bench, f"cut {number}.mp4")[0] for number in range(4)]
    assert [bench.sync(scene) for scene in scenes] == ["review"] * 4
    assert bench.plex.counters["analyzed"] == 2


def test_a_refusal_changes_nothing_for_the_scene(bench: SyncBench) -> None:
    scene, _ = replaced(bench, "cut.mp4")
    bench.plex.faults.add(
        PlannedFault("status", times=None, status=403, match=lambda request: request.path.endswith("/analyze"))
    )
    assert [bench.sync(scene), bench.sync(scene)] == ["review", "review"]


def test_nothing_is_asked_in_a_dry_run(bench: SyncBench) -> None:
    bench.restart(dry_run=True)
    scene, _ = replaced(bench, "cut.mp4")
    assert bench.sync(scene) == "review"
    assert bench.plex.counters["analyzed"] == 0
