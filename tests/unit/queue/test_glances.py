"""Whoever wakes anyway looks for others, each so often; who has not been looked for lately looks by himself."""

from __future__ import annotations

import time

import pytest

from plexsync.queue.glances import LATELY, Glanced, Glances
from tests.support.clocks import ManualClock


def test_each_is_glanced_at_as_often_as_it_wants() -> None:
    clock, seen = ManualClock(), []
    glances = Glances(clock)
    glances.add(lambda: seen.append("always"))
    glances.add(lambda: seen.append("seldom"), apart=2.0)
    for _ in range(4):
        glances.glance()
        clock.advance(1.0)
    assert seen == ["always", "seldom", "always", "always", "seldom", "always"]


def test_who_is_not_glanced_for_any_more_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    glanced, now = Glanced(), time.monotonic()
    assert not glanced
    glanced.note()
    assert glanced
    monkeypatch.setattr(time, "monotonic", lambda: now + LATELY + 1)
    assert not glanced
