"""The labelled benchmark of matching at a small size: how right the matching is where the truth is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.library import KINDS, SAME_NAME_KINDS, Case, cases
from tests.bench.libraries.matching_run import Filled, Plan, fill, match_all, plain_rule
from tests.bench.libraries.report import by_kind, examples
from tests.bench.libraries.tally import Tally

PRECISION, RECALL = 0.999, 0.97


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return Plan(seed=7, size=700, database=str(tmp_path_factory.mktemp("bench") / "plexsync.db"))


@pytest.fixture(scope="module")
def filled(plan: Plan) -> Filled:
    return fill(plan)


@pytest.fixture(scope="module")
def tally(plan: Plan, filled: Filled) -> Tally:
    return match_all(plan, filled.path_map)


def described(tally: Tally) -> str:
    """What a failed test shows."""
    return "\n".join((by_kind(tally, tally), examples("Wrong", tally.wrong), examples("Missed", tally.missed)))


def test_automatic_matches_are_right(tally: Tally) -> None:
    assert tally.total().scenes == 700
    assert (tally.total().precision or 0) >= PRECISION, described(tally)


def test_no_scene_gets_the_item_of_another_film_with_its_file_name(tally: Tally) -> None:
    assert tally.total(*SAME_NAME_KINDS).right > 20
    assert tally.total(*SAME_NAME_KINDS).wrong == 0, described(tally)


def test_nearly_all_scenes_whose_item_can_be_known_are_matched(tally: Tally) -> None:
    assert tally.total().known > 470
    assert (tally.total().recall or 0) >= RECALL, described(tally)


def test_what_is_left_to_a_person_has_the_right_item_among_the_candidates(tally: Tally) -> None:
    total = tally.total()
    assert total.truth_among >= 0.9 * total.review, described(tally)


def test_the_unique_file_name_alone_finds_far_fewer(plan: Plan, filled: Filled, tally: Tally) -> None:
    plain = plain_rule(plan, filled.names).total()
    assert plain.wrong > tally.total().wrong
    assert (plain.recall or 0) < 0.7 * (tally.total().recall or 0)


def test_the_same_seed_makes_the_same_library_and_another_seed_another() -> None:
    assert list(cases(3, 150)) == list(cases(3, 150))
    assert list(cases(3, 150)) != list(cases(4, 150))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_trouble_can_be_made_alone(kind: str) -> None:
    made = list(cases(5, 40, [kind]))
    assert [one.kind for one in scenes_of(made)] == [kind] * 40


def test_no_two_films_lie_at_one_place_and_every_truth_is_an_item() -> None:
    made = list(cases(6, 2000))
    files = [file.path for one in scenes_of(made) for file in one.scene.files]
    parts = [part.file for case in made for item in case.items for part in item.parts]
    keys = [item.rating_key for case in made for item in case.items]
    assert len(set(files)) == len(files)
    assert len(set(parts)) == len(parts)
    assert len(set(keys)) == len(keys)
    assert {key for one in scenes_of(made) for key in one.truth} <= set(keys)
    assert len({one.scene.id for one in scenes_of(made)}) == 2000


def test_a_missing_film_cannot_be_known_and_all_that_lies_where_it_should_can() -> None:
    for one in scenes_of(cases(8, 1500)):
        assert one.truth or not one.knowable
        if one.kind in ("plain", "other root", "several roots"):
            assert one.knowable


def test_the_tallies_of_two_libraries_add_up(tally: Tally) -> None:
    both = Tally.sum([tally, tally])
    assert both.total() == replace(
        tally.total(), **{name: 2 * getattr(tally.total(), name) for name in tally.total().__slots__}
    )


def scenes_of(made: Iterable[Case]) -> list[Labelled]:
    return [one for case in made for one in case.scenes]
