"""Whatever lies in the inbox, the events in it are taken over, and nobody who looks at the queue comes to grief."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files, event_reading
from plexsync.queue import PlexSyncHuey
from plexsync.queue import intake as intake_module
from plexsync.queue.line import Line
from tests.support.clocks import ClockAhead
from tests.support.queue_app.rig import consumer, has_started, noted, rows, until

#: Names of files as bytes, with what a person is shown.
NAMES = {
    b"\xff\xfe.json": r"\xff\xfe.json",
    b"caf\xe9.json": r"caf\xe9.json",
    b"two\nlines.json": r"two\nlines.json",
    b"\x1b[31mred\x1b[0m.json": r"\x1b[31mred\x1b[0m.json",
    "ein Würfel \N{GAME DIE}.json".encode(): "ein Würfel \N{GAME DIE}.json",
    "\u202eevil.json".encode(): r"\u202eevil.json",
    b"n" * 250 + b".json": "n" * 250 + ".json",
    b"\xe9" * 250 + b".json": r"\xe9" * 250 + ".json",
}
#: What a file may hold that is no message.
CONTENTS: dict[str, bytes] = {
    "nothing for an hour": b"",
    "garbage": os.urandom(200) + b"\n",
    "deep": b'{"v": 1, "x": ' + b"[" * 900 + b"]" * 900 + b"}\n",
    "deeper": b"[" * 100_000 + b"\n",
    "a depth of arguments": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": 1, "args": %s}\n'
    % (b"[" * 900 + b"]" * 900),
    "a huge number": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": 1, "args": [%s]}\n' % (b"9" * 4000),
    "a number of more digits than python reads": b'{"v": %s}\n' % (b"9" * 5000),
    "beyond int64": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": 1, "args": [9223372036854775808]}\n',
    "no number": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": NaN, "args": [1]}\n',
    "infinity": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": 1e999, "args": [1]}\n',
    "half a character": b'{"v": 1, "id": "\\ud800", "name": "b", "event": "c", "at": 1, "args": [1]}\n',
    "half a character for arguments": b'{"v": 1, "id": "a", "name": "b", "event": "c", "at": 1, "args": "\\udcff"}\n',
    "a null in a name": b'{"v": 1, "id": "\\u0000", "name": "b", "event": "c", "at": 1, "args": [1]}\n',
    "too much": b"x" * (event_reading.MAX_BYTES + 10),
}


@pytest.fixture
def huey(huey: PlexSyncHuey, monkeypatch: pytest.MonkeyPatch) -> PlexSyncHuey:
    """It lists the inbox at each look, and not once a second."""
    monkeypatch.setattr(intake_module, "LIST_AT_LEAST_EVERY", 0.0)
    return huey


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / event_files.FOLDER
    folder.mkdir()
    return folder


def lay_raw(folder: Path, name: bytes, content: bytes) -> bytes:
    """A file with any name and content, from an hour ago."""
    path = os.fsencode(folder) + b"/" + name
    with open(path, "wb") as file:  # noqa: PTH123 - a Path cannot have such a name
        file.write(content)
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def lay(folder: Path, scene_id: int) -> Path:
    return Path(event_files.put(str(folder), event_files.message(scene_id, "Scene.Update.Post")))


def taken_over(huey: PlexSyncHuey) -> list[int]:
    huey.stats()
    return [json.loads(row["data"])["args"][0] for row in rows(huey, "task")]


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_with_an_odd_name_and_no_message_is_set_aside_and_named_once(
    huey: PlexSyncHuey, folder: Path, caplog: pytest.LogCaptureFixture, name: bytes
) -> None:
    lay_raw(folder, name, b"no message\n")
    lay(folder, 1)
    for _ in range(3):
        assert taken_over(huey) == [1]
    (item,) = huey.storage.set_aside_items()
    assert item.data == b"no message\n"
    assert item.reason.startswith(NAMES[name])
    assert len(lines(caplog)) == 1
    assert lines(caplog)[0].isprintable()
    lines(caplog)[0].encode()
    assert there(folder) == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_message_in_a_file_with_an_odd_name_is_a_message(huey: PlexSyncHuey, folder: Path, name: bytes) -> None:
    lay_raw(folder, name, lay(folder, 7).read_bytes())
    assert taken_over(huey)[-1] == 7
    assert there(folder) == []
    assert huey.stats().set_aside == 0


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("call", ["read", "remove"])
def test_a_file_with_an_odd_name_that_may_not_be_touched_is_named_once(
    huey: PlexSyncHuey,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    call: str,
    name: bytes,
) -> None:
    lay_raw(folder, name, b"no message\n")
    module = event_files if call == "remove" else event_reading
    original = getattr(module, call)

    def refuse(path: str) -> Any:
        if os.fsencode(path).endswith(name):
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(module, call, refuse)
    lay(folder, 1)
    for _ in range(3):
        assert taken_over(huey) == [1]
    named = [line for line in lines(caplog) if "cannot be" in line]
    assert len(named) == 1
    assert NAMES[name] in named[0]
    assert huey.storage.in_the_way() == [NAMES[name]]


@pytest.mark.parametrize("call", ["read", "remove"])
def test_a_file_that_may_be_touched_again_is_taken_over_without_a_restart(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(intake_module, "STUCK_AGAIN_AFTER", 0.05)

    def refuse(_path: str) -> Any:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(event_files if call == "remove" else event_reading, call, refuse)
        lay(folder, 5)
        for _ in range(3):
            huey.stats()
        assert taken_over(huey) == ([] if call == "read" else [5])
    claimed = huey.storage.dequeue() if call == "remove" else None
    until(lambda: there(folder) == [] or huey.stats() is None)
    assert huey.storage.in_the_way() == []
    assert taken_over(huey) == ([5] if call == "read" else [])
    assert (claimed is None) == (call == "read")


@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_of_any_content_is_set_aside_and_holds_nothing_back(
    huey: PlexSyncHuey, folder: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    lay_raw(folder, b"00.json", CONTENTS[content])
    lay(folder, 1)
    for _ in range(3):
        assert taken_over(huey) == [1]
    assert huey.stats().set_aside == 1
    assert len(lines(caplog)) == 1
    assert len(lines(caplog)[0]) < 300
    assert lines(caplog)[0].isprintable()


@pytest.mark.parametrize(
    "extra",
    [
        b'"x": %s' % (b"[" * 900 + b"]" * 900),
        b'"x": NaN',
        b'"x": 1e999',
        b'"x": "\\ud800"',
        b'"eta": "soon"',
        b'"retries": -1',
        b'"retries": 1%s' % (b"0" * 100),
        b'"priority": "high"',
        b'"timeout": 1e308, "retry_delay": 1e308, "retries": 5',
        b'"expires_resolved": "9999-12-31T23:59:59"',
        b'"on_complete": {"id": "x", "name": "y"}',
        b'"kwargs": {"task": 5}',
    ],
)
def test_what_else_stands_in_a_message_is_nobodys_business(huey: PlexSyncHuey, folder: Path, extra: bytes) -> None:
    done: list[int] = []

    def sync_scene(scene_id: int) -> None:
        done.append(scene_id)

    huey.task()(sync_scene)
    message = lay(folder, 1)
    lay_raw(folder, b"00.json", message.read_bytes().rstrip(b"}\n") + b", " + extra + b"}\n")
    message.unlink()
    huey.execute(huey.dequeue())
    assert done == [1]
    assert huey.stats().set_aside == 0


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))


STRANGERS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a full folder": lambda path: (path / "x.json").mkdir(parents=True),
    "a link": lambda path: path.symlink_to("/etc/hostname"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a device": lambda path: os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3)),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_what_is_no_file_is_named_once_and_stays(
    huey: PlexSyncHuey, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(intake_module, "STRANGERS_EVERY", 0.0)
    try:
        STRANGERS[kind](folder / "odd\n.json")
    except PermissionError:
        pytest.skip("only root may make devices")
    lay(folder, 1)
    for _ in range(3):
        assert taken_over(huey) == [1]
    assert len(lines(caplog)) == 1
    assert r"odd\n.json" in lines(caplog)[0]
    assert huey.storage.in_the_way() == [r"odd\n.json"]
    assert len(there(folder)) == 1


def test_a_file_that_vanishes_while_it_is_read_is_nobodys_loss(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = lay(folder, 1)
    read = event_reading.read

    def vanish(path: str) -> Any:
        gone.unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(event_reading, "read", vanish)
    lay(folder, 2)
    assert taken_over(huey) == [2]
    assert lines(caplog) == []


def test_one_file_whose_kind_cannot_be_told_hides_no_other(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    class Odd:
        name = "00.json"

        def is_file(self, **_: bool) -> bool:
            raise OSError(5, "Input/output error")

    class Entries:
        def __init__(self, path: Any) -> None:
            self.real = scandir(path)

        def __enter__(self) -> Any:
            return iter([Odd(), *self.real])

        def __exit__(self, *_: object) -> None:
            self.real.close()

    lay(folder, 2)
    monkeypatch.setattr(os, "scandir", Entries)
    assert taken_over(huey) == [2]


@pytest.mark.parametrize("error", [RuntimeError("odd"), UnicodeError("odd"), RecursionError("odd")])
def test_an_error_that_nobody_foresaw_at_one_file_leaves_it_and_takes_the_others(
    huey: PlexSyncHuey,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    odd, read = lay(folder, 1), event_reading.read

    def fail(path: str) -> Any:
        if path == str(odd):
            raise error
        return read(path)

    monkeypatch.setattr(event_reading, "read", fail)
    lay(folder, 2)
    for _ in range(3):
        assert taken_over(huey) == [2]
    assert odd.exists()
    assert len(lines(caplog)) == 1


def test_one_message_that_cannot_be_stored_keeps_no_other_from_being_stored(
    huey: PlexSyncHuey, clock: ClockAhead, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    join_all = Line.join_all

    def fail(line: Line, connection: Any, entries: Any) -> None:
        if any(b'"args": [2]' in entry.data for entry in entries):
            raise ValueError("odd")
        join_all(line, connection, entries)

    monkeypatch.setattr(Line, "join_all", fail)
    paths = [lay(folder, number) for number in (1, 2, 3)]
    assert sorted(taken_over(huey)) == [1, 3]
    assert [path.exists() for path in paths] == [False, True, False]
    monkeypatch.undo()
    clock.pass_by(intake_module.STUCK_AGAIN_AFTER)
    assert sorted(taken_over(huey)) == [1, 2, 3]


@pytest.mark.parametrize("ahead", [3600, 10 * 365 * 86400])
def test_an_unfinished_file_of_time_to_come_is_set_aside(huey: PlexSyncHuey, folder: Path, ahead: float) -> None:
    path = lay_raw(folder, b"00.json", b'{"v": 1')
    os.utime(path, (time.time() + ahead,) * 2)
    assert taken_over(huey) == []
    assert huey.stats().set_aside == 1


def test_a_folder_that_cannot_be_listed_is_told_of_only_now_and_then(
    huey: PlexSyncHuey, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(intake_module, "LIST_AGAIN_AFTER", 0.0)
    folder.rmdir()
    folder.write_text("a file where the folder should be")
    for _ in range(10):
        huey.stats()
    assert len(lines(caplog)) == 1


def test_a_consumer_works_on_beside_them_and_its_log_stays_small(tmp_path: Path, folder: Path) -> None:
    for name in NAMES:
        lay_raw(folder, name, b"no message\n")
    for number, content in enumerate(CONTENTS.values()):
        lay_raw(folder, f"{number:02}.json".encode(), content)
    (folder / "folder.json").mkdir()
    with consumer(tmp_path, "-w", "2") as process:
        until(lambda: has_started(tmp_path))
        for scene_id in range(1, 21):
            lay(folder, scene_id)
        until(lambda: len(set(noted(tmp_path, "start"))) == 20)
        before = (tmp_path / "log").stat().st_size
        time.sleep(1.5)
        assert (tmp_path / "log").stat().st_size - before < 20_000
        assert process.poll() is None
    assert b"Traceback" not in (tmp_path / "log").read_bytes()
    assert there(folder) == ["folder.json"]


@pytest.mark.parametrize("encoding", [None, "ascii", "latin-1"])
def test_text_from_outside_can_be_printed_to_any_terminal(encoding: str | None) -> None:
    for name, shown in NAMES.items():
        text = event_files.printable(os.fsdecode(name))
        assert text == shown
        text.encode(encoding or sys.getdefaultencoding(), "backslashreplace" if encoding else "strict")
