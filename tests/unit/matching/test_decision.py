"""What is done about a scene's candidates."""

from __future__ import annotations

import pytest

from plexsync.matching.decision import Decision, Verdict, decide
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from tests.support.matching_index import MemoryIndex, file, part, scene


def match(key: int, confidence: int, path: str = "", file: str = "/data/a.mp4") -> Match:
    return Match(key, 1, confidence, ("same path",), "", path or f"/media/{key}.mp4", file)


def decided(*matches: Match) -> Decision:
    return decide(matches, auto=90, review=60)


@pytest.mark.parametrize(
    ("confidence", "verdict"),
    [
        (100, Verdict.SYNC),
        (90, Verdict.SYNC),
        (89, Verdict.REVIEW),
        (60, Verdict.REVIEW),
        (59, Verdict.NOT_FOUND),
        (0, Verdict.NOT_FOUND),
    ],
)
def test_the_verdict_follows_the_confidence(confidence: int, verdict: Verdict) -> None:
    assert decided(match(7, confidence)).verdict is verdict


def test_without_candidates_nothing_is_found() -> None:
    assert decided() == Decision(Verdict.NOT_FOUND, None, "no item in Plex resembles it")


def test_a_rival_that_is_nearly_as_likely_calls_for_a_person() -> None:
    decision = decided(match(7, 97), match(8, 93))
    assert decision.verdict is Verdict.REVIEW
    assert decision.match is not None
    assert decision.match.rating_key == 7
    assert decision.why == "item 8 is nearly as likely (93, this one 97)"


def test_a_rival_far_behind_does_not() -> None:
    assert decided(match(7, 97), match(8, 87)).verdict is Verdict.SYNC


def test_of_one_file_in_two_libraries_the_first_is_taken_and_the_other_named() -> None:
    decision = decided(match(7, 100, "/media/a.mp4"), match(8, 100, "/media/a.mp4"))
    assert decision.verdict is Verdict.SYNC
    assert decision.match is not None
    assert decision.match.rating_key == 7
    assert decision.match.reasons == ("same path", "item 8 in Plex has it too")


def test_two_items_that_hold_a_file_of_the_scene_each_are_no_rivals() -> None:
    decision = decided(match(7, 100, file="/data/a.mp4"), match(8, 100, file="/data/b.mp4"))
    assert decision.verdict is Verdict.SYNC
    assert decision.match is not None
    assert decision.match.rating_key == 7


def test_a_low_automatic_bar_needs_no_review_bar_below_it() -> None:
    assert decide([match(7, 55)], auto=50, review=60).verdict is Verdict.SYNC


def test_the_known_item_of_two_libraries_is_kept() -> None:
    index = MemoryIndex(part(7, "/a.mp4"), part(8, "/a.mp4", section=2))
    decision = decide(find_matches(scene(file("/a.mp4")), (), index, Settled(known=8)), 90, 60)
    assert decision.match is not None
    assert decision.match.rating_key == 8
    assert decision.match.reasons[-1] == "item 7 in Plex has it too"


def test_the_item_a_person_chose_is_synchronised_although_another_has_the_path() -> None:
    index = MemoryIndex(part(7, "/a.mp4"), part(8, "/b.mp4"))
    decision = decide(find_matches(scene(file("/a.mp4")), (), index, Settled(pinned=8)), 90, 60)
    assert decision.verdict is Verdict.SYNC
    assert decision.match is not None
    assert decision.match.rating_key == 8


def test_a_copy_of_the_same_bytes_in_another_folder_is_no_rival() -> None:
    index = MemoryIndex(part(7, "/y/hills/beach.mp4"), part(8, "/y/lake/beach.mp4"))
    decision = decide(find_matches(scene(file("/x/inbox/beach.mp4")), (), index), 90, 60)
    assert decision.verdict is Verdict.SYNC
    assert decision.match is not None
    assert decision.match.rating_key == 7
