"""Every task there is: importing this makes them known to the queue."""

from __future__ import annotations

from tasks.app import huey
from tasks.backup import back_up
from tasks.batch import sync_together
from tasks.changes import poll_changes
from tasks.dead_letters import failed
from tasks.everything import sync_all
from tasks.late import look_again_late
from tasks.left_out import try_left_out
from tasks.reconcile import reconcile_daily, reconcile_on
from tasks.related import sync_related
from tasks.scenes import sync_scene, sync_scenes
from tasks.uncertain import reviews
from tasks.upkeep import look_for_files, prune
from tasks.watch import watch_plex
from tasks.worn_out import give_up_worn_out

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
