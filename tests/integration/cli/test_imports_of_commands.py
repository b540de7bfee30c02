"""Commands import what they use, and no more: what is imported is most of what they take."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from plexsync.cli.commands import COMMANDS as COMMANDS_OF_CLI
from plexsync.cli.garbage import AT_START
from plexsync.cli.short_help import SHORT_HELP
from tests.support.places import ROOT

#: What makes requests, and the checks of settings.
REQUESTS = {"requests", "urllib3", "ssl", "stashapi", "msgspec", "tenacity", "plexsync.plex.client", "plexsync.app"}
CHECKS = {"marshmallow"}
#: What decides how metadata look and which item a scene belongs to.
RULES = {"regex", "rapidfuzz", "plexsync.metadata", "plexsync.sync.sync"}
#: What the tasks do, of which a command that queues needs nothing but the name.
TASKS = {"tasks.registered", "tasks.scenes", "tasks.attempt"}
QUEUE = {"huey"}
#: What Huey imports by itself.
WITH_QUEUE = QUEUE | {"shutil", "hashlib"}
#: What rooms hand to each other, and what finds items: of no use to who only looks at the queue and at counts.
LIBRARY = {"plexsync.model", "plexsync.ledger.index", "plexsync.library.library", "html"}
#: All settings with their rules, of which most commands need the data folder alone.
SETTINGS = {"settings", "plexsync.configuration.setting_values"}
#: What takes long to import, and is there for what hardly ever comes.
RARE = {"shutil", "tempfile", "html", "hashlib"}
HEAVY = REQUESTS | CHECKS | RULES | TASKS | QUEUE | LIBRARY | SETTINGS | RARE | {"psycopg", "peewee", "PIL", "secrets"}

#: What is typed, and what of all that it may import.
COMMANDS: dict[str, set[str]] = {
    "--version": set(),
    "--help": {"shutil"},
    "status": set(),
    "status --json": set(),
    "failed list": set(),
    "failed retry --all": WITH_QUEUE,
    "failed discard --all": set(),
    "review list": LIBRARY,
    "review reject 45": WITH_QUEUE | LIBRARY,
    "review forget 45": WITH_QUEUE | LIBRARY,
    "scenes list": LIBRARY,
    "matching report": LIBRARY,
    "activity": set(),
    "trace 1": set(),
    "stats": set(),
    "instances list": set(),
    "sync 45": WITH_QUEUE,
    "scene 45": WITH_QUEUE | LIBRARY,
    "watch --help": {"shutil"},
}

#: Runs each command in a process of its own, forked from one that has imported nothing of ours: as a start from nothing
#: does, but for the interpreter.
_EACH = """
import io, json, os, runpy, sys
heavy, commands = json.loads(sys.argv[1])
found = {}
for command in commands:
    read, write = os.pipe()
    if not (pid := os.fork()):
        sys.argv = ["plexsync", *command.split()]
        sys.stdout = sys.stderr = io.StringIO()
        try:
            runpy.run_module("plexsync", run_name="__main__")
        except SystemExit as end:
            code = end.code
        os.write(write, json.dumps([code, sorted(set(heavy) & set(sys.modules)), sys.stderr.getvalue()]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        found[command] = json.loads(told.read())
    os.waitpid(pid, 0)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, list[str], str]]:
    """Of each command its exit code, what of the heavy packages it has imported, and what it said."""
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, "-X", "utf8", "-P", "-c", _EACH, json.dumps([sorted(HEAVY), list(COMMANDS)])]
    environ = {"PLEXSYNC_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, tuple[int, list[str], str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_no_more_than_it_uses(command: str, imported: dict[str, tuple[int, list[str], str]]) -> None:
    code, names, said = imported[command]
    assert "Traceback" not in said
    assert code in (0, 1, None)
    assert set(names) <= COMMANDS[command]


def test_what_only_looks_is_seen_to_import_what_it_needs(imported: dict[str, tuple[int, list[str], str]]) -> None:
    assert "huey" in imported["sync 45"][1]


def test_a_shell_finds_every_task_and_every_module_of_tasks(tmp_path: Path) -> None:
    code = "import tasks; print(tasks.app.huey.name, tasks.sync_scene.task_class.__name__, hasattr(tasks, 'nothing'))"
    command = [sys.executable, "-P", "-c", code]
    environ = {"PYTHONPATH": str(ROOT), "PLEXSYNC_DATA_DIR": str(tmp_path)}
    said = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["plexsync", "sync_scene", "False"]


@pytest.mark.parametrize("name", COMMANDS_OF_CLI)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = getattr(importlib.import_module(COMMANDS_OF_CLI[name]), name)
    first = " ".join(inspect.cleandoc(command.help).partition("\n\n")[0].split())
    assert SHORT_HELP.get(name) == (None if command.hidden else first)


def test_a_consumer_has_all_of_the_ledger_before_an_update_can_take_it_away() -> None:
    code = "import sys, plexsync.ledger as room; room.import_all(); print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    there = {f"plexsync.ledger.{one.stem}" for one in (ROOT / "plexsync" / "ledger").glob("[a-z]*.py")}
    # Others than the ledger itself import these, as soon as they are imported.
    others = {f"plexsync.ledger.{name}" for name in ("rescue", "rescued", "compare", "known_names")}
    assert there - set(said.stdout.split()) <= others


def test_a_consumer_with_sound_settings_waits_for_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    code = """
import gc, runpy, sys
import plexsync.cli.garbage
looks = -sum(one["collections"] for one in gc.get_stats())
sys.argv[1:] = ["--help"]
try:
    runpy.run_module("plexsync.cli.consumer", run_name="__main__")
except SystemExit:
    looks += sum(one["collections"] for one in gc.get_stats())
import plexsync.ledger, tasks.registered, settings
from plexsync.imports import late
plexsync.ledger.import_all()
assert settings.load().plex_token == "0123456789"
unused = {"marshmallow", "click", "psycopg", "graphql", "PIL", "regex", "rapidfuzz", "tenacity", "charset_normalizer"}
unused |= {"importlib.metadata", "difflib", "html"}
print("imported", *sorted(unused & sys.modules.keys()))
made = [one.pattern for one in late._known if "_made" in vars(one)]
print("compiled", *made)
from plexsync.metadata.schema import validate
from plexsync.model import Desired, Field
validate(Desired({Field.TITLE: "A title", Field.DATE: "2024-05-01"}, {}, 7.5, {}, frozenset()))
print("later", *({"marshmallow", "click"} & sys.modules.keys()))
print("looks", looks, gc.get_threshold()[0])
"""
    command = [sys.executable, "-P", "-c", code]
    environ = {"PYTHONPATH": str(ROOT), "PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": "0123456789"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    imported, compiled, later, looks = done.stdout.splitlines()[-4:]
    assert imported == "imported"
    assert compiled == "compiled"
    assert later == "later"
    count, threshold = looks.split()[1:]
    assert int(count) <= 2
    assert int(threshold) == AT_START
