"""Fetching the next pages while this one is worked on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from queue import Queue
from typing import Generic, TypeVar

from plexsync.library.gathered import TOGETHER

_Place = TypeVar("_Place")
_Page = TypeVar("_Page")

log = logging.getLogger(__name__)

#: Pages that wait to be worked on, at most, besides the one that is being fetched: as many as are written together, so
#: that the server has work to do for as long as that takes.
WAITING = TOGETHER


def ahead(
    fetch: Callable[[_Place], tuple[_Page, _Place | None]], place: _Place, pause: Callable[[], bool]
) -> Iterator[_Page]:
    """The pages from ``place`` on, fetched while whoever iterates works on those before.

    :param fetch: gives the page at a place, and the next place, None for no other. It runs in a thread of its own, one
        call at a time; what it raises comes out here, behind the pages that came before.
    :param pause: when it says yes nothing more is fetched, and what came so far are all pages.

    Where no thread can be started, each page is fetched when it is wanted.
    """
    fetcher = _Fetcher(fetch, pause)
    # What it asks counts for whoever iterates, and its lines in the log are about the same.
    thread = threading.Thread(target=copy_context().run, args=(fetcher.run, place), name="Ahead", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        log.debug("pages are not fetched ahead: %s", error)
        yield from _one_by_one(fetch, place, pause)
        return
    try:
        yield from fetcher.pages()
    finally:
        fetcher.stop()
        thread.join()


def _one_by_one(
    fetch: Callable[[_Place], tuple[_Page, _Place | None]], place: _Place | None, pause: Callable[[], bool]
) -> Iterator[_Page]:
    while place is not None:
        page, place = fetch(place)
        is_last = place is None or pause()
        yield page
        if is_last:
            return


class _Fetcher(Generic[_Place, _Page]):
    """One thread's work.

    It goes on by itself: were it told to after each page, it would have to wait for Python to let it run just when
    there is a page to work on, and the server would wait with it.
    """

    def __init__(self, fetch: Callable[[_Place], tuple[_Page, _Place | None]], pause: Callable[[], bool]) -> None:
        self._fetch = fetch
        self._pause = pause
        self._stopping = False
        #: A page and whether it is the last; or an exception.
        self._fetched: Queue[tuple[_Page, bool] | BaseException] = Queue(WAITING)

    def run(self, place: _Place | None) -> None:
        while place is not None and not self._stopping:
            try:
                page, place = self._fetch(place)
                is_last = place is None or self._pause()
            except BaseException as error:  # noqa: BLE001 - whatever it was, it comes out where the pages do
                self._fetched.put(error)
                return
            self._fetched.put((page, is_last))
            if is_last:
                return

    def pages(self) -> Iterator[_Page]:
        is_last = False
        while not is_last:
            fetched = self._fetched.get()
            if isinstance(fetched, BaseException):
                raise fetched
            page, is_last = fetched
            yield page

    def stop(self) -> None:
        """Fetch nothing more, and wait for no one to take what was fetched."""
        self._stopping = True
        while not self._fetched.empty():
            self._fetched.get_nowait()
