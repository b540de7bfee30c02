"""A preview looks at several scenes at once, and where no thread can be started at one after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plexsync.cli.preview import _telling_if_long
from plexsync.status.dry_run import at_once


def refuse(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(threading.Thread, "start", fail)


def test_without_threads_it_looks_at_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes: Any = [1, 2, 3]
    looks: Any = [10, 20, 30]

    def look(scene: Any) -> Any:
        return scene * 10

    with ThreadPoolExecutor(2) as pool:
        assert list(at_once(pool, look, scenes)) == looks
    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        refuse(patch, "can't start new thread")
        assert list(at_once(pool, look, scenes)) == looks
    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool, pytest.raises(RuntimeError, match="odd"):
        refuse(patch, "something odd")
        list(at_once(pool, look, scenes))


def test_without_threads_nothing_is_told_of_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "can't start new thread")
    with _telling_if_long("a long text"):
        done = True
    assert done
