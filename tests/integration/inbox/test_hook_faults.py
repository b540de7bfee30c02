"""The data folder is missing, full, locked away or somebody else's: the hook says so at once, and queues nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.hook_runner import Hook, answers, command, install, stash_sends

NOBODY = 65534


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path / "data")


# --- The data folder cannot be written -------------------------------------------------------------------------------


def test_a_file_where_the_data_folder_should_be_is_named(hook: Hook) -> None:
    hook.data.write_text("")

    assert f"{hook.data} is not a folder: move it away" in hook.run().error


def test_a_file_where_the_inbox_should_be_is_named(hook: Hook) -> None:
    hook.data.mkdir()
    hook.inbox.write_text("")

    assert f"{hook.inbox} is not a folder: move it away" in hook.run().error


def test_a_path_that_leads_through_a_file_is_named(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    hook.environment["PLEXSYNC_DATA_DIR"] = str(tmp_path / "file" / "a" / "b")

    assert f"{tmp_path / 'file'} is not a folder" in hook.run().error


def test_a_dangling_link_is_named_with_its_target(hook: Hook) -> None:
    hook.data.symlink_to("/nowhere/at/all")

    assert f"{hook.data} is a link to /nowhere/at/all, which leads nowhere" in hook.run().error


@pytest.mark.parametrize(("name", "fault"), [("loop", "link to loop, which leads nowhere"), ("x" * 300, "too long")])
def test_an_impossible_path_is_named(hook: Hook, tmp_path: Path, name: str, fault: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    hook.environment["PLEXSYNC_DATA_DIR"] = str(tmp_path / name)

    assert re.search(f"{re.escape(str(tmp_path))}.*{fault}.*PLEXSYNC_DATA_DIR", hook.run().error)


@pytest.mark.parametrize("room", [0, 20], ids=["nothing fits", "part of it fits"])
def test_a_message_that_cannot_be_written_whole_is_refused_and_not_left_behind(hook: Hook, room: int) -> None:
    limited = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); "
    limited += "os.execv(sys.argv[1], sys.argv[1:])"
    error = hook.run(through=(sys.executable, "-c", limited)).error

    assert re.search(rf"scene 45 was not queued: {hook.data}: File too large: make room", error)
    assert list(hook.inbox.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, timeout=20).returncode != 0:
        pytest.skip("only root, where it may mount, can make a disk that is full or read-only")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True, timeout=20)


def test_a_full_disk_is_named_and_the_hook_works_again_when_there_is_room(hook: Hook, small_disk: Path) -> None:
    hook.data, hook.inbox = small_disk / "data", small_disk / "data" / "inbox"
    hook.environment["PLEXSYNC_DATA_DIR"] = str(hook.data)
    hook.run(stash_sends(1))
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)

    assert re.search(rf"{hook.data}: No space left on device: make room", hook.run(stash_sends(2)).error)
    ballast.unlink()
    hook.run(stash_sends(3))
    assert hook.scenes() == [1, 3]


def test_a_read_only_disk_is_named(hook: Hook, small_disk: Path) -> None:
    hook.environment["PLEXSYNC_DATA_DIR"] = str(small_disk / "data")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True, timeout=20)

    assert re.search(rf"{small_disk}: Read-only file system: mount it", hook.run().error)


# --- Whose files they are --------------------------------------------------------------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def unprivileged() -> dict[str, Any]:
    """How to start a process whom file modes stop, and a Python that it may run."""
    if os.geteuid() != 0:
        return {"argv": [sys.executable]}
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        if answers(python, **user):
            return {"argv": [python], **user}
    pytest.skip("there is no Python here that a user other than root may run")


def test_a_folder_of_another_user_is_named_with_both_users(open_folder: Path, unprivileged: dict[str, Any]) -> None:
    plugin = install(open_folder / "PlexSync")
    hook = Hook(open_folder / "data")
    hook.data.mkdir(mode=0o755 if os.geteuid() == 0 else 0o555)
    unprivileged["argv"] = command(unprivileged["argv"][0], plugin)

    error = hook.run(**unprivileged).error
    uid, mode = (NOBODY, "0755") if os.geteuid() == 0 else (os.geteuid(), "0555")
    assert f"{hook.data}: Permission denied. This process is uid {uid}" in error
    assert f"{hook.data} belongs to uid {os.geteuid()} (mode {mode}): give it write access" in error


def test_a_plugin_folder_that_cannot_be_written_is_enough(open_folder: Path, unprivileged: dict[str, Any]) -> None:
    plugin = install(open_folder / "PlexSync")
    for folder in (plugin, plugin / "plexsync"):
        folder.chmod(0o555)
    hook = Hook(open_folder / "data")
    hook.data.mkdir()
    hook.data.chmod(0o777)
    unprivileged["argv"] = command(unprivileged["argv"][0], plugin)

    hook.run(**unprivileged)
    assert hook.scenes() == [45]
    assert not (plugin / "plexsync" / "__pycache__").exists()
    (plugin / "plexsync").chmod(0o755)
