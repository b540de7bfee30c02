"""The consumer finishes what runs, and starts anew in its own place; who stops it has the last word."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.cli.anew import ANEW_SIGNAL, STARTED_BY_SCRIPT, Anew
from plexsync.cli.updates import UpdateWatch
from plexsync.installation.program_files import FilesState, ProgramFiles
from plexsync.queue.consumer import QueueConsumer
from plexsync.storage.consumer_lock import INHERITED, only_consumer, running_consumer
from tests.support.queue_app.rig import new_queue

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, ANEW_SIGNAL, signal.SIGPIPE, signal.SIGXFSZ)


@pytest.fixture(autouse=True)
def _own_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # A consumer stands back behind others; the process of the tests could not take that back.
    monkeypatch.setattr(os, "setpriority", lambda *_: None)
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


class Became:
    """What the process would have become."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str], dict[str, str]]] = []
        self.signals: dict[signal.Signals, object] = {}

    def __call__(self, path: str, arguments: list[str], environment: dict[str, str]) -> None:
        self.calls.append((path, arguments, environment))
        self.signals = {signum: signal.getsignal(signum) for signum in SIGNALS}


def go(anew: Anew) -> None:
    with pytest.raises(OSError, match="goes on"):
        anew.go()


def test_it_becomes_the_script_with_its_arguments_and_environment_and_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STARTED_BY_SCRIPT, "/plugins/PlexSync/huey_consumer.sh")
    monkeypatch.setenv("PLEXSYNC_WORKERS", "3")
    monkeypatch.setattr(sys, "argv", ["consumer.py", "-w", "2"])
    became = Became()
    anew = Anew(became)
    anew.take_signals()
    with pytest.raises(SystemExit):
        anew.ask()
    with only_consumer(tmp_path) as lock:
        anew.keep_if_wanted(lock)
    assert running_consumer(tmp_path) is not None
    go(anew)
    ((path, arguments, environment),) = became.calls
    assert (path, arguments) == ("/bin/sh", ["/bin/sh", "/plugins/PlexSync/huey_consumer.sh", "-w", "2"])
    assert environment["PLEXSYNC_WORKERS"] == "3"
    assert became.signals == dict.fromkeys(SIGNALS[:3], signal.SIG_DFL) | {
        ANEW_SIGNAL: became.signals[ANEW_SIGNAL],
        signal.SIGPIPE: signal.SIG_DFL,
        signal.SIGXFSZ: signal.SIG_DFL,
    }
    monkeypatch.setenv(INHERITED, environment[INHERITED])
    with only_consumer(tmp_path):
        assert running_consumer(tmp_path) is not None
    assert running_consumer(tmp_path) is None


def test_without_the_script_it_becomes_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STARTED_BY_SCRIPT, raising=False)
    became = Became()
    go(Anew(became))
    ((path, arguments, _),) = became.calls
    assert (path, arguments) == (sys.executable, [sys.executable, *sys.orig_argv[1:]])


def test_what_was_started_to_outlive_its_terminal_still_does() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    became = Became()
    anew = Anew(became)
    anew.take_signals()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    go(anew)
    assert became.signals[signal.SIGHUP] is signal.SIG_IGN


def test_who_stops_it_before_it_runs_has_the_last_word() -> None:
    anew = Anew(Became())
    anew.take_signals()
    with pytest.raises(SystemExit):
        anew.ask()
    with pytest.raises(SystemExit):
        os.kill(os.getpid(), signal.SIGTERM)
    assert not anew.is_wanted
    anew.ask()
    assert not anew.is_wanted


@pytest.mark.parametrize(
    ("signals", "restarts"),
    [
        ([ANEW_SIGNAL], True),
        ([signal.SIGTERM], False),
        ([signal.SIGTERM, ANEW_SIGNAL], False),
        ([ANEW_SIGNAL, signal.SIGTERM], False),
    ],
)
def test_what_runs_is_finished_first(tmp_path: Path, signals: list[signal.Signals], restarts: bool) -> None:
    huey = new_queue(tmp_path)
    began, done = threading.Event(), []

    @huey.task(name="work")
    def work() -> None:
        began.set()
        consumer.stop_flag.wait(10)
        if len(signals) > 1:
            os.kill(os.getpid(), signals[1])
        done.append(1)

    work()
    consumer = QueueConsumer(huey, workers=1)

    def send() -> None:
        began.wait(10)
        os.kill(os.getpid(), signals[0])

    thread = threading.Thread(target=send)
    thread.start()
    assert consumer.run_to_end() is restarts
    thread.join()
    assert done == [1]
    assert huey.stats().in_progress == 0


class Files(ProgramFiles):
    """Files that stand as a test says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.standing = FilesState.SAME

    def look(self) -> FilesState:
        return self.standing


def test_while_an_update_is_on_its_way_nothing_new_begins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    anew, files = Anew(Became()), Files(tmp_path)
    watch = UpdateWatch(anew, files)
    assert not watch.look()
    assert not anew.is_update_coming
    assert caplog.text == ""
    files.standing = FilesState.CHANGING
    assert not watch.look()
    assert anew.is_update_coming
    files.fault = "tasks/app.py is missing"
    for _ in range(5):
        assert not watch.look()
    assert not anew.is_update_coming, "half of it may be all that comes"
    assert caplog.text.count("tasks/app.py is missing") == 1
    files.standing, files.fault = FilesState.SAME, ""
    watch.look()
    assert "as they were before" in caplog.text


@pytest.mark.parametrize(("standing", "wanted"), [(FilesState.NEW, True), (FilesState.GONE, False)])
def test_what_follows_once_all_is_there_or_gone(tmp_path: Path, standing: FilesState, wanted: bool) -> None:
    anew, files = Anew(Became()), Files(tmp_path)
    anew.take_signals()
    files.standing = standing
    with pytest.raises(SystemExit):
        UpdateWatch(anew, files).look()
    assert anew.is_wanted is wanted
