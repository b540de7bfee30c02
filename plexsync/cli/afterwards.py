"""What a consumer sees to once it takes work, so that nobody waits for it at the start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from plexsync.cli.garbage import look_seldom
from plexsync.imports import late
from plexsync.queue.starting import patiently

#: Seconds after the start: those who had to wait for it have had their turn.
AFTER = 1.0


@contextmanager
def afterwards(*, forks: bool, after: float = AFTER) -> Iterator[None]:
    """While the block runs, make what is made late, and look for garbage seldom from then on.

    :param forks: whether workers are processes, which are to find all of it made: then it is done before the block.
    :param after: seconds; see ``AFTER``.
    """
    if forks:
        _see_to_it()
        yield
        return
    timer = threading.Timer(after, _see_to_it)
    timer.name, timer.daemon = "afterwards", True
    patiently(timer.start, "what is left of the start")
    try:
        yield
    finally:
        timer.cancel()


def _see_to_it() -> None:
    late.make_all()
    look_seldom()
