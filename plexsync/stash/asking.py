"""Asks Stash in the words that its version knows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from plexsync.errors import PlexSyncError, StashTooOld
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash import answers, document
from plexsync.stash.dialect import COMPLETE, OLDEST, Dialect, needed
from plexsync.stash.failures import QueryFailed, QueryRefused, StashFault

if TYPE_CHECKING:
    # Importing requests and stashapi costs 130 to 170 ms.
    from plexsync.stash.connection import Connection

log = logging.getLogger(__name__)

#: Seconds after which all is asked for again: Stash may have been updated meanwhile.
FORGOTTEN = 3600.0

#: A document, or how to build it.
Document = str | Callable[[Dialect], str]
Variables = Mapping[str, Any] | Callable[[Dialect], Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class StashAnswer:
    """What Stash answered, and in which words it was asked. ``error`` is what Stash said where a part of it failed."""

    data: dict[str, Any] | None
    dialect: Dialect
    error: QueryFailed | None = None

    @property
    def whole(self) -> dict[str, Any]:
        """The data.

        :raises QueryFailed: a part of it failed.
        """
        if self.error is not None:
            raise self.error
        return self.data or {}

    @property
    def faults(self) -> tuple[StashFault, ...]:
        """What Stash said failed."""
        return self.error.faults if self.error else ()


class Asker:
    """Asks one Stash. Safe to share between threads.

    :param connection: to it.
    :param name: of it, for a person.
    :param count: told the name of each request.
    """

    def __init__(self, connection: Connection, name: str, count: Callable[[str], None]) -> None:
        self._connection = connection
        self._name = name
        self._count = count
        self._lock = threading.Lock()
        self._dialect = Dialect()
        self._told: Dialect | None = None
        self._learned_at = 0.0

    @property
    def dialect(self) -> Dialect:
        """What it is asked for, as far as that is known by now."""
        if not self._dialect.is_whole and time.monotonic() - self._learned_at > FORGOTTEN:
            self._dialect = Dialect()
        return self._dialect

    def ask(
        self,
        name: str,
        text: Document,
        variables: Variables = None,
        *,
        is_needed: bool = False,
        rows_apart: bool = False,
    ) -> StashAnswer:
        """Ask, leaving out what this version of Stash does not know where scenes can do without.

        :param name: of the request, for the counters.
        :param is_needed: no scene can be synchronised without it.
        :param rows_apart: as ``Connection.query`` takes it.
        :raises StashTooOld: it does not know something in what is needed.
        :raises QueryRefused: the same in what is not.
        :raises AnswerTooLarge: the answer is larger than anything that is read.
        :raises AccessDenied: Stash, or a proxy before it, wants another key or a login.
        :raises StashUnavailable: no answer, or none that a healthy Stash would give.
        """
        dialect = self.dialect
        while True:
            whole = text if isinstance(text, str) else text(dialect)
            given = variables(dialect) if callable(variables) else variables
            self._count(name)
            try:
                return StashAnswer(self._connection.query(whole, given, rows_apart=rows_apart), dialect)
            except QueryFailed as error:
                return StashAnswer(error.data, dialect, error)
            except QueryRefused as error:
                following = dialect.without(error.faults)
                if following is None or (isinstance(text, str) and not callable(variables)):
                    if is_needed:
                        raise self._too_old(error) from error
                    raise
                dialect = following
                self._learn(dialect)

    def version(self) -> str:
        """Stash's version; ``""`` for a build without one.

        :raises PlexSyncError: as ``ask``.
        """
        return answers.read_version(self.ask("version", document.VERSION).whole)

    def _learn(self, dialect: Dialect) -> None:
        with self._lock:
            is_news = dialect != self._told
            self._dialect, self._told, self._learned_at = dialect, dialect, time.monotonic()
        if is_news:
            log.warning(
                "%s%s %s; %s and later have it all", self._name, self._version_if_known(), dialect.text, COMPLETE
            )

    def _too_old(self, error: QueryRefused) -> StashTooOld:
        blamed = needed(error.faults) or error.faults
        said = "; ".join(dict.fromkeys(fault.message.rstrip(".") for fault in blamed[:3]))
        return StashTooOld(
            f"{self._name}{self._version_if_known()} does not understand what PlexSync has to ask ({said}): PlexSync "
            f"needs Stash {OLDEST} or later"
        )

    def _version_if_known(self) -> str:
        try:
            version = answers.read_version(self._connection.query(document.VERSION))
        except PlexSyncError:
            return ""
        return f" ({version})" if version else ""
