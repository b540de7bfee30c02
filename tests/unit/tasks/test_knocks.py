"""When a service that is down is asked in passing."""

from __future__ import annotations

from tasks.knocks import LEAST, Knocks
from tests.support.clocks import ManualClock


def knocks_within(seconds: float, message: int = 7) -> list[float]:
    """When a service that stays away is asked, with a look each half second."""
    clock, times = ManualClock(), []
    knocks = Knocks(clock)
    began = clock.now
    while clock.now - began < seconds:
        if knocks.due(message):
            times.append(clock.now - began)
            knocks.knocked(answered=False)
        clock.now += 0.5
    return times


def test_a_service_is_asked_every_four_seconds_for_two_minutes_and_then_more_rarely() -> None:
    times = knocks_within(3600)
    gaps = [(before, after - before) for before, after in zip([0.0, *times], times, strict=False)]
    assert max(gap for at, gap in gaps if at + gap <= 120) <= 5
    assert min(gap for at, gap in gaps if at >= 900) >= 60
    assert len(times) < 150


def test_a_new_message_is_a_reason_to_ask_at_once() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    assert knocks.due(7)
    knocks.knocked(answered=False)
    clock.now += 1000
    assert knocks.due(7)
    knocks.knocked(answered=False)
    clock.now += LEAST + 0.1
    assert not knocks.due(7)
    assert knocks.due(8)


def test_however_many_messages_come_it_is_not_asked_all_the_time() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    asked = 0
    for message in range(100):
        if knocks.due(message):
            asked += 1
            knocks.knocked(answered=False)
        clock.now += 0.1
    assert asked <= 10 / LEAST


def test_a_message_that_comes_right_after_a_knock_is_not_forgotten() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    knocks.due(7)
    knocks.knocked(answered=False)
    clock.now += LEAST / 2
    assert not knocks.due(8)
    clock.now += LEAST / 2 + 0.1
    assert knocks.due(8)


def test_the_next_outage_begins_anew() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    knocks.due(7)
    knocks.knocked(answered=False)
    clock.now += 5000
    knocks.over()
    assert knocks.due(9)
    knocks.knocked(answered=False)
    clock.now += 4.5
    assert knocks.due(9)


def test_an_answer_is_taken_for_its_return() -> None:
    knocks = Knocks(ManualClock())
    knocks.due(7)
    assert knocks.knocked(answered=True)


def test_a_service_that_fails_at_all_but_the_question_is_left_to_the_breaker() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    returns = 0
    for _ in range(1200):
        if knocks.due(7) and knocks.knocked(answered=True):
            # The breaker closes, and opens again at once.
            returns += 1
            knocks.over()
        clock.now += 0.5
    assert returns <= 3


def test_a_second_restart_is_noticed_as_quickly_as_the_first() -> None:
    clock = ManualClock()
    knocks = Knocks(clock)
    for _ in range(2):
        for answered in (False, True):
            clock.now += 4.5
            assert knocks.due(7)
            assert knocks.knocked(answered=answered) is answered
        knocks.over()
