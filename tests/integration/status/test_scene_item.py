"""What syncing a scene would change, and which other items there are, as the scene's page in Stash asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.status.arguments import BadRequest, checked
from plexsync.status.desk import Desk
from plexsync.status.tables import QUESTIONS
from tests.support.sync_bench import SyncBench, sync_bench


class Asked:
    """A consumer's desk beside a bench."""

    def __init__(self, bench: SyncBench, folder: Path) -> None:
        self.bench = bench
        self.desk = Desk(folder, {})
        self.desk.runs(lambda: bench.app)

    def ask(self, mode: str, **args: Any) -> dict[str, Any]:
        question = QUESTIONS[mode]
        answer = question.answer(self.desk, checked(question.arguments, args))
        return json.loads(json.dumps(answer))  # type: ignore[no-any-return]


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with sync_bench(tmp_path) as bench:
        asked = Asked(bench, tmp_path)
        yield asked
        asked.desk.close()


def test_a_difference_names_each_field_and_writes_nothing(asked: Asked) -> None:
    bench = asked.bench
    tag = bench.stash.add_tag("Summer")
    bench.stash.edit(bench.scene, title="Beach Day", tags=[tag])
    found = asked.ask("difference", scene_id=bench.scene)
    assert (found["end"], found["rating_key"]) == ("would_change", bench.key)
    assert found["confidence"] >= 90
    assert found["reasons"]
    changes = {one["field"]: (one["before"], one["after"]) for one in found["changes"]}
    assert changes["title"] == ("guess of a file.mp4", "Beach Day")
    assert changes["tags"][1] == ["Summer"]
    assert changes["poster"][0] is None
    assert changes["poster"][1].startswith("picture of ")
    assert bench.item().title == "guess of a file.mp4"
    assert bench.sync() == "synced"
    found = asked.ask("difference", scene_id=bench.scene)
    assert (found["end"], found["changes"]) == ("right", [])


def test_a_difference_says_why_there_is_none(asked: Asked) -> None:
    alone = asked.bench.stash.add_scene("Alone", "/data/alone.mp4", size=7)
    found = asked.ask("difference", scene_id=alone)
    assert (found["end"], found["rating_key"], found["changes"]) == ("not_in_plex", None, [])
    assert found["text"]
    assert asked.ask("difference", scene_id=4711)["end"] == "gone"
    asked.bench.plex.stop()
    assert asked.ask("difference", scene_id=asked.bench.scene)["end"] == "failed"


def test_items_are_found_with_who_has_them(asked: Asked) -> None:
    bench = asked.bench
    _, other = bench.add("xk-4711.mp4")
    bench.sync()
    row = {
        "rating_key": bench.key,
        "title": "guess of a file.mp4",
        "file": "/media/a file.mp4",
        "library": "Scenes",
        "scene_id": bench.scene,
    }
    assert asked.ask("items", search="a file.mp4", limit=1)["rows"] == [row]
    assert asked.ask("items", rating_key=bench.key)["rows"] == [row]
    (found,) = asked.ask("items", search="4711")["rows"]
    assert (found["rating_key"], found["scene_id"]) == (other, None)
    assert asked.ask("items", rating_key=10**9)["rows"] == []
    assert asked.ask("items")["rows"] == []


@pytest.mark.parametrize(
    "args", [{"limit": 51}, {"limit": 0}, {"search": 5}, {"search": "x" * 201}, {"rating_key": "1"}, {"more": 1}]
)
def test_what_cannot_be_searched_for_is_refused(asked: Asked, args: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=next(iter(args))):
        asked.ask("items", **args)
