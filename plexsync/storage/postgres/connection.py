"""A connection to PostgreSQL with the interface of ``sqlite3.Connection``, as far as PlexSync uses it."""

from __future__ import annotations

import re
import select
import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import psycopg

from plexsync.configuration.database_url import shown
from plexsync.imports.late import late_pattern
from plexsync.storage.faults import ServerFault
from plexsync.storage.postgres import dialect
from plexsync.storage.postgres.prepared import Prepared, prepared
from plexsync.storage.postgres.rows import (
    BoolAsNumber,
    Results,
    StorableText,
    SumAsNumber,
    make_rows,
    named_as_sqlite,
    one_line,
    values_of,
)

#: Seconds to wait for a connection, and within which a server that has gone silent is taken for gone.
CONNECT, SILENT = 5, 9.0
#: Seconds of silence after which each side asks whether the other is there, between two such questions, and how many
#: of them: a machine that is switched off says nothing, and without these its locks would be pending for hours.
KEEPALIVE = (4, 2, 3)
#: Seconds to wait for whoever writes, and after which the server ends a session that does nothing in a transaction: a
#: process that was stopped in the middle must not hold up all others for ever.
BUSY, IDLE_IN_TRANSACTION = 30, 60
#: What whoever keeps the server may have set otherwise for all, and is rested on here: since which version it is known,
#: its name, and what it is to be. Who has waited for the lock on writing sees what was written meanwhile; nothing but
#: ourselves ends what takes long; numbers and texts come back as they were given.
RESTS_ON = (
    (0, "default_transaction_isolation", "'read committed'"),
    (0, "statement_timeout", "0"),
    (0, "extra_float_digits", "1"),
    (0, "standard_conforming_strings", "on"),
    (140000, "idle_session_timeout", "0"),
    (170000, "transaction_timeout", "0"),
)
#: Letters of statements that wait to be sent, at most.
MOST_LETTERS = 256 * 1024
#: Rows from which on the server is given a statement once, and then values alone.
MANY = 20
#: What is planned once is planned while its table may be empty, and is to do for one that has grown: so by the index
#: that has the rows in their order, however few there are.
BY_INDEX = (
    "set local plan_cache_mode = force_generic_plan",
    "set local enable_seqscan = off",
    "set local enable_bitmapscan = off",
    "set local enable_sort = off",
)
#: Statements that give no rows, unless they say so.
_GIVES_NONE = late_pattern(r"\s*(insert|update|delete)\b", re.IGNORECASE)
#: How a numbered place for a value is called once it is translated.
_NUMBERED = late_pattern(r"%\(v\d+\)s")


class Translation(NamedTuple):
    """One of SQLite's statements in PostgreSQL's words.

    ``is_numbered`` is whether its places have numbers, ``prepared`` how it is prepared, where it is.
    """

    text: str
    is_numbered: bool
    gives_rows: bool
    prepared: Prepared | None


class PostgresSession:
    """One session. Used by one thread at a time.

    :param url: ``postgresql://user:password@host/database``.
    :param space: the schema of the database that holds PlexSync's tables.
    :param silent: seconds within which a server that has gone silent is taken for gone.
    :param reads: it only reads.
    :param to_prepare: statements of SQLite's that are prepared, as they are run so often.
    :raises ServerFault: there is no connection to be had.
    """

    def __init__(
        self,
        url: str,
        space: str,
        *,
        silent: float = SILENT,
        reads: bool = False,
        to_prepare: Collection[str] = (),
    ) -> None:
        self.space = space
        self._to_prepare = to_prepare
        #: What is prepared in the session.
        self._prepared: set[Prepared] = set()
        #: Whether more may be prepared than is noted here.
        self._may_have_others_prepared = False
        idle, interval, count = KEEPALIVE
        try:
            self._connection = psycopg.connect(
                url,
                autocommit=True,
                cursor_factory=psycopg.ClientCursor,
                row_factory=make_rows,
                connect_timeout=CONNECT,
                application_name="plexsync",
                client_encoding="utf8",
                keepalives_idle=min(idle, max(1, int(silent / 2))),
                keepalives_interval=1 if silent < SILENT else interval,
                keepalives_count=count,
                tcp_user_timeout=int(silent * 1000),
            )
        except psycopg.Error as error:
            raise ServerFault(f"{shown(url)} does not answer: {one_line(error)}") from None
        self._connection.adapters.register_dumper(bool, BoolAsNumber)
        self._connection.adapters.register_dumper(str, StorableText)
        self._connection.adapters.register_loader("numeric", SumAsNumber)
        self._tables = lru_cache(maxsize=None)(self._look_up)
        self._translation: Callable[[str], Translation] = lru_cache(maxsize=2000)(self._translated)
        self._cursor: psycopg.ClientCursor[Any] = cast("psycopg.ClientCursor[Any]", self._connection.cursor())
        #: The batch that is sent with the next statement that gives rows; of these so many open the transaction.
        self._pending: list[tuple[str, Results]] = []
        self._pending_letters = 0
        self._opening = 0
        self._seen: Callable[[Any], object] = lambda _row: None
        #: Whether statements may wait: in a transaction alone.
        self._is_batching = False
        #: Whether what is planned in this transaction goes by the indexes.
        self._is_by_index = False
        self.run(
            f"set search_path to {space}; set lock_timeout = '{BUSY}s'; "
            f"set idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION}s'; "
            f"set tcp_keepalives_idle = {idle}; set tcp_keepalives_interval = {interval}; "
            f"set tcp_keepalives_count = {count}; set tcp_user_timeout = {int(SILENT * 1000)}; "
            f"set synchronous_commit = off; "
            f"set jit = off; "
            f"set default_transaction_read_only = {'on' if reads else 'off'}"
            + "".join(f"; set {name} = {value}" for since, name, value in RESTS_ON if self._version >= since)
        )

    @property
    def _version(self) -> int:
        return int(self._connection.info.server_version)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        status: int = self._connection.info.transaction_status
        return status != psycopg.pq.TransactionStatus.IDLE and not self._connection.closed

    @property
    def is_open(self) -> bool:
        """Whether the session still stands, as far as is known."""
        return not self._connection.closed and not self._connection.broken

    @property
    def pid(self) -> int:
        """The number by which the server knows this session."""
        return int(self._connection.info.backend_pid)

    def begin(self, opening: Sequence[str], seen: Callable[[Any], object]) -> None:
        """Begin a transaction: nothing is sent before its first statement is.

        :param opening: statements of PostgreSQL's own that open it; the last one gives a row.
        :param seen: told of that row. What it raises comes out of the first statement.
        """
        self._pending = [(sql, Results(sql, self._flush, self._last_id)) for sql in opening]
        self._opening, self._seen = len(opening), seen
        self._is_batching, self._is_by_index = True, False

    def commit(self, before: Sequence[str]) -> None:
        """Commit what was done in the transaction, if anything was.

        :param before: statements of PostgreSQL's own in front of that.
        :raises sqlite3.Error: it could not be committed.
        """
        self._is_batching = False
        if len(self._pending) == self._opening and not self.in_transaction:
            self._pending = []
            return
        self._run_each([*before, "commit"])

    def rollback(self) -> None:
        """Undo what was done in the transaction.

        :raises sqlite3.Error: the session has ended; so has the transaction.
        """
        self._pending, self._is_batching, self._opening = [], False, 0
        self._may_have_others_prepared = True
        if self.is_open and self.in_transaction:
            self.run("rollback")

    def execute(self, sql: str, values: Any = ()) -> Results:
        """Run one of SQLite's statements.

        :raises sqlite3.Error: it failed, or one before it that was not sent yet.
        """
        translation = self._translation(sql)
        waits = self._is_batching and not translation.gives_rows
        return self._results(self._prepare(translation), _given(translation, values), waits=waits)

    def ask(self, sql: str, values: Any = ()) -> Results:
        """Run one of SQLite's statements that gives rows, which are not looked at before the transaction's end.

        :raises sqlite3.Error: as for ``execute``.
        """
        translation = self._translation(sql)
        return self._results(self._prepare(translation), _given(translation, values), waits=self._is_batching)

    def executemany(self, sql: str, many: Iterable[Any]) -> Results:
        """Run one of SQLite's statements for each of these values."""
        results = Results(sql, self._flush, self._last_id)
        rows = [values_of(values) for values in many]
        if len(rows) >= MANY:
            # Read and planned once, on the server as here; a few go sooner with whatever is sent next.
            self._flush()
            cursor = psycopg.Cursor(self._connection)
            with named_as_sqlite():
                cursor.executemany(self._translation(sql).text, rows)
            results.take(cursor)
            results.is_sent = True
            return results
        translated = self._prepare(self._translation(sql)) if rows else ""
        for values in rows:
            with named_as_sqlite():
                results.sql = self._cursor.mogrify(translated, values or None)
            self._enqueue(results.sql, results)
        if not self._is_batching:
            self._flush()
        results.is_sent = not self._pending
        return results

    def cursor(self) -> HueyCursor:
        """For Huey, which runs statements of its own by a cursor."""
        return HueyCursor(self)

    def run(self, sql: str, values: Any = None) -> Results:
        """Run one of PostgreSQL's own statements.

        :raises sqlite3.Error: it failed.
        """
        return self._results(sql, values)

    def make(self, step: str) -> None:
        """Run one statement of a migration, written for SQLite."""
        for translated in dialect.schema(step):
            self.run(translated)
        self._tables.cache_clear()
        self._may_have_others_prepared = True
        self._translation.cache_clear()  # type: ignore[attr-defined]  # of what lru_cache returns

    def create_function(self, name: str, _arguments: int, _function: object, **_: object) -> None:
        """SQLite's own functions written in Python are functions of the database here, made with its tables."""
        if name != "holds":
            raise NotImplementedError(f"there is no function {name} in the database")

    def set_progress_handler(self, handler: object, _steps: int) -> None:
        """Bound the time of what follows, in place of SQLite's way to ask whether to go on."""
        self.run(f"set statement_timeout = {0 if handler is None else 5000}")

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def fileno(self) -> int:
        """What to wait on for notifications."""
        return self._connection.fileno()

    def notifications(self, seconds: float, end: int) -> list[str]:
        """What others have said on the channels that are listened to, waiting so long for the first.

        :param end: a descriptor that ends the wait once it can be read from.
        :raises sqlite3.OperationalError: the session has ended.
        """
        with named_as_sqlite():
            if payloads := self._notified():
                return payloads
            # Where psycopg waits, it wakes ten times a second.
            poll = select.poll()
            poll.register(self._connection.fileno(), select.POLLIN)
            poll.register(end, select.POLLIN)
            poll.poll(seconds * 1000)
            return self._notified()

    def _notified(self) -> list[str]:
        return [one.payload for one in self._connection.notifies(timeout=0)]

    def _results(self, sql: str, values: Any, *, waits: bool = False) -> Results:
        with named_as_sqlite():
            sql = sql if values is None else self._cursor.mogrify(sql, values)
        results = Results(sql, self._flush, self._last_id)
        self._enqueue(sql, results)
        if not waits:
            self._flush()
        return results

    def _prepare(self, translation: Translation) -> str:
        """Prepare what is run often, once; the statement to send now."""
        if translation.prepared is None or not self._is_batching:
            return translation.text
        if not self._is_by_index:
            self._is_by_index = True
            for one in BY_INDEX:
                self._add(one)
        if self._may_have_others_prepared:
            self._prepared.clear()
            self._add("deallocate all")
            self._may_have_others_prepared = False
        if translation.prepared not in self._prepared:
            self._prepared.add(translation.prepared)
            self._add(translation.prepared.prepare)
        return translation.prepared.execute

    def _add(self, sql: str) -> None:
        self._enqueue(sql, Results(sql, self._flush, self._last_id))

    def _run_each(self, statements: Sequence[str]) -> None:
        """Run several of PostgreSQL's own statements in one go."""
        for sql in statements:
            self._add(sql)
        self._flush()

    def _enqueue(self, sql: str, results: Results) -> None:
        self._pending.append((sql, results))
        self._pending_letters += len(sql)
        if self._pending_letters > MOST_LETTERS:
            self._flush()

    def _flush(self) -> None:
        """Send what is pending, in one go: the one way by which statements go to the server."""
        pending, self._pending, self._pending_letters = self._pending, [], 0
        opening, self._opening = self._opening, 0
        if not pending:
            return
        cursor = self._cursor
        try:
            with named_as_sqlite():
                cursor.execute("; ".join([sql for sql, _ in pending]))
                for place, (_, results) in enumerate(pending):
                    if place:
                        cursor.nextset()
                    results.take(cursor)
                    results.is_sent = True
        except sqlite3.Error:
            self._may_have_others_prepared = True
            raise
        if opening:
            self._seen(pending[opening - 1][1].fetchone())

    def _translated(self, sql: str) -> Translation:
        text = dialect.statement(sql, self._tables)
        gives_rows = not _GIVES_NONE.match(text) or "returning" in text.lower()
        name = f"plexsync_{zlib.crc32(text.encode()):08x}"
        return Translation(
            text,
            _NUMBERED.search(text) is not None,
            gives_rows,
            prepared(text, name) if sql in self._to_prepare else None,
        )

    def _last_id(self) -> int:
        return int(self.run("select lastval()").fetchone()[0])

    def _look_up(self, name: str) -> dialect.KeyedTable:
        columns = self.run(
            "select column_name from information_schema.columns where table_schema = %s and table_name = %s "
            "and is_generated = 'NEVER' order by ordinal_position",
            [self.space, name],
        ).fetchall()
        key = self.run(
            "select attribute.attname from pg_index join pg_attribute attribute on attribute.attrelid = indrelid "
            "and attribute.attnum = any(indkey) where indrelid = cast(%s as regclass) and indisprimary",
            [f"{self.space}.{name}"],
        ).fetchall()
        return dialect.KeyedTable(tuple(row[0] for row in key), tuple(row[0] for row in columns))


def _given(translation: Translation, values: Any) -> Any:
    """The values of a statement as psycopg takes them; None where there are none."""
    given = values_of(values)
    if translation.is_numbered and isinstance(given, list):
        given = {f"v{place}": value for place, value in enumerate(given, 1)}
    return given if given else None


class HueyCursor:
    """As much of ``sqlite3.Cursor`` as Huey uses: it runs a statement, and is asked for its rows.

    :param connection: runs them.
    """

    def __init__(self, connection: PostgresSession) -> None:
        self._connection = connection
        self._results: Results | None = None

    def execute(self, sql: str, values: Any = ()) -> HueyCursor:
        """Run one of SQLite's statements."""
        # Which of the two rows is meant SQLite does not ask.
        sql = sql.replace("set value = value +", "set value = counter.value +")
        self._results = self._connection.execute(sql, values)
        return self

    def __getattr__(self, name: str) -> Any:
        """What the last statement gave."""
        return getattr(self._results, name)

    def __iter__(self) -> Iterator[Any]:
        """The rows that the last statement gave."""
        return iter(self._results or ())
