"""A Stash that does not know all that is asked of it: what can be left out is, what cannot stops everything once."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import StashTooOld
from plexsync.ledger import State
from plexsync.reconcile import Phase, ReconcileRun
from plexsync.reconcile.reconciler import Reconciler
from plexsync.stash import StashClient
from plexsync.sync.changes import ChangesPoll
from tests.support.resting_bench import Days, resting_bench, until
from tests.support.sync_bench import SyncBench, sync_bench

#: What v0.26 and older ones do not know: groups were movies then.
GROUPS = ("Scene.groups", "Query.findGroups", "SceneFilterType.groups")
MOVIES = ("Scene.movies", "Query.findMovies", "SceneFilterType.movies")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, max_retries=1) as bench:
        stash = bench.stash
        stash.edit(
            bench.scene,
            title="A title",
            details="What happens",
            date="2023-05-17",
            rating100=80,
            director="Someone",
            studio=stash.add_studio("A studio"),
            performers=[stash.add_performer("Ann")],
            tags=[stash.add_tag("one")],
            groups=[stash.add_group("A series")],
        )
        yield bench


def wrong(bench: SyncBench) -> list[str]:
    return differences(bench.stash, bench.scene, bench.plex, bench.key)


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    with resting_bench(tmp_path, monkeypatch) as days:
        yield days


def test_before_groups_there_were_movies(bench: SyncBench, caplog: pytest.LogCaptureFixture) -> None:
    bench.stash.pretend("v0.26.2", *GROUPS)
    assert bench.sync() == "synced"
    assert wrong(bench) == []
    bench.stash.rename("groups", 1, "Another series")
    related = list(bench.app.related.scenes("group", [1], tuple))
    assert [one.alone for one in related if one.alone] == [(bench.scene,)]
    assert bench.sync() == "synced"
    assert wrong(bench) == []
    (told,) = [record.getMessage() for record in caplog.records if "v0.26.2" in record.getMessage()]
    assert told.endswith("(v0.26.2) does not know groups: its movies are taken for them; v0.27 and later have it all")


def test_changes_of_movies_are_found(bench: SyncBench) -> None:
    bench.stash.pretend("v0.26.2", *GROUPS)
    parts: list[tuple[str, list[int]]] = []
    now = [time.time()]
    app = bench.app
    poll = ChangesPoll(
        app.ledger, app.stash, app.rules, lambda _: None, lambda *part: parts.append(part), clock=lambda: now[0]
    )
    poll.poll()
    group = bench.stash.add_group("Newer")
    now[0] += 301
    poll.poll()
    assert ("group", [1, group]) in parts or ("group", [group]) in parts


@pytest.mark.parametrize("status", [200, 400, 422])
def test_a_field_is_known_to_be_unknown_by_what_is_said_whatever_the_status(bench: SyncBench, status: int) -> None:
    said = json.dumps({"errors": [{"message": 'Cannot query field "groups" on type "Scene".'}], "data": None})

    def asks_for_groups(request: Request) -> bool:
        return "groups" in request.json()["query"]

    bench.stash.faults.add(PlannedFault("status", times=None, status=status, body=said.encode(), match=asks_for_groups))
    client = StashClient(bench.stash.url)
    assert client.scenes([bench.scene])[bench.scene].groups == ("A series",)
    assert client.shortcomings


def test_it_is_found_out_once(bench: SyncBench) -> None:
    bench.stash.pretend("v0.26.2", *GROUPS)
    client = StashClient(bench.stash.url)
    bench.stash.forget()
    for _ in range(3):
        client.scenes([bench.scene])
    assert client.calls == {"scenes": 4}
    assert client.shortcomings == "does not know groups: its movies are taken for them"


def test_where_it_knows_neither_collections_are_left_as_they_are(bench: SyncBench) -> None:
    assert bench.sync() == "synced"
    assert wrong(bench) == []
    bench.restart()
    bench.stash.pretend("v9.9", *GROUPS, *MOVIES)
    bench.stash.edit(bench.scene, title="Another", tags=[])
    assert bench.sync() == "synced"
    assert wrong(bench) == []
    assert next(bench.app.related.scenes("group", [1], tuple)).alone == ()
    assert bench.app.stash.last_change()
    assert bench.app.stash.changes("").parts.keys() == {"performer", "studio", "tag"}


def test_a_tagline_made_of_a_code_that_it_does_not_know_stays_as_it_is(bench: SyncBench) -> None:
    bench.restart(tagline="{code}", sort_title="{date} {title}")
    bench.stash.edit(bench.scene, code="AC-7", title="A day", date="2023-05-17")
    assert bench.sync() == "synced"
    bench.restart()
    bench.stash.pretend("v9.9", "Scene.code")
    bench.stash.edit(bench.scene, code="", title="A night")
    assert bench.sync() == "synced"
    assert "Scene.code (tagline in Plex stays as it is)" in bench.app.stash.shortcomings
    assert (bench.item().text("tagline"), bench.item().text("titleSort")) == ("AC-7", "2023-05-17 A night")


@pytest.mark.parametrize(
    ("lacks", "changed"),
    [
        ("Scene.rating100", {"rating100": None}),
        ("Scene.details", {"details": ""}),
        ("Scene.director", {"director": ""}),
        ("Scene.date", {"date": None}),
        ("Scene.studio", {"studio": None}),
        ("Scene.tags", {"tags": []}),
        ("Scene.performers", {"performers": []}),
        ("Scene.urls", {}),
        ("Performer.image_path", {}),
        ("VideoFile.size", {}),
    ],
)
def test_a_field_that_it_does_not_know_is_never_cleared(
    bench: SyncBench, lacks: str, changed: dict[str, object]
) -> None:
    assert bench.sync() == "synced"
    bench.restart()
    bench.stash.pretend("v9.9", lacks)
    bench.stash.edit(bench.scene, title="Another")
    assert bench.sync() == "synced"
    assert wrong(bench) == []
    assert lacks in bench.app.stash.shortcomings
    # Were it known, this would be cleared; so nothing of it may be looked at.
    before = bench.item()
    bench.stash.edit(bench.scene, title="Yet another", **changed)
    bench.sync()
    now = bench.item()
    for field in ("summary", "studio", "originallyAvailableAt"):
        assert now.text(field) == before.text(field)
    for kind in ("actor", "genre", "director", "collection"):
        assert now.names(kind) == before.names(kind)
    assert (now.title, now.user_rating) == ("Yet another", before.user_rating)
    bench.restart()
    bench.stash.pretend("v0.30.1")
    bench.sync()
    assert wrong(bench) == []


def test_comparing_everything_works_without_what_it_does_not_know(bench: SyncBench) -> None:
    bench.stash.pretend("v0.26.2", *GROUPS)
    bench.sync()
    found: list[object] = []
    *_, run = Reconciler(bench.app, NoQueue(), on_finding=found.append).pages(ReconcileRun(1, True, 0.0))
    assert (run.phase, found) == (Phase.DONE, [])


def test_what_no_scene_can_do_without_stops_everything_once(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    bench = days.bench
    scenes = [bench.scene] + [bench.add(f"{number}.mp4")[0] for number in range(20)]
    bench.stash.pretend("v0.16.1", *GROUPS, "Scene.files")
    days.set_up(access_retry=0.2)
    with days.consuming():
        for scene in scenes:
            days.sync_scene(scene)
        until(lambda: days.runtime().stash_guard.stopped is not None)
        until(lambda: days.huey.stats().pending == len(scenes))
        # It is asked again and again, and they wait on.
        asked = len(bench.stash.log)
        until(lambda: len(bench.stash.log) >= asked + 3)
        assert days.huey.stats().pending == len(scenes)
        why = str(days.runtime().stash_guard.stopped)
        assert "(v0.16.1) does not understand what PlexSync has to ask" in why
        assert "PlexSync needs Stash v0.25 or later" in why
        assert days.runtime().ledger.dead_letters.count() == 0
        bench.stash.pretend("v0.30.1")
        until(lambda: all(days.state(scene) is State.SYNCED for scene in scenes), 30)
    stops = [one for one in caplog.records if one.levelno >= logging.ERROR and "all scenes wait" in one.getMessage()]
    assert len(stops) == 1
    assert days.runtime().ledger.dead_letters.count() == 0


def test_of_a_stash_that_is_too_old_nothing_is_read(bench: SyncBench) -> None:
    bench.stash.pretend("v0.16.1", *GROUPS, "Scene.files", "SceneFilterType.id")
    client = StashClient(bench.stash.url)
    for ask in (lambda: client.scenes([bench.scene]), lambda: client.scenes_after(0), client.check):
        with pytest.raises(StashTooOld, match=r"v0\.16\.1.*needs Stash v0\.25"):
            ask()


class NoQueue:
    """Where nothing may be put."""

    def absent(self, scene_ids: list[int]) -> list[int]:
        return list(scene_ids)

    def sync(self, scene_ids: list[int]) -> None:
        assert not scene_ids

    look = together = sync
