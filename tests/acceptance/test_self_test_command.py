"""``doctor --plex-self-test`` as a person uses it: what it says and asks, and what is left when it is killed."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.http import Request
from plexsync.demo.world import PLUGIN, World
from plexsync.self_test.marks import MARK, is_made_up
from tests.support import programs

COMMAND = [sys.executable, "-P", "-m", "plexsync", "doctor"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        scene = world.add("a file.mp4", guess="A film")
        world.add("another.mp4")
        world.plex.edit_as_person(world.items[scene], genre=["Drama", "Noir, dark"], originallyAvailableAt="1998-05-05")
        yield world


def item_of(world: World) -> int:
    return next(iter(world.items.values()))


def held(world: World) -> dict[str, Any]:
    item = world.plex.item(item_of(world))
    return {one.name: getattr(item, one.name) for one in fields(item) if one.name not in ("updated_at", "thumb", "art")}


def run(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return programs.run(
        [*COMMAND, *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=world.data_dir.parent,
        check=False,
    )


def start(world: World, *words: str, write_delay: float = 0.1) -> subprocess.Popen[str]:
    """A self-test of a Plex that takes its time (seconds) for each write; it has written something."""
    world.plex.behaviour.write_delay = write_delay
    process = programs.Popen(
        [*COMMAND, "--plex-self-test", str(item_of(world)), "--yes", *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=world.data_dir.parent,
    )
    world.wait(lambda: is_touched(world), 30, "it has written something")
    return process


def is_touched(world: World) -> bool:
    item = world.plex.item(item_of(world))
    return any(is_made_up(name) for kind in ("genre", "actor") for name in item.names(kind))


def in_a_terminal(world: World, answer: str, *words: str, columns: int = 100) -> tuple[int, str]:
    """Run it where a person answers; the exit code and what was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(world.data_dir.parent)
        os.execve(COMMAND[0], [*COMMAND, *words], world.environ | {"PYTHONPATH": str(PLUGIN), "COLUMNS": str(columns)})
    said = b""
    answered = False
    until = time.monotonic() + 60
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            some = os.read(terminal, 65536)
            if not some:
                break
            said += some
            if not answered and b"]:" in said:
                os.write(terminal, f"{answer}\n".encode())
                answered = True
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), said.decode()


def plain(said: str) -> str:
    """What was shown in a terminal, without colours, and without how far it was (on a busy machine)."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", said).replace("\r\n", "\n")
    return re.sub(r"\rAsking Plex: [^\n]*\n", "", text)


def as_in_the_documents(world: World) -> None:
    """An item that has something of everything, in a Plex that takes long request lines."""
    key = item_of(world) if world.items else world.items[world.add("a file.mp4", guess="A film")]
    if len(world.items) == 1:
        world.add("another.mp4")
    world.plex.behaviour.max_request_line = 65536
    world.plex.edit_as_person(key, lock=False, originallyAvailableAt="1998-05-05")
    world.plex.upload_as_person(key, "posters", pictures.png(1, 2, 3))
    with world.plex.library.lock:
        world.plex.library.items[key].year = 1998


def writes(world: World) -> list[Request]:
    return [one for one in world.plex.log if one.method != "GET"]


def test_it_names_the_item_and_what_it_writes_and_does_nothing_without_a_yes(world: World) -> None:
    before = held(world)
    done = run(world, "--plex-self-test", str(item_of(world)))
    assert done.returncode == 1
    for words in ("A film", "Scenes", "/media/scenes/a file.mp4", "genres", "your rating", "puts it back"):
        assert words in done.stdout
    assert "--yes" in done.stderr
    code, said = in_a_terminal(world, "n", "--plex-self-test", str(item_of(world)))
    assert code == 1
    assert "Go on?" in said
    assert "nothing was written" in said
    assert writes(world) == []
    assert held(world) == before
    assert run(world, "--yes").returncode == 2


def test_it_says_what_this_plex_does_and_from_then_on_check_knows(world: World) -> None:
    world.plex.behaviour.rating_step = 1.0
    world.plex.behaviour.tag_lists = "replace"
    before = held(world)
    code, said = in_a_terminal(world, "y", "--plex-self-test", str(item_of(world)))
    assert code == 0
    assert held(world) == before
    assert "Plex replaces the list" in said
    assert "half stars" in said
    assert "is as it was" in said
    assert world.plex.token not in said
    check = {one["name"]: one["text"] for one in json.loads(run(world, "--json").stdout)}
    assert "ratings are kept in steps of 1" in check["Plex's ways"]
    assert "lists of names are written whole" in check["Plex's ways"]
    assert "knows how this Plex behaves" in check["self-test"]
    world.plex.version = "2.0"
    check = {one["name"]: one["text"] for one in json.loads(run(world, "--json").stdout)}
    assert "steps" not in check["Plex's ways"]
    assert "another version" in check["self-test"]


@pytest.mark.parametrize("how", ["app", "web", "path"])
def test_the_item_may_be_named_by_its_address_or_its_file(world: World, how: str) -> None:
    key = item_of(world)
    item = {
        "app": f"https://app.plex.tv/desktop/#!/server/abc/details?key=%2Flibrary%2Fmetadata%2F{key}&context=x",
        "web": f"{world.plex.url}/web/index.html#!/server/abc/details?key=/library/metadata/{key}",
        "path": "/media/scenes/a file.mp4",
    }[how]
    if how == "path":
        # What Plex has is known once everything was checked.
        assert "is not a known item" in run(world, "--plex-self-test", item, "--yes").stderr
        run(world, "--json")
    done = run(world, "--plex-self-test", item, "--yes", "--json")
    assert done.returncode == 0
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert found["item"]["level"] == "ok"
    assert set(found["tag lists"]) == {"name", "ok", "level", "text"}
    assert "A film" in done.stderr
    assert world.plex.token not in done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_item_is_as_it_was_when_somebody_stops_it(world: World, number: signal.Signals) -> None:
    before = held(world)
    process = start(world)
    process.send_signal(number)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number, errors
    assert "is as it was" in said
    assert "Traceback" not in errors
    assert held(world) == before
    assert "self-test" not in {one["name"] for one in json.loads(run(world, "--json").stdout) if not one["ok"]}


def test_a_second_signal_does_not_keep_it_from_putting_the_item_back(world: World) -> None:
    before = held(world)
    process = start(world)
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    said, errors = process.communicate(timeout=60)
    # The last of them may come when Python itself ends.
    assert process.returncode in (128 + signal.SIGINT, -signal.SIGINT), errors
    assert "is as it was" in said
    assert held(world) == before


def test_after_a_kill_doctor_tells_of_it_and_offers_to_put_the_item_back(world: World) -> None:
    before = held(world)
    process = start(world, write_delay=0.5)
    told = {one["name"]: one for one in json.loads(run(world, "--json").stdout)}
    assert "is running" in told["self-test"]["text"]
    for more in range(10):
        # Each time a request later: where the next write always puts the item right, a kill at the same moment shows
        # nothing however often it is tried.
        enough = len(world.plex.log) + more
        world.wait(lambda enough=enough: len(world.plex.log) >= enough and is_touched(world), 30, "it has written")
        process.kill()
        process.communicate(timeout=60)
        # What Plex was at when the kill came, it finishes: that may have been what puts the item right.
        until = time.monotonic() + 2 * world.plex.behaviour.write_delay
        world.wait(lambda until=until: time.monotonic() > until, 30, "Plex is at rest")
        if is_touched(world):
            break
        process = start(world, write_delay=0.5)
    assert is_touched(world)
    told = {one["name"]: one for one in json.loads(run(world, "--json").stdout)}
    assert not told["self-test"]["ok"]
    assert f"doctor --plex-self-test {item_of(world)}" in told["self-test"]["text"]
    assert is_touched(world)
    _, said = in_a_terminal(world, "y")
    assert "Put item" in said
    assert held(world) == before
    assert "self-test" not in {one["name"] for one in json.loads(run(world, "--json").stdout)}


def test_after_a_kill_the_next_self_test_puts_the_item_back_first(world: World) -> None:
    before = held(world)
    process = start(world)
    process.kill()
    process.communicate(timeout=60)
    assert held(world) != before
    world.plex.behaviour.write_delay = 0.0
    done = run(world, "--plex-self-test", str(item_of(world)), "--yes")
    assert done.returncode == 0
    assert "was interrupted" in done.stdout
    assert "tag lists" in done.stdout
    assert held(world) == before


def test_how_far_it_is_shows_when_it_takes_long(world: World) -> None:
    process = start(world)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Asking Plex: " in errors


def test_a_scene_that_is_edited_meanwhile_is_synced_after_it(world: World) -> None:
    scene = next(iter(world.items))
    world.plex.edit_as_person(item_of(world), lock=False, genre=[])
    world.start_consumer()
    world.edit(scene, title="Before", date="2001-02-03")
    world.wait_until_right([scene])
    world.wait_until_idle()
    process = start(world)
    world.edit(scene, title="Meanwhile", details="Edited while Plex was asked")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    world.wait_until_right([scene], 60)
    item = world.plex.item(world.items[scene])
    assert item.title == "Meanwhile"
    assert MARK not in str(item)


def test_no_secret_is_in_what_is_kept(world: World) -> None:
    run(world, "--plex-self-test", str(item_of(world)), "--yes")
    files = [path for path in world.data_dir.rglob("*") if path.is_file()]
    assert files
    assert all(world.plex.token.encode() not in path.read_bytes() for path in files)


def test_the_page_shows_what_it_prints(world: World) -> None:
    as_in_the_documents(world)
    code, said = in_a_terminal(world, "y", "--plex-self-test", str(item_of(world)), columns=80)
    assert code == 0
    page = (PLUGIN / "docs" / "operations" / "troubleshooting.md").read_text(encoding="utf-8")
    section = page.partition("## What your Plex does\n")[2]
    block = re.search(r"```text\n(.*?)```", section, re.DOTALL)
    assert block
    assert block[1] == plain(said).partition("Go on? [y/N]: y\n")[2]


def test_nothing_is_written_where_the_settings_say_so(world: World) -> None:
    world.environ["PLEXSYNC_DRY_RUN"] = "true"
    done = run(world, "--plex-self-test", str(item_of(world)), "--yes")
    assert done.returncode == 1
    assert "PLEXSYNC_DRY_RUN" in done.stderr
    assert writes(world) == []
