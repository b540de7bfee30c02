"""Moves the hook's messages from the inbox into the queue."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files, event_reading
from plexsync.inbox.hook_fault import explain
from plexsync.log_throttle import LogThrottle
from plexsync.queue.priorities import Priority

#: The priorities of what the hook asks for, where it is not that of a person's edit of one scene, 0: a tag may stand on
#: ten thousand scenes, and what people edit meanwhile comes first.
PRIORITIES = {event_files.SYNC_RELATED: Priority.FOLLOW_UP}
#: Messages per transaction.
BATCH = 500
#: Seconds after which the folder is listed again whatever its time of change says: some file systems (FAT, network
#: shares) keep it to the second or two, or not at all.
LIST_AT_LEAST_EVERY = 1.0
#: Seconds after which a folder that could not be listed is tried again.
LIST_AGAIN_AFTER = 10.0
#: Seconds between two words on a folder that cannot be listed.
LIST_FAULT_EVERY = 600.0
#: Seconds after which a file that could not be read, or removed, is tried again.
STUCK_AGAIN_AFTER = 60.0
#: Seconds between two looks for entries that look like messages and are no files.
STRANGERS_EVERY = 60.0
#: Entries that are named, of those that are in the way.
NAMED = 20
#: Seconds within which two changes of a folder may carry one time (a tick of the kernel's clock is 1 to 10 ms).
TICK = 0.02

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnusableFile:
    """A file that holds no message: what it holds, and why it is none."""

    data: bytes
    reason: str


class Intake:
    """Takes messages over from one inbox. Safe to share between threads and processes.

    A message is in the queue, durably, before its file is removed. A crash in between repeats it, which does no harm.

    :param folder: the inbox; it need not exist.
    :param store: stores messages, and sets what is unusable aside, in one durable transaction.
    :param clock: seconds on a clock that nobody sets.
    """

    def __init__(
        self,
        folder: Path,
        store: Callable[[Sequence[bytes], Sequence[UnusableFile]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = str(folder)
        #: What a file's name follows: ``pathlib`` takes longer to put a path together than it takes to remove the file.
        self._within = f"{folder}{os.sep}"
        self._stat = folder.stat
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._seen_change: int | None = None
        self._list_at = 0.0
        #: Files that cannot be read, and those that were taken over and cannot be removed; when to try again.
        self._unread: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._strangers: list[str] = []
        self._look_for_strangers_at = 0.0
        self._unfinished: set[str] = set()
        self._said = LogThrottle(LIST_FAULT_EVERY)

    def may_hold_news(self) -> bool:
        """Whether something may have been laid into the inbox since it was last listed. Costs one ``stat``."""
        return self._clock() >= self._list_at or self._change() != self._seen_change

    def in_the_way(self) -> list[str]:
        """The entries of the inbox that cannot be taken over, as they can be printed, or that stay there for ever."""
        with self._lock:
            return [event_files.printable(name) for name in sorted({*self._unread, *self._taken, *self._strangers})]

    def take_over(self, *, everything: bool = False, waits: bool = True) -> None:
        """Move the oldest messages into the queue.

        :param everything: all of them, not only the next ``BATCH``.
        :param waits: whether to wait for another thread that is doing it.
        :raises sqlite3.Error: they could not be stored, and stay in the inbox.
        """
        if not self.may_hold_news() or not self._lock.acquire(blocking=waits):
            return
        try:
            while self.may_hold_news():
                if self._take_batch() < BATCH or not everything:
                    return
        finally:
            self._lock.release()

    def _take_batch(self) -> int:
        """Move one batch; how many files are dealt with."""
        change, now = self._change(), self._clock()
        try:
            names = event_reading.waiting(self._folder, BATCH + len(self._unread) + len(self._taken))
            self._look_for_strangers(now)
        except OSError as error:
            self._tell_of_folder(error)
            self._seen_change, self._list_at = change, now + LIST_AGAIN_AFTER
            return 0
        names = self._without_stuck(names, now)
        done, messages, unusable, unfinished = self._read(names)
        if done:
            self._store_all(done, messages, unusable)
            for name in done:
                self._remove(name)
        self._seen_change = change
        handled = len(names) - len(unfinished)
        self._list_at = self._next_listing(now, change, handled, unfinished)
        self._unfinished = unfinished
        return handled

    def _tell_of_folder(self, error: OSError) -> None:
        if self._said.unsaid((type(error), error.errno)) is not None:
            why = event_files.printable(explain(error, self._folder))
            log.error("events cannot be taken over: %s; tried again", why)

    def _without_stuck(self, names: list[str], now: float) -> list[str]:
        """The files to be read now; those that only wait to be removed are tried on the way."""
        for stuck in (self._unread, self._taken):
            for name in stuck.keys() - set(names):
                del stuck[name]
        for name in [name for name, again in self._taken.items() if again <= now]:
            self._remove(name)
        return [name for name in names if name not in self._taken and self._unread.get(name, now) <= now]

    def _look_for_strangers(self, now: float) -> None:
        """See what is there that looks like a message and is no file: it holds nothing, and stays where it is."""
        if now < self._look_for_strangers_at:
            return
        self._look_for_strangers_at = now + STRANGERS_EVERY
        before, self._strangers = set(self._strangers), event_reading.strangers(self._folder, NAMED)
        for name in self._strangers:
            if name not in before:
                shown = event_files.printable(name)
                log.warning("in the inbox %s is not a message but a folder, a link or the like", shown)

    def _next_listing(self, now: float, change: int | None, handled: int, unfinished: set[str]) -> float:
        if handled >= BATCH:
            return now
        just_changed = change is not None and abs(time.time_ns() - change) < TICK * 1e9
        # A file being written is finished in a moment, which changes the file but not the folder.
        if just_changed or unfinished - self._unfinished:
            return now + TICK
        return now + LIST_AT_LEAST_EVERY

    def _read(self, names: Sequence[str]) -> tuple[list[str], list[bytes], list[UnusableFile], set[str]]:
        done: list[str] = []
        messages: list[bytes] = []
        unusable: list[UnusableFile] = []
        unfinished: set[str] = set()
        for name in names:
            try:
                message = event_reading.read(self._within + name)
            except event_reading.Unfinished:
                unfinished.add(name)
                continue
            except FileNotFoundError:
                continue
            except event_reading.UnreadableEvent as error:
                unusable.append(UnusableFile(error.raw, event_files.printable(f"{name}: {error.reason}")))
            except OSError as error:
                self._leave(self._unread, name, f"cannot be read ({error.strerror}): let the consumer's user read it")
                continue
            except Exception as error:  # noqa: BLE001 - whatever is the matter with one, the others are taken over
                self._leave(self._unread, name, f"cannot be read ({error!r:.200})")
                continue
            else:
                messages.append(as_queued(message))
            self._unread.pop(name, None)
            done.append(name)
        return done, messages, unusable, unfinished

    def _store_all(self, done: list[str], messages: list[bytes], unusable: list[UnusableFile]) -> None:
        """Store what was read; where one of them cannot be, the others.

        :param done: the files' names; those that could not be stored are taken out.
        :raises sqlite3.Error: the file cannot be used.
        """
        try:
            self._store(messages, unusable)
        except (sqlite3.Error, OSError, MemoryError):
            raise
        except Exception:
            if len(done) == 1:
                raise
            log.exception("messages could not be stored together, through a fault of PlexSync's: one by one, then")
            for name in list(done):
                self._store_one(done, name)

    def _store_one(self, done: list[str], name: str) -> None:
        _, messages, unusable, _ = self._read([name])
        try:
            self._store(messages, unusable)
        except (sqlite3.Error, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            done.remove(name)
            self._leave(self._unread, name, f"cannot be stored ({error!r:.200})")

    def _remove(self, name: str) -> None:
        try:
            event_files.remove(self._within + name)
            self._taken.pop(name, None)
        except OSError as error:
            # Taken over again and again, it would be worked on again and again.
            self._leave(self._taken, name, f"cannot be removed ({error.strerror}): let the consumer's user do that")

    def _leave(self, stuck: dict[str, float], name: str, why: str) -> None:
        is_news = name not in stuck
        stuck[name] = self._clock() + STUCK_AGAIN_AFTER
        if is_news:
            log.error("the inbox's file %s %s, or remove it by hand; tried again", event_files.printable(name), why)

    def _change(self) -> int | None:
        try:
            return self._stat().st_mtime_ns
        except OSError:
            return None


def as_queued(message: dict[str, Any]) -> bytes:
    """A message as it stands in the queue: what is checked of it, and nothing else.

    :param message: as ``event_reading.decode`` gives it.
    """
    known = {name: message[name] for name in event_files.FIELDS}
    if message["name"] in PRIORITIES:
        known["priority"] = PRIORITIES[message["name"]]
    return json.dumps(known).encode("ascii")
