"""What Huey runs, and when. ``from tasks import huey, sync_scene`` is all a Python shell needs.

The tasks are imported at the first use of one of these names, all of them together, as a queue has to know every task
that a message may name. Whoever imports a module of this package gets that module alone.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from plexsync.imports import lean as lean

if TYPE_CHECKING:
    from tasks.registered import (
        back_up,
        failed,
        give_up_worn_out,
        huey,
        look_again_late,
        look_for_files,
        poll_changes,
        prune,
        reconcile_daily,
        reconcile_on,
        reviews,
        sync_all,
        sync_related,
        sync_scene,
        sync_scenes,
        sync_together,
        try_left_out,
        watch_plex,
    )

__all__ = [
    "back_up",
    "failed",
    "give_up_worn_out",
    "huey",
    "look_again_late",
    "look_for_files",
    "poll_changes",
    "prune",
    "reconcile_daily",
    "reconcile_on",
    "reviews",
    "sync_all",
    "sync_related",
    "sync_scene",
    "sync_scenes",
    "sync_together",
    "try_left_out",
    "watch_plex",
]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    registered = importlib.import_module("tasks.registered")
    if name in __all__:
        return getattr(registered, name)
    # A module of this package, as ``tasks.app``: all are there by now.
    if (module := sys.modules.get(f"{__name__}.{name}")) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return module
