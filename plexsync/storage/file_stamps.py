"""What tells a file from what it was before, by one look that does not read it."""

from __future__ import annotations

import os

#: A file's number, the time of its last change (nanoseconds since 1970) and its size in bytes.
Stamp = tuple[int, int, int]

#: Seconds for which a stamp has to have been the same until it is relied on: some file systems keep times to two
#: seconds, so a change may come after a look and leave no trace.
SETTLED = 3.0


def stamp_of(path: str | os.PathLike[str]) -> Stamp | None:
    """The stamp of the file that stands there; None where there is none.

    :raises OSError: it cannot be told, as on a network share that does not answer for a moment.
    """
    try:
        # Many times a minute all day long: pathlib takes three times as long.
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def stamp_if_told(path: str | os.PathLike[str]) -> Stamp | None:
    """As ``stamp_of``; None also where it cannot be told."""
    try:
        return stamp_of(path)
    except OSError:
        return None
