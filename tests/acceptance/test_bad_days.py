"""Bad days of the data folder, with real hooks, real consumers and real servers: no acknowledged event is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from tests.support import programs
from tests.support.real_world import db, edit_each, inbox_size, log_of, run, scenes_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: A consumer on a file system without locks.
WITHOUT_LOCKS = (
    "import errno, fcntl, sys\n"
    "def flock(*_): raise OSError(errno.ENOLCK, 'No locks available')\n"
    "fcntl.flock = flock\n"
    "from plexsync.cli.consumer import main\n"
    "main()\n"
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    """One whose data folder is a disk of 8 MiB: SQLite's log alone may take 4 of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        with World(tmp_path) as world:
            yield world
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def pictures_twice(world: World) -> list[int]:
    found = []
    for scene, key in world.items.items():
        for kind in ("posters", "arts"):
            sent = world.plex.pictures(key, kind)
            if len(sent) != len(set(sent)):
                found.append(scene)
    return found


def spoil(path: Path) -> None:
    """Random bytes over all of the file but its first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(max(4096, path.stat().st_size - 4096)))


@pytest.mark.parametrize("how", ["spoiled", "emptied", "deleted"])
def test_a_file_that_is_lost_under_the_consumer_costs_no_event_and_no_second_picture(world: World, how: str) -> None:
    scenes = scenes_of(world, 8)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    # Plex is away, so that what is asked for now waits in the file.
    world.plex.stop()
    world.edit_many(scenes[:4], details="Waits in the file")
    world.wait(lambda: inbox_size(world) == 0, 20, "the events are taken over")
    if how == "deleted":
        for path in world.data_dir.glob("plexsync.db*"):
            path.unlink()
    else:
        for path in world.data_dir.glob("plexsync.db*"):
            if not path.name.endswith("-shm"):
                spoil(path) if how == "spoiled" else os.truncate(path, 0)
    world.plex.start()
    world.edit_many(scenes[4:], details="After")
    world.wait_until_right(scenes, 60)
    # What a process has in its memory hides the damage from it, until the next start at the latest.
    assert world.stop_consumer() == 0
    world.start_consumer()
    edit_each(world, scenes, details="At last")
    world.wait_until_right(scenes, 60)
    world.wait_until_idle(60)
    assert pictures_twice(world) == []
    assert world.stop_consumer() == 0
    with sqlite3.connect(db(world)) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("select count(*) from scene").fetchone()[0] == len(scenes)
    connection.close()


def test_a_damaged_file_at_the_start_is_set_aside_and_named_by_doctor(world: World) -> None:
    scenes = scenes_of(world, 6)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    world.plex.stop()
    world.edit_many(scenes, details="Waits in the file")
    world.wait(lambda: inbox_size(world) == 0, 20, "the events are taken over")
    world.kill_consumer()
    world.plex.start()
    db(world).write_bytes(b"not a database at all" * 1000)
    Path(f"{db(world)}-wal").unlink()
    done = run(world, "status")
    assert done.returncode == 1
    assert "restart the consumer" in done.stderr
    world.start_consumer()
    world.wait_until_right(scenes, 60)
    world.wait_until_idle(60)
    assert pictures_twice(world) == []
    assert "set aside as" in log_of(world)
    findings = {one["name"]: one for one in json.loads(run(world, "doctor", "--json").stdout)}
    assert "plexsync.db.corrupt-" in findings["damaged database"]["text"]
    assert findings["database"]["ok"]


def test_a_file_of_a_newer_version_is_refused_and_hooks_go_on(world: World) -> None:
    scene = world.add("a.mp4")
    run(world, "status")
    with sqlite3.connect(db(world)) as connection:
        connection.execute("update schema set version = 99 where room = 'ledger'")
    connection.close()
    before = db(world).read_bytes()
    world.edit(scene, title="Edited")
    done = run(world)
    assert done.returncode == 1
    assert "newer PlexSync" in done.stderr
    assert "Traceback" not in done.stderr
    assert db(world).read_bytes() == before
    world.edit(scene, title="Edited again")
    assert inbox_size(world) == 2
    assert all(one.error is None for one in world.stash.hook_runs)


def test_a_second_consumer_ends_with_1_and_names_the_first(world: World) -> None:
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="One")
    world.wait_until_right([scene])
    done = run(world)
    assert done.returncode == 1
    assert f"another consumer (process {world.consumer_pid})" in done.stderr
    world.kill_consumer()
    world.start_consumer()
    world.edit(scene, title="Two")
    world.wait_until_right([scene])


def test_two_consumers_that_cannot_see_each_other_work_side_by_side(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(20)]
    world.plex.behaviour.write_delay = 0.02
    with world.log_path.open("ab") as log:
        command = [sys.executable, "-P", "-c", WITHOUT_LOCKS]
        environ = world.environ | {"PYTHONPATH": str(PLUGIN)}
        both = [
            programs.Popen(command, env=environ, stdout=log, stderr=log, cwd=world.data_dir.parent) for _ in range(2)
        ]
    try:
        for round_number in range(4):
            world.edit_many(scenes, details=f"Round {round_number}")
        world.wait_until_right(scenes, 60)
        world.wait_until_idle(60)
        assert [one.poll() for one in both] == [None, None]
    finally:
        for one in both:
            one.kill()
            one.wait(10)
    assert pictures_twice(world) == []
    assert world.plex.violations == []
    assert log_of(world).count("a second consumer would not be noticed") == 2


def test_a_full_disk_is_waited_out_without_a_crash_or_a_busy_loop(small_world: World) -> None:
    world = small_world
    scenes = scenes_of(world, 4)
    world.start_consumer()
    world.wait_until_right(scenes)
    world.wait_until_idle()
    os.kill(world.consumer_pid, signal.SIGSTOP)
    world.edit_many(scenes, details="Just before the disk is full")
    assert all(one.error is None for one in world.stash.hook_runs)
    _fill(world)
    told = len(log_of(world).splitlines())
    os.kill(world.consumer_pid, signal.SIGCONT)
    before = _cpu(world.consumer_pid)
    time.sleep(7)
    spent = _cpu(world.consumer_pid) - before
    lines = log_of(world).splitlines()[told:]
    (world.data_dir / "ballast").unlink()
    world.wait_until_right(scenes, 60)
    world.wait_until_idle(60)
    assert spent < 2.0, f"{spent} s of 7 s"
    assert len(lines) < 20, "\n".join(lines)
    assert any("disk is full" in line or "disk I/O error" in line for line in lines), "\n".join(lines)
    assert not any("Traceback" in line for line in lines), "\n".join(lines)
    assert world.stop_consumer() == 0


def test_a_consumer_that_starts_on_a_full_disk_waits_for_room(small_world: World) -> None:
    world = small_world
    scene = world.add("a.mp4")
    world.edit(scene, title="Laid while there was room")
    _fill(world)
    world.start_consumer()
    world.wait(lambda: "no room on the disk" in log_of(world), 20, "it says so")
    (world.data_dir / "ballast").unlink()
    world.wait_until_right([scene], 30)
    assert world.plex.item(world.items[scene]).title == "Laid while there was room"


def test_a_read_only_folder_ends_the_consumer_with_1_and_status_still_works(small_world: World) -> None:
    world = small_world
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="Before")
    world.wait_until_right([scene])
    world.wait_until_idle()
    assert world.stop_consumer() == 0
    subprocess.run(["mount", "-o", "remount,ro", str(world.data_dir)], check=True)
    done = run(world)
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert "mount it so that it can be written to" in done.stderr
    assert "Traceback" not in done.stderr
    status = run(world, "status")
    assert status.returncode == 0, status.stderr
    assert "1 synced" in status.stdout
    done = run(world, "check", "--json")
    assert done.stdout, done.stderr
    findings = json.loads(done.stdout)
    assert "mount it" in findings[0]["text"]


def _fill(world: World) -> None:
    with (world.data_dir / "ballast").open("wb", buffering=0) as ballast, pytest.raises(OSError, match="No space"):
        while True:
            ballast.write(b"x" * 1024)


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
