"""The consumer's lock is made anew where its file was deleted under it, with the whole data folder as a rule.

Without it a second consumer could start on the same data, and neither would know of the other.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from plexsync.log_throttle import LogThrottle
from plexsync.storage.locks import ConsumerLock, Taken

#: Seconds between two looks, each of which costs one ``stat``.
EVERY = 2.0

log = logging.getLogger(__name__)


@contextmanager
def held_anew(lock: ConsumerLock) -> Iterator[None]:
    """Look after the lock while the block runs. Where another consumer has taken it, this one stops."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(lock, over), name="lock", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        log.warning("nobody looks after %s: %s", lock.path, error)
        yield
        return
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(lock: ConsumerLock, over: threading.Event) -> None:
    said = LogThrottle()
    while not over.wait(EVERY):
        try:
            if lock.hold():
                log.warning("%s was deleted under this process, and is made anew", lock.path)
        except Taken as error:
            log.error("%s", error)  # noqa: TRY400 - the text says it all
            os.kill(os.getpid(), signal.SIGTERM)
            return
        except OSError as error:
            if said.unsaid(error.errno) is not None:
                log.error("%s cannot be made anew, so a second consumer would not be noticed: %s", lock.path, error)  # noqa: TRY400 - the text says it all
