"""A periodic task is queued when it is time and there is something to do, and in doubt."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime

import pytest

from plexsync.queue.periodic import where_needed

NOW = datetime.now(UTC)


@pytest.mark.parametrize("is_due", [True, False])
@pytest.mark.parametrize("is_needed", [True, False])
def test_it_is_queued_when_it_is_time_and_there_is_something_to_do(is_due: bool, is_needed: bool) -> None:
    assert where_needed(lambda _: is_due, lambda: is_needed)(NOW) == (is_due and is_needed)


def test_nobody_is_asked_before_it_is_time() -> None:
    asked: list[int] = []
    assert not where_needed(lambda _: False, lambda: bool(asked.append(1)))(NOW)
    assert asked == []


def test_where_it_cannot_be_told_the_task_is_queued_and_tells() -> None:
    assert where_needed(lambda _: True, lambda: bool(1 / 0))(NOW)


def test_a_scheduler_in_a_process_of_its_own_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    asked: list[int] = []
    assert where_needed(lambda _: True, lambda: bool(asked.append(1)))(NOW)
    assert asked == []
