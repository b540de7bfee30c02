"""What ``status`` says of the settings, as it looks on a terminal."""

from __future__ import annotations

from typing import Any

from plexsync.cli import show
from plexsync.status import settings_line


def text(known: dict[str, Any]) -> str:
    """Since when they are in force, and in colour what is left to be done."""
    whole = settings_line.text(known)
    for one in settings_line.to_do(known):
        whole = whole.replace(one, show.doubtful(one))
    return whole
