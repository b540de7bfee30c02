"""Bring one scene to Plex: read it from Stash as it is now, find its item, write what differs, remember it.

Doing it twice, late or out of order ends in the same place, so every failure is answered by doing it again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from plexsync.errors import (
    FileElsewhere,
    ItemGone,
    LibraryUnread,
    MatchUncertain,
    NotFoundYet,
    PermanentError,
    PlexSyncError,
    ReadBackMismatch,
    TextTooLong,
)
from plexsync.ledger import Ledger, LeftOut, Result, SceneRecord, State
from plexsync.library.folder_scans import FolderScans
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    Rules,
    as_it_stands,
    confirmed,
    desired,
    difference,
    fitted,
    from_json,
    lost_of_others,
    missing,
    noting_inherited,
    possibly,
    preserve,
    preserved_text,
    revise,
    to_json,
)
from plexsync.metadata.parts import EditPart, applied_without, as_written, fields_of, without_parts
from plexsync.model import Applied, Desired, Edit, Field, Item, Scene
from plexsync.plex import PlexClient
from plexsync.stash import StashClient
from plexsync.sync.batch_loader import BatchLoader
from plexsync.sync.confirmed import Confirmed, confirm
from plexsync.sync.holders import AnotherHasIt, Holders, put_right, put_right_by_file
from plexsync.sync.left_out import held_locks, hold_back, lock_is_due, not_shown, note_refused, nothing_stands
from plexsync.sync.outcomes import Outcome
from plexsync.sync.picture_locks import PictureLocks, PicturesSeen
from plexsync.sync.picture_look import WAITS, Looked, Upload
from plexsync.sync.pictures import Pictures
from plexsync.sync.quirks import Quirks
from plexsync.sync.resolver import Resolution, Resolver
from plexsync.sync.scene_locks import SceneLocks
from plexsync.sync.sightings import Sightings, held
from plexsync.sync.snapshot import Snapshot
from plexsync.sync.write import Refusal, Writer

log = logging.getLogger(__name__)

#: Most scenes read in one call when several threads want one each.
GATHER_LIMIT = 50
#: So many items are looked at for one scene, before it is left to another attempt: each one held another file than the
#: index says.
MOST_ITEMS = 10
#: How often a write is done anew that does not show, where the settings do not say fewer retries.
READ_BACK_TRIES = 3


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What the settings say about synchronising."""

    lock_fields: bool = True
    only_organized: bool = False
    preserve_plex_edits: bool = False
    dry_run: bool = False
    #: How often a write is done anew that does not show when it is read back, before it is left out with a note.
    read_back_tries: int = READ_BACK_TRIES
    #: Seconds from one try of a picture to the next, see ``picture_look``.
    picture_waits: tuple[float, ...] = WAITS


@dataclass(frozen=True, slots=True)
class SceneRead:
    """A scene as Stash had it, what Plex should show of it, and when it was read (epoch seconds)."""

    scene: Scene
    wanted: Desired
    at: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one scene, before any of it is."""

    scene: Scene
    match: Match
    #: What Plex should show, and that as far as it can be sent: texts may have to be cut.
    whole: Desired
    wanted: Desired
    #: What of it is written: all but the fields that a person made his own in Plex.
    writes: Desired
    #: What was applied so far, an unconfirmed write included, and what of that is confirmed.
    applied: Applied
    confirmed: Applied
    #: The ledger's ``intended`` by then.
    intended: str | None
    #: The item as Plex holds it: read wherever something is to be written.
    item: Item | None
    #: How its pictures stand that were sent.
    seen: PicturesSeen
    edit: Edit
    #: What is left out of the scene so far, and what of the difference is not tried yet on account of that.
    left_out: Sequence[LeftOut]
    held: tuple[EditPart, ...]
    #: Attempts that have failed in a row.
    tries: int
    read_at: float
    #: What Stash has of the scene's pictures, where it was looked at.
    pictures: Looked = field(default_factory=Looked)

    @property
    def uploads(self) -> Sequence[Upload]:
        """The pictures to be sent."""
        return self.pictures.uploads

    @property
    def missing(self) -> tuple[Field, ...]:
        """What Stash does not have yet."""
        return missing(self.wanted, picture_may_come=self.pictures.may_come)

    @property
    def left_out_notes(self) -> tuple[str, ...]:
        """What of the scene is left out for now, as sentences."""
        held = {part.name for part in self.held}
        refused = [f"{one.field}: {one.reason}" for one in self.left_out if (one.field, one.part) in held]
        return (*(f"{one}: {why}" for one, why in self.pictures.failed.items()), *refused)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person is to know of it."""
        return (*self.writes.notes, *self.left_out_notes)

    @property
    def empty(self) -> bool:
        """True when Plex shows already what it should."""
        return not self.edit and not self.uploads

    @property
    def fields(self) -> list[Field]:
        """The fields that will be written, in the order of the settings."""
        touched = {*fields_of(self.edit), *(upload.field for upload in self.uploads)}
        return [one for one in Field if one in touched]


@dataclass(slots=True)
class PendingWrite:
    """A plan while it is carried out, and what came of it. ``intended``: what the ledger notes before the first write.

    ``taken`` is what Plex took of the edit and shows; ``refused`` what it did not. ``error``: why, first of all.
    ``failed``: what is to be tried again soon, and nothing else waits for.
    """

    plan: Plan
    snapshot: Snapshot = field(default_factory=Snapshot)
    intended: str | None = None
    taken: Edit = field(default_factory=Edit)
    refused: list[Refusal] = field(default_factory=list)
    error: PlexSyncError | None = None
    failed: PlexSyncError | None = None
    sent: list[Upload] = field(default_factory=list)
    #: The pictures that were not in Plex before.
    new_pictures: set[Field] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


class SceneSync:
    """The use case of the whole program; safe to call from several threads, one scene per call.

    :param ledger: what we remember.
    :param resolver: finds the items of scenes.
    :param scans: asks Plex to look for new files; None where it is not to.
    :param requeue: queues scenes that have lost their item on account of another one.
    :param scene_locks: the scenes that threads of this process work on.
    :param stash: where scenes are read.
    :param plex: where items are written.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    :param sightings: what items were seen to hold, where others look at them too.
    :param met: called with scenes when Plex shows them.
    """

    def __init__(
        self,
        ledger: Ledger,
        resolver: Resolver,
        stash: StashClient,
        plex: PlexClient,
        rules: Rules,
        options: SyncOptions,
        scans: FolderScans | None = None,
        requeue: Callable[[Sequence[int]], object] | None = None,
        scene_locks: SceneLocks | None = None,
        sightings: Sightings | None = None,
        met: Callable[[Sequence[Scene]], object] | None = None,
    ) -> None:
        self._ledger = ledger
        self._resolver = resolver
        self._scans = scans
        self._met = met or (lambda _scenes: None)
        self._requeue = requeue or (lambda _scene_ids: None)
        self._scene_locks = scene_locks or SceneLocks()
        self._plex = plex
        self._rules = rules
        self._options = options
        self._quirks = Quirks(plex, lock=options.lock_fields)
        self._pictures = Pictures(ledger, stash, plex, options.picture_waits)
        self._picture_locks = PictureLocks(ledger, plex, lock=options.lock_fields)
        self._scenes = BatchLoader(stash.scenes, GATHER_LIMIT)
        self._sightings = sightings or Sightings.of(plex)
        self._writer = Writer(plex, lock=options.lock_fields, read=self._sightings.read)
        self._holders = Holders(ledger, resolver, self._scenes.get, self._sightings.look, self._requeue)

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
        lost = False
        for _ in range(MOST_ITEMS):
            found = self._resolver.find(scene, lost=lost)
            if found.why_not:
                return self._ask(scene, found)
            key = found.match.rating_key
            holder = self._ledger.scenes.matched(scene.id, found.match, scene)
            if holder is not None:
                if holder not in held:
                    raise AnotherHasIt(holder)
                if self._holders.has(holder, found.match):
                    self._holders.check_it_is_no_copy(holder, found.match)
                    return self._ask(scene, _taken(found, holder))
                self._holders.let_go(holder, key)
                continue
            try:
                if outcome := self._apply(read, found.match, snapshot):
                    self._met([scene])
                    return outcome
            except ItemGone as error:
                # Re-scanned under a new rating key, most often, maybe more than once: the index is out of date, so look
                # again.
                self._not_there(key, error)
                lost = True
            except TextTooLong as error:
                # Once: from then on texts are cut before they are sent.
                log.info("scene %d: %s", scene.id, error)
            finally:
                self._sightings.over(key)
        raise ReadBackMismatch(f"Plex has other files in its items than it lists: {MOST_ITEMS} were looked at")

    def _not_there(self, rating_key: int, error: ItemGone) -> None:
        """What the index says of an item is no longer so."""
        log.info("%s: its file is looked for", error)
        self._sightings.read_alone()
        item = self._sightings.look(rating_key) if isinstance(error, FileElsewhere) else None
        self._resolver.lost(rating_key, item)

    def preview(self, scene_id: int) -> Plan | None:
        """What ``sync`` would do now, without doing it; None when Stash has no such scene.

        :raises PlexSyncError: as ``sync`` does.
        """
        scene = self._scenes.get(scene_id)
        return self.preview_of(scene, time.time()) if scene else None

    def preview_of(self, scene: Scene, read_at: float) -> Plan:
        """As ``preview``, of a scene that was read at ``read_at`` (epoch seconds).

        :raises MatchUncertain: a person would be asked.
        :raises PlexSyncError: as ``sync`` does.
        """
        try:
            return self._preview(scene, read_at)
        except ItemGone as error:
            self._not_there(self._resolver.find(scene).match.rating_key, error)
            return self._preview(scene, read_at, lost=True)

    def _preview(self, scene: Scene, read_at: float, *, lost: bool = False) -> Plan:
        found = self._resolver.find(scene, lost=lost)
        holder = self._ledger.scenes.holder(found.match.rating_key)
        if not found.why_not and holder is not None and holder != scene.id and self._holders.has(holder, found.match):
            self._holders.check_it_is_no_copy(holder, found.match)
            found = _taken(found, holder)
        if found.why_not:
            raise MatchUncertain(_review_text(found))
        record = self._ledger.scenes.get(scene.id)
        plan = self._plan(SceneRead(scene, desired(scene, self._rules), read_at), found.match, record)
        return self._look_at_pictures(plan, noting=False)

    # --- what is left to others -----------------------------------------------------------------------------------

    def _ask(self, scene: Scene, found: Resolution) -> Outcome:
        text = _review_text(found)
        self._ledger.reviews.put(scene.id, found.candidates)
        self._ledger.wanted_files.seek(scene.id, scene.files)
        why = f"waits for review: {found.why_not}"
        self._ledger.scenes.set_state(scene.id, State.REVIEW, Result.REVIEW, error=why, title=scene.title)
        return Outcome(Result.REVIEW, text)

    def _leave_alone(self, scene_id: int, text: str) -> Outcome:
        self._ledger.scenes.set_state(scene_id, State.SKIPPED, Result.SKIPPED)
        return Outcome(Result.SKIPPED, text)

    # --- writing what differs ---------------------------------------------------------------------------------------

    def _plan(self, read: SceneRead, match: Match, record: SceneRecord | None) -> Plan:
        """What is to be done, but for the scene's pictures: these are looked at when all else is written."""
        scene, whole = read.scene, read.wanted
        wanted = fitted(whole, long_lines=self._plex.takes_long_lines, most=self._plex.traits.most_of_texts())
        applied, confirmed, item = self._standing(match, record)
        wanted = noting_inherited(wanted, applied, self._rules.owned)
        left_out = self._ledger.left_out.of([scene.id]).get(scene.id, ())
        edit, writes, seen = self._difference(wanted, applied, item), wanted, PicturesSeen()
        if item is None and (hold_back(edit, left_out)[0] or lock_is_due(left_out)):
            item = self._item(match, anew=self._options.preserve_plex_edits)
            edit = revise(edit, wanted, applied, item, self._rules, lock=self._options.lock_fields)
        if item is not None:
            writes, seen = self._preserve(scene.id, wanted, confirmed, item, record, edit)
            if writes is not wanted:
                edit = self._difference(writes, applied, item)
            edit = _locking(edit, seen)
        edit, held_back = hold_back(edit, left_out)
        held_back = held_back if item else (*held_back, *held_locks(left_out))
        intended, tries = (record.intended, record.attempts) if record else (None, 0)
        return Plan(
            *(scene, match, whole, wanted, writes, applied, confirmed, intended),
            *(item, seen, edit, left_out, held_back, tries, read.at),
        )

    def _look_at_pictures(self, plan: Plan, *, noting: bool = True) -> Plan:
        """The plan with the pictures that are to be sent, too."""
        match = plan.match
        looked = self._pictures.look(
            plan.scene.id, match.rating_key, plan.wanted.pictures, plan.left_out, noting=noting
        )
        plan = replace(plan, pictures=looked)
        if not looked.uploads:
            return plan
        if plan.item is None:
            item = self._item(match, anew=self._options.preserve_plex_edits)
            edit = revise(plan.edit, plan.wanted, plan.applied, item, self._rules, lock=self._options.lock_fields)
            record = self._ledger.scenes.get(plan.scene.id)
            writes, seen = self._preserve(plan.scene.id, plan.wanted, plan.confirmed, item, record, looked)
            if writes is not plan.wanted:
                edit = self._difference(writes, plan.applied, item)
            edit, held_back = hold_back(_locking(edit, seen), plan.left_out)
            plan = replace(plan, writes=writes, item=item, seen=seen, edit=edit, held=held_back)
        elif self._options.preserve_plex_edits and plan.writes is plan.wanted:
            record = self._ledger.scenes.get(plan.scene.id)
            writes, seen = self._preserve(plan.scene.id, plan.wanted, plan.confirmed, plan.item, record, looked)
            if writes is not plan.wanted:
                edit, held_back = hold_back(self._difference(writes, plan.applied, plan.item), plan.left_out)
                plan = replace(plan, writes=writes, seen=seen, edit=edit, held=held_back)
        uploads = [upload for upload in looked.uploads if upload.field in plan.writes.pictures]
        return replace(plan, pictures=replace(looked, uploads=uploads))

    def _difference(self, wanted: Desired, applied: Applied, item: Item | None) -> Edit:
        return difference(wanted, applied, item, self._rules, relock=item is not None and self._options.lock_fields)

    def _standing(self, match: Match, record: SceneRecord | None) -> tuple[Applied, Applied, Item | None]:
        """What was applied so far, what of it is confirmed, and the item where the ledger alone does not say so."""
        known = from_json(record.applied) if record and record.applied else None
        if known and record and record.intended is None and record.rating_key == match.rating_key:
            return known, known, None
        item = self._item(match, anew=False)
        before = known or Applied()
        if record is None or record.intended is None:
            return before, before, item
        applied = as_it_stands(before, from_json(record.intended), item)
        return applied, confirmed(before, applied, item), item

    def _preserve(
        self,
        scene_id: int,
        wanted: Desired,
        confirmed: Applied,
        item: Item,
        record: SceneRecord | None,
        matters: object,
    ) -> tuple[Desired, PicturesSeen]:
        """What is to be written without the fields that a person has changed in Plex, and how the pictures stand.

        :param matters: false where nothing is to be written, so that it does not matter who has changed what.
        """
        if not (self._options.preserve_plex_edits and matters):
            return wanted, self._picture_locks.look(scene_id, item, wanted, record)
        # Under another rating key than before nothing of it is ours.
        seen = record.item if record else None
        shown = self._pictures.shown(scene_id, item, seen.thumb if seen else None, seen.art if seen else None)
        writes, left = preserve(wanted, confirmed if seen else Applied(), item, shown, owned=self._rules.owned)
        ours = [one for one, path in shown.items() if path and path == (item.thumb, item.art)[one is not Field.POSTER]]
        pictures = self._picture_locks.look(scene_id, item, wanted, record, theirs=left, ours=ours)
        return replace(writes, notes=(*writes.notes, *map(preserved_text, left))), pictures

    def _apply(self, read: SceneRead, match: Match, snapshot: Snapshot) -> Outcome | None:
        """Write what differs; None where the item has become another scene's meanwhile."""
        scene = read.scene
        plan = self._plan(read, match, self._ledger.scenes.get(scene.id))
        if self._options.dry_run:
            plan = self._look_at_pictures(plan, noting=False)
            if plan.empty:
                return self._finish(PendingWrite(plan))
            what = ", ".join(plan.fields)
            return self._leave_alone(scene.id, f"dry run: would write {what} to item {match.rating_key}")
        pending = PendingWrite(plan, snapshot)
        try:
            is_ours = self._carry_out(pending)
        except PlexSyncError as error:
            if isinstance(error, FileElsewhere) and pending.intended is not None:
                item = self._sightings.look(match.rating_key)
                self._requeue(put_right_by_file(self._ledger, scene.id, item, pending.plan.edit))
            if pending.intended is None or self._ledger.scenes.holder(match.rating_key) == scene.id:
                raise
            self._requeue(put_right(self._ledger, scene.id, match.rating_key, pending.plan.edit))
            return None
        return self._finish(pending) if is_ours else None

    def _carry_out(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, then send pictures: those may take their time, or never come.

        :returns: False where the item is another scene's by now.
        """
        if not self._write(pending):
            return False
        written = bool(pending.plan.edit)
        pending.plan = plan = self._look_at_pictures(pending.plan)
        if plan.edit and not written and not self._write(pending):
            # It was for the pictures alone that the item was looked at, and something else in it is not as it was.
            return False
        for upload in plan.uploads:
            pending.snapshot.plans(plan.edit, plan.uploads)
            if not self._begin(pending):
                return False
            with self._writing(plan.match):
                sent = self._pictures.send(plan.scene.id, plan.item or self._item(plan.match, anew=True), upload)
            if sent.why_not:
                pending.notes.append(f"{upload.field}: {sent.why_not}")
                continue
            pending.sent.append(upload)
            if sent.is_new:
                pending.new_pictures.add(upload.field)
        self._lock_pictures(pending, self._picture_locks.to_be_sent(plan.item, pending.new_pictures))
        if pending.failed is not None:
            raise pending.failed
        if pending.intended is not None:
            self._read_back(pending)
        if pending.refused and nothing_stands(plan.confirmed, pending.taken, plan.edit):
            raise pending.error or PermanentError(pending.refused[0].reason)
        return True

    def _begin(self, pending: PendingWrite) -> bool:
        """Note what is about to be written; False where the item is another scene's by now."""
        plan = pending.plan
        if pending.intended is None:
            intended = to_json(possibly(plan.applied, plan.edit, plan.writes))
            if not self._ledger.scenes.note_intent(
                plan.scene.id, plan.match.rating_key, to_json(plan.confirmed), intended
            ):
                return False
            pending.intended = intended
        return True

    def _write(self, pending: PendingWrite) -> bool:
        """Write texts, tags and rating, where they differ; False where the item is another scene's by now."""
        plan, match = pending.plan, pending.plan.match
        if not plan.edit:
            return True
        pending.snapshot.plans(plan.edit, ())
        if not self._begin(pending):
            return False
        suspects = [(one.field, one.part) for one in plan.left_out]
        thorough = plan.tries + 1 >= self._options.read_back_tries
        with self._writing(match):
            written = self._writer.write(match.section_id, match.rating_key, plan.edit, suspects, thorough=thorough)
        pending.taken, pending.refused, pending.error = written.taken, written.refused, written.error
        pending.failed = written.failed
        return True

    def _lock_pictures(self, pending: PendingWrite, fields: Collection[Field]) -> bool:
        """Lock pictures that were sent; whether anything was written."""
        plan, match = pending.plan, pending.plan.match
        wanted = frozenset(fields) - pending.taken.lock - {refusal.part.field for refusal in pending.refused}
        edit, held_back = hold_back(Edit(lock=wanted), plan.left_out)
        if held_back:
            pending.plan = plan = replace(plan, held=(*plan.held, *held_back))
        if not edit:
            return False
        suspects = [(one.field, one.part) for one in plan.left_out]
        with self._writing(match):
            written = self._writer.write(match.section_id, match.rating_key, edit, suspects, thorough=False)
        pending.taken = replace(pending.taken, lock=pending.taken.lock | written.taken.lock)
        pending.refused += written.refused
        pending.error = pending.error or written.error
        return bool(written.taken)

    def _read_back(self, pending: PendingWrite) -> None:
        item = self._settled(pending, self._item(pending.plan.match, anew=True))
        sent = [upload.field for upload in pending.sent]
        if self._lock_pictures(
            pending, self._picture_locks.still_missing(item, pending.plan.item, sent, pending.new_pictures)
        ):
            item = self._item(pending.plan.match, anew=True)
        for upload in pending.sent:
            if not item.picture(upload.field):
                why = self._pictures.not_shown(pending.plan.scene.id, item.rating_key, upload)
                pending.notes.append(f"{upload.field}: {why}")
        pending.notes += lost_of_others(pending.taken, item)
        wrong = not_shown(pending.taken, item)
        if wrong:
            what = "; ".join(f"{refusal.part.field}: {refusal.reason}" for refusal in wrong)
            pending.error = ReadBackMismatch(f"item {item.rating_key} read back differs from what was written: {what}")
            if pending.plan.tries < self._options.read_back_tries:
                raise pending.error
            pending.refused += wrong
            pending.taken = without_parts(pending.taken, {refusal.part.name for refusal in wrong})
        pending.plan = replace(pending.plan, item=item)

    def _settled(self, pending: PendingWrite, item: Item) -> Item:
        """The item, after what this server does otherwise than others is taken into account."""
        plan, match = pending.plan, pending.plan.match
        taken, item = self._quirks.settle(
            pending.taken, item, match.section_id, lambda: self._item(match, anew=True), lambda: self._writing(match)
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

    def _item(self, match: Match, *, anew: bool) -> Item:
        """The whole item, as it was seen a moment ago.

        :param anew: it is read now, whatever was seen before.
        :raises ItemGone: there is none; as ``FileElsewhere`` where it holds another file than the one it is matched by.
        """
        return held(match, self._sightings.read(match.rating_key) if anew else self._sightings.look(match.rating_key))

    @contextmanager
    def _writing(self, match: Match) -> Iterator[None]:
        """In the block the item is written to, each time only while it holds the file."""
        with self._plex.checked(lambda: self._check(match)), self._sightings.writing([match.rating_key]):
            yield

    def _check(self, match: Match) -> None:
        """Right before a write is sent: whether the item was seen a moment ago to hold the file."""
        held(match, self._sightings.seen([match.rating_key]).get(match.rating_key))

    def _finish(self, pending: PendingWrite) -> Outcome:
        plan, key = pending.plan, pending.plan.match.rating_key
        is_new = pending.intended is not None
        notes: list[str] = []
        if pending.refused or plan.left_out:
            notes = note_refused(self._ledger.left_out, plan.scene.id, pending.refused, plan.held)
        left_out = (*plan.left_out_notes, *pending.notes, *notes)
        not_there = [*(refusal.part for refusal in pending.refused), *plan.held]
        confirmed = Confirmed(
            scene=plan.scene,
            rating_key=key,
            wanted=plan.whole,
            writes=replace(as_written(plan.writes, not_there), notes=(*plan.writes.notes, *left_out)),
            applied=applied_without(plan.applied, plan.confirmed, not_there),
            edit=pending.taken,
            item=plan.item,
            intended=pending.intended if is_new else plan.intended,
            read_at=plan.read_at,
            pictures=plan.seen.having_sent([upload.field for upload in pending.sent]),
        )
        result = Result.SYNCED if is_new else Result.UNCHANGED
        others = confirm(self._ledger, self._rules, confirmed, result, lock=self._options.lock_fields)
        if others:
            self._requeue(others)
        text = "; ".join([_what_was_done(pending), *plan.writes.notes, *left_out])
        return Outcome(result, text, plan.missing, left_out)


def _what_was_done(pending: PendingWrite) -> str:
    key = pending.plan.match.rating_key
    done = {*fields_of(pending.taken), *(upload.field for upload in pending.sent)}
    if not done:
        return f"nothing to change in item {key}" if pending.intended is None else f"nothing was taken by item {key}"
    return f"wrote {', '.join(one for one in Field if one in done)} to item {key}"


def _locking(edit: Edit, seen: PicturesSeen) -> Edit:
    """The edit with locks for our pictures that lack one."""
    return replace(edit, lock=edit.lock | seen.unlocked) if seen.unlocked else edit


def _taken(found: Resolution, holder: int) -> Resolution:
    return replace(found, why_not=f"item {found.match.rating_key} belongs to scene {holder}")


def _review_text(found: Resolution) -> str:
    match = found.match
    return (
        f"waits for review: {found.why_not} (item {match.rating_key}, {match.path}, confidence {match.confidence}: "
        f"{'; '.join(match.reasons)})"
    )
