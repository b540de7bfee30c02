"""A command that has ended leaves the database as one who closes it does: all in one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT


@pytest.mark.parametrize("command", ["sync 1", "scene 1", "failed retry --all", "review forget 45"])
def test_a_command_closes_the_database(tmp_path: Path, command: str) -> None:
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-X", "utf8", "-P", "-m", "plexsync", *command.split()]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert [one.name for one in tmp_path.glob("plexsync.db*")] == ["plexsync.db"]
