"""Faults every command can meet, shown as one message without a traceback, with the exit code that belongs to them."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from plexsync.cli import show
from plexsync.configuration.data_folder import data_dir
from plexsync.configuration.faults import SettingsError
from plexsync.errors import PlexSyncError
from plexsync.inbox.hook_fault import out_of_reach
from plexsync.outside import shown
from plexsync.redaction import redact
from plexsync.storage.database import DATABASE_NAME
from plexsync.storage.faults import ServerFault, is_damage, is_locked
from plexsync.storage.lock_holders import holders
from plexsync.storage.migrations import DatabaseTooNew

#: Exit codes, as the shell sees them.
FAILED = 1
WRONG_SETTINGS = 2


@contextmanager
def faults_shown() -> Iterator[None]:
    """Ends the program with a message where an expected fault comes out of the block."""
    try:
        yield
    except SettingsError as error:
        _end(f"The settings are wrong:\n{error}", WRONG_SETTINGS)
    except (PlexSyncError, DatabaseTooNew) as error:
        _end(shown(str(error)), FAILED)
    except sqlite3.Error as error:
        if isinstance(error, ServerFault):
            _end(f"{error}: nothing was done; events stay in the inbox, and the consumer waits", FAILED)
        if text := _out_of_reach():
            _end(text, FAILED)
        if is_locked(error):
            _end(f"{error}: {_holders() or 'another program'} has it; try again when that is done", FAILED)
        remedy = ": restart the consumer, which sets it aside and makes a new one" if is_damage(error) else ""
        _end(f"the database in the data folder cannot be used: {error}{remedy}", FAILED)
    except BrokenPipeError:
        # Whoever read what we print has had enough, as "head" does.
        _let_go(sys.stdout)
        sys.exit(FAILED)
    except OSError as error:
        if text := _out_of_reach():
            _end(text, FAILED)
        what = f"cannot use {error.filename}" if error.filename else "a file could not be read or written"
        _end(f"{what}: {error.strerror or error}", FAILED)
    except Exception as error:
        if _is_clicks(error):
            raise
        # A bug of ours: Python would print it too, but with whatever secret is in it.
        _end(traceback.format_exc(), FAILED)


def _is_clicks(error: Exception) -> bool:
    """Whether click has raised it, for itself. Where it is not even imported, as in the consumer, it has not."""
    click = sys.modules.get("click")
    return click is not None and isinstance(error, (click.ClickException, click.exceptions.Exit, click.Abort))


def _holders() -> str:
    try:
        return holders(data_dir(os.environ) / DATABASE_NAME)
    except SettingsError:
        return ""


def _out_of_reach() -> str:
    try:
        return out_of_reach(str(data_dir(os.environ)))
    except SettingsError:
        return ""


def _end(message: str, code: int) -> None:
    with suppress(OSError):
        show.say(show.bad(redact(message)), err=True)
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    sys.exit(code)


def _let_go(stream: TextIO | None) -> None:
    """Throw away what cannot be written: Python would try once more at its end, complain, and end with another code."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
