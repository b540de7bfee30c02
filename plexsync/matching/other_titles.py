"""Names that agree in nothing, beside studio, day, people and length that do: titles come in many languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.other_people import is_of_people
from plexsync.matching.paths import stem
from plexsync.matching.reading import read

#: What is said where names tell something and agree in nothing.
CALLED_OTHERWISE = "called otherwise"


def weighed_by_day(
    found: Iterable[Evidence], dated: Evidence | None, cast: Sequence[Evidence], best: FilePair | None
) -> list[Evidence]:
    """What names say, with less against the item where studio, day, a performer and the length agree.

    :param found: what the names say.
    :param dated: what the dates say, and ``cast`` studio and performers.
    :param best: the files that speak for the item most.
    """
    agree = (
        best is not None
        and best.same_duration
        and (best.apart or 0.0) <= weights.OTHER_WORDS_APART
        and dated is not None
        and dated.weight >= weights.NEW_YEAR
        and any(map(is_of_people, cast))
        and any(one.weight == weights.SAME_STUDIO for one in cast)
        and not _is_named_by_one(stem(best.mapped), stem(best.part.path))
    )
    if not agree:
        return list(found)
    weight = weights.OTHER_WORDS_OF_DAY
    return [replace(one, weight=weight) if one.reason == CALLED_OTHERWISE else one for one in found]


def _is_named_by_one(ours: str, theirs: str) -> bool:
    """Whether two names are the same, letter by letter, up to the day or beyond it.

    So whoever named the one has named the other, and gives each of them its own title: it is no translation.
    """
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(ours.casefold(), theirs.casefold(), strict=False))
    return bool(read("".join(sign for sign, _ in pairs)).dates)
