"""What the mutation run names is there: a file that moved would be mutated no more, and nobody would see."""

from __future__ import annotations

from tests.mutation.parts import PARTS
from tests.support.places import ROOT


def test_every_module_and_test_that_it_names_is_there() -> None:
    named = [path for part in PARTS for path in (*part.modules, *part.tests)]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
