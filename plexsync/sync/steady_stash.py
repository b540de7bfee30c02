"""Stash, as it looks where performers' pictures have lasting addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import PerformerPictures
from plexsync.stash import EntityKind, StashClient
from plexsync.stash.client import SCENES_PER_CALL, SCENES_PER_PAGE
from plexsync.stash.pages import FoundScenes, ScenePage, UnreadScenes
from plexsync.sync.portraits import Portraits

#: Performers that are met for the first time on a page of a comparison of everything: all of them in a few nights.
MET_PER_PAGE = 50


class SteadyStash(StashClient):
    """A client for Stash whose scenes have lasting addresses of performers' pictures.

    :param known: what was seen of these pictures before.
    :param is_shown: whether Plex is given a picture with such an address at all.
    :param options: as ``StashClient`` takes them.
    """

    def __init__(self, known: PerformerPictures, is_shown: Callable[[str], bool], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.portraits = Portraits(known, self.glimpse, is_shown)

    def scenes(self, ids: Sequence[int]) -> FoundScenes:
        """As ``StashClient.scenes``."""
        found = super().scenes(ids)
        found.update({scene.id: scene for scene in self.portraits.steady([*found.values()])})
        return found

    def scenes_after(self, scene_id: int, limit: int = SCENES_PER_CALL) -> ScenePage:
        """As ``StashClient.scenes_after``."""
        # It walks through what ``unread_scenes_after`` does not.
        return self._steady(super().scenes_after(scene_id, limit))

    def unread_scenes_after(self, scene_id: int, limit: int = SCENES_PER_PAGE) -> UnreadScenes:
        """As ``StashClient.unread_scenes_after``; performers that were never met are, when the page is read."""
        page = super().unread_scenes_after(scene_id, limit)
        return _UnreadSteadily(
            page.rows, page.unreadable, page.faults, page.dialect, page.last, more=page.more, finish=self._met
        )

    def scenes_with(
        self, kind: EntityKind, part_id: int, *more_ids: int, after: int = 0, limit: int = SCENES_PER_CALL
    ) -> ScenePage:
        """As ``StashClient.scenes_with``."""
        return self._steady(super().scenes_with(kind, part_id, *more_ids, after=after, limit=limit))

    def _met(self, page: ScenePage) -> ScenePage:
        self.portraits.meet(page, MET_PER_PAGE)
        steady = self._steady(page)
        steady.unsettled = self.portraits.unsettled(page)
        return steady

    def _steady(self, page: ScenePage) -> ScenePage:
        return ScenePage(self.portraits.steady(page), page.unreadable, page.last, more=page.more)


@dataclass(frozen=True, slots=True)
class _UnreadSteadily(UnreadScenes):
    """A page whose scenes have lasting addresses once they are read."""

    finish: Callable[[ScenePage], ScenePage] = lambda page: page

    def read(self, known: Collection[int] = ()) -> ScenePage:
        """The scenes."""
        return self.finish(UnreadScenes.read(self, known))
