"""Our pictures are locked wherever our texts are, whether or not this Plex locks what is uploaded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.model import Field
from plexsync.plex.traits import Trait
from plexsync.sync.picture_locks import SURELY
from tests.support.reconcile_bench import reconcile_bench
from tests.support.sync_bench import COVER, SyncBench, sync_bench

NUMBERS = itertools.count()
AGENTS, THEIRS, NEXT = pictures.png(1, 1, 1), pictures.png(2, 2, 2), pictures.png(3, 3, 3)


@pytest.fixture(params=[True, False], ids=["uploads lock", "edits lock"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        bench.plex.behaviour.uploads_lock = request.param
        filled(bench)
        yield bench


@pytest.fixture
def unlocking(tmp_path: Path) -> Iterator[SyncBench]:
    """A Plex that leaves locks to edits."""
    with sync_bench(tmp_path) as bench:
        bench.plex.behaviour.uploads_lock = False
        filled(bench)
        yield bench


def filled(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="A title", details="A text", tags=[bench.stash.add_tag("a tag")])
    for kind in ("posters", "arts"):
        bench.plex.set_agent_picture(bench.key, kind, AGENTS)


def edits(bench: SyncBench) -> list[dict[str, str]]:
    return [dict(parse_qsl(one.query)) for one in bench.plex.log if one.method == "PUT"]


def uploads(bench: SyncBench) -> int:
    return sum(one.method == "POST" for one in bench.plex.log)


def is_list(request: Request) -> bool:
    return request.method == "GET" and request.path.endswith(("/posters", "/arts"))


def lists(bench: SyncBench) -> int:
    return sum(is_list(one) for one in bench.plex.log)


def more(bench: SyncBench, count: int) -> dict[int, int]:
    """Further scenes, brought to Plex; ids and rating keys."""
    scenes = dict(bench.add(f"file {next(NUMBERS)}.mp4") for _ in range(count))
    bench.app.library.expire()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}")
        assert bench.sync(scene) == "synced"
    return scenes


def test_an_agents_refresh_keeps_our_pictures(bench: SyncBench) -> None:
    assert bench.sync() == "synced"
    assert {"thumb", "art", "title"} <= bench.item().locked
    bench.plex.refresh(bench.key)
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    # And nothing more is asked or written for an unchanged scene.
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []


def test_without_locks_an_agent_may_replace_them(tmp_path: Path) -> None:
    with sync_bench(tmp_path, lock_fields=False) as bench:
        bench.plex.behaviour.uploads_lock = False
        filled(bench)
        assert bench.sync() == "synced"
        assert bench.item().locked == frozenset()
        bench.plex.refresh(bench.key)
        assert bench.plex.selected_picture(bench.key, "posters") == AGENTS


def test_where_uploads_lock_no_request_is_made_for_it(unlocking: SyncBench) -> None:
    bench = unlocking
    bench.plex.behaviour.uploads_lock = True
    bench.sync()
    assert (len(edits(bench)), uploads(bench)) == (1, 2)


def test_where_edits_lock_both_pictures_are_locked_in_one_more(unlocking: SyncBench) -> None:
    bench = unlocking
    bench.sync()
    first, second = edits(bench)
    assert not any(name.startswith(("thumb", "art")) for name in first)
    assert {name: value for name, value in second.items() if name not in ("type", "id")} == {
        "thumb.locked": "1",
        "art.locked": "1",
    }
    # As soon as that is known of the server, nothing is read for it either.
    more(bench, SURELY)
    assert bench.app.plex.traits.get(Trait.PICTURE_LOCKS) == "by edit"
    bench.plex.forget()
    scenes = more(bench, 1)
    assert (len(edits(bench)), uploads(bench)) == (2, 2)
    items = [one for one in bench.plex.log if one.method == "GET" and one.path.startswith("/library/metadata/")]
    assert len([one for one in items if not is_list(one)]) == 2
    (key,) = scenes.values()
    assert {"thumb", "art"} <= bench.plex.item(key).locked
    # A new picture under the lock of the old one needs none.
    (scene,) = scenes
    bench.stash.set_screenshot(scene, NEXT)
    bench.plex.forget()
    assert bench.sync(scene) == "synced"
    assert (len(edits(bench)), uploads(bench)) == (0, 2)


def test_a_lock_that_somebody_took_comes_back_with_the_next_edit(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.unlock_as_person(bench.key, "thumb", "art")
    bench.stash.edit(bench.scene, title="Another title")
    bench.plex.forget()
    assert bench.sync() == "synced"
    (edit,) = edits(bench)
    assert (edit["thumb.locked"], edit["art.locked"], edit["title.value"]) == ("1", "1", "Another title")
    assert {"thumb", "art"} <= bench.item().locked
    assert uploads(bench) == 0


@pytest.mark.parametrize("uploads_lock", [True, False])
def test_a_comparison_of_everything_finds_a_lock_that_is_missing(tmp_path: Path, uploads_lock: bool) -> None:
    with reconcile_bench(tmp_path) as ready:
        ready.plex.behaviour.uploads_lock = uploads_lock
        key = ready.keys[1]
        ready.bench.plex_ahead[0] = 10.0
        ready.plex.unlock_as_person(key, "thumb")
        assert ready.put_right() == {"unlocked": 1}
        assert "thumb" in ready.plex.item(key).locked


def test_a_comparison_of_everything_leaves_an_agents_picture_in_peace(tmp_path: Path) -> None:
    """It is found out once that it is not ours, and not asked for every night."""
    with reconcile_bench(tmp_path) as ready:
        key = ready.keys[1]
        ready.bench.plex_ahead[0] = 10.0
        ready.plex.unlock_as_person(key, "thumb")
        ready.plex.set_agent_picture(key, "posters", AGENTS)
        ready.plex.refresh(key)
        ready.counts()
        ready.sync_all()
        for ahead in (20.0, 30.0):
            assert ready.counts(full=True) == {}
            ready.bench.plex_ahead[0] = ahead
            # Another edit in Plex moves the time, and the path with it.
            ready.plex.edit_as_person(key, tagline="x")
            assert ready.counts() == {}
        assert "thumb" not in ready.plex.item(key).locked
        assert ready.plex.selected_picture(key, "posters") == AGENTS


def test_a_picture_that_is_not_ours_is_not_locked(unlocking: SyncBench) -> None:
    """Sent without a lock, by an older version say, and replaced by the agent's since."""
    bench = unlocking
    bench.restart(lock_fields=False)
    bench.sync()
    bench.plex.refresh(bench.key)
    assert bench.plex.selected_picture(bench.key, "posters") == AGENTS
    bench.restart(lock_fields=True)
    for title in ("Another title", "A third"):
        bench.stash.edit(bench.scene, title=title)
        assert bench.sync() == "synced"
        assert "thumb" not in bench.item().locked
    # A new one of Stash's replaces it, and is locked.
    bench.stash.set_screenshot(bench.scene, NEXT)
    assert bench.sync() == "synced"
    assert "thumb" in bench.item().locked
    assert bench.plex.selected_picture(bench.key, "posters") == NEXT


def test_pictures_of_an_older_version_are_locked_with_the_next_edit(unlocking: SyncBench) -> None:
    bench = unlocking
    bench.restart(lock_fields=False)
    bench.sync()
    bench.restart(lock_fields=True)
    bench.stash.edit(bench.scene, title="Another title")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert {"thumb", "art"} <= bench.item().locked
    assert (len(edits(bench)), uploads(bench), lists(bench)) == (1, 0, 0)


def test_a_death_between_upload_and_lock_costs_a_lock_and_no_copy(unlocking: SyncBench) -> None:
    bench = unlocking
    fault = bench.plex.faults.add(
        PlannedFault("reset", times=None, match=lambda request: request.param("thumb.locked") is not None)
    )
    with pytest.raises(PlexUnavailable):
        bench.sync()
    bench.plex.faults.remove(fault)
    assert "thumb" not in bench.item().locked
    bench.restart()
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert {"thumb", "art"} <= bench.item().locked
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]


def test_a_lock_that_is_refused_holds_nothing_back(unlocking: SyncBench) -> None:
    bench = unlocking
    fault = bench.plex.faults.add(
        PlannedFault("status", times=None, status=400, match=lambda request: request.param("thumb.locked") is not None)
    )
    assert bench.sync() == "synced"
    assert bench.plex.selected_picture(bench.key, "posters") == COVER
    assert "art" in bench.item().locked
    (row,) = bench.app.ledger.left_out.of([bench.scene])[bench.scene]
    assert (row.field, row.part) == (Field.POSTER, "lock")
    # It is tried again when its time has come, and not before.
    bench.stash.edit(bench.scene, title="Another title")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert len(edits(bench)) == 1
    bench.plex.faults.remove(fault)
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert {"thumb", "art"} <= bench.item().locked
    assert bench.app.ledger.left_out.of([bench.scene]) == {}


def test_many_items_in_one_write_get_the_locks_that_they_lack(unlocking: SyncBench) -> None:
    bench = unlocking
    bench.restart(lock_fields=False)
    scenes = more(bench, 6)
    studio = bench.stash.add_studio("Old name")
    for scene in scenes:
        bench.stash.edit(scene, studio=studio)
        assert bench.sync(scene) == "synced"
    bench.restart(lock_fields=True)
    bench.stash.rename("studios", studio, "New name")
    bench.plex.forget()
    tally = bench.app.together.sync([*scenes])
    assert (len(tally.written), tally.writes, len(edits(bench))) == (6, 1, 1)
    for scene, key in scenes.items():
        assert {"thumb", "art", "studio"} <= bench.plex.item(key).locked
        assert bench.sync(scene) == "unchanged"


def test_many_items_in_one_write_leave_a_picture_unlocked_that_may_not_be_ours(unlocking: SyncBench) -> None:
    bench = unlocking
    bench.restart(lock_fields=False)
    scenes = more(bench, 4)
    studio = bench.stash.add_studio("Old name")
    for scene in scenes:
        bench.stash.edit(scene, studio=studio)
        assert bench.sync(scene) == "synced"
    odd = min(scenes)
    bench.plex.set_agent_picture(scenes[odd], "posters", AGENTS)
    bench.plex.refresh(scenes[odd])
    bench.restart(lock_fields=True)
    bench.stash.rename("studios", studio, "New name")
    tally = bench.app.together.sync([*scenes])
    assert (sorted(tally.written), tally.alone) == (sorted({*scenes} - {odd}), (odd,))
    assert bench.sync(odd) == "synced"
    item = bench.plex.item(scenes[odd])
    assert ("thumb" in item.locked, item.text("studio")) == (False, "New name")


@pytest.mark.parametrize("locked", [True, False])
def test_a_persons_picture_stays_as_it_is(bench: SyncBench, locked: bool) -> None:
    bench.sync()
    bench.plex.upload_as_person(bench.key, "posters", THEIRS)
    if not locked:
        bench.plex.unlock_as_person(bench.key, "thumb")
    for title in ("Another title", "A third"):
        bench.stash.edit(bench.scene, title=title)
        assert bench.sync() == "synced"
        assert bench.plex.selected_picture(bench.key, "posters") == THEIRS
        assert ("thumb" in bench.item().locked) is locked


@pytest.mark.parametrize("edits_between", [0, 1, 2])
def test_a_picture_that_a_person_chose_outlives_new_ones_of_stashs(bench: SyncBench, edits_between: int) -> None:
    """Where people's edits are preserved; however often the item was read and written in between."""
    bench.restart(preserve_plex_edits=True)
    bench.sync()
    bench.plex.upload_as_person(bench.key, "posters", THEIRS)
    for number in range(edits_between):
        bench.stash.edit(bench.scene, title=f"Title {number}")
        assert bench.sync() == "synced"
    bench.stash.set_screenshot(bench.scene, NEXT)
    bench.sync()
    assert bench.plex.selected_picture(bench.key, "posters") == THEIRS
    assert bench.plex.selected_picture(bench.key, "arts") == NEXT
