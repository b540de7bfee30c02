"""What is promised of the whole and follows from no single part: one direction, a bounded log, bounded memory.

Real hooks, a real consumer, real servers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from plexsync.demo.http import PlannedFault, Request, SimulatedServer
from plexsync.demo.world import PLUGIN, World
from tests.support import programs
from tests.support.real_world import edit_each

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SCENES = 60
#: Lines that an outage may cost, however many scenes wait and however long it lasts.
LINES = 24
#: Bytes that a consumer may have grown by after it has done the same work three times more.
GROWTH = 24 * 1024 * 1024


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    # All that looks by itself does so as often as it can.
    with World(tmp_path, {"PLEXSYNC_POLL_INTERVAL": "0.5", "PLEXSYNC_LATE_POLLS": "1,2"}) as world:
        yield world


def listen(server: SimulatedServer) -> list[Request]:
    """The requests that come in from now on."""
    heard: list[Request] = []

    def note(request: Request) -> bool:
        heard.append(request)
        return False

    server.faults.add(PlannedFault("slow", None, match=note))
    return heard


def test_nothing_is_ever_written_to_stash(world: World) -> None:
    heard = listen(world.stash)
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    world.start_consumer()
    performer = world.stash.add_performer("Ann")
    world.edit_many(scenes, title="Title", performer_ids={"ids": [str(performer)], "mode": "SET"})
    world.wait_until_right(scenes)
    # Somebody changes in Plex what PlexSync wrote: that goes nowhere either.
    edit = {"type": "1", "id": str(world.items[scenes[0]]), "title.value": "Plex's own"}
    address = f"{world.plex.url}/library/sections/{world.section}/all"
    assert requests.put(address, params=edit, headers={"X-Plex-Token": world.plex.token}, timeout=10).ok
    world.command("reconcile", "--full")
    world.command("sync", "--all", "--wait")
    world.mutate("performerUpdate", "PerformerUpdateInput!", {"id": str(performer), "name": "Ann Other"})
    world.wait_until_right(scenes, 60)
    world.wait_until_idle(60)
    world.command("scene", str(scenes[0]))
    assert world.stop_consumer() == 0
    assert {request.method for request in heard} <= {"POST", "GET", "HEAD"}
    asked = [request.body.decode() for request in heard if request.body]
    # The person who edits does that by mutations, which are heard here too.
    changes = [text for text in asked if re.search(r"\bmutation\b", text)]
    assert any("findScene" in text for text in asked)
    assert changes
    assert [text for text in changes if "mutation Edit(" not in text] == []


def test_an_outage_costs_a_few_lines_of_log_however_many_scenes_wait(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(SCENES)]
    world.start_consumer()
    edit_each(world, scenes, details="Before")
    world.wait_until_right(scenes, 60)
    world.wait_until_idle(60)
    before = len(world.log_path.read_text().splitlines())
    world.plex.stop()
    world.edit_many(scenes, details="After")
    until = time.monotonic() + 15
    world.wait(lambda: time.monotonic() > until, 30, "the outage lasts")
    told = world.log_path.read_text().splitlines()[before:]
    assert 0 < len(told) <= LINES, "\n".join(told)
    world.plex.start()
    world.wait_until_right(scenes, 60)
    assert world.stop_consumer() == 0


def memory_of(pid: int) -> int:
    """Bytes that a process holds in memory now."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def edit_by_hooks_and_commands(world: World, scenes: list[int], texts: list[str]) -> None:
    """Edit all of them so often; a hook for each scene asks for the first edits, a command for all of the others."""
    for number, text in enumerate(texts):
        if not number:
            edit_each(world, scenes, details=text)
        else:
            with world.stash.without_hooks():
                world.edit_many(scenes, details=text)
            world.command("sync", *map(str, scenes))
        world.wait_until_right(scenes, 60)


def test_a_consumer_does_not_grow_with_what_it_has_done(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(SCENES)]
    world.start_consumer()
    edit_by_hooks_and_commands(world, scenes, ["Warm up", "Warm up more"])
    world.wait_until_idle(60)
    before = memory_of(world.consumer_pid)
    edit_by_hooks_and_commands(world, scenes, [f"Again {number} {'and more ' * 200}" for number in range(3)])
    world.wait_until_idle(60)
    assert memory_of(world.consumer_pid) - before < GROWTH
    assert world.stop_consumer() == 0


# --- The hook --------------------------------------------------------------------------------------------------------

EVENT = json.dumps(
    {
        "server_connection": {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999},
        "args": {"hookContext": {"id": 1, "type": "Scene.Update.Post", "input": {"id": "1"}}},
    }
).encode()
#: Runs the hook, and says on standard error what it did of what it must not do.
WATCHED = """
import sys
done = []
def heard(event, arguments):
    if event.startswith(("socket.", "sqlite3.", "fcntl.flock", "fcntl.lockf")):
        done.append(event)
sys.addaudithook(heard)
from plexsync.inbox.hook_process import main
code = main()
sys.stderr.write("\\ndone: " + repr(done) + "\\n")
sys.exit(code)
"""


def seconds_of(command: list[str], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    done = programs.run(command, input=EVENT, env=environ, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began


def seems_to_run(data: Path) -> None:
    """Leave a consumer's sign of life, so that a hook starts none."""
    data.mkdir()
    (data / "status.json").touch()


def test_the_hook_takes_no_lock_and_opens_neither_a_connection_nor_a_database(tmp_path: Path) -> None:
    seems_to_run(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", WATCHED],
        input=EVENT,
        env={"PLEXSYNC_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b"queued scene 1" in done.stdout
    assert done.stderr.decode().splitlines()[-1] == "done: []"


def test_the_hook_takes_little_longer_than_starting_python(tmp_path: Path) -> None:
    seems_to_run(tmp_path / "data")
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path / "data"), "PLEXSYNC_AUTOSTART": "false"}
    hook = [sys.executable, "-I", "-S", str(PLUGIN / "plexsync" / "hook.py")]
    bare = [sys.executable, "-I", "-S", "-c", "pass"]
    # The quickest of many, taken in turns: what else the machine does hinders both alike.
    pairs = [(seconds_of(hook, environ), seconds_of(bare, environ)) for _ in range(25)]
    quickest, start = (min(times) for times in zip(*pairs, strict=True))
    assert quickest < 2 * start + 0.015, (quickest, start)
