"""One consumer for each data folder, whatever became of the one before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plexsync.storage.consumer_lock import only_consumer
from plexsync.storage.locks import Taken
from tests.support.places import ROOT


def test_a_second_consumer_is_told_of_the_first_which_a_dead_one_never_blocks(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from plexsync.storage.consumer_lock import only_consumer\n"
        f"with only_consumer(Path({str(tmp_path)!r})) as lock:\n"
        "    print(lock.ran_before, flush=True)\n    time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "False\n"
        with pytest.raises(Taken, match=f"another consumer \\(process {holder.pid}\\)"), only_consumer(tmp_path):
            pytest.fail("the block must not run")
    finally:
        holder.kill()
        holder.communicate()
    with only_consumer(tmp_path) as lock:
        assert lock.ran_before


def test_a_worker_that_outlives_its_consumer_does_not_keep_the_next_one_out(tmp_path: Path) -> None:
    lock = only_consumer(tmp_path)
    lock.__enter__()
    ready, tell = os.pipe()
    child = os.fork()
    if not child:
        os.write(tell, b"!")
        time.sleep(30)
        os._exit(0)
    try:
        os.read(ready, 1)
        lock.__exit__(None, None, None)
        with only_consumer(tmp_path) as next_one:
            assert next_one.ran_before
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(tell)
