"""The folders that Plex was asked to scan, and the sections they are in."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import NamedTuple

from plexsync.matching.paths import folded
from plexsync.storage.database import Database


class FolderPlace(NamedTuple):
    """Where a folder is in Plex: ``location`` is the section's own folder that it is in, as Plex spells it.

    ``neighbour`` is a file of Plex in the folder itself, or in the deepest one above it that has any; None for none.
    """

    section_id: int
    location: str
    neighbour: str | None = None


class ScannedFolders:
    """Reads and writes when which folder was scanned.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def place_of(self, folder: str) -> FolderPlace | None:
        """Where Plex has this folder: below one of its sections' own, the deepest where several have it.

        :param folder: in comparable form (``path_key``), as Plex sees it.
        """
        key, best = folded(folder), None
        with self._database.read() as db:
            sections = db.execute("select section_id, locations from section order by section_id").fetchall()
            for section_id, locations in sections:
                for location in json.loads(locations):
                    if _is_within(key, folded(location)) and (best is None or len(location) > len(best.location)):
                        best = FolderPlace(section_id, location)
            return best and best._replace(neighbour=_neighbour(db, key, folded(best.location)))

    def take(self, folder: str, interval: float) -> bool:
        """Note that the folder is scanned now; False, and nothing is noted, where that is less than ``interval`` ago.

        What is older is forgotten.
        """
        now = time.time()
        with self._database.write() as db:
            # A clock that was set back leaves times ahead of it, which would hold off a scan for long.
            db.execute("delete from folder_scan where asked_at <= ? or asked_at > ?", (now - interval, now))
            return db.execute("insert or ignore into folder_scan values (?, ?)", (folder, now)).rowcount > 0

    def give_back(self, folder: str) -> None:
        """Note that the folder was not scanned after all."""
        with self._database.write() as db:
            db.execute("delete from folder_scan where folder = ?", (folder,))


def _is_within(key: str, location: str) -> bool:
    return key == location or key.startswith(location.rstrip("/") + "/")


def _neighbour(db: sqlite3.Connection, key: str, location: str) -> str | None:
    """A file below a folder, or below the deepest one above it that has any; ``key`` and ``location`` are folded."""
    while _is_within(key, location):
        start = key.rstrip("/") + "/"
        # All that begins with the folder's name and a slash lies before the same name with what follows a slash.
        row = db.execute(
            "select file from part where folded_path >= :start and folded_path < :end limit 1",
            {"start": start, "end": start[:-1] + "0"},
        ).fetchone()
        if row is not None:
            return str(row[0])
        if key == location:
            return None
        key = key.rpartition("/")[0] or "/"
    return None
