"""A simulated Plex Media Server, strict about what clients may do."""

from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.items import PlexItem, PlexTag
from plexsync.demo.plex.server import SimulatedPlex

__all__ = ["Behaviour", "PlexItem", "PlexTag", "SimulatedPlex"]
