"""Scenes that Plex does not have: asked for again only where something may have changed, and told of together.

A Plex library often holds a part of Stash's only. Thousands of scenes may be without an item, each with its schedule of
retries. Their files are looked for in the index of Plex's files, so a retry can come to something new only where there
is something new in that index, or where another folder is taken for Stash's. Events, and the poll that sees a scene
changed in Stash, are no retries: they look in any case.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from plexsync.app import App
from plexsync.errors import NotFoundYet
from plexsync.ledger import State
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Seconds between two words on how many scenes Plex does not have.
TELL_EVERY = 60.0
#: Scenes of which it is known what they were looked for in: beyond it the oldest are looked for once more.
KEPT = 100_000

#: What a scene was looked for in: how often the index got something new, and the path map in force.
Knowledge = tuple[int, tuple[tuple[str, str], ...]]


class Unfound:
    """Remembers what scenes were looked for in. Safe to share between threads.

    :param clock: seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_in: dict[int, Knowledge] = {}
        self._untold = 0
        self._told_at = float("-inf")

    def knowledge(self, app: App) -> Knowledge:
        """What a scene would be looked for in now."""
        return app.ledger.index.news(), tuple(app.path_mapping.in_force)

    def skip(self, app: App, scene_id: int) -> None:
        """Before a retry: nothing where looking for the scene again may come to something.

        :raises NotFoundYet: nothing has changed since it was looked for last.
        :raises PlexSyncError: Plex could not be asked for what is new.
        """
        with self._lock:
            before = self._looked_in.get(scene_id)
        if before is None or app.settings.scan_missing:
            return
        record = app.ledger.scenes.get(scene_id)
        if record is None or record.state is not State.NOT_FOUND or not record.last_error:
            return
        app.library.refresh()
        if self.knowledge(app) == before:
            raise NotFoundYet(record.last_error)

    def missed(self, scene_id: int, looked_in: Knowledge, text: str, delay: float | None) -> None:
        """A scene was not found.

        :param looked_in: what ``knowledge`` was before it was looked for.
        :param text: why, for a person.
        :param delay: seconds until it is tried again; None where nothing but an event brings it back.
        """
        again = "looked at again when its file appears in Plex" if delay is None else f"tried again in {delay:.0f} s"
        log.debug("scene %d: %s; %s", scene_id, text, again)
        with self._lock:
            self._looked_in.pop(scene_id, None)
            self._looked_in[scene_id] = looked_in
            if len(self._looked_in) > KEPT:
                del self._looked_in[next(iter(self._looked_in))]
            self._untold += 1
            if self._clock() - self._told_at < TELL_EVERY:
                return
            count, self._untold, self._told_at = self._untold, 0, self._clock()
        if count == 1:
            log.info("scene %d: %s; %s", scene_id, text, again)
        else:
            _tell(count, f"the latest is scene {scene_id}: {text}")

    def found(self, scene_id: int) -> None:
        """A scene has an item, or needs none."""
        with self._lock:
            self._looked_in.pop(scene_id, None)

    def tell(self) -> None:
        """Tell of those that were not told of; to be called every minute or so."""
        with self._lock:
            if not self._untold or self._clock() - self._told_at < TELL_EVERY:
                return
            count, self._untold, self._told_at = self._untold, 0, self._clock()
        _tell(count, "see ./huey_consumer.sh status, and ./huey_consumer.sh scene ID for one of them")


def _tell(count: int, more: str) -> None:
    log.info(
        "%s for scenes that Plex does not have (yet); they go on when their files appear there; %s",
        counted(count, "look"),
        more,
    )


#: Of this process, with whatever settings.
unfound = Unfound()
