"""Stash does not give a scene's picture, in every way it may not: all else of the scene reaches Plex."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import StashUnavailable
from plexsync.ledger import LeftOut, State
from plexsync.model import Field
from plexsync.stash import connection
from tests.support.sync_bench import COVER, SyncBench, sync_bench

#: How a cover may fail, with what is said of it.
ODD: dict[str, tuple[dict[str, Any], str]] = {
    "500": ({"kind": "status", "status": 500}, "Stash answered 500"),
    "503": ({"kind": "status", "status": 503}, "Stash answered 503"),
    "404": ({"kind": "status", "status": 404}, "Stash answered 404"),
    "302": ({"kind": "status", "status": 302}, "Stash answered 302"),
    "401": ({"kind": "status", "status": 401}, "wants a login for it (401)"),
    "403": ({"kind": "status", "status": 403}, "wants a login for it (403)"),
    "nothing": ({"kind": "status", "status": 200, "body": b"", "content_type": "image/jpeg"}, "nothing (0 bytes)"),
    "text": ({"kind": "status", "status": 200, "body": b"gone", "content_type": "text/plain"}, "text/plain"),
    "json": ({"kind": "status", "status": 200, "body": b"{}", "content_type": "application/json"}, "application/json"),
    "video": (
        {"kind": "status", "status": 200, "body": b"\0\0\0\x20ftypisom" + bytes(900), "content_type": "video/mp4"},
        "video/mp4",
    ),
    "a video called a picture": (
        {"kind": "status", "status": 200, "body": b"\0\0\0\x20ftypisom" + bytes(900), "content_type": "image/jpeg"},
        "not a known kind of picture",
    ),
    "a login page": ({"kind": "html"}, "a page where a picture was due"),
    "cut off": ({"kind": "truncate"}, "broke off"),
    "no answer": ({"kind": "reset"}, "no answer"),
    "hanging": ({"kind": "hang"}, "in time"),
    "a hanging body": ({"kind": "stall"}, "in time"),
}


def is_cover(request: Request) -> bool:
    return request.path.endswith("/screenshot")


def spoil(bench: SyncBench, odd: str, *, times: int | None = None) -> PlannedFault:
    return bench.stash.faults.add(PlannedFault(times=times, match=is_cover, **ODD[odd][0]))


def left_out(bench: SyncBench, scene: int | None = None) -> dict[Field, LeftOut]:
    scene = scene or bench.scene
    return {one.field: one for one in bench.app.ledger.left_out.of([scene]).get(scene, ())}


def state(bench: SyncBench, scene: int | None = None) -> State:
    record = bench.app.ledger.scenes.get(scene or bench.scene)
    assert record is not None
    return record.state


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, read_timeout=0.4, breaker_fail_max=1) as bench:
        bench.stash.edit(
            bench.scene, title="A title", details="A text", rating100=70, tags=[bench.stash.add_tag("a tag")]
        )
        yield bench
        bench.stash.faults.release()


@pytest.mark.parametrize("odd", ODD)
def test_texts_tags_and_rating_arrive_whatever_becomes_of_the_cover(bench: SyncBench, odd: str) -> None:
    fault = spoil(bench, odd)
    assert bench.sync() == "synced"
    item = bench.item()
    assert (item.title, item.text("summary"), item.user_rating) == ("A title", "A text", 7.0)
    assert item.names("genre") == ["a tag"]
    assert state(bench) is State.SYNCED
    assert bench.app.ledger.dead_letters.count() == 0
    rows = left_out(bench)
    assert set(rows) == {Field.POSTER, Field.BACKGROUND}
    assert ODD[odd][1] in rows[Field.POSTER].reason
    assert rows[Field.POSTER].tries == 1
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert f"poster: {rows[Field.POSTER].reason}" in record.notes
    # The picture is not Stash's fault: GraphQL works, and a single failure would have opened this breaker.
    assert (bench.app.stash_guard.state, bench.app.stash_guard.failures) == ("closed", 0)
    assert bench.app.stash_guard.stopped is None
    bench.stash.faults.remove(fault)
    bench.stash.faults.release()
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert left_out(bench) == {}
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert not any("poster" in note for note in record.notes)


def test_a_hanging_cover_does_not_hold_up_the_texts(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WHOLE_ANSWER", 0.1)
    bench.restart(read_timeout=5.0)
    fault = spoil(bench, "a hanging body")
    waited: list[str] = []

    def is_late(request: Request) -> bool:
        if is_cover(request):
            waited.append(bench.item().title)
        return False

    bench.stash.faults.remove(fault)
    bench.stash.faults.add(PlannedFault("status", match=is_late))
    bench.stash.faults.add(fault)
    bench.sync()
    assert waited == ["A title"]


def test_a_cover_that_fails_costs_one_request_more_and_the_usual_case_none(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, title="Another")
    bench.stash.forget()
    bench.plex.forget()
    bench.sync()
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]
    assert [one.method for one in bench.plex.log] == ["GET", "PUT", "GET"]
    fault = spoil(bench, "500")
    bench.stash.edit(bench.scene, title="A third")
    bench.stash.forget()
    bench.plex.forget()
    bench.sync()
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 500), ("POST", 200)]
    assert [one.method for one in bench.plex.log] == ["GET", "PUT", "GET"]
    # What Plex shows of it meanwhile stays.
    assert bench.plex.selected_picture(bench.key, "posters") == COVER
    bench.stash.faults.remove(fault)
    bench.stash.forget()
    assert bench.sync() == "unchanged"
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]
    assert left_out(bench) == {}


def test_nothing_is_written_where_nothing_but_the_cover_is_wrong(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.forget()
    spoil(bench, "500")
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []
    assert set(left_out(bench)) == {Field.POSTER, Field.BACKGROUND}


def test_a_stash_that_is_down_is_down(bench: SyncBench) -> None:
    """Where GraphQL does not work either, it is no single picture that fails."""
    asked: list[str] = []

    def is_query_after_the_cover(request: Request) -> bool:
        asked.append(request.path)
        return request.path == "/graphql" and any(path.endswith("/screenshot") for path in asked)

    bench.stash.faults.add(PlannedFault("status", times=None, status=502, match=is_query_after_the_cover))
    spoil(bench, "500")
    with pytest.raises(StashUnavailable):
        bench.sync()
    assert bench.app.stash_guard.state == "open"
    assert bench.item().title == "A title"
    assert left_out(bench) == {}


def test_a_scene_without_its_cover_takes_part_in_a_studios_renaming(bench: SyncBench) -> None:
    studio = bench.stash.add_studio("Old name")
    scenes = {bench.scene: bench.key} | dict(bench.add(f"{number}.mp4") for number in range(4))
    bench.app.library.expire()
    fault = spoil(bench, "500")
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}", studio=studio)
        assert bench.sync(scene) == "synced"
    bench.stash.rename("studios", studio, "New name")
    named = [*bench.app.related.scenes("studio", [studio], list)]
    assert sorted(scene for one in named for batch in one.batches for scene in batch) == sorted(scenes)
    assert [scene for one in named for scene in one.alone] == []
    bench.plex.forget()
    tally = bench.app.together.sync([*scenes])
    assert (sorted(tally.written), tally.alone, tally.writes) == (sorted(scenes), (), 1)
    assert {bench.plex.item(key).text("studio") for key in scenes.values()} == {"New name"}
    # The covers are still to come.
    assert set(left_out(bench)) == {Field.POSTER, Field.BACKGROUND}
    bench.stash.faults.remove(fault)
    assert bench.sync() == "synced"
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


def test_a_preview_names_what_can_be_written_and_what_is_missing(bench: SyncBench) -> None:
    spoil(bench, "500")
    plan = bench.preview()
    assert Field.TITLE in plan.fields
    assert Field.POSTER not in plan.fields
    assert any("poster" in note and "500" in note for note in plan.notes)
    # It was only a question.
    assert left_out(bench) == {}


def test_a_dry_run_is_not_held_up_by_a_cover(bench: SyncBench) -> None:
    bench.restart(dry_run=True)
    spoil(bench, "500")
    assert bench.sync() == "skipped"


def test_covers_that_hang_one_after_another_are_left_alone_for_a_while(bench: SyncBench) -> None:
    """Each would hold a worker for the whole time-out, and the texts of all scenes behind it."""
    scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(9))]
    bench.app.library.expire()
    spoil(bench, "hanging")
    started = time.monotonic()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}")
        assert bench.sync(scene) == "synced"
    assert sum(request.path.endswith("/screenshot") for request in bench.stash.log) <= 4
    assert time.monotonic() - started < 4
    assert all(set(left_out(bench, scene)) == {Field.POSTER, Field.BACKGROUND} for scene in scenes)


def test_a_new_cover_is_tried_at_once_and_counted_anew(bench: SyncBench) -> None:
    bench.sync()
    fault = spoil(bench, "500")
    for tries in (1, 2, 3):
        bench.sync()
        assert left_out(bench)[Field.POSTER].tries == tries
    bench.stash.faults.remove(fault)
    bench.stash.set_screenshot(bench.scene, pictures.png(9, 9, 9))
    assert bench.sync() == "synced"
    assert bench.plex.selected_picture(bench.key, "posters") == pictures.png(9, 9, 9)
    assert left_out(bench) == {}


def test_a_scene_that_goes_takes_what_was_left_out_with_it(bench: SyncBench) -> None:
    spoil(bench, "500")
    bench.sync()
    bench.stash.mutate("sceneDestroy", id=bench.scene)
    assert bench.sync() == "gone"
    assert left_out(bench) == {}
