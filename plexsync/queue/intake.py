"""Moves the hook's messages from the inbox into the queue."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from plexsync import inbox
from plexsync.hook_fault import explain

#: The priorities of what the hook asks for, where it is not that of a person's edit of one scene, 0: a tag may stand on
#: ten thousand scenes, and what people edit meanwhile comes first.
PRIORITIES = {inbox.SYNC_RELATED: -5.0}
#: Messages per transaction.
BATCH = 500
#: Seconds after which the folder is listed again whatever its time of change says: some file systems (FAT, network
#: shares) keep it to the second or two, or not at all.
LIST_AT_LEAST_EVERY = 1.0
#: Seconds after which a folder that could not be listed is tried again.
LIST_AGAIN_AFTER = 10.0
#: Seconds within which two changes of a folder may carry one time (a tick of the kernel's clock is 1 to 10 ms).
TICK = 0.02

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that holds no message: what it holds, and why it is none."""

    data: bytes
    reason: str


class Intake:
    """Takes messages over from one inbox. Safe to share between threads and processes.

    A message is in the queue, durably, before its file is removed. A crash in between repeats it, which does no harm.

    :param folder: the inbox; it need not exist.
    :param store: stores messages, and sets what is unusable aside, in one durable transaction.
    """

    def __init__(self, folder: Path, store: Callable[[Sequence[bytes], Sequence[Unusable]], None]) -> None:
        self._folder = folder
        self._store = store
        self._lock = threading.Lock()
        self._seen_change: int | None = None
        self._list_at = 0.0
        self._stuck: set[str] = set()
        self._unfinished: set[str] = set()

    def may_hold_news(self) -> bool:
        """Whether something may have been laid into the inbox since it was last listed. Costs one ``stat``."""
        return time.monotonic() >= self._list_at or self._change() != self._seen_change

    def take_over(self, *, everything: bool = False) -> None:
        """Move the oldest messages into the queue.

        :param everything: all of them, not only the next ``BATCH``.
        :raises sqlite3.Error: they could not be stored, and stay in the inbox.
        """
        if not self.may_hold_news():
            return
        with self._lock:
            while self.may_hold_news():
                if self._take_batch() < BATCH or not everything:
                    return

    def _take_batch(self) -> int:
        """Move one batch; how many files are dealt with."""
        change, now = self._change(), time.monotonic()
        try:
            names = inbox.waiting(str(self._folder), BATCH + len(self._stuck))
        except OSError as error:
            log.error("events cannot be taken over: %s; tried again", explain(error, str(self._folder)))  # noqa: TRY400 - no trace of ours
            self._seen_change, self._list_at = change, now + LIST_AGAIN_AFTER
            return 0
        self._stuck.intersection_update(names)
        names = [name for name in names if name not in self._stuck]
        done, messages, unusable, unfinished = self._read(names)
        if done:
            self._store(messages, unusable)
            for name in done:
                self._remove(name)
        self._seen_change = change
        handled = len(names) - len(unfinished)
        self._list_at = self._next_listing(now, change, handled, unfinished)
        self._unfinished = unfinished
        return handled

    def _next_listing(self, now: float, change: int | None, handled: int, unfinished: set[str]) -> float:
        if handled >= BATCH:
            return now
        just_changed = change is not None and abs(time.time_ns() - change) < TICK * 1e9
        # A file being written is finished in a moment, which changes the file but not the folder.
        if just_changed or unfinished - self._unfinished:
            return now + TICK
        return now + LIST_AT_LEAST_EVERY

    def _read(self, names: Sequence[str]) -> tuple[list[str], list[bytes], list[Unusable], set[str]]:
        done: list[str] = []
        messages: list[bytes] = []
        unusable: list[Unusable] = []
        unfinished: set[str] = set()
        for name in names:
            try:
                message = inbox.read(str(self._folder / name))
            except inbox.Unfinished:
                unfinished.add(name)
                continue
            except FileNotFoundError:
                continue
            except inbox.Unreadable as error:
                unusable.append(Unusable(error.raw, f"{name}: {error.reason}"))
            except OSError as error:
                self._leave(name, f"cannot be read ({error.strerror}): let the consumer's user read the inbox")
                continue
            else:
                if message["name"] in PRIORITIES:
                    message["priority"] = PRIORITIES[message["name"]]
                messages.append(json.dumps(message).encode("ascii"))
            done.append(name)
        return done, messages, unusable, unfinished

    def _remove(self, name: str) -> None:
        try:
            inbox.remove(str(self._folder / name))
        except OSError as error:
            # Taken over again and again, it would be worked on again and again.
            self._leave(name, f"cannot be removed ({error.strerror}): let the consumer's user write to the inbox")

    def _leave(self, name: str, why: str) -> None:
        self._stuck.add(name)
        log.error("the inbox's file %s %s; remove it by hand and restart", name, why)

    def _change(self) -> int | None:
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return None
