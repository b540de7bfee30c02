"""What it says that a file stands at its path: more than all else, and for most scenes nothing else is asked.

So this goes straight to the end: each of a hundred thousand scenes pays for what is made and called here.
"""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching import weights
from plexsync.matching.evidence import (
    Chances,
    Evidence,
    Place,
    is_other_content,
    is_replaced,
    same_duration,
    same_size,
)
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.lookup import FileIndex, Match, PlacedFile, Settled
from plexsync.matching.paths import path_key
from plexsync.model import SceneFile


def confidence(total: float, ceiling: int) -> int:
    """A sum of weights as a confidence, 0 to 100."""
    return max(0, min(ceiling, round(weights.EVEN + weights.POINTS * total)))


def weigh_place(
    place: Place, size: Evidence | None, duration: Evidence | None, prior: float, *, may_be_anothers: bool = False
) -> tuple[float, int, tuple[Evidence, ...]]:
    """The sum, in powers of ten, of what speaks for a file at its path; the confidence it has at most; and all of it.

    :param place: ``Place.SAME`` or ``Place.OTHER_CASE``.
    :param size: what the sizes say, and ``duration`` what the lengths do; None where that is not known.
    :param prior: the weight that any one item starts with.
    :param may_be_anothers: size and length are not quite the same, under a name that any file may have.
    """
    here = Evidence(Kind.PATH, weights.SAME_PATH, "same path" if place is Place.SAME else "same path but for case")
    evidence = (here, *[one for one in (size, duration) if one is not None])
    total = prior + sum([one.weight for one in evidence])
    ceiling = weights.CERTAIN
    is_other = may_be_anothers or is_other_content(size, duration)
    if is_other:
        ceiling = weights.PATH_OTHER_CONTENT
    elif is_replaced(size, duration):
        ceiling = weights.PATH_REPLACED
    if place is Place.OTHER_CASE:
        ceiling -= weights.PATH_OTHER_CASE
    # No surer than its ceiling: else it would outdo the item that the file itself speaks for.
    total = min(total, (ceiling - weights.EVEN) / weights.POINTS) if is_other else total
    return total, ceiling, evidence


def certain_at_its_path(
    file: SceneFile, mapped: str, placed: Sequence[PlacedFile], index: FileIndex, settled: Settled
) -> Match | None:
    """The match of a scene whose only file stands at its path in one item, as far as that is certain; else None.

    It is the one that weighing all that is known would come to.

    :param mapped: the file's path as Plex would see it.
    :param placed: what the index has there.
    :param settled: what was decided of the scene; no item is pinned that the index has.
    """
    if len(placed) != 1:
        return None
    rating_key, section_id, title, its_file, its_size, its_duration = placed[0]
    if path_key(its_file) != mapped or rating_key in settled.vetoed:
        return None
    chances = Chances(index.size())
    size, duration = same_size(file.size, its_size), same_duration(file.duration, its_duration, chances)
    total, ceiling, evidence = weigh_place(Place.SAME, size, duration, chances.prior)
    sure = confidence(total, ceiling)
    if sure < weights.CERTAIN:
        return None
    reasons = tuple([one.reason for one in evidence if one.weight])
    return Match(rating_key, section_id, sure, reasons, title, its_file, file.path, weight=total)
