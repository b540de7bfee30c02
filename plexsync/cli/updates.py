"""Following updates of the program's own files: the consumer that runs finishes what it is at, and starts anew."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexsync.cli.anew import Anew
from plexsync.installation.program_files import FilesState, ProgramFiles
from plexsync.log_throttle import Unforeseen
from plexsync.queue.starting import patiently

#: Seconds between two looks.
EVERY = 2.0
_PLUGIN = Path(__file__).resolve().parents[2]

log = logging.getLogger("plexsync.consumer")


@contextmanager
def following_updates(anew: Anew) -> Iterator[None]:
    """Follow updates while the block runs; not where something else than ``huey_consumer.sh`` has started this."""
    if not anew.is_by_script:
        yield
        return
    watch = UpdateWatch(anew, ProgramFiles(_PLUGIN))
    watch.start()
    try:
        yield
    finally:
        watch.stop()


class UpdateWatch:
    """One thread that looks at the program's files.

    :param anew: told of an update: at first that one is on its way, then to start anew.
    :param files: says how they stand.
    :param every: seconds; see ``EVERY``.
    """

    def __init__(self, anew: Anew, files: ProgramFiles, every: float = EVERY) -> None:
        self._anew = anew
        self._files = files
        self._every = every
        self._told = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="updates", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        patiently(self._thread.start, "looking for an update")

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """See how the files stand, and do what follows; whether there is nothing more to be looked for."""
        standing = self._files.look()
        # Where half an update is all that comes, what runs goes on as it is.
        self._anew.is_update_coming = standing is not FilesState.SAME and not self._files.fault
        if standing is FilesState.SAME:
            self._tell("" if not self._told else "PlexSync's files are as they were before: it goes on")
            self._told = ""
        elif standing is FilesState.NEW:
            self._tell("PlexSync was updated: it finishes what it is at, and starts anew")
            self._anew.ask()
        elif standing is FilesState.GONE:
            self._tell("PlexSync's files are gone, so the plugin was removed: the consumer ends")
            os.kill(os.getpid(), signal.SIGTERM)
        elif self._files.fault:
            self._tell(f"an update of PlexSync is not whole: {self._files.fault}; waiting for the rest of it")
        else:
            self._tell("PlexSync's files are changing: nothing new is begun until the update is complete")
        return standing in (FilesState.NEW, FilesState.GONE)

    def _tell(self, text: str) -> None:
        if text and text != self._told:
            log.log(logging.WARNING if self._files.fault else logging.INFO, "%s", text)
            self._told = text

    def _run(self) -> None:
        unforeseen, wait = Unforeseen("looking for an update", log), 0.0
        while not self._stopping.wait(self._every + wait):
            try:
                if self.look():
                    return
                wait = 0.0
                unforeseen.well()
            except Exception as error:  # noqa: BLE001 - an update is noticed by a later look
                wait = unforeseen.met(error)
