"""Ratings on a server that keeps them in steps."""

from __future__ import annotations

import pytest

from plexsync.metadata.ratings import rounded, rounding_step


@pytest.mark.parametrize(
    ("rating", "step", "kept"),
    [
        (8.5, None, 8.5),
        (8.5, 1.0, 9.0),
        (8.4, 1.0, 8.0),
        (0.3, 1.0, 0.0),
        (9.9, 2.0, 10.0),
        (9.7, 0.5, 9.5),
        (10.0, 1.0, 10.0),
    ],
)
def test_a_rating_is_written_as_it_will_be_kept(rating: float, step: float | None, kept: float) -> None:
    assert rounded(rating, step) == kept
    assert rounded(kept, step) == kept


@pytest.mark.parametrize(
    ("written", "shown", "step"),
    [
        (8.5, 9.0, 1.0),
        (8.5, 8.0, 1.0),
        (6.9, 7.0, 0.5),
        (6.8, 7.0, 0.5),
        (6.7, 7.0, 1.0),
        (7.3, 7.5, 0.5),
        (9.0, 8.0, 2.0),
        (9.0, 10.0, 2.0),
        (0.3, 0.0, 1.0),
        (8.5, 6.0, None),
        (8.5, 8.7, None),
        (8.0, 3.0, None),
    ],
)
def test_rounding_is_told_from_another_rating(written: float, shown: float, step: float | None) -> None:
    assert rounding_step(written, shown) == step


def test_every_rating_of_stash_converges_whatever_the_step() -> None:
    """Also where the step is found out to be a coarser one by and by."""
    for step in (0.5, 1.0, 2.0):
        for tenth in range(101):
            known: float | None = None
            for _ in range(4):
                sent = rounded(tenth / 10, known)
                shown = rounded(sent, step)
                if abs(shown - sent) < 0.05:
                    break
                known = rounding_step(sent, shown)
                assert known is not None, (tenth, step)
            assert abs(rounded(tenth / 10, known) - rounded(rounded(tenth / 10, known), step)) < 0.05, (tenth, step)
