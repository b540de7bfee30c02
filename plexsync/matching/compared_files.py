"""What a scene's file and an item's say of each other, with their hashes, and all that an item's files say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plexsync.matching import weights
from plexsync.matching.evidence import Chances, Evidence, FilePair, pair
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.same_content import same_content
from plexsync.model import IndexedPart, SceneFile


def pair_of(file: SceneFile, part: IndexedPart, mapped: str, namesakes: int, chances: Chances) -> FilePair:
    """As ``evidence.pair``, with what their hashes say."""
    found = pair(file, part, mapped, namesakes, chances)
    content = same_content(file, part)
    return found if content is None else replace(found, content=content)


def of_video_itself(pairs: Sequence[FilePair]) -> list[Evidence]:
    """What size, duration and folder of the best pair say, and whether a second pair agrees."""
    if not pairs:
        return []
    best = pairs[0]
    found = [one for one in (best.content, best.size_in_context, best.duration, best.folder) if one is not None]
    if best.same_size:
        others = (one for one in pairs[1:] if one.file is not best.file and one.part is not best.part)
        if any(one.same_size for one in others):
            found.append(Evidence(Kind.SECOND_PAIR, weights.SECOND_PAIR, "a second file agrees as well"))
    return found
