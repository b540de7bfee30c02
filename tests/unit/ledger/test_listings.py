"""Lists of scenes, dead letters and outcomes: the newest first, in pages that lose and repeat nothing, by an index."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexsync.ledger import Ledger, Result, State
from plexsync.ledger.course import follow, wrote
from plexsync.model import SceneFile
from plexsync.storage.database import Database
from tests.support.plans import is_postgres, plan_of
from tests.support.sql_seen import statements_of

STATES = (State.SYNCED, State.FAILED, State.NOT_FOUND, State.REVIEW)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """40,000 scenes; every tenth changed at the same moment as the one before."""
    ledger = Ledger(Database(tmp_path_factory.mktemp("ledger") / "plexsync.db"))
    with ledger.database.write() as db:
        db.executemany(
            "insert into scene (scene_id, state, title, file, changed_at, pushed) values (?, ?, ?, ?, ?, ?)",
            (
                (n, STATES[n % 4], f"Beach {n}", f"/media/{n % 100}/film {n}.mp4", 1e9 + n - (n % 10 == 0), "x" * 500)
                for n in range(1, 40_001)
            ),
        )
        db.execute("update scene set title = 'ÉTÉ à 100%' where scene_id = 77")
    return ledger


def all_pages(ledger: Ledger, state: State | None, search: str, size: int) -> list[int]:
    found: list[int] = []
    after = None
    while page := ledger.listings.scenes(state, search, after, size):
        found += [one.scene_id for one in page]
        after = (page[-1].changed_at, page[-1].scene_id)
    return found


def test_pages_hold_every_scene_once_the_newest_first(ledger: Ledger) -> None:
    found = all_pages(ledger, State.FAILED, "", 999)
    assert sorted(found) == [n for n in range(1, 40_001) if n % 4 == 1]
    assert found[:3] == [39_997, 39_993, 39_989]
    assert ledger.listings.count_scenes(State.FAILED, "") == 10_000


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("beach 1234", {1234, *range(12_340, 12_350)}),
        ("film 555.mp4", {555}),
        ("100%", {77}),
        ("été", {77}),
        ("Été À", {77}),
        ("h_4", set()),
        ("31999", {31_999}),
    ],
)
def test_search_finds_words_of_title_and_file_and_ids(ledger: Ledger, search: str, expected: set[int]) -> None:
    assert set(all_pages(ledger, None, search, 50)) == expected
    assert ledger.listings.count_scenes(None, search) == len(expected)


@pytest.mark.parametrize("state", [State.REVIEW, State.NOT_FOUND])
def test_a_scene_without_a_match_shows_its_first_file_and_is_found_by_it(tmp_path: Path, state: State) -> None:
    ledger = Ledger(Database(tmp_path / "plexsync.db"))
    ledger.scenes.set_state(1, state, Result(state), title="One")
    ledger.scenes.set_state(2, state, Result(state), title="Two")
    files = [SceneFile("/data/z/Été.mp4", 5), SceneFile("/data/a/Été.mp4", 5), SceneFile("/data/b.mp4")]
    ledger.wanted_files.seek(1, files)
    ledger.wanted_files.seek(2, [])
    listed = {one.scene_id: one.file for one in ledger.listings.scenes(state, "", None, 50)}
    assert listed == {1: "/data/z/Été.mp4", 2: None}
    assert [one.file for one in ledger.listings.scenes_by_id(state, "", 0, 50)] == ["/data/z/Été.mp4", None]
    for search in ("a/z", "é.MP4"):
        assert [one.scene_id for one in ledger.listings.scenes(state, search, None, 50)] == [1]
        assert ledger.listings.count_scenes(state, search) == 1
    # Read anew, it has another; and what is in sync waits for none.
    ledger.wanted_files.seek(1, [SceneFile("/data/c.mp4")])
    assert [one.file for one in ledger.listings.scenes(state, "c.mp4", None, 50)] == ["/data/c.mp4"]
    ledger.wanted_files.drop(1)
    assert all_pages(ledger, state, "c.mp4", 50) == []


def test_a_scene_that_changes_meanwhile_moves_no_other(tmp_path: Path) -> None:
    ledger = Ledger(Database(tmp_path / "plexsync.db"))
    for scene_id in range(1, 11):
        ledger.scenes.set_state(scene_id, State.FAILED, Result.FAILED)
    first = ledger.listings.scenes(None, "", None, 5)
    ledger.scenes.set_state(3, State.FAILED, Result.FAILED)
    rest = ledger.listings.scenes(None, "", (first[-1].changed_at, first[-1].scene_id), 5)
    assert [one.scene_id for one in (*first, *rest)] == [10, 9, 8, 7, 6, 5, 4, 2, 1]


def test_a_search_of_all_scenes_is_quick(ledger: Ledger) -> None:
    began = time.monotonic()
    ledger.listings.scenes(None, "nowhere to be found", None, 50)
    assert time.monotonic() - began < 0.5


@pytest.mark.sqlite
def test_a_look_that_takes_too_long_is_given_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.ledger.listings.LONGEST", -1.0)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        ledger.listings.scenes(None, "nowhere to be found", None, 50)
    monkeypatch.undo()
    assert ledger.listings.count_scenes(None, "") == 40_000


LOOKS: list[Callable[[Ledger], Any]] = [
    lambda ledger: ledger.listings.scenes(None, "", None, 50),
    lambda ledger: ledger.listings.scenes(State.FAILED, "", (1e9, 7), 50),
    lambda ledger: ledger.listings.scenes(State.FAILED, "x", (1e9, 7), 50),
    lambda ledger: ledger.listings.count_scenes(State.FAILED, ""),
    lambda ledger: ledger.listings.count_scenes(None, "x"),
    lambda ledger: ledger.listings.scenes_by_id(State.REVIEW, "", 5, 50),
    lambda ledger: ledger.listings.letters("", (1e9, 7), 50),
    lambda ledger: ledger.listings.outcomes(None, 9, 50),
    lambda ledger: ledger.listings.outcomes(5, 9, 50),
    lambda ledger: ledger.listings.outcome(5),
    lambda ledger: ledger.listings.chart(1e9, 300, 12),
]


@pytest.mark.parametrize("look", range(len(LOOKS)))
def test_no_look_goes_through_a_table_or_sorts_it(ledger: Ledger, look: int) -> None:
    with statements_of(ledger.database) as said:
        LOOKS[look](ledger)
    plans = [step for one in said if one.lstrip().startswith("select")
             for step in plan_of(ledger.database, one).split("; ")]  # fmt: skip
    assert plans
    if is_postgres(ledger.database):
        assert [step for step in plans if "Seq Scan" in step] == []
        return
    for step in plans:
        if step.startswith("LIST SUBQUERY"):
            continue  # A heading: its own steps follow.
        assert "SEARCH" in step or "USING COVERING INDEX" in step or "USING INDEX" in step or "GROUP BY" in step, step
        assert "ORDER BY" not in step


def test_an_outcome_knows_its_course(tmp_path: Path) -> None:
    ledger = Ledger(Database(tmp_path / "plexsync.db"))
    with follow(event_at=5.0, queued_at=6.0):
        wrote(["title", "rating"])
        ledger.scenes.set_state(7, State.SKIPPED, Result.SKIPPED)
        ledger.scenes.set_state(8, State.SKIPPED, Result.SKIPPED)
    ledger.scenes.set_state(9, State.FAILED, Result.FAILED, error="why")
    alone, second, first = ledger.listings.outcomes(None, None, 10)
    assert (first.event_at, first.queued_at, first.fields) == (5.0, 6.0, ("title", "rating"))
    assert first.began_at is not None
    assert first.seconds is not None
    # What was written belongs to one outcome.
    assert second.fields == ()
    assert (alone.event_at, alone.error) == (None, "why")


def test_the_chart_counts_what_went_well_and_what_failed(tmp_path: Path) -> None:
    ledger = Ledger(Database(tmp_path / "plexsync.db"))
    with ledger.database.write() as db:
        for at, outcome in ((10, "synced"), (11, "failed"), (310, "unchanged"), (320, "not_found"), (900, "synced")):
            db.execute("insert into outcome (at, scene_id, outcome) values (?, 1, ?)", (at, outcome))
    assert ledger.listings.chart(0, 300, 3) == [(0, 1, 1), (300, 1, 0), (600, 0, 0)]


def test_letters_come_with_the_newest_first(tmp_path: Path) -> None:
    ledger = Ledger(Database(tmp_path / "plexsync.db"))
    for scene_id in (1, 2, 3):
        ledger.dead_letters.put(scene_id, "PlexUnavailable", f"no answer {scene_id}", "", 6, title=f"Title {scene_id}")
    first = ledger.listings.letters("", None, 2)
    rest = ledger.listings.letters("", (first[-1]["failed_at"], first[-1]["id"]), 2)
    assert [one["scene_id"] for one in (*first, *rest)] == [3, 2, 1]
    assert [one["scene_id"] for one in ledger.listings.letters("answer 2", None, 5)] == [2]
    assert ledger.listings.count_letters("title") == 3
    assert json.dumps(first)
