"""What the mutation run names is there: a file that moved would be mutated no more, and nobody would see."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def test_every_module_and_test_that_it_names_is_there() -> None:
    parts: tuple[Any, ...] = runpy.run_path(str(ROOT / "tests" / "mutation" / "parts.py"), run_name="parts")["PARTS"]
    named = [path for part in parts for path in (*part.modules, *part.tests)]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
