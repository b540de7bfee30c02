"""Files in the inbox that nobody can read, beside a real consumer: everything goes on, and every command says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from tests.support import programs

#: Every command that only looks, and what it ends with.
LOOKS = {
    "status": 0,
    "status --json": 0,
    "doctor": 1,
    "doctor --json": 1,
    "failed list": 0,
    "failed list --json": 0,
    "review list": 0,
    "scene 1": 0,
    "scene 1 --json": 0,
    "sync 1 --dry-run": 0,
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def run(world: World, words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return programs.run(
        [sys.executable, "-P", "-m", "plexsync", *words.split()],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)} | environ,
        capture_output=True,
        timeout=60,
        check=False,
    )


def lay(world: World, name: bytes, content: bytes = b"no message\n") -> None:
    folder = world.data_dir / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    path = os.fsencode(folder) + b"/" + name
    with open(path, "wb") as file:  # noqa: PTH123 - a Path cannot have such a name
        file.write(content)
    os.utime(path, (time.time() - 3600,) * 2)


@pytest.mark.timeout(180)
def test_a_file_whose_name_is_no_utf8_stops_nothing_and_is_named_once(world: World) -> None:
    first = world.add("a.mp4")
    lay(world, b"\xff\xfe.json")
    lay(world, b"two\nlines \x1b[31m.json", b"\xff" * 100)
    world.start_consumer()
    world.edit(first, title="Edited")
    world.wait_until_right([first])
    lay(world, b"later \xe9.json")
    second = world.add("b.mp4")
    world.edit(second, title="Edited, too")
    world.wait_until_right([second])
    before = world.log_path.stat().st_size
    time.sleep(2)
    assert world.log_path.stat().st_size - before < 10_000
    world.stop_consumer()
    text = world.log_path.read_text(errors="replace")
    assert "Traceback" not in text
    for shown in (r"\xff\xfe.json", r"two\nlines \x1b[31m.json", r"later \xe9.json"):
        assert text.count(shown) == 1
    status = json.loads(run(world, "status --json").stdout)
    assert status["queue"]["set_aside"] == 3


@pytest.mark.timeout(300)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_no_command_ends_in_a_traceback_over_it(world: World, encoding: str) -> None:
    scene = world.add("a.mp4")
    assert scene == 1
    world.start_consumer()
    world.edit(scene, title="日本 \N{GAME DIE} é")
    world.wait_until_right([scene])
    world.stop_consumer()
    lay(world, b"\xff\xfe.json")
    lay(world, b"half.json", b'{"v": 1, "id": "\\ud800", "name": "\\udcff"}\n')
    (world.data_dir / "inbox" / "folder\udcff\n.json").mkdir()
    lay(world, b"../plexsync.db.corrupt-\xff")
    for words, code in LOOKS.items():
        done = run(world, words, PYTHONIOENCODING=encoding)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert b"Traceback" not in done.stdout + done.stderr, words
        assert b"Error" not in done.stderr, words
        if "--json" in words:
            json.loads(done.stdout.decode(encoding))
    doctor = run(world, "doctor").stdout.decode()
    assert r"folder\xff\n.json" in doctor
    assert "2 messages were set aside as unreadable" in doctor
    assert r"plexsync.db.corrupt-\xff" in doctor
