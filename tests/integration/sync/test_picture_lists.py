"""An item's list of pictures is read only where it can matter, and then once for each field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.plex.traits import Trait
from plexsync.sync.picture_locks import SURELY
from tests.support.sync_bench import COVER, SyncBench, sync_bench

AGENTS, THEIRS, NEXT = pictures.png(1, 1, 1), pictures.png(2, 2, 2), pictures.png(3, 3, 3)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        bench.stash.edit(bench.scene, title="A title")
        yield bench


def is_list(request: Request) -> bool:
    return request.method == "GET" and request.path.endswith(("/posters", "/arts"))


def lists(bench: SyncBench) -> list[str]:
    return [one.path.rpartition("/")[2] for one in bench.plex.log if is_list(one)]


def uploads(bench: SyncBench) -> list[str]:
    return [one.path.rpartition("/")[2] for one in bench.plex.log if one.method == "POST"]


def show_agents(bench: SyncBench, key: int) -> None:
    for kind in ("posters", "arts"):
        bench.plex.set_agent_picture(key, kind, AGENTS)


def lose_the_ledger(bench: SyncBench) -> None:
    bench.lose_database()
    bench.restart()
    bench.plex.forget()


def test_an_item_that_shows_nothing_has_nothing_to_look_for(bench: SyncBench) -> None:
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == ([], ["posters", "arts"])


def test_an_agents_pictures_are_looked_through_until_it_is_known_that_uploads_lock(bench: SyncBench) -> None:
    show_agents(bench, bench.key)
    bench.sync()
    assert lists(bench) == ["posters", "arts"]
    for number in range(SURELY):
        scene, key = bench.add(f"file {number}.mp4")
        show_agents(bench, key)
        bench.app.library.expire()
        bench.plex.forget()
        assert bench.sync(scene) == "synced"
    assert bench.app.plex.traits.peek(Trait.PICTURE_LOCKS) == "by upload"
    # What an agent has put there has no lock, and what was uploaded has one.
    assert (lists(bench), uploads(bench)) == ([], ["posters", "arts"])


def test_where_uploads_do_not_lock_an_agents_pictures_are_looked_through(bench: SyncBench) -> None:
    bench.plex.behaviour.uploads_lock = False
    for number in range(SURELY + 1):
        scene, key = bench.add(f"file {number}.mp4")
        show_agents(bench, key)
        bench.app.library.expire()
        bench.plex.forget()
        assert bench.sync(scene) == "synced"
        assert lists(bench) == ["posters", "arts"]


@pytest.mark.parametrize("uploads_lock", [True, False])
def test_a_lost_ledger_costs_one_list_a_field_and_no_copy(bench: SyncBench, uploads_lock: bool) -> None:
    bench.plex.behaviour.uploads_lock = uploads_lock
    bench.sync()
    lose_the_ledger(bench)
    bench.sync()
    assert (lists(bench), uploads(bench)) == (["posters", "arts"], [])
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_a_new_rating_key_costs_one_list_a_field_and_no_copy(bench: SyncBench) -> None:
    bench.sync()
    bench.key, before = bench.key + 100, bench.key
    bench.plex.rekey_all({before: bench.key})
    bench.app.library.expire()
    bench.stash.edit(bench.scene, title="Another title")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == (["posters", "arts"], [])
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]


def test_a_picture_of_ours_that_another_has_replaced_is_sent_after_one_look(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.upload_as_person(bench.key, "posters", THEIRS)
    lose_the_ledger(bench)
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == (["posters", "arts"], ["posters"])
    assert bench.plex.selected_picture(bench.key, "posters") == COVER


def test_a_new_cover_needs_no_list(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.set_screenshot(bench.scene, NEXT)
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == ([], ["posters", "arts"])


def test_an_upload_that_was_cut_short_is_looked_for_once(bench: SyncBench) -> None:
    """Also where the item shows nothing: it may have been taken, and not be shown."""
    down = False

    def stop(request: Request) -> bool:
        nonlocal down
        down = down or request.method == "POST"
        return down

    fault = bench.plex.faults.add(PlannedFault("reset", times=None, match=stop))
    with pytest.raises(PlexUnavailable):
        bench.sync()
    bench.plex.faults.remove(fault)
    bench.restart()
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == (["posters"], ["posters", "arts"])


def test_a_plex_that_was_made_anew_shows_nothing_to_look_for(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.make_anew({bench.key: bench.key})
    bench.app.ledger.moves.doubt_all()
    bench.app.ledger.moves.doubt([bench.scene])
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert (lists(bench), uploads(bench)) == ([], ["posters", "arts"])
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
