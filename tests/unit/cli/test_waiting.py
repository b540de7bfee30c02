"""Staying until scenes are done, also while the database cannot be used for a moment."""

from __future__ import annotations

import sqlite3

import pytest

from plexsync.cli import waiting
from plexsync.cli.waiting import GIVE_UP_AFTER, LOOK_EVERY, WAIT, Patience


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    return now


def locked() -> int:
    raise sqlite3.OperationalError("database is locked")


def test_a_moment_in_which_the_database_is_locked_is_waited_out_and_told_once(clock: list[float]) -> None:
    said: list[str] = []
    patience = Patience(said.append)
    assert patience.look(lambda: 5, 0) == 5
    assert patience.wait == LOOK_EVERY
    for _ in range(5):
        assert patience.look(locked, 5) == 5
        assert patience.wait == WAIT
        clock[0] += WAIT
    assert len(said) == 1
    assert "database is locked" in said[0]
    assert patience.look(lambda: 4, 5) == 4
    assert patience.wait == LOOK_EVERY
    clock[0] += GIVE_UP_AFTER
    assert patience.look(locked, 4) == 4, "another moment"
    assert len(said) == 2


def test_where_it_lasts_it_is_given_up(clock: list[float]) -> None:
    patience = Patience(lambda _text: None)
    patience.look(locked, 5)
    clock[0] += GIVE_UP_AFTER
    with pytest.raises(sqlite3.OperationalError):
        patience.look(locked, 5)


def test_what_is_no_fault_of_the_database_is_no_reason_for_patience() -> None:
    def odd() -> int:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        Patience(lambda _text: None).look(odd, 5)
