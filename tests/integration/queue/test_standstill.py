"""One short look tells that nothing has happened, and never tells so where anything may have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plexsync.queue.standstill import AT_MOST, Standstill
from plexsync.storage.file_stamps import SETTLED
from tests.support.clocks import ManualClock


class Folder:
    """A folder with a log, a file of settings, an inbox and a folder of requests, in which nothing happens."""

    def __init__(self, place: Path) -> None:
        self.log, self.settings = place / "log", place / "settings.toml"
        self.inbox, self.requests = place / "inbox", place / "requests"
        self.log.write_bytes(b"x")
        self.settings.write_bytes(b"x")
        self.inbox.mkdir()
        self.requests.mkdir()
        self.clock = ManualClock()
        self.standstill = Standstill(str(self.log), str(self.inbox), self.clock)
        self.standstill.add([str(self.settings), str(place / "none")], [str(self.requests)])

    def settle(self) -> None:
        """Let time pass in which nothing happens, until it is believed."""
        for _ in range(4):
            self.standstill.lasts()
            self.clock.advance(SETTLED / 2)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_where_nothing_happens_it_lasts_but_for_a_long_look_now_and_then(folder: Folder) -> None:
    folder.settle()
    found = []
    for _ in range(int(3 * AT_MOST)):
        found.append(folder.standstill.lasts())
        folder.clock.advance(1.0)
    assert found.count(False) == pytest.approx(3, abs=1)


@pytest.mark.parametrize(
    "happens",
    [
        lambda one: one.log.write_bytes(b"longer"),
        lambda one: one.log.unlink(),
        lambda one: one.settings.write_bytes(b"longer"),
        lambda one: one.settings.unlink(),
        lambda one: (one.inbox / "1.json").write_bytes(b""),
        lambda one: (one.requests / "1.request").write_bytes(b""),
        lambda one: one.requests.rmdir() or one.requests.write_bytes(b"no folder"),
        lambda one: os.utime(one.settings, ns=(1, 1)),
    ],
)
def test_whatever_happens_ends_it_until_all_has_settled(folder: Folder, happens: Callable[[Folder], object]) -> None:
    folder.settle()
    assert folder.standstill.lasts()
    happens(folder)
    assert not folder.standstill.lasts()
    folder.clock.advance(SETTLED * 0.9)
    assert not folder.standstill.lasts(), "the time of a change may be kept to two seconds"


def test_while_the_inbox_holds_anything_it_never_lasts(folder: Folder) -> None:
    (folder.inbox / "1.json").write_bytes(b"{")
    folder.settle()
    assert not folder.standstill.lasts()


def test_an_answer_that_nobody_fetches_does_not_end_it(folder: Folder) -> None:
    (folder.requests / "1.answer").write_bytes(b"{}")
    folder.settle()
    assert folder.standstill.lasts()


def test_without_a_log_nothing_tells_of_commits(folder: Folder) -> None:
    folder.log.unlink()
    folder.settle()
    assert not folder.standstill.lasts()
    without = Standstill(None, str(folder.inbox), folder.clock)
    without.add([str(folder.settings)])
    for _ in range(4):
        assert not without.lasts()
        folder.clock.advance(SETTLED)
