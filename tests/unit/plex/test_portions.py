"""How many items one write names."""

from __future__ import annotations

import pytest

from plexsync.plex.portions import FIRST, LEAST, LONG, MOST, Portions


def test_a_quick_plex_is_given_as_many_as_there_may_be() -> None:
    portions = Portions()
    assert portions.size == FIRST
    portions.took(portions.size, 0.1)
    portions.took(portions.size, 0.1)
    assert portions.size == MOST


def test_a_plex_that_takes_long_for_many_is_given_fewer_but_never_too_few() -> None:
    portions = Portions()
    portions.took(FIRST, LONG * 1.1)
    assert portions.size == FIRST // 2
    for _ in range(5):
        portions.took(portions.size, LONG * 2)
    assert portions.size == LEAST


def test_writes_of_a_time_that_is_just_right_change_nothing() -> None:
    portions = Portions()
    for _ in range(5):
        portions.took(portions.size, LONG * 0.8)
    assert portions.size == FIRST


def test_a_quick_write_to_few_items_says_nothing_of_many() -> None:
    portions = Portions()
    portions.took(2, 0.001)
    assert portions.size == FIRST


def test_what_was_not_answered_in_time_is_not_asked_for_again_at_once() -> None:
    portions = Portions()
    portions.failed(FIRST)
    assert portions.size == FIRST // 2


@pytest.mark.parametrize("seconds", [LONG * 2, LONG / 10])
def test_what_was_sent_before_the_size_changed_does_not_change_it_twice(seconds: float) -> None:
    portions = Portions()
    portions.took(FIRST, LONG * 1.1)
    size = portions.size
    portions.took(FIRST, LONG * 1.1)
    assert portions.size == size
