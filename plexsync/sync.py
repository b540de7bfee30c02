"""Bring one scene to Plex: read it from Stash as it is now, find its item, write what differs, remember it.

Doing it twice, late or out of order ends in the same place, so every failure is answered by doing it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from plexsync.busy import Busy
from plexsync.confirmed import Confirmed, confirm
from plexsync.draft import Draft
from plexsync.errors import (
    FileElsewhere,
    ItemGone,
    LibraryUnread,
    MatchUncertain,
    NotFoundYet,
    PlexSyncError,
    ReadBackMismatch,
)
from plexsync.finder import Finder, Found
from plexsync.folder_scans import FolderScans
from plexsync.gather import Gatherer
from plexsync.holders import AnotherHasIt, Holders, put_right
from plexsync.ledger import Ledger, Result, SceneRecord, State
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    Rules,
    as_it_stands,
    certain,
    desired,
    difference,
    from_json,
    mismatches,
    missing,
    possibly,
    preserve,
    preserved_text,
    revise,
    to_json,
)
from plexsync.model import Desired, Edit, Field, Item, Pushed, Scene
from plexsync.pictures import Pictures, Upload
from plexsync.plex import PlexClient
from plexsync.sightings import Sightings, held
from plexsync.stash import StashClient

log = logging.getLogger(__name__)

#: Most scenes read in one call when several threads want one each.
GATHER_LIMIT = 50
#: So many items are looked at for one scene, before it is left to another attempt: each one held another file than the
#: index says.
MOST_ITEMS = 10


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What the settings say about synchronising."""

    lock_fields: bool = True
    only_organized: bool = False
    preserve_plex_edits: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, with a sentence for a person."""

    result: Result
    text: str
    #: What Stash does not have yet of a scene that was synced; None where it was not.
    missing: tuple[Field, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one scene, before any of it is."""

    scene: Scene
    match: Match
    wanted: Desired
    #: What of it is written: all but the fields that a person made his own in Plex.
    writes: Desired
    #: What we may have told Plex so far, and what of that stands there for certain.
    told: Pushed
    sure: Pushed
    #: The ledger's ``pushing`` by then.
    doubt: str | None
    #: The item as Plex holds it: read wherever something is to be written.
    item: Item | None
    edit: Edit
    uploads: Sequence[Upload]
    missing: tuple[Field, ...]
    read_at: float

    @property
    def empty(self) -> bool:
        """True when Plex shows already what it should."""
        return not self.edit and not self.uploads

    @property
    def fields(self) -> list[Field]:
        """The fields that will be written, in the order of the settings."""
        edit = self.edit
        touched = {*edit.texts, *edit.add, *edit.remove, *edit.lock, *(upload.field for upload in self.uploads)}
        return [field for field in Field if field in touched or (field is Field.RATING and edit.rate)]


class SceneSync:
    """The use case of the whole program; safe to call from several threads, one scene per call.

    :param ledger: what we remember.
    :param finder: finds the items of scenes.
    :param scans: asks Plex to look for new files; None where it is not to.
    :param look_again: queues scenes that have lost their item on account of another one.
    :param busy: the scenes that threads of this process work on.
    :param stash: where scenes are read.
    :param plex: where items are written.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    :param sightings: what items were seen to hold, where others look at them too.
    """

    def __init__(
        self,
        ledger: Ledger,
        finder: Finder,
        stash: StashClient,
        plex: PlexClient,
        rules: Rules,
        options: SyncOptions,
        scans: FolderScans | None = None,
        look_again: Callable[[Sequence[int]], object] | None = None,
        busy: Busy | None = None,
        sightings: Sightings | None = None,
    ) -> None:
        self._ledger = ledger
        self._finder = finder
        self._scans = scans
        self._look_again = look_again or (lambda _scene_ids: None)
        self._busy = busy or Busy()
        self._plex = plex
        self._rules = rules
        self._options = options
        self._pictures = Pictures(ledger.scenes, stash, plex)
        self._scenes = Gatherer(stash.scenes, GATHER_LIMIT)
        self._sightings = sightings or Sightings.of(plex)
        self._holders = Holders(ledger, finder, self._scenes.get, self._sightings.look, self._look_again)
        self._of_thread = threading.local()

    def sync(self, scene_id: int) -> Outcome:
        """Bring one scene to Plex.

        :returns: how it ended; the ledger holds the same.
        :raises PlexSyncError: by what is to be done about it, see ``plexsync.errors``.
        """
        held = {scene_id}
        while True:
            with self._busy.hold(*held):
                try:
                    return self._sync(scene_id, held)
                except AnotherHasIt as error:
                    held.add(error.holder)

    def _sync(self, scene_id: int, held: Collection[int]) -> Outcome:
        self._of_thread.draft = Draft(scene_id)
        read_at = time.time()
        scene = self._scenes.get(scene_id)
        if scene is None:
            self._holders.gone(scene_id)
            return Outcome(Result.GONE, "Stash has it no longer")
        if self._options.only_organized and not scene.organized:
            return self._leave_alone(scene_id, "not organized")
        wanted = desired(scene, self._rules)
        self.draft(scene_id).wants(scene.title, wanted)
        try:
            return self._bring(scene, wanted, read_at, held)
        except NotFoundYet as error:
            self._ledger.sought.seek(scene.id, scene.files)
            unread = isinstance(error, LibraryUnread)
            if self._scans is not None and not self._options.dry_run and not unread:
                self._scans.ask(scene.files)
            raise

    def _bring(self, scene: Scene, wanted: Desired, read_at: float, held: Collection[int]) -> Outcome:
        self._holders.look_for_losers(scene)
        lost = False
        for _ in range(MOST_ITEMS):
            found = self._finder.find(scene, lost=lost)
            if found.why_not:
                return self._ask(scene, found)
            key = found.match.rating_key
            holder = self._ledger.scenes.matched(scene.id, found.match)
            if holder is not None:
                if holder not in held:
                    raise AnotherHasIt(holder)
                if self._holders.has(holder, found.match):
                    self._holders.check_it_is_no_copy(holder, found.match)
                    return self._ask(scene, _taken(found, holder))
                self._holders.let_go(holder, key)
                continue
            try:
                if outcome := self._push(scene, found.match, wanted, read_at):
                    return outcome
            except ItemGone as error:
                # Re-scanned under a new rating key, most often, maybe more than once: the index is out of date, so look
                # again.
                self._not_there(key, error)
                lost = True
        raise ReadBackMismatch(f"Plex has other files in its items than it lists: {MOST_ITEMS} were looked at")

    def _not_there(self, rating_key: int, error: ItemGone) -> None:
        """What the index says of an item is no longer so."""
        log.info("%s: its file is looked for", error)
        self._sightings.read_alone()
        item = self._sightings.look(rating_key) if isinstance(error, FileElsewhere) else None
        self._finder.lost(rating_key, item)

    def draft(self, scene_id: int) -> Draft:
        """What the latest ``sync`` of this scene in this thread was about to write, for whoever handles its error."""
        draft: Draft | None = getattr(self._of_thread, "draft", None)
        return draft if draft and draft.scene_id == scene_id else Draft(scene_id)

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
            self._not_there(self._finder.find(scene).match.rating_key, error)
            return self._preview(scene, read_at, lost=True)

    def _preview(self, scene: Scene, read_at: float, *, lost: bool = False) -> Plan:
        found = self._finder.find(scene, lost=lost)
        holder = self._ledger.scenes.holder(found.match.rating_key)
        if not found.why_not and holder is not None and holder != scene.id and self._holders.has(holder, found.match):
            self._holders.check_it_is_no_copy(holder, found.match)
            found = _taken(found, holder)
        if found.why_not:
            raise MatchUncertain(_review_text(found))
        return self._plan(scene, found.match, desired(scene, self._rules), self._ledger.scenes.get(scene.id), read_at)

    # --- what is left to others -----------------------------------------------------------------------------------

    def _ask(self, scene: Scene, found: Found) -> Outcome:
        text = _review_text(found)
        self._ledger.reviews.put(scene.id, found.candidates)
        self._ledger.sought.seek(scene.id, scene.files)
        why = f"waits for review: {found.why_not}"
        self._ledger.scenes.set_state(scene.id, State.REVIEW, Result.REVIEW, error=why, title=scene.title)
        return Outcome(Result.REVIEW, text)

    def _leave_alone(self, scene_id: int, text: str) -> Outcome:
        self._ledger.scenes.set_state(scene_id, State.SKIPPED, Result.SKIPPED)
        return Outcome(Result.SKIPPED, text)

    # --- writing what differs ---------------------------------------------------------------------------------------

    def _plan(self, scene: Scene, match: Match, wanted: Desired, record: SceneRecord | None, read_at: float) -> Plan:
        told, sure, item = self._standing(match, record)
        edit, writes = self._difference(wanted, told, item), wanted
        uploads, may_come = self._pictures.changed(scene.id, match.rating_key, wanted.pictures)
        if (edit or uploads) and item is None:
            item = self._item(match, anew=self._options.preserve_plex_edits)
            edit = revise(edit, wanted, told, item, self._rules, lock=self._options.lock_fields)
        if self._options.preserve_plex_edits and item is not None and (edit or uploads):
            writes = self._preserve(scene.id, wanted, sure, item, record)
            edit = self._difference(writes, told, item)
            uploads = [upload for upload in uploads if upload.field in writes.pictures]
        lacks = missing(wanted, picture_may_come=may_come)
        doubt = record.pushing if record else None
        return Plan(scene, match, wanted, writes, told, sure, doubt, item, edit, uploads, lacks, read_at)

    def _difference(self, wanted: Desired, told: Pushed, item: Item | None) -> Edit:
        return difference(wanted, told, item, self._rules, relock=item is not None and self._options.lock_fields)

    def _standing(self, match: Match, record: SceneRecord | None) -> tuple[Pushed, Pushed, Item | None]:
        """What we told Plex so far, what of it stands for certain, and the item where that alone does not say so."""
        pushed = from_json(record.pushed) if record and record.pushed else None
        if pushed and record and record.pushing is None and record.rating_key == match.rating_key:
            return pushed, pushed, None
        item = self._item(match, anew=True)
        if record is None or record.pushing is None:
            return pushed or Pushed(), pushed or Pushed(), item
        told = as_it_stands(pushed or Pushed(), from_json(record.pushing), item)
        return told, certain(pushed or Pushed(), told, item), item

    def _preserve(
        self, scene_id: int, wanted: Desired, sure: Pushed, item: Item, record: SceneRecord | None
    ) -> Desired:
        """What is to be written without the fields that a person has changed in Plex."""
        # Under another rating key than before nothing of it is ours.
        seen = record.item if record else None
        shown = self._pictures.shown(scene_id, item, seen.thumb if seen else None, seen.art if seen else None)
        writes, left = preserve(wanted, sure if seen else Pushed(), item, shown, owned=self._rules.owned)
        return replace(writes, notes=(*writes.notes, *map(preserved_text, left)))

    def _push(self, scene: Scene, match: Match, wanted: Desired, read_at: float) -> Outcome | None:
        """Write what differs; None where the item has become another scene's meanwhile."""
        plan = self._plan(scene, match, wanted, self._ledger.scenes.get(scene.id), read_at)
        if plan.empty:
            self._finish(plan, Result.UNCHANGED)
            return Outcome(Result.UNCHANGED, f"nothing to change in item {match.rating_key}", plan.missing)
        self.draft(scene.id).plans(plan.edit, plan.uploads)
        what = ", ".join(plan.fields)
        if self._options.dry_run:
            text = f"dry run: would write {what} to item {match.rating_key}"
            return self._leave_alone(scene.id, text)
        doubt = to_json(possibly(plan.told, plan.edit))
        if not self._ledger.scenes.begin_push(scene.id, match.rating_key, to_json(plan.sure), doubt):
            return None
        try:
            with self._plex.checked(lambda: self._check(match)), self._sightings.writing([match.rating_key]):
                self._write(plan)
            plan = replace(plan, item=self._read_back(plan), doubt=doubt)
        except PlexSyncError:
            if self._ledger.scenes.holder(match.rating_key) == scene.id:
                raise
            self._look_again(put_right(self._ledger, scene.id, match.rating_key, plan.edit))
            return None
        self._finish(plan, Result.SYNCED)
        notes = "".join(f"; {note}" for note in plan.writes.notes)
        return Outcome(Result.SYNCED, f"wrote {what} to item {match.rating_key}{notes}", plan.missing)

    def _write(self, plan: Plan) -> None:
        match, edit = plan.match, plan.edit
        if edit.texts or edit.add or edit.remove or edit.lock:
            self._plex.edit(match.section_id, [match.rating_key], edit, lock=self._options.lock_fields)
        if edit.rate:
            self._plex.rate(match.rating_key, edit.rating)
        for upload in plan.uploads:
            self._pictures.send(plan.scene.id, match.rating_key, upload)

    def _read_back(self, plan: Plan) -> Item:
        item = self._item(plan.match, anew=True)
        wrong = [*mismatches(plan.edit, item)]
        wrong += [
            f"{upload.field}: the picture was sent, but the item shows none"
            for upload in plan.uploads
            if not (item.thumb if upload.field is Field.POSTER else item.art)
        ]
        if wrong:
            raise ReadBackMismatch(
                f"item {item.rating_key} read back differs from what was written: {'; '.join(wrong)}"
            )
        return item

    def _item(self, match: Match, *, anew: bool) -> Item:
        """The whole item, as it was seen a moment ago.

        :param anew: it is read now, whatever was seen before.
        :raises ItemGone: there is none; as ``FileElsewhere`` where it holds another file than the one it is matched by.
        """
        return held(match, self._sightings.read(match.rating_key) if anew else self._sightings.look(match.rating_key))

    def _check(self, match: Match) -> None:
        """Right before a write is sent: whether the item was seen a moment ago to hold the file."""
        held(match, self._sightings.seen([match.rating_key]).get(match.rating_key))

    def _finish(self, plan: Plan, result: Result) -> None:
        confirmed = Confirmed(
            scene=plan.scene,
            rating_key=plan.match.rating_key,
            wanted=plan.wanted,
            writes=plan.writes,
            told=plan.told,
            edit=plan.edit,
            item=plan.item,
            doubt=plan.doubt,
            read_at=plan.read_at,
        )
        others = confirm(self._ledger, self._rules, confirmed, result, lock=self._options.lock_fields)
        if others:
            self._look_again(others)


def _taken(found: Found, holder: int) -> Found:
    return replace(found, why_not=f"item {found.match.rating_key} belongs to scene {holder}")


def _review_text(found: Found) -> str:
    match = found.match
    return (
        f"waits for review: {found.why_not} (item {match.rating_key}, {match.path}, confidence {match.confidence}: "
        f"{'; '.join(match.reasons)})"
    )
