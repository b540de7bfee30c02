"""The consumer looks for garbage seldom, and a command not when it ends."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from plexsync.cli.garbage import YOUNG, look_seldom
from tests.support.places import ROOT


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_there_is_looked_at_no_more_and_what_comes_seldom() -> None:
    look_seldom()
    frozen = gc.get_freeze_count()
    assert frozen > 1000
    assert gc.get_threshold()[0] == YOUNG
    looks: list[str] = []

    def look(phase: str, _info: dict[str, int]) -> None:
        looks.append(phase)

    gc.callbacks.append(look)
    try:
        kept = [[number] for number in range(YOUNG // 2)]
        assert looks == []
        kept += [[number] for number in range(YOUNG)]
    finally:
        gc.callbacks.remove(look)
    assert looks[:2] == ["start", "stop"]
    assert len(kept) == YOUNG // 2 + YOUNG


#: Ends with a circle of its own; says when it is asked to end, and when the circle is found.
_ENDING = """
import atexit
{begin}

class Circle:
    def __init__(self):
        self.me = self

    def __del__(self, write=print):
        write("looked through", flush=True)

circle = Circle()
atexit.register(print, "asked to end", flush=True)
"""


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        ("", ["asked to end", "looked through"]),
        ("from plexsync.cli import garbage; garbage.skip_at_end()", ["asked to end"]),
    ],
    ids=["python alone", "ours"],
)
def test_what_is_left_at_the_end_is_not_looked_through(begin: str, said: list[str]) -> None:
    command = [sys.executable, "-P", "-c", _ENDING.format(begin=begin)]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == said
