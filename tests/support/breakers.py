"""Breakers for tests: one for Plex, calls through it, and time that passes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plexsync.errors import PlexUnavailable
from plexsync.http.breaker import BreakerStorage, Guard, OnChange


def plex_guard(
    fail_max: int, reset_timeout: float, storage: BreakerStorage, on_change: OnChange | None = None
) -> Guard:
    return Guard("Plex", PlexUnavailable, fail_max, reset_timeout, storage, on_change)


def call(guard: Guard, error: BaseException | None = None) -> None:
    with guard.request():
        if error is not None:
            raise error


def fail(guard: Guard, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(PlexUnavailable):
            call(guard, PlexUnavailable("down"))


def let_the_time_pass(storage: BreakerStorage, seconds: float) -> None:
    assert storage.opened_at is not None
    storage.opened_at -= timedelta(seconds=seconds)
