"""What to do about the candidates of a scene: synchronise with the best, ask a person, or wait for Plex to find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.lookup import Match
from plexsync.matching.paths import path_key
from plexsync.matching.weights import MARGIN


class Verdict(StrEnum):
    """What is to be done."""

    SYNC = "sync"
    REVIEW = "review"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, the candidate it is about (None where there is none worth a look), and why, for a person."""

    verdict: Verdict
    match: Match | None
    why: str


def decide(matches: Sequence[Match], auto: int, review: int) -> Decision:
    """What to do about a scene's candidates.

    :param matches: as ``find_matches`` gives them, the best first.
    :param auto: confidence, 0 to 100, from which a match that is clear of its rivals is synchronised.
    :param review: confidence, 0 to 100, from which a person is asked.
    """
    if not matches:
        return Decision(Verdict.NOT_FOUND, None, "no item in Plex resembles it")
    best = matches[0]
    if best.confidence >= auto and len(matches) == 1:
        return Decision(Verdict.SYNC, best, f"confidence {best.confidence}")
    twins = {match.rating_key for match in matches[1:] if _is_twin(match, best)}
    others = [match for match in matches[1:] if match.rating_key not in twins]
    if twins:
        named = ", ".join(f"item {match.rating_key}" for match in matches if match.rating_key in twins)
        best = replace(best, reasons=(*best.reasons, f"{named} in Plex {'have' if len(twins) > 1 else 'has'} it too"))
    if best.confidence < review and best.confidence < auto:
        return Decision(Verdict.NOT_FOUND, None, f"the likeliest is item {best.rating_key}, with {best.confidence}")
    if best.confidence < auto:
        return Decision(Verdict.REVIEW, best, f"confidence {best.confidence} is below {auto}")
    rival = next((match for match in others if _too_close(match, best) and not _both_right(match, best)), None)
    if rival is not None:
        why = f"item {rival.rating_key} is nearly as likely ({rival.confidence}, this one {best.confidence})"
        return Decision(Verdict.REVIEW, best, why)
    return Decision(Verdict.SYNC, best, f"confidence {best.confidence}")


def _is_twin(match: Match, best: Match) -> bool:
    """True for the same file in another library. The first library's item stands first, or the one that is known."""
    return match.confidence == best.confidence and _same_file(match, best)


def _too_close(match: Match, best: Match) -> bool:
    return match.confidence > best.confidence - MARGIN


def _both_right(match: Match, best: Match) -> bool:
    """True where they share a file, or hold a file of the scene each."""
    return _same_file(match, best) or bool(match.file and best.file and match.file != best.file)


def _same_file(match: Match, other: Match) -> bool:
    return path_key(match.path) == path_key(other.path)
