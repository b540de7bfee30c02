"""The one way in which files are locked, and who uses it."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from plexsync.cli import environment
from plexsync.reconcile import only_one
from plexsync.self_test import lock as self_test_lock
from plexsync.storage import consumer_lock
from plexsync.storage.locks import FileLock, Taken, holder, is_held
from plexsync.storage.own_files import NotOurs

USERS: dict[str, Callable[[Path], AbstractContextManager[object]]] = {
    only_one.LOCK: only_one.exclusive,
    self_test_lock.LOCK: self_test_lock.only_self_test,
    consumer_lock.CONSUMER_LOCK: consumer_lock.only_consumer,
    environment.LOCK: environment.only_maker,
}
REFUSALS = (only_one.AlreadyRunning, self_test_lock.SelfTestRuns, Taken, environment.UnusableEnvironment)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """Nothing can be written to a file, as where a person's share of the disk is used up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", USERS)
def test_each_lock_is_its_owners_alone_and_names_who_holds_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "PATIENCE", 0.1)
    with USERS[name](tmp_path):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        found = holder(tmp_path / name)
        assert found is not None
        assert found.pid == os.getpid()
        with pytest.raises(REFUSALS, match=f"process {os.getpid()}"), USERS[name](tmp_path):
            pytest.fail("the block must not run")
    assert holder(tmp_path / name) is None
    with USERS[name](tmp_path):
        assert is_held(tmp_path / name)


@pytest.mark.parametrize("name", USERS)
def test_none_follows_a_link_or_empties_what_somebody_else_wrote(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("what nobody of us has written\n")
    with pytest.raises((NotOurs, environment.UnusableEnvironment), match="move it away"), USERS[name](tmp_path):
        pytest.fail("the block must not run")
    assert (tmp_path / name).read_text() == "what nobody of us has written\n"
    (tmp_path / name).rename(tmp_path / "precious")
    (tmp_path / name).symlink_to(tmp_path / "precious")
    with pytest.raises((NotOurs, environment.UnusableEnvironment), match="move it away"), USERS[name](tmp_path):
        pytest.fail("the block must not run")
    assert (tmp_path / "precious").read_text() == "what nobody of us has written\n"


@pytest.mark.parametrize("content", ["1" * 19 + "x", "1" * 20 + "x", "1" * 21, "1" * 4096, "\0" * 20 + "x"])
def test_what_begins_like_a_number_and_is_none_is_somebody_elses(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lock"
    path.write_text(content)
    with pytest.raises(NotOurs, match="another program's file"):
        FileLock(path)
    assert path.read_text() == content


@pytest.mark.parametrize("content", ["", "1\n", "1" * 19 + "\n", "1" * 20, "\0" * 30])
def test_a_number_or_what_a_power_cut_leaves_of_it_gives_way_to_the_holders(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lock"
    path.write_text(content)
    with FileLock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_where_the_holders_number_cannot_be_noted_nothing_is_left_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("4711\n")
    with no_file_may_grow():
        lock = FileLock(path)
    with lock:
        found = holder(path)
        assert found is not None
        assert found.pid is None
        assert path.read_bytes() == b""


def test_whoever_waits_says_so_once_and_has_it_when_it_is_free(tmp_path: Path) -> None:
    told = threading.Event()
    first = FileLock(tmp_path / "lock")
    thread = threading.Thread(target=lambda: (told.wait(20), first.close()))
    thread.start()
    said: list[int] = []

    def tell() -> None:
        said.append(1)
        told.set()

    with FileLock(tmp_path / "lock", 20.0, tell):
        assert said == [1]
    thread.join()


def test_what_many_may_hold_is_held_until_the_last_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "in-use"
    assert not is_held(path, shared=True)
    first, second = FileLock(path, shared=True), FileLock(path, shared=True)
    assert is_held(path, shared=True)
    first.close()
    assert is_held(path, shared=True)
    second.close()
    assert not is_held(path, shared=True)
