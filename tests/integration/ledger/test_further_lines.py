"""The lines of a scene's further items: each keeps its own, however many there are, whatever id the scene has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Ledger, Result, State
from plexsync.ledger.at_rest import AtRest
from plexsync.ledger.lines import LARGEST, MOST, bounds, line_of, scene_of
from plexsync.matching.lookup import Match
from plexsync.model import Field, Scene
from plexsync.storage.database import Database
from plexsync.storage.opening import open_database

SCENE = 7


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def match(key: int, file: int) -> Match:
    return Match(key, 1, 99, (), "title", f"/media/{file}.mp4", f"/data/{file}.mp4")


def fill(ledger: Ledger, count: int) -> dict[str, int]:
    """Give the scene so many lines; the line of each file."""
    found = {}
    for line, one in ledger.further_items.assign(SCENE, [match(100 + number, number) for number in range(count)]):
        assert ledger.scenes.matched(line, one, Scene(id=line)) is None
        found[one.path] = line
    return found


@pytest.mark.parametrize("count", [3, MOST])
@pytest.mark.parametrize("new", [0, 1, 3])
def test_lines_keep_their_files_when_all_keys_have_changed(ledger: Ledger, count: int, new: int) -> None:
    before = fill(ledger, count)
    after = [match(500 + number, number) for number in reversed(range(new, count + new))]
    given = ledger.further_items.assign(SCENE, after)
    assert [one for _, one in given] == after
    lines = {one.path: line for line, one in given}
    assert len(set(lines.values())) == count
    assert all(lines[path] == line for path, line in before.items() if path in lines)
    assert all(scene_of(line) == SCENE for line in lines.values())


def test_of_more_items_than_there_are_lines_the_first_have_one(ledger: Ledger) -> None:
    assert len(ledger.further_items.assign(SCENE, [match(key, key) for key in range(1, MOST + 9)])) == MOST


@pytest.mark.parametrize("scene_id", [2**31, LARGEST, LARGEST + 1, 10**17, 2**63 - 1])
def test_a_scene_of_any_id_has_its_own_line(ledger: Ledger, database: Database, scene_id: int) -> None:
    ledger.scenes.set_state(scene_id, State.SYNCED, Result.SYNCED)
    assert ledger.further_items.of(scene_id) == []
    assert ledger.further_items.having([scene_id, SCENE]) == set()
    assert len(ledger.further_items.assign(scene_id, [match(1, 1)])) == (scene_id <= LARGEST)
    ledger.left_out.hasten([scene_id])
    assert AtRest(database).among([scene_id], 90, [Field.POSTER], all_items=True) == {}
    assert all(-(2**63) <= one < 0 for one in (*bounds(scene_id), line_of(scene_id, 0)))
    ledger.scenes.set_state(scene_id, State.GONE, Result.GONE)
    assert scene_of(scene_id) == scene_id
