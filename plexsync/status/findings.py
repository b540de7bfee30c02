"""What a check finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from plexsync.errors import PlexSyncError
from plexsync.imports.late_dataclass import dataclass
from plexsync.redaction import redact


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: ``ok``, and a sentence. ``doubtful`` is what works and yet should be looked at."""

    name: str
    ok: bool
    text: str
    doubtful: bool = False

    @property
    def level(self) -> str:
        """``ok``, ``warn`` or ``fail``."""
        return "fail" if not self.ok else "warn" if self.doubtful else "ok"


def warning(name: str, text: str) -> Finding:
    """What works and yet should be looked at."""
    return Finding(name, True, text, doubtful=True)


def ask(name: str, question: Callable[[], str]) -> Finding:
    """The answer to a question, or why there is none."""
    try:
        return Finding(name, True, redact(question()))
    except (PlexSyncError, sqlite3.Error) as error:
        return Finding(name, False, redact(str(error)))
