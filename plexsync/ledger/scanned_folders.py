"""The folders that Plex was asked to scan, and the sections they are in."""

from __future__ import annotations

import json
import time

from plexsync.database import Database
from plexsync.matching.paths import folded


class ScannedFolders:
    """Reads and writes when which folder was scanned.

    :param database: the file, already migrated.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def section_of(self, folder: str) -> int | None:
        """The section that has this folder, as Plex sees it, below one of its own; the deepest where several have."""
        key, best = folded(folder), (0, None)
        with self._database.read() as db:
            sections = db.execute("select section_id, locations from section order by section_id").fetchall()
        for section_id, locations in sections:
            for location in map(folded, json.loads(locations)):
                inside = key == location or key.startswith(location.rstrip("/") + "/")
                if inside and len(location) > best[0]:
                    best = (len(location), section_id)
        return best[1]

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
