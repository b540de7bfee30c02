"""Bring one scene to Plex: read it from Stash as it is now, find its item, write what differs, remember it.

Doing it twice, late or out of order ends in the same place, so every failure is answered by doing it again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from plexsync.errors import (
    FileElsewhere,
    ItemGone,
    LibraryUnread,
    NotFoundYet,
    PermanentError,
    PlexSyncError,
    ReadBackMismatch,
    TextTooLong,
)
from plexsync.fields import ALL_FIELDS
from plexsync.ledger import Result, State
from plexsync.ledger.course import Step, did
from plexsync.ledger.lines import scene_of
from plexsync.library.folder_scans import FolderScans
from plexsync.log_context import item_is
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    desired,
)
from plexsync.metadata.parts import fields_of
from plexsync.model import Edit, Field, Item, Scene
from plexsync.sync.batch_loader import BatchLoader
from plexsync.sync.contest import MOST_LOOKED_AT, Contest, Refused
from plexsync.sync.further import FurtherSync, put_off
from plexsync.sync.holders import AnotherHasIt, Holders
from plexsync.sync.left_out import hold_back, nothing_stands
from plexsync.sync.outcomes import Outcome
from plexsync.sync.picture_locks import PictureLocks
from plexsync.sync.pictures import NotedUploads, Pictures
from plexsync.sync.plan import PendingWrite, Planner, SceneRead
from plexsync.sync.preview import ScenePreview, review_text
from plexsync.sync.quirks import Quirks
from plexsync.sync.resolver import Resolution
from plexsync.sync.rivals import Rival, Rivals
from plexsync.sync.snapshot import Snapshot
from plexsync.sync.tools import SyncTools
from plexsync.sync.turn import Brought, SceneSteps, SceneTurn
from plexsync.sync.write_path import WritePath

log = logging.getLogger(__name__)

#: Most scenes read in one call when several threads want one each.
GATHER_LIMIT = 50
#: So many items are looked at for one scene, before it is left to another attempt: each one held another file than the
#: index says.
MOST_ITEMS = 10


class SceneSync:
    """The use case of the whole program; safe to call from several threads, one scene per call.

    :param tools: what it works with.
    :param scans: asks Plex to look for new files; None where it is not to.
    :param met: called with scenes when Plex shows them.
    """

    def __init__(
        self,
        tools: SyncTools,
        scans: FolderScans | None = None,
        met: Callable[[Sequence[Scene]], object] | None = None,
    ) -> None:
        self._scans = scans
        self._met = met or (lambda _scenes: None)
        self._ledger = tools.ledger
        self._resolver = tools.resolver
        self._requeue = tools.requeue
        self._scene_locks = tools.scene_locks
        self._rules = tools.rules
        self._options = tools.options
        self._sightings = tools.sightings
        lock = tools.options.lock_fields
        self._quirks = Quirks(tools.plex, lock=lock)
        self._pictures = Pictures(tools.ledger, tools.stash, tools.plex, tools.options.picture_waits)
        self._picture_locks = PictureLocks(tools.ledger, tools.plex, lock=lock)
        self._scenes = BatchLoader(tools.stash.scenes, GATHER_LIMIT)
        self._planner = Planner(tools, self._pictures, self._picture_locks)
        self._path = WritePath(tools)
        self._holders = Holders(tools.ledger, tools.resolver, self._scenes.get, tools.sightings.look, tools.requeue)
        self._rivals = Rivals(tools.ledger, tools.resolver, tools.stash.scenes_like)
        #: Foresees what ``sync`` would do.
        self.preview = ScenePreview(tools, self._planner, self._holders, self._rivals, self._not_there)
        steps = SceneSteps(
            self._send_edit,
            self._send_pictures,
            self._judge,
            self._finish,
            self._holders.look_for_losers,
            self._met,
            self._rivals.foresee,
        )
        self._turn = SceneTurn(tools, self._planner, self._path, self._pictures, steps)
        self._further = FurtherSync(
            tools.ledger, self._holders, self._apply_further, self._not_there, tools.sightings.over
        )

    def sync_together(
        self, scene_ids: Sequence[int], around: Callable[[int], AbstractContextManager[object]]
    ) -> dict[int, Brought]:
        """Bring scenes to Plex that were claimed together, as far as their way is the usual one; see ``turn``."""
        return self._turn.bring(scene_ids, around)

    def sync(self, scene_id: int, snapshot: Snapshot | None = None) -> Outcome:
        """Bring one scene to Plex.

        :param snapshot: is told what is about to be written, for a caller who has to tell of a failure.
        :returns: how it ended; the ledger holds the same.
        :raises PlexSyncError: by what is to be done about it, see ``plexsync.errors``.
        """
        held = {scene_id}
        while True:
            with self._scene_locks.hold(*held):
                try:
                    return self._sync(scene_id, held, snapshot or Snapshot())
                except AnotherHasIt as error:
                    held.add(error.holder)

    def _sync(self, scene_id: int, held: Collection[int], snapshot: Snapshot) -> Outcome:
        read_at = time.time()
        scene = self._scenes.get(scene_id)
        did(Step.READ)
        if scene is None:
            self._holders.gone(scene_id)
            return Outcome(Result.GONE, "Stash has it no longer")
        self._holders.meet(scene)
        if self._options.only_organized and not scene.organized:
            return self._leave_alone(scene_id, "not organized")
        wanted = desired(scene, self._rules)
        snapshot.wants(scene.title, wanted)
        try:
            return self._bring(SceneRead(scene, wanted, read_at), held, snapshot)
        except NotFoundYet as error:
            self._ledger.wanted_files.seek(scene.id, scene.files)
            unread = isinstance(error, LibraryUnread)
            if self._scans is not None and not self._options.dry_run and not unread:
                self._scans.ask(scene.files)
            raise

    def _bring(self, read: SceneRead, held: Collection[int], snapshot: Snapshot) -> Outcome:
        scene = read.scene
        self._holders.look_for_losers(scene)
        contest = Contest(self._ledger, self._holders, scene)
        lost = False
        for _ in range(MOST_ITEMS):
            try:
                found = self._resolver.find(scene, lost=lost, taken=contest.taken)
            except LibraryUnread:
                raise
            except NotFoundYet:
                if contest.refused is None:
                    raise
                return self._refused(scene, contest.refused)
            if found.why_not:
                if contest.pass_over_better(found):
                    continue
                return self._ask(scene, found) if contest.refused is None else self._refused(scene, contest.refused)
            if rival := self._rival(scene, found):
                if refused := contest.leave_to(rival, found):
                    return self._refused(scene, refused)
                continue
            key = found.match.rating_key
            did(Step.MATCHED)
            item_is(key)
            holder = self._ledger.scenes.matched(scene.id, found.match, scene)
            if holder is not None:
                other = scene_of(holder)
                if other not in held:
                    raise AnotherHasIt(other)
                if not self._gives_way(holder, scene, found.match) and (refused := contest.refuse(found, other)):
                    return self._refused(scene, refused)
                continue
            if found.is_new and (waiting := self._waiting_for(scene.id, found)):
                # They may be surer of others now, or get what the scene might have got.
                self._requeue([one for one in waiting if one != scene.id])
            try:
                outcome = self._apply(read, found.match, snapshot, whole=not found.further)
            except ItemGone as error:
                # Re-scanned under a new rating key, most often, maybe more than once: the index is out of date, so look
                # again.
                self._not_there(key, error)
                lost = True
            except TextTooLong as error:
                # Once: from then on texts are cut before they are sent.
                log.info("scene %d: %s", scene.id, error)
            except PlexSyncError as error:
                if found.further and not put_off(error):
                    # One item's fault is no other one's.
                    self._further.bring(read, found.further, held, snapshot)
                raise
            else:
                if outcome is not None:
                    self._met([scene])
                    return self._with_further(read, found, held, snapshot, outcome)
            finally:
                self._sightings.over(key)
        raise ReadBackMismatch(f"Plex has other files in its items than it lists: {MOST_ITEMS} were looked at")

    def _refused(self, scene: Scene, refused: Refused) -> Outcome:
        """The item that fits is another scene's, for which more speaks, and none is left that fits as well.

        :raises NotFoundYet: ours is a copy of what that one has, so that our own item is still to come.
        """
        self._holders.check_it_is_no_copy(refused.holder, refused.found.match, refused.rival)
        return self._ask(scene, refused.found)

    def _rival(self, scene: Scene, found: Resolution) -> Rival | None:
        """Who is to have an item that was found for a scene, and has not come yet."""
        return self._rivals.first(scene, found.match) if found.is_weak else None

    def _waiting_for(self, scene_id: int, found: Resolution) -> list[int]:
        """The scenes that wait for a person and may belong to the item that a scene gets, or might have got."""
        keys = dict.fromkeys([found.match.rating_key, *(one.rating_key for one in found.candidates[:MOST_LOOKED_AT])])
        waiting = [one for key in keys for one in self._ledger.scenes.waiting_for(key)]
        return list(dict.fromkeys([*waiting, *self._ledger.reviews.waiting_beside(scene_id)]))

    def _gives_way(self, holder: int, scene: Scene, match: Match) -> bool:
        """Whether the line that has an item is to lose it to the scene; it has lost it then."""
        if holder < 0:
            if not self._holders.line_gives_way(holder, match, scene.id):
                return False
            self._ledger.further_items.drop([holder])
            return True
        if self._holders.keeps(holder, scene, match):
            return False
        self._holders.let_go(holder, match.rating_key)
        return True

    def _with_further(
        self, read: SceneRead, found: Resolution, held: Collection[int], snapshot: Snapshot, outcome: Outcome
    ) -> Outcome:
        """Bring a scene to its further items after its own.

        :param outcome: what became of that one.
        :raises PlexSyncError: one of them failed; the others had their turn all the same.
        """
        further = found.further
        if len(read.scene.files) > 1 and self._options.all_items:
            # Plex may get the other files later.
            has = {found.match.file, *(one.file for one in further)}
            missing = [file for file in read.scene.files if file.path not in has]
            self._ledger.wanted_files.seek_further(read.scene.id, missing)
        if not further:
            if not self._options.dry_run:
                self._ledger.further_items.assign(read.scene.id, ())
            return outcome
        result = self._further.bring(read, further, held, snapshot)
        if result.failed is not None:
            snapshot.take(result.snapshot)
            raise result.failed
        text = "; ".join([outcome.text, *result.texts])
        if Result.SKIPPED in {outcome.result, *(one.result for one in result.outcomes)}:
            return self._leave_alone(read.scene.id, text)
        changed = outcome.result is Result.SYNCED or result.is_changed
        done = Result.SYNCED if changed else Result.UNCHANGED
        self._ledger.scenes.finish(read.scene.id, read.at, done)
        left_out = dict.fromkeys([*outcome.left_out, *(note for one in result.outcomes for note in one.left_out)])
        return replace(outcome, result=done, text=text, left_out=tuple(left_out))

    def _apply_further(self, read: SceneRead, match: Match, snapshot: Snapshot) -> Outcome | None:
        return self._apply(read, match, snapshot, whole=False)

    def _not_there(self, rating_key: int, error: ItemGone) -> None:
        """What the index says of an item is no longer so."""
        log.info("%s: its file is looked for", error)
        self._sightings.read_alone()
        item = self._sightings.look(rating_key) if isinstance(error, FileElsewhere) else None
        self._resolver.lost(rating_key, item)

    # --- what is left to others -----------------------------------------------------------------------------------

    def _ask(self, scene: Scene, found: Resolution) -> Outcome:
        text = review_text(found)
        self._ledger.reviews.put(scene.id, self._resolver.with_hints(scene, found))
        self._ledger.wanted_files.seek(scene.id, scene.files)
        why = f"waits for review: {found.why_not}"
        self._ledger.scenes.set_state(scene.id, State.REVIEW, Result.REVIEW, error=why, title=scene.title)
        return Outcome(Result.REVIEW, text)

    def _leave_alone(self, scene_id: int, text: str) -> Outcome:
        self._ledger.scenes.set_state(scene_id, State.SKIPPED, Result.SKIPPED)
        return Outcome(Result.SKIPPED, text)

    # --- writing what differs ---------------------------------------------------------------------------------------

    def _apply(self, read: SceneRead, match: Match, snapshot: Snapshot, *, whole: bool) -> Outcome | None:
        """Write what differs; None where the item has become another scene's meanwhile.

        :param whole: whether the scene is done with that; where not, it has further items.
        """
        scene = read.scene
        plan = self._planner.plan(read, match, self._ledger.scenes.get(scene.id))
        if self._options.dry_run:
            plan = self._planner.with_pictures(plan, noting=False)
            if plan.empty:
                return self._finish(PendingWrite(plan, whole=whole))
            what = ", ".join(plan.fields)
            text = f"dry run: would write {what} to item {match.rating_key}"
            return self._leave_alone(scene.id, text) if scene.id > 0 else Outcome(Result.SKIPPED, text)
        pending = PendingWrite(plan, snapshot, whole=whole)
        try:
            is_ours = self._carry_out(pending)
        except PlexSyncError as error:
            if self._path.given_up(pending, error):
                raise
            return None
        return self._finish(pending) if is_ours else None

    def _carry_out(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, then send pictures: those may take their time, or never come.

        :returns: False where the item is another scene's by now.
        """
        if pending.plan.edit:
            self._sightings.expect_read_back(pending.plan.key)
        if not self._send(pending):
            return False
        if pending.failed is not None:
            raise pending.failed
        if pending.intended is not None:
            self._judge(pending, self._path.read_back_one(pending))
        if pending.refused and nothing_stands(pending.plan.confirmed, pending.taken, pending.plan.edit):
            raise pending.error or PermanentError(pending.refused[0].reason)
        return True

    def _send(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, and send pictures; False where the item is another scene's by now."""
        if not self._send_edit(pending):
            return False
        plan = pending.plan
        if plan.uploads:
            self._sightings.await_no_longer(plan.key)
            if not self._path.begin_one(pending):
                return False
            noted = self._pictures.begin([(plan.scene.id, plan.key, plan.uploads)])
            try:
                self._send_pictures(pending, noted)
            finally:
                self._pictures.end(noted)
        return True

    def _send_edit(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, and look which pictures are to be sent; False as ``_send``."""
        if not self._write(pending):
            return False
        written = bool(pending.plan.edit)
        pending.plan = self._planner.with_pictures(pending.plan)
        # It may be for the pictures alone that the item was looked at, and something else in it not be as it was.
        return written or not pending.plan.edit or self._write(pending)

    def _send_pictures(self, pending: PendingWrite, noted: NotedUploads) -> None:
        """Send the pictures of a plan, and lock them."""
        plan = pending.plan
        pending.snapshot.plans(plan.edit, plan.uploads)
        with self._path.writing([plan]):
            item = plan.item or self._sightings.item(plan.match, anew=True)
            for upload, sent in self._pictures.send(plan.scene.id, item, plan.uploads, noted):
                if sent.why_not:
                    pending.notes.append(f"{upload.field}: {sent.why_not}")
                    continue
                pending.sent.append(upload)
                if sent.is_new:
                    pending.new_pictures.add(upload.field)
        self._lock_pictures(pending, self._picture_locks.to_be_sent(plan.item, pending.new_pictures))

    def _write(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, where they differ; False where the item is another scene's by now."""
        plan = pending.plan
        if not plan.edit:
            return True
        pending.snapshot.plans(plan.edit, ())
        if not self._path.begin_one(pending):
            return False
        self._path.send_one(pending, plan.edit, thorough=plan.tries + 1 >= self._options.read_back_tries)
        return True

    def _lock_pictures(self, pending: PendingWrite, fields: Collection[Field]) -> bool:
        """Lock pictures that were sent; whether anything was written."""
        plan = pending.plan
        wanted = frozenset(fields) - pending.taken.lock - {refusal.part.field for refusal in pending.refused}
        edit, held_back = hold_back(Edit(lock=wanted), plan.left_out)
        if held_back:
            pending.plan = replace(plan, held=(*plan.held, *held_back))
        if not edit:
            return False
        return bool(self._path.send_one(pending, edit).taken)

    def _judge(self, pending: PendingWrite, item: Item) -> None:
        """Compare an item, as it was read back, with what was written.

        :raises ReadBackMismatch: it shows something else, and is to be written again.
        """
        item = self._settled(pending, item)
        sent = [upload.field for upload in pending.sent]
        if self._lock_pictures(
            pending, self._picture_locks.still_missing(item, pending.plan.item, sent, pending.new_pictures)
        ):
            item = self._path.read_back_one(pending)
        for upload in pending.sent:
            if not item.picture(upload.field):
                why = self._pictures.not_shown(pending.plan.scene.id, item.rating_key, upload)
                pending.notes.append(f"{upload.field}: {why}")
        self._path.check(pending, item)

    def _settled(self, pending: PendingWrite, item: Item) -> Item:
        """The item, after what this server does otherwise than others is taken into account."""
        plan, match = pending.plan, pending.plan.match
        taken, item = self._quirks.settle(
            pending.taken,
            item,
            match.section_id,
            lambda: self._path.read_back_one(pending),
            lambda: self._path.writing([plan]),
        )
        if taken != pending.taken:
            pending.taken = taken
            pending.plan = replace(
                plan,
                edit=replace(plan.edit, rating=taken.rating),
                whole=replace(plan.whole, rating=taken.rating),
                wanted=replace(plan.wanted, rating=taken.rating),
                writes=replace(plan.writes, rating=taken.rating),
            )
        return item

    def _finish(self, pending: PendingWrite) -> Outcome:
        plan = pending.plan
        result = self._path.confirm(pending) or (Result.UNCHANGED if pending.intended is None else Result.SYNCED)
        text = "; ".join([_what_was_done(pending), *plan.writes.notes, *pending.left_out])
        return Outcome(result, text, plan.missing, pending.left_out)


def _what_was_done(pending: PendingWrite) -> str:
    key = pending.plan.match.rating_key
    done = {*fields_of(pending.taken), *(upload.field for upload in pending.sent)}
    if not done:
        return f"nothing to change in item {key}" if pending.intended is None else f"nothing was taken by item {key}"
    return f"wrote {', '.join(one for one in ALL_FIELDS if one in done)} to item {key}"
