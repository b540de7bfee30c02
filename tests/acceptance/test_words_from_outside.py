"""Hostile names, titles and servers' words do nothing in the log, in what commands print, and in Stash's log.

Real hooks, a real consumer, real commands, on a real terminal too.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.demo.world import PLUGIN, World
from tests.support import programs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: What has no place in anything that is shown, but for the colours of ours.
HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
WORDS = "\x1b[2J\x1b]0;owned\x07\x9b31m \u202eevil\u2066 \u200badm\ufeffin\U000e0041 \u2028"
FORGED = "2026-11-26 19:00:00 ERROR   forged line"
COMMANDS = (
    ["status"],
    ["scene", "1"],
    ["scene", "2"],
    ["failed", "list"],
    ["failed", "show", "1"],
    ["review", "list"],
    ["sync", "1", "--dry-run"],
    ["sync", "2", "--dry-run"],
    ["reconcile", "--dry-run"],
    ["doctor"],
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, {"PLEXSYNC_MAX_RETRIES": "1", "PLEXSYNC_LOG_LEVEL": "debug"}) as world:
        yield world


def on_a_terminal(world: World, words: list[str]) -> str:
    """What a command prints on a terminal, its colours taken out."""
    ours, theirs = pty.openpty()
    done = programs.Popen(
        [sys.executable, "-P", "-m", "plexsync", *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN), "TERM": "xterm", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=world.data_dir.parent,
    )
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 65536):
            said += chunk
    except OSError:
        # The other end was closed.
        assert done.wait(60) in (0, 1)
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", said.decode().replace("\r\n", "\n"))


def harm(text: str) -> list[str]:
    return [ascii(text[max(0, found.start() - 40) : found.end() + 20]) for found in HARMFUL.finditer(text)]


def test_words_from_outside_do_nothing_anywhere(world: World) -> None:
    good, bad = world.add(f"one {WORDS} two.mp4"), world.add("plain.mp4")
    world.plex.faults.add(
        PlannedFault(
            "status",
            None,
            match=lambda request: request.method == "PUT" and "Refused" in request.query,
            status=400,
            body=f"<h1>no {WORDS}</h1>\n{FORGED}\n".encode(),
        )
    )
    world.start_consumer()
    performer = world.stash.add_performer(f"Ann {WORDS}")
    world.edit(good, title=f"Title {WORDS}\n{FORGED}", details=f"שלום 👩‍👧 {WORDS}", performer_ids=[str(performer)])
    world.edit(bad, title="Refused", details="Refused")
    world.wait(lambda: "scene 2" in world.log_path.read_text(), 60, "the second one is tried")
    world.wait_until_idle(60)
    printed = {" ".join(words): on_a_terminal(world, words) for words in COMMANDS}
    assert {
        name: harm(text) for name, text in printed.items() if harm(text.replace("\u2068", "").replace("\u2069", ""))
    } == {}
    assert not any(line.startswith(FORGED) for text in printed.values() for line in text.splitlines())
    assert any("forged" in text for text in printed.values())
    for words in (["scene", "1", "--json"], ["sync", "1", "--dry-run", "--json"], ["failed", "list", "--json"]):
        done = programs.run(
            [sys.executable, "-P", "-m", "plexsync", *words],
            env=world.environ | {"PYTHONPATH": str(PLUGIN)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert harm(done.stdout.decode()) == []
        json.loads(done.stdout)
    assert world.stop_consumer() == 0
    log = world.log_path.read_text(encoding="utf-8")
    assert harm(log) == []
    assert not any(line.startswith(FORGED) for line in log.splitlines())
    logged = [text for run in world.stash.hook_runs for _, text in run.log]
    assert any("queued scene" in text for text in logged)
    assert harm("".join(logged)) == []
