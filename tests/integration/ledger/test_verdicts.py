"""What people say of matches is counted by the kinds of evidence that these rested on."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from plexsync.cli.matching import matching
from plexsync.ledger import Ledger, VerdictKind
from plexsync.status.matching_report import collect
from plexsync.storage.database import Database
from tests.integration.ledger.test_reviews import in_review, listed, match, synced


@pytest.fixture
def ledger(database: Database) -> Ledger:
    ledger = Ledger(database)
    for key in (7, 8, 9):
        listed(ledger, key, f"/media/{key}.mp4")
    return ledger


def said(ledger: Ledger) -> dict[str, int]:
    return {str(kind): count for kind, count in ledger.verdicts.record().said.items()}


def evidence(ledger: Ledger, kind: str) -> dict[str, dict[str, float | None]]:
    return next(one for one in collect(ledger)["evidence"] if one["evidence"] == kind)


def test_the_best_candidate_that_is_accepted_was_right(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8, 65))
    ledger.reviews.accept(45, 7)
    assert said(ledger) == {"accepted": 1}
    assert ledger.verdicts.record().by_kind["length"] == {VerdictKind.ACCEPTED: 1}
    # What is done again after a crash comes to the same.
    ledger.reviews.accept(45, 7)
    assert said(ledger) == {"accepted": 1}


def test_where_another_one_is_accepted_the_best_was_wrong(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8, 65))
    ledger.reviews.accept(45, 8)
    assert said(ledger) == {"accepted": 1, "rejected": 1}
    assert evidence(ledger, "file name")["reviews"] == {"accepted": 1, "rejected": 1, "right": 0.5}


def test_a_review_that_is_rejected_counts_once(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8, 65))
    ledger.reviews.reject(45)
    assert said(ledger) == {"rejected": 1}


def test_one_candidate_that_is_ruled_out_was_wrong(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8, 65))
    ledger.reviews.reject(45, 8)
    assert said(ledger) == {"rejected": 1}
    assert [one.rating_key for one in ledger.reviews.get(45).candidates] == [7]  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["reject", "accept another", "given to another scene"])
def test_a_match_made_without_leave_that_a_person_takes_back_was_wrong(ledger: Ledger, how: str) -> None:
    synced(ledger, 45, 7)
    synced(ledger, 46, 8)
    before = evidence(ledger, "length")["automatic"]
    assert before == {"stand": 2, "changed": 0, "right": 1.0}
    if how == "reject":
        ledger.reviews.reject(45)
    elif how == "accept another":
        ledger.reviews.accept(45, 9)
    else:
        in_review(ledger, 47, match(7))
        ledger.reviews.accept(47, 7)
    assert said(ledger)["changed"] == 1
    assert evidence(ledger, "length")["automatic"] == {"stand": 1, "changed": 1, "right": 0.5}


def test_what_a_person_chose_is_no_match_of_ours(ledger: Ledger) -> None:
    synced(ledger, 45, 7)
    ledger.reviews.accept(45, 8)
    ledger.reviews.accept(45, 9)
    assert said(ledger) == {"changed": 1}
    assert collect(ledger)["automatic"]["stand"] == 0


def test_what_is_taken_back_is_not_counted(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.reject(45)
    ledger.reviews.forget(45)
    assert said(ledger) == {}


def test_what_a_newer_version_has_kept_costs_no_report(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    with ledger.database.write() as db:
        db.execute(
            "insert into verdict (at, scene_id, rating_key, kind, confidence, evidence) "
            """values (0, 46, 8, 'of tomorrow', 80, '["length"]')"""
        )
    assert said(ledger) == {"accepted": 1}
    assert evidence(ledger, "length")["reviews"] == {"accepted": 1, "rejected": 0, "right": 1.0}


def test_candidates_stay_in_their_order_and_keep_what_decides(ledger: Ledger) -> None:
    from dataclasses import replace

    in_review(ledger, 45, replace(match(9), hint="play both"), match(7))
    review = ledger.reviews.get(45)
    assert review is not None
    assert [(one.rating_key, one.hint) for one in review.candidates] == [(9, "play both"), (7, "")]


def test_the_report_says_it_in_a_table_and_in_json(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    import tasks.app

    monkeypatch.setattr(tasks.app, "database", ledger.database)
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    synced(ledger, 46, 8)
    shown = CliRunner().invoke(matching, ["report"]).output
    assert "reviews: 1 accepted, 0 rejected, 0 waiting" in shown
    assert any(line.split()[:2] == ["length", "1"] for line in shown.splitlines())
    facts = json.loads(CliRunner().invoke(matching, ["report", "--json"]).output)
    assert facts["reviews"] == {"waiting": 0, "accepted": 1, "rejected": 0, "right": 1.0}
    assert facts["automatic"] == {"stand": 1, "changed": 0, "right": 1.0}
    assert [one["evidence"] for one in facts["evidence"]][:3] == ["path", "content", "size"]
