"""What bringing scenes to Plex needs, whether one or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.metadata import Rules
from plexsync.plex import PlexClient
from plexsync.stash import StashClient
from plexsync.sync.options import SyncOptions
from plexsync.sync.outcomes import Outcomes
from plexsync.sync.resolver import Resolver
from plexsync.sync.scene_locks import SceneLocks
from plexsync.sync.sightings import Sightings


@dataclass(frozen=True, slots=True)
class SyncTools:
    """Shared by all that write to Plex, and safe to share between threads."""

    #: What we remember.
    ledger: Ledger
    #: Finds the items of scenes.
    resolver: Resolver
    #: Where scenes are read, and where items are written.
    stash: StashClient
    plex: PlexClient
    #: How a scene becomes what Plex should show.
    rules: Rules
    options: SyncOptions
    #: The scenes that threads of this process work on.
    scene_locks: SceneLocks
    #: What items were seen to hold.
    sightings: Sightings
    #: Hears how scenes fare.
    outcomes: Outcomes
    #: Queues scenes whose item has become another scene's.
    requeue: Callable[[Sequence[int]], object]
