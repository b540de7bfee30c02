"""Tells a monitor that the consumer lives, and a person what is wrong. Loaded only where settings name an address.

One thread that looks at the snapshot once a minute: nothing of it is on the way of a sync.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plexsync.inbox import event_reading, heartbeat
from plexsync.inbox.hook_process import replace
from plexsync.log_throttle import LogThrottle, Unforeseen
from plexsync.status.desk import Desk, NotReady
from plexsync.status.senders import NotSent, Sender, TellMessage, TellRequest, message, ping
from plexsync.status.watchman import Watchman
from settings import Settings

#: Seconds between two looks.
LOOK_EVERY = 60.0
#: What was told already, in the data folder; its bytes at most.
TOLD_FILE, MOST = "told.json", 16 * 1024
#: Messages that wait to be sent, at most: the oldest make room.
MOST_WAITING = 20

log = logging.getLogger(__name__)


class Teller:
    """Looks and tells.

    :param settings: where to, and of what.
    :param folder: the data folder.
    :param titles: gives the titles of the newest dead letters.
    :param send: sends a request.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        titles: Callable[[], list[str]] = list,
        send: Callable[[TellRequest], object] | None = None,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._send = send or Sender().send
        wanted = titles if settings.notify_titles else None
        self._watchman = Watchman(settings.notify, _read(folder / TOLD_FILE), wanted)
        self._noted: dict[str, Any] = dict(self._watchman.told)
        self._waiting: list[TellMessage] = []
        self._said = LogThrottle(3600.0)

    def begins(self) -> None:
        """The consumer begins."""
        self._ping("start", "PlexSync starts")

    def look(self) -> None:
        """Look once, and tell what there is to tell. Never fails: see the log then."""
        found = heartbeat.health(str(self._folder))
        self._ping("success" if found["healthy"] else "fail", found["text"])
        if self._settings.notify_url:
            self._tell(heartbeat.snapshot(str(self._folder)) or {})

    def _ping(self, state: str, text: str) -> None:
        url = self._settings.ping_url
        what = ping(url, state, text) if url else None
        if what is not None:
            self._sent(what, "the ping")

    def _tell(self, known: Mapping[str, Any]) -> None:
        self._waiting = [*self._waiting, *self._watchman.look(known)][-MOST_WAITING:]
        url = self._settings.notify_url or ""
        while self._waiting and self._sent(message(url, self._settings.notify_format, self._waiting[0]), "a message"):
            del self._waiting[0]
        # What waits to be sent is told anew should the consumer end before it is.
        if self._watchman.told != self._noted and not self._waiting:
            self._keep()

    def _sent(self, what: TellRequest, name: str) -> bool:
        try:
            self._send(what)
        except NotSent as error:
            if self._said.unsaid((name, str(error))) is not None:
                log.warning("%s could not be sent: %s; tried again", name, error)
            return False
        return True

    def _keep(self) -> None:
        try:
            replace(str(self._folder / TOLD_FILE), json.dumps(self._watchman.told).encode("ascii"))
            self._noted = dict(self._watchman.told)
        except OSError as error:
            if self._said.unsaid("kept") is not None:
                log.warning("what was told cannot be noted (%s): it may be told twice", error.strerror)


@contextmanager
def telling(settings: Settings, desk: Desk) -> Iterator[None]:
    """In the block somebody is told."""

    def titles() -> list[str]:
        try:
            return [str(one["title"]) for one in desk.ledger.listings.letters("", None, 5)]
        except NotReady:
            return []

    teller, over = Teller(settings, desk.folder, titles), threading.Event()
    unforeseen = Unforeseen("telling of what is wrong", log)

    def work() -> None:
        teller.begins()
        while not over.is_set():
            pause = LOOK_EVERY
            try:
                teller.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look comes in its turn
                pause += unforeseen.met(error)
            over.wait(pause)

    thread = threading.Thread(target=work, name="Teller", daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Whatever it waits for is bounded, and nobody waits for it: it is a daemon.
        over.set()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(event_reading.read_bounded(str(path), MOST) or b"null")
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
