"""Several processes run the tests, and one says how it went."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

#: Tests that end in every way, in more files than there are workers.
_ENDS = """
import os, signal, sys, threading, warnings
import pytest

made = []

@pytest.fixture(scope="module")
def shared():
    made.append(1)
    yield len(made)
    assert len(made) == 1

def test_one(shared, tmp_path):
    assert shared == 1
    (tmp_path / "file").write_text("mine")

@pytest.mark.parametrize("number", range(30))
def test_another(shared, number):
    assert shared == 1

@pytest.mark.skip(reason="not today")
def test_skipped():
    pass

def test_failing(capsys):
    print("said before it failed")
    left, right = [1, 2], [1, 3]
    assert left == right

def test_speaking():
    print("said to nobody")

def test_killed():
    if os.environ.get("PLANTED") == "death" and __name__.endswith("b"):
        os.kill(os.getpid(), signal.SIGKILL)

@pytest.fixture
def ending_badly():
    yield
    raise RuntimeError("in the tear-down")

def test_with_an_error(ending_badly):
    warnings.warn("one warns")

def test_last():
    assert threading.active_count() == 1
"""


def run(folder: Path, *options: str, **environ: str) -> str:
    for name in "abc":
        (folder / f"test_{name}.py").write_text(_ENDS)
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib\ntmp_path_retention_policy = failed\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_all_of_it_is_told_as_by_one_process(tmp_path: Path) -> None:
    told = {workers: run(tmp_path, "-ra", "--workers", workers) for workers in ("1", "2")}
    for text in told.values():
        assert re.search("3 failed, 105 passed, 3 skipped, 3 warnings, 3 errors in", text)
        assert "assert [1, 2] == [1, 3]" in text
        assert len(re.findall("^said before it failed$", text, re.MULTILINE)) == 3
        assert "said to nobody" not in text
        assert "in the tear-down" in text
        assert "UserWarning: one warns" in text
        assert "not today" in text
    named = [sorted(re.findall("^(?:FAILED|ERROR) .*", text, re.MULTILINE)) for text in told.values()]
    assert named[0] == named[1]
    assert len(named[0]) == 6


def test_a_worker_that_dies_has_failed_its_test_and_another_runs_the_rest(tmp_path: Path) -> None:
    text = run(tmp_path, "--workers", "2", "--durations=3", PLANTED="death")
    assert re.search("4 failed, 104 passed, 3 skipped, 3 warnings, 3 errors in", text)
    assert "FAILED test_b.py::test_killed - the worker ended with -9 while this test ran" in text
    assert "the dearest files" in text


def test_they_stop_where_one_is_to_stop(tmp_path: Path) -> None:
    text = run(tmp_path, "--workers", "2", "-x")
    assert re.search("stopping after [1-4] failures", text)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_those_that_failed_can_be_run_again(tmp_path: Path, workers: str) -> None:
    run(tmp_path, "-p", "cacheprovider", "--workers", workers)
    text = run(tmp_path, "-p", "cacheprovider", "--last-failed", "--workers", "2")
    assert re.search("3 failed, 3 passed, .*3 errors in", text)
