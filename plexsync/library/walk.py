"""How far a section is read anew: a value that can be kept, and read where nothing else of the library is wanted."""

from __future__ import annotations

from plexsync.imports.late_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ListingWalk:
    """How far a section is read anew, item by item, by whoever looks at each: a value that can be kept.

    ``pass_number`` marks what was seen; ``position`` items were read of ``total``.
    """

    section_id: int
    pass_number: int
    position: int = 0
    total: int = 0
    at_end: bool = False
