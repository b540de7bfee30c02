"""Refreshing the library index from several threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plexsync.ledger import Ledger
from plexsync.library import Library
from plexsync.model import Page, Section


class SlowPlex:
    """One section without items, whose first answer comes when it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answer = threading.Event()
        self.calls = 0

    def sections(self) -> Sequence[Section]:
        self.calls += 1
        self.asked.set()
        assert self.answer.wait(10)
        return [Section(1, "Scenes", "movie", locations=("/media",))]

    def listing(self, section_id: int, start: int, size: int, **_: Any) -> Page:
        return Page((), start, 0)


def test_whoever_waits_for_another_threads_refresh_is_told_that_the_index_is_newer(ledger: Ledger) -> None:
    plex = SlowPlex()
    library = Library(plex, ledger.index, ())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(library.refresh)
        assert plex.asked.wait(10)
        second = pool.submit(library.refresh)
        while not second.running():
            pass
        threading.Event().wait(0.05)
        plex.answer.set()
        assert (first.result(), second.result()) == (True, True)
    assert plex.calls == 1
    assert library.refresh() is False
