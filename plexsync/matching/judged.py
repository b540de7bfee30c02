"""A candidate with all that was found on it."""

from __future__ import annotations

from dataclasses import field, replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, Place
from plexsync.matching.place import confidence
from plexsync.model import IndexedPart


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with all that was found on it. ``sum`` in powers of ten; ``ceiling`` 0 to 100.

    ``file``: the scene's file that speaks for it, ``""`` for none. ``same_video``: that file and ``part`` agree in size
    and duration.
    """

    part: IndexedPart
    file: str
    place: Place
    sum: float
    ceiling: int
    evidence: tuple[Evidence, ...]
    same_video: bool
    #: Whether that file and ``part`` are as long, and titles or names agree.
    as_long: bool = False
    is_called: bool = False
    #: The part of the sum that is about the file itself: its size, name and folder.
    of_file: float = 0.0
    #: Whether the scene's file is in the item under its name and with its bytes, as far as the size tells.
    is_file: bool = False
    #: How much the streams are like those of the scene's file: counts only between twins (``twins.likeness``).
    likeness: float = 0.0
    #: The confidence it had without rivals.
    alone: int = field(init=False)

    def __post_init__(self) -> None:
        """Once, since it is asked for in each comparison with a rival."""
        object.__setattr__(self, "alone", confidence(self.sum, self.ceiling))


def bounded(one: Judged, ceiling: int) -> Judged:
    """A candidate that is no surer than that, nor outdoes others by more than that allows."""
    total = min(one.sum, (ceiling - weights.EVEN) / weights.POINTS)
    return replace(one, sum=total, ceiling=min(one.ceiling, ceiling))
