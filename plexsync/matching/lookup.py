"""What matching asks of the library index, and what it is told of earlier decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import NamedTuple, Protocol

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import IndexedPart

#: Bytes that a file must have at the least to be known by its size.
LEAST_BYTES = 1_000_000


class PlacedFile(NamedTuple):
    """A file of the index with no more than it takes to see that it is a scene's; see ``IndexedPart``."""

    rating_key: int
    section_id: int
    title: str
    file: str
    size: int | None
    duration_ms: int | None


class FileIndex(Protocol):
    """Where files are looked up. Each answer is bounded in length, and found through an index of the database."""

    def by_path(self, path: str) -> Sequence[IndexedPart]:
        """The parts at a path in comparable form (``paths.path_key``)."""

    def by_folded_path(self, path: str) -> Sequence[IndexedPart]:
        """The parts at a path whatever its case (``paths.folded``)."""

    def placed(self, path: str) -> Sequence[PlacedFile]:
        """The same as ``by_folded_path``, with less of each, and so in half the time."""

    def by_stem(self, stem: str) -> Sequence[IndexedPart]:
        """The parts whose file has this name without its ending, whatever its case (``paths.stem_key``)."""

    def by_size(self, size: int) -> Sequence[IndexedPart]:
        """The parts of this size in bytes."""

    def by_words(self, words: Sequence[str], most: int) -> Sequence[IndexedPart]:
        """The parts of the items whose title and file names share the rarest of these words; the best items first.

        :param words: as ``titles.words`` gives them.
        :param most: items at most.
        """

    def by_duration(self, milliseconds: int, within: int) -> Sequence[IndexedPart]:
        """The parts that are so long, or differ by no more milliseconds than that; the nearest first."""

    def by_date(self, date: str) -> Sequence[IndexedPart]:
        """The parts of the items of this day (``YYYY-MM-DD``)."""

    def lengths_near(self, milliseconds: int, within: int) -> int:
        """How many parts are so long, or differ by no more milliseconds than that; counted up to a bound."""

    def in_folder(self, folder: str) -> Sequence[tuple[int | None, int]]:
        """The files below a folder (``paths.folded``): each one's length in milliseconds, and its rating key."""

    def holding(self, words: Sequence[str]) -> int:
        """How many items hold all of these words in title and file names (``titles.words``); counted up to a bound."""

    def size(self) -> int:
        """About how many files there are, rather more than fewer. Costs next to nothing."""

    def by_stash_scene(self, scene_id: int) -> Sequence[IndexedPart]:
        """The parts of the items that an agent made from this scene (``guids.stash_scene``)."""

    def by_external_id(self, ids: Sequence[str]) -> Sequence[IndexedPart]:
        """The parts of the items whose agent found one of these (``guids.external_id``)."""

    def of_item(self, rating_key: int) -> Sequence[IndexedPart]:
        """The parts of an item."""

    def written(self, rating_keys: Sequence[int]) -> Mapping[int, WrittenNames]:
        """What PlexSync itself wrote to these items; those to which it wrote nothing are left out."""


class FoundNames(NamedTuple):
    """What Plex showed of an item before PlexSync wrote to it; ``""`` and None where that is not known."""

    title: str = ""
    studio: str = ""
    date: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class WrittenNames:
    """Texts that PlexSync wrote to an item, for whatever scene: they say nothing of which scene it belongs to.

    ``found``: what stood there before, which does.
    """

    titles: frozenset[str] = frozenset()
    studios: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    found: FoundNames | None = None

    def taken_out(self, part: IndexedPart) -> IndexedPart:
        """The part without what was written to its item, as far as that still stands there, but as it was before."""
        found = self.found or FoundNames()
        return replace(
            part,
            title=found.title if part.title in self.titles else part.title,
            studio=found.studio if part.studio in self.studios else part.studio,
            date=found.date if part.date in self.dates else part.date,
            year=found.year if part.date in self.dates else part.year,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided of a scene before. All are rating keys.

    ``pinned``: a person chose this item. ``vetoed``: a person ruled these out. ``known``: the item it was matched with.
    """

    pinned: int | None = None
    vetoed: frozenset[int] = frozenset()
    known: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """An item a scene may belong to, how sure that is (0 to 100), and why in words.

    ``path`` is the file in Plex that speaks for it, ``file`` the scene's file in Stash that does (``""`` for none).
    ``weight``: the sum of what speaks for it by itself, in powers of ten; 0 where it was not weighed. ``hint``: what a
    person is to compare to decide about it, ``""`` for nothing. ``lowered_by``: the rating key of the item but for
    which it would be surer, None for none.
    """

    rating_key: int
    section_id: int
    confidence: int
    reasons: tuple[str, ...]
    title: str
    path: str
    file: str = ""
    weight: float = field(default=0.0, compare=False)
    hint: str = field(default="", compare=False)
    lowered_by: int | None = field(default=None, compare=False)
