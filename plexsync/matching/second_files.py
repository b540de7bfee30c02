"""Files of one name but for the number that a program adds to the second: ``Harbour Lights``, ``Harbour Lights (2)``.

Where nothing is known of a scene's file but its name, any of them may be the scene's: each folder counts anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.judged import Judged, bounded
from plexsync.matching.paths import stem_key

_ADDED = late_pattern(r"(?:[ ._-]*copy)?(?:[ ._-]*\([0-9]{1,2}\))?$")


def without_certainty(judged: Sequence[Judged]) -> list[Judged]:
    """The candidates, of which those that only their name speaks for are for a person where others have it, too."""
    if not any(map(_is_by_name_alone, judged)):
        return list(judged)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for one in judged:
        name = stem_key(one.part.path)
        names[_ADDED.sub("", name)].add(name)
    return [
        bounded(one, weights.WORDS_ONLY)
        if _is_by_name_alone(one) and len(names[_ADDED.sub("", stem_key(one.part.path))]) > 1
        else one
        for one in judged
    ]


def _is_by_name_alone(one: Judged) -> bool:
    if one.place or one.as_long or one.is_file or one.ceiling <= weights.WORDS_ONLY:
        return False
    return any(said.kind is Kind.FILE_NAME for said in one.evidence)
