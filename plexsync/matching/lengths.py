"""How common the length of a file is in the index."""

from __future__ import annotations

from plexsync.matching import weights
from plexsync.matching.lookup import FileIndex


class AsLong:
    """How many files of the index are about as long as this, counted when it is first asked for."""

    __slots__ = ("_found", "_index", "_seconds")

    def __init__(self, index: FileIndex, seconds: float | None) -> None:
        self._index = index
        self._seconds = seconds
        self._found: int | None = None

    def __call__(self) -> int:
        if not self._seconds or self._seconds <= 0:
            return 0
        if self._found is None:
            within = round(weights.COUNTED_AROUND * 1000)
            self._found = self._index.lengths_near(round(self._seconds * 1000), within)
        return self._found
