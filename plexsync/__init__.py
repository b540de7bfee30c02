"""PlexSync: carries every metadata change from Stash to Plex.

Kept free of imports: the hook starts inside Stash's user interface and pays for each one.
"""

__version__ = "1.1.0"
