"""When two ratings are the same, also on a server that keeps them in steps: Plex's clients show half stars."""

from __future__ import annotations

import math

#: Ratings closer than this are the same: Stash's steps are 0.1 apart on Plex's scale, and Plex keeps a binary float.
RATING_TOLERANCE = 0.05
#: The steps a server may round to, on the scale of 0 to 10: a quarter of a star, half a star, a star.
_STEPS = (0.5, 1.0, 2.0)


def same_rating(one: float | None, other: float | None) -> bool:
    """Whether two ratings (0 to 10, None for none) are the same but for rounding."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < RATING_TOLERANCE


def shown_alike(one: float | None, other: float | None) -> bool:
    """As :func:`same_rating`, but 0 is no rating: Plex may show it so."""
    return same_rating(one or 0.0, other or 0.0)


def rounded(rating: float, step: float | None) -> float:
    """The nearest rating that such a server keeps; the higher one of two. As it is where ``step`` is None."""
    return rating if step is None else min(10.0, math.floor(rating / step + 0.5) * step)


def rounding_step(written: float, shown: float) -> float | None:
    """The step that makes one of the other, the finest that does; None where it cannot have been rounding."""
    return next((step for step in _STEPS if _is_on(shown, step) and abs(shown - written) <= step / 2 + 1e-6), None)


def _is_on(rating: float, step: float) -> bool:
    return same_rating(rating, round(rating / step) * step)
