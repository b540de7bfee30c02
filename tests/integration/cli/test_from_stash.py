"""A consumer that Stash has started: its bounded log, what it notes, and how it waits for its settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from plexsync.cli import from_stash
from plexsync.cli.from_stash import awaited_settings, note_autostart, recorded
from plexsync.demo.stash import SimulatedStash
from plexsync.inbox import consumer_record, remote
from plexsync.inbox.life import life
from plexsync.inbox.operations import answer_to
from plexsync.inbox.stash_key import KEY_FILE, take
from plexsync.installation.settings_reader import SettingsReader
from plexsync.status.room import StatusRoom
from settings import load
from tests.support.places import ROOT
from tests.support.started_consumer import until

#: Writes numbered lines to a log of 10,000 bytes, by logging and past it.
WRITER = """
import os, sys
from pathlib import Path
from plexsync.cli.from_stash import BoundedLog
folder = Path(sys.argv[1])
log = os.open(folder / "consumer.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.dup2(log, 1), os.dup2(log, 2)
stream = BoundedLog(folder, 10_000)
for number in range(1000):
    stream.write(f"line {number:04d} of the log\\n")
os.write(2, b"past logging\\n")
"""


def test_the_log_is_bounded_and_ends_with_what_was_said_last(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITER, str(tmp_path)], check=True, timeout=60, cwd=ROOT)
    log, before = tmp_path / "consumer.log", tmp_path / "consumer.log.1"
    assert log.stat().st_size <= 10_100
    assert 10_000 < before.stat().st_size <= 10_100
    assert (log.stat().st_mode | before.stat().st_mode) & 0o777 == 0o600
    assert log.read_text().endswith("line 0999 of the log\npast logging\n")
    numbers = [int(line.split()[1]) for line in (before.read_text() + log.read_text()).splitlines()[:-1]]
    assert numbers == list(range(numbers[0], 1000))
    assert len(list(tmp_path.iterdir())) == 2


def noted(folder: Path) -> tuple[str, str, str]:
    record = consumer_record.read(str(folder))
    assert record is not None
    return record.started_by, record.state, record.why


def test_how_it_ended_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded(tmp_path):
        assert noted(tmp_path) == ("other", "running", "")
    assert noted(tmp_path) == ("other", "stopped", "signal")

    monkeypatch.setenv(consumer_record.STARTED_BY, "stash")
    with pytest.raises(ZeroDivisionError), recorded(tmp_path):
        raise ZeroDivisionError
    assert noted(tmp_path) == ("stash", "failed", "")
    with pytest.raises(SystemExit), recorded(tmp_path):
        sys.exit(0)
    assert noted(tmp_path) == ("stash", "stopped", "signal")
    with recorded(tmp_path):
        consumer_record.stay_stopped(str(tmp_path))
    assert noted(tmp_path) == ("stash", "stopped", "asked")
    assert (tmp_path / "autostart.json").stat().st_mode & 0o777 == 0o600


def test_one_that_starts_anew_has_not_ended(tmp_path: Path) -> None:
    with recorded(tmp_path, goes_on=lambda: True):
        consumer_record.allow(str(tmp_path), allowed=False)
        began = consumer_record.read(str(tmp_path))
    assert noted(tmp_path) == ("other", "running", "")
    after = consumer_record.read(str(tmp_path))
    assert began is not None
    assert after is not None
    assert after.at > began.at
    assert not after.allowed
    with pytest.raises(ZeroDivisionError), recorded(tmp_path, goes_on=lambda: True):
        raise ZeroDivisionError
    assert noted(tmp_path) == ("other", "failed", "")


def test_a_note_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "autostart.json").mkdir()
    with recorded(tmp_path):
        pass
    assert "autostart.json cannot be written" in caplog.text
    assert f"{tmp_path / 'autostart.json'} is a folder: move it away" in caplog.text


def test_what_the_settings_say_of_it_is_noted_for_the_hook(tmp_path: Path) -> None:
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": "x"}
    with recorded(tmp_path):
        note_autostart(tmp_path, load(environ, {"autostart": False}))
        record = consumer_record.read(str(tmp_path))
        assert record is not None
        assert not record.allowed
    assert noted(tmp_path) == ("other", "stopped", "signal")


def test_it_waits_for_settings_and_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_stash, "ASK_AGAIN", 0.02)
    with SimulatedStash() as stash:
        environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_STASH_URL": stash.url}
        room = StatusRoom(tmp_path, environ)
        found: list[str] = []
        reader = SettingsReader(environ)
        thread = threading.Thread(target=lambda: found.append(awaited_settings(reader, room).plex_token), daemon=True)
        stash.require_auth("the-key")
        thread.start()
        until(lambda: "PLEXSYNC_STASH_API_KEY is missing or wrong" in told(tmp_path)["text"])
        assert told(tmp_path)["state"] == "needs_settings"

        sent = {"server_connection": {"Scheme": "http", "Host": "0.0.0.0", "Port": stash.port}}
        assert take(str(tmp_path), "another-key", sent)["error"]["kind"] == "bad_request"
        assert not (tmp_path / KEY_FILE).exists()
        assert take(str(tmp_path), "the-key", sent)["ok"] is True
        assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
        until(lambda: "PLEXSYNC_PLEX_TOKEN is required" in told(tmp_path)["text"])
        assert told(tmp_path)["state"] == "needs_settings"
        assert "sign in with" in str(told(tmp_path)["remedy"])

        stash.plugin_settings["PlexSync"] = {"plexToken": "a-token-of-plex"}
        thread.join(20)
    assert found == ["a-token-of-plex"]


def test_a_key_that_stash_does_not_ask_for_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text('{"api_key": "from-before"}')
    with SimulatedStash() as stash:
        sent = {"server_connection": {"Scheme": "http", "Host": "0.0.0.0", "Port": stash.port}}
        answer = take(str(tmp_path), "a-key", sent)
    assert "asks for no password" in answer["result"]["text"]
    assert not (tmp_path / KEY_FILE).exists()
    # Nobody is there any more.
    assert take(str(tmp_path), "a-key", sent)["error"]["kind"] == "failed"
    assert take(str(tmp_path), "a-key", {})["error"]["kind"] == "failed"


def test_of_a_key_that_is_none_nothing_is_repeated(tmp_path: Path) -> None:
    for key in ("a key", 'a"key', "a\nkey", "", 7):
        answer = answer_to(str(tmp_path), {"mode": "stash_key", "api_key": key}, {}).decode()
        assert '"kind": "bad_request"' in answer
        assert str(key) not in answer or key in ("", 7)


def told(folder: Path) -> dict[str, str]:
    path = folder / "status.json"
    if not path.exists():
        return {"state": "", "text": ""}
    os.utime(path)
    return life(str(folder), json.loads(path.read_text()))


def test_it_ends_where_a_consumer_on_another_machine_has_begun_to_fetch(tmp_path: Path) -> None:
    environment = {**os.environ, "PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_STARTED_BY": "stash"}
    environment.pop("PLEXSYNC_PLEX_TOKEN", None)
    answer_to(str(tmp_path), {"mode": "drain", "consumer": "a" * 32, "host": "nas"}, {})
    command = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "a consumer on nas fetches from here" in done.stdout + done.stderr
    assert remote.is_noted(str(tmp_path))
    # One that a person starts takes over.
    with recorded(tmp_path):
        assert not remote.is_noted(str(tmp_path))
