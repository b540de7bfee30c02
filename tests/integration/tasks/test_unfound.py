"""Scenes that Plex does not have cost nothing while nothing can have changed, and one line in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from huey.exceptions import RetryTask

from plexsync.ledger import State
from plexsync.model import Part
from tasks import attempt as attempts
from tasks.attempt import attempt
from tasks.unfound import TELL_EVERY, Unfound
from tests.support.sync_bench import SIZE, SyncBench, sync_bench

COUNT = 30


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> Iterator[SyncBench]:
    monkeypatch.setattr(attempts, "unfound", Unfound(lambda: clock[0]))
    with sync_bench(tmp_path) as bench:
        yield bench


@pytest.fixture
def missing(bench: SyncBench) -> list[int]:
    """Scenes whose files Plex does not have, each looked for once."""
    bench.sync()
    scenes = [bench.stash.add_scene(None, f"/data/only here {n}.mp4", size=SIZE + 7 * n + 1) for n in range(COUNT)]
    look(bench, scenes, fresh=True)
    bench.stash.forget()
    bench.plex.forget()
    return scenes


def look(bench: SyncBench, scenes: list[int], *, fresh: bool = False) -> int:
    """Try each once; how many are not found."""
    missed = 0
    for scene in scenes:
        try:
            attempt(bench.app, scene, fresh=fresh)
        except RetryTask:
            missed += 1
    return missed


def let_it_look(bench: SyncBench) -> None:
    bench.app.library.expire()


def test_a_retry_costs_stash_nothing_and_plex_one_look_at_what_is_new_for_all(
    bench: SyncBench, missing: list[int]
) -> None:
    let_it_look(bench)
    assert look(bench, missing) == COUNT
    assert bench.stash.log == []
    # Of a library that changed within the last minute that look is a handful of requests.
    assert len(bench.plex.log) <= 4
    record = bench.app.ledger.scenes.get(missing[0])
    assert record is not None
    assert (record.state, record.not_found) == (State.NOT_FOUND, 2)


def test_whatever_is_new_in_plex_is_a_reason_to_look_again(bench: SyncBench, missing: list[int]) -> None:
    """Also a file under another name and of another size, which nobody waits for by name."""
    key = bench.plex.add_item(bench.section, "only here 3", [Part("/media/only here 3.mkv", SIZE // 2)])
    let_it_look(bench)
    look(bench, missing)
    # Each is looked for once more; then nothing is new any more.
    assert bench.stash.log != []
    bench.stash.forget()
    look(bench, [scene for scene in missing if bench.app.ledger.scenes.get(scene).state is State.NOT_FOUND])  # type: ignore[union-attr]
    assert bench.stash.log == []
    assert bench.plex.item(key).rating_key == key


def test_a_file_that_appears_is_found_by_a_retry(bench: SyncBench, missing: list[int]) -> None:
    bench.plex.add_item(bench.section, "x", [Part("/media/only here 5.mp4", SIZE + 36)])
    let_it_look(bench)
    assert look(bench, missing) == COUNT - 1


def test_an_event_looks_in_any_case(bench: SyncBench, missing: list[int]) -> None:
    look(bench, missing[:1], fresh=True)
    assert bench.stash.log != []


def test_another_path_map_is_a_reason_to_look_again(bench: SyncBench, missing: list[int]) -> None:
    bench.restart(path_map=(("/data", "/elsewhere"),))
    look(bench, missing[:1])
    assert bench.stash.log != []


def test_they_are_told_of_in_one_line(
    bench: SyncBench, caplog: pytest.LogCaptureFixture, clock: list[float], missing: list[int]
) -> None:
    caplog.set_level(logging.INFO)
    caplog.clear()
    look(bench, missing)
    assert caplog.messages == []
    clock[0] += TELL_EVERY
    attempts.unfound.tell()
    (line,) = caplog.messages
    # One was told of by itself when it was missed first.
    assert line.startswith(f"{2 * COUNT - 1} looks for scenes that Plex does not have")
