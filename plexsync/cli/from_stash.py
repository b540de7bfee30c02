"""What is different about a consumer that Stash has started: nobody sees its terminal, or sets it up in one.

Its log is a file of bounded size, and where settings are missing or wrong it waits for them, as the page asks for them.
Whoever started it, it notes how it began and ended: the hook goes by that.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, cast

from plexsync.errors import AccessDenied
from plexsync.inbox import consumer_record, remote
from plexsync.inbox.autostart import LOG_FILE, MAX_LOG
from plexsync.inbox.event_files import printable
from plexsync.inbox.hook_fault import explain
from plexsync.installation.settings_reader import PageUnread, SettingsReader
from plexsync.redaction import redact
from plexsync.status.desk import ConsumerState
from plexsync.status.room import StatusRoom
from settings import Settings, SettingsError

#: Seconds between two looks at settings that are missing or wrong.
ASK_AGAIN = 4.0
#: Seconds between two looks at the data folder, and for which it has to be gone.
FOLDER_LOOK, FOLDER_GONE_FOR = 2.0, 5.0
#: The fault where Stash wants a login; its page offers to hand over the key where it finds this setting.
KEY_WANTED = {
    "setting": "PLEXSYNC_STASH_API_KEY",
    "problem": "is missing or wrong: Stash asks for a password, so PlexSync needs Stash's API key",
    "remedy": "Hand it over on PlexSync's page in Stash, or write it into data/plexsync.toml as stash_api_key.",
}

log = logging.getLogger("plexsync.consumer")


def is_from_stash() -> bool:
    """Whether Stash has started this process."""
    return os.environ.get(consumer_record.STARTED_BY) == consumer_record.STASH


def gives_way(folder: Path) -> bool:
    """Whether a consumer on another machine works on what the hook leaves here, and none is to be started by Stash.

    It may have begun to while this one was being set up.

    :param folder: the data folder.
    """
    known = remote.read(str(folder))
    if known is None or not known.is_there:
        return False
    log.info("a consumer on %s fetches from here: this one, which Stash has started, ends", printable(known.host))
    return True


@contextmanager
def recorded(folder: Path, goes_on: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Note that the consumer has begun, and how it ended. Without such a note the hook starts none.

    :param folder: the data folder, of which this is the only consumer.
    :param goes_on: whether it ends to be started anew in its own place: then it has not ended.
    """
    _note(folder, lambda: consumer_record.began(str(folder), dict(os.environ)))
    # One that fetched from here is turned away from now on.
    _note(folder, lambda: remote.forget(str(folder)))
    state = consumer_record.FAILED
    try:
        yield
        state = consumer_record.STOPPED
    except SystemExit as end:
        if not end.code:
            state = consumer_record.STOPPED
        raise
    finally:
        if goes_on() and state == consumer_record.STOPPED:
            # It is on its way again, which may take a while where an update brings other packages.
            _note(folder, lambda: consumer_record.starts_anew(str(folder)))
        else:
            _note(folder, lambda: consumer_record.ended(str(folder), state))


@contextmanager
def ends_with(folder: Path) -> Iterator[None]:
    """End the consumer when its data folder has gone, or has become another one: nobody can see it any more.

    :param folder: the data folder.
    """
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(folder, over), name="Folder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(folder: Path, over: threading.Event) -> None:
    first = _identity(folder)
    gone_since: float | None = None
    while not over.wait(FOLDER_LOOK):
        if _identity(folder) == first:
            gone_since = None
        elif gone_since is None:
            gone_since = time.monotonic()
        elif time.monotonic() - gone_since >= FOLDER_GONE_FOR:
            log.error("%s has gone, or is another folder now: this consumer ends", folder)
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def note_autostart(folder: Path, settings: Settings) -> None:
    """Note for the hook whether it is to start the consumer: it reads neither Stash's settings page nor our file."""
    _note(folder, lambda: consumer_record.allow(str(folder), allowed=settings.autostart))


def _note(folder: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        log.warning(
            "%s cannot be written, so that Stash may not start the consumer: %s",
            consumer_record.RECORD_FILE,
            explain(error, str(folder)),
        )


def awaited_settings(reader: SettingsReader, room: StatusRoom) -> Settings:
    """The settings, as soon as they are right. What is wrong with them stands in the snapshot meanwhile.

    :param reader: reads them.
    :param room: writes the snapshot.
    """
    told = ""
    while True:
        try:
            return reader.read()
        except PageUnread as error:
            text = f"waiting for Stash: {error}"
            room.waits(*_waiting_for(error))
        except SettingsError as error:
            text = f"waiting for the settings, as Stash has started this:\n{error}"
            faults = [{"setting": one.setting, "problem": one.problem, "remedy": one.remedy} for one in error.faults]
            room.waits(ConsumerState.NEEDS_SETTINGS, [{k: redact(v) for k, v in one.items()} for one in faults])
        if text != told:
            told = text
            log.warning("%s", text)
        time.sleep(ASK_AGAIN)


def _waiting_for(error: PageUnread) -> tuple[ConsumerState, list[dict[str, str]]]:
    """What the consumer waits for, as the snapshot has it."""
    if isinstance(error.cause, AccessDenied):
        return ConsumerState.NEEDS_SETTINGS, [KEY_WANTED]
    problem = f"may stand on Stash's settings page, which cannot be read: {redact(str(error.cause))}"
    return ConsumerState.WAITING_FOR_STASH, [{"setting": error.missing, "problem": problem, "remedy": ""}]


def bounded_log(folder: Path) -> TextIO:
    """See ``BoundedLog``."""
    return cast("TextIO", BoundedLog(folder))


class BoundedLog(io.TextIOBase):
    """Standard error that goes to ``consumer.log``, which is put aside once it is too long.

    What Python or a package of ours writes there by itself goes the same way.

    :param folder: the data folder.
    :param most: bytes.
    """

    def __init__(self, folder: Path, most: int = MAX_LOG) -> None:
        self._path = folder / LOG_FILE
        self._most = most

    def write(self, text: str) -> int:
        """Write it whole; logging lets one thread in at a time."""
        content = text.encode("utf-8", "backslashreplace")
        while content:
            content = content[os.write(2, content) :]
        with suppress(OSError):
            if os.fstat(2).st_size > self._most:
                self._renew()
        return len(text)

    def _renew(self) -> None:
        self._path.replace(self._path.with_name(f"{LOG_FILE}.1"))
        new = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            os.dup2(new, 1)
            os.dup2(new, 2)
        finally:
            os.close(new)
