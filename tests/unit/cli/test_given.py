"""What commands are given is checked before anything is done with it, and what is wrong is said in plain words."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from plexsync.cli import backup as backup_module
from plexsync.cli import report as report_module
from plexsync.cli import scenes as scenes_module
from plexsync.cli.commands import main
from plexsync.status import shared_report


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A report silences the log of its process, which here is that of the other tests, too."""
    logger = logging.getLogger("plexsync")
    level = logger.level
    yield
    logger.setLevel(level)


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize(
    "words",
    [
        ("scene",),
        ("sync",),
        ("activity", "--scene"),
        ("failed", "show"),
        ("failed", "retry"),
        ("failed", "discard"),
        ("review", "accept", "1"),
        ("review", "reject"),
    ],
)
@pytest.mark.parametrize("number", [0, 2**63, 10**30])
def test_an_id_is_one_that_can_be_kept(words: tuple[str, ...], number: int) -> None:
    code, text = said(*words, str(number))
    assert code == 2
    assert "is not in the range x>=1" in text or "no id is as large" in text


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which there is all that is no file; a report says one thing, and a copy is none."""
    monkeypatch.setattr(shared_report, "shared_report", lambda _environ: "a report")
    monkeypatch.setattr(backup_module.backups, "make", lambda _path, target: target)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/null")
    return tmp_path


@pytest.mark.parametrize("command", ["backup", "report"])
@pytest.mark.parametrize("name", ["pipe", "folder", "device", "", "a\0b"])
def test_nothing_but_a_file_is_replaced(places: Path, command: str, name: str) -> None:
    code, text = said(command, str(places / name) if name else "")
    assert code == 2
    assert "name a file" in text or "names no file" in text
    assert (places / "pipe").is_fifo()
    assert (places / "device").is_symlink()


def test_of_a_link_the_file_that_it_leads_to_is_meant(places: Path) -> None:
    (places / "link").symlink_to(places / "there.txt")
    for _ in range(2):
        code, text = said("report", str(places / "link"))
        assert (code, "there.txt" in text) == (0, True)
        assert (places / "link").is_symlink()
        assert (places / "there.txt").read_text() == "a report"


def test_bytes_that_are_no_letters_are_looked_for_and_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scenes_module.text(None, None, "caf\udce9") == "caf?"  # type: ignore[arg-type]  # neither is looked at
    assert report_module.new_file is backup_module.new_file
