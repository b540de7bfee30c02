"""What the settings say about synchronising."""

from __future__ import annotations

from plexsync.imports.late_dataclass import dataclass
from plexsync.sync.picture_look import WAITS

#: How often a write is done anew that does not show, where the settings do not say fewer retries.
READ_BACK_TRIES = 3


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What the settings say about synchronising."""

    lock_fields: bool = True
    only_organized: bool = False
    preserve_plex_edits: bool = False
    dry_run: bool = False
    #: Confidence (0 to 100) from which a match needs nobody's leave, and from which it is worth asking.
    match_auto: int = 90
    match_review: int = 60
    #: Whether every item that holds one of a scene's files shows the scene, or the first one alone.
    all_items: bool = True
    #: How often a write is done anew that does not show when it is read back, before it is left out with a note.
    read_back_tries: int = READ_BACK_TRIES
    #: Seconds from one try of a picture to the next, see ``picture_look``.
    picture_waits: tuple[float, ...] = WAITS
