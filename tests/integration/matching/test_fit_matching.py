"""Fitting weights: what is decided anew of kept answers is what the finder itself decides, whatever the weights are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from plexsync.matching import weights
from plexsync.matching.decision import Decision, decide
from plexsync.matching.match import find_matches
from tests.bench.fit_matching import Filled, Fit, kept, outcome
from tests.bench.libraries.kept_scenes import KeptScene
from tests.bench.libraries.matching_run import Plan, fill, opened
from tests.bench.libraries.weight_bounds import BOUNDS


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    plan = Plan(seed=9, size=120, database=str(tmp_path_factory.mktemp("fit") / "plexsync.db"), household="siterips")
    return plan, fill(plan).path_map


@pytest.fixture(scope="module")
def scenes(library: Filled) -> Iterator[list[KeptScene]]:
    with ExitStack() as stack:
        yield list(kept([library], stack))


def found(library: Filled) -> list[Decision]:
    """What the finder itself decides."""
    plan, path_map = library
    with opened(plan) as ledger:
        return [
            decide(find_matches(one.scene, path_map, ledger.index), plan.auto, plan.review) for one in plan.scenes()
        ]


def test_every_weight_that_is_fitted_lies_within_its_bounds() -> None:
    assert {name for name, (least, most) in BOUNDS.items() if not least <= getattr(weights, name) <= most} == set()


def test_decisions_from_kept_answers_are_the_finders_own_whatever_the_weights(
    library: Filled, scenes: list[KeptScene], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = found(library)
    assert [one.noted() for one in scenes] == usual

    monkeypatch.setattr(weights, "SIZE_MOST", 1.0)
    monkeypatch.setattr(weights, "NAME_MOST", 1.0)
    monkeypatch.setattr(weights, "LETTER", 0.1)
    others = found(library)

    assert others != usual
    assert [one.decision() for one in scenes] == others


def test_a_weight_that_a_decision_did_not_read_changes_nothing(
    scenes: list[KeptScene], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = [one.noted() for one in scenes]
    read_by_some = {name for name in BOUNDS for one in scenes if name in one.read}
    assert {"SAME_DATE", "OTHER_DURATION"} <= read_by_some

    for name in ("SAME_DATE", "OTHER_DURATION", "SAME_STUDIO"):
        with monkeypatch.context() as changed:
            changed.setattr(weights, name, 50.0)
            unread = [(one, before) for one, before in zip(scenes, usual, strict=True) if name not in one.read]
            assert unread
            assert all(one.decision() == before for one, before in unread), name


def test_a_weight_that_loses_matches_is_moved_back_and_no_other_match_is_lost(
    library: Filled, scenes: list[KeptScene], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_best = outcome([library])
    monkeypatch.setitem(BOUNDS, "DURATION_SAFETY", (-3.0, 0.0))
    monkeypatch.setattr(weights, "DURATION_SAFETY", -3.0)
    spoilt = outcome([library])
    assert spoilt.lost > at_best.lost
    fitting = Fit(scenes)
    assert fitting.lost == spoilt.lost

    assert fitting.move("DURATION_SAFETY")

    assert weights.DURATION_SAFETY > -3.0
    assert fitting.lost == outcome([library]).lost < spoilt.lost
    assert not fitting.move("DURATION_SAFETY")


def test_a_weight_that_no_decision_reads_stays(scenes: list[KeptScene], monkeypatch: pytest.MonkeyPatch) -> None:
    fitting = Fit(scenes)
    monkeypatch.setattr(weights, "OTHER_CONTENT", -5.0)
    monkeypatch.setitem(BOUNDS, "OTHER_CONTENT", (-6.0, -4.0))

    assert not any("OTHER_CONTENT" in one.read for one in scenes)
    assert not fitting.move("OTHER_CONTENT")
    assert weights.OTHER_CONTENT == -5.0
