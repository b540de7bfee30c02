"""How signals end the process of a self-test, whenever they come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.support import programs
from tests.support.places import ROOT

#: A self-test that is stopped while it asks, and hears another signal when all is put back.
STOPPED_TWICE = """
import signal
from plexsync.self_test.stopping import Stopped, Stopping

stopping = Stopping()
try:
    with stopping.listening(), stopping.asking():
        signal.raise_signal({first})
except Stopped as stopped:
    print("put back after", stopped.number, flush=True)
signal.raise_signal({second})
print("not ended", flush=True)
"""
#: One that nobody stops: afterwards a signal does what it did before.
NOT_STOPPED = """
import signal
from plexsync.self_test.stopping import Stopping

with Stopping().listening():
    pass
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("as before", flush=True)
"""


def run(text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", text]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    return programs.run(command, env=environ, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_after_all_is_put_back_ends_the_process_as_that_signal_does(
    first: signal.Signals, second: signal.Signals
) -> None:
    done = run(STOPPED_TWICE.format(first=int(first), second=int(second)))
    assert done.stdout == f"put back after {int(first)}\n"
    assert done.returncode == -second
    assert done.stderr == ""


def test_where_nobody_has_stopped_it_ctrl_c_is_as_before() -> None:
    done = run(NOT_STOPPED)
    assert (done.returncode, done.stdout) == (0, "as before\n")
