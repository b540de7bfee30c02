"""Plex's files, indexed and kept in step with Plex."""
