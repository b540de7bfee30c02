"""Sentences of evidence: no decision depends on them, and what counts evidence by them knows all that there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plexsync.matching.decision import decide
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.kinds import kind_of
from plexsync.matching.match import find_matches
from tests.bench.libraries.matching_run import PathMap, Plan, fill, opened

#: What is made of each piece of evidence: another sentence for it.
Reword = Callable[[Kind, float, str], str]

#: What evidence for an item is counted as in what people said of matches.
COUNTED_AS = {
    Kind.PATH: "path",
    Kind.CONTENT: "content",
    **dict.fromkeys((Kind.SIZE, Kind.NEAR_SIZE, Kind.RETAGGED), "size"),
    Kind.LENGTH: "length",
    Kind.FILE_NAME: "file name",
    Kind.SAME_FRAME_RATE: "streams",
    Kind.SAME_PICTURES: "streams",
    **dict.fromkeys((Kind.FOLDER, Kind.FILM_FOLDER), "folder"),
    **dict.fromkeys((Kind.FOLDER_OF_STUDIO, Kind.FOLDER_OF_PERFORMER, Kind.FOLDER_OF_OWN_NAME), "folder"),
    **dict.fromkeys((Kind.WORDS, Kind.EDITION), "words"),
    **dict.fromkeys((Kind.SAME_CODE, Kind.SAME_NUMBER, Kind.LONG_NUMBER), "code"),
    Kind.FILM_ID: "id",
    **dict.fromkeys((Kind.SAME_DATE, Kind.NEXT_DAY, Kind.YEAR, Kind.MOMENT), "date"),
    **dict.fromkeys((Kind.SAME_STUDIO, Kind.EXPLAINED_WORDS), "studio"),
    **dict.fromkeys((Kind.PERFORMERS, Kind.FIRST_NAME), "performers"),
    **dict.fromkeys((Kind.AGENT, Kind.EXTERNAL_ID), "agent"),
    Kind.ADDRESS: "address",
}


@pytest.fixture(params=["mixed", "codes"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Plan, PathMap]:
    plan = Plan(seed=7, size=150, household=request.param, database=str(tmp_path / "plexsync.db"))
    return plan, fill(plan).path_map


def decided(plan: Plan, path_map: PathMap) -> tuple[list[object], set[str]]:
    """What is decided of each scene, with all candidates, and the sentences that it is told in."""
    found: list[object] = []
    told: set[str] = set()
    with opened(plan) as ledger:
        for labelled in plan.scenes():
            matches = find_matches(labelled.scene, path_map, ledger.index)
            verdict = decide(matches, plan.auto, plan.review).verdict
            found.append((verdict, [(one.rating_key, one.confidence, one.weight, one.file) for one in matches]))
            told.update(reason for one in matches for reason in one.reasons)
    return found, told


def reworded(monkeypatch: pytest.MonkeyPatch, reword: Reword) -> None:
    made = Evidence.__init__

    def make(self: Evidence, kind: Kind, weight: float, reason: str, decisive: bool = False) -> None:
        made(self, kind, weight, reword(kind, weight, reason), decisive)

    monkeypatch.setattr(Evidence, "__init__", make)


def test_other_words_for_all_evidence_change_no_decision(
    library: tuple[Plan, PathMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, told = decided(*library)
    assert {"same duration", "called otherwise"} <= told
    reworded(monkeypatch, lambda _kind, _weight, _reason: "so")
    after, told = decided(*library)
    assert not told & {"same duration", "called otherwise"}
    assert after == before


def test_whatever_speaks_for_an_item_is_counted_as_what_it_is(
    library: tuple[Plan, PathMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The methods of the class are made when it is used first.
    Evidence(Kind.PATH, 0.0, "")
    said: dict[str, str | None] = {}

    def note(kind: Kind, weight: float, reason: str) -> str:
        # Folders further up may speak for it by a little more than the nearest one does against it.
        if weight > 0 and reason != "in another folder":
            said[reason] = COUNTED_AS.get(kind)
        return reason

    reworded(monkeypatch, note)
    decided(*library)
    assert len(set(said.values())) > 10
    assert {reason: kind_of(reason) for reason in said} == said
