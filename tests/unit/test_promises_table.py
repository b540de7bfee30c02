"""Each promise in the documents names tests that hold it, and each of these exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.places import ROOT

PAGE = ROOT / "docs" / "operations" / "promises.md"


def promises() -> list[tuple[str, str]]:
    """The rows of the page's tables: what is promised, and what holds it."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [(row[0], row[1]) for row in rows if row[0] not in ("promise", "---")]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize(("promise", "held_by"), promises(), ids=[promise for promise, _ in promises()])
def test_a_promise_is_held_by_tests_that_exist(promise: str, held_by: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", held_by)
    assert named, promise
    # Nothing stands there that looks like a test and is none.
    assert re.sub(r"`tests/[\w/]+\.py::test_\w+`(, )?", "", held_by) == ""
    missing = [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)]
    assert missing == []


def test_what_people_rely_on_most_is_promised() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    for what in ("at least once", "No picture is sent twice", "for its owner alone", "memory", "lines of log", "token"):
        assert what in page, what
