"""What synchronising a scene would do now, without doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plexsync.errors import ItemGone, MatchUncertain, NotFoundYet
from plexsync.ledger.lines import line_of, scene_of
from plexsync.matching.lookup import Match
from plexsync.metadata import desired
from plexsync.model import Scene
from plexsync.sync.contest import Contest, Refused
from plexsync.sync.holders import Holders
from plexsync.sync.plan import Plan, Planner, SceneRead
from plexsync.sync.resolver import Resolution
from plexsync.sync.rivals import Rivals
from plexsync.sync.tools import SyncTools


class ScenePreview:
    """Foresees it; safe to share between threads.

    :param tools: what synchronising works with.
    :param planner: works out what would be written.
    :param holders: who keeps an item that two want.
    :param rivals: who is to have an item, and has not come yet.
    :param not_there: told of an item that is not what the index says.
    """

    def __init__(
        self,
        tools: SyncTools,
        planner: Planner,
        holders: Holders,
        rivals: Rivals,
        not_there: Callable[[int, ItemGone], object],
    ) -> None:
        self._ledger = tools.ledger
        self._resolver = tools.resolver
        self._rules = tools.rules
        self._planner = planner
        self._holders = holders
        self._rivals = rivals
        self._not_there = not_there

    def unwritten(self, scene: Scene) -> list[int]:
        """The rating keys of items that are to show a scene besides its own one, and that no scene has."""
        own = self._resolver.kept(scene, self._ledger.scenes.get(scene.id))
        further = self._resolver.further(scene, own) if own is not None else ()
        return [one.rating_key for one in further if self._ledger.scenes.holder(one.rating_key) is None]

    def of(self, scene: Scene, read_at: float) -> Plan:
        """What ``SceneSync.sync`` would do now of a scene that was read at ``read_at`` (epoch seconds).

        :raises MatchUncertain: a person would be asked.
        :raises PlexSyncError: as ``SceneSync.sync`` does.
        """
        try:
            return self._preview(scene, read_at)
        except ItemGone as error:
            self._not_there(self._resolver.find(scene).match.rating_key, error)
            return self._preview(scene, read_at, lost=True)

    def of_further(self, scene: Scene, read_at: float, own: Match) -> list[Plan]:
        """As ``of``, for the items that show a scene besides its own; without those that are other scenes'.

        :param own: the match of its own item.
        """
        plans = []
        for number, match in enumerate(self._resolver.further(scene, own), start=1):
            holder = self._ledger.scenes.holder(match.rating_key)
            if holder is not None and scene_of(holder) != scene.id:
                continue
            line = replace(scene, id=holder if holder is not None and holder < 0 else line_of(scene.id, number))
            record = self._ledger.scenes.get(line.id) if line.id == holder else None
            plan = self._planner.plan(SceneRead(line, desired(scene, self._rules), read_at), match, record)
            plans.append(self._planner.with_pictures(plan, noting=False))
        return plans

    def _preview(self, scene: Scene, read_at: float, *, lost: bool = False) -> Plan:
        found = self._foreseen(scene, lost=lost)
        if found.why_not:
            raise MatchUncertain(review_text(found))
        record = self._ledger.scenes.get(scene.id)
        plan = self._planner.plan(SceneRead(scene, desired(scene, self._rules), read_at), found.match, record)
        return self._planner.with_pictures(plan, noting=False)

    def _foreseen(self, scene: Scene, *, lost: bool) -> Resolution:
        """The item that the scene would have, as ``SceneSync`` finds it."""
        contest = Contest(self._ledger, self._holders, scene)
        refused: Refused | None = None
        while refused is None:
            try:
                found = self._resolver.find(scene, lost=lost, taken=contest.taken)
            except NotFoundYet:
                if contest.refused is None:
                    raise
                refused = contest.refused
                continue
            if found.why_not:
                if not contest.pass_over_better(found):
                    if contest.refused is None:
                        return found
                    refused = contest.refused
                continue
            if found.is_weak and (rival := self._rivals.first(scene, found.match)):
                refused = contest.leave_to(rival, found)
                continue
            holder = self._ledger.scenes.holder(found.match.rating_key)
            if holder is None or scene_of(holder) == scene.id or not self._would_keep(holder, scene, found.match):
                return found
            refused = contest.refuse(found, scene_of(holder))
        self._holders.check_it_is_no_copy(refused.holder, refused.found.match, refused.rival)
        return refused.found

    def _would_keep(self, holder: int, scene: Scene, match: Match) -> bool:
        if holder < 0:
            return not self._holders.line_gives_way(holder, match, scene.id)
        return self._holders.keeps(holder, scene, match)


def review_text(found: Resolution) -> str:
    """Why a person is asked, with the item that it is about."""
    match = found.match
    return (
        f"waits for review: {found.why_not} (item {match.rating_key}, {match.path}, confidence {match.confidence}: "
        f"{'; '.join(match.reasons)})"
    )
