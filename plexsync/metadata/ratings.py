"""Ratings on a server that keeps them in steps: Plex's own clients show half stars, which are whole numbers of ten."""

from __future__ import annotations

import math

from plexsync.metadata.difference import same_rating

#: The steps a server may round to, on the scale of 0 to 10: a quarter of a star, half a star, a star.
_STEPS = (0.5, 1.0, 2.0)


def rounded(rating: float, step: float | None) -> float:
    """The nearest rating that such a server keeps; the higher one of two. As it is where ``step`` is None."""
    return rating if step is None else min(10.0, math.floor(rating / step + 0.5) * step)


def rounding_step(written: float, shown: float) -> float | None:
    """The step that makes one of the other, the finest that does; None where it cannot have been rounding."""
    return next((step for step in _STEPS if _is_on(shown, step) and abs(shown - written) <= step / 2 + 1e-6), None)


def _is_on(rating: float, step: float) -> bool:
    return same_rating(rating, round(rating / step) * step)
