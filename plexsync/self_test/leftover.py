"""A self-test that came to no end: its item is put back by whoever looks next."""

from __future__ import annotations

from pathlib import Path

from plexsync.errors import ItemGone, PermanentError
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.plex.probing import ProbingClient
from plexsync.self_test.lock import is_running
from plexsync.self_test.record import Record
from plexsync.self_test.restoring import Restored, restore
from plexsync.self_test.state import state_of


@dataclass(frozen=True, slots=True)
class Leftover:
    """What is noted of a self-test: ``running`` where that is going on at this moment."""

    record: Record
    running: bool


def leftover(ledger: Ledger, folder: Path) -> Leftover | None:
    """The self-test that is noted, None for none.

    :param folder: the data folder.
    """
    noted = ledger.held_items.get()
    if noted is None:
        return None
    try:
        record = Record.from_json(noted.record)
    except (ValueError, KeyError, TypeError):
        return None
    return Leftover(record, is_running(folder))


def put_back(client: ProbingClient, ledger: Ledger, record: Record) -> Restored:
    """Put the item of a self-test back that came to no end, and forget it where that is done.

    :raises ItemGone: Plex has the item no longer, or under that key another one: it is forgotten.
    :raises PermanentError: it is another server's.
    :raises PlexSyncError: Plex cannot be asked.
    """
    server = client.identity()
    if record.server and server != record.server:
        raise PermanentError(
            f"item {record.rating_key} is of another Plex server ({record.server[:8]}) than the one that answers "
            f"({server[:8]}): it is put back when that one does"
        )
    if (gone := _is_another(client, record)) is not None:
        ledger.held_items.over()
        raise ItemGone(gone)
    restored = restore(client, record)
    if not restored.left:
        ledger.held_items.over()
    return restored


def _is_another(client: ProbingClient, record: Record) -> str | None:
    """Why there is nothing to be put back: None where there is."""
    try:
        entry = client.entries([record.rating_key]).get(record.rating_key)
    except ItemGone:
        entry = None
    if entry is None:
        return f"Plex has no item {record.rating_key} any more: there is nothing to be put back"
    files = state_of(entry).files
    if record.file and files and record.file not in files:
        return f"item {record.rating_key} is another one by now ({files[0]}): there is nothing to be put back"
    return None
