"""The line in which writes to Plex stand: order, rate, pauses, and what slows it down."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from plexsync.errors import CircuitOpen, ItemGone, PlexUnavailable
from plexsync.plex.concurrency import ROUND_MIN
from plexsync.plex.pacing import PAUSE_MAX, Pacer


def write(pacer: Pacer, error: Exception | None = None, seconds: float = 0.0) -> None:
    with pacer.write() as turn:
        turn.begin()
        time.sleep(seconds)
        if error is not None:
            raise error
        turn.succeeded("edit")


def grow(pacer: Pacer, limit: int) -> None:
    """Write until that many may be in flight."""
    with ThreadPoolExecutor(pacer.pace.ceiling) as threads:
        deadline = time.monotonic() + 10
        while pacer.pace.limit < limit:
            assert time.monotonic() < deadline
            list(threads.map(lambda _: write(pacer, seconds=0.005), range(pacer.pace.ceiling)))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@contextmanager
def writing(pacer: Pacer) -> Iterator[None]:
    """Hold a place in flight."""
    done = threading.Event()

    def hold() -> None:
        with pacer.write():
            done.wait(10)

    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(hold)
        until(lambda: pacer.pace.in_flight > 0)
        try:
            yield
        finally:
            done.set()
            future.result()


def test_it_begins_with_one_at_a_time_and_grows_to_the_ceiling() -> None:
    pacer = Pacer(4)
    assert (pacer.pace.limit, pacer.pace.ceiling, pacer.pace.peak_in_flight) == (1, 4, 0)
    grow(pacer, 4)
    assert pacer.pace.peak_in_flight <= 4
    assert (pacer.pace.in_flight, pacer.pace.waiting) == (0, 0)


def test_writes_go_in_the_order_in_which_they_came() -> None:
    pacer = Pacer(8)
    order: list[int] = []

    def take(number: int) -> None:
        with pacer.write():
            order.append(number)

    with ThreadPoolExecutor(20) as threads, writing(pacer):
        for number in range(20):
            threads.submit(take, number)
            until(lambda number=number: pacer.pace.waiting == number + 1)
        assert order == []
    assert order == list(range(20))


def test_reads_do_not_stand_in_line() -> None:
    pacer = Pacer(1)
    with writing(pacer), pacer.read() as turn:
        turn.begin()
        assert (pacer.pace.in_flight, pacer.pace.waiting) == (1, 0)


def test_no_lock_is_held_while_a_request_runs() -> None:
    pacer = Pacer(4)
    grow(pacer, 2)
    with writing(pacer):
        write(pacer)
        assert pacer.pace.in_flight == 1


def test_a_place_is_given_back_whatever_the_request_raises() -> None:
    pacer = Pacer(1)
    for error in (ItemGone("gone"), PlexUnavailable("down"), CircuitOpen("open", 60), KeyError("bug")):
        with pytest.raises(type(error)):
            write(pacer, error)
    write(pacer)
    assert pacer.pace.in_flight == 0


def test_an_interrupt_while_waiting_leaves_nobody_stuck() -> None:
    pacer = Pacer(1)
    with writing(pacer):
        timer = threading.Timer(0.1, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            write(pacer)
        assert pacer.pace.waiting == 0
    write(pacer)


@pytest.mark.parametrize("retry_after", [None, 0.0])
def test_a_refusal_halves_the_limit_and_stops_nothing(retry_after: float | None) -> None:
    pacer = Pacer(4)
    grow(pacer, 4)
    with pytest.raises(PlexUnavailable):
        write(pacer, PlexUnavailable("503", retry_after))
    assert pacer.pace.limit == 2
    assert pacer.pace.paused_for == 0
    write(pacer)


def test_an_answer_of_a_healthy_plex_leaves_the_limit_alone() -> None:
    pacer = Pacer(4)
    grow(pacer, 4)
    for _ in range(10):
        with pytest.raises(ItemGone):
            write(pacer, ItemGone("404"))
    assert pacer.pace.limit == 4


def test_a_quick_repeat_halves_the_limit_and_its_latency_is_not_compared() -> None:
    pacer = Pacer(4)
    grow(pacer, 4)
    with pacer.write() as turn:
        turn.begin()
        turn.repeated()
        turn.repeated()
        turn.succeeded("edit")
    assert pacer.pace.limit == 2

    alone = Pacer(4)
    for _ in range(2 * ROUND_MIN):
        with alone.write() as turn:
            turn.begin()
            turn.repeated()
            turn.succeeded("edit")
    assert alone.pace.limit == 1


def test_a_read_that_fails_slows_the_writes_down_too() -> None:
    pacer = Pacer(4)
    grow(pacer, 4)
    with pytest.raises(PlexUnavailable), pacer.read() as turn:
        turn.begin()
        raise PlexUnavailable("time-out")
    assert pacer.pace.limit == 2


@pytest.mark.parametrize("kind", ["read", "write"])
def test_after_an_outage_it_begins_with_one(kind: str) -> None:
    pacer = Pacer(4)
    grow(pacer, 4)
    with pytest.raises(CircuitOpen), getattr(pacer, kind)():
        raise CircuitOpen("open", 60)
    assert pacer.pace.limit == 1


def test_a_short_pause_is_waited_for_by_all_writes() -> None:
    pacer = Pacer(4)
    with pytest.raises(PlexUnavailable):
        write(pacer, PlexUnavailable("429", 0.3))
    assert 0.2 < pacer.pace.paused_for <= 0.3
    began = time.monotonic()
    write(pacer)
    assert 0.2 < time.monotonic() - began < 2
    assert pacer.pace.paused_for == 0


def test_a_long_pause_sends_writes_away_after_a_while_and_says_how_long_it_still_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("plexsync.plex.pacing.PAUSE_WAITED", 0.3)
    pacer = Pacer(4)
    with pytest.raises(PlexUnavailable):
        write(pacer, PlexUnavailable("429", 120))
    began = time.monotonic()
    with pytest.raises(CircuitOpen, match="nothing is written to it for 120 s") as caught:
        write(pacer)
    assert 0.3 <= time.monotonic() - began < 2
    assert 118 < caught.value.remaining <= 119.7
    assert pacer.pace.waiting == pacer.pace.in_flight == 0


def test_a_long_pause_reaches_those_who_stand_in_line_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.plex.pacing.PAUSE_WAITED", 0.3)
    pacer = Pacer(1)
    with ThreadPoolExecutor(3) as threads, writing(pacer):
        waiting = [threads.submit(write, pacer) for _ in range(3)]
        until(lambda: pacer.pace.waiting == 3)
        with pytest.raises(PlexUnavailable), pacer.read():
            raise PlexUnavailable("429", 120)
        for future in waiting:
            with pytest.raises(CircuitOpen):
                future.result(5)
        assert pacer.pace.waiting == 0


def test_a_pause_is_bounded_and_a_shorter_one_does_not_shorten_it() -> None:
    pacer = Pacer(1)
    for seconds in (86_400, 5.0):
        with pytest.raises(PlexUnavailable), pacer.read():
            raise PlexUnavailable("503", seconds)
    assert PAUSE_MAX - 1 < pacer.pace.paused_for <= PAUSE_MAX


def test_a_pause_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    pacer = Pacer(1)
    for seconds in (120, 120, 121):
        with pytest.raises(PlexUnavailable), pacer.read():
            raise PlexUnavailable("429", seconds)
    assert caplog.messages == ["Plex asks for a pause: nothing is written to it for 120 s"]


def test_no_second_has_more_writes_than_the_setting_says_also_after_a_rest() -> None:
    pacer = Pacer(8, max_writes_per_second=20)
    grow(pacer, 2)
    time.sleep(0.3)
    times: list[float] = []

    def take(_: int) -> None:
        with pacer.write():
            times.append(time.monotonic())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(take, range(30)))
    assert max(sum(one <= other < one + 1 for other in times) for one in times) <= 21
    assert times[-1] - times[0] < 29 / 20 * 1.5, "slower than asked for"


def test_fewer_than_one_write_per_second_can_be_set() -> None:
    pacer = Pacer(1, max_writes_per_second=0.5)
    write(pacer)
    with ThreadPoolExecutor(1) as thread:
        second = thread.submit(write, pacer)
        time.sleep(0.3)
        assert not second.done()
        assert pacer.pace.waiting == 1
        second.result(5)


def test_the_writes_of_the_last_minute_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("plexsync.plex.pacing.time.monotonic", lambda: now)
    pacer = Pacer(1)
    for _ in range(120):
        write(pacer)
    assert pacer.pace.writes_per_second == 2
    now = 1059.0
    write(pacer)
    assert pacer.pace.writes_per_second == pytest.approx(121 / 60)
    now = 1060.0
    assert pacer.pace.writes_per_second == pytest.approx(1 / 60)
