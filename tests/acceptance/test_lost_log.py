"""SQLite's log is deleted, or stands beside another file than its own: no acknowledged event is lost with it.

Real hooks, a real consumer that is killed, real servers; with nothing else that would find what was lost.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import World
from tests.support.real_world import db, edit_each, inbox_size, log_of, run, scenes_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: Neither polls nor comparisons nor late looks: what is lost stays lost.
EVENTS_ONLY = {"PLEXSYNC_POLL_INTERVAL": "86400", "PLEXSYNC_RECONCILE": "off", "PLEXSYNC_LATE_POLLS": "86400"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, EVENTS_ONLY) as world:
        yield world


def with_edits_that_wait(world: World) -> list[int]:
    """Scenes that are in order, and have been edited since while Plex is away: the events are in the database alone."""
    scenes = scenes_of(world, 4)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    world.plex.stop()
    world.edit_many(scenes, details="After")
    world.wait(lambda: inbox_size(world) == 0, 20, "the events are taken over")
    return scenes


def log_file(world: World) -> Path:
    return Path(f"{db(world)}-wal")


@pytest.mark.parametrize("names", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_a_log_deleted_under_the_consumer_is_saved_before_it_dies(world: World, names: tuple[str, ...]) -> None:
    scenes = with_edits_that_wait(world)
    for name in names:
        Path(f"{db(world)}{name}").unlink()
    world.wait(lambda: "was deleted or replaced while in use" in log_of(world), 20, "it is noticed")
    world.wait(lambda: inbox_size(world) == 0, 20, "every scene is asked for")
    world.kill_consumer()
    world.plex.start()
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert world.stop_consumer() == 0


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_log_deleted_after_the_consumer_was_killed_is_missed_at_the_next_start(world: World, how: str) -> None:
    scenes = with_edits_that_wait(world)
    world.kill_consumer()
    log_file(world).unlink() if how == "deleted" else os.truncate(log_file(world), 0)
    world.plex.start()
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert "has lost its log" in log_of(world)
    assert world.stop_consumer() == 0


def test_so_where_a_command_is_the_first_to_open_the_database(world: World) -> None:
    scenes = with_edits_that_wait(world)
    world.kill_consumer()
    log_file(world).unlink()
    status = run(world, "status")
    assert status.returncode == 0
    assert "has lost its log" in status.stderr
    world.plex.start()
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert world.stop_consumer() == 0


@pytest.mark.parametrize("how", ["copied into it", "put in its place"])
def test_a_backup_that_is_put_back_beside_the_log_of_a_killed_consumer_is_not_mixed_with_it(
    world: World, tmp_path: Path, how: str
) -> None:
    scenes = scenes_of(world, 4)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    assert world.stop_consumer() == 0
    backup = tmp_path / "backup.db"
    shutil.copy(db(world), backup)
    world.start_consumer()
    world.edit_many(scenes, details="In the log alone")
    world.wait_until_right(scenes)
    world.plex.stop()
    world.edit_many(scenes, details="After")
    world.wait(lambda: inbox_size(world) == 0, 20, "the events are taken over")
    world.kill_consumer()
    assert log_file(world).stat().st_size
    if how == "copied into it":
        shutil.copyfile(backup, db(world))
    else:
        backup.rename(db(world))
    world.plex.start()
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert "the log beside it does not belong to it" in log_of(world)
    assert len(list(world.data_dir.glob("plexsync.db-wal.stale-*"))) == 1
    assert world.stop_consumer() == 0
    assert json.loads(run(world, "status", "--json").stdout)["scenes"]["synced"] == len(scenes)


def test_a_backup_that_is_put_back_while_nothing_runs_is_noticed_and_doubted(world: World, tmp_path: Path) -> None:
    scenes = scenes_of(world, 4)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    assert world.stop_consumer() == 0
    shutil.copy(db(world), tmp_path / "backup.db")
    world.start_consumer()
    edit_each(world, scenes, details="Told to Plex after the backup")
    world.wait_until_right(scenes)
    world.wait_until_idle()
    assert world.stop_consumer() == 0
    # What the backup says was told to Plex is what Stash has again by now: only a look at the items shows otherwise.
    shutil.copyfile(tmp_path / "backup.db", db(world))
    world.stash.hooks = None  # type: ignore[assignment]  # this edit has none
    world.edit_many(scenes, details="Before")
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    assert "is another file than the one that was used last" in log_of(world)
    assert world.stop_consumer() == 0


def test_a_killed_consumer_whose_log_a_command_has_folded_in_is_no_reason_to_ask_for_anything(world: World) -> None:
    scenes = with_edits_that_wait(world)
    world.kill_consumer()
    assert run(world, "status").returncode == 0
    assert not log_file(world).exists()
    world.plex.start()
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    world.wait_until_idle()
    assert "checked again" not in log_of(world)
    world.kill_consumer()
    world.start_consumer()
    world.edit_many(scenes, details="At last")
    world.wait_until_right(scenes, 60)
    assert world.stop_consumer() == 0
    assert "checked again" not in log_of(world)


def begun(world: World) -> int:
    """When the last run was noted."""
    return (world.data_dir / "last_run.json").stat().st_mtime_ns


def test_neither_a_start_that_is_ended_nor_one_that_is_killed_at_once_asks_for_anything(world: World) -> None:
    scene = world.add("one.mp4")
    world.start_consumer()
    world.edit(scene, title="Before")
    world.wait_until_right([scene])
    world.wait_until_idle()
    assert world.stop_consumer() == 0
    for delay in (0.0, 0.05, 0.1, 0.2):
        for signum in (signal.SIGTERM, signal.SIGKILL):
            noted = begun(world)
            world.start_consumer()
            world.wait(lambda before=noted: begun(world) != before, 30, "it begins")  # type: ignore[misc]
            time.sleep(delay)
            assert world.stop_consumer(signum) in (0, -signum)
    world.start_consumer()
    world.edit(scene, title="After")
    world.wait_until_right([scene])
    assert world.stop_consumer() == 0
    assert "checked again" not in log_of(world)


def test_a_database_that_is_replaced_by_a_folder_is_told_of_once_and_goes_on_when_it_is_gone(
    world: World, tmp_path: Path
) -> None:
    scenes = with_edits_that_wait(world)
    for path in world.data_dir.glob("plexsync.db*"):
        path.rename(tmp_path / path.name)
    db(world).mkdir()
    world.wait(lambda: "is a folder: move it away" in log_of(world), 20, "it is told")
    told = log_of(world)
    until = time.monotonic() + 11
    world.wait(lambda: time.monotonic() > until, 20, "it is tried twice more")
    # Each loop and each scene that was at work says it once.
    assert len(log_of(world).removeprefix(told).splitlines()) <= len(scenes) + 3, log_of(world)
    status = run(world, "status")
    assert status.returncode == 1
    assert "is a folder: move it away" in status.stderr
    assert inbox_size(world) <= 1
    db(world).rmdir()
    world.plex.start()
    world.wait_until_right(scenes, 60)
    assert world.stop_consumer() == 0


def test_a_start_where_a_folder_stands_in_the_databases_place_says_what_to_do(world: World) -> None:
    db(world).mkdir(parents=True)
    done = run(world)
    assert done.returncode == 1
    assert f"{db(world)} is a folder: move it away" in done.stderr
    assert list(world.data_dir.glob("*corrupt*")) == []
