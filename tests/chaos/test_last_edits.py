"""The storm can see a loss: with a fault planted in the consumer it says so, and without one nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm.last_edits import at_once, play_last_edits
from tests.chaos.storm.plants import PLANTS

#: The act that each fault shows itself in, and a word of what is said of it.
SHOWS_IN = {
    "acknowledge_before_run": ("kill_twice", "acknowledged and is wrong"),
    "no_claim_kept": ("kill_twice", "acknowledged and is wrong"),
    "no_heartbeat": ("containers_until_seen", "worked on by two at once"),
    "intent_not_noted": ("take_back", "acknowledged and is wrong"),
    "upload_not_noted": ("break_off", "2 times there"),
    "read_back_skipped": ("lie", "acknowledged and is wrong"),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_no_last_edit_is_lost(tmp_path: Path) -> None:
    edits = play_last_edits(tmp_path, 1, ["kill", "take_back", "break_off", "lie", "containers"])
    assert edits.faults == [], (tmp_path / "consumer.log").read_text()
    assert edits.kills >= 6
    assert edits.judged >= 20


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_fault_is_seen(plant: str, tmp_path: Path) -> None:
    act, what = SHOWS_IN[plant]
    edits = play_last_edits(tmp_path, 1, [act], plant, scenes=5)
    assert any(what in fault for fault in edits.faults), edits.faults


def test_two_that_take_turns_are_not_at_work_at_once() -> None:
    assert at_once("1.0 10 begins 7\n2.0 10 ends 7\n3.0 11 begins 7\n4.0 11 ends 7\n") == []
    assert at_once("1.0 10 begins 7\n2.5 11 begins 7\n3.0 10 ends 7\n4.0 11 ends 7\n") == [7]
