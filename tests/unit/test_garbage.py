"""The consumer looks for garbage seldom."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from plexsync.cli.garbage import YOUNG, look_seldom


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
