"""Asks Plex to look for new files in the folder of a file that it does not have; each folder only so often."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from plexsync.errors import PlexSyncError
from plexsync.ledger import ScannedFolders
from plexsync.matching.paths import map_path, path_key
from plexsync.matching.spelling import spelled_by_plex
from plexsync.model import SceneFile

log = logging.getLogger(__name__)

#: Seconds until one folder is scanned again: what Plex did not take up by then it will not by being asked more often.
SCAN_INTERVAL = 3600.0


class ScanningPlex(Protocol):
    """What is asked of Plex."""

    def scan(self, section_id: int, folder: str) -> None:
        """Look for new files in one folder."""


class FolderScans:
    """Asks for scans; safe to share between threads.

    :param folders: what was asked for before, and which section a folder is in.
    :param plex: who is asked.
    :param path_map: the pairs of (prefix in Stash, prefix in Plex) that are in force.
    """

    def __init__(
        self, folders: ScannedFolders, plex: ScanningPlex, path_map: Callable[[], Sequence[tuple[str, str]]]
    ) -> None:
        self._folders = folders
        self._plex = plex
        self._path_map = path_map

    def ask(self, files: Sequence[SceneFile]) -> None:
        """Ask for a scan of the folders of these files, where Plex has a library for them."""
        for folder, file in {self._folder(file): file for file in files}.items():
            place = self._folders.place_of(folder)
            if place is None or not self._folders.take(folder, SCAN_INTERVAL):
                continue
            name = spelled_by_plex(folder, file.path, place.location, place.neighbour)
            try:
                self._plex.scan(place.section_id, name)
            except PlexSyncError as error:
                # The scene waits in any case, and Plex scans by itself too.
                self._folders.give_back(folder)
                log.warning("Plex could not be asked to scan %s: %s", name, error)
            else:
                log.info("asked Plex to scan %s", name)

    def _folder(self, file: SceneFile) -> str:
        """The folder of a file, in comparable form, as Plex sees it."""
        return path_key(map_path(file.path, self._path_map())).rpartition("/")[0] or "/"
