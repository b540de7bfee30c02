"""The programs that tests fork do what programs do that start from nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.places import ROOT


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PLEXSYNC_DATA_DIR": str(tmp_path / "data")}


def command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "plexsync", *words]


@pytest.mark.parametrize("words", [("failed", "list"), ("scene", "no number"), ("failed", "show", "7")], ids=" ".join)
def test_a_forked_command_prints_and_ends_as_one_from_nothing(
    environ: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    with programs.Popen(
        command(*words), env=environ, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as forked:
        printed = forked.communicate(timeout=60)
    assert isinstance(forked, programs.ForkedProcess)
    real = subprocess.run(
        command(*words), env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (forked.returncode, *printed) == (real.returncode, real.stdout, real.stderr)
    assert any(printed)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "ascii:replace"])
def test_a_forked_command_writes_in_the_encoding_that_is_asked_for(
    environ: dict[str, str], encoding: str, tmp_path: Path
) -> None:
    options = {
        "env": environ | {"PYTHONIOENCODING": encoding, "PLEXSYNC_DATA_DIR": str(tmp_path / "é ж")},
        "cwd": tmp_path,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    words = command("scene", "é ж \N{GAME DIE}")
    with programs.Popen(words, **options) as forked, subprocess.Popen(words, **options) as real:
        assert forked.communicate(timeout=60) == real.communicate(timeout=60)
    assert isinstance(forked, programs.ForkedProcess)
    assert forked.returncode == real.returncode != 0


def test_a_forked_command_whose_reader_has_gone_ends_as_one_from_nothing(
    environ: dict[str, str], tmp_path: Path
) -> None:
    ended = []
    for popen in (programs.Popen, subprocess.Popen):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with popen(command("failed", "list"), env=environ, cwd=tmp_path, **options) as process:
            process.stdout.close()
            ended.append((process.stderr.read(), process.wait(60)))
    assert ended[0] == ended[1]


def test_a_forked_command_folds_its_log_into_the_database_at_its_end(environ: dict[str, str], tmp_path: Path) -> None:
    with programs.Popen(command("failed", "list"), env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL) as forked:
        assert forked.wait(60) == 0
    assert isinstance(forked, programs.ForkedProcess)
    assert (tmp_path / "data" / "plexsync.db").exists()
    assert list((tmp_path / "data").glob("plexsync.db-*")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import sys; from plexsync import __version__ as v; print(__name__, sys.argv, v, sorted(globals())[-2:])",
        "raise SystemExit('no')",
        "def f(x=[n for n in range(3)]): return x\nimport __main__; print(__main__.f()); raise SystemExit(3)",
    ],
)
def test_a_forked_text_does_as_one_from_nothing(environ: dict[str, str], tmp_path: Path, text: str) -> None:
    words = [sys.executable, "-P", "-c", text, "a word"]
    options = {"env": environ, "cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with programs.Popen(words, **options) as forked, subprocess.Popen(words, **options) as real:
        assert forked.communicate(timeout=60) == real.communicate(timeout=60)
    assert isinstance(forked, programs.ForkedProcess)
    assert forked.returncode == real.returncode


def test_a_forked_command_that_is_killed_says_so(environ: dict[str, str]) -> None:
    with programs.Popen(command("login"), env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as forked:
        os.kill(forked.pid, signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            forked.wait(0.01)
        forked.kill()
        assert forked.wait(20) == -signal.SIGKILL
        assert forked.poll() == -signal.SIGKILL


@pytest.mark.parametrize(
    "other",
    [
        {"env": {"PYTHONPATH": "/elsewhere"}},
        {"env": {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}},
        {"env": {"PYTHONPATH": str(ROOT), "LC_ALL": "C"}},
        {"user": os.getuid()},
    ],
    ids=str,
)
def test_what_only_a_start_from_nothing_shows_is_started_from_nothing(
    environ: dict[str, str], other: dict[str, object]
) -> None:
    options = {"env": environ, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | other
    with programs.Popen(command("--version"), **options) as process:
        process.communicate(timeout=60)
    assert isinstance(process, subprocess.Popen)
