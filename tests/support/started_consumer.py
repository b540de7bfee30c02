"""A plugin folder with a consumer that is quick to start: to see whom the hook starts, and when."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.hook_runner import Hook, command, install

#: What a consumer leaves in the data folder, and nothing else of it: lock, record, snapshot.
CONSUMER = """
import fcntl, os, signal, sys, time
from plexsync.inbox import consumer_record, event_files
folder = event_files.data_folder()
lock = open(os.path.join(folder, "consumer.lock"), "a")
with open(os.path.join(folder, "starts"), "a") as starts:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        starts.write("refused\\n")
        sys.exit(1)
    starts.write(f"{os.getpid()}\\n")
consumer_record.began(folder, dict(os.environ))
def end(*_):
    consumer_record.ended(folder, "stopped")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
print("the consumer speaks", flush=True)
status = os.path.join(folder, "status.json")
with open(status + ".new", "w") as file:
    file.write('{"schema": 1, "state": "running", "since": "2026-11-27T02:00:00Z", "queue": {"pending": 3}}\\n')
os.replace(status + ".new", status)
while True:
    time.sleep(60)
"""
SCRIPT = """#!/bin/sh
here=$(dirname "$0")
export PYTHONPATH="$here"
exec $(echo $PYTHON | cut -d" " -f1) -S "$here/consumer.py"
"""
#: Seconds within which a process has done what it is to do, on a busy machine.
PATIENCE = 20.0


class StartedConsumer(Hook):
    """Hooks and operations on a data folder, of a plugin whose consumer is a small one.

    :param folder: an empty one.
    :param script: what stands for ``huey_consumer.sh``.
    """

    def __init__(self, folder: Path, script: str = SCRIPT) -> None:
        super().__init__(folder / "data")
        self.plugin = install(folder / "Plex Sync")
        (self.plugin / "huey_consumer.sh").write_text(script)
        (self.plugin / "consumer.py").write_text(CONSUMER)
        self.environment = {"PATH": os.environ["PATH"], "PLEXSYNC_DATA_DIR": str(self.data)}

    def hook(self) -> str:
        """Run one hook; what it has logged."""
        return self.run(argv=command(plugin=self.plugin)).log

    def operate(self, **args: object) -> Any:
        """Ask as the page does; the answer."""
        connection = {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999, "SessionCookie": {"Value": "SECRET-COOKIE"}}
        sent = json.dumps({"server_connection": connection, "args": args}).encode()
        answer = self.run(sent, argv=command(plugin=self.plugin))
        assert answer.code == 0, answer.raw
        return json.loads(answer.raw)["output"]

    def life(self) -> dict[str, Any]:
        """What the page is told of the consumer."""
        told: dict[str, Any] = self.operate(mode="status")["result"]["life"]
        return told

    @property
    def starts(self) -> list[str]:
        """The numbers of the consumers that were started; ``refused`` for one that found another."""
        path = self.data / "starts"
        return path.read_text().split() if path.exists() else []

    def running(self) -> int:
        """The number of the consumer that was started last, once it is up."""
        until(lambda: bool(self.starts) and (self.data / "status.json").exists() and self.is_recorded("running"))
        return int(self.starts[-1])

    def is_recorded(self, state: str) -> bool:
        """Whether the consumer has noted that."""
        path = self.data / "autostart.json"
        return path.exists() and json.loads(path.read_text())["state"] == state

    def record(self, **changes: object) -> None:
        """Change what is noted of the last consumer."""
        path = self.data / "autostart.json"
        noted = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(noted | changes))

    def let_time_pass(self, seconds: float = 3600) -> None:
        """As if that much time had passed since the last sign of life and the last start."""
        path = self.data / "status.json"
        if path.exists():
            os.utime(path, (time.time() - seconds,) * 2)
        lock = self.data / "autostart.lock"
        if lock.exists():
            noted = json.loads(lock.read_text())
            lock.write_text(json.dumps(noted | {"at": noted["at"] - seconds}))

    def end(self, pid: int, signum: signal.Signals) -> None:
        """End a consumer, and wait until it is gone."""
        os.kill(pid, signum)
        until(lambda: not is_alive(pid))

    def close(self) -> None:
        """End all that were started."""
        for pid in self.starts:
            if pid != "refused":
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
