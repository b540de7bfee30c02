"""The house: which room may import which, the ground first. A room imports downward only."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.places import ROOT

PACKAGE, TESTS = ROOT / "plexsync", ROOT / "tests"
#: The rooms, the ground first.
ROOMS = (
    "imports",
    "inbox",
    "configuration",
    "storage",
    "matching",
    "metadata",
    "http",
    "queue",
    "ledger",
    "privacy",
    "library",
    "stash",
    "fetching",
    "plex",
    "sync",
    "reconcile",
    "self_test",
    "installation",
    "status",
    "cli",
    "demo",
)
#: What stands at the root because it belongs to nobody alone. Rooms may import all of it but what puts rooms together.
AT_THE_ROOT = {
    "__init__",
    "__main__",
    "durations",
    "errors",
    "fields",
    "healthcheck",
    "hook",
    "logs",
    "model",
    "outside",
    "redaction",
    "script",
    "log_context",
    "log_throttle",
    "app",
    "words",
}


def modules(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((PACKAGE / room).rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports, as far as they are of this package; names that it takes of them included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_every_folder_is_a_room_and_the_root_holds_what_is_nobodys() -> None:
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ROOMS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == AT_THE_ROOT


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_downward_only(room: str) -> None:
    above = ROOMS[ROOMS.index(room) + 1 :]
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path, tree in modules(room)
        for name in imported(tree)
        if name.startswith(tuple(f"plexsync.{one}." for one in above))
    ]
    assert upward == []


@pytest.mark.parametrize("kind", ["unit", "integration"])
def test_the_tests_stand_in_the_rooms(kind: str) -> None:
    folders = {path.parent.relative_to(TESTS / kind).as_posix() for path in (TESTS / kind).rglob("test_*.py")}
    # What concerns no room stands in the folder itself.
    assert folders - {"."} <= {*ROOMS, "tasks"}


def test_no_test_edits_the_path() -> None:
    edit = re.compile(r"sys\.path(\.\w+\(|\[.*\] *=|\s*[+=])")
    assert [str(path) for path in TESTS.rglob("*.py") if edit.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_in_a_line(room: str) -> None:
    said = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8")))
    assert said is not None
    assert said.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_what_its_face_names(room: str) -> None:
    face = importlib.import_module(f"plexsync.{room}")
    assert [name for name in getattr(face, "__all__", ()) if not hasattr(face, name)] == []
