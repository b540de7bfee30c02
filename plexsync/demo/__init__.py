"""Simulated Stash and Plex over real HTTP: what the demo and the tests run against."""
