"""The folder of the requests, from the consumer's side: what came in, and where the answers go.

Whatever lies there, the others are answered: a request that cannot be read is answered with what is wrong with it, and
removed; what is no file (a folder, a link, a named pipe) is named once and left where it is. Ages are counted from when
this process saw a file first, so that no clock that jumps, and no server whose clock differs, makes a new one old.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files, event_reading, request_files
from plexsync.inbox.hook_fault import explain
from plexsync.inbox.hook_process import replace
from plexsync.inbox.request_files import ANSWER, ANSWER_LIFE, MAX_REQUEST, QUESTION_LIFE, REQUEST
from plexsync.log_throttle import LogThrottle

#: Requests read in one go.
BATCH = 50
#: Seconds after which the folder is listed again whatever its time of change says.
LIST_AT_LEAST_EVERY = 1.0
#: Seconds between two glances at the names themselves: on some network shares a folder's time of change comes late.
NAMES_EVERY = 1.5
#: Seconds within which two changes of a folder may carry one time.
TICK = 0.02
#: Seconds between two words on the same thing.
SAY_EVERY = 600.0
#: Files whose age is remembered: of more, some are looked at later.
REMEMBERED = 5000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LaidRequest:
    """One request: the name of its file, and what it asks.

    ``is_from_before``: it lay there when this consumer began; ``is_old``: for so long that nobody waits for it any
    more. ``fault`` says what is wrong with it, where it is none; then nothing else is known of it.
    """

    file: str
    mode: str = ""
    args: dict[str, Any] | None = None
    is_from_before: bool = False
    is_old: bool = False
    fault: str = ""


class Mailbox:
    """The requests of one data folder. Used by one thread, but for ``answer`` and ``is_wanted``.

    :param folder: the data folder. What lies there when this is made was asked of the consumer before.
    """

    def __init__(self, folder: Path) -> None:
        self._data = folder
        self._folder = folder / request_files.FOLDER
        self._place = str(self._folder)
        self._seen_change: int | None = None
        self._list_at = 0.0
        #: What lay there when this was made. Not what the first look finds: somebody may ask the moment we are seen.
        self._from_before = frozenset(self._names())
        #: Requests that are being worked on, and those that were answered and cannot be removed.
        self._taken: set[str] = set()
        #: When each file that is not a request was seen first.
        self._leftovers: dict[str, float] = {}
        self._said = LogThrottle(SAY_EVERY)
        #: Whether it is known that there may be more by ``_list_at``.
        self._list_soon = True
        #: When whoever glances looks at the names next.
        self._names_at = 0.0

    def may_hold_news(self) -> bool:
        """Whether something may have been laid since the folder was last listed. Costs one ``stat``."""
        return time.monotonic() >= self._list_at or self._change() != self._seen_change

    def has_news(self) -> bool:
        """As ``may_hold_news``, for a thread that glances for this one's, and wakes it for nothing else."""
        now = time.monotonic()
        if (self._list_soon and now >= self._list_at) or self._change() != self._seen_change:
            return True
        if now < self._names_at:
            return False
        self._names_at = now + NAMES_EVERY
        return any(_is_request(name) and name not in self._taken for name in self._names())

    def take(self) -> list[LaidRequest]:
        """The requests that came in since the last time, oldest first, at most ``BATCH``."""
        change, now = self._change(), time.monotonic()
        try:
            names = self._list(now)
        except FileNotFoundError:
            names = []
        except OSError as error:
            self._say(type(error), "requests cannot be read: %s", explain(error, str(self._data)))
            names = []
        requests = [one for name in names[:BATCH] if (one := self._read(name)) is not None]
        is_fresh = change is not None and abs(time.time_ns() - change) < TICK * 1e9
        more = len(names) > BATCH
        self._seen_change = None if more else change
        self._list_soon = more or is_fresh
        self._list_at = now if more else now + (TICK if is_fresh else LIST_AT_LEAST_EVERY)
        return requests

    def is_wanted(self, request: LaidRequest) -> bool:
        """Whether somebody still waits for the answer to a question: who gives up removes it."""
        return os.path.lexists(self._folder / request.file)

    def answer(self, request: LaidRequest, content: bytes) -> None:
        """Lay the answer beside the request, and remove that.

        A request whose answer cannot be written is removed all the same: what it asked for is done.
        """
        path = self._folder / request.file
        try:
            replace(str(path.with_suffix(ANSWER)), content)
        except OSError as error:
            self._say(("answer", error.errno), "an answer cannot be written: %s", explain(error, str(self._data)))
        self.drop(request)

    def drop(self, request: LaidRequest) -> None:
        """Remove a request without an answer."""
        try:
            event_files.remove(str(self._folder / request.file))
        except OSError as error:
            # It stays among those that were taken, so that it is not carried out again and again.
            name = event_files.printable(request.file)
            self._say(("drop", error.errno), "the request %s cannot be removed: %s", name, error.strerror)
            return
        self._taken.discard(request.file)

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._place)  # noqa: PTH208 - the names alone
        except OSError:
            # The first look says what is the matter.
            return []

    def _list(self, now: float) -> list[str]:
        """The names of new requests, oldest first; what is left over of others is removed on the way."""
        found: list[str] = []
        left: dict[str, float] = {}
        there: set[str] = set()
        with os.scandir(self._folder) as entries:
            for entry in entries:
                name = entry.name
                if _is_request(name):
                    there.add(name)
                    if name not in self._taken and self._is_file(entry):
                        found.append(name)
                elif len(left) < REMEMBERED and (name.startswith(".") or name.endswith(ANSWER)):
                    left[name] = self._leftovers.get(name, now)
        self._taken &= there
        self._leftovers = dict(self._without_old(left, now))
        found.sort()
        return found

    def _without_old(self, left: dict[str, float], now: float) -> Iterator[tuple[str, float]]:
        for name, since in left.items():
            if now - since < ANSWER_LIFE:
                yield name, since
                continue
            try:
                event_files.remove(str(self._folder / name))
            except OSError as error:
                if error.errno not in (errno.EISDIR, errno.EPERM):
                    self._say(("old", error.errno), "an old answer cannot be removed: %s", error.strerror)
                yield name, now

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        try:
            if entry.is_file(follow_symlinks=False):
                return True
        except OSError:
            return True
        name = event_files.printable(entry.name)
        self._say(("stranger", name), "among the requests %s is not a file but a folder, a link or the like", name)
        return False

    def _read(self, name: str) -> LaidRequest | None:
        path = str(self._folder / name)
        try:
            raw = event_reading.read_bounded(path, MAX_REQUEST)
            age = abs(time.time() - (self._folder / name).stat().st_mtime)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(
                ("read", name),
                "the request %s cannot be read: %s",
                event_files.printable(name),
                error.strerror or error,
            )
            return None
        self._taken.add(name)
        request = _request(name, raw)
        if name in self._from_before:
            request = dataclasses.replace(request, is_from_before=True, is_old=age > QUESTION_LIFE)
        if request.fault:
            self._say(("fault", name), "the request %s is passed over: %s", event_files.printable(name), request.fault)
        return request

    def _change(self) -> int | None:
        try:
            # Ten times a second all day long: pathlib takes three times as long.
            return os.stat(self._place).st_mtime_ns  # noqa: PTH116
        except OSError:
            return None

    def _say(self, thing: object, text: str, *values: object) -> None:
        if self._said.unsaid(thing) is not None:
            log.warning(text, *values)


def _is_request(name: str) -> bool:
    return name.endswith(REQUEST) and not name.startswith(".")


def _request(name: str, raw: bytes | None) -> LaidRequest:
    if raw is None:
        return LaidRequest(name, fault=f"it is larger than {MAX_REQUEST // 1024} KiB")
    try:
        value = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return LaidRequest(name, fault="it is not JSON")
    if not isinstance(value, dict):
        return LaidRequest(name, fault="it is not a JSON object")
    schema, mode, args = value.get("schema"), value.get("mode"), value.get("args", {})
    if schema != request_files.SCHEMA:
        newer = type(schema) is int and schema > request_files.SCHEMA
        return LaidRequest(
            name, fault="it is of a newer PlexSync: restart the consumer" if newer else "it has no 'schema'"
        )
    if not isinstance(mode, str) or not mode:
        return LaidRequest(name, fault=f"'mode' is {event_files.shown(mode)}, not the name of a question or an action")
    if not isinstance(args, dict):
        return LaidRequest(name, fault=f"'args' is {event_files.shown(args)}, not a JSON object")
    return LaidRequest(name, mode, args)
