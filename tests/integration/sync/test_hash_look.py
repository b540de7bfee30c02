"""Asking Plex for the hashes of files where that decides: when, how often, and what a server may answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import AccessDenied, NotFoundYet, PlexSyncError, PlexUnavailable
from plexsync.model import Part
from plexsync.plex.traits import Trait
from plexsync.plex.trees import PartHash, part_hashes
from plexsync.sync import hash_look
from tests.support.sync_bench import SIZE, SyncBench, sync_bench

HASH, OTHER_HASH = "00f52aa3bd4025d4", "adb464543eaec254"
NEW = SIZE + 11


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path / "data", scan_missing=False) as bench:
        yield bench


def uncertain(bench: SyncBench, number: int = 1, *, oshash: str = HASH) -> tuple[int, int]:
    """A scene, and the first of two items that only their size ties to it: Plex has not analysed their files."""
    size = NEW + number
    scene = bench.stash.add_scene(f"Scene {number}", f"/data/x/{number}.mp4", size=size, oshash=oshash)
    key, _ = (
        bench.plex.add_item(bench.section, f"{name}{number}", [Part(f"/media/y/{name}{number}.mp4", size, None)])
        for name in ("vid", "tape")
    )
    return scene, key


def refresh(bench: SyncBench) -> None:
    bench.app.library.expire()
    bench.app.library.refresh()


def is_of_trees(request: Request) -> bool:
    return request.path.endswith("/tree")


def trees(bench: SyncBench) -> int:
    return bench.plex.counters["trees"]


def test_a_hash_decides_what_only_a_person_could(bench: SyncBench) -> None:
    scene, key = uncertain(bench)
    bench.plex.set_hash(key, "/media/y/vid1.mp4", HASH.upper().lstrip("0"))
    refresh(bench)
    assert bench.sync(scene) == "synced"
    assert bench.plex.item(key).title == "Scene 1"
    assert trees(bench) == 1
    assert bench.app.plex.traits.peek(Trait.HASHES) == "shown"


def test_it_is_asked_for_once_and_kept_with_the_size(bench: SyncBench) -> None:
    scene, key = uncertain(bench)
    for one, name in ((key, "vid1"), (key + 1, "tape1")):
        bench.plex.set_hash(one, f"/media/y/{name}.mp4", OTHER_HASH)
    refresh(bench)
    for _ in range(2):
        with pytest.raises(NotFoundYet):
            bench.sync(scene)
    assert trees(bench) == 1
    assert bench.app.ledger.index.of_item(key)[0].oshash == OTHER_HASH
    # A file of another size is another file.
    listed = bench.app.plex.listing(bench.section, 0, 50).items
    grown = [
        Part(part.file, NEW + 99, part.duration_ms) for item in listed if item.rating_key == key for part in item.parts
    ]
    with bench.plex.library.lock:
        bench.plex.library.items[key].parts = tuple(grown)
        bench.plex.library.touch(bench.plex.library.items[key], retitled=False)
    refresh(bench)
    assert bench.app.ledger.index.of_item(key)[0].oshash == ""


def test_candidates_are_asked_for_in_one_request_and_only_those_of_its_size(bench: SyncBench) -> None:
    scene, key = uncertain(bench)
    twins = [bench.plex.add_item(bench.section, f"t{n}", [Part(f"/media/t{n}.mp4", NEW + 1, None)]) for n in range(14)]
    bench.plex.add_item(bench.section, "1", [Part("/media/z/1.mp4", 77, None)])
    bench.plex.set_hash(key, "/media/y/vid1.mp4", HASH)
    refresh(bench)
    bench.sync(scene)
    assert trees(bench) == 1
    asked = [
        one
        for one in (key, key + 1, *twins)
        if not bench.app.ledger.part_hashes.not_asked(bench.app.ledger.index.of_item(one))
    ]
    assert len(asked) == hash_look.MOST_ASKED


def test_nothing_is_asked_of_a_scene_that_is_sure_or_has_no_hash(bench: SyncBench) -> None:
    bench.sync()
    scene, _ = uncertain(bench, oshash="")
    sure = bench.stash.add_scene("Sure", "/data/sure.mp4", size=NEW, oshash=HASH)
    bench.plex.add_item(bench.section, "sure", [Part("/media/sure.mp4", NEW, 1_800_000)])
    refresh(bench)
    assert (bench.sync(sure), bench.sync(scene)) == ("synced", "review")
    assert trees(bench) == 0


@pytest.mark.parametrize("shown", ["none", "no trees"])
def test_a_server_without_hashes_is_asked_a_few_times_and_after_its_update_again(bench: SyncBench, shown: str) -> None:
    bench.plex.behaviour.hashes = shown  # type: ignore[assignment]
    scenes = [uncertain(bench, number)[0] for number in range(1, 10)]
    refresh(bench)
    before = bench.app.plex.calls["read"]
    results = [bench.sync(scene) for scene in scenes]
    assert results == ["review"] * len(scenes)
    asked = bench.app.plex.calls["read"] - before
    assert bench.app.plex.traits.peek(Trait.HASHES) == "none"
    assert asked <= 2 * hash_look.ENOUGH + len(scenes)
    # Nobody asks any more, in no process.
    bench.restart()
    bench.app.plex.traits.get(Trait.HASHES)
    later = uncertain(bench, 20)[0]
    refresh(bench)
    bench.sync(later)
    assert trees(bench) == (hash_look.ENOUGH // 2 if shown == "none" else 0)
    bench.plex.behaviour.hashes = "shown"
    bench.plex.version = "1.43.0-simulated"
    bench.restart()
    last, key = uncertain(bench, 30)
    bench.plex.set_hash(key, "/media/y/vid30.mp4", HASH)
    refresh(bench)
    assert bench.sync(last) == "synced"


def test_a_file_without_a_hash_is_asked_for_again_after_a_week(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, key = uncertain(bench)
    refresh(bench)
    assert [bench.sync(scene), bench.sync(scene)] == ["review", "review"]
    assert trees(bench) == 1
    monkeypatch.setattr("plexsync.ledger.part_hashes.ASK_AGAIN_AFTER", 0.0)
    bench.plex.set_hash(key, "/media/y/vid1.mp4", HASH)
    assert bench.sync(scene) == "synced"
    assert trees(bench) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_refusal_of_this_question_costs_nothing_but_the_hash(bench: SyncBench, status: int) -> None:
    scene, _ = uncertain(bench)
    refresh(bench)
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=is_of_trees))
    assert bench.sync(scene) == "review"
    assert bench.app.plex.traits.peek(Trait.HASHES) is None
    bench.plex.faults.clear()
    assert bench.sync(scene) == "review"
    assert trees(bench) == 0


@pytest.mark.parametrize(("status", "error"), [(401, AccessDenied), (503, PlexUnavailable)])
def test_a_plex_that_is_away_or_refuses_the_token_is_no_plex_without_hashes(
    bench: SyncBench, status: int, error: type[PlexSyncError]
) -> None:
    scene, _ = uncertain(bench)
    refresh(bench)
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=is_of_trees))
    with pytest.raises(error):
        bench.sync(scene)
    assert bench.app.plex.traits.peek(Trait.HASHES) is None


def test_without_paths_the_only_file_of_an_item_is_told_by_its_item(bench: SyncBench) -> None:
    scene, key = uncertain(bench)
    bench.plex.set_hash(key, "/media/y/vid1.mp4", HASH)
    refresh(bench)
    tree = {
        "MediaContainer": {"MetadataItem": [{"id": key, "MediaItem": [{"MediaPart": [{"openSubtitleHash": HASH}]}]}]}
    }
    body = json.dumps(tree).encode()
    bench.plex.faults.add(PlannedFault("status", status=200, match=is_of_trees, body=body))
    assert bench.sync(scene) == "synced"


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"MetadataItem": "x"},
        {"MetadataItem": [1, None, {"id": "x"}, {"id": 5, "MediaItem": [7, {"MediaPart": {}}]}]},
        {"MetadataItem": [{"id": 5, "MediaItem": [{"MediaPart": [{"file": 3, "openSubtitleHash": 12}]}]}]},
    ],
)
def test_an_odd_tree_holds_no_hashes(tree: dict[str, Any]) -> None:
    assert not [one for parts in part_hashes(tree).values() for one in parts if one.oshash]


def test_an_episodes_files_are_read_too() -> None:
    part = {"file": "/a.mkv", "openSubtitleHash": HASH}
    episode = {"id": 3, "MediaItem": [{"MediaPart": [part]}]}
    show = {"id": 1, "MetadataItem": [{"id": 2, "MetadataItem": [episode]}]}
    assert part_hashes({"MetadataItem": [show]})[3] == (PartHash("/a.mkv", HASH),)
