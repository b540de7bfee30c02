"""Brings a scene to the items that it has besides its own: each by itself, so that a fault stays with one of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace

from plexsync.errors import AccessDenied, CircuitOpen, ItemGone, ItemHeld, PlexSyncError, TextTooLong
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, Result
from plexsync.ledger.lines import scene_of
from plexsync.log_context import item_is
from plexsync.matching.lookup import Match
from plexsync.sync.holders import AnotherHasIt, Holders
from plexsync.sync.outcomes import Outcome
from plexsync.sync.plan import SceneRead
from plexsync.sync.snapshot import Snapshot

log = logging.getLogger(__name__)

#: What concerns every item, so that the others need not be tried.
OF_ALL = (AccessDenied, CircuitOpen)


@dataclass(slots=True)
class FurtherResult:
    """What became of a scene's further items.

    ``outcomes``: of those that are right. ``failed``: why the first that is not is not. ``snapshot``: what was to be
    written to that one.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    failed: PlexSyncError | None = None
    snapshot: Snapshot = field(default_factory=Snapshot)

    @property
    def is_changed(self) -> bool:
        """Whether anything was written."""
        return any(one.result is Result.SYNCED for one in self.outcomes)

    @property
    def texts(self) -> list[str]:
        """What was done, in words, without what needed nothing."""
        return [one.text for one in self.outcomes if one.result is not Result.UNCHANGED]


class FurtherSync:
    """Does it; safe to share between threads, one scene per call.

    :param ledger: which item is whose.
    :param holders: who is to have an item that two want.
    :param apply: brings a scene to one item; None where that is another scene's by now.
    :param lost: told of an item that is not what the index says.
    :param over: told of each item when it had its turn.
    """

    def __init__(
        self,
        ledger: Ledger,
        holders: Holders,
        apply: Callable[[SceneRead, Match, Snapshot], Outcome | None],
        lost: Callable[[int, ItemGone], object],
        over: Callable[[int], object],
    ) -> None:
        self._ledger = ledger
        self._holders = holders
        self._apply = apply
        self._lost = lost
        self._over = over

    def bring(self, read: SceneRead, matches: Sequence[Match], held: Collection[int], wants: Snapshot) -> FurtherResult:
        """Bring a scene to its further items. Lines of others that it had are dropped: what is in Plex stays there.

        :param matches: which these are.
        :param held: the scenes that this thread works on.
        :param wants: what the scene is to show, for whoever has to tell of a failure.
        :raises AnotherHasIt: another scene is to be held before it is decided whose an item is.
        """
        result = FurtherResult()
        for line_id, match in self._ledger.further_items.assign(read.scene.id, matches):
            line = replace(read, scene=replace(read.scene, id=line_id))
            snapshot = wants.copy()
            try:
                if outcome := self._one(line, match, held, snapshot):
                    result.outcomes.append(outcome)
            except ItemGone as error:
                # The next time that Plex lists it, the scene is looked at again.
                self._lost(match.rating_key, error)
                self._ledger.further_items.drop([line_id])
            except PlexSyncError as error:
                if result.failed is None:
                    result.failed, result.snapshot = _naming(error, match), snapshot
                if isinstance(error, OF_ALL):
                    break
            finally:
                self._over(match.rating_key)
        return result

    def _one(self, line: SceneRead, match: Match, held: Collection[int], snapshot: Snapshot) -> Outcome | None:
        item_is(match.rating_key)
        holder = self._ledger.scenes.matched(line.scene.id, match, line.scene)
        if holder is not None:
            if not self._gives_way(holder, line, match, held):
                log.debug("item %d stays scene %d's", match.rating_key, scene_of(holder))
                return None
            if self._ledger.scenes.matched(line.scene.id, match, line.scene) is not None:
                return None
        try:
            return self._apply(line, match, snapshot)
        except TextTooLong:
            # Once: from then on texts are cut before they are sent.
            return self._apply(line, match, snapshot)

    def _gives_way(self, holder: int, line: SceneRead, match: Match, held: Collection[int]) -> bool:
        """Whether the line that has an item is to lose it to a further item's; it has lost it then.

        :raises AnotherHasIt: its scene is to be held before.
        """
        other = scene_of(holder)
        if holder < 0:
            if not self._holders.line_gives_way(holder, match, line.scene.id):
                return False
            self._ledger.further_items.drop([holder])
            return True
        # Where it lies says which file it is; what is like it may be the other scene's own.
        if not self._holders.is_in_place(match) or self._holders.is_chosen(other, match.rating_key):
            return False
        if other not in held:
            raise AnotherHasIt(other)
        if self._holders.keeps(other, line.scene, match):
            return False
        self._holders.let_go(other, match.rating_key)
        return True


def _naming(error: PlexSyncError, match: Match) -> PlexSyncError:
    """The error, whose text says which item it is about."""
    text = str(error)
    if f"item {match.rating_key}" not in text:
        error.args = (f"item {match.rating_key} ({match.path}): {text}", *error.args[1:])
    return error


def put_off(error: PlexSyncError) -> bool:
    """Whether a failure at the scene's own item says that others need not be tried."""
    return isinstance(error, (*OF_ALL, ItemHeld))
