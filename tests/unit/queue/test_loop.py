"""A loop goes on, whichever of its questions fails."""

from __future__ import annotations

import logging
import sqlite3
import threading

import pytest

from plexsync.queue import loop
from plexsync.queue.loop import Loop

log = logging.getLogger("plexsync.test_loop")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (
            [sqlite3.OperationalError("it is a folder"), sqlite3.OperationalError("it is a folder")],
            "looking: our own database: it is a folder; tried again",
        ),
        ([ValueError("odd")], "looking: unexpected error, goes on"),
    ],
    ids=["database", "unforeseen"],
)
def test_a_loop_goes_on_where_it_cannot_be_told_how_long_to_wait(
    faults: list[Exception], said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "WAIT", 0.01)
    left, looked = list(faults), threading.Event()

    def every() -> float:
        if left:
            raise left.pop()
        return 0.01

    one = Loop("Test", "looking", looked.set, every, log)
    one.start()
    assert looked.wait(30)
    assert one.is_running
    one.stop()
    assert not one.is_running
    assert caplog.messages == [said]
