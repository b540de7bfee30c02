"""Whether ratings are kept as they come, or rounded."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.metadata.ratings import rounding_step, same_rating
from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.subject import Subject

#: Ratings that every step rounds to another number.
_RATINGS = (7.3, 4.6)


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write two ratings, and see what comes of them."""
    found = []
    for rating in _RATINGS:
        subject.rate(rating)
        found.append((rating, subject.read().rating))
    if all(same_rating(written, shown) for written, shown in found):
        return [SelfTestAnswer("rating", "ratings are kept as they come", traits={Trait.RATING_STEP: "none"})]
    steps = {None if shown is None else rounding_step(written, shown) for written, shown in found}
    step = steps.pop() if len(steps) == 1 else None
    if step is None:
        told = ", ".join(f"{written:g} as {'none' if shown is None else f'{shown:g}'}" for written, shown in found)
        return [SelfTestAnswer("rating", f"Plex shows ratings otherwise than they were written: {told}", doubtful=True)]
    stars = f" ({'half stars' if step == 1 else 'whole stars' if step == 2 else 'quarters of a star'})"
    return [
        SelfTestAnswer(
            "rating", f"ratings are kept in steps of {step:g}{stars}", traits={Trait.RATING_STEP: f"{step:g}"}
        )
    ]
