"""A message is in the file until its work is done: claims, leases, and what cannot be worked on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import TaskException

from plexsync.queue import PlexSyncHuey, set_aside
from plexsync.queue.claims import MAX_DELIVERIES
from plexsync.queue.leases import Owner
from plexsync.queue.line import Line
from tests.support.clocks import ClockAhead
from tests.support.places import ROOT
from tests.support.queue_app.rig import new_queue, rows, run_next, until


@pytest.fixture
def double(huey: PlexSyncHuey) -> Any:
    @huey.task(retries=2)
    def double(number: int) -> int:
        return number * 2

    return double


def claims(huey: PlexSyncHuey) -> list[dict[str, Any]]:
    return rows(huey, "claim")


def reassign(huey: PlexSyncHuey, **changes: Any) -> None:
    """Let the claims belong to an owner that differs from this process in some parts."""
    owner = Owner.parse(claims(huey)[0]["owner"])
    assert owner is not None
    parts = {name: changes.get(name, getattr(owner, name)) for name in Owner.__slots__}
    with huey.storage.database.write() as connection:
        connection.execute("update claim set owner = ?", (str(Owner(**parts)),))


class TestClaiming:
    def test_a_claimed_message_stays_in_the_file_until_it_is_done(self, huey: PlexSyncHuey, double: Any) -> None:
        double(4)
        task = huey.dequeue()
        assert (huey.stats().pending, huey.stats().in_progress) == (0, 1)
        huey.execute(task)
        assert (huey.stats().pending, huey.stats().in_progress) == (0, 0)

    def test_the_highest_priority_is_first_and_equals_go_by_arrival(self, huey: PlexSyncHuey, double: Any) -> None:
        for number, priority in ((1, None), (2, 5), (3, -1), (4, 5), (5, None)):
            huey.enqueue(double.s(number, priority=priority))
        assert [run_next(huey).args[0] for _ in range(5)] == [2, 4, 1, 5, 3]

    def test_a_failed_task_is_acknowledged_once_its_retry_is_stored(self, huey: PlexSyncHuey) -> None:
        @huey.task(retries=1, retry_delay=60)
        def fail() -> None:
            raise ValueError("no")

        fail()
        run_next(huey)
        assert (huey.stats().scheduled, huey.stats().in_progress) == (1, 0)

    def test_a_retry_that_cannot_be_stored_leaves_the_message_claimed_and_then_it_returns(
        self, huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @huey.task(retries=1, retry_delay=60)
        def fail() -> None:
            raise ValueError("no")

        def full(*args: Any, **how: Any) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        fail()
        monkeypatch.setattr(huey.storage, "add_to_schedule", full)
        with pytest.raises(sqlite3.OperationalError):
            run_next(huey)
        assert (huey.stats().pending, huey.stats().in_progress) == (0, 1)
        assert huey.storage.recover() == 1
        assert (huey.stats().pending, huey.stats().in_progress) == (1, 0)

    def test_an_interrupted_task_goes_back_to_its_place(self, huey: PlexSyncHuey, double: Any) -> None:
        @huey.task()
        def interrupted() -> None:
            raise KeyboardInterrupt

        interrupted()
        double(1)
        first = run_next(huey)
        assert huey.stats().in_progress == 0
        assert huey.dequeue().id == first.id

    def test_a_task_whose_name_is_paused_gives_its_message_back_and_no_other_does(
        self, huey: PlexSyncHuey, double: Any
    ) -> None:
        answers: list[bool] = []

        @huey.task(context=True, coalesce=True)
        def asking(task: Any) -> None:
            answers.append(huey.give_back(task))

        assert not huey.give_back(double.s(1)), "it has no message that could go back"
        asking()
        run_next(huey)
        assert (answers, huey.stats().pending) == ([False], 0), "it would be handed out again at once"
        asking()
        task = huey.dequeue()
        name = huey.names.task_to_string(type(task))
        huey.storage.paused = lambda: [name]
        assert not huey.give_back(asking.s()), "paused, and yet it has no message"
        huey.execute(task)
        assert (answers, huey.stats().pending, claims(huey)) == ([False, True], 1, [])
        assert huey.dequeue() is None

    def test_a_result_that_json_cannot_say_is_an_error_and_not_a_rerun(self, huey: PlexSyncHuey) -> None:
        @huey.task()
        def odd() -> Any:
            return {1, 2}

        handle = odd()
        run_next(huey)
        assert huey.stats().in_progress == 0
        with pytest.raises(TaskException, match="set cannot be stored"):
            handle.get()

    def test_closing_gives_back_what_is_claimed(self, huey: PlexSyncHuey, double: Any) -> None:
        double(1)
        huey.dequeue()
        huey.storage.close()
        assert (huey.stats().pending, huey.stats().in_progress) == (1, 0)
        assert rows(huey, "task")[0]["deliveries"] == 0


class TestScheduleMove:
    def test_due_tasks_move_and_nothing_is_left_to_the_scheduler(self, huey: PlexSyncHuey, double: Any) -> None:
        for number in range(1200):
            huey.storage.add_to_schedule(huey.serialize_task(double.s(number)), datetime(2026, 1, 1), durable=False)
        double.schedule((7,), delay=3600)
        assert huey.read_schedule(datetime.now(UTC)) == []
        assert (huey.stats().pending, huey.stats().scheduled) == (1200, 1)

    def test_a_move_that_fails_half_way_leaves_all_where_they_were(
        self, huey: PlexSyncHuey, double: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            double.schedule((number,), delay=1)
        moved = Line.rejoin

        def die(line: Line, connection: Any, entry: Any) -> None:
            if json.loads(entry.data)["args"] == [2]:
                raise sqlite3.OperationalError("database or disk is full")
            moved(line, connection, entry)

        monkeypatch.setattr(Line, "rejoin", die)
        with pytest.raises(sqlite3.OperationalError):
            huey.read_schedule(datetime.now(UTC) + timedelta(hours=1))
        assert (huey.stats().pending, huey.stats().scheduled) == (0, 3)

    def test_times_are_read_the_same_through_a_change_of_clocks(
        self, huey: PlexSyncHuey, double: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # 02:30 does not exist as a local time on this day; Huey's naive times are UTC and know nothing of it.
        monkeypatch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        try:
            huey.storage.add_to_schedule(huey.serialize_task(double.s(1)), datetime(2026, 3, 29, 2, 30))
            huey.read_schedule(datetime(2026, 3, 29, 3, 0))
            assert huey.stats().pending == 1
        finally:
            monkeypatch.undo()
            time.tzset()


class TestRecovery:
    def test_a_live_owners_claim_stays_however_late_its_lease_seems(self, huey: PlexSyncHuey, double: Any) -> None:
        double(1)
        huey.dequeue()
        with huey.storage.database.write() as connection:
            connection.execute("update claim set lease_until = 0")
        other = new_queue(huey.storage.database.path.parent, lease=0.001)
        assert other.storage.recover() == 0
        time.sleep(0.01)
        assert other.storage.recover() == 0
        assert other.stats().in_progress == 1
        other.storage.close()

    def test_what_this_very_process_works_on_is_not_lost(self, huey: PlexSyncHuey, double: Any) -> None:
        double(1)
        task = huey.dequeue()
        with huey.storage.database.write() as connection:
            connection.execute("update claim set lease_until = 0")
        assert huey.storage.recover() == 0
        assert huey.stats().in_progress == 1
        huey.execute(task)
        assert (huey.stats().pending, huey.stats().in_progress) == (0, 0)

    def test_claims_of_a_process_that_is_gone_return_at_once(self, huey: PlexSyncHuey, double: Any) -> None:
        double(1)
        huey.dequeue()
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait(10)
        reassign(huey, pid=gone.pid)
        assert huey.storage.recover() == 1
        assert rows(huey, "task")[0]["deliveries"] == 1

    def test_a_killed_process_that_nobody_has_asked_after_is_gone(self, huey: PlexSyncHuey, double: Any) -> None:
        double(1)
        huey.dequeue()
        zombie = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            reassign(huey, pid=zombie.pid, started="")
            assert huey.storage.recover() == 0
            zombie.send_signal(signal.SIGKILL)
            until(lambda: huey.storage.recover() == 1)
        finally:
            zombie.communicate(timeout=10)

    @pytest.mark.parametrize(
        "changes",
        [
            {"pid": 1, "started": "1"},
            {"start_id": "before exec"},
            {"boot": "before the restart"},
        ],
        ids=["process id in use again", "same process id after exec", "same machine restarted"],
    )
    def test_an_owner_that_only_looks_alive_is_gone(
        self, huey: PlexSyncHuey, double: Any, changes: dict[str, Any]
    ) -> None:
        double(1)
        huey.dequeue()
        reassign(huey, **changes)
        assert huey.storage.recover() == 1

    def test_an_owner_in_another_container_is_gone_when_it_does_not_renew(
        self, huey: PlexSyncHuey, double: Any, clock: ClockAhead
    ) -> None:
        double(1)
        huey.dequeue()
        reassign(huey, namespace="pid:[1]")
        assert huey.storage.recover() == 0
        clock.pass_by(59)
        assert huey.storage.recover() == 0
        clock.pass_by(1)
        assert huey.storage.recover() == 1

    @pytest.mark.parametrize("jump", [-86400.0, 86400.0])
    def test_a_renewal_counts_even_with_the_clock_set_back_or_forward(
        self, huey: PlexSyncHuey, double: Any, clock: ClockAhead, jump: float
    ) -> None:
        double(1)
        huey.dequeue()
        reassign(huey, namespace="pid:[1]")
        for _ in range(5):
            assert huey.storage.recover() == 0
            clock.pass_by(40)
            with huey.storage.database.write() as connection:
                connection.execute("update claim set lease_until = lease_until + ?", (jump,))

    def test_the_heartbeat_renews_while_a_task_runs_and_then_rests(self, tmp_path: Path) -> None:
        huey = new_queue(tmp_path, lease=0.15)
        huey.task(name="slow")(lambda: None)()
        task = huey.dequeue()
        first = claims(huey)[0]["lease_until"]
        until(lambda: claims(huey)[0]["lease_until"] > first + 0.1)
        huey.execute(task)
        until(lambda: not any(thread.name == "heartbeat" for thread in threading.enumerate()))
        assert claims(huey) == []
        huey.storage.close()

    def test_a_renewed_lease_ends_later_than_before(self, tmp_path: Path) -> None:
        huey = new_queue(tmp_path, lease=1.5)
        huey.task(name="slow")(lambda: None)()
        task = huey.dequeue()
        first = claims(huey)[0]["lease_until"]
        until(lambda: claims(huey)[0]["lease_until"] != first)
        assert claims(huey)[0]["lease_until"] > first
        huey.execute(task)
        huey.storage.close()

    def test_lost_claims_return_while_a_consumer_waits_for_work(self, tmp_path: Path) -> None:
        huey = new_queue(tmp_path, lease=0.2)
        huey.task(name="lost")(lambda: None)()
        huey.dequeue()
        reassign(huey, pid=1, started="1")
        time.sleep(0.11)
        assert huey.dequeue() is not None
        huey.storage.close()

    def test_a_message_that_kills_every_worker_is_set_aside(self, huey: PlexSyncHuey, double: Any) -> None:
        handle = double(1)
        for _ in range(MAX_DELIVERIES):
            task = huey.dequeue()
            huey.storage.leave(task.claim_id)
            assert huey.storage.recover() == 1
        assert (huey.stats().pending, huey.stats().set_aside) == (0, 1)
        with pytest.raises(TaskException, match=f"handed out {MAX_DELIVERIES} times"):
            handle.get()


class TestOwners:
    """Whether another process can be seen to live, by what its claims say of it."""

    @staticmethod
    def here(**changes: Any) -> Owner:
        return replace(Owner("home", "boot 1", "pid:[1]", os.getpid(), "", "here"), **changes)

    @pytest.mark.parametrize(
        ("other", "alive"),
        [
            ({"boot": "boot 2"}, False),
            ({"boot": "boot 2", "host": "elsewhere"}, None),
            ({"boot": ""}, None),
            ({"namespace": "pid:[2]"}, None),
            ({"host": "another name of this machine"}, False),
        ],
    )
    def test_where_it_can_be_looked_up(self, other: dict[str, Any], alive: bool | None) -> None:
        assert self.here(pid=2**22 + 1, **other).is_alive(self.here()) is alive

    @pytest.mark.parametrize(("host", "alive"), [("home", False), ("elsewhere", None)])
    def test_without_a_boot_id_it_is_the_host_that_tells(self, host: str, alive: bool | None) -> None:
        other = self.here(boot="", namespace="", host=host, pid=2**22 + 1)
        assert other.is_alive(self.here(boot="", namespace="")) is alive

    def test_a_process_that_runs_is_alive_and_one_that_began_at_another_time_is_not(self) -> None:
        here = Owner.here()
        parent = replace(here, pid=os.getppid(), start_id="parent", started="")
        assert parent.is_alive(here) is True
        assert replace(parent, started="1").is_alive(here) is False
        here.retire()

    @pytest.mark.parametrize("text", ["", "a|b|c", "home|boot|pid|number|1|id", "home|boot|pid|1|1|id|more"])
    def test_what_is_no_owner_is_none(self, text: str) -> None:
        assert Owner.parse(text) is None


class TestSettingAside:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"\x80\x04K\x01.", "not JSON"),
            (b'{"v": 1, "id": "a", "name": "nobody.knows"}', "knows not found"),
            (b'{"v": 2, "id": "a", "name": "m.f"}', "newer PlexSync"),
        ],
    )
    def test_what_cannot_be_read_is_set_aside_with_one_warning_and_stops_nobody(
        self,
        huey: PlexSyncHuey,
        double: Any,
        caplog: pytest.LogCaptureFixture,
        data: bytes,
        reason: str,
    ) -> None:
        huey.storage.enqueue(data, 9)
        double(1)
        assert run_next(huey) is None
        assert run_next(huey).args == (1,)
        (item,) = huey.storage.set_aside_items()
        assert (item.data, item.origin) == (data, "queue")
        assert reason in item.reason
        assert huey.stats().in_progress == 0
        assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1

    def test_looking_at_the_queue_passes_over_what_cannot_be_read(self, huey: PlexSyncHuey, double: Any) -> None:
        huey.storage.enqueue(b"junk")
        double(1)
        assert [task.args for task in huey.pending()] == [(1,)]

    def test_only_the_newest_are_kept(self, huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(set_aside, "KEPT", 3)
        for number in range(5):
            huey.storage.enqueue(b"junk %d" % number)
            huey.dequeue()
        assert [item.data for item in huey.storage.set_aside_items()] == [b"junk 4", b"junk 3", b"junk 2"]


def test_nothing_is_lost_whichever_commit_a_process_dies_at(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.queue_app.crashes", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    crashes = [json.loads(line) for line in done.stdout.splitlines()]
    # Two scenes, each with at least a claim, a retry, an acknowledgement, a move, and all but the retry once more.
    assert sum(crash["died"] for crash in crashes) >= 2 * 2 * 7
    assert [crash for crash in crashes if crash["end"] != 0 or crash["synced"] != [1, 2]] == []
