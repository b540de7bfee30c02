"""What the snapshot finds and what ``doctor`` finds is said in the same words, where it is the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from plexsync.status.checks import check_machine
from plexsync.status.findings_now import findings

#: Figures with which nothing is wrong.
WELL: dict[str, Any] = {
    "consumer": {"running": True, "pid": None, "since": "2026-01-01T00:00:00+00:00"},
    "hook": {"level": "ok", "text": ""},
    "settings": None,
    "queue": {"pending": 0, "scheduled": 0, "in_progress": 0, "set_aside": 0, "next_try_at": None},
    "dead_letters": 0,
    "breaker": {"state": "closed"},
    "stash_breaker": {"state": "closed"},
    "stopped": None,
    "stashes": [],
    "oldest_pending_s": None,
    "reconcile": {"cautions": []},
}


class Usage(NamedTuple):
    """Of a disk, in bytes."""

    total: int
    used: int
    free: int


def told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free: int = 10**12, **ill: Any
) -> tuple[list[dict[str, str]], dict[str, str]]:
    """What the snapshot finds, and what ``doctor`` finds wrong by its names."""
    figures = WELL | ill
    monkeypatch.setattr("plexsync.status.checks.collect", lambda: figures)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**12, 0, free))
    doctor = check_machine({"PLEXSYNC_DATA_DIR": str(folder)})
    return findings(figures, folder), {one.name: one.text for one in doctor if not one.ok}


@pytest.mark.parametrize(
    "ill",
    [
        {"stopped": "the token is wrong"},
        {"stashes": ["http://a:1", "http://b:2"]},
        {"oldest_pending_s": 3601.0},
        {"free": 1},
    ],
    ids=str,
)
def test_doctor_says_all_that_the_snapshot_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ill: dict[str, Any]
) -> None:
    shown, doctor = told(tmp_path, monkeypatch, **ill)
    assert len(shown) == 1
    assert list(doctor) == [shown[0]["name"]]
    assert f"{shown[0]['text'].rstrip('.')}. {shown[0]['remedy']}" in doctor[shown[0]["name"]]


def test_doctor_says_more_of_what_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, doctor = told(tmp_path, monkeypatch, queue=WELL["queue"] | {"set_aside": 2})
    assert doctor["messages"].startswith(f"{shown[0]['text'].rstrip('.')}, the latest: ")


def test_nothing_is_said_where_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(tmp_path, monkeypatch) == ([], {})
