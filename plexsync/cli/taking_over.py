"""A consumer that a person or a service starts takes over from one that Stash has started: it is the one wanted."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from plexsync.cli.from_stash import is_from_stash
from plexsync.inbox import consumer_record, request_files
from plexsync.status.life import HAND_OVER
from plexsync.storage.consumer_lock import ConsumerLock, running_consumer

#: Seconds to wait for the other one: what it is at is finished, which takes 30 s at most.
PATIENCE = 60.0
#: Seconds between two looks whether it is gone, and for one that has just begun to say who it is.
LOOK, SAYS_WITHIN = 0.05, 1.0

log = logging.getLogger("plexsync.consumer")


@contextmanager
def sole_consumer(folder: Path) -> Iterator[ConsumerLock]:
    """Be the only consumer on this data while the block runs. One that Stash has started makes room for another.

    :param folder: the data folder.
    :raises Taken: another one runs that is not to make room.
    :raises OSError: the folder cannot be written to, or something else stands in the lock's place.
    """
    if not is_from_stash():
        _make_room(folder)
    lock = ConsumerLock(folder)
    try:
        yield lock
    finally:
        lock.close()


def _make_room(folder: Path) -> None:
    """Have a consumer that Stash has started end, and wait for that; nothing is done where none runs."""
    until = time.monotonic() + PATIENCE
    pid = _pid_of_stashs(folder)
    if pid is None:
        return
    log.info("the consumer that Stash has started ends, and this one takes over")
    if pid and _is_stashs(pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    else:
        # It runs in another container: it is asked as it is asked all else.
        request_files.lay(str(folder), HAND_OVER, {}, durable=False)
    while time.monotonic() < until and _pid_of_stashs(folder) == pid:
        time.sleep(LOOK)


def _pid_of_stashs(folder: Path) -> int | None:
    """The number of the consumer that runs, if Stash has started it (0 where that is not known); else None."""
    until = time.monotonic() + SAYS_WITHIN
    while True:
        try:
            running = running_consumer(folder)
        except OSError:
            return None
        if running is None or running.pid == os.getpid():
            return None
        pid = running.pid or 0
        record = consumer_record.read(str(folder))
        if _is_stashs(pid) or (record is not None and record.is_ours and record.state == consumer_record.RUNNING):
            return pid
        # One that has just begun has not noted anything yet.
        if time.monotonic() >= until or time.time() - running.since > SAYS_WITHIN:
            return None
        time.sleep(LOOK)


def _is_stashs(pid: int) -> bool:
    """Whether a process that can be seen from here is a consumer that Stash has started."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    mark = f"{consumer_record.STARTED_BY}={consumer_record.STASH}".encode("ascii")
    return b"plexsync.cli.consumer" in command and mark in environment.split(b"\0")
