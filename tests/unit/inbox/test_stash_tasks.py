"""Stash's tasks: they ask the consumer for something, and then only watch what the snapshot shows of it."""

from __future__ import annotations

import fcntl
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.stash import SimulatedStash
from plexsync.inbox import consumer_record, stash_tasks
from plexsync.inbox.stash_tasks import run

SINCE = "2026-11-27T02:00:00Z"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LOOK", 0.02), ("SHOWS_WITHIN", 0.4), ("LINGER", 0.0), ("GONE_FOR", 0.3)):
        monkeypatch.setattr(stash_tasks, name, seconds)
    monkeypatch.setattr("plexsync.inbox.job_queue.APART", 0.05)


class Consumer:
    """Stands for the consumer: what it is asked sets off a play of snapshots."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.modes: list[str] = []
        self.answer: dict[str, Any] = {"ok": True, "result": {"text": "All scenes are queued."}}
        #: Called with what was asked.
        self.play: Callable[[str], object] = lambda _mode: None
        self._lock = (folder / "consumer.lock").open("a")

    def show(self, **parts: object) -> None:
        new = self.folder / "status.json.new"
        new.write_text(json.dumps({"schema": 1, "state": "running", "since": SINCE, "pid": 1} | parts) + "\n")
        new.replace(self.folder / "status.json")

    def begin(self) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        consumer_record.began(str(self.folder), {consumer_record.STARTED_BY: "stash"})
        self.show()

    def close(self) -> None:
        self._lock.close()

    def end(self) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    @contextmanager
    def running(self) -> Iterator[None]:
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.005):
                for path in (self.folder / "requests").glob("[0-9]*.json"):
                    mode = json.loads(path.read_text())["mode"]
                    self.modes.append(mode)
                    path.with_suffix(".answer").write_text(json.dumps(self.answer))
                    path.unlink()
                    self.play(mode)

        self.begin()
        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.end()


@pytest.fixture
def consumer(tmp_path: Path) -> Iterator[Consumer]:
    consumer = Consumer(tmp_path / "data")
    yield consumer
    consumer.close()


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash() as stash:
        yield stash


def sent(stash: SimulatedStash | None, cookie: str = "c2ltdWxhdGVkIHNlc3Npb24") -> dict[str, Any]:
    port = stash.port if stash else 1
    session = {"Name": "session", "Value": cookie}
    return {"server_connection": {"Scheme": "http", "Host": "0.0.0.0", "Port": port, "SessionCookie": session}}


class Told:
    """What a task has written to standard error."""

    def __init__(self, text: str) -> None:
        assert re.fullmatch(r"(\x01[tdiwep]\x02[^\x00-\x1f]+\n)*", text)
        self.lines = [(line[1], line[3:]) for line in text.splitlines()]
        self.progress = [float(text) for level, text in self.lines if level == "p"]
        self.last = [line for line in self.lines if line[0] != "p"][-1]


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def rows(done: int | None, of: int | None = 10, row_id: str = "everything") -> list[dict[str, Any]]:
    return [{"id": row_id, "text": "Syncing all scenes", "done": done, "of": of, "since": SINCE}]


# --- Work ------------------------------------------------------------------------------------------------------------


def test_a_task_shows_progress_and_says_what_came_of_it(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    def play(_mode: str) -> None:
        for done in (0, 5, 10):
            consumer.show(now=rows(done))
            time.sleep(0.1)
        consumer.show(done=[{"id": "everything", "text": "200 scenes synced.", "ok": True, "at": now()}])

    consumer.play = play
    with consumer.running():
        answer = run(str(consumer.folder), "sync_all", sent(None))
    told = Told(capfd.readouterr().err)

    assert consumer.modes == ["sync"]
    assert json.loads(answer) == "200 scenes synced."
    assert told.last == ("i", "200 scenes synced.")
    # Each again and again, as single lines get lost.
    assert sorted(set(told.progress)) == [0.0, 0.5, 1.0]
    assert told.progress == sorted(told.progress)
    assert len(told.progress) > 3


@pytest.mark.parametrize(
    ("task", "mode"),
    [("sync_recent", "sync_recent"), ("compare", "reconcile"), ("preview", "preview"), ("retry_failed", "retry")],
)
def test_each_task_asks_for_its_own(
    consumer: Consumer, capfd: pytest.CaptureFixture[str], task: str, mode: str
) -> None:
    with consumer.running():
        run(str(consumer.folder), task, sent(None))
    assert consumer.modes == [mode]
    assert Told(capfd.readouterr().err).last == ("i", "All scenes are queued.")


def test_of_what_goes_through_the_queue_the_answer_is_told_once_it_is_done(
    consumer: Consumer, capfd: pytest.CaptureFixture[str]
) -> None:
    def play(_mode: str) -> None:
        consumer.show(now=rows(1, 3, "queue"))
        time.sleep(0.2)
        consumer.show()

    consumer.play = play
    with consumer.running():
        run(str(consumer.folder), "retry_failed", sent(None))
    assert Told(capfd.readouterr().err).last == ("i", "All scenes are queued. All done.")


def test_where_there_is_nothing_to_do_nothing_is_waited_for(
    consumer: Consumer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stash_tasks, "SHOWS_WITHIN", 60.0)
    consumer.answer = {"ok": True, "result": {"text": "0 scenes are tried again.", "count": 0}}
    began = time.monotonic()
    with consumer.running():
        run(str(consumer.folder), "retry_failed", sent(None))
    assert Told(capfd.readouterr().err).last == ("i", "0 scenes are tried again.")
    assert time.monotonic() - began < 20


def test_what_ended_badly_is_an_error_in_the_log(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    consumer.play = lambda _mode: consumer.show(
        done=[
            {"id": "reconcile", "text": "from before", "ok": True, "at": "2026-01-01T00:00:00Z"},
            {"id": "reconcile", "text": "Plex did not answer.", "ok": False, "at": now()},
        ]
    )
    with consumer.running():
        run(str(consumer.folder), "compare", sent(None))
    assert Told(capfd.readouterr().err).last == ("e", "Plex did not answer.")


def test_what_the_consumer_refuses_is_an_error(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    consumer.answer = {"ok": False, "error": {"kind": "busy", "text": "It is busy.", "remedy": "Try again."}}
    with consumer.running():
        run(str(consumer.folder), "compare", sent(None))
    assert Told(capfd.readouterr().err).last == ("e", "It is busy. Try again.")


def test_a_report_names_its_file(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    consumer.answer = {"ok": True, "result": {"file": "/data/report.txt"}}
    with consumer.running():
        run(str(consumer.folder), "report", sent(None))
    assert Told(capfd.readouterr().err).last == ("i", "It is in /data/report.txt.")


def test_without_a_consumer_what_was_asked_for_is_noted(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    run(str(consumer.folder), "sync_all", sent(None))
    level, text = Told(capfd.readouterr().err).last
    assert level == "e"
    assert "is noted, and done once the consumer runs" in text
    assert len(list((consumer.folder / "requests").glob("*.json"))) == 1


def test_a_consumer_that_ends_meanwhile_is_an_error(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    def play(_mode: str) -> None:
        consumer.show(now=rows(3))
        # The task has begun to watch by then.
        time.sleep(0.3)
        consumer.end()

    consumer.play = play
    with consumer.running():
        run(str(consumer.folder), "sync_all", sent(None))
    assert Told(capfd.readouterr().err).last == (
        "e",
        "The consumer has ended. It goes on with this when it runs again.",
    )


def test_an_unknown_task_is_an_error(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("dance", None, ["sync_all"]):
        run(str(consumer.folder), name, sent(None))
        level, text = Told(capfd.readouterr().err).last
        assert (level, "has no task" in text) == ("e", True)


# --- Giving way ------------------------------------------------------------------------------------------------------


def test_a_task_gives_way_when_another_job_waits(
    consumer: Consumer, stash: SimulatedStash, capfd: pytest.CaptureFixture[str]
) -> None:
    stash.require_auth("the key")
    stash.jobs.add_other("the task itself")
    looked = threading.Event()

    def play(_mode: str) -> None:
        consumer.show(now=rows(5))
        looked.wait(10)

    consumer.play = play
    with consumer.running():
        thread = threading.Thread(target=run, args=(str(consumer.folder), "sync_all", sent(stash)))
        thread.start()
        while not stash.counters.get("jobQueue"):
            time.sleep(0.01)
        assert thread.is_alive()
        stash.jobs.add_other("a scan")
        thread.join(10)
        assert not thread.is_alive()
        looked.set()
    stash.jobs.stop_all()
    level, text = Told(capfd.readouterr().err).last
    assert level == "i"
    assert "goes on in the background" in text
    assert "c2ltdWxhdGVk" not in text


@pytest.mark.parametrize("cookie", ["wrong", "a\r\nHost: evil", "a; b=c", ""])
def test_a_stash_that_does_not_tell_is_not_waited_for(
    consumer: Consumer, stash: SimulatedStash, capfd: pytest.CaptureFixture[str], cookie: str
) -> None:
    stash.require_auth("the key")
    stash.jobs.add_other("the task itself")
    stash.jobs.add_other("a scan")

    def play(_mode: str) -> None:
        consumer.show(now=rows(5))
        time.sleep(0.4)
        consumer.show(done=[{"id": "everything", "text": "Done.", "ok": True, "at": now()}])

    consumer.play = play
    with consumer.running():
        run(str(consumer.folder), "sync_all", sent(stash, cookie))
    stash.jobs.stop_all()
    assert Told(capfd.readouterr().err).last == ("i", "Done.")


# --- Start, stop, status ---------------------------------------------------------------------------------------------


def test_a_start_where_one_runs_says_so(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    with consumer.running():
        run(str(consumer.folder), "start", sent(None))
    assert Told(capfd.readouterr().err).last == ("i", "PlexSync runs.")


def test_a_restart_waits_for_the_next_one(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    def play(_mode: str) -> None:
        time.sleep(0.1)
        consumer.show(pid=2, since=now())

    consumer.play = play
    with consumer.running():
        run(str(consumer.folder), "restart", sent(None))
    assert consumer.modes == ["restart"]
    assert Told(capfd.readouterr().err).last == ("i", "PlexSync runs.")


def test_a_stop_waits_for_the_end(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    def play(_mode: str) -> None:
        time.sleep(0.1)
        consumer_record.stay_stopped(str(consumer.folder))
        consumer.end()

    consumer.play = play
    with consumer.running():
        run(str(consumer.folder), "stop", sent(None))
    assert consumer.modes == ["stop"]
    assert Told(capfd.readouterr().err).last == ("i", "The consumer is stopped, and stays so until you start it.")


def test_the_status_is_told_in_the_log(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    with consumer.running():
        finding = {"level": "fail", "name": "Plex", "text": "Plex does not answer.", "remedy": "Start it."}
        consumer.show(scenes={"synced": 7, "not_found": 1}, queue={"pending": 3}, findings=[finding])
        run(str(consumer.folder), "show_status", sent(None))
    told = Told(capfd.readouterr().err)
    assert ("w", "Plex does not answer. Start it.") in told.lines
    assert told.last == ("i", "PlexSync runs. Scenes synced: 7, not found: 1, in the queue: 3.")


def test_the_status_of_no_consumer_is_an_error(consumer: Consumer, capfd: pytest.CaptureFixture[str]) -> None:
    run(str(consumer.folder), "show_status", sent(None))
    assert Told(capfd.readouterr().err).last[0] == "e"
