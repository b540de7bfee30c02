"""Households: who keeps a library, how they name and file, what they mount, what Plex's agents made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.libraries import mounts, naming
from tests.bench.libraries.mounts import Mount

#: How much more often a household meets the kinds of trouble that come with its habits.
FAVOUR = 6


@dataclass(frozen=True, slots=True)
class Household:
    """Habits.

    ``schemes``, ``layouts``: of its studios' files (``naming``), as often as they stand there. ``mounts``: with shares.
    ``ways``: shares of ``plex_titles.WAYS``. ``titled``: share of scenes that somebody described in Stash. ``median``
    and ``spread``: of lengths, in seconds and e-folds. ``round_minutes``: share of lengths that are whole minutes.
    ``favoured``: kinds of trouble that are met more often, and ``seldom`` those that are met hardly ever.
    """

    name: str
    schemes: tuple[str, ...] = naming.USUAL
    layouts: tuple[str, ...] = tuple(naming.LAYOUTS)
    mounts: tuple[tuple[Mount, int], ...] = (
        (mounts.SAME, 40),
        (mounts.OTHER, 40),
        (mounts.SEVERAL[0], 7),
        (mounts.SEVERAL[1], 7),
        (mounts.SEVERAL[2], 6),
    )
    ways: tuple[int, ...] = (30, 20, 35, 15, 0)
    titled: float = 0.65
    median: float = 1480.0
    spread: float = 0.6
    round_minutes: float = 0.0
    favoured: frozenset[str] = field(default_factory=frozenset)
    seldom: frozenset[str] = field(default_factory=frozenset)

    def share(self, kind: str, usual: int) -> int:
        """How often it meets a kind of trouble, where others meet it so often."""
        if kind in self.favoured:
            return usual * FAVOUR
        return 0 if kind in self.seldom else usual


_FILMS = frozenset(("remakes", "wrong agent", "editions", "film ids", "year for a date"))
_CODES = frozenset(("codes", "neighbouring codes", "marked codes"))
HOUSEHOLDS: dict[str, Household] = {
    one.name: one
    for one in (
        Household("mixed"),
        Household(
            "siterips",
            schemes=("siterip",) * 5 + ("number", "dashed", "snake", "joined"),
            layouts=("studio", "studio", "studio/year", "studio/performer"),
            mounts=((mounts.OTHER, 80), (mounts.SEVERAL[0], 20)),
            ways=(55, 10, 25, 10, 0),
            titled=0.8,
            favoured=frozenset(("siterips", "siterips renamed", "siterips missing", "joined names", "numbers only")),
            seldom=_FILMS | _CODES,
        ),
        Household(
            "releases",
            schemes=("release",) * 8 + ("bracketed", "dashed", "joined"),
            layouts=("flat", "flat", "studio", "year/month/studio"),
            mounts=((mounts.SAME, 20), (mounts.OTHER, 60), (mounts.SEVERAL[1], 20)),
            ways=(30, 30, 25, 15, 0),
            titled=0.75,
            favoured=frozenset(
                ("release groups", "only studio, day and cast", "same day and cast", "studios in X", "remuxed")
            ),
            seldom=_FILMS,
        ),
        Household(
            "codes",
            schemes=("code",) * 6 + ("title", "bracketed", "number"),
            layouts=("flat", "performer", "studio", "letter/performer"),
            mounts=((mounts.OTHER, 70), (mounts.SEVERAL[2], 30)),
            ways=(35, 10, 25, 15, 15),
            titled=0.7,
            median=7000.0,
            spread=0.25,
            round_minutes=0.1,
            favoured=_CODES | {"other script", "split parts"},
            seldom=frozenset(("siterips", "siterips renamed", "siterips missing")),
        ),
        Household(
            "amateur",
            schemes=("camera",) * 2 + ("phone",) * 3 + ("number", "title", "european", "performer"),
            layouts=("year", "performer", "flat", "letter/performer"),
            mounts=((mounts.SAME, 50), (mounts.SEVERAL[1], 25), (mounts.SEVERAL[2], 25)),
            ways=(80, 5, 10, 5, 0),
            titled=0.4,
            median=300.0,
            spread=1.0,
            favoured=frozenset(("same name", "same name but missing", "no length in Stash", "no size", "numbers only")),
            seldom=_FILMS | _CODES,
        ),
        Household(
            "films",
            schemes=("year",) * 3 + ("film",) * 5 + ("title", "bracketed"),
            layouts=("film", "film", "film", "flat", "year"),
            mounts=((mounts.OTHER, 60), (mounts.SEVERAL[0], 40)),
            ways=(5, 15, 20, 10, 50),
            titled=0.85,
            median=5600.0,
            spread=0.3,
            round_minutes=0.03,
            favoured=_FILMS | {"two resolutions", "numbered parts", "typos", "remuxed"},
            seldom=frozenset(("siterips", "siterips renamed", "siterips missing", "numbers only")) | _CODES,
        ),
    )
}
