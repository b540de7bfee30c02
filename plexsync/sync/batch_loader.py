"""One call for many: threads that each want one thing share the next call that fetches several."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from plexsync.errors import PlexSyncError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BatchLoader(Generic[K, V]):
    """Fetches single values in batches without ever waiting for a batch to fill.

    While one thread's call is under way, the keys other threads ask for gather; whoever is next in line fetches them
    all in one call. A lone caller pays nothing. A value is always fetched after it was asked for, never before.

    :param fetch: takes several keys at once, returns what was found; its exception reaches everyone in the batch. Where
        only one thing could not be had, an error of ours stands in its place, or comes when it is asked for, and
        reaches whoever wants that one.
    :param limit: most keys in one call.

    Example::

        scenes = BatchLoader(stash.scenes, limit=50)
        scene = scenes.get(45)
    """

    def __init__(self, fetch: Callable[[Sequence[K]], Mapping[K, V | PlexSyncError]], limit: int) -> None:
        self._fetch = fetch
        self._limit = limit
        self._waiting: dict[K, Future[V | None]] = {}
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many keys wait for the next call."""
        return len(self._waiting)

    def get(
        self, key: K, *, asked: Callable[[], object] | None = None, wait: Callable[[], object] | None = None
    ) -> V | None:
        """The value for ``key``, or None where there is none.

        :param asked: called when the key is among those that the next call fetches.
        :param wait: called right before that call where it is for this caller to make it: others may be about to ask.
        """
        with self._lock:
            future = self._waiting.setdefault(key, Future())
        if asked is not None:
            asked()
        with self._turn:
            if wait is not None and not future.done():
                wait()
            # More keys than fit in one call may be waiting: go on until our own was among them.
            while not future.done():
                self._fetch_batch()
        return future.result()

    def _fetch_batch(self) -> None:
        with self._lock:
            batch = {key: self._waiting.pop(key) for key in list(self._waiting)[: self._limit]}
        try:
            found = self._fetch(list(batch))
        except BaseException as error:  # noqa: BLE001 - whatever it was, every thread of the batch has to hear of it
            for future in batch.values():
                future.set_exception(error)
            return
        for key, future in batch.items():
            try:
                value = found.get(key)
            except Exception as error:  # noqa: BLE001 - as above, for one of them
                future.set_exception(error)
                continue
            if isinstance(value, PlexSyncError):
                future.set_exception(value)
            else:
                future.set_result(value)
