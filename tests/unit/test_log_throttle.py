"""The same thing is said only so often, and rests grow."""

from __future__ import annotations

import logging

import pytest

from plexsync import log_throttle
from plexsync.log_throttle import FIRST_WAIT, LONGEST_WAIT, LogThrottle, Unforeseen


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(log_throttle.time, "monotonic", lambda: now[0])
    return now


def test_a_thing_is_said_once_a_minute_with_how_often_it_was_kept_back(clock: list[float]) -> None:
    said = LogThrottle(60)
    assert [said.unsaid("a") for _ in range(4)] == [0, None, None, None]
    assert said.unsaid("b") == 0
    clock[0] += 60
    assert said.unsaid("a") == 3
    clock[0] += 60
    assert said.unsaid("a") == 0


def test_only_so_many_things_are_remembered(clock: list[float]) -> None:
    said = LogThrottle()
    count = 10 * log_throttle.KEPT
    for number in range(count):
        assert said.unsaid(number) == 0
    # From the newest to the oldest, as what is said anew drives out what was said before.
    again = [said.unsaid(number) for number in reversed(range(count))]
    assert again == [None] * log_throttle.KEPT + [0] * (count - log_throttle.KEPT)


def fail(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as raised:
        return raised


def test_rests_grow_up_to_a_limit_until_it_goes_well() -> None:
    unforeseen = Unforeseen("a test", logging.getLogger("plexsync"))
    rests = [unforeseen.met(fail(ValueError("x"))) for _ in range(10)]
    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (FIRST_WAIT, LONGEST_WAIT)
    unforeseen.well()
    assert unforeseen.met(ValueError("x")) == FIRST_WAIT


def test_the_same_error_is_told_once_however_its_text_varies_and_another_one_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    unforeseen = Unforeseen("a test", logging.getLogger("plexsync"))
    for number in range(20):
        unforeseen.met(fail(ValueError(f"{number}")))
    unforeseen.met(fail(KeyError("x")))
    assert len(caplog.records) == 2
    assert "a test: unexpected error" in caplog.text
    assert "Traceback" in caplog.text
