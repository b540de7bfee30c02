"""Reading from Stash: scenes, what was changed, the plugin's settings, pictures."""

from plexsync.stash.answers import SceneFiles
from plexsync.stash.changes import Changed, Changes, EntityKind, Watermark
from plexsync.stash.client import StashClient
from plexsync.stash.dialect import COMPLETE
from plexsync.stash.pages import FoundScenes, ScenePage
from plexsync.stash.pictures import NoPicture
from plexsync.stash.plugins import Plugin, PluginPage

__all__ = [
    "COMPLETE",
    "Changed",
    "Changes",
    "EntityKind",
    "FoundScenes",
    "NoPicture",
    "Plugin",
    "PluginPage",
    "SceneFiles",
    "ScenePage",
    "StashClient",
    "Watermark",
]
