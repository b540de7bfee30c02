"""What one Plex server does where servers differ: found out at run time, once per server and version, and kept.

Sources about Plex disagree here and there. Where a request can be made so that it is right either way, it is; what is
left is noted here as it is found out, by name. Another server, or another version of it, begins anew.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from plexsync.errors import PlexSyncError
from plexsync.model import Field

#: The fact under which all of it is kept.
FACT = "plex_traits"
#: Seconds after which it is looked whether another process has found out more.
LOOK_AGAIN_AFTER = 10.0

_log = logging.getLogger(__name__)


class Trait(StrEnum):
    """What may be known of a server, by the name it is kept under."""

    #: "whole" where items read together show what each shows alone, "cut short" where they do not.
    GROUP_READS = "group_reads"
    #: The method that starts a scan, "GET" or "POST".
    SCAN = "scan"
    #: The step to which ratings are rounded, as a number; "none" where they are kept as they come.
    RATING_STEP = "rating_step"
    #: "follows" where an item's year follows its date; "is sent" where it does not and has to be, "stays" where nothing
    #: moves it.
    YEAR = "year"
    #: "add" where names that a write to a list does not name stay there; "whole" where they go, or better be named.
    TAG_LISTS = "tag_lists"
    #: "arrival" where names in a list stand in the order they came, "index" where that was found not to be so.
    TAG_ORDER = "tag_order"
    #: "once" where a name to be removed is to be encoded once only, "twice" where that was found to be right.
    REMOVALS = "removals"
    #: "whole" where a name with a comma is removed as one, "torn" where it is taken for several.
    COMMAS = "commas"
    #: "apart" where names that differ in case, white space or in how letters are composed are names of their own.
    SPELLINGS = "spellings"
    #: "sha1" where an uploaded picture is named by the SHA-1 of its bytes.
    UPLOADS = "uploads"
    #: How many characters of a title, or of a summary, are kept, where it is fewer than were written.
    TITLE_MAX = "title_max"
    SUMMARY_MAX = "summary_max"
    #: "by upload" where uploading a picture locks it, "by edit" where that takes an edit.
    PICTURE_LOCKS = "picture_locks"
    #: "shown" where the trees of items show hashes of their files, "none" where they do not.
    HASHES = "hashes"


#: The traits that say how much is kept of a text.
MOST_OF_TEXTS = {Field.TITLE: Trait.TITLE_MAX, Field.SUMMARY: Trait.SUMMARY_MAX}


class Memory(Protocol):
    """Where texts are kept by name."""

    def get(self, key: str) -> str | None:
        """The text, or None."""

    def put(self, key: str, value: str) -> None:
        """Keep a text, replacing what it was."""


class Traits:
    """What is known of the server that is talked to. Safe to share between threads.

    :param identify: asks the server for its name and version, as one text.
    :param memory: where what was found out is kept; None forgets it with the process. Other processes may add to it.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self, identify: Callable[[], str], memory: Memory | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._identify = identify
        self._memory = memory
        self._clock = clock
        # Never held while the memory is asked: that may have to wait for somebody who holds it and asks us.
        self._lock = threading.Lock()
        #: Held by whoever notes something, until that is kept.
        self._noting = threading.Lock()
        #: The server, as one text; "" while it is not known which it is.
        self._server = ""
        self._asked = False
        self._known: dict[str, str] = {}
        self._last: dict[str, str] | None = None
        self._looked_at = clock()

    def get(self, trait: Trait) -> str | None:
        """What is known, or None. May ask the server who it is, once."""
        self._meet()
        self._requeue()
        with self._lock:
            return self._known.get(trait)

    def peek(self, trait: Trait) -> str | None:
        """As ``get``, without a request: of a server that was not met yet, what was known of the last one."""
        self._requeue()
        with self._lock:
            known = self._known if self._asked else self._last
        if known is None:
            known = _traits(self._kept())
            with self._lock:
                self._last = known
        return known.get(trait)

    def put(self, trait: Trait, value: str) -> bool:
        """Note what was found out; whether that is news."""
        self._meet()
        with self._noting:
            self._requeue(at_once=True)
            with self._lock:
                if self._known.get(trait) == value:
                    return False
                self._known = {**self._known, trait: value}
                text = json.dumps({"server": self._server, "traits": self._known}) if self._server else ""
            if self._memory is not None and text:
                self._memory.put(FACT, text)
        return True

    def most_of_texts(self) -> dict[Field, int]:
        """How many characters of a text are kept, where that is known. Without a request."""
        known = {field: self.peek(trait) for field, trait in MOST_OF_TEXTS.items()}
        return {field: int(most) for field, most in known.items() if most is not None and most.isdecimal()}

    def known(self) -> dict[str, str]:
        """All that is known, by name."""
        self._meet()
        self._requeue()
        with self._lock:
            return dict(self._known)

    def server(self) -> str:
        """The server's name and version, as one text; "" where it does not say. May ask it, once."""
        self._meet()
        with self._lock:
            return self._server

    def meet_again(self) -> None:
        """The server was away: it may be another one now, or another version."""
        with self._lock:
            self._asked = False

    def _meet(self) -> None:
        """Find out which server it is, and what was kept of that one."""
        with self._lock:
            if self._asked:
                return
            self._asked = True
        try:
            server = self._identify()
        except PlexSyncError as error:
            # What is found out meanwhile holds for this process.
            _log.debug("Plex does not say which server it is: %s", error)
            return
        kept = self._kept()
        with self._lock:
            if server != self._server:
                self._server = server
                self._known = _traits(kept) if kept.get("server") == server else {}

    def _requeue(self, *, at_once: bool = False) -> None:
        """Take over what other processes have found out meanwhile, where it is time to."""
        now = self._clock()
        with self._lock:
            if self._memory is None or not (at_once or now - self._looked_at >= LOOK_AGAIN_AFTER):
                return
            self._looked_at = now
        try:
            kept = self._kept()
        except sqlite3.Error as error:
            # Whoever needs the database for its work will tell.
            _log.debug("what PlexSync has found out about Plex cannot be read: %s", error)
            return
        with self._lock:
            self._last = None
            if self._server and kept.get("server") == self._server:
                self._known = {**self._known, **_traits(kept)}

    def _kept(self) -> dict[str, Any]:
        try:
            kept = json.loads((self._memory.get(FACT) if self._memory is not None else None) or "{}")
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}


def _traits(kept: dict[str, Any]) -> dict[str, str]:
    traits = kept.get("traits")
    return {str(name): str(value) for name, value in traits.items()} if isinstance(traits, dict) else {}
