"""How the program speaks: one line per event, as text or JSON, and never a secret.

Each line says what it belongs to (``plexsync.log_context``). In JSON it follows ``log_line.schema.json``.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import threading
import time
from contextlib import suppress
from textwrap import indent
from typing import Protocol, TextIO

from plexsync import log_context
from plexsync.configuration.origins import origins
from plexsync.durations import local_time
from plexsync.errors import PlexSyncError
from plexsync.log_throttle import LogThrottle, kind_of
from plexsync.outside import exact, shown, shown_lines
from plexsync.redaction import Redactor
from plexsync.script import from_here
from plexsync.storage.rotating_file import RotatingFile

#: Stands before each line of a traceback.
_SET_IN = "    "

log = logging.getLogger(__name__)


class Conceals(Protocol):
    """Takes out of a text whose library it is (``plexsync.privacy``)."""

    def text(self, text: str) -> str:
        """A message without it."""

    def trace(self, text: str) -> str:
        """A traceback without it."""


class RedactingFormatter(logging.Formatter):
    """Formats a record and takes every secret out of the finished text, tracebacks included.

    The code never hands a secret to a log call; this is the net below. Whatever a name, a title or a server's word
    holds, a record is one line that moves no terminal, and the lines of a traceback are set in: none looks like one.
    What it belongs to is taken from the thread that logs it.

    :param redact: takes the secrets out.
    :param as_json: one JSON object per line instead of text.
    :param conceals: takes out paths, titles, names and hosts as well; None leaves them.
    """

    def __init__(self, redact: Redactor, *, as_json: bool = False, conceals: Conceals | None = None) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self._redact = redact
        self._as_json = as_json
        self._conceals = conceals

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - logging's
        """When it was, in the local time with its offset."""
        return local_time(record.created)

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, which can be written to any file and moves no terminal."""
        # Secrets go first, as what is shown of one that was cut in pieces would not be found any more.
        message = self._redact.taken_out(from_here(origins.with_origins(record.getMessage())))
        trace = self._redact.taken_out(self.formatException(record.exc_info)) if record.exc_info else ""
        if self._conceals is not None:
            message = self._conceals.text(message)
            trace = self._conceals.trace(trace) if trace else ""
        return self._redact(self._json(record, message, trace) if self._as_json else self._text(record, message, trace))

    def _text(self, record: logging.LogRecord, message: str, trace: str) -> str:
        record.asctime = self.formatTime(record, self.datefmt)
        record.message = shown(message)
        line = self.formatMessage(record) + _belongs_to()
        return f"{line}\n{indent(shown_lines(trace), _SET_IN, lambda _: True)}" if trace else line

    def _json(self, record: logging.LogRecord, message: str, trace: str) -> str:
        entry: dict[str, str | int | None] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": message,
        }
        if (context := log_context.current()) is not None:
            entry |= context.words()
        if trace:
            entry["traceback"] = trace
        return exact(json.dumps(entry, ensure_ascii=False))


def _belongs_to() -> str:
    """What stands behind the message in a line of text: ``  [event=3f9c21ab task=sync_scene scene=45]``."""
    context = log_context.current()
    words = context.words() if context is not None else {}
    return f"  [{' '.join(f'{name}={value}' for name, value in words.items())}]" if words else ""


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream, and to a file beside it. Where that fails, it says so without what was to be written, which
    nobody has looked at.

    :param file: takes each line once more; None for no file.
    """

    def __init__(self, stream: TextIO, file: RotatingFile | None) -> None:
        super().__init__(stream)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. It is made once for both."""
        try:
            line = self.format(record) + self.terminator
            if self._file is not None:
                self._file.write(line)
            self.stream.write(line)
            self.flush()
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001 - as logging's own handler
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that a line could not be written."""
        error = sys.exc_info()[1]
        with suppress(OSError, ValueError):
            sys.stderr.write(f"a line of {shown(record.name)} could not be logged: {type(error).__name__}\n")


class _ExpectedErrors(logging.Filter):
    """Keeps Huey's report of a failed task for surprises: of the expected errors we tell ourselves.

    One and the same surprise is reported once a minute, however many tasks meet it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said = LogThrottle()

    def filter(self, record: logging.LogRecord) -> bool:
        """False for the report of an error of ours, or of our own file's, and of one that was just reported."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        if isinstance(error, (PlexSyncError, sqlite3.Error)):
            return False
        return self._said.unsaid(kind_of(error)) is not None


def set_up(
    level: str,
    log_format: str,
    redact: Redactor,
    stream: TextIO | None = None,
    file: RotatingFile | None = None,
    conceals: Conceals | None = None,
) -> None:
    """Send the program's and Huey's log lines to one stream, and to a file beside it.

    :param level: ``debug``, ``info``, ``warning`` or ``error``.
    :param log_format: ``text`` or ``json``.
    :param redact: takes the secrets out of each line.
    :param stream: where to; standard error by default.
    :param file: takes each line as well.
    :param conceals: takes out of each line whose library it is; None leaves that.
    """
    handler = _Handler(stream or sys.stderr, file)
    handler.setFormatter(RedactingFormatter(redact, as_json=log_format == "json", conceals=conceals))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    chosen = logging.getLevelNamesMapping()[level.upper()]
    logging.getLogger("plexsync").setLevel(chosen)
    logging.getLogger("tasks").setLevel(chosen)
    # Huey tells of each task it starts and ends: of interest only to someone who looks for a fault.
    huey = logging.getLogger("huey")
    huey.setLevel(chosen if chosen <= logging.DEBUG else max(chosen, logging.WARNING))
    huey.addFilter(_ExpectedErrors())
    threading.excepthook = _tell_of_thread


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    """A thread that ends with an error says so as all else is said. Python would print it with whatever is in it."""
    name = ended.thread.name if ended.thread is not None else "a thread"
    error = ended.exc_value or ended.exc_type()
    log.error("%s ended with an unexpected error", name, exc_info=error)
