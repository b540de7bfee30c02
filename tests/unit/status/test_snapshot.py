"""The snapshot is a sign of life: whatever cannot be counted, it is there, small, whole and without secrets."""

from __future__ import annotations

import errno
import json
import logging
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import request_files
from plexsync.inbox.request_files import MAX_STATUS, STATUS_FILE
from plexsync.redaction import REDACTED, redact
from plexsync.status.desk import ConsumerState, Desk
from plexsync.status.encoding import TooLarge, encoded
from plexsync.status.remembered import LONGEST, Remembered
from plexsync.status.snapshot import LEAST_IMPORTANT, as_document, basics
from plexsync.status.writer import SnapshotWriter
from tests.support.clocks import ManualClock

SECRET = "a-secret-of-somebody-4711"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {})


@pytest.fixture
def known_secret() -> str:
    redact.learn(SECRET)
    return SECRET


def written(desk: Desk) -> dict[str, Any]:
    found = json.loads((desk.folder / STATUS_FILE).read_bytes())
    assert isinstance(found, dict)
    return found


def writer(desk: Desk, **more: Any) -> SnapshotWriter:
    return SnapshotWriter(desk, lambda one: basics(one) | more)


def test_it_is_private_and_says_who_runs_before_there_are_settings(desk: Desk) -> None:
    faults = [{"setting": "PLEXSYNC_PLEX_TOKEN", "problem": "is missing", "remedy": "paste it"}]
    desk.waits(ConsumerState.NEEDS_SETTINGS, faults)
    writer(desk).write()
    assert (desk.folder / STATUS_FILE).stat().st_mode & 0o777 == 0o600
    found = written(desk)
    assert (found["schema"], found["state"], found["pid"]) == (1, "needs_settings", os.getpid())
    assert found["settings_faults"] == faults
    assert (found["level"], found["attention"]) == ("fail", 1)


def test_a_secret_is_in_no_text_of_it(desk: Desk, known_secret: str) -> None:
    desk.waits(ConsumerState.NEEDS_SETTINGS, [{"setting": "x", "problem": f"is {known_secret}", "remedy": "y"}])
    writer(desk, findings=[{"text": known_secret, known_secret: 1}], now=[[{"deep": [known_secret]}]]).write()
    text = (desk.folder / STATUS_FILE).read_text()
    assert known_secret not in text
    assert text.count(REDACTED) == 4


def test_what_is_least_important_is_left_out_first(desk: Desk) -> None:
    whole = basics(desk) | {name: ["x" * 39] * 49 for name in LEAST_IMPORTANT} | {"preview": [["y" * 39] * 49] * 49}
    found = json.loads(as_document(whole, MAX_STATUS))
    assert "preview" not in found
    assert "now" in found
    assert "findings" in found


def test_it_never_grows_beyond_its_limit(desk: Desk) -> None:
    monster = {f"{name}": [["x" * 1000] * 20] * 20 for name in range(8)}
    document = as_document(basics(desk) | monster, MAX_STATUS)
    assert len(document) <= MAX_STATUS
    assert json.loads(document)["state"] == "running"


def test_a_database_that_cannot_be_used_makes_no_consumer_seem_dead(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_desk: Desk) -> dict[str, Any]:
        raise sqlite3.OperationalError("disk I/O error")

    SnapshotWriter(desk, fails).write()
    assert written(desk)["state"] == "running"
    assert "disk I/O error" in caplog.text


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_to_is_named_once(
    desk: Desk, number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_path: str, _content: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("plexsync.status.writer.replace", refuse)
    one = writer(desk)
    one.write()
    one.write()
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert os.strerror(number) in told[0].getMessage()


def test_a_clock_that_jumps_is_followed_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = writer(desk)
    one.write()
    before = written(desk)["written_at"]
    one.look()
    assert written(desk)["written_at"] == before
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 7200)
    one.look()
    assert written(desk)["written_at"] < before - 7000


def test_a_change_is_written_only_while_somebody_watches(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexsync.status.writer.APART", 0.0)
    monkeypatch.setattr("plexsync.status.writer.SHARE", 1e9)
    one = writer(desk)
    one.write()
    before = written(desk)["written_at"]
    desk.changed()
    one.look()
    assert written(desk)["written_at"] == before
    request_files.watch(str(desk.folder))
    one.look()
    assert written(desk)["written_at"] > before


@pytest.mark.parametrize("noticed", [True, False], ids=["watched for long", "watched from now on"])
@pytest.mark.parametrize("takes", [0.0, 0.05])
@pytest.mark.parametrize("after", [0.0, 0.1, 0.24, 0.3, 0.5, 0.9, 5.0])
def test_a_change_is_written_within_a_second_while_somebody_watches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, noticed: bool, takes: float, after: float
) -> None:
    clock = ManualClock()
    apart = time.time() - clock.now
    monkeypatch.setattr(time, "time", lambda: clock.now + apart)
    shown = 0

    def compose(one: Desk) -> dict[str, Any]:
        nonlocal shown
        clock.now += takes
        shown = one.changes
        return basics(one)

    one = SnapshotWriter(desk, compose, clock)
    next_at = clock.now

    def goes_on(until: float) -> None:
        nonlocal next_at
        while next_at <= until:
            clock.now = max(clock.now, next_at)
            one.look()
            next_at = clock.now + one.pause()
        clock.now = max(clock.now, until)

    one.write()
    if noticed:
        request_files.watch(str(desk.folder))
    goes_on(clock.now + after)
    request_files.watch(str(desk.folder))
    desk.changed()
    goes_on(clock.now + 1.0)
    assert shown == desk.changes


@pytest.mark.parametrize("thing", ["folder", "pipe", "link"])
def test_whatever_stands_in_place_of_watched_stops_nothing(desk: Desk, thing: str) -> None:
    place = desk.folder / request_files.WATCHED_FILE
    match thing:
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "link":
            place.symlink_to(desk.folder / "nowhere")
    one = writer(desk)
    one.write()
    one.look()
    assert written(desk)["state"] == "running"


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "\ud800 half", {"a": {1, 2}}, object(), [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]],
     {"k" * 5000: 1}],
)  # fmt: skip
def test_whatever_a_value_is_it_becomes_json(value: object) -> None:
    json.loads(encoded({"value": value}, 10_000), parse_constant=lambda name: pytest.fail(name))


def test_a_long_text_is_cut_rather_than_nothing_told() -> None:
    told = json.loads(encoded({"text": "x" * 100_000, "id": 7}, 5000))
    assert told["id"] == 7
    assert told["text"].endswith("…")


def test_what_cannot_be_made_small_enough_is_told() -> None:
    with pytest.raises(TooLarge):
        encoded({"picture": "data:image/png;base64," + "x" * 5000}, 1000)


def test_what_takes_long_is_worked_out_seldom() -> None:
    now = [0.0]
    remembered = Remembered(lambda: now[0])

    def slow() -> float:
        now[0] += 0.5
        return now[0]

    first = remembered.get("slow", slow)
    now[0] += 1
    assert remembered.get("slow", slow) == first
    # Nothing has changed since: it is as good as new.
    assert not remembered.gave_old
    remembered.version = 2
    assert remembered.get("slow", slow) == first
    assert remembered.gave_old
    now[0] += LONGEST
    assert remembered.get("slow", slow) > first


def test_a_sign_of_life_counts_nothing_anew_while_nothing_changes(desk: Desk) -> None:
    counted: list[int] = []

    def count(one: Desk) -> dict[str, Any]:
        counted.append(1)
        return basics(one)

    one = SnapshotWriter(desk, count)
    one.write()
    before = written(desk)["written_at"]
    one.write()
    assert written(desk)["written_at"] > before
    assert len(counted) == 1
    desk.stops()
    one.write()
    assert written(desk)["state"] == "stopping"
    assert len(counted) == 2


def test_a_sign_of_life_says_what_was_said_before_at_another_time(desk: Desk) -> None:
    composed = 0

    def compose(one: Desk) -> dict[str, Any]:
        nonlocal composed
        composed += 1
        return basics(one) | {"done": [{"title": 'a scene called "written_at": 1, indeed'}]}

    one = SnapshotWriter(desk, compose)
    one.write()
    before = written(desk)
    one.write()
    after = written(desk)
    assert composed == 1
    assert after["written_at"] > before["written_at"]
    assert after | {"written_at": 0} == before | {"written_at": 0}


def test_a_folder_in_the_snapshots_place_is_named_with_what_to_do(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    (desk.folder / STATUS_FILE).mkdir()
    SnapshotWriter(desk, basics).write()
    assert f"{desk.folder / STATUS_FILE} is a folder: move it away" in caplog.text
