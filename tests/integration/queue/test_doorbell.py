"""The doorbell: whoever lays something wakes the consumer, and what does not ring is found all the same."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files, event_reading, request_files
from plexsync.queue import PlexSyncHuey, listening, storage
from plexsync.queue.courtesy import FOLLOWS, REST, WORK, Courtesy
from plexsync.queue.doorbell import Doorbell
from plexsync.queue.listening import DOUBT, LOOK_RUNG, LOOK_UNRUNG, RINGS_WITHIN, Reliance
from plexsync.queue.signal_wait import SignalWait
from plexsync.queue.wakeup import Wakeup
from tests.support.clocks import ManualClock
from tests.support.queue_app.rig import new_queue, send, sender, until


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[Doorbell]:
    bell = Doorbell(tmp_path)
    yield bell
    bell.remove()


def lay(folder: Path, scene: int = 45) -> str:
    return event_files.put(str(folder / event_files.FOLDER), event_files.message(scene, "Scene.Update.Post"))


# --- ringing ----------------------------------------------------------------------------------------------------------


def test_each_event_that_is_laid_rings_once(tmp_path: Path, bell: Doorbell) -> None:
    assert bell.is_there()
    lay(tmp_path)
    lay(tmp_path)
    assert bell.wait(0) == 2
    assert bell.wait(0) == 0


def test_a_request_and_whoever_begins_to_watch_ring(tmp_path: Path, bell: Doorbell) -> None:
    assert bell.is_there()
    request_files.lay(str(tmp_path), "status", {}, durable=False)
    assert bell.wait(0) == 1
    request_files.watch(str(tmp_path))
    assert bell.wait(0) == 1


def test_a_doorbell_that_is_full_of_rings_holds_up_nobody(tmp_path: Path, bell: Doorbell) -> None:
    assert bell.is_there()
    end = os.open(tmp_path / "doorbell", os.O_WRONLY | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(end, b"." * 4096)
    os.close(end)
    event_files.ring(str(tmp_path))
    assert bell.wait(0) > 4096


@pytest.mark.parametrize("what", ["nothing", "a pipe of a consumer that died", "a file", "a folder", "a link"])
def test_an_event_is_laid_whatever_stands_in_the_doorbells_place(tmp_path: Path, what: str) -> None:
    place, elsewhere = tmp_path / "doorbell", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    if what == "a file":
        place.write_bytes(b"mine")
    elif what == "a folder":
        place.mkdir()
    elif what == "a link":
        place.symlink_to(elsewhere)
    elif what != "nothing":
        os.mkfifo(place)
    path = lay(tmp_path)
    assert event_reading.read(path)["args"] == [45]
    assert elsewhere.read_bytes() == b"mine"
    assert what != "a file" or place.read_bytes() == b"mine"


# --- the pipe ---------------------------------------------------------------------------------------------------------


def test_the_doorbell_is_private_and_gone_when_nobody_listens(tmp_path: Path, bell: Doorbell) -> None:
    assert bell.is_there()
    found = (tmp_path / "doorbell").stat()
    assert stat.S_ISFIFO(found.st_mode)
    assert stat.S_IMODE(found.st_mode) == 0o600
    bell.remove()
    assert not (tmp_path / "doorbell").exists()


def test_the_doorbell_that_a_killed_consumer_left_is_used_again_and_closed_to_others(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "doorbell", 0o600)
    (tmp_path / "doorbell").chmod(0o666)
    bell = Doorbell(tmp_path)
    assert bell.is_there()
    assert stat.S_IMODE((tmp_path / "doorbell").stat().st_mode) == 0o600
    lay(tmp_path)
    assert bell.wait(0) == 1
    bell.remove()


def test_a_doorbell_that_was_deleted_is_made_anew(tmp_path: Path, bell: Doorbell) -> None:
    assert bell.is_there()
    (tmp_path / "doorbell").unlink()
    assert bell.is_there()
    lay(tmp_path)
    assert bell.wait(0) == 1


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda place: place.write_bytes(b"mine"), "no named pipe but a file"),
        (lambda place: place.mkdir(), "a folder"),
        (lambda place: place.symlink_to("elsewhere"), "a link"),
    ],
)
def test_what_stands_in_its_place_is_named_once_and_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, make: Callable[[Path], object], named: str
) -> None:
    place = tmp_path / "doorbell"
    make(place)
    bell = Doorbell(tmp_path)
    assert not bell.is_there()
    assert not bell.is_there()
    bell.remove()
    assert os.path.lexists(place)
    assert [record.message.count(named) for record in caplog.records] == [1]


def test_where_no_pipe_can_be_made_nobody_is_hindered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "mkfifo", refuse)
    assert not Doorbell(tmp_path).is_there()


# --- hearing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def huey(tmp_path: Path) -> Iterator[PlexSyncHuey]:
    huey = new_queue(tmp_path)
    yield huey
    huey.storage.close()


def worker(huey: PlexSyncHuey) -> Callable[[], Any]:
    """A worker that waits for work; what it is handed."""
    found: list[Any] = []

    def work() -> None:
        while not found:
            found.append(huey.storage.dequeue())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def claimed() -> Any:
        thread.join(20)
        return found[0]

    return claimed


@pytest.fixture
def only_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by himself, and nobody waits for less than the test may take."""
    monkeypatch.setattr(listening, "LOOK_RUNG", 3600.0)
    monkeypatch.setattr(storage, "PATIENCE_LISTENING", 3600.0)


def listen(huey: PlexSyncHuey, folder: Path) -> None:
    huey.storage.arrivals.listen()
    until(lambda: (folder / "doorbell").exists())
    # The ring that the listening itself counts as is over.
    huey.storage.arrivals.reliance._rung_at = float("-inf")


@pytest.mark.usefixtures("only_rings")
def test_a_worker_is_woken_by_an_event(tmp_path: Path, huey: PlexSyncHuey) -> None:
    listen(huey, tmp_path)
    claimed = worker(huey)
    lay(tmp_path)
    assert claimed() is not None


@pytest.mark.usefixtures("only_rings")
def test_a_worker_is_woken_by_what_another_process_queues(tmp_path: Path, huey: PlexSyncHuey) -> None:
    listen(huey, tmp_path)
    claimed = worker(huey)
    other = sender(tmp_path)
    send(other, 7)
    assert claimed() is not None
    other.storage.close()


@pytest.mark.usefixtures("only_rings")
def test_the_doorbell_is_taken_away_when_the_queue_is_closed(tmp_path: Path, huey: PlexSyncHuey) -> None:
    listen(huey, tmp_path)
    huey.storage.close()
    assert not (tmp_path / "doorbell").exists()
    assert not huey.storage.arrivals.is_listening


def test_an_event_that_does_not_ring_is_found(
    tmp_path: Path, huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "PATIENCE_LISTENING", 3600.0)
    monkeypatch.setattr(event_files, "ring", lambda _folder: None)
    listen(huey, tmp_path)
    claimed = worker(huey)
    lay(tmp_path)
    assert claimed() is not None


def test_whoever_waits_does_not_look_where_somebody_else_does() -> None:
    looks: list[int] = []
    wakeup = Wakeup(lambda: bool(looks.append(1)), lambda: False)
    wakeup.is_looked_for = True
    wakeup.wait(wakeup.token(), 0.3)
    assert not looks


# --- relying on it ----------------------------------------------------------------------------------------------------


def test_where_everybody_rings_nobody_looks_often() -> None:
    clock = ManualClock()
    reliance = Reliance(clock)
    for _ in range(10):
        clock.advance(60)
        reliance.rung()
        reliance.found()
        clock.advance(60)
        assert reliance.pause() == LOOK_RUNG


def test_a_ring_may_come_after_what_it_is_about() -> None:
    clock = ManualClock()
    reliance = Reliance(clock)
    reliance.found()
    clock.advance(RINGS_WITHIN - 0.1)
    reliance.rung()
    clock.advance(60)
    assert reliance.pause() == LOOK_RUNG


def test_where_something_did_not_ring_it_is_looked_for_often_until_none_has_come_for_long() -> None:
    clock = ManualClock()
    reliance = Reliance(clock)
    reliance.found()
    clock.advance(RINGS_WITHIN + 0.1)
    assert reliance.pause() == LOOK_UNRUNG
    clock.advance(DOUBT - 1)
    reliance.found()
    clock.advance(DOUBT - 1)
    assert reliance.pause() == LOOK_UNRUNG
    clock.advance(2)
    assert reliance.pause() == LOOK_RUNG


# --- giving way -------------------------------------------------------------------------------------------------------


def test_one_event_is_worked_on_at_once() -> None:
    courtesy = Courtesy(ManualClock())
    courtesy.event()
    assert courtesy.rest() == 0


def test_work_rests_while_more_events_come_and_goes_on_when_they_end() -> None:
    clock = ManualClock()
    courtesy = Courtesy(clock)
    courtesy.event()
    clock.advance(0.02)
    courtesy.event()
    assert courtesy.rest() == pytest.approx(FOLLOWS)
    clock.advance(FOLLOWS + 0.01)
    assert courtesy.rest() == 0


def test_a_stream_without_end_starves_nobody() -> None:
    clock = ManualClock()
    courtesy = Courtesy(clock)
    rested = 0
    steps = round((REST + WORK) * 100 * 10)
    for _ in range(steps):
        courtesy.event()
        rested += courtesy.rest() > 0
        clock.advance(0.01)
    assert 0.4 < rested / steps < 0.6


# --- signals ----------------------------------------------------------------------------------------------------------


def test_a_signal_ends_the_wait_at_once_also_one_that_came_before() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR2, lambda signum, _frame: heard.append(signum))
    try:
        with SignalWait() as signals:
            os.kill(os.getpid(), signal.SIGUSR2)
            began = time.monotonic()
            signals.wait(60)
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR2)).start()
            signals.wait(60)
            assert time.monotonic() - began < 30
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert heard == [signal.SIGUSR2] * 2


# --- who is woken ----------------------------------------------------------------------------------------------------


class Sleepers:
    """Threads that wait for work, and how often each was woken."""

    def __init__(self, count: int) -> None:
        self.is_over = False
        self.wakeup = Wakeup(lambda: False, lambda: self.is_over)
        self.wakeup.is_looked_for = True
        self.woken = 0
        self._ready = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._sleep) for _ in range(count)]
        for thread in self._threads:
            thread.start()
        until(self.all_sleep)

    def _sleep(self) -> None:
        while not self.is_over:
            with self._lock:
                self._ready += 1
            self.wakeup.wait(self.wakeup.token(), 30)
            with self._lock:
                self._ready -= 1
                self.woken += 1

    def all_sleep(self) -> bool:
        return self._ready == len(self._threads) == len(self.wakeup._condition._waiters)  # type: ignore[attr-defined]

    def stop(self) -> None:
        self.is_over = True
        self.wakeup.notify()
        for thread in self._threads:
            thread.join(10)


@pytest.mark.parametrize(("messages", "woken"), [(1, 1), (3, 3), (9, 4), (None, 4)])
def test_as_many_workers_are_woken_as_there_is_work_for(messages: int | None, woken: int) -> None:
    sleepers = Sleepers(4)
    try:
        sleepers.wakeup.notify(messages)
        until(lambda: sleepers.woken >= woken and sleepers.all_sleep())
        assert sleepers.woken == woken
    finally:
        sleepers.stop()


def test_a_worker_that_finds_more_than_it_takes_wakes_another(tmp_path: Path, huey: PlexSyncHuey) -> None:
    woken: list[int | None] = []
    task = huey.task(name="one")(lambda _number: None)
    for number in range(3):
        task(number)
    huey.storage.arrivals.notify = woken.append  # type: ignore[method-assign]
    for _ in range(3):
        huey.dequeue()
    assert woken == [1, 1]


def test_an_acknowledgement_wakes_nobody_unless_a_message_waited_for_it(huey: PlexSyncHuey) -> None:
    woken: list[int | None] = []
    task = huey.task(name="one", coalesce=True)(lambda _number: None)
    bulk = huey.task(name="bulk", exclusive=True)(lambda: None)
    huey.storage.arrivals.notify = woken.append  # type: ignore[method-assign]
    task(1)
    huey.execute(huey.dequeue())
    assert woken == []
    task(1)
    claimed = huey.dequeue()
    task(1)
    huey.execute(claimed)
    assert woken == [1]
    huey.execute(huey.dequeue())
    bulk()
    huey.execute(huey.dequeue())
    assert woken == [1, 1]


def test_work_whose_worker_never_woke_is_found_by_the_one_that_looks(huey: PlexSyncHuey) -> None:
    woken: list[int | None] = []
    task = huey.task(name="one")(lambda: None)
    task()
    huey.storage.arrivals._wakeup.notify = woken.append  # type: ignore[method-assign]
    huey.storage.arrivals._look_for_others()
    assert woken == [1]
    huey.dequeue()
    huey.storage.arrivals._look_for_others()
    assert woken == [1]


@pytest.mark.usefixtures("only_rings")
def test_a_worker_that_sleeps_is_woken_when_lost_claims_are_to_be_looked_for(
    tmp_path: Path, huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    monkeypatch.setattr(huey.storage, "recover", looked.set)
    listen(huey, tmp_path)
    worker(huey)
    until(lambda: len(huey.storage.arrivals._wakeup._condition._waiters) == 1)  # type: ignore[attr-defined]
    assert not looked.is_set()
    huey.storage._recover_at = 0.0
    huey.storage.arrivals._look_for_others()
    assert looked.wait(20)
    assert huey.storage._recover_at > time.monotonic()


# --- nothing happens --------------------------------------------------------------------------------------------------


def test_at_a_standstill_the_database_is_asked_nothing(huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals, asked = huey.storage.arrivals, []
    monkeypatch.setattr(arrivals.standstill, "lasts", lambda: True)
    monkeypatch.setattr(arrivals, "_is_work_there", lambda: asked.append("work"))
    arrivals.glances.add(lambda: asked.append("glance"))
    arrivals._look_for_others()
    assert asked == []
    monkeypatch.setattr(arrivals.standstill, "lasts", lambda: False)
    arrivals._look_for_others()
    assert asked == ["glance", "work"]


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_clock_that_is_set_has_the_schedule_looked_at(
    huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    arrivals, now = huey.storage.arrivals, time.time
    monkeypatch.setattr(arrivals.standstill, "lasts", lambda: True)
    arrivals._look_for_others()
    assert not arrivals.schedule_changed.is_set()
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    arrivals._look_for_others()
    assert arrivals.schedule_changed.is_set()
    arrivals.schedule_changed.clear()
    arrivals._look_for_others()
    assert not arrivals.schedule_changed.is_set()
