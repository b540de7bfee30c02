"""Warnings of the rooms below, where a command is run by a person: on standard error, as wide as the terminal."""

from __future__ import annotations

import logging

from plexsync.cli import show
from plexsync.outside import shown
from plexsync.redaction import redact


class Notes(logging.Handler):
    """Shows log records from warnings upwards, without the time and level of a log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Show one; a reader that is gone is no reason to end."""
        try:
            show.say(show.doubtful(shown(redact(record.getMessage()))), err=True)
        except OSError:
            self.handleError(record)


def show_warnings() -> None:
    """From here on warnings are shown so, where nobody has set up logging otherwise."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(Notes(logging.WARNING))
