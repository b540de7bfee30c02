"""Whatever goes wrong between a claim and the run: the message is there, and whoever met it rests before it goes on."""

from __future__ import annotations

import logging
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huey import signals

from plexsync.queue import PlexSyncHuey, QueueConsumer
from plexsync.queue import storage as storage_module
from plexsync.queue.claims import MAX_UNREAD
from plexsync.queue.leases import Heartbeat
from plexsync.queue.line import Line
from plexsync.queue.storage_health import PatientScheduler, patient
from plexsync.queue.wakeup import Wakeup
from tests.support.queue_app.rig import consumer, is_empty, new_queue, noted, rows, run_next, send, sender, until

NO_THREAD = RuntimeError("can't start new thread")


@pytest.fixture
def huey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlexSyncHuey]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    huey = new_queue(tmp_path)
    yield huey
    huey.storage.close()


@pytest.fixture
def done(huey: PlexSyncHuey) -> list[int]:
    """What the task ``work`` was run with."""
    done: list[int] = []

    def work(number: int) -> None:
        done.append(number)

    huey.task(coalesce=True, name="work")(work)
    return done


def queue(huey: PlexSyncHuey, *numbers: int) -> None:
    task = huey.names.string_to_task(f"{__name__}.work")
    huey.enqueue_many(task((number,)) for number in numbers)


def place(huey: PlexSyncHuey) -> tuple[int, int, int]:
    """How many wait, are in progress, and how often the first was handed out."""
    stats = huey.stats()
    waiting = rows(huey, "task")
    return stats.pending, stats.in_progress, waiting[0]["deliveries"] if waiting else 0


def raising(error: BaseException) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


# --- Between the claim and the run -----------------------------------------------------------------------------------


def test_a_message_goes_back_where_no_thread_can_be_started(
    huey: PlexSyncHuey, done: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(huey, 1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", raising(NO_THREAD))
        for _ in range(30):
            with pytest.raises(RuntimeError, match="can't start"):
                huey.dequeue()
            assert place(huey) == (1, 0, 0)
    assert run_next(huey) is not None
    assert done == [1]
    assert is_empty(huey)


#: Errors that are not the message's fault, however often they come.
OF_THE_MOMENT = [NO_THREAD, MemoryError(), OSError(11, "no more"), sqlite3.OperationalError("locked"), SystemExit()]


@pytest.mark.parametrize("error", OF_THE_MOMENT, ids=repr)
@pytest.mark.parametrize("where", ["deserialize", "is_revoked", "_run_pre_execute"])
def test_a_message_goes_back_whatever_happens_before_its_run(
    huey: PlexSyncHuey, done: list[int], monkeypatch: pytest.MonkeyPatch, where: str, error: BaseException
) -> None:
    huey.pre_execute()(lambda _task: None)
    queue(huey, 1, 2)
    owner = huey.serializer if where == "deserialize" else huey
    with monkeypatch.context() as patch:
        patch.setattr(owner, where, raising(error))
        for _ in range(MAX_UNREAD * 3):
            with pytest.raises(type(error)):
                run_next(huey)
            assert place(huey) == (2, 0, 0)
    while run_next(huey) is not None:
        pass
    assert done == [1, 2]


@pytest.mark.parametrize("where", ["deserialize", "is_revoked"])
def test_a_message_that_nobody_can_begin_with_is_set_aside_and_the_next_one_gets_its_turn(
    huey: PlexSyncHuey, done: list[int], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    queue(huey, 1, 2)
    owner: Any = huey.serializer if where == "deserialize" else huey
    original = getattr(owner, where)

    def fail(what: Any, *args: Any, **how: Any) -> Any:
        if b"[1]" in (what if isinstance(what, bytes) else str(list(what.args)).encode()):
            raise ZeroDivisionError("nobody foresaw this")
        return original(what, *args, **how)

    with monkeypatch.context() as patch:
        patch.setattr(owner, where, fail)
        for _ in range(MAX_UNREAD):
            with pytest.raises(ZeroDivisionError):
                run_next(huey)
        assert run_next(huey) is not None
    assert done == [2]
    (item,) = huey.storage.set_aside_items()
    assert "nobody foresaw this" in item.reason
    assert huey.take_up_again() == 1, "at the next start it is tried again"
    run_next(huey)
    assert done == [2, 1]


def test_a_message_that_nobody_can_read_keeps_no_consumer_from_starting(
    huey: PlexSyncHuey, done: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(huey, 1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(huey.serializer, "deserialize", raising(ZeroDivisionError("nobody foresaw this")))
        for _ in range(MAX_UNREAD):
            with pytest.raises(ZeroDivisionError):
                huey.dequeue()
        assert huey.stats().set_aside == 1
        QueueConsumer(huey, workers=1).tidy_up()
        assert huey.stats().set_aside == 1
    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "recover", raising(ZeroDivisionError("nobody foresaw this")))
        QueueConsumer(huey, workers=1).tidy_up()
    QueueConsumer(huey, workers=1).tidy_up()
    while run_next(huey) is not None:
        pass
    assert sorted(done) == [1, 2]


@pytest.mark.parametrize("signal_name", [signals.SIGNAL_EXECUTING, signals.SIGNAL_COMPLETE, signals.SIGNAL_ENQUEUED])
def test_a_signal_handler_that_fails_keeps_no_task_from_its_run(
    huey: PlexSyncHuey, done: list[int], signal_name: str
) -> None:
    huey.signal(signal_name)(raising(ZeroDivisionError()))
    queue(huey, 1)
    run_next(huey)
    assert done == [1]
    assert is_empty(huey)


def test_where_giving_it_back_fails_too_it_is_found_by_the_next_look(
    huey: PlexSyncHuey, done: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(huey, 1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", raising(NO_THREAD))
        patch.setattr(Line, "put_back", raising(sqlite3.OperationalError("disk full")))
        with pytest.raises(sqlite3.OperationalError):
            huey.dequeue()
    assert place(huey)[:2] == (0, 1)
    huey.storage.recover()
    assert place(huey)[:2] == (1, 0)
    run_next(huey)
    assert done == [1]


def test_what_cannot_be_told_of_a_task_that_nobody_knows_is_set_aside_all_the_same(huey: PlexSyncHuey) -> None:
    with huey.storage.database.write() as connection:
        connection.execute(
            "insert into task (queue, data, enqueued_at) values (?, ?, 0)",
            (huey.name, b'{"v": 1, "id": "a", "name": "\\udcff"}'),
        )
    assert huey.dequeue() is None
    assert r"\xff" in huey.storage.set_aside_items()[0].reason
    assert is_empty(huey)


# --- Real consumers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["threads", "dequeue", "execute", "schedule"])
def test_a_consumer_goes_on_when_it_is_over_and_its_log_stays_small(tmp_path: Path, kind: str) -> None:
    queue = sender(tmp_path)
    (tmp_path / "hindrance").touch()
    with consumer(tmp_path, "-w", "4", "-c", "1", hindered=kind) as process:
        for number in range(10):
            send(queue, number)
        until(lambda: b"started with" in (tmp_path / "log").read_bytes())
        time.sleep(3)
        assert process.poll() is None
        assert (tmp_path / "log").stat().st_size < 30_000
        if kind != "schedule":
            assert noted(tmp_path, "start") == []
            assert queue.stats().pending + queue.stats().in_progress == 10
        (tmp_path / "hindrance").unlink()
        until(lambda: sorted(set(noted(tmp_path, "end"))) == list(range(10)), 30)
        until(lambda: is_empty(queue))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert len(noted(tmp_path, "start")) == 10
    queue.storage.close()


# --- The loops -------------------------------------------------------------------------------------------------------


class Flag:
    """Stands for the stop flag: notes the waits, and waits for none."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def is_set(self) -> bool:
        return False


@pytest.fixture
def parts(huey: PlexSyncHuey) -> tuple[Any, Any, Flag]:
    """A worker, a scheduler and their stop flag."""
    consumer = QueueConsumer(huey, workers=1)
    flag = Flag()
    worker = consumer.worker_threads[0][0]
    scheduler = patient(PatientScheduler(huey, flag, 1, periodic=True), worker.health)
    worker.stop_flag = scheduler.stop_flag = flag
    return worker, scheduler, flag


def test_a_worker_rests_longer_and_longer_and_tells_once(
    huey: PlexSyncHuey, parts: tuple[Any, Any, Flag], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker, _, flag = parts
    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "dequeue", raising(UnicodeError("nobody foresaw this")))
        for _ in range(20):
            worker.loop()
    assert flag.waits[:4] == [0.1, 0.2, 0.4, 0.8]
    assert flag.waits[-1] == 5.0
    assert len([one for one in caplog.records if one.levelno >= logging.ERROR]) == 1
    worker.loop()
    with monkeypatch.context() as patch:
        patch.setattr(huey.storage, "dequeue", raising(UnicodeError("nobody foresaw this")))
        worker.loop()
    assert flag.waits[-1] == 0.1, "it went well in between"


def test_a_scheduler_survives_what_nobody_foresaw(
    huey: PlexSyncHuey, parts: tuple[Any, Any, Flag], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _, scheduler, flag = parts
    for where in ("read_schedule", "shift_schedule"):
        with monkeypatch.context() as patch:
            patch.setattr(huey.storage, where, raising(UnicodeError("nobody foresaw this")))
            patch.setattr(type(scheduler), "_follow_clock", lambda self: self.huey.storage.shift_schedule(0.0))
            for _ in range(10):
                scheduler.loop()
    assert len(flag.waits) == 20
    assert len([one for one in caplog.records if one.levelno >= logging.ERROR]) <= 2


def test_a_heartbeat_survives_what_nobody_foresaw(caplog: pytest.LogCaptureFixture) -> None:
    beats: list[int] = []

    def renew() -> None:
        beats.append(1)
        raise UnicodeError("nobody foresaw this")

    heartbeat = Heartbeat(0.01, renew, lambda: False)
    heartbeat.ensure()
    until(lambda: len(beats) > 5)
    heartbeat.stop()
    assert len(caplog.records) == 1


def test_a_heartbeat_that_could_not_start_starts_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[int] = []
    heartbeat = Heartbeat(0.01, lambda: beats.append(1), lambda: False)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", raising(NO_THREAD))
        with pytest.raises(RuntimeError):
            heartbeat.ensure()
    heartbeat.ensure()
    until(lambda: bool(beats))
    heartbeat.stop()


def test_whoever_looks_for_work_and_fails_leaves_the_looking_to_others() -> None:
    fails = True

    def changed() -> bool:
        if fails:
            raise UnicodeError("nobody foresaw this")
        return True

    wakeup = Wakeup(changed, lambda: False)
    with pytest.raises(UnicodeError):
        wakeup.wait(wakeup.token(), 5)
    fails = False
    woken = threading.Event()

    def wait() -> None:
        wakeup.wait(wakeup.token(), 5)
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    assert woken.wait(2)


def test_a_consumer_whose_look_after_its_workers_fails_goes_on(
    huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = QueueConsumer(huey, workers=1)
    monkeypatch.setattr(consumer, "_create_worker", raising(NO_THREAD))
    assert consumer.check_worker_health() is False
