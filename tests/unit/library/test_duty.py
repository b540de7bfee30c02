"""How often something dear may be done."""

from __future__ import annotations

import pytest

from plexsync.library.duty import Duty
from tests.support.clocks import ManualClock


def take(duty: Duty, clock: ManualClock, seconds: float) -> None:
    with duty.spending():
        clock.now += seconds


def test_it_takes_no_more_than_its_share() -> None:
    clock = ManualClock()
    duty = Duty(0.05, clock)
    assert duty.remaining() == 0
    take(duty, clock, 2.0)
    assert duty.remaining() == pytest.approx(38.0)
    clock.now += 38.0
    assert duty.remaining() == 0


def test_what_takes_next_to_nothing_is_free() -> None:
    clock = ManualClock()
    duty = Duty(0.05, clock, free=0.25)
    take(duty, clock, 0.25)
    assert duty.remaining() == 0
    take(duty, clock, 0.26)
    assert duty.remaining() > 0


def test_it_counts_however_it_ends() -> None:
    clock = ManualClock()
    duty = Duty(0.1, clock)
    with pytest.raises(OSError), duty.spending():
        clock.now += 1.0
        raise OSError
    assert duty.remaining() == pytest.approx(9.0)


def test_it_can_be_put_off() -> None:
    clock = ManualClock()
    duty = Duty(0.5, clock)
    duty.put_off(10.0)
    duty.put_off(5.0)
    assert duty.remaining() == 10.0
