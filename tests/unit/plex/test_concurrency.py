"""The limit of writes in flight, against servers made of arithmetic: hours pass in a moment, always the same way."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import pytest

from plexsync.plex.concurrency import BASELINE_AGE, MEASURE_EVERY, ROUND_MIN, AdaptiveLimit

#: Called with the time and the number of writes in flight, this one included: when a write that begins now ends.
Server = Callable[[float, int], float]


class SingleWriter:
    """Carries out one write at a time, the others wait; ``delay`` gives the seconds each takes."""

    def __init__(self, delay: Callable[[], float]) -> None:
        self.delay = delay
        self.free_at = 0.0

    def __call__(self, now: float, _in_flight: int) -> float:
        self.free_at = max(self.free_at, now) + self.delay()
        return self.free_at


class Run:
    """Workers that write as fast as the limit lets them. ``now`` goes on with ``until``."""

    def __init__(self, server: Server, workers: int = 8, limit: AdaptiveLimit | None = None) -> None:
        self.server = server
        self.workers = workers
        self.limit = limit or AdaptiveLimit(workers)
        self.now = 0.0
        self.done = 0
        self.peak = 0
        self.seen: list[int] = []
        self._in_flight: list[tuple[float, float]] = []

    def until(self, end: float, kind: str = "edit") -> Run:
        """Write until ``end``; counts and peaks are those of this stretch."""
        self.done, self.peak, self.seen = 0, len(self._in_flight), []
        while self.now < end:
            while len(self._in_flight) < self.workers and self.limit.admits(len(self._in_flight), self.now):
                ends = self.server(self.now, len(self._in_flight) + 1)
                heapq.heappush(self._in_flight, (ends, self.now))
                self.peak = max(self.peak, len(self._in_flight))
            self.now, began = heapq.heappop(self._in_flight)
            self.limit.succeeded(kind, began, self.now)
            self.done += 1
            self.seen.append(self.limit.limit)
        return self

    @property
    def usual_limit(self) -> int:
        """The limit that the median write saw."""
        return sorted(self.seen)[len(self.seen) // 2]


@pytest.mark.parametrize("delay", [0.05, 0.1, 0.2, 1.0])
def test_a_single_writer_has_two_writes_waiting_at_most_and_is_never_idle(delay: float) -> None:
    run = Run(SingleWriter(lambda: delay))
    run.until(3600)
    assert run.peak <= 3
    assert run.done * delay > 3590


def test_a_single_writer_whose_writes_take_different_times_has_a_few_waiting() -> None:
    chance = random.Random(3)
    run = Run(SingleWriter(lambda: 0.04 + chance.expovariate(1 / 0.03)))
    run.until(3600)
    assert run.usual_limit in (2, 3)
    assert run.peak <= 5


def test_a_queue_that_never_empties_does_not_become_the_baseline() -> None:
    run = Run(SingleWriter(lambda: 0.1), workers=64)
    run.until(10 * BASELINE_AGE)
    run.until(11 * BASELINE_AGE)
    assert run.peak <= 3


@pytest.mark.parametrize("latency", [0.005, 0.02, 0.2])
def test_a_server_that_works_on_many_at_once_gets_as_many_as_the_ceiling_allows(latency: float) -> None:
    chance = random.Random(3)
    run = Run(lambda now, _: now + latency * (1 + chance.expovariate(4)))
    run.until(20)
    run.until(20 + 2 * MEASURE_EVERY)
    assert run.usual_limit == 8
    bare = 2 * MEASURE_EVERY * 8 / (latency * 1.25)
    assert run.done > 0.9 * bare


def test_a_server_with_four_hands_gets_a_little_more_than_four() -> None:
    run = Run(lambda now, in_flight: now + 0.05 * max(1.0, in_flight / 4), workers=32)
    run.until(30)
    run.until(50)
    assert 5 <= run.usual_limit <= 7


def test_it_grows_by_one_at_a_time_from_one() -> None:
    run = Run(lambda now, _: now + 0.02)
    run.until(5)
    changes = [after - before for before, after in zip([1, *run.seen], run.seen, strict=False) if after != before]
    assert changes == [1] * 7


def test_a_busy_plex_slows_us_down_and_a_quick_one_lets_us_go_on() -> None:
    slow = 1.0
    run = Run(lambda now, _: now + 0.02 * slow)
    run.until(10)
    assert run.limit.limit == 8
    slow = 5.0
    run.until(15)
    assert run.limit.limit == 2
    run.until(10 + BASELINE_AGE / 2)
    assert run.usual_limit == 2, "a stream that goes on is no reason to go faster"
    slow = 1.0
    run.until(run.now + 5)
    assert run.limit.limit == 8


def test_the_limit_falls_by_a_half_at_most_at_a_time() -> None:
    slow = 1.0
    run = Run(lambda now, _: now + 0.02 * slow)
    run.until(10)
    slow = 100.0
    run.until(40)
    assert list(dict.fromkeys(run.seen)) == [8, 4, 2]


def test_a_plex_that_is_slower_for_good_is_taken_as_it_is() -> None:
    slow = 1.0
    run = Run(lambda now, _: now + 0.02 * slow)
    run.until(10)
    slow = 4.0
    run.until(10 + BASELINE_AGE + 3 * MEASURE_EVERY)
    run.until(run.now + 60)
    assert run.usual_limit == 8


def test_a_plex_that_is_quicker_for_good_does_not_wait_more_for_it() -> None:
    delay = 0.2
    run = Run(SingleWriter(lambda: delay))
    run.until(600)
    delay = 0.05
    run.until(600 + 2 * MEASURE_EVERY)
    run.until(run.now + 600)
    assert run.usual_limit <= 3
    assert run.peak <= 4


def test_a_rating_that_is_quick_by_nature_does_not_make_an_edit_look_slow() -> None:
    seconds = 0.01
    run = Run(lambda now, _: now + seconds)
    run.until(5, kind="rate")
    seconds = 0.1
    run.until(5 + 2 * MEASURE_EVERY, kind="edit")
    run.until(run.now + MEASURE_EVERY, kind="edit")
    assert run.usual_limit == 8


def test_a_ceiling_of_one_is_kept() -> None:
    assert Run(lambda now, _: now + 0.02, workers=4, limit=AdaptiveLimit(1)).until(10).peak == 1


def test_writes_one_after_the_other_say_nothing_about_more_at_once() -> None:
    run = Run(lambda now, _: now + 0.02, workers=1, limit=AdaptiveLimit(8))
    run.until(30)
    assert run.limit.limit <= 2


def grown(to: int = 8) -> Run:
    run = Run(lambda now, _: now + 0.02, workers=to)
    run.until(10)
    assert run.limit.limit == to
    return run


def test_what_is_refused_halves_the_limit_once_for_all_that_were_in_flight() -> None:
    run = grown()
    began = run.now - 0.02
    for _ in range(8):
        run.limit.strained(began, run.now)
        run.limit.succeeded("edit", began, run.now)
    assert run.limit.limit == 4
    run.limit.strained(run.now, run.now + 0.02)
    assert run.limit.limit == 2


def test_failures_and_no_success_between_them_mean_that_plex_is_away() -> None:
    run = grown()
    for expected in (4, 4, 1, 1):
        run.limit.strained(run.now - 0.02, run.now)
        assert run.limit.limit == expected


def test_refusals_between_successes_end_at_one_and_it_recovers_from_there() -> None:
    run = grown()
    for step in range(10):
        run.limit.strained(run.now + step, run.now + step)
        run.limit.succeeded("edit", run.now, run.now + step)
    assert run.limit.limit == 1
    run.now += 10
    run.until(run.now + 10)
    assert run.limit.limit == 8


def test_after_an_outage_it_begins_with_one() -> None:
    run = grown()
    run.limit.restart(run.now)
    assert run.limit.limit == 1
    assert not run.limit.admits(1, run.now)


def test_a_refusal_while_the_baseline_is_measured_halves_what_comes_after() -> None:
    run = grown()
    now = run.now + MEASURE_EVERY
    assert run.limit.admits(0, now)
    assert run.limit.limit == 1
    run.limit.strained(now, now)
    for step in range(ROUND_MIN):
        run.limit.succeeded("edit", now + step, now + step + 0.02)
    assert run.limit.limit == 4


def test_after_a_rest_the_baseline_is_measured_before_many_are_sent_at_once() -> None:
    run = grown()
    assert [run.limit.admits(count, run.now + 10 * BASELINE_AGE) for count in (0, 1)] == [True, False]
