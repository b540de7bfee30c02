"""What a command says of a fault, and that no secret is in it, whatever kind of fault it is."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from plexsync.cli.failures import FAILED, WRONG_SETTINGS, faults_shown
from plexsync.errors import PermanentError
from plexsync.redaction import REDACTED, redact
from plexsync.storage.migrations import DatabaseTooNew
from settings import SettingsError

SECRET = "a-token-that-only-this-test-has"


def _settings_error(text: str) -> SettingsError:
    return SettingsError([text])


KINDS: dict[str, tuple[Callable[[str], BaseException], int]] = {
    "the settings": (_settings_error, WRONG_SETTINGS),
    "a fault of ours": (PermanentError, FAILED),
    "a newer database": (DatabaseTooNew, FAILED),
    "the database": (sqlite3.OperationalError, FAILED),
    "a file": (lambda text: OSError(5, text), FAILED),
    "a file's name": (lambda text: OSError(5, "Input/output error", text), FAILED),
    "a bug": (RuntimeError, FAILED),
}


@pytest.fixture(autouse=True)
def _knows_the_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", str(tmp_path))
    redact.learn(SECRET)


@pytest.mark.parametrize("kind", KINDS)
def test_no_fault_is_told_with_a_secret(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, code = KINDS[kind]
    with pytest.raises(SystemExit) as ended, faults_shown():
        raise make(f"this is about {SECRET} of somebody")
    out, err = capsys.readouterr()
    assert ended.value.code == code
    assert SECRET not in out + err
    assert f"this is about {REDACTED} of somebody" in err


def test_only_a_bug_is_told_with_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, (make, _) in KINDS.items():
        with pytest.raises(SystemExit), faults_shown():
            raise make("why")
        assert ("Traceback" in capsys.readouterr().err) is (kind == "a bug"), kind


def test_what_ends_the_program_on_purpose_is_let_through() -> None:
    with pytest.raises(SystemExit) as ended, faults_shown():
        sys.exit(7)
    assert ended.value.code == 7


def test_a_disk_that_is_full_is_told_in_whole_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The error of writing into an open file names none."""
    with pytest.raises(SystemExit) as ended, faults_shown():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert ended.value.code == FAILED
    assert "a file could not be read or written: No space left on device" in capsys.readouterr().err
