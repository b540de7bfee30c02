"""Every task there is: importing this makes them known to the queue."""

from __future__ import annotations

from tasks.app import huey as huey
from tasks.backup import back_up as back_up
from tasks.batch import sync_together as sync_together
from tasks.changes import poll_changes as poll_changes
from tasks.dead_letters import failed as failed
from tasks.everything import sync_all as sync_all
from tasks.late import look_again_late as look_again_late
from tasks.left_out import try_left_out as try_left_out
from tasks.reconcile import reconcile_daily as reconcile_daily
from tasks.reconcile import reconcile_on as reconcile_on
from tasks.related import sync_related as sync_related
from tasks.scenes import sync_scene as sync_scene
from tasks.scenes import sync_scenes as sync_scenes
from tasks.uncertain import reviews as reviews
from tasks.upkeep import look_for_files as look_for_files
from tasks.upkeep import prune as prune
from tasks.watch import watch_plex as watch_plex
from tasks.worn_out import give_up_worn_out as give_up_worn_out
