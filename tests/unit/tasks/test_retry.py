"""When to try again."""

from __future__ import annotations

import pytest

from tasks.retry import JITTER, Backoff, varied


@pytest.mark.parametrize(("failed", "seconds"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80)])
def test_waits_double_within_the_jitter(failed: int, seconds: float) -> None:
    waits = [Backoff(5, 5, 300).delay(failed) for _ in range(200)]
    assert all(wait is not None and seconds * (1 - JITTER) <= wait <= seconds * (1 + JITTER) for wait in waits)
    assert len(set(waits)) > 100


def test_the_tries_are_used_up() -> None:
    assert Backoff(5, 5, 300).delay(6) is None
    assert Backoff(0, 5, 300).delay(1) is None


def test_waits_end_at_the_cap_however_long_it_takes() -> None:
    wait = Backoff(1_000_000, 5, 300).delay(100_000)
    assert wait is not None
    assert wait <= 300 * (1 + JITTER)


def test_a_server_that_asks_for_more_gets_it() -> None:
    assert Backoff(5, 5, 300).delay(1, at_least=120) == 120


def test_a_server_that_asks_for_less_does_not_shorten_the_wait() -> None:
    wait = Backoff(5, 5, 300).delay(1, at_least=0.1)
    assert wait is not None
    assert wait >= 5 * (1 - JITTER)


def test_variation_stays_in_bounds() -> None:
    assert all(75 <= varied(100) <= 125 for _ in range(1000))
