"""Stopping and restarting the consumer: asked for by a file, done as if a signal had come."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from plexsync.inbox.consumer_record import stay_stopped
from plexsync.status.desk import Desk
from plexsync.status.registry import Action

#: Asked for by a consumer that takes over, and by nobody else.
HAND_OVER = "hand_over"


def stop(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Finish what runs, and end; whoever starts consumers by itself leaves it so."""
    stay_stopped(str(desk.folder))
    desk.stops()
    os.kill(os.getpid(), signal.SIGTERM)
    return {"text": "The consumer finishes what it is at, and stops."}


def restart(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Finish what runs, and begin anew as the same process."""
    desk.stops()
    desk.restart()
    return {"text": "The consumer finishes what it is at, and starts anew."}


def hand_over(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Finish what runs, and end, as a person or a service has started another consumer."""
    desk.stops()
    os.kill(os.getpid(), signal.SIGTERM)
    return {"text": "The consumer finishes what it is at, and makes room for another."}


ACTIONS = (
    Action(HAND_OVER, hand_over, needs_app=False, is_for_this_run=True),
    Action("stop", stop, needs_app=False, is_for_this_run=True),
    Action("restart", restart, needs_app=False, is_for_this_run=True),
)
