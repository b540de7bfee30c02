"""What the page gets from the hook's process: the snapshot, answers of the consumer, and what is so without one."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import consumer_record, request_files
from plexsync.inbox.operations import answer_to

SNAPSHOT = {
    "schema": 1,
    "state": "running",
    "since": "2026-11-27T02:00:00Z",
    "text": 'Ein "Fuß" \N{GRINNING FACE}',
    "queue": {"pending": 3, "oldest": None},
}


class Consumer:
    """Stands for one that runs: holds the lock, has written a snapshot, and answers what is laid."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[dict[str, Any]] = []

    @contextmanager
    def running(self, snapshot: object = SNAPSHOT) -> Iterator[None]:
        self.folder.mkdir(exist_ok=True)
        self.write(snapshot)
        consumer_record.began(str(self.folder), {})
        with (self.folder / "consumer.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def write(self, snapshot: object) -> None:
        (self.folder / "status.json").write_text(json.dumps(snapshot, ensure_ascii=False) + "\n")

    @contextmanager
    def answering(self, answer: bytes) -> Iterator[None]:
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.005):
                for path in (self.folder / "requests").glob("[0-9]*.json"):
                    self.asked.append(json.loads(path.read_text()))
                    path.with_suffix(".answer").write_bytes(answer)
                    path.unlink()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def laid(self) -> list[str]:
        return [json.loads(path.read_text())["mode"] for path in (self.folder / "requests").glob("*.json")]


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    return Consumer(tmp_path / "data")


def asked(consumer: Consumer, mode: object, **args: object) -> Any:
    return json.loads(answer_to(str(consumer.folder), {"mode": mode, **args}, {}))


# --- status ----------------------------------------------------------------------------------------------------------


def test_the_status_is_the_snapshot_with_the_life_of_the_consumer_and_is_watched(consumer: Consumer) -> None:
    with consumer.running():
        answer = asked(consumer, "status")

    life = answer["result"].pop("life")
    assert answer == {"ok": True, "result": SNAPSHOT}
    assert life["state"] == "running"
    assert time.time() - (consumer.folder / "watched").stat().st_mtime < 10


def test_a_snapshot_of_the_largest_size_comes_through_whole(consumer: Consumer) -> None:
    large = SNAPSHOT | {"done": ["x" * 1000] * 60}
    with consumer.running(large):
        assert asked(consumer, "status")["result"]["done"] == large["done"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"{" * 70_000])
def test_a_snapshot_that_cannot_be_read_is_left_out(consumer: Consumer, content: bytes) -> None:
    with consumer.running():
        (consumer.folder / "status.json").write_bytes(content)
        result = asked(consumer, "status")["result"]
    assert list(result) == ["schema", "life"]
    assert result["life"]["state"] == "running"


def test_without_a_data_folder_the_consumer_was_never_started(consumer: Consumer) -> None:
    answer = asked(consumer, "status")
    assert answer["result"]["life"]["state"] == "never_started"
    assert answer["result"]["life"]["can_start"] is True


def test_what_the_consumer_waits_for_is_said(consumer: Consumer) -> None:
    fault = {"setting": "PLEXSYNC_PLEX_TOKEN", "problem": "is required", "remedy": "paste it"}
    with consumer.running({"state": "needs_settings", "settings_faults": [fault]}):
        life = asked(consumer, "status")["result"]["life"]
    assert (life["state"], life["remedy"]) == ("needs_settings", "paste it")
    assert "PLEXSYNC_PLEX_TOKEN is required" in life["text"]


def test_a_consumer_that_says_nothing_runs_all_the_same(consumer: Consumer) -> None:
    with consumer.running():
        age(consumer, 300)
        life = asked(consumer, "status")["result"]["life"]
    assert life["state"] == "running"


def test_of_a_consumer_on_another_machine_its_sign_of_life_tells(consumer: Consumer) -> None:
    with consumer.running():
        pass
    path = consumer.folder / "autostart.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "elsewhere"}))
    assert asked(consumer, "status")["result"]["life"]["state"] == "running"
    age(consumer, 300)
    assert asked(consumer, "status")["result"]["life"]["state"] == "dead"


def age(consumer: Consumer, seconds: float) -> None:
    at = time.time() - seconds
    os.utime(consumer.folder / "status.json", (at, at))


# --- questions and actions -------------------------------------------------------------------------------------------


def test_a_question_is_answered_by_the_consumer(consumer: Consumer) -> None:
    with consumer.running(), consumer.answering(b'{"ok": true, "result": {"rows": [], "next": null}}\n'):
        assert asked(consumer, "scenes", state="failed", limit=5) == {"ok": True, "result": {"rows": [], "next": None}}
    (request,) = consumer.asked
    assert (request["mode"], request["args"]) == ("scenes", {"state": "failed", "limit": 5})


def test_what_is_wrong_with_the_arguments_is_said_and_nothing_is_laid(consumer: Consumer) -> None:
    with consumer.running():
        answer = asked(consumer, "scene", scene_id="x")
    assert answer["ok"] is False
    assert answer["error"]["kind"] == "bad_request"
    assert consumer.laid() == []


def test_a_question_to_nobody_is_told_so_at_once(consumer: Consumer) -> None:
    began = time.monotonic()
    answer = asked(consumer, "settings")
    assert answer["error"]["kind"] == "not_running"
    assert answer["error"]["remedy"]
    assert time.monotonic() - began < 2
    assert not (consumer.folder / "requests").exists()


def test_an_action_without_a_consumer_is_noted_and_waits_for_it(consumer: Consumer) -> None:
    began = time.monotonic()
    answer = asked(consumer, "sync", all=True)
    assert answer == {
        "ok": True,
        "result": {"text": "Noted. It is carried out once the consumer runs.", "waiting": True},
    }
    assert time.monotonic() - began < 2
    assert consumer.laid() == ["sync"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(path: str, _seconds: float) -> bytes | None:
        return waited(path, 0.05)

    waited: Callable[[str, float], bytes | None] = request_files.wait
    monkeypatch.setattr(request_files, "wait", wait)


@pytest.mark.usefixtures("impatient")
def test_a_question_that_is_not_answered_in_time_is_taken_back_and_an_action_is_not(consumer: Consumer) -> None:
    with consumer.running():
        assert asked(consumer, "scenes")["error"]["kind"] == "timeout"
        assert consumer.laid() == []
        answer = asked(consumer, "retry", ids=["7"])
    assert answer["error"]["kind"] == "timeout"
    assert "as soon as it can" in answer["error"]["text"]
    assert consumer.laid() == ["retry"]


def test_a_folder_that_cannot_be_written_to_is_named(consumer: Consumer) -> None:
    consumer.folder.write_text("a file")
    answer = asked(consumer, "sync", all=True)
    assert answer["error"]["kind"] == "failed"
    assert str(consumer.folder) in answer["error"]["text"]
