"""The rules from which tests of what Plex should show begin: every field is carried, and Stash owns none."""

from __future__ import annotations

from plexsync.metadata import Rules
from plexsync.model import Field

RULES = Rules(
    selected=frozenset(Field),
    owned=frozenset(),
    ascii_titles=False,
    content_rating="",
    show_performer_pictures=True,
    stash_url="http://stash:9999",
    public_url=None,
)
