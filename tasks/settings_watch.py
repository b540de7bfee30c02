"""Notices that settings have changed: in their files within seconds, on Stash's settings page within a minute."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from plexsync.installation import installed
from plexsync.installation.stash_turns import StashTurns
from plexsync.queue.glances import Glanced
from plexsync.queue.loop import Loop
from tasks.app import Runtime

#: Seconds between two looks at the files: a few ``stat``; and the same while another thread glances at them.
LOOK, LOOK_GLANCED = 2.0, 15.0
#: Seconds between two questions for Stash's settings page: one request, which also tells how the plugin stands.
PAGE_EVERY = 60.0

log = logging.getLogger(__name__)


class SettingsWatch:
    """One thread of the consumer's process.

    :param runtime: reads the settings, and wires a new app where they have changed.
    :param on_change: called after new settings are in force.
    :param look_every: seconds; see ``LOOK``.
    :param page_every: seconds; see ``PAGE_EVERY``.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        runtime: Runtime,
        on_change: Callable[[], object] = lambda: None,
        look_every: float = LOOK,
        page_every: float = PAGE_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runtime = runtime
        self._on_change = on_change
        self._page_every = page_every
        self._clock = clock
        # It was read at the start.
        self._page_at = clock() + page_every
        self._turns: StashTurns | None = None
        self._look_every = look_every
        self._glanced = Glanced()
        self.loop = Loop("Settings", "looking for new settings", lambda: self.look(), lambda: self._pause(), log)

    def start(self) -> None:
        """Begin to look."""
        self._note_plugin()
        self.loop.start()

    def stop(self) -> None:
        """End the thread; a question under way is not waited for."""
        self.loop.stop()

    def look_soon(self) -> None:
        """Look now, and ask for Stash's settings page: somebody has saved it, and goes to see what that changes."""
        self._page_at = 0.0
        self.loop.wake()

    def _pause(self) -> float:
        """Seconds to the next look."""
        if not self._glanced or self._look_every != LOOK or self._runtime.reader.files_differ():
            # Nobody glances, or somebody is just writing them.
            return self._look_every
        return max(0.0, min(LOOK_GLANCED, self._page_at - self._clock()))

    def glance(self) -> None:
        """Have it look where a file has changed, from a thread that wakes anyway."""
        self._glanced.note()
        if self._runtime.reader.files_differ():
            self.loop.wake()

    def look(self) -> None:
        """Take over what has changed."""
        if self._turns is None:
            self._turns = StashTurns(self._runtime().ledger.facts)
        self._turns.look()
        if self._runtime.reader.files_changed() and self._runtime.reload(ask_stash=False):
            # Of another Stash the page may be another one.
            self._page_at = 0.0
            self._on_change()
        if self._clock() >= self._page_at and not self._runtime.reader.being_written():
            self._page_at = self._clock() + self._page_every
            self._ask_for_page()

    def _ask_for_page(self) -> None:
        guard = self._runtime().stash_guard
        if guard.state != "closed" or guard.stopped is not None:
            # Whoever finds Stash well again reads it first.
            return
        if self._runtime.reload():
            self._on_change()
        self._note_plugin()

    def _note_plugin(self) -> None:
        found = self._runtime.reader.installed
        if found is not None:
            installed.note(self._runtime().ledger.facts, found)
