"""What ``doctor`` says, for the page: it asks Plex and Stash."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from plexsync.status.checks import check_all, check_machine
from plexsync.status.desk import Desk
from plexsync.status.registry import StatusQuestion


def health(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Each finding: its level, its name and a sentence."""
    found = chain(check_all(desk.environ), check_machine(desk.environ) if desk.is_ready else ())
    return {"rows": [{"level": one.level, "name": one.name, "text": one.text} for one in found]}


QUESTIONS = (StatusQuestion("health", health, takes_long=True, needs_app=False),)
