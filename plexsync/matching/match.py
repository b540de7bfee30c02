"""The items a scene may belong to, ranked, each with a confidence and the reasons for it.

Candidates come from the index, by the cheapest lookups first. What speaks for a candidate and against it is weighed as
by Fellegi and Sunter: ``weights.py`` says what a weight is, and the weights of independent evidence add up. Of a file
name and a title only the better counts, since the one is mostly made from the other. The sum, which starts at the
chance of any one item of a big library, is the logarithm of the odds. Rivals lower each other: a candidate is as sure
as its lead over the best other one. ``docs/guide/matching.md`` tells people what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from plexsync.matching import weights
from plexsync.matching.candidates import Candidates
from plexsync.matching.ceilings import TAKES_BACK
from plexsync.matching.evidence import told_by_name
from plexsync.matching.judge import Judge
from plexsync.matching.judged import Judged, bounded
from plexsync.matching.lookup import FileIndex, Match, Settled
from plexsync.matching.paths import stem
from plexsync.matching.place import certain_at_its_path, confidence
from plexsync.matching.second_files import without_certainty
from plexsync.model import Scene

_NOTHING_SETTLED = Settled()


def find_matches(
    scene: Scene, path_map: Sequence[tuple[str, str]], index: FileIndex, settled: Settled = _NOTHING_SETTLED
) -> list[Match]:
    """The items that the scene may belong to, each once, the best first.

    :param scene: its files, the primary one first.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    :param index: where files are looked up.
    :param settled: what was decided before. The pinned item comes first, as long as the index has it.
    """
    return matches_among(Candidates(scene, path_map, index, settled))


def matches_among(candidates: Candidates) -> list[Match]:
    """As ``find_matches``.

    :param candidates: of a scene, none of which has been looked for yet.
    """
    settled, index = candidates.settled, candidates.index
    pinned = _pinned(index, settled)
    only = candidates.files[0] if pinned is None and len(candidates.files) == 1 else None
    placed = index.placed(only[1].casefold()) if only is not None else ()
    if only is not None and placed:
        certain = certain_at_its_path(*only, placed, index, settled)
        if certain is not None:
            return [certain]
    if only is None or placed:
        candidates.find_by_path()
    judge = Judge(candidates.scene, candidates.files, settled, index)
    judged = judge.at_path(candidates)
    if not _any(judged, weights.CERTAIN):
        candidates.find_by_file()
        judged = judge.all(candidates)
        if pinned is None and not _is_settled(judged):
            candidates.begin()
            candidates.find_by_words()
            candidates.find_by_duration()
            candidates.find_by_date()
            judged = judge.all(candidates, judged)
    ranked = _ranked([one for one in _doubted(judged.values()) if one.alone], settled.known)
    if pinned is None:
        return ranked
    return [pinned, *(_passed_over(match) for match in ranked if match.rating_key != pinned.rating_key)]


def _doubted(judged: Collection[Judged]) -> list[Judged]:
    """The candidates, with less for a path at which another file lies while the scene's own lies elsewhere.

    And with less for a name that several have, but for a number that a program adds.
    """
    if not any(one.place for one in judged):
        return without_certainty(list(judged))
    elsewhere = {one.file for one in judged if one.is_file and not one.place}
    # Files were numbered anew: the very bytes tell more than a length that another one has as well. Of a telling name
    # one is a copy, and the other an encoding of it.
    exact = {
        one.file
        for one in judged
        if one.same_video and not one.place and one.alone >= weights.SURE and not (one.is_file and _is_told(one.file))
    }
    at_most = weights.CERTAIN - weights.PATH_OTHER_CASE
    return [
        bounded(one, weights.PATH_OTHER_CONTENT)
        if one.place and one.ceiling < at_most and (one.file in exact or (one.file in elsewhere and not one.as_long))
        else one
        for one in judged
    ]


def _is_told(file: str) -> bool:
    return told_by_name(stem(file)) >= weights.WEAK_NAME


def _any(judged: dict[int, Judged], confidence: int) -> bool:
    return any(one.alone >= confidence for one in judged.values())


def _is_settled(judged: dict[int, Judged]) -> bool:
    """Whether an item is sure, and by more than its name alone, which another film may have with a day before it.

    Nor is it where that is another version of the film, as long as the scene's own may be there.
    """
    return any(
        one.alone >= weights.SURE
        and (one.place or one.as_long or not one.is_called or one.same_video)
        and (not one.is_other_version or one.same_video)
        for one in judged.values()
    )


def _pinned(index: FileIndex, settled: Settled) -> Match | None:
    parts = index.of_item(settled.pinned) if settled.pinned is not None else ()
    if not parts:
        return None
    part = parts[0]
    return Match(part.rating_key, part.section_id, weights.CERTAIN, ("chosen by a person",), part.title, part.file)


def _passed_over(match: Match) -> Match:
    reasons = (*match.reasons, "a person chose another item")
    return replace(match, confidence=min(match.confidence, weights.EVEN), reasons=reasons)


def _ranked(judged: Sequence[Judged], known: int | None) -> list[Match]:
    """Each candidate as sure as it is alone and as its lead over the best of its rivals allows, the best first.

    Among equals the item that is known stays first, and then the order of the scene's files and of the index.
    """
    ordered = sorted(
        judged,
        key=lambda one: (-one.alone, one.part.rating_key != known, 0.0 if one.place else -one.sum - one.likeness),
    )
    matches = []
    for place, one in enumerate(ordered):
        before = next((other for other in ordered[:place] if _copies(one, other)), None)
        rivals = [(_lead(one, other), other) for other in ordered if other is not one and _rivals(one, other)]
        lead, rival = min(rivals, key=lambda found: found[0], default=(0.0, None))
        sure = one.alone if rival is None else min(one.alone, confidence(lead, weights.CERTAIN))
        reasons = [part.reason for part in one.evidence if part.weight]
        lowered_by = rival.part.rating_key if rival is not None and sure < one.alone else None
        if lowered_by is not None:
            reasons.append("another item is likelier" if lead < 0 else "another item is likely too")
        if before is not None:
            sure = max(0, min(sure, before.alone - weights.MARGIN))
            reasons.append(f"a copy of what item {before.part.rating_key} has")
        part = one.part
        found = (part.rating_key, part.section_id, sure, tuple(reasons), part.title, part.file, one.file)
        matches.append(Match(*found, weight=one.sum + one.likeness, lowered_by=lowered_by))
    # Sorting is stable, so that equals stay as they are.
    return sorted(matches, key=lambda match: -match.confidence)


def _lead(one: Judged, other: Judged) -> float:
    """How much surer one item is than the other, in powers of ten.

    Between twins, which are as long and called alike, only the file decides: what an agent knows of the one and not of
    the other says nothing of which is which.
    """
    if one.place or other.place or not (one.is_called and other.is_called and one.as_long and other.as_long):
        return one.sum - other.sum
    if _is_another_film(one) != _is_another_film(other):
        return one.sum - other.sum
    return one.of_file + one.likeness - other.of_file - other.likeness


def _is_another_film(one: Judged) -> bool:
    """Whether a day, a year, a number, people or a title say that an item is another film: no twin of the scene's."""
    return any(said.weight <= weights.OTHER_DATE and said.kind not in TAKES_BACK for said in one.evidence)


def _rivals(one: Judged, other: Judged) -> bool:
    """Items that share a file or hold copies of it are both right, as are those that surely hold another file each."""
    if one.part.path == other.part.path or _copies(one, other):
        return False
    sure = min(one.alone, other.alone) >= weights.SURE
    return not (sure and one.file and other.file and one.file != other.file)


def _copies(one: Judged, other: Judged) -> bool:
    """True where two items have the same bytes under two paths, as far as size and duration tell."""
    return one.same_video and other.same_video and one.file == other.file and one.part.path != other.part.path
