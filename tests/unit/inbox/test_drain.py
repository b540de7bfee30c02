"""What a consumer on another machine fetches from the data folder on Stash's, and what it brings there."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import autostart, consumer_record, event_files, event_reading, remote, request_files
from plexsync.inbox import drain as drain_module
from plexsync.inbox.operations import answer_to

ME, OTHER = "a" * 32, "b" * 32
PATIENCE = 20.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    return data


def drained(folder: Path, **given: object) -> Any:
    answer = json.loads(answer_to(str(folder), {"mode": "drain", "consumer": ME, "host": "nas", **given}, {}))
    return answer["result"] if answer["ok"] else answer["error"]


def lay(folder: Path, scene: int) -> str:
    return Path(event_files.put(str(folder / "inbox"), event_files.message(scene, "Scene.Update.Post"))).name


def names(delivery: Any) -> list[str]:
    return [one["file"] for one in delivery["events"]]


# --- Events ----------------------------------------------------------------------------------------------------------


def test_an_event_is_handed_out_until_it_is_acknowledged(folder: Path) -> None:
    first, second = lay(folder, 45), lay(folder, 46)
    for _ in range(2):
        delivery = drained(folder)
        assert names(delivery) == [first, second]
        assert json.loads(delivery["events"][0]["text"])["args"] == [45]

    assert names(drained(folder, ack=[first])) == [second]
    assert names(drained(folder, ack=[first, second])) == []
    assert list((folder / "inbox").iterdir()) == []


def test_what_is_no_message_is_handed_out_with_what_is_wrong(folder: Path) -> None:
    lay(folder, 1)
    (folder / "inbox" / "0-broken.json").write_bytes(b"\xff" * (event_reading.MAX_BYTES + 5))
    first, *_ = drained(folder)["events"]
    assert first["file"] == "0-broken.json"
    assert "larger than" in first["fault"]
    assert first["text"].encode("latin-1") == b"\xff" * event_reading.RAW_KEPT


def test_a_message_that_is_still_being_written_waits_and_keeps_no_other(folder: Path) -> None:
    name = lay(folder, 2)
    (folder / "inbox" / "0-half.json").write_bytes(b'{"v": 1')
    assert names(drained(folder)) == [name]


def test_many_come_in_parts_that_say_that_there_are_more(folder: Path) -> None:
    for scene in range(1, 504):
        lay(folder, scene)
    delivery = drained(folder)
    assert (len(delivery["events"]), delivery["more"]) == (500, True)
    delivery = drained(folder, ack=names(delivery))
    assert (len(delivery["events"]), delivery["more"]) == (3, False)


def test_large_messages_come_in_parts_of_bounded_size(folder: Path) -> None:
    for _ in range(4):
        event_files.put(str(folder / "inbox"), event_files.message_of_many([2**60] * 20_000, "Scene.Update.Post"))
    delivery = drained(folder)
    assert (len(delivery["events"]), delivery["more"]) == (2, True)


@pytest.mark.parametrize("name", ["../../secret.json", "/etc/passwd.json", "a\\b.json", ".json", "x.txt", 5, "\0.json"])
def test_nothing_but_a_file_of_the_inbox_can_be_acknowledged(folder: Path, name: object) -> None:
    secret = folder.parent / "secret.json"
    secret.write_text("kept")
    assert "'ack'" in drained(folder, ack=[name])["text"]
    assert secret.read_text() == "kept"
    assert not remote.is_noted(str(folder))


@pytest.mark.parametrize("name", ["a:b.json", "a\\b.json", "\udcff.json", "ü.json", "a\nb.json", "\x7f.json"])
def test_a_file_of_a_name_that_could_not_be_acknowledged_gets_another(folder: Path, name: str) -> None:
    lay(folder, 46)
    (folder / "inbox" / name).write_text(json.dumps(event_files.message(45, "Scene.Update.Post")) + "\n")
    delivery = drained(folder)
    assert sorted(json.loads(one["text"])["args"][0] for one in delivery["events"]) == [45, 46]
    assert all(name.isascii() and name.isprintable() for name in names(delivery)), "Stash hands them back as they are"
    assert drained(folder, ack=names(delivery))["events"] == []
    assert list((folder / "inbox").iterdir()) == []


@pytest.fixture
def locked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of files that another user owns: root, as whom tests may run, could read them."""
    names: set[str] = set()
    original = event_reading._read_at_most

    def read(path: str, limit: int) -> tuple[bytes, float]:
        if Path(path).name in names:
            raise PermissionError(13, "Permission denied")
        return original(path, limit)

    monkeypatch.setattr(event_reading, "_read_at_most", read)
    return names


def test_files_that_cannot_be_read_keep_no_other_and_make_no_call_return_at_once(
    folder: Path, locked: set[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drain_module, "MOST_EVENTS", 2)
    locked.update(lay(folder, scene) for scene in (1, 2, 3, 4))
    began = time.monotonic()
    assert drained(folder, wait=0.3) | {"now": 0} == drained(folder) | {"now": 0}
    assert time.monotonic() - began >= 0.3
    assert capfd.readouterr().err.count("cannot be read") == 8, "once in each call"

    last = lay(folder, 5)
    delivery = drained(folder, wait=PATIENCE)
    assert (names(delivery), delivery["more"]) == ([last], False)


def test_requests_that_cannot_be_handed_out_keep_no_other(
    folder: Path, locked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "MOST_REQUESTS", 2)
    place = folder / "requests"
    request_files.lay(str(folder), "scene", {"scene_id": 1}, durable=False)
    (place / "0-large.json").write_bytes(b"x" * (request_files.MAX_REQUEST + 1))
    (place / "0-locked.json").write_text("{}")
    (place / "0:odd.json").write_text("{}")
    locked.add("0-locked.json")
    (request,) = drained(folder)["requests"]
    assert json.loads(request["text"])["args"] == {"scene_id": 1}

    drained(folder, answers=[{"file": request["file"], "text": "{}"}])
    began = time.monotonic()
    assert drained(folder, wait=0.3)["requests"] == []
    assert time.monotonic() - began >= 0.3


def test_an_answer_that_nobody_fetched_is_removed_one_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(request_files.lay(str(folder), "scene", {"scene_id": 45}, durable=False))
    drained(folder, answers=[{"file": path.name, "text": "{}"}])
    answer = path.with_suffix(".answer")
    with monkeypatch.context() as patch:
        # The disk is on a server whose clock is an hour behind.
        patch.setattr(time, "time", lambda: answer.stat().st_mtime + 3600)
        drained(folder)
    assert answer.exists(), "somebody may still fetch it"
    long_ago = time.time() - request_files.ANSWER_LIFE - 1
    os.utime(answer, (long_ago, long_ago))
    drained(folder)
    assert not answer.exists()


# --- Requests, answers, snapshot -------------------------------------------------------------------------------------


def test_a_request_is_handed_out_and_its_answer_put_beside_it(folder: Path) -> None:
    path = request_files.lay(str(folder), "scene", {"scene_id": 45}, durable=False)
    (request,) = drained(folder)["requests"]
    assert request["file"] == os.path.basename(path)  # noqa: PTH119 - a path as the hook has it
    assert json.loads(request["text"])["args"] == {"scene_id": 45}

    answer = '{"ok": true, "result": {"title": "Stra\\u00dfe"}}'
    assert drained(folder, answers=[{"file": request["file"], "text": answer}])["requests"] == []
    assert request_files.wait(path, 0) == answer.encode()


def test_an_answer_that_nobody_waits_for_any_more_is_dropped(folder: Path) -> None:
    drained(folder, answers=[{"file": "gone.json", "text": "{}"}])
    assert not (folder / "requests").exists()


def test_the_snapshot_that_is_brought_is_what_the_page_gets(folder: Path) -> None:
    drained(folder, status='{"schema": 1, "state": "running", "queue": {"pending": 3}}', notice='{"text": "look"}')
    shown = json.loads(answer_to(str(folder), {"mode": "status"}, {}))["result"]
    assert (shown["life"]["state"], shown["queue"]) == ("running", {"pending": 3})
    assert json.loads((folder / "notice.json").read_text()) == {"text": "look"}
    assert (folder / "status.json").stat().st_mode & 0o777 == 0o600
    assert drained(folder)["watched"] is True

    drained(folder, status="no JSON", notice="")
    assert b"pending" in (folder / "status.json").read_bytes()
    assert not (folder / "notice.json").exists()


# --- Waiting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bell", ["pipe", "none"])
def test_a_call_that_waits_returns_as_soon_as_something_is_laid(folder: Path, bell: str) -> None:
    if bell == "none":
        (folder / "doorbell").write_text("something else")
    laid: list[float] = []

    def later() -> None:
        time.sleep(0.2)
        laid.append(time.monotonic())
        lay(folder, 45)

    thread = threading.Thread(target=later)
    thread.start()
    delivery = drained(folder, wait=PATIENCE)
    waited = time.monotonic() - laid[0]
    thread.join()
    assert len(delivery["events"]) == 1
    assert waited < PATIENCE / 4


def test_a_call_waits_as_long_as_it_may_and_not_for_somebody_who_looks_already(folder: Path) -> None:
    request_files.watch(str(folder))
    began = time.monotonic()
    assert drained(folder, wait=0.3, watched=True)["events"] == []
    assert time.monotonic() - began >= 0.3

    began = time.monotonic()
    assert drained(folder, wait=PATIENCE)["watched"] is True
    assert time.monotonic() - began < PATIENCE / 4


# --- Who fetches -----------------------------------------------------------------------------------------------------


def test_of_two_consumers_the_first_has_it_until_it_falls_silent_or_leaves(folder: Path) -> None:
    drained(folder)
    refused = drained(folder, consumer=OTHER, host="laptop")
    assert refused["kind"] == "busy"
    assert "nas" in refused["text"]

    drained(folder, leaves=True)
    assert drained(folder, consumer=OTHER, host="laptop")["events"] == []
    at = time.time() - 300
    os.utime(folder / "remote.json", (at, at))
    assert drained(folder)["events"] == []


def test_beside_a_consumer_that_a_person_runs_there_nothing_is_handed_out(folder: Path) -> None:
    lay(folder, 45)
    consumer_record.began(str(folder), {})
    with (folder / "consumer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert drained(folder)["kind"] == "busy"
    assert len(drained(folder)["events"]) == 1


def test_the_consumer_that_stash_started_is_asked_to_give_way(folder: Path) -> None:
    consumer_record.began(str(folder), {consumer_record.STARTED_BY: consumer_record.STASH})
    with (folder / "consumer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "being stopped" in drained(folder)["text"]
    (request,) = (folder / "requests").glob("*.json")
    assert json.loads(request.read_text())["mode"] == "stop"


def test_where_a_consumer_fetches_none_is_started_and_the_page_says_where_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLEXSYNC_AUTOSTART", raising=False)
    assert autostart.is_wanted(str(folder))
    drained(folder, status='{"schema": 1, "state": "running"}')
    assert not autostart.is_wanted(str(folder))
    assert life(folder)["state"] == "running"

    # Asking how it stands starts one where none is noted.
    monkeypatch.setenv("PLEXSYNC_AUTOSTART", "false")
    age(folder, 300)
    assert (life(folder)["state"], life(folder)["can_start"]) == ("dead", False)
    assert life(folder)["remedy"] == "Start it on nas."
    start = json.loads(answer_to(str(folder), {"mode": "start"}, {}))
    assert (start["ok"], start["error"]["remedy"]) == (False, "Start it there.")

    age(folder, 7200)
    assert life(folder)["can_start"] is True


def test_a_consumer_that_leaves_is_stopped_and_not_dead(folder: Path) -> None:
    drained(folder)
    drained(folder, leaves=True, status='{"schema": 1, "state": "stopping"}')
    told = life(folder)
    assert (told["state"], told["remedy"]) == ("stopped", "Start it on nas.")


def life(folder: Path) -> Any:
    return json.loads(answer_to(str(folder), {"mode": "status"}, {}))["result"]["life"]


def age(folder: Path, seconds: float) -> None:
    at = time.time() - seconds
    for name in ("status.json", "remote.json"):
        os.utime(folder / name, (at, at))


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({"consumer": "x" * 32}, "'consumer'"),
        ({"consumer": None}, "'consumer'"),
        ({"wait": 31}, "'wait'"),
        ({"wait": "5"}, "'wait'"),
        ({"answers": [{"file": "a.json"}]}, "'answers'"),
        ({"answers": [{"file": "a.json", "text": "\N{EURO SIGN}"}]}, "'answers'"),
        ({"answers": [{"file": "../a.json", "text": ""}]}, "'answers'"),
        ({"status": "x" * 70_000}, "'status'"),
        ({"other": 1}, "'other'"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_done(folder: Path, given: dict[str, object], about: str) -> None:
    lay(folder, 1)
    told = drained(folder, **given)
    assert told["kind"] == "bad_request"
    assert about in told["text"]
    assert not remote.is_noted(str(folder))
