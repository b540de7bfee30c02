"""Requests that lie in the folder are answered, whatever else lies there, and however long others take."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from plexsync.app import App
from plexsync.errors import PlexUnavailable
from plexsync.inbox import request_files
from plexsync.inbox.request_files import BAD_REQUEST, BUSY, FAILED
from plexsync.queue.glances import LATELY
from plexsync.status.answerer import (
    LONG_AT_ONCE,
    LONG_WAITING,
    LOOK_GLANCED,
    LOOK_IDLE,
    LOOK_WATCHED,
    Answerer,
)
from plexsync.status.arguments import Argument, ArgumentKind
from plexsync.status.desk import Desk
from plexsync.status.registry import Action, StatusQuestion, by_name


class Bench:
    """A desk with some questions and actions on it, and an answerer that runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = Desk(folder, {})
        self.release = threading.Event()
        self.done: list[str] = []
        questions = by_name(
            [
                StatusQuestion("echo", lambda _desk, args: {"text": args["text"]}, (_TEXT,), needs_app=False),
                StatusQuestion("slow", self._slow, takes_long=True, needs_app=False),
                StatusQuestion("needy", lambda _desk, _args: {}),
                StatusQuestion("down", self._down, needs_app=False),
                StatusQuestion("faulty", lambda _desk, _args: {"x": 1 / 0}, needs_app=False),
                StatusQuestion(
                    "huge", lambda _desk, _args: {"rows": [{"n": "x" * 9} for _ in range(99_999)]}, needs_app=False
                ),
            ]
        )
        actions = by_name(
            [
                Action("note", self._note, (_TEXT,), needs_app=False),
                Action("work", self._work),
                Action("end", self._note_end, needs_app=False, is_for_this_run=True),
            ]
        )
        self.answerer = Answerer(self.desk, questions, actions)

    def _slow(self, _desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
        assert self.release.wait(30)
        return {"text": "at last"}

    def _down(self, _desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
        raise PlexUnavailable("Plex is away")

    def _note(self, _desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
        self.done.append(args["text"])
        return {"text": "noted"}

    def _work(self, _desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
        self.done.append("worked")
        return {"text": "worked"}

    def _note_end(self, _desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
        self.done.append("end")
        return {"text": "ends"}

    def lay(self, mode: str, durable: bool = False, **args: Any) -> str:
        return request_files.lay(str(self.folder), mode, args, durable=durable)

    def answer(self, path: str, durable: bool = False) -> dict[str, Any]:
        return request_files.ask_at(path, str(self.folder), durable=durable, seconds=20)

    def ask(self, mode: str, **args: Any) -> dict[str, Any]:
        return self.answer(self.lay(mode, **args))

    @property
    def files(self) -> list[str]:
        return sorted(one.name for one in (self.folder / request_files.FOLDER).iterdir())


_TEXT = Argument("text", ArgumentKind.TEXT, needed=True)


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Bench]:
    """One that does not look yet."""
    bench = Bench(tmp_path)
    yield bench
    bench.release.set()
    bench.answerer.stop()


@pytest.fixture
def bench(quiet: Bench) -> Bench:
    quiet.answerer.start()
    return quiet


def until(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_question_is_answered_and_nothing_is_left(bench: Bench) -> None:
    assert bench.ask("echo", text="hello") == {"ok": True, "result": {"text": "hello"}}
    until(lambda: bench.files == [])


def test_a_slow_question_holds_up_no_other(bench: Bench) -> None:
    slow = bench.lay("slow")
    assert bench.ask("echo", text="quick")["ok"]
    bench.release.set()
    assert bench.answer(slow)["result"] == {"text": "at last"}


def test_too_many_slow_questions_are_told_so(bench: Bench) -> None:
    first = [bench.lay("slow") for _ in range(LONG_AT_ONCE)]
    until(lambda: bench.answerer.at_work == LONG_AT_ONCE)
    rest = [bench.lay("slow") for _ in range(LONG_WAITING + 1)]
    assert bench.answer(rest[-1])["error"]["kind"] == BUSY
    bench.release.set()
    assert all(bench.answer(one)["ok"] for one in [*first, *rest[:-1]])


@pytest.mark.parametrize(
    ("mode", "args", "kind", "named"),
    [
        ("nothing", {}, BAD_REQUEST, "'nothing'"),
        ("echo", {}, BAD_REQUEST, "'text' is missing"),
        ("echo", {"text": 5}, BAD_REQUEST, "'text' is 5"),
        ("echo", {"text": "x" * 201}, BAD_REQUEST, "'text'"),
        ("echo", {"text": "", "more": 1}, BAD_REQUEST, "'more'"),
        ("needy", {}, BUSY, "just starting"),
        ("down", {}, FAILED, "Plex is away"),
        ("faulty", {}, FAILED, "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_answered_is_told(bench: Bench, mode: str, args: dict[str, Any], kind: str, named: str) -> None:
    answer = bench.ask(mode, **args)
    assert answer["error"]["kind"] == kind
    assert named in answer["error"]["text"]


def test_no_answer_is_larger_than_may_be(bench: Bench) -> None:
    path = bench.lay("huge")
    until(lambda: Path(path).with_suffix(".answer").exists())
    assert Path(path).with_suffix(".answer").stat().st_size <= request_files.MAX_ANSWER


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"mode": "echo"}', b'{"schema": 99, "mode": "echo"}', b'{"schema": 1, "mode": 3}', b"\xff\xfe",
     b'{"schema": 1, "mode": "echo", "args": [1]}', b"[" * 50_000, b" " * 70_000],
)  # fmt: skip
def test_a_file_that_is_no_request_is_answered_and_removed(bench: Bench, content: bytes) -> None:
    path = Path(bench.lay("echo", text="first"))
    bench.answer(str(path))
    path = path.with_name("5-strange.json")
    (path.parent / "new").write_bytes(content)
    (path.parent / "new").rename(path)
    assert bench.answer(str(path))["error"]["kind"] == BAD_REQUEST
    until(lambda: not path.exists())


def test_folders_links_and_pipes_are_named_and_passed_by(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.ask("echo", text="makes the folder")
    place = bench.folder / request_files.FOLDER
    (place / "1.json").mkdir()
    (place / "2.json").symlink_to("/etc/passwd")
    os.mkfifo(place / "3.json")
    os.mkfifo(place / "4.answer")
    assert bench.ask("echo", text="hello")["ok"]
    assert {"1.json", "2.json", "3.json"} <= set(bench.files)
    assert all(f"{number}.json is not a file" in caplog.text for number in (1, 2, 3))


def test_actions_are_carried_out_in_order(bench: Bench) -> None:
    paths = [bench.lay("note", durable=True, text=str(number)) for number in range(5)]
    assert all(bench.answer(path)["ok"] for path in paths)
    assert bench.done == ["0", "1", "2", "3", "4"]


def test_an_action_waits_for_the_app(bench: Bench) -> None:
    path = Path(bench.lay("work", durable=True))
    assert bench.ask("echo", text="is answered meanwhile")["ok"]
    assert path.exists()
    assert bench.done == []
    bench.desk.runs(lambda: cast("App", None))
    assert bench.answer(str(path))["ok"]
    assert bench.done == ["worked"]


def test_an_action_is_carried_out_although_nobody_waits(bench: Bench) -> None:
    path = Path(bench.lay("note", durable=True, text="alone"))
    until(lambda: not path.exists())
    assert bench.done == ["alone"]


def test_what_was_laid_before_the_start_is_done_unless_it_was_for_another_run(tmp_path: Path) -> None:
    def lay(mode: str, *, durable: bool = True, **args: str) -> str:
        return request_files.lay(str(tmp_path), mode, args, durable=durable)

    old, end = lay("note", text="late"), lay("end")
    question = Path(lay("echo", durable=False, text="who waits for it?"))
    os.utime(question, (time.time() - 3600,) * 2)
    os.utime(old, (time.time() - 3600,) * 2)
    bench = Bench(tmp_path)
    bench.answerer.start()
    try:
        assert bench.answer(old)["ok"]
        assert bench.answer(end)["ok"]
        assert bench.done == ["late"]
        until(lambda: bench.files == [])
    finally:
        bench.answerer.stop()


def test_what_is_asked_before_the_first_look_is_asked_of_this_run(quiet: Bench) -> None:
    end = quiet.lay("end")
    quiet.answerer.start()
    assert quiet.answer(end) == {"ok": True, "result": {"text": "ends"}}
    assert quiet.done == ["end"]


def test_a_clock_that_jumps_makes_no_question_old(bench: Bench) -> None:
    bench.ask("echo", text="makes the folder")
    new = bench.folder / request_files.FOLDER / "new"
    new.write_text(json.dumps({"schema": 1, "mode": "echo", "args": {"text": "from the past"}, "at": 0}))
    os.utime(new, (time.time() - 86400,) * 2)
    path = new.rename(new.with_name("7.json"))
    assert bench.answer(str(path))["ok"]


def test_answers_that_nobody_fetches_are_removed(quiet: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.status.mailbox.ANSWER_LIFE", 0.1)
    quiet.answerer.start()
    quiet.lay("echo", text="nobody waits")
    until(lambda: any(name.endswith(".answer") for name in quiet.files))
    until(lambda: quiet.files == [])
    assert quiet.ask("echo", text="others are answered") == {"ok": True, "result": {"text": "others are answered"}}


def test_an_answer_that_cannot_be_written_stops_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: str, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr("plexsync.status.mailbox.replace", full)
        path = Path(bench.lay("note", durable=True, text="on a full disk"))
        until(lambda: not path.exists())
    assert bench.done == ["on a full disk"]
    assert bench.ask("echo", text="again")["ok"]


def test_it_looks_seldom_while_others_glance_for_it_and_often_once_they_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    assert bench.answerer.pause() == LOOK_IDLE
    bench.answerer.glance()
    assert bench.answerer.pause() == LOOK_GLANCED
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + LATELY + 1)
    assert bench.answerer.pause() == LOOK_IDLE
    bench.answerer.glance()
    request_files.watch(str(bench.folder))
    monkeypatch.setattr(time, "monotonic", lambda: now + LATELY + 3)
    assert bench.answerer.pause() == LOOK_WATCHED


def test_a_glance_has_it_answer_at_once(quiet: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # By itself it would not look within the time that is waited for an answer.
    monkeypatch.setattr("plexsync.status.answerer.LOOK_IDLE", 3600.0)
    monkeypatch.setattr("plexsync.status.answerer.LOOK_GLANCED", 3600.0)
    quiet.answerer.start()
    path = quiet.lay("echo", text="x")
    quiet.answerer.glance()
    assert quiet.answer(path) == {"ok": True, "result": {"text": "x"}}


def test_a_glance_sees_a_request_where_the_folders_time_of_change_stands_still(
    quiet: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network share whose answers to ``stat`` are old."""
    monkeypatch.setattr("plexsync.status.answerer.LOOK_IDLE", 3600.0)
    monkeypatch.setattr("plexsync.status.answerer.LOOK_GLANCED", 3600.0)
    monkeypatch.setattr("plexsync.status.mailbox.NAMES_EVERY", 0.0)
    quiet.answerer.look()
    mailbox = quiet.answerer._mailbox
    stale = mailbox._seen_change
    monkeypatch.setattr(mailbox, "_change", lambda: stale)
    monkeypatch.setattr(mailbox, "_list_soon", False)
    # Looks are further apart than that.
    monkeypatch.setattr(mailbox, "_list_at", 0.0)
    quiet.answerer.start()
    path = quiet.lay("echo", text="x")
    quiet.answerer.glance()
    assert quiet.answer(path) == {"ok": True, "result": {"text": "x"}}


def test_a_glance_has_it_look_often_once_somebody_watches(quiet: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.status.answerer.LOOK_IDLE", 3600.0)
    monkeypatch.setattr("plexsync.status.answerer.LOOK_GLANCED", 3600.0)
    quiet.answerer.start()
    time.sleep(0.1)
    assert quiet.answerer.pause() == 3600.0
    request_files.watch(str(quiet.folder))
    quiet.answerer.glance()
    # No glance follows: it looks by itself.
    path = quiet.lay("echo", text="x")
    assert quiet.answer(path) == {"ok": True, "result": {"text": "x"}}
