"""Fetches what the hook lays on Stash's machine through Stash's own API, where the two share no folder."""
