"""Carries what lies on Stash's machine to this one, and back: against the plugin's own code, called in this process."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plexsync.errors import PlexSyncError, StashUnavailable
from plexsync.fetching.courier import CallPace, Courier
from plexsync.fetching.delivery import DeliveryRefused, exchange
from plexsync.inbox import event_files, event_reading, request_files
from plexsync.inbox.operations import answer_to
from plexsync.queue.intake import UnusableFile

PACE = CallPace(wait=10.0, pause=2.0)


class Bench:
    """Stash's data folder and the consumer's, with the courier between them. ``wait`` of each call is only noted."""

    def __init__(self, folder: Path) -> None:
        self.there, self.here = folder / "stash", folder / "consumer"
        self.there.mkdir()
        self.here.mkdir()
        self.calls: list[dict[str, Any]] = []
        self.stored: list[dict[str, Any]] = []
        self.unusable: list[UnusableFile] = []
        self.fails: Exception | None = None
        self.changes: dict[str, object] = {}
        self.courier = self.new()

    def new(self) -> Courier:
        """A courier, as after a start."""
        return Courier(self.here, self.ask, self.store, consumer="a" * 32, host="nas", pace=lambda: PACE)

    def ask(self, args: Mapping[str, Any]) -> object:
        self.calls.append(dict(args))
        if self.fails is not None:
            raise self.fails
        answer = json.loads(answer_to(str(self.there), {**args, "wait": 0}, {}))
        if answer["ok"]:
            answer["result"] |= self.changes
        return answer

    def store(self, messages: Sequence[bytes], unusable: Sequence[UnusableFile]) -> None:
        self.stored += [json.loads(one) for one in messages]
        self.unusable += unusable

    def lay(self, *scenes: int) -> None:
        for scene in scenes:
            event_files.put(str(self.there / "inbox"), event_files.message(scene, "Scene.Update.Post"))

    def left(self) -> int:
        return len(event_reading.waiting(str(self.there / "inbox"), 10_000))

    def scenes(self) -> list[int]:
        return [one["args"][0] for one in self.stored]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# --- Events ----------------------------------------------------------------------------------------------------------


def test_an_event_is_stored_once_and_acknowledged_with_the_next_call(bench: Bench) -> None:
    bench.lay(45, 46)
    bench.courier.look()
    assert (bench.scenes(), bench.left()) == ([45, 46], 2)
    bench.courier.look()
    assert (bench.scenes(), bench.left()) == ([45, 46], 0)
    bench.courier.look()
    assert "ack" not in bench.calls[-1]


def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(bench: Bench) -> None:
    bench.lay(45)
    courier = Courier(bench.here, bench.ask, full, consumer="a" * 32, host="nas", pace=lambda: PACE)
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError):
            courier.look()
    assert all("ack" not in call for call in bench.calls)
    assert bench.left() == 1


def full(_messages: Sequence[bytes], _unusable: Sequence[UnusableFile]) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def test_a_consumer_killed_before_it_acknowledged_has_the_event_twice_and_never_not_at_all(bench: Bench) -> None:
    bench.lay(45)
    bench.courier.look()
    bench.courier = bench.new()
    bench.courier.look()
    assert bench.scenes() == [45, 45]
    bench.courier.look()
    assert bench.left() == 0


def test_an_acknowledgement_that_was_lost_is_sent_again_and_nothing_stored_twice(bench: Bench) -> None:
    bench.lay(45)
    bench.courier.look()
    bench.fails = StashUnavailable("no answer")
    bench.courier.look()
    bench.fails = None
    bench.lay(46)
    bench.courier.look()
    assert (bench.scenes(), bench.left()) == ([45, 46], 1)


def test_a_file_that_cannot_be_removed_there_is_not_stored_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    bench.lay(45)
    monkeypatch.setattr(event_files, "remove", refuse)
    for _ in range(3):
        bench.courier.look()
    assert bench.scenes() == [45]


def test_what_is_no_message_is_set_aside_and_keeps_no_other(bench: Bench) -> None:
    bench.lay(45)
    (bench.there / "inbox" / "0-odd.json").write_bytes(b'{"v": 1, "name": "\xff"}\n')
    bench.courier.look()
    bench.courier.look()
    assert (bench.scenes(), bench.left()) == ([45], 0)
    (odd,) = bench.unusable
    assert odd.data == b'{"v": 1, "name": "\xff"}\n'
    assert odd.reason.startswith("0-odd.json: it is not JSON")


def test_times_are_put_right_by_the_clock_here(bench: Bench) -> None:
    event_files.put(str(bench.there / "inbox"), event_files.message_of_many([7, 8], "Scene.Update.Post"))
    bench.changes = {"now": time.time() - 3600}
    bench.courier.look()
    (message,) = bench.stored
    assert 3590 < message["at"] - time.time() < 3610
    assert 3590 < message["args"][0] / 1000 - time.time() < 3610
    assert message["args"][1:] == [7, 8]


def test_clocks_that_agree_change_nothing(bench: Bench) -> None:
    bench.lay(45)
    (path,) = (bench.there / "inbox").iterdir()
    bench.courier.look()
    assert bench.stored[0]["at"] == json.loads(path.read_text())["at"]


# --- Requests and snapshot -------------------------------------------------------------------------------------------


def test_a_request_lies_here_as_if_it_had_been_laid_here_and_its_answer_goes_back(bench: Bench) -> None:
    path = request_files.lay(str(bench.there), "scene", {"scene_id": 45}, durable=False)
    (bench.here / "requests").mkdir()
    answer = bench.here / "requests" / Path(path).with_suffix(".answer").name
    answer.write_bytes('{"ok": true, "result": {"title": "Straße"}}'.encode())
    bench.courier.look()
    laid = bench.here / "requests" / Path(path).name
    assert json.loads(laid.read_text())["args"] == {"scene_id": 45}
    bench.courier.look()
    assert request_files.wait(path, 0) == '{"ok": true, "result": {"title": "Straße"}}'.encode()
    assert bench.calls[-1]["wait"] == 0
    bench.courier.look()
    assert "answers" not in bench.calls[-1]


def test_a_question_that_was_given_up_there_is_given_up_here(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.fetching.courier.ANSWER_WAIT", 0.0)
    path = request_files.lay(str(bench.there), "scene", {"scene_id": 45}, durable=False)
    bench.courier.look()
    Path(path).unlink()
    bench.courier.look()
    assert list((bench.here / "requests").iterdir()) == []


@pytest.mark.parametrize("name", ["../outside.json", "/tmp/outside.json", "a\\b.json", ".hidden.json", "a.txt", ""])
def test_a_request_under_a_name_that_leads_elsewhere_is_left_alone(bench: Bench, name: str) -> None:
    bench.changes = {"requests": [{"file": name, "text": "{}"}]}
    bench.courier.look()
    assert [path.name for path in bench.here.rglob("*")] == []


def test_the_snapshot_goes_there_when_it_has_changed(bench: Bench) -> None:
    status = bench.here / "status.json"
    status.write_text('{"schema": 1, "state": "running"}')
    bench.courier.look()
    bench.courier.look()
    assert ["status" in call for call in bench.calls] == [True, False]
    assert (bench.there / "status.json").read_text() == status.read_text()
    status.write_text('{"schema": 1, "state": "stopping"}')
    bench.courier.leave()
    assert (bench.there / "status.json").read_text() == status.read_text()
    assert bench.calls[-1]["leaves"] is True


def test_who_looks_at_the_page_there_is_watched_for_here(bench: Bench) -> None:
    request_files.watch(str(bench.there))
    bench.courier.look()
    assert (bench.here / "watched").exists()
    bench.courier.look()
    assert bench.calls[-1]["watched"] is True
    assert 0 < bench.calls[-1]["wait"] < 1


# --- Pace and faults -------------------------------------------------------------------------------------------------


def test_it_waits_where_nothing_comes_and_pauses_while_something_does(bench: Bench) -> None:
    bench.courier.look()
    bench.courier.look()
    assert [call["wait"] for call in bench.calls] == [0, PACE.wait]
    bench.lay(45)
    bench.courier.look()
    assert pause(bench.courier) == PACE.pause


def test_of_many_the_next_come_at_once(bench: Bench) -> None:
    bench.changes = {"more": True}
    bench.courier.look()
    assert pause(bench.courier) == 0


def pause(courier: Courier) -> float:
    return courier.next_in


def test_a_stash_that_is_down_is_asked_less_and_less_and_named_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.fails = StashUnavailable("Stash gives no answer")
    pauses = []
    with caplog.at_level(logging.INFO):
        for _ in range(6):
            bench.courier.look()
            pauses.append(pause(bench.courier))
        bench.fails = None
        bench.courier.look()
    assert pauses == [2, 4, 8, 16, 30, 30]
    told = [record.getMessage() for record in caplog.records]
    assert told[0] == "events cannot be fetched from Stash: Stash gives no answer; they wait there"
    assert told[1].startswith("events are fetched from Stash")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "gave no answer"),
        ("text", "gave no answer"),
        ({"ok": False, "error": {"text": "There is no mode 'drain'.", "remedy": "Send one of status."}}, "too old"),
        ({"ok": False, "error": {"text": "Two of them.", "remedy": "Stop one."}}, "Two of them. Stop one."),
        ({"ok": False}, "does not say why"),
        ({"ok": True, "result": {"schema": 1, "events": "none"}}, "in a way not known here"),
        (
            {
                "ok": True,
                "result": {
                    "schema": 2,
                    "version": "9",
                    "now": 0,
                    "events": [],
                    "requests": [],
                    "more": False,
                    "watched": False,
                },
            },
            "version 9",
        ),
    ],
)
def test_an_odd_answer_is_refused_in_words(answer: object, said: str) -> None:
    with pytest.raises((DeliveryRefused, StashUnavailable), match=said) as caught:
        exchange(lambda _args: answer, {})
    assert isinstance(caught.value, PlexSyncError)
