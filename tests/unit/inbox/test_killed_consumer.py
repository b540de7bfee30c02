"""A consumer that was killed is known to be gone at once, by its lock, though its last sign of life is fresh."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.inbox import autostart, consumer_record, event_files, heartbeat, hook_process, request_files
from plexsync.storage.consumer_lock import only_consumer

SNAPSHOT = '{"state": "running", "written_at": %f, "plex": {"up": true}, "stash": {"up": true}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a consumer that is killed leaves: a fresh snapshot, a doorbell, its record and its lock's file."""
    (tmp_path / "status.json").write_text(SNAPSHOT % time.time())
    os.mkfifo(tmp_path / event_files.DOORBELL, 0o600)
    consumer_record.began(str(tmp_path), {consumer_record.STARTED_BY: consumer_record.STASH})
    (tmp_path / consumer_record.CONSUMER_LOCK).touch(0o600)
    return tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders for which the hook would have started a consumer."""
    asked: list[str] = []
    monkeypatch.setattr(autostart, "see_to", lambda folder: asked.append(folder) or True)
    return asked


@pytest.fixture
def heard(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / event_files.DOORBELL, os.O_RDWR | os.O_NONBLOCK)
    yield
    os.close(descriptor)


def test_it_is_gone_for_the_hook_the_page_and_monitors(folder: Path, started: list[str]) -> None:
    hook_process.see_to_consumer(str(folder))
    assert started == [str(folder)]
    assert not request_files.runs(str(folder))
    health = heartbeat.health(str(folder))
    assert (health["healthy"], health["ready"]) == (False, False)
    assert health["text"] == "the consumer has ended without a word, as when it is killed"


def test_one_that_holds_its_lock_is_there_though_its_doorbell_is_not_heard(folder: Path, started: list[str]) -> None:
    with only_consumer(folder):
        hook_process.see_to_consumer(str(folder))
        assert started == []
        assert request_files.runs(str(folder))
        assert heartbeat.health(str(folder))["healthy"]


@pytest.mark.parametrize("boot", ["another machine's", ""])
def test_of_one_on_another_machine_its_silence_alone_tells(
    folder: Path, started: list[str], boot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_record, "boot", lambda: boot)
    hook_process.see_to_consumer(str(folder))
    assert started == []
    assert request_files.runs(str(folder))
    assert heartbeat.health(str(folder))["healthy"]


def test_one_that_was_stopped_is_none_that_was_killed(folder: Path) -> None:
    consumer_record.ended(str(folder), consumer_record.STOPPED)
    assert not autostart.has_died(str(folder))


@pytest.mark.usefixtures("heard")
def test_where_the_doorbell_is_heard_the_hook_looks_no_further(
    folder: Path, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autostart, "has_died", lambda _folder: pytest.fail("the hook has no time for that"))
    assert not event_files.is_deserted(str(folder))
    hook_process.see_to_consumer(str(folder))
    assert request_files.runs(str(folder))
    assert started == []


@pytest.mark.parametrize("there", ["nothing", "a file"])
def test_without_a_doorbell_nobody_says_that_it_is_not_heard(tmp_path: Path, there: str) -> None:
    if there == "a file":
        (tmp_path / event_files.DOORBELL).touch()
    assert not event_files.is_deserted(str(tmp_path))
