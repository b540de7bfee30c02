"""Plex over HTTP: typed calls, time-outs, quick repeats, the breaker, and errors that say what to do."""

from plexsync.plex.client import PlexClient
from plexsync.plex.names import PICTURE_FOLDERS, TAG_NAMES, TEXT_NAMES
from plexsync.plex.refusals import RateLimited
from plexsync.plex.transport import PlexEndpoint

__all__ = ["PICTURE_FOLDERS", "TAG_NAMES", "TEXT_NAMES", "PlexClient", "PlexEndpoint", "RateLimited"]
