"""Of several consumers of one PostgreSQL, one works: this one waits its turn, and stops at once when it is over.

Whoever leads holds a lock by the session that it writes with. Where that session ends, it can write nothing more to the
database, and another consumer may begin at any moment: so whatever it is doing is broken off as by a power cut, which
loses nothing, and it starts anew in its own place, to wait with the others.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from plexsync.cli.anew import Anew
from plexsync.cli.start import Start
from plexsync.inbox.event_files import printable
from plexsync.redaction import redact
from plexsync.status.desk import ConsumerState
from plexsync.status.room import StatusRoom
from plexsync.storage import opening
from plexsync.storage.cluster import ClusterConsumer
from plexsync.storage.faults import ServerFault
from settings import Settings

#: Seconds between two attempts to lead.
AGAIN = 1.0

log = logging.getLogger("plexsync.consumer")


def lead(settings: Settings, start: Start, room: StatusRoom, anew: Anew) -> None:
    """Wait until this is the consumer that works; from then on, start anew at once where it is so no longer.

    :param settings: they name a PostgreSQL.
    :raises PermanentError: what PostgreSQL takes is not installed.
    """
    database = opening.of_process(settings.data_dir, settings.database_url)
    # Installed by now.
    from plexsync.storage.postgres.consumers import SignOfLife
    from plexsync.storage.postgres.database import PostgresDatabase

    if not isinstance(database, PostgresDatabase):
        raise TypeError(f"{database.place} is not a PostgreSQL")
    sign, told = SignOfLife(), _Told(room, database.place)
    while True:
        try:
            if database.lead():
                break
            database.wait_in_line(sign)
            told.another_leads(next((one for one in database.consumers() if one.leads), None))
        except sqlite3.Error as error:
            told.no_answer(error)
        time.sleep(AGAIN)

    def lost(why: str) -> None:
        log.error(
            "this consumer leads no longer: %s; it stops what it was doing, and waits; nothing is lost",
            redact(why),
        )
        _flush()
        anew.go_at_once(start.lock)

    database.on_lost = lost
    with anew_without_server(start, anew):
        # The sign that it leads is given before that is said: whoever reads it, and asks who works, is told.
        watch = database.watch(sign)
        log.info("this consumer leads now%s", told.since())
        watch.start()


@contextmanager
def anew_without_server(start: Start, anew: Anew) -> Iterator[None]:
    """Where the server goes away in a moment when nobody else meets that, start anew, and wait for it with the others.

    A program that ended instead would have to be started by somebody.
    """
    try:
        yield
    except ServerFault as error:
        log.error("%s; this consumer starts anew, and waits for it", redact(str(error)))  # noqa: TRY400 - no trace
        _flush()
        # Not as fast as the machine can.
        time.sleep(AGAIN)
        anew.go_at_once(start.lock)


class _Told:
    """What is said while this consumer waits, each thing once."""

    def __init__(self, room: StatusRoom, place: str) -> None:
        self._room = room
        self._place = place
        self._state: ConsumerState | None = None
        self._leader = ""
        self._since = time.monotonic()

    def another_leads(self, leader: ClusterConsumer | None) -> None:
        who = f" ({printable(str(leader))})" if leader is not None else ""
        if self._is_news(ConsumerState.STANDBY) or (who and who != self._leader):
            self._leader = who
            log.info("another consumer leads%s; this one waits, and takes over when that one fails", who)

    def no_answer(self, error: sqlite3.Error) -> None:
        if self._is_news(ConsumerState.WAITING_FOR_DATABASE):
            log.error("%s; waiting for it; nothing is lost, events stay in the inbox", redact(str(error)))

    def since(self) -> str:
        """How long that took, where it was waited for."""
        return "" if self._state is None else f", after {time.monotonic() - self._since:.0f} s of waiting"

    def _is_news(self, state: ConsumerState) -> bool:
        if state is self._state:
            return False
        self._state = state
        self._room.waits(state)
        return True


def _flush() -> None:
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stderr.flush()
