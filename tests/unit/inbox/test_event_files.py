"""The inbox: what is laid is on the disk, and what is read is what was laid or is named for what it is."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.inbox import event_files, event_reading
from tests.support.places import ROOT

GOOD = {"v": 1, "id": "a1", "name": event_files.SYNC_SCENE, "args": [45], "event": "Scene.Update.Post", "at": 1.5}
RELATED = {**GOOD, "name": event_files.SYNC_RELATED, "args": ["tag", 3, 5], "event": "Tag.Update.Post"}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "data" / event_files.FOLDER)


def lay(path: Path, content: bytes, age: float = 0) -> str:
    """A file of that content, last written to ``age`` seconds ago."""
    path.write_bytes(content)
    written = time.time() - age
    os.utime(path, (written, written))
    return str(path)


def count(folder: str) -> int:
    return len(list(Path(folder).iterdir())) if Path(folder).exists() else 0


def messages(folder: str, limit: int) -> list[dict[str, Any]]:
    return [event_reading.read(str(Path(folder, name))) for name in event_reading.waiting(folder, limit)]


# --- Laying ----------------------------------------------------------------------------------------------------------


def test_what_is_put_is_read_back(folder: str) -> None:
    message = event_files.message(45, "Scene.Update.Post")
    path = event_files.put(folder, message)

    assert event_reading.waiting(folder, 10) == [Path(path).name]
    assert event_reading.read(path) == message
    assert message["args"] == [45]
    assert abs(message["at"] - time.time()) < 60


def test_a_message_is_one_line_of_json(folder: str) -> None:
    for message in (GOOD, RELATED):
        assert Path(event_files.put(folder, message)).read_bytes() == json.dumps(message).encode() + b"\n"


@pytest.mark.parametrize("kind", event_files.RELATED)
def test_a_message_about_what_scenes_show_is_read_back(folder: str, kind: str) -> None:
    message = event_files.message_of_related(kind, [3, 5], "Tag.Update.Post")

    assert (message["name"], message["args"]) == (event_files.SYNC_RELATED, [kind, 3, 5])
    assert event_reading.read(event_files.put(folder, message)) == message


def test_only_the_owner_may_read_messages_even_under_an_open_umask(folder: str) -> None:
    before = os.umask(0)
    try:
        path = Path(event_files.put(folder, GOOD))
    finally:
        os.umask(before)

    modes = [place.stat().st_mode & 0o777 for place in (path, path.parent, path.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_messages_are_listed_in_the_order_of_events(folder: str) -> None:
    for scene_id in range(1, 21):
        event_files.put(folder, event_files.message(scene_id, "Scene.Update.Post"))

    assert [message["args"] for message in messages(folder, 5)] == [[1], [2], [3], [4], [5]]


def test_a_clock_that_stands_still_or_is_set_back_loses_nothing(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([2_000, 2_000, 1_000, 0])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    for _ in range(4):
        event_files.put(folder, event_files.message(1, "Scene.Update.Post"))

    assert len({message["id"] for message in messages(folder, 10)}) == 4


def test_file_and_folders_are_synced_before_put_returns(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []
    fsync = os.fsync

    def spy(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.append((status.st_ino, status.st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    path = Path(event_files.put(folder, GOOD))

    inodes = [inode for inode, _ in synced]
    new = [path.parent.parent.parent, path.parent.parent]
    assert inodes[:2] == [place.stat().st_ino for place in new]
    assert set(inodes[2:]) == {path.stat().st_ino, path.parent.stat().st_ino}
    assert len(inodes) == 4
    assert (path.stat().st_ino, path.stat().st_size) in synced


def test_file_and_folder_are_synced_at_the_same_time(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    event_files.put(folder, GOOD)
    both, fsync = threading.Barrier(2, timeout=30), os.fsync

    def wait_for_the_other(descriptor: int) -> None:
        both.wait()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", wait_for_the_other)
    event_files.put(folder, GOOD)
    assert count(folder) == 2


def test_put_returns_no_sooner_than_the_folder_is_synced(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    event_files.put(folder, GOOD)
    ended, fsync = [], os.fsync

    def slow_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            time.sleep(0.3)
            fsync(descriptor)
            ended.append(descriptor)

    monkeypatch.setattr(os, "fsync", slow_for_folders)
    event_files.put(folder, GOOD)
    assert len(ended) == 1


def test_where_no_thread_can_be_started_both_are_synced_all_the_same(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_files.put(folder, GOOD)
    synced, fsync = [], os.fsync

    def spy(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    def no_thread(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(os, "fsync", spy)
    monkeypatch.setattr("_thread.start_new_thread", no_thread)
    assert event_reading.read(event_files.put(folder, GOOD)) == GOOD
    assert sorted(synced) == [False, True]


def test_writes_that_come_up_short_are_carried_on(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:7]))

    assert event_reading.read(event_files.put(folder, GOOD)) == GOOD


@pytest.mark.parametrize("failing", [{False}, {True}, {False, True}], ids=["the file", "the folder", "both"])
def test_what_cannot_be_synced_is_not_acknowledged_and_leaves_nothing(
    folder: str, monkeypatch: pytest.MonkeyPatch, failing: set[bool]
) -> None:
    event_files.put(folder, GOOD)

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) in failing:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output error"):
        event_files.put(folder, GOOD)
    assert count(folder) == 1


def test_a_file_system_that_cannot_sync_folders_is_good_enough(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def no_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", no_folders)
    assert event_reading.read(event_files.put(folder, GOOD)) == GOOD


def test_a_message_whose_file_was_cleared_away_half_way_is_laid_again(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = event_files.create
    cleared: list[str] = []

    def create_and_lose(path: str) -> int:
        descriptor = create(path)
        if not cleared:
            cleared.append(path)
            Path(path).unlink()
        return descriptor

    monkeypatch.setattr(event_files, "create", create_and_lose)
    path = event_files.put(folder, GOOD)

    assert event_reading.read(path) == GOOD
    assert count(folder) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 2},
        {"id": 'a"b'},
        {"id": ""},
        {"name": "tasks\n"},
        {"event": "Szene.Ü"},
        {"args": [True]},
        {"args": [0]},
        {"args": [2**63]},
        {"args": ["tag", 3]},
        {"name": event_files.SYNC_RELATED, "args": ["it's", 3]},
        {"at": float("nan")},
        {"at": "now"},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_message_that_could_not_be_read_is_not_laid(folder: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a message"):
        event_files.put(folder, GOOD | wrong)
    assert count(folder) == 0


@settings(deadline=None)
@given(st.integers(1, event_files.MAX_ID), st.sampled_from(["Scene.Create.Post", "Scene.Update.Post"]))
def test_every_scene_id_survives_the_way_through_a_file(scene_id: int, event: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        message = event_files.message(scene_id, event)
        assert event_reading.read(event_files.put(folder, message)) == message


# --- Listing ---------------------------------------------------------------------------------------------------------


def test_an_inbox_that_is_not_there_yet_is_empty(folder: str) -> None:
    assert event_reading.waiting(folder, 10) == []


def test_only_regular_json_files_are_listed(tmp_path: Path) -> None:
    message = Path(event_files.put(str(tmp_path), GOOD))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "._00000000000000000001-1-aa.json").write_text("x")
    (tmp_path / "00000000000000000001-1-aa.json.tmp").write_text("x")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to(message)
    os.mkfifo(tmp_path / "pipe.json")

    assert event_reading.waiting(str(tmp_path), 10) == [message.name]


# --- Reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 40, -1], ids=["empty", "one byte", "part of it", "all but the newline"])
def test_a_file_that_is_still_being_written_is_unfinished(tmp_path: Path, length: int) -> None:
    raw = (json.dumps(GOOD) + "\n").encode()[:length]

    with pytest.raises(event_reading.Unfinished):
        event_reading.read(lay(tmp_path / "m.json", raw, age=50))


def test_a_file_left_half_written_is_unreadable_after_a_minute(tmp_path: Path) -> None:
    with pytest.raises(event_reading.UnreadableEvent, match="cut short") as caught:
        event_reading.read(lay(tmp_path / "m.json", b'{"v": 1, "id"', age=61))
    assert caught.value.raw == b'{"v": 1, "id"'


def test_a_hook_killed_in_the_middle_of_writing_leaves_an_unfinished_file(folder: str) -> None:
    program = """if True:
        import os, signal, sys
        from plexsync.inbox import event_files, event_reading
        write = os.write
        def half(descriptor, content):
            write(descriptor, content[: len(content) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        os.write = half
        event_files.put(sys.argv[1], event_files.message(45, "Scene.Update.Post"))
    """
    ended = subprocess.run([sys.executable, "-c", program, folder], cwd=ROOT, timeout=20)

    assert ended.returncode == -9
    (name,) = event_reading.waiting(folder, 10)
    with pytest.raises(event_reading.Unfinished):
        event_reading.read(str(Path(folder, name)))


def wrong(**fields: object) -> bytes:
    return json.dumps(GOOD | fields).encode() + b"\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"hello\n", "not JSON"),
        (b"\n", "not JSON"),
        (b"\xff\xfe{}\n", "not JSON"),
        (b"\0" * 150 + b"\n", "not JSON"),
        (b"[" * 5000 + b"]" * 5000 + b"\n", "not JSON|not a JSON object"),
        (b"[1, 2]\n", "not a JSON object but a list"),
        (b"null\n", "not a JSON object but a NoneType"),
        (b"{}\n", "'v' is missing"),
        (wrong(v=2), "newer PlexSync .*version 2; this one knows 1"),
        (wrong(v="1"), "'v' is '1', not a version"),
        (wrong(v=True), "'v' is True, not a version"),
        (wrong(v=0), "'v' is 0, not a version"),
        (wrong(id=5), "'id' is 5"),
        (wrong(id="x" * 101), "'id' is"),
        (wrong(name=""), "'name' is ''"),
        (wrong(event=None), "'event' is None"),
        (wrong(args=45), "'args' is 45"),
        (wrong(args=["45"]), "'args' is"),
        (wrong(args=[45.0]), "'args' is"),
        (wrong(args=[-1]), "'args' is"),
        (wrong(args=["tag", 3]), "'args' is .*, not a list of ids"),
        (wrong(name=event_files.SYNC_RELATED), "'args' is .*45.*, not one of performer, studio, tag, group"),
        (wrong(name=event_files.SYNC_RELATED, args=["tag"]), "'args' is .*, not one of"),
        (wrong(name=event_files.SYNC_RELATED, args="tag"), "'args' is 'tag', not one of"),
        (wrong(name=event_files.SYNC_RELATED, args=["scene", 3]), "'args' is .*, not one of"),
        (wrong(name=event_files.SYNC_RELATED, args=[["tag"], 3]), "'args' is .*, not one of"),
        (wrong(name=event_files.SYNC_RELATED, args=["tag", 3, "5"]), "'args' is .*, not a list of ids"),
        (wrong(at=None), "'at' is None"),
        (wrong(at=float("inf")), "'at' is inf"),
        (
            b'{"v": 1, "id": "a", "name": "b", "args": [' + b"9" * 5000 + b'], "event": "c", "at": 1}\n',
            "not JSON|'args' is",
        ),
    ],
)
def test_what_is_no_message_is_named_and_handed_over(tmp_path: Path, raw: bytes, reason: str) -> None:
    with pytest.raises(event_reading.UnreadableEvent, match=reason) as caught:
        event_reading.read(lay(tmp_path / "m.json", raw))
    assert caught.value.raw == raw


def test_a_message_with_fields_unknown_to_this_version_is_read(tmp_path: Path) -> None:
    assert event_reading.read(lay(tmp_path / "m.json", wrong(kwargs={})))["args"] == [45]


def test_a_huge_file_is_unreadable_and_only_its_start_is_kept(tmp_path: Path) -> None:
    with pytest.raises(event_reading.UnreadableEvent, match="larger than 1024 KiB") as caught:
        event_reading.read(lay(tmp_path / "m.json", b"x" * 2_000_000 + b"\n"))
    assert len(caught.value.raw) == event_reading.RAW_KEPT


def test_a_link_a_folder_or_a_pipe_is_unreadable_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(event_files.put(str(tmp_path), GOOD))
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")

    for name in ("link.json", "folder.json", "pipe.json"):
        with pytest.raises(event_reading.UnreadableEvent, match="not a regular file"):
            event_reading.read(str(tmp_path / name))


def test_a_message_that_another_process_took_is_not_found_and_may_be_removed_again(folder: str) -> None:
    path = event_files.put(folder, GOOD)
    event_files.remove(path)
    event_files.remove(path)

    with pytest.raises(FileNotFoundError):
        event_reading.read(path)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_content_whatever_breaks_the_reader(raw: bytes) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.raises((event_reading.Unfinished, event_reading.UnreadableEvent)),
    ):
        event_reading.read(lay(Path(folder, "m.json"), raw))


# --- The data folder -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ROOT / "data"),
        ("", ROOT / "data"),
        ("/srv/plexsync", Path("/srv/plexsync")),
        (" /srv/plexsync ", Path("/srv/plexsync")),
        ("elsewhere", ROOT / "elsewhere"),
        ("~/plexsync", Path("~/plexsync").expanduser()),
    ],
)
def test_the_data_folder_is_the_same_from_wherever_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, expected: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLEXSYNC_DATA_DIR", raising=False)
    if value is not None:
        monkeypatch.setenv("PLEXSYNC_DATA_DIR", value)

    assert Path(event_files.data_folder()) == expected
