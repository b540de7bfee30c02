"""Requests as others lay them: whole, private, bounded, and never waited for without end."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from plexsync.inbox import request_files
from plexsync.inbox.request_files import BAD_REQUEST, FAILED, NOT_RUNNING, TIMEOUT


@pytest.fixture
def running(tmp_path: Path) -> str:
    """A data folder whose consumer shows signs of life."""
    (tmp_path / request_files.STATUS_FILE).write_text('{"schema": 1, "state": "running"}')
    return str(tmp_path)


def kind(answer: dict[str, object]) -> object:
    error = answer["error"]
    assert isinstance(error, dict)
    assert error["text"]
    return error["kind"]


def test_a_request_is_whole_and_private(tmp_path: Path) -> None:
    path = Path(request_files.lay(str(tmp_path), "scenes", {"state": "failed"}, durable=False))
    said = json.loads(path.read_text())
    assert said["schema"] == 1
    assert said["mode"] == "scenes"
    assert said["args"] == {"state": "failed"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_later_requests_sort_behind_earlier_ones(tmp_path: Path) -> None:
    laid = [request_files.lay(str(tmp_path), "scenes", {}, durable=False) for _ in range(5)]
    assert sorted(laid) == laid


def test_only_an_action_is_synced_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    request_files.lay(str(tmp_path), "scenes", {}, durable=False)
    before = len(synced)
    request_files.lay(str(tmp_path), "retry", {"all": True}, durable=True)
    assert len(synced) - before == 2  # the file, and its name in the folder


def test_what_is_too_large_is_refused_and_leaves_nothing(running: str) -> None:
    answer = request_files.ask(running, "scenes", {"search": "x" * 70_000}, durable=False, seconds=1)
    assert kind(answer) == BAD_REQUEST
    assert not (Path(running) / request_files.FOLDER).exists()


def test_the_answer_is_taken_away(running: str) -> None:
    def reply() -> None:
        folder = Path(running) / request_files.FOLDER
        while not (found := list(folder.glob("*.json"))):
            time.sleep(0.002)
        found[0].with_suffix(".answer").write_text('{"ok": true, "result": {"rows": []}}')

    thread = threading.Thread(target=reply)
    thread.start()
    answer = request_files.ask(running, "scenes", {}, durable=False, seconds=10)
    thread.join()
    assert answer == {"ok": True, "result": {"rows": []}}
    assert list((Path(running) / request_files.FOLDER).glob("*.answer")) == []


def test_a_question_that_is_not_answered_is_taken_back(running: str) -> None:
    assert kind(request_files.ask(running, "scenes", {}, durable=False, seconds=0.05)) == TIMEOUT
    assert list((Path(running) / request_files.FOLDER).iterdir()) == []


def test_an_action_that_is_not_answered_stays(running: str) -> None:
    assert kind(request_files.ask(running, "retry", {"all": True}, durable=True, seconds=0.05)) == TIMEOUT
    assert len(list((Path(running) / request_files.FOLDER).iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff", b'{"ok": 1}', b"x" * (256 * 1024 + 1)])
def test_an_answer_that_is_none_is_told(running: str, content: bytes) -> None:
    path = request_files.lay(running, "scenes", {}, durable=False)
    Path(path).with_suffix(".answer").write_bytes(content)
    if len(content) > request_files.MAX_ANSWER:
        with pytest.raises(OSError, match="larger"):
            request_files.wait(path, 1)
    else:
        assert kind(request_files.ask_at(path, running, durable=False, seconds=1)) == FAILED


def test_without_signs_of_life_nothing_is_laid(tmp_path: Path) -> None:
    assert kind(request_files.ask(str(tmp_path), "scenes", {}, durable=False, seconds=1)) == NOT_RUNNING
    status = tmp_path / request_files.STATUS_FILE
    status.write_text('{"schema": 1, "state": "running"}')
    os.utime(status, (time.time() - 3600,) * 2)
    assert kind(request_files.ask(str(tmp_path), "retry", {"all": True}, durable=True, seconds=1)) == NOT_RUNNING
    assert not (tmp_path / request_files.FOLDER).exists()


def test_a_consumer_that_stops_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / request_files.STATUS_FILE).write_text('{"schema": 1, "state": "stopping"}')
    assert kind(request_files.ask(str(tmp_path), "scenes", {}, durable=False, seconds=1)) == NOT_RUNNING


@pytest.mark.parametrize("thing", ["pipe", "folder", "link", "huge"])
def test_whatever_stands_in_the_snapshots_place_is_not_waited_for(tmp_path: Path, thing: str) -> None:
    path = tmp_path / request_files.STATUS_FILE
    match thing:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/dev/zero")
        case "huge":
            path.write_bytes(b" " * (request_files.MAX_STATUS + 1))
    assert request_files.status(str(tmp_path)) == b""


def test_watching_is_noted_in_a_private_file(tmp_path: Path) -> None:
    request_files.watch(str(tmp_path))
    path = tmp_path / request_files.WATCHED_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.utime(path, (0, 0))
    request_files.watch(str(tmp_path))
    assert time.time() - path.stat().st_mtime < 5
