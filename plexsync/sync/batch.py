"""Bring many scenes to Plex at once: where the same has to be written to several items, in one write.

Renaming a studio changes hundreds of scenes in the same way. Whatever needs more than such a write (another item, a
picture, a rating, a match that no longer holds) is left to be synchronised by itself.

Pictures are not looked at here. So only scenes are brought that Stash has not touched since they were synchronised by
themselves: a performer's new name leaves no stamp on a scene, a new cover does.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace

from plexsync.errors import AccessDenied, PermanentError, TextTooLong
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import LeftOut, Result, SceneRecord, State
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    desired,
    difference,
    fingerprint,
    from_json,
    mismatches,
    noting_inherited,
    revise,
    stands,
)
from plexsync.model import Edit, Item, Scene
from plexsync.plex.traits import Trait
from plexsync.sync.batches import same_write
from plexsync.sync.confirmed import parts_of
from plexsync.sync.left_out import hold_back
from plexsync.sync.options import SyncOptions
from plexsync.sync.outcomes import BatchResult, SceneOutcome
from plexsync.sync.picture_locks import PictureLocks, PicturesSeen
from plexsync.sync.plan import PendingWrite, Plan, rest_of, standing
from plexsync.sync.shared_lists import (
    ADD,
    ARRIVAL,
    WHOLE,
    is_shuffled,
    others_are_gone,
    question,
    shared,
    without_order,
)
from plexsync.sync.sightings import held, holds
from plexsync.sync.tools import SyncTools
from plexsync.sync.write_path import WritePath
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Differences of one item that the log tells.
TOLD = 5
#: What is found out of lists of names, for the log.
_BECOMES = {ADD: "stay", WHOLE: "go"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share(Plan):
    """One scene's share in a write: its plan. Pictures are not looked at, so the scene does not count as read."""

    record: SceneRecord
    #: Whether the ledger says all of this already.
    is_known: bool
    #: When its turn began (monotonic seconds), and how many requests this thread had sent by then.
    began: float = field(default_factory=time.monotonic)
    asked_before: int = 0


def can_join(record: SceneRecord | None, scene: Scene, options: SyncOptions) -> bool:
    """Whether a scene may be brought together with others, as far as the ledger can tell.

    :param record: what the ledger knows of it.
    :param scene: as Stash has it now.
    """
    if options.dry_run or options.preserve_plex_edits or (options.only_organized and not scene.organized):
        return False
    if record is None or record.state is not State.SYNCED or record.rating_key is None:
        return False
    return record.applied is not None and record.updated_at == scene.updated_at


class BatchSync:
    """Synchronises many scenes at once; safe to call from several threads.

    :param tools: what it works with.
    """

    def __init__(self, tools: SyncTools) -> None:
        self._ledger = tools.ledger
        self._resolver = tools.resolver
        self._stash = tools.stash
        self._plex = tools.plex
        self._rules = tools.rules
        self._options = tools.options
        self._scene_locks = tools.scene_locks
        self._sightings = tools.sightings
        self._outcomes = tools.outcomes
        self._picture_locks = PictureLocks(tools.ledger, tools.plex, lock=tools.options.lock_fields)
        self._path = WritePath(tools)

    def sync(self, scene_ids: Sequence[int]) -> BatchResult:
        """Bring these scenes to Plex as far as that can be done for several at once.

        Where it dies or fails half-way, the ledger holds what may have been applied: doing it again reads those items
        and writes what is missing.

        :param scene_ids: ``batches.BATCH`` of them; nobody else works on them meanwhile.
        :returns: what became of each; those ``alone`` are the caller's to queue.
        :raises PlexSyncError: as ``SceneSync.sync``, where it is worth another attempt with all of them.
        """
        began, asked_before = time.monotonic(), self._plex.requests
        with self._scene_locks.hold_free(scene_ids) as held:
            # Busy ones are read by somebody else, but maybe before they were changed.
            alone = set(scene_ids) - set(held)
            same: list[int] = []
            groups: defaultdict[str, list[_Share]] = defaultdict(list)
            for found in self._shares(held):
                share = replace(found, asked_before=asked_before)
                if share.edit:
                    groups[same_write(share.match.section_id, shared(share.edit, adds=True))].append(share)
                else:
                    if share.is_known:
                        self._tell(share, Result.UNCHANGED)
                    else:
                        self._finish(share, PendingWrite(share))
                    same.append(share.scene.id)
            written: list[int] = []
            writes = 0
            for shares in groups.values():
                right, calls = self._bring(shares) if len(shares) > 1 else ([], 0)
                written += right
                writes += calls
        alone |= set(held) - {*same, *written}
        result = BatchResult(tuple(same), tuple(written), tuple(sorted(alone)), writes)
        self._outcomes.tell_batch(result, time.monotonic() - began)
        return result

    def _tell(self, share: _Share, result: Result) -> None:
        what = "written to" if result is Result.SYNCED else "left as it is"
        reason, seconds = f"item {share.key} {what}, together with others", time.monotonic() - share.began
        requests = self._plex.requests - share.asked_before
        self._outcomes.tell_scene(SceneOutcome(share.scene.id, result, reason, seconds, requests, is_batched=True))

    # --- what has to be written -----------------------------------------------------------------------------------

    def _shares(self, scene_ids: Sequence[int]) -> list[_Share]:
        """The shares of the scenes that can be brought together."""
        if not scene_ids or self._options.dry_run or self._options.preserve_plex_edits:
            return []
        if self._options.all_items and (several := self._ledger.further_items.having(scene_ids)):
            # Each of their items is another write.
            scene_ids = [one for one in scene_ids if one not in several]
        if not scene_ids:
            return []
        scenes, records = self._stash.scenes(scene_ids), self._ledger.scenes.many(scene_ids)
        matches: dict[int, Match] = {}
        for scene_id, scene in scenes.items():
            record = records.get(scene_id)
            if can_join(record, scene, self._options) and (match := self._resolver.kept(scene, record)):
                matches[scene_id] = match
        # What was intended, and may have been applied, shows in the item alone.
        doubtful = [matches[one].rating_key for one in matches if records[one].intended is not None]
        items = self._sightings.read_all(doubtful)
        had, left_out = self._ledger.parts.of(matches), self._ledger.left_out.of(matches)
        found = [
            self._share(scenes[one], match, records[one], items.get(match.rating_key), had[one], left_out.get(one, ()))
            for one, match in matches.items()
        ]
        return self._looked_at([share for share in found if share is not None])

    def _looked_at(self, shares: Sequence[_Share]) -> list[_Share]:
        """The shares by what the items hold that are to be written to; without those that hold another file by now."""
        items = self._sightings.read_all([share.key for share in shares if share.edit and share.item is None])
        found = [share if share.item else replace(share, item=items.get(share.key)) for share in shares]
        found = [share for share in found if not share.edit or holds(share.match, share.item)]
        revised = [one for share in found if (one := self._locking_pictures(self._revised(share))) is not None]
        # A rating is a call of its own.
        return [share for share in revised if not share.edit.rate]

    def _locking_pictures(self, share: _Share) -> _Share | None:
        """With locks for pictures of ours that lack one; None where one has to be asked for: is it ours?"""
        if share.item is None or not share.edit:
            return share
        seen = self._picture_locks.look(share.scene.id, share.item, share.wanted, share.record, ask=False)
        if self._options.lock_fields and seen.unsure - share.item.locked:
            return None
        edit, held_back = hold_back(replace(share.edit, lock=share.edit.lock | seen.unlocked), share.left_out)
        held = tuple({one.name: one for one in (*share.held, *held_back)}.values())
        return replace(share, edit=edit, held=held, seen=seen)

    def _revised(self, share: _Share) -> _Share:
        if share.item is None or share.intended is not None:
            return share
        # Locks are left to those that are synchronised by themselves: few items would need the same write otherwise.
        edit = without_order(revise(share.edit, share.wanted, share.applied, share.item, self._rules, lock=False))
        edit, held_back = hold_back(edit, share.left_out)
        return replace(share, edit=edit, held=tuple({one.name: one for one in (*share.held, *held_back)}.values()))

    def _share(
        self,
        scene: Scene,
        match: Match,
        record: SceneRecord,
        item: Item | None,
        had: Collection[tuple[str, int]],
        left_out: Sequence[LeftOut],
    ) -> _Share | None:
        if record.intended is not None and not holds(match, item):
            return None
        try:
            applied, sure, _ = standing(match, record, lambda: held(match, item))
            before = sure if record.intended is None else from_json(record.applied or "")
            wanted = noting_inherited(desired(scene, self._rules), applied, self._rules.owned)
        except PermanentError as error:
            log.debug("scene %d is synchronised by itself: %s", scene.id, error)
            return None
        edit = rest_of(wanted, applied, item, self._rules, lock=self._options.lock_fields)
        edit, held_back = hold_back(edit, left_out)
        if edit.rate or difference(wanted, before, None, self._rules).order:
            return None
        edit = without_order(edit)
        is_known = (
            record.intended is None
            and stands(record.fingerprint, fingerprint(wanted))
            and set(had) == set(parts_of(scene))
        )
        return _Share(
            *(scene, match, wanted, wanted, wanted, applied, sure, record.intended),
            *(item, PicturesSeen(), edit, left_out, held_back, record.attempts, None),
            record=record,
            is_known=is_known,
        )

    # --- writing it -------------------------------------------------------------------------------------------------

    def _bring(self, shares: Sequence[_Share]) -> tuple[list[int], int]:
        """Write to the items of several scenes that need the same, but for the names that others put into their lists.

        :returns: the scenes whose items are right, and the number of writes.
        """
        whole: defaultdict[str, list[_Share]] = defaultdict(list)
        for share in shares:
            whole[same_write(share.match.section_id, shared(share.edit, adds=False))].append(share)
        written: list[int] = []
        writes = 0
        if len(whole) > 1:
            adds = self._plex.traits.get(Trait.TAG_LISTS)
            if adds is None:
                written, writes, adds = self._ask(shares)
            if adds == ADD:
                rest = [share for share in shares if share.scene.id not in written]
                right, calls = self._write(rest, shared(rest[0].edit, adds=True))
                return [*written, *right], writes + calls
        for some in whole.values():
            rest = [share for share in some if share.scene.id not in written]
            right, calls = self._write(rest, shared(rest[0].edit, adds=False)) if len(rest) > 1 else ([], 0)
            written += right
            writes += calls
        return written, writes

    def _ask(self, shares: Sequence[_Share]) -> tuple[list[int], int, str | None]:
        """Find out with one of the items what becomes of names in a list that a write does not name.

        :returns: the scene, if its item is right then; the number of writes; and what was found out, None for nothing.
        """
        asked = next(
            (
                (share, found)
                for share in shares
                if share.item and (found := question(share.edit, share.confirmed, share.item))
            ),
            None,
        )
        if asked is None:
            return [], 0, None
        share, about = asked
        answers: list[str] = []
        right, writes = self._write([share], about.edit, lambda item: answers.append(about.answer(item)))
        for answer in answers:
            log.info("names that a write does not list %s in this Plex", _BECOMES[answer])
            self._plex.traits.put(Trait.TAG_LISTS, answer)
        return right, writes, answers[0] if answers else None

    def _write(
        self, shares: Sequence[_Share], edit: Edit, learn: Callable[[Item], object] | None = None
    ) -> tuple[list[int], int]:
        """Write one edit to the items of several scenes, and read them back.

        :param edit: what is sent: what the edits of all the shares have in common.
        :param learn: told how each item stands then, where something is to be found out: it need not be right by then.
        :returns: the scenes whose items are right, and the number of writes.
        """
        begun = {one.plan.scene.id: one for one in self._path.begin([PendingWrite(share) for share in shares])}
        # The items of the others have become other scenes' meanwhile.
        ours = [share for share in shares if share.scene.id in begun]
        right: list[_Share] = []
        try:
            there, writes = self._path.send([begun[share.scene.id] for share in ours], edit)
            items, more = self._read_back(there, learn)
            sent = {one.plan.scene.id for one in there}
            right = [
                replace(share, item=items[share.key])
                for share in ours
                if share.scene.id in sent and self._is_right(share, items.get(share.key), tell=learn is None)
            ]
        except AccessDenied:
            raise
        except (PermanentError, TextTooLong) as error:
            scenes = counted(len(ours), "scene")
            log.warning("%s could not be written together: %s; each is tried by itself", scenes, error)
            return [], 0
        finally:
            # Of items that are not known to be right some may have become other scenes' while we wrote to them.
            for scene_id in begun.keys() - {share.scene.id for share in right}:
                self._path.given_up(begun[scene_id])
        for share in right:
            pending = begun[share.scene.id]
            pending.plan, pending.taken = share, share.edit
            self._finish(share, pending)
        return [share.scene.id for share in right], writes + more

    def _read_back(
        self, pendings: Sequence[PendingWrite], learn: Callable[[Item], object] | None
    ) -> tuple[dict[int, Item], int]:
        """The items as they are now; and the writes that put back what others had in a list, where it is gone."""
        items = self._path.read_back(pendings)
        if learn is not None:
            for item in items.values():
                learn(item)
        robbed = [
            one for one in pendings if one.plan.key in items and others_are_gone(one.plan.edit, items[one.plan.key])
        ]
        for one in robbed:
            log.warning("item %d: names that others added are gone from a list: they are written again", one.plan.key)
            self._plex.traits.put(Trait.TAG_LISTS, WHOLE)
            self._path.send([one], one.plan.edit)
            del items[one.plan.key]
        return items | self._path.read_back(robbed), len(robbed)

    def _is_right(self, share: _Share, item: Item | None, *, tell: bool) -> bool:
        """Whether an item shows what it should.

        :param share: with the item as it was before.
        """
        if item is None:
            return False
        wrong = list(mismatches(share.edit, item))
        keeps_order = self._plex.traits.peek(Trait.TAG_ORDER) != ARRIVAL
        if keeps_order and share.item is not None and is_shuffled(share.edit, share.wanted.tags, share.item, item):
            wrong.append("performers: Plex shows them in another order.")
        if wrong and tell:
            what = "; ".join([*wrong[:TOLD], *([f"and {len(wrong) - TOLD} more"] if len(wrong) > TOLD else [])])
            log.warning("scene %d: item %d read back differs: %s", share.scene.id, item.rating_key, what)
        return not wrong

    def _finish(self, share: _Share, pending: PendingWrite) -> None:
        if (result := self._path.confirm(pending)) is not None:
            self._tell(share, result)
