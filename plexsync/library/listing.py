"""What the library asks of Plex: its sections, and their listings, page by page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from plexsync.model import Page, Section


class UnreadablePage(Protocol):
    """A page of a section's listing, whose items are still to be read."""

    @property
    def section_id(self) -> int:
        """The section's key."""

    @property
    def start(self) -> int:
        """How many items come before it."""

    @property
    def count(self) -> int:
        """How many items it has."""

    @property
    def total(self) -> int:
        """How many items the whole listing has, as Plex says."""

    def as_they_came(self) -> Mapping[int, Any]:
        """The bytes of entries by rating key, of those that can be told from others by them."""

    def read(self, known: Collection[int] = ()) -> Page:
        """The page, checked, without the entries that are known."""


class ListingPlex(Protocol):
    """What is asked of Plex."""

    def sections(self) -> Sequence[Section]:
        """All library sections."""

    def listing(
        self,
        section_id: int,
        start: int,
        size: int,
        *,
        added_since: int | None = None,
        updated_since: int | None = None,
        sort: str | None = None,
    ) -> Page:
        """One page of a section's items; see ``Reads.listing``."""

    def unread_listing(self, section_id: int, start: int, size: int, *, sort: str | None = None) -> UnreadablePage:
        """The same, its items still to be read."""
