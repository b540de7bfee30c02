"""What came of matching a library: counts by kind, times, and the wrong ones in full."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexsync.matching.lookup import Match
from plexsync.model import IndexedPart
from tests.bench.libraries.labels import Labelled

if TYPE_CHECKING:
    from tests.bench.libraries.matching_run import Filled, Plan

#: Wrong matches, and missed ones, that are kept per kind of trouble to be shown.
KEPT = 10


@dataclass(slots=True)
class Count:
    """Scenes of one kind. ``known``: a person could tell their item; ``recalled``: those of them matched and right.

    ``truth_among``: left to a person, with the right item among the candidates, or with none as there is none.
    """

    scenes: int = 0
    known: int = 0
    right: int = 0
    wrong: int = 0
    recalled: int = 0
    review: int = 0
    truth_among: int = 0
    none: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the automatic matches that are right."""
        made = self.right + self.wrong
        return self.right / made if made else None

    @property
    def recall(self) -> float | None:
        """Share of the scenes with a known item that are matched automatically and right."""
        return self.recalled / self.known if self.known else None

    def add(self, other: Count) -> None:
        """Add another's counts."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Example:
    """A scene, the match made or thought of first (None for none), and the parts of its item and of the right ones."""

    labelled: Labelled
    match: Match | None
    matched: tuple[IndexedPart, ...]
    right: tuple[IndexedPart, ...]


@dataclass(slots=True)
class Tally:
    """Counts by kind; seconds per scene found by its path, and by search; bytes the process grew by meanwhile."""

    kinds: dict[str, Count] = field(default_factory=dict)
    by_path: array[float] = field(default_factory=lambda: array("d"))
    by_search: array[float] = field(default_factory=lambda: array("d"))
    #: Automatic matches with another film's item; scenes with a known item that were not matched automatically.
    wrong: list[Example] = field(default_factory=list)
    missed: list[Example] = field(default_factory=list)
    growth: int = 0
    #: Requests for hashes of files, and the items that were asked for.
    hash_requests: int = 0
    hashed_items: int = 0

    @classmethod
    def sum(cls, tallies: Iterable[Tally]) -> Tally:
        """All of them together."""
        whole = cls()
        for tally in tallies:
            for kind, count in tally.kinds.items():
                whole.kinds.setdefault(kind, Count()).add(count)
            whole.by_path.extend(tally.by_path)
            whole.by_search.extend(tally.by_search)
            whole.wrong += tally.wrong
            whole.missed += tally.missed
            whole.hash_requests += tally.hash_requests
            whole.hashed_items += tally.hashed_items
        return whole

    def total(self, *kinds: str) -> Count:
        """The counts of these kinds together, of all where none is named."""
        whole = Count()
        for kind, count in self.kinds.items():
            if not kinds or kind in kinds:
                whole.add(count)
        return whole

    def automatic(self, labelled: Labelled, rating_key: int) -> bool:
        """Count a match that nobody was asked about; returns whether it is right."""
        right = rating_key in labelled.truth
        count = self._count(labelled)
        count.right += right
        count.wrong += not right
        count.recalled += right and labelled.knowable
        return right

    def review(self, labelled: Labelled, candidates: Iterable[int]) -> None:
        """Count a scene left to a person, with the rating keys to choose from."""
        count = self._count(labelled)
        count.review += 1
        count.truth_among += not labelled.truth or not labelled.truth.isdisjoint(candidates)

    def none(self, labelled: Labelled) -> None:
        """Count a scene for which nothing was found."""
        self._count(labelled).none += 1

    def _count(self, labelled: Labelled) -> Count:
        count = self.kinds.setdefault(labelled.kind, Count())
        count.scenes += 1
        count.known += labelled.knowable
        return count


@dataclass(frozen=True, slots=True)
class Outcome:
    """One library's figures. ``bare``: bytes that making the library takes by itself in the process that matches."""

    plan: Plan
    filled: Filled
    tally: Tally
    plain: Tally
    bare: int
