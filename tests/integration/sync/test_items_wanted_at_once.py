"""Two scenes that want one item at the same time, because a file has moved or a person has given the item away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault, Request
from plexsync.ledger import Result, State
from plexsync.model import Part
from tests.support.leaving_bench import OTHER_COVER, LeavingBench, filled, leaving_bench, move, two_files
from tests.support.sync_bench import COVER


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


def test_both_scenes_synced_at_once_after_a_file_moved_end_with_the_item_as_the_new_one_has_it(
    bench: LeavingBench,
) -> None:
    a = two_files(bench)
    bench.sync(a)
    for number in range(12):
        b = bench.stash.add_scene(f"B {number}", cover=pictures.png(number, 200, 200))
        filled(bench, b, f"B {number}")
        bench.stash.edit(a, title=f"A {number}", tags=[bench.stash.add_tag(f"A {number}")])
        if number % 2:
            move(bench, "/data/second.mp4", a, b)
        barrier = threading.Barrier(2)

        def at_once(scene: int, pause: float, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            time.sleep(pause)
            bench.try_sync(scene)

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(at_once, a, 0.002 * (number % 4)), pool.submit(at_once, b, 0.003 * (number % 3))]
            if not number % 2:
                move(bench, "/data/second.mp4", a, b)
            for one in running:
                one.result(20)
        bench.try_sync(b)
        bench.settle()
        assert bench.record(b).rating_key == bench.key
        assert bench.wrong(b, bench.key) == []
        bench.stash.mutate("sceneMerge", source=[b], destination=a)
        bench.try_sync(a)
        bench.settle()
        assert bench.record(a).rating_key == bench.key


def test_the_new_scene_waits_while_the_old_one_is_being_written(bench: LeavingBench) -> None:
    a = two_files(bench)
    bench.sync(a)
    b = bench.stash.add_scene("B", cover=OTHER_COVER)
    filled(bench, b, "B")
    bench.stash.edit(a, title="Late", tags=[bench.stash.add_tag("Late")])
    writing = threading.Event()

    def is_write(request: Request) -> bool:
        if request.method == "PUT":
            writing.set()
        return request.method == "PUT"

    bench.plex.faults.add(PlannedFault("slow", seconds=0.5, match=is_write))
    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(bench.sync, a)
        assert writing.wait(5)
        move(bench, "/data/second.mp4", a, b)
        new = pool.submit(bench.sync, b)
        assert (old.result(10), new.result(10)) == ("synced", "synced")
    assert bench.wrong(b, bench.key) == []
    assert bench.record(a).rating_key is None


def test_an_item_given_to_another_scene_while_it_is_written_ends_as_that_one_has_it(bench: LeavingBench) -> None:
    a = two_files(bench)
    bench.sync(a)
    b = bench.stash.add_scene("B", "/data/b.mp4", size=1, cover=OTHER_COVER)
    filled(bench, b, "B")
    assert bench.try_sync(b) == "not_found"
    bench.stash.edit(a, title="Late", details="Late", tags=[bench.stash.add_tag("Late")])
    writing = threading.Event()

    def is_write(request: Request) -> bool:
        if request.method == "PUT":
            writing.set()
        return request.method == "PUT"

    bench.plex.faults.add(PlannedFault("slow", seconds=1.0, match=is_write))
    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(bench.sync, a)
        assert writing.wait(5)
        assert bench.app.ledger.reviews.accept(b, bench.key) == [b, a]
        # Written while the other's write is still on its way: whichever comes last, this one's values have to stay.
        assert bench.sync(b) == "synced"
        old.result(10)
    assert b in bench.looks
    bench.settle()
    assert bench.wrong(b, bench.key) == []
    assert bench.record(a).state is State.REVIEW


def test_an_item_given_away_before_the_write_is_not_written(
    bench: LeavingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="Late")
    b = bench.stash.add_scene("B", "/data/b.mp4", size=1)
    bench.try_sync(b)
    scenes, begin = bench.app.ledger.scenes, bench.app.ledger.scenes.note_intent

    def given_away_meanwhile(*args: object) -> bool:
        if bench.app.ledger.scenes.holder(bench.key) == bench.scene:
            bench.app.ledger.reviews.accept(b, bench.key)
        return begin(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(scenes, "note_intent", given_away_meanwhile)
    bench.plex.forget()
    assert bench.sync() == "review"
    assert bench.writes() == []


def test_an_item_given_away_after_the_write_is_the_other_scenes_and_what_was_written_is_told(
    bench: LeavingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="Late", details="Late")
    b = bench.stash.add_scene("B", "/data/b.mp4", size=1, cover=OTHER_COVER)
    filled(bench, b, "B")
    bench.try_sync(b)
    scenes, confirm = bench.app.ledger.scenes, bench.app.ledger.scenes.confirm_write

    def given_away_meanwhile(scene_id: int, *args: Any, **facts: Any) -> bool:
        if scene_id == bench.scene:
            bench.app.ledger.reviews.accept(b, bench.key)
        return confirm(scene_id, *args, **facts)

    monkeypatch.setattr(scenes, "confirm_write", given_away_meanwhile)
    bench.take_looks()
    outcome = bench.app.sync.sync(bench.scene)
    assert outcome.result is Result.SYNCED
    assert outcome.text.startswith("wrote title, summary ")
    assert set(bench.looks) == {bench.scene, b}
    bench.settle()
    assert bench.wrong(b, bench.key) == []
    assert bench.record(bench.scene).state is State.REVIEW


def test_scenes_whose_files_were_exchanged_wait_for_each_other_without_end_to_it(bench: LeavingBench) -> None:
    """Each wants the item of the other: whoever held one of the two while waiting for the other would wait for ever."""
    a, b = (
        bench.stash.add_scene(name, f"/data/{name} 1.mp4", f"/data/{name} 2.mp4", size=5, cover=COVER) for name in "ab"
    )
    keys = {
        name: bench.plex.add_item(bench.section, name, [Part(f"/media/{name} 2.mp4", 5, 1_800_000)]) for name in "ab"
    }
    bench.sync(a)
    bench.sync(b)
    assert (bench.record(a).rating_key, bench.record(b).rating_key) == (keys["a"], keys["b"])
    file_a, file_b = bench.file_of(a, "/data/a 2.mp4"), bench.file_of(b, "/data/b 2.mp4")
    bench.stash.mutate("sceneAssignFile", scene_id=b, file_id=file_a)
    bench.stash.mutate("sceneAssignFile", scene_id=a, file_id=file_b)
    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(bench.try_sync, scene) for scene in (a, b)]:
            one.result(20)
    bench.settle()
    assert (bench.record(a).rating_key, bench.record(b).rating_key) == (keys["b"], keys["a"])
    assert (bench.wrong(a, keys["b"]), bench.wrong(b, keys["a"])) == ([], [])
