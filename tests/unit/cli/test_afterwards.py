"""What a consumer sees to once it takes work."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from plexsync.cli import garbage
from plexsync.cli.afterwards import AFTER, afterwards
from plexsync.imports.late import Late


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when what is late has been made."""
    event = threading.Event()
    monkeypatch.setattr("plexsync.imports.late._known", [Late(lambda: event.set() or event)])
    return event


def test_it_is_made_while_the_consumer_runs(made: threading.Event) -> None:
    garbage.begin()
    assert gc.get_threshold()[0] == garbage.AT_START
    with afterwards(forks=False, after=0):
        assert made.wait(30)
        (thread,) = [one for one in threading.enumerate() if one.name == "afterwards"] or [threading.current_thread()]
        if thread is not threading.current_thread():
            thread.join(30)
        assert gc.get_threshold()[0] == garbage.YOUNG
        assert gc.get_freeze_count() > 1000


def test_it_is_made_before_workers_are_forked(made: threading.Event) -> None:
    with afterwards(forks=True):
        assert made.is_set()
        assert gc.get_threshold()[0] == garbage.YOUNG


def test_a_consumer_that_ends_at_once_makes_nothing(made: threading.Event) -> None:
    with afterwards(forks=False, after=AFTER * 60):
        pass
    assert not made.is_set()
    for thread in threading.enumerate():
        if thread.name == "afterwards":
            thread.join(30)
    assert not made.is_set()
