"""Stopping and restarting the consumer: asked for by a file, done as if a signal had come."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from plexsync.status.desk import Desk
from plexsync.status.registry import Action


def stop(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Finish what runs, and end."""
    desk.stops()
    os.kill(os.getpid(), signal.SIGTERM)
    return {"text": "The consumer finishes what it is at, and stops."}


ACTIONS = (Action("stop", stop, needs_app=False, is_for_this_run=True),)
