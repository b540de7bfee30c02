"""The status room of a running consumer: it can be opened before there are settings, or an app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from plexsync.app import App
from plexsync.inbox import request_files
from plexsync.status.answerer import Answerer
from plexsync.status.desk import ConsumerState, Desk
from plexsync.status.snapshot import compose
from plexsync.status.tables import ACTIONS, QUESTIONS
from plexsync.status.writer import SnapshotWriter


class StatusRoom:
    """Writes the snapshot and answers requests, for as long as the consumer's process lives.

    Open it once this process is the only consumer of the data folder. In order: ``start``, then as often as needed
    ``waits``, then ``runs``, and at the end ``stops`` and ``stop``.

    :param folder: the data folder.
    :param environ: the environment the settings are read from; the process's own where it is None.
    :param restart: lets the consumer finish what runs, and begin anew.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        restart: Callable[[], object] = lambda: None,
    ) -> None:
        self.desk = Desk(folder, environ, restart)
        self._writer = SnapshotWriter(self.desk, compose)
        self._answerer = Answerer(self.desk, QUESTIONS, ACTIONS)

    def start(self) -> None:
        """Be seen, and answer."""
        self._writer.start()
        self._answerer.start()

    def waits(self, state: ConsumerState, faults: Sequence[Mapping[str, str]] = ()) -> None:
        """The consumer cannot work yet; see ``Desk.waits``."""
        self.desk.waits(state, faults)
        self._writer.write()

    def runs(self, app: Callable[[], App], look_at_settings: Callable[[], object] = lambda: None) -> None:
        """The consumer works from now on; see ``Desk.runs``."""
        from tasks.app import huey

        glances = huey.storage.arrivals.glances
        glances.add(self._answerer.glance)
        glances.add(self._writer.glance)
        huey.storage.arrivals.standstill.add(
            [str(self.desk.folder / request_files.WATCHED_FILE)], [str(self.desk.folder / request_files.FOLDER)]
        )
        self._answerer.on_found = huey.storage.arrivals.reliance.found
        self.desk.runs(app, look_at_settings)
        self._writer.write()

    def stops(self) -> None:
        """The consumer finishes what runs: nothing is asked of it any more."""
        self.desk.stops()
        self._writer.write()

    def stop(self) -> None:
        """The consumer has ended: leave a last snapshot that says so."""
        self.desk.stops()
        self._answerer.stop()
        self._writer.stop()
        self.desk.close()
