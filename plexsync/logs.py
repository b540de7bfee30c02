"""How the program speaks: one line per event, as text or JSON, and never a secret."""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import time
from typing import TextIO

from plexsync.errors import PlexSyncError
from plexsync.origins import origins
from plexsync.script import from_here
from plexsync.secrets import Redactor
from plexsync.seldom import Seldom, kind_of

#: What moves a terminal, as escapes: a name or a title may hold it. Lines of a traceback stay lines.
_CONTROL = {code: ascii(chr(code))[1:-1] for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class RedactingFormatter(logging.Formatter):
    """Formats a record and takes every secret out of the finished text, tracebacks included.

    The code never hands a secret to a log call; this is the net below.

    :param redact: takes the secrets out.
    :param as_json: one JSON object per line instead of text.
    """

    def __init__(self, redact: Redactor, *, as_json: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
        self._redact = redact
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, which can be written to any file and moves no terminal."""
        text = self._json(record) if self._as_json else super().format(record).translate(_CONTROL)
        return self._redact(from_here(origins.told(text)).encode(errors="backslashreplace").decode())

    def _json(self, record: logging.LogRecord) -> str:
        entry = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class _ExpectedErrors(logging.Filter):
    """Keeps Huey's report of a failed task for surprises: of the expected errors we tell ourselves.

    One and the same surprise is reported once a minute, however many tasks meet it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said = Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        """False for the report of an error of ours, or of our own file's, and of one that was just reported."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        if isinstance(error, (PlexSyncError, sqlite3.Error)):
            return False
        return self._said.unsaid(kind_of(error)) is not None


def set_up(level: str, log_format: str, redact: Redactor, stream: TextIO | None = None) -> None:
    """Send the program's and Huey's log lines to one stream.

    :param level: ``debug``, ``info``, ``warning`` or ``error``.
    :param log_format: ``text`` or ``json``.
    :param redact: takes the secrets out of each line.
    :param stream: where to; standard error by default.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter(redact, as_json=log_format == "json"))
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
