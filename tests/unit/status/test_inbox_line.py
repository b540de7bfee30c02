"""What ``--check`` says of the way from the hook to the consumer, by the plugin's own answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from plexsync.errors import StashUnavailable
from plexsync.inbox.operations import answer_to
from plexsync.status.findings import Finding
from plexsync.status.inbox_line import finding

WORD = "c" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    return here


def plugin(folder: Path) -> Callable[[Mapping[str, Any]], object]:
    folder.mkdir(exist_ok=True)
    return lambda args: json.loads(answer_to(str(folder), dict(args), {}))


def told(ask: Callable[[Mapping[str, Any]], object], folder: Path, *, through_stash: bool = False) -> Finding | None:
    return finding(ask, folder, through_stash=through_stash, consumer=WORD)


def test_a_folder_that_both_use_is_told_from_one_that_only_looks_alike(folder: Path, tmp_path: Path) -> None:
    shared = told(plugin(folder), folder)
    assert shared is not None
    assert shared.ok
    apart = told(plugin(tmp_path / "there"), folder)
    assert apart is not None
    assert not apart.ok
    assert "PLEXSYNC_INBOX=stash" in apart.text
    assert list(folder.iterdir()) == []


def test_fetching_is_tried(folder: Path, tmp_path: Path) -> None:
    fetched = told(plugin(tmp_path / "there"), folder, through_stash=True)
    assert fetched is not None
    assert fetched.ok
    refused = told(lambda _args: {"ok": False, "error": {"text": "No."}}, folder, through_stash=True)
    assert refused is not None
    assert (refused.ok, refused.text) == (False, "No.")


def test_what_cannot_be_told_is_not(folder: Path) -> None:
    def away(_args: Mapping[str, Any]) -> object:
        raise StashUnavailable("no answer")

    assert told(away, folder) is None
    # An older plugin.
    assert told(lambda _args: {"ok": False, "error": {"text": "There is no mode 'here'."}}, folder) is None
    assert list(folder.iterdir()) == []
