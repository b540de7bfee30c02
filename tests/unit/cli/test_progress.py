"""How far something is, how fast it goes and how long it will take, as people read it."""

from __future__ import annotations

import pytest

from plexsync.cli import show
from plexsync.cli.waiting import IDLE, SILENT, WaitWatch
from plexsync.queue.storage import Backlog
from plexsync.status.rate import RATE_STEPS
from tests.support.clocks import ManualClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    clock = ManualClock()
    monkeypatch.setattr(show.time, "monotonic", clock)
    return clock


def test_what_is_done_at_once_says_nothing(clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    progress = show.Progress("Queueing", 10)
    for _ in range(10):
        clock.advance(0.1)
        progress.after(1)
    progress.end()
    assert capsys.readouterr().err == ""


def test_what_takes_longer_tells_how_far_it_is_how_fast_and_how_long_it_will_take(
    clock: ManualClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "Rate", lambda done: RealRate(done, clock))
    progress = show.Progress("Queueing", 100_000)
    for _ in range(5):
        clock.advance(1.0)
        progress.after(2000)
    assert capsys.readouterr().err.splitlines() == ["Queueing: 4,000 of 100,000, 2,000 a second, 48 s left"]


RealRate = show.Rate


def test_what_was_done_before_counts_for_how_far_it_is_and_not_for_how_fast(
    clock: ManualClock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "Rate", lambda done: RealRate(done, clock))
    progress = show.Progress("Syncing", 1000, done=900)
    clock.advance(10.0)
    progress.at(910)
    assert capsys.readouterr().err == "Syncing: 910 of 1,000, 1.0 a second, 1 min 30 s left\n"


@pytest.mark.parametrize(("done", "told"), [(0, ""), (1, ", 3.0 a minute, 5 min 20 s left")])
def test_what_hardly_moves_is_told_by_the_minute_and_what_does_not_move_without_a_guess(
    clock: ManualClock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    done: int,
    told: str,
) -> None:
    monkeypatch.setattr(show, "Rate", lambda done: RealRate(done, clock))
    progress = show.Progress("Syncing", 17)
    clock.advance(20.0)
    progress.at(done)
    assert capsys.readouterr().err == f"Syncing: {done} of 17{told}\n"


def test_a_rate_is_that_of_the_last_minute(clock: ManualClock) -> None:
    rate = RealRate(0, clock)
    done = 0
    for _ in range(600):
        clock.advance(1.0)
        done += 100
        rate.note(done)
    assert rate.per_second == pytest.approx(100)
    for _ in range(70):
        clock.advance(1.0)
        done += 2
        rate.note(done)
    assert rate.per_second == pytest.approx(2)
    assert len(rate) <= RATE_STEPS + 2


def test_a_rate_holds_few_notes_however_often_it_is_told(clock: ManualClock) -> None:
    rate = RealRate(0, clock)
    for done in range(100_000):
        clock.advance(0.001)
        rate.note(done)
    assert rate.per_second == pytest.approx(1000, rel=0.01)
    assert len(rate) <= RATE_STEPS + 3


# --- Nothing moves ----------------------------------------------------------------------------------------------------


def look_for(watch: WaitWatch, clock: ManualClock, backlog: Backlog, seconds: float) -> None:
    for _ in range(int(seconds)):
        clock.advance(1.0)
        watch.look(backlog)


def test_messages_that_nobody_takes_are_told_once_and_again_after_a_move() -> None:
    clock, said = ManualClock(), []
    watch = WaitWatch(said.append, lambda: "is it running?", clock)
    look_for(watch, clock, Backlog(5, 0, 0, None), IDLE - 1)
    assert said == []
    look_for(watch, clock, Backlog(5, 0, 0, None), 100)
    assert said == ["nothing has moved for 10 s: is it running?"]
    look_for(watch, clock, Backlog(4, 0, 0, None), 100)
    assert len(said) == 2


def test_a_consumer_that_renews_its_hold_is_at_work_however_long_it_takes() -> None:
    clock, said = ManualClock(), []
    watch = WaitWatch(said.append, lambda: "", clock)
    for renewal in range(20):
        look_for(watch, clock, Backlog(5, 0, 4, 1000.0 + renewal), 20)
    assert said == []
    look_for(watch, clock, Backlog(5, 0, 4, 1019.0), SILENT + 2)
    assert len(said) == 1


def test_what_only_waits_for_its_time_is_no_standstill() -> None:
    clock, said = ManualClock(), []
    watch = WaitWatch(said.append, lambda: "", clock)
    look_for(watch, clock, Backlog(0, 3, 0, None), 1000)
    assert said == []
