"""Carries events and requests from Stash's machine to this one, and answers and the snapshot back.

What lies there arrives here as if it had been laid here: events in the queue, requests as files beside it. An event is
acknowledged only once it is stored durably, with the next call; one that is handed out again is a repeat, which does no
harm. Each call waits for something to come, so an edit is fetched at once, and an idle Stash is asked seldom.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from plexsync import __version__
from plexsync.errors import PlexSyncError
from plexsync.fetching.delivery import Ask, Delivery, DeliveryRefused, Laid, exchange
from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files, event_reading, request_files
from plexsync.inbox.event_reading import UnreadableEvent
from plexsync.inbox.hook_process import NOTICE_FILE, replace
from plexsync.inbox.request_files import MAX_STATUS, STATUS_FILE
from plexsync.log_throttle import LogThrottle
from plexsync.queue.intake import UnusableFile, as_queued
from plexsync.queue.loop import Loop

#: Seconds that a call waits while somebody looks at the page, and for which an answer is waited for between two calls.
WATCHED_WAIT, ANSWER_WAIT = 0.5, 1.0
#: Seconds between two looks for an answer.
ANSWER_LOOK = 0.01
#: Seconds after which nobody waits for an answer any more.
FORGOTTEN = 120.0
#: Seconds to the next call after one that failed, twice as many after each further one, and at most.
AGAIN, AGAIN_AT_MOST = 2.0, 30.0
#: Seconds by which clocks may differ before times are put right.
SAME_TIME = 0.05
#: Answers sent with one call, and bytes of a notice.
MOST_ANSWERS, MAX_NOTICE = 20, 4096

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallPace:
    """How often to call. Seconds.

    :param wait: that a call waits for something to come.
    :param pause: between two calls while events come.
    """

    wait: float
    pause: float


class Courier:
    """One thread of the consumer's process.

    :param folder: the data folder here.
    :param ask: runs an operation of the plugin in Stash.
    :param store: stores messages, and sets what is unusable aside, in one durable transaction.
    :param consumer: the word by which this consumer is known there: hexadecimal, the same at each start.
    :param host: this machine's name, which the page shows.
    :param pace: says how often to call; asked before each call.
    """

    def __init__(
        self,
        folder: Path,
        ask: Ask,
        store: Callable[[Sequence[bytes], Sequence[UnusableFile]], None],
        *,
        consumer: str,
        host: str,
        pace: Callable[[], CallPace],
    ) -> None:
        self._folder = folder
        self._requests = folder / request_files.FOLDER
        self._ask = ask
        self._store = store
        self._who = {"consumer": consumer, "host": host[:200]}
        self._pace = pace
        #: Names of events that are stored, and still lie there as far as is known.
        self._stored: set[str] = set()
        #: Names of requests that are worked on here, and since when.
        self._open: dict[str, float] = {}
        self._sent: dict[str, object] = {}
        self._watched, self._called = False, False
        self._failures = 0
        #: Seconds from one call to the next.
        self.next_in = 0.0
        self._said = LogThrottle(600.0)
        self._loop = Loop("Courier", "fetching events from Stash", self.look, lambda: self.next_in, log)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def stop(self) -> None:
        """End, and say so on Stash's machine, if it can be reached: what comes from now on waits there."""
        self._loop.stop()
        self.leave()

    def leave(self) -> None:
        """Say on Stash's machine that this consumer stops."""
        with suppress(PlexSyncError):
            exchange(self._ask, self._parcel(leaves=True))

    def look(self) -> None:
        """Call once, and work out when to call next.

        :raises sqlite3.Error: what came could not be stored; it comes again.
        """
        pace = self._pace()
        wait = 0.0 if self._open or not self._called else min(pace.wait, WATCHED_WAIT) if self._watched else pace.wait
        parcel = self._parcel(wait=wait, watched=self._watched)
        began = time.monotonic()
        try:
            delivery = exchange(self._ask, parcel)
        except PlexSyncError as error:
            self._fail(error)
            return
        self._well(delivery)
        self._count_as_sent(parcel)
        came = self._take_in(delivery)
        self._take_requests(delivery.requests)
        self._note_watched(is_watched=delivery.watched)
        waited = time.monotonic() - began
        if self._open:
            self._wait_for_answer()
        if delivery.more or self._open or (self._watched and not came):
            self.next_in = 0.0 if waited >= wait / 2 or delivery.more or self._open else pace.pause
        else:
            self.next_in = pace.pause if came or waited < wait / 2 else 0.0

    # --- What is brought there ---------------------------------------------------------------------------------------

    def _parcel(self, **more: Any) -> dict[str, Any]:
        parcel: dict[str, Any] = {**self._who, **more}
        if self._stored:
            parcel["ack"] = sorted(self._stored)
        if answers := self._answers():
            parcel["answers"] = answers
        for name, file, most in (("status", STATUS_FILE, MAX_STATUS), ("notice", NOTICE_FILE, MAX_NOTICE)):
            text = _text(self._folder / file, most)
            if text != self._sent.get(name, "" if name == "status" else None):
                parcel[name] = text
        return parcel

    def _answers(self) -> list[dict[str, str]]:
        found = []
        for name, since in list(self._open.items())[:MOST_ANSWERS]:
            path = self._requests / name
            try:
                content = request_files.wait(str(path), 0.0)
            except OSError as error:
                log.warning("an answer cannot be read, and is not brought to Stash: %s", error)
                content = b""
            if content:
                found.append({"file": name, "text": content.decode("latin-1")})
            if content is not None or not path.exists() or time.monotonic() - since > FORGOTTEN:
                # An answer is sent once: where the call fails, whoever asked gives up, and asks again.
                del self._open[name]
        return found

    def _count_as_sent(self, parcel: dict[str, Any]) -> None:
        for name in ("status", "notice"):
            if name in parcel:
                self._sent[name] = parcel[name]

    # --- What comes from there ---------------------------------------------------------------------------------------

    def _take_in(self, delivery: Delivery) -> bool:
        """Store what has come; whether anything has."""
        # By this clock, no event is taken to be older than it is: nothing that was read before it counts as read since.
        ahead = time.time() - delivery.now
        fresh = [one for one in delivery.events if one.file not in self._stored]
        messages, unusable = [], []
        for one in fresh:
            try:
                messages.append(_message(one, ahead if abs(ahead) > SAME_TIME else 0.0))
            except UnreadableEvent as error:
                unusable.append(UnusableFile(error.raw, event_files.printable(f"{one.file}: {error.reason}")))
        if fresh:
            self._store(messages, unusable)
        # What was acknowledged and comes again could not be removed there. It is not stored again.
        self._stored = {one.file for one in delivery.events}
        return bool(fresh)

    def _take_requests(self, requests: Sequence[Laid]) -> None:
        there = {one.file for one in requests}
        for name in set(self._open) - there:
            # Whoever asked has given up.
            event_files.remove(str(self._requests / name))
            del self._open[name]
        for one in requests:
            if one.file in self._open or not _is_name(one.file):
                continue
            try:
                self._requests.mkdir(mode=0o700, exist_ok=True)
                replace(str(self._requests / one.file), one.content)
            except (OSError, UnicodeEncodeError) as error:
                self._say(type(error), "a request from Stash's page cannot be laid here: %s", error)
                continue
            self._open[one.file] = time.monotonic()
            event_files.ring(str(self._folder))

    def _note_watched(self, *, is_watched: bool) -> None:
        self._watched = is_watched
        if is_watched:
            with suppress(OSError):
                request_files.watch(str(self._folder))

    def _wait_for_answer(self) -> None:
        until = time.monotonic() + ANSWER_WAIT
        answers = [(self._requests / name).with_suffix(request_files.ANSWER) for name in self._open]
        while time.monotonic() < until and not any(path.exists() for path in answers):
            time.sleep(ANSWER_LOOK)

    # --- How it goes -------------------------------------------------------------------------------------------------

    def _fail(self, error: PlexSyncError) -> None:
        self._failures += 1
        self.next_in = min(AGAIN_AT_MOST, AGAIN * 2.0 ** min(self._failures - 1, 10))
        self._say(str(error), "events cannot be fetched from Stash: %s; they wait there", error)
        if isinstance(error, DeliveryRefused):
            self.next_in = min(self.next_in, AGAIN * 2)

    def _well(self, delivery: Delivery) -> None:
        if self._failures or not self._called:
            log.info("events are fetched from Stash (PlexSync %s there)", event_files.printable(delivery.version))
        if not self._called and delivery.version != __version__:
            log.warning(
                "PlexSync in Stash is version %s, and this one %s: update the older one",
                event_files.printable(delivery.version),
                __version__,
            )
        self._called, self._failures = True, 0

    def _say(self, thing: object, text: str, *values: object) -> None:
        if self._said.unsaid(thing) is not None:
            log.warning(text, *values)


def _message(laid: Laid, ahead: float) -> bytes:
    """A message as it stands in the queue, its times by this machine's clock.

    :param ahead: seconds by which this clock is ahead of that of Stash's machine.
    :raises UnreadableEvent: it is none.
    """
    try:
        raw = laid.content
    except UnicodeEncodeError:
        raise UnreadableEvent("its text does not stand for bytes", laid.text.encode("utf-8", "replace")) from None
    if laid.fault:
        raise UnreadableEvent(laid.fault, raw)
    message = event_reading.decode(raw)
    if ahead:
        message["at"] = max(0.0, message["at"] + ahead)
        if message["name"] == event_files.SYNC_SCENES:
            message["args"][0] = max(1, message["args"][0] + round(ahead * 1000))
    return as_queued(message)


def _is_name(name: str) -> bool:
    is_whole = name == Path(name).name and "\\" not in name and "\0" not in name and len(name) <= 255
    return is_whole and name.endswith(request_files.REQUEST) and not name.startswith(".")


def _text(path: Path, most: int) -> str:
    """What a small file of ours holds; ``""`` where there is none, or it is larger."""
    try:
        return (event_reading.read_bounded(str(path), most) or b"").decode("utf-8", "replace")
    except OSError:
        return ""
