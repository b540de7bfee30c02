"""Reading from Stash: scenes, the plugin's settings, pictures."""

from plexsync.stash.answers import SceneFiles
from plexsync.stash.client import StashClient
from plexsync.stash.pictures import NoPicture

__all__ = ["NoPicture", "SceneFiles", "StashClient"]
