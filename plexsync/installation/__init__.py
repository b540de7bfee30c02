"""How PlexSync stands in Stash: whether its hooks are called, with which settings."""
