"""What migrating takes: the statements of a step, a copy of the file beforehand, and the refusal of a newer file."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path


class DatabaseTooNew(Exception):
    """The file was written by a newer PlexSync than this one."""


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction they belong to."""
    pending = ""
    for piece in re.split(r"(?<=;)", script):
        pending += piece
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        raise ValueError(f"a migration step does not end with ';': {pending.strip()[:60]!r}")


def back_up(connection: sqlite3.Connection, path: Path, target: Path) -> None:
    """Copy an open database, as it is at this moment.

    :param path: the database, in whose folder the copy grows under another name.
    :param target: where the whole copy stands in the end (mode 0600), in place of whatever stands there.
    :raises OSError: there is no room, or the folder cannot be written to.
    :raises sqlite3.Error: the database cannot be read.
    """
    # Under another name first: what stands under this one may be a link, and half a copy is none.
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    new = Path(name)
    try:
        with closing(sqlite3.connect(new)) as copy:
            connection.backup(copy)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
