"""What Huey runs, and when. ``from tasks import huey, sync_scene`` is all a Python shell needs."""

from tasks.app import huey
from tasks.dead_letters import failed
from tasks.everything import sync_all
from tasks.scenes import sync_scene, sync_scenes
from tasks.uncertain import reviews
from tasks.upkeep import look_for_files, prune

__all__ = ["failed", "huey", "look_for_files", "prune", "reviews", "sync_all", "sync_scene", "sync_scenes"]
