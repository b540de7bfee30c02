"""Brings scenes to Plex, one or many at once: read, match, compare, write, read back, record."""
