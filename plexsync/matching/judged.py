"""A candidate with all that was found on it."""

from __future__ import annotations

from dataclasses import field, replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair, Place, told_by_name
from plexsync.matching.paths import stem
from plexsync.matching.place import confidence, weigh_place
from plexsync.matching.same_streams import is_of_other_streams
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
    #: Names, folders or titles say that it is another version of the film than the scene (``marks``).
    is_other_version: bool = False
    #: The confidence it had without rivals.
    alone: int = field(init=False)

    def __post_init__(self) -> None:
        """Once, since it is asked for in each comparison with a rival."""
        object.__setattr__(self, "alone", confidence(self.sum, self.ceiling))


def bounded(one: Judged, ceiling: int) -> Judged:
    """A candidate that is no surer than that, nor outdoes others by more than that allows."""
    total = min(one.sum, (ceiling - weights.EVEN) / weights.POINTS)
    return replace(one, sum=total, ceiling=min(one.ceiling, ceiling))


def may_be_anothers(placed: FilePair) -> bool:
    """Whether the file at a path may be another one than the scene's, as more than its size is another.

    It may where the lengths are not quite the same under a name that any file may have, or where frame rate and picture
    are other ones: whoever encodes a film again changes the one or the other, and the length by some frames at most.
    """
    # A size such as five million bytes tells little, and is the same all the same.
    is_as_large = placed.size is not None and placed.size.weight >= 0 and not placed.other_hash
    if is_as_large or placed.apart is None:
        return False
    is_weak = told_by_name(stem(placed.mapped)) < weights.WEAK_NAME
    if placed.apart > weights.SAME_DURATION and is_weak:
        return True
    return (is_weak or placed.apart > weights.FINEST_DURATION) and is_of_other_streams(placed.file, placed.part)


def at_its_place(best: FilePair, prior: float) -> Judged:
    """An item that has a file of the scene at its path.

    :param best: the two files.
    :param prior: the weight that any one item starts with.
    """
    weighed = weigh_place(best.place, best.size, best.duration, prior, may_be_anothers=may_be_anothers(best))
    total, ceiling, evidence = weighed
    said = (best.part, best.file.path, best.place, total, ceiling, evidence)
    return Judged(*said, same_video=False, as_long=best.same_duration)
