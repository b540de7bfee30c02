"""Two Stashes on one folder of the plugin are noticed; one that has moved is not taken for two."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from plexsync.inbox.hook_process import remember
from plexsync.installation.stash_turns import WITHIN, StashTurns, in_turn
from plexsync.ledger import Ledger
from plexsync.status.findings_now import STASHES_REMEDY, findings, stashes_text
from plexsync.storage.database import Database
from plexsync.storage.facts import Facts

FIRST, SECOND = "http://127.0.0.1:9998", "http://127.0.0.1:9999"


class Folder:
    """A data folder whose hook is called by Stashes at ports, and a clock that is turned by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts: Facts = Ledger(Database(path / "plexsync.db")).facts
        self.now = 1e9
        self.turns = StashTurns(self.facts, lambda: self.now)

    def called_by(self, *ports: int, seconds: float = 60) -> list[str]:
        for port in ports:
            remember(str(self.path), {"server_connection": {"Scheme": "http", "Host": "0.0.0.0", "Port": port}})
            self.now += seconds
            self.turns.look()
        return in_turn(self.facts, self.now)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_address_that_goes_back_and_forth_is_that_of_two(folder: Folder) -> None:
    assert folder.called_by(9999, 9998, 9999) == []
    assert folder.called_by(9998) == [FIRST, SECOND]
    # Also after a restart of the consumer.
    folder.turns = StashTurns(folder.facts, lambda: folder.now)
    assert folder.called_by(9998, 9999, 9999) == [FIRST, SECOND]
    assert in_turn(folder.facts, folder.now + WITHIN) == []


def test_snapshot_and_doctor_name_both_and_what_to_do(folder: Folder) -> None:
    text = stashes_text(folder.called_by(9999, 9998, 9999, 9998))
    assert FIRST in text
    assert SECOND in text
    figures = {
        "stashes": in_turn(folder.facts, folder.now), "stopped": None, "settings": None, "hook": {"level": "ok"},
        "breaker": {"state": "closed"}, "stash_breaker": {"state": "closed"}, "oldest_pending_s": None,
        "queue": {"in_progress": 0, "set_aside": 0}, "reconcile": {"cautions": []},
    }  # fmt: skip
    found = [one for one in findings(figures, folder.path) if one["name"] == "Stashes"]
    assert found == [{"level": "fail", "name": "Stashes", "text": text, "remedy": STASHES_REMEDY}]


def test_a_stash_that_moves_is_one(folder: Folder) -> None:
    assert folder.called_by(1, 2, 3, 4, 5) == []
    assert folder.called_by(6, 5, 6, 5, seconds=WITHIN / 2) == []


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"scheme": "x", "host": 1, "port": []}', None])
def test_whatever_stands_in_place_of_the_address_is_passed_over(folder: Folder, content: str | None) -> None:
    place = folder.path / "stash_connection.json"
    if content is None:
        os.mkfifo(place)
    else:
        place.write_text(content)
    folder.turns.look()
    assert in_turn(folder.facts, folder.now) == []
    place.unlink()
    folder.turns.look()
    assert folder.called_by(9999, 9998, 9999, 9998) == [FIRST, SECOND]
    assert json.loads(place.read_text())["port"] == 9998
