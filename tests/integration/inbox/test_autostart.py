"""Whom the hook starts, and whom it leaves alone: real hooks, and real processes that stand for the consumer."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.inbox import consumer_record
from plexsync.inbox.autostart import is_held
from tests.support.hook_runner import command, stash_sends
from tests.support.started_consumer import StartedConsumer, is_alive, until

NO_PYTHON = """#!/bin/sh
echo "PlexSync's consumer needs Python 3.11 or newer. Install it:" >&2
exit 1
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[StartedConsumer]:
    place = StartedConsumer(tmp_path)
    yield place
    place.close()


# --- It starts -------------------------------------------------------------------------------------------------------


def test_the_first_hook_starts_the_consumer_away_from_stash(place: StartedConsumer) -> None:
    assert "no consumer runs: it is being started" in place.hook()
    pid = place.running()

    assert place.scenes() == [45]
    assert os.getsid(pid) == pid
    log = place.data / "consumer.log"
    streams = [Path(f"/proc/{pid}/fd/{number}").readlink() for number in range(3)]
    assert streams == [Path(os.devnull), log, log]
    until(lambda: "the consumer speaks" in log.read_text())
    assert log.stat().st_mode & 0o777 == 0o600
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"PLEXSYNC_STARTED_BY=stash\0" in environment
    assert b"SECRET" not in environment
    assert place.life() == {
        "state": "running",
        "since": "2026-11-27T02:00:00Z",
        "text": "PlexSync runs.",
        "remedy": None,
        "can_start": False,
    }


def test_many_hooks_at_once_start_one(place: StartedConsumer) -> None:
    place.data.mkdir()
    argv = command(plugin=place.plugin)
    processes = [place.start(stash_sends(number), argv) for number in range(1, 17)]
    for process in processes:
        process.communicate(timeout=60)
    place.running()
    place.hook()

    assert len(place.starts) == 1
    assert len(place.scenes()) == 17


def test_one_that_was_killed_is_started_again_but_not_at_once(place: StartedConsumer) -> None:
    place.hook()
    pid = place.running()
    place.end(pid, signal.SIGKILL)
    life = place.life()
    assert (life["state"], life["can_start"], life["remedy"]) == ("dead", True, "It is started again within a minute.")
    assert len(place.starts) == 1

    place.let_time_pass()
    assert "it is being started" in place.hook()
    until(lambda: len(place.starts) == 2)
    assert place.running() != pid


def test_a_consumer_that_a_power_cut_ended_is_started_again(place: StartedConsumer) -> None:
    place.hook()
    pid = place.running()
    place.end(pid, signal.SIGKILL)
    place.record(boot="another", stash="another:1:1")
    place.let_time_pass()
    place.operate(mode="status")
    until(lambda: len(place.starts) == 2)
    assert place.running() != pid


def test_after_the_end_of_stash_its_next_process_starts_one(place: StartedConsumer) -> None:
    place.hook()
    place.end(place.running(), signal.SIGTERM)
    assert place.is_recorded("stopped")
    place.record(stash="another:1:1")
    place.let_time_pass()
    place.hook()
    until(lambda: len(place.starts) == 2)


def test_a_second_stash_on_the_same_data_starts_none_beside_the_first(place: StartedConsumer) -> None:
    place.hook()
    place.running()
    # It writes nothing for a while, as on a full disk.
    place.let_time_pass()
    place.record(stash="another:1:1")

    place.hook()
    assert place.life()["state"] == "running"
    assert place.operate(mode="start")["result"]["text"] == "The consumer runs already."
    assert len(place.starts) == 1


# --- It leaves alone -------------------------------------------------------------------------------------------------


def test_one_that_a_service_runs_is_left_to_it(place: StartedConsumer) -> None:
    place.hook()
    place.end(place.running(), signal.SIGKILL)
    place.record(started_by="other")
    place.let_time_pass()

    place.hook()
    life = place.life()
    assert (life["state"], life["can_start"]) == ("dead", True)
    assert "as a service" in life["remedy"]
    assert len(place.starts) == 1


def test_a_folder_of_a_consumer_from_before_is_left_alone(place: StartedConsumer) -> None:
    place.data.mkdir()
    (place.data / "consumer.lock").write_text("4711\n")
    place.hook()
    assert place.life()["state"] == "stopped"
    assert place.starts == []


def test_one_that_got_a_signal_stays_stopped_while_stash_goes_on(place: StartedConsumer) -> None:
    place.hook()
    place.end(place.running(), signal.SIGTERM)
    place.let_time_pass()
    place.hook()
    assert place.life()["state"] == "stopped"
    assert len(place.starts) == 1


def test_one_that_was_stopped_on_the_page_stays_so_until_it_is_started_there(place: StartedConsumer) -> None:
    place.hook()
    pid = place.running()
    consumer_record.stay_stopped(str(place.data))
    place.end(pid, signal.SIGTERM)
    place.record(stash="another:1:1")
    place.let_time_pass()
    place.hook()
    assert place.life()["state"] == "stopped"
    assert len(place.starts) == 1

    assert place.operate(mode="start") == {"ok": True, "result": {"text": "The consumer is being started."}}
    until(lambda: len(place.starts) == 2 and place.is_recorded("running"))
    assert place.life()["state"] == "running"


def test_a_stop_where_none_runs_keeps_the_hook_from_starting_one(place: StartedConsumer) -> None:
    assert "not started by itself" in place.operate(mode="stop")["result"]["text"]
    place.hook()
    assert place.life()["state"] == "stopped"
    assert place.starts == []


@pytest.mark.parametrize("how", ["environment", "file", "page"])
def test_where_it_is_switched_off_none_is_started(place: StartedConsumer, how: str) -> None:
    place.data.mkdir()
    if how == "environment":
        place.environment["PLEXSYNC_AUTOSTART"] = " Off "
    elif how == "file":
        (place.data / "plexsync.toml").write_text('plex_token = "x"\nautostart = false # no\n')
    else:
        # What the consumer noted of Stash's settings page.
        consumer_record.began(str(place.data), {consumer_record.STARTED_BY: "stash"})
        consumer_record.allow(str(place.data), allowed=False)
    place.hook()
    assert place.life()["state"] in ("never_started", "dead")
    assert place.starts == []
    assert not (place.data / "autostart.lock").exists()


# --- It cannot -------------------------------------------------------------------------------------------------------


def test_a_missing_package_is_named_on_the_page_and_once_in_the_log_of_stash(tmp_path: Path) -> None:
    place = StartedConsumer(tmp_path, NO_PYTHON)
    logged: list[str] = []

    def is_logged() -> bool:
        logged.append(place.hook())
        return "\x01e\x02PlexSync's consumer needs Python 3.11" in logged[-1]

    until(is_logged)
    assert "apk add python3 py3-pip" in logged[-1]
    assert "apk add" not in place.hook()
    life = place.life()
    assert life["state"] == "cannot_start"
    assert "Python 3.11 or newer" in life["text"]
    assert "apk add python3 py3-pip" in life["remedy"]


def test_after_failures_it_waits_longer_each_time_but_not_when_a_person_asks(tmp_path: Path) -> None:
    place = StartedConsumer(tmp_path, NO_PYTHON)
    place.environment["PLEXSYNC_AUTOSTART"] = "true"

    def tried() -> int:
        """How often it was, once nothing is under way; asking the page would start it, too."""
        until(lambda: not is_held(str(place.data / "autostart.lock")))
        return (place.data / "consumer.log").read_text().count("needs Python")

    place.hook()
    assert tried() == 1
    place.let_time_pass(61)
    place.hook()
    assert tried() == 2
    place.let_time_pass(61)
    place.hook()
    assert tried() == 2
    place.let_time_pass(60)
    place.hook()
    assert tried() == 3
    place.hook()
    assert tried() == 3
    place.operate(mode="start")
    assert tried() == 4


def test_what_starts_is_setting_up_until_it_runs(tmp_path: Path) -> None:
    place = StartedConsumer(tmp_path, '#!/bin/sh\necho $$ > "$PLEXSYNC_DATA_DIR/starts"\nexec sleep 60\n')
    try:
        place.hook()
        until(lambda: bool(place.starts))
        assert place.life()["state"] == "setting_up"
        assert place.operate(mode="settings")["error"]["kind"] == "not_running"
        assert place.operate(mode="stop")["error"]["kind"] == "busy"
        # However old the start is: it goes on.
        place.let_time_pass()
        place.hook()
        assert place.operate(mode="start")["result"]["text"] == "The consumer is being started already."
        pid = int(place.starts[0])
        assert is_alive(pid)
    finally:
        place.close()
