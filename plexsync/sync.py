"""Bring one scene to Plex: read it from Stash as it is now, find its item, write what differs, remember it.

Doing it twice, late or out of order ends in the same place, so every failure is answered by doing it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from plexsync.draft import Draft
from plexsync.errors import ItemGone, MatchUncertain, NotFoundYet, ReadBackMismatch
from plexsync.finder import Finder, Found
from plexsync.folder_scans import FolderScans
from plexsync.gather import Gatherer
from plexsync.ledger import Ledger, Result, SceneRecord, State
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    Rules,
    after,
    as_it_stands,
    desired,
    difference,
    fingerprint,
    from_json,
    mismatches,
    possibly,
    to_json,
)
from plexsync.model import Desired, Edit, Field, Item, Pushed, Scene
from plexsync.pictures import Pictures, Upload
from plexsync.plex import PlexClient
from plexsync.stash import StashClient

log = logging.getLogger(__name__)

#: Most scenes, and most items, read in one call when several threads want one each.
GATHER_LIMIT = 50


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What the settings say about synchronising."""

    lock_fields: bool = True
    only_organized: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, with a sentence for a person."""

    result: Result
    text: str
    #: Stash has no picture of the scene yet: a scan makes it later, and tells nobody.
    picture_missing: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one scene, before any of it is."""

    scene: Scene
    match: Match
    wanted: Desired
    #: What we may have told Plex so far.
    told: Pushed
    #: The item as Plex holds it, where it had to be read.
    item: Item | None
    edit: Edit
    uploads: Sequence[Upload]
    picture_missing: bool
    read_at: float

    @property
    def empty(self) -> bool:
        """True when Plex shows already what it should."""
        return not self.edit and not self.uploads

    @property
    def fields(self) -> list[Field]:
        """The fields that will be written, in the order of the settings."""
        edit = self.edit
        touched = {*edit.texts, *edit.add, *edit.remove, *(upload.field for upload in self.uploads)}
        return [field for field in Field if field in touched or (field is Field.RATING and edit.rate)]


class SceneSync:
    """The use case of the whole program; safe to call from several threads, one scene per call.

    :param ledger: what we remember.
    :param finder: finds the items of scenes.
    :param scans: asks Plex to look for new files; None where it is not to.
    :param look_again: queues scenes that have lost their item on account of another one.
    :param stash: where scenes are read.
    :param plex: where items are written.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
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
    ) -> None:
        self._ledger = ledger
        self._finder = finder
        self._scans = scans
        self._look_again = look_again or (lambda _scene_ids: None)
        self._plex = plex
        self._rules = rules
        self._options = options
        self._pictures = Pictures(ledger.scenes, stash, plex)
        self._scenes = Gatherer(stash.scenes, GATHER_LIMIT)
        self._items = Gatherer(plex.items, GATHER_LIMIT)
        self._of_thread = threading.local()

    def sync(self, scene_id: int) -> Outcome:
        """Bring one scene to Plex.

        :returns: how it ended; the ledger holds the same.
        :raises PlexSyncError: by what is to be done about it, see ``plexsync.errors``.
        """
        self._of_thread.draft = Draft(scene_id)
        read_at = time.time()
        scene = self._scenes.get(scene_id)
        if scene is None:
            return self._leave_alone(scene_id, State.GONE, Result.GONE, "Stash has it no longer")
        if self._options.only_organized and not scene.organized:
            return self._leave_alone(scene_id, State.SKIPPED, Result.SKIPPED, "not organized")
        wanted = desired(scene, self._rules)
        self.draft(scene_id).wants(scene.title, wanted)
        try:
            return self._bring(scene, wanted, read_at)
        except NotFoundYet:
            self._ledger.sought.seek(scene.id, scene.files)
            if self._scans is not None and not self._options.dry_run:
                self._scans.ask(scene.files)
            raise

    def _bring(self, scene: Scene, wanted: Desired, read_at: float) -> Outcome:
        lost = False
        while True:
            found = self._finder.find(scene, lost=lost)
            if found.why_not:
                return self._ask(scene, found)
            holder = self._ledger.scenes.matched(scene.id, found.match)
            if holder is not None:
                if self._still_has(holder, found.match):
                    self._check_it_is_no_copy(holder, found.match)
                    return self._ask(scene, replace(found, why_not=_held_by(found.match, holder)))
                continue
            try:
                return self._push(scene, found.match, wanted, read_at)
            except ItemGone:
                # Re-scanned under a new rating key, most often, maybe more than once: the index is out of date, so look
                # again. That ends, as each look has one item less, and the index is refreshed only so often.
                self._ledger.index.drop(found.match.rating_key)
                lost = True

    def draft(self, scene_id: int) -> Draft:
        """What the latest ``sync`` of this scene in this thread was about to write, for whoever handles its error."""
        draft: Draft | None = getattr(self._of_thread, "draft", None)
        return draft if draft and draft.scene_id == scene_id else Draft(scene_id)

    def preview(self, scene_id: int) -> Plan | None:
        """What ``sync`` would do now, without doing it; None when Stash has no such scene.

        :raises PlexSyncError: as ``sync`` does.
        """
        read_at = time.time()
        scene = self._scenes.get(scene_id)
        if scene is None:
            return None
        found = self._finder.find(scene)
        holder = self._ledger.scenes.holder(found.match.rating_key)
        if not found.why_not and holder not in (None, scene_id):
            found = replace(found, why_not=_held_by(found.match, holder))
        if found.why_not:
            raise MatchUncertain(_review_text(found))
        record = self._ledger.scenes.get(scene_id)
        return self._plan(scene, found.match, desired(scene, self._rules), record, read_at)

    # --- finding the item -----------------------------------------------------------------------------------------

    def _still_has(self, scene_id: int, match: Match) -> bool:
        """Whether the scene that has the item lives in Stash, with the file it has it for; else it is to let it go."""
        record, scene = self._ledger.scenes.get(scene_id), self._scenes.get(scene_id)
        if scene is None:
            self._leave_alone(scene_id, State.GONE, Result.GONE, "Stash has it no longer")
            return False
        if record is None or record.rating_key != match.rating_key:
            return False
        if record.file and record.file not in {file.path for file in scene.files}:
            log.info("scene %d has no longer the file of item %d", scene_id, match.rating_key)
            self._ledger.scenes.release(scene_id)
            self._look_again([scene_id])
            return False
        return True

    def _check_it_is_no_copy(self, holder: int, match: Match) -> None:
        """Where another scene's file is the item's by its path, and ours only resembles it, ours is a copy of that.

        :raises NotFoundYet: so it is: our own item is still to come.
        """
        record = self._ledger.scenes.get(holder)
        if record is None or not record.file or self._finder.is_in_place(match.file, match.path):
            return
        if self._finder.is_in_place(record.file, match.path):
            raise NotFoundYet(
                f"no item in Plex for {match.file} itself: item {match.rating_key} ({match.path}) is like it, but is "
                f"that of scene {holder}"
            )

    def _ask(self, scene: Scene, found: Found) -> Outcome:
        text = _review_text(found)
        self._ledger.reviews.put(scene.id, found.candidates)
        self._ledger.sought.seek(scene.id, scene.files)
        why = f"waits for review: {found.why_not}"
        self._ledger.scenes.set_state(scene.id, State.REVIEW, Result.REVIEW, error=why, title=scene.title)
        return Outcome(Result.REVIEW, text)

    def _leave_alone(self, scene_id: int, state: State, result: Result, text: str) -> Outcome:
        self._ledger.scenes.set_state(scene_id, state, result)
        return Outcome(result, text)

    # --- writing what differs ---------------------------------------------------------------------------------------

    def _plan(self, scene: Scene, match: Match, wanted: Desired, record: SceneRecord | None, read_at: float) -> Plan:
        told, item = self._standing(match, record)
        edit = difference(wanted, told, item, self._rules)
        uploads, missing = self._pictures.changed(scene.id, match.rating_key, wanted.pictures)
        return Plan(scene, match, wanted, told, item, edit, uploads, missing, read_at)

    def _standing(self, match: Match, record: SceneRecord | None) -> tuple[Pushed, Item | None]:
        """What we told Plex so far, and the item where that alone does not say how it stands."""
        pushed = from_json(record.pushed) if record and record.pushed else None
        if pushed and record and record.pushing is None and record.rating_key == match.rating_key:
            return pushed, None
        item = self._read(match.rating_key)
        if record is None or record.pushing is None:
            return pushed or Pushed(), item
        return as_it_stands(pushed or Pushed(), from_json(record.pushing), item), item

    def _push(self, scene: Scene, match: Match, wanted: Desired, read_at: float) -> Outcome:
        plan = self._plan(scene, match, wanted, self._ledger.scenes.get(scene.id), read_at)
        if plan.empty:
            self._finish(plan, Result.UNCHANGED)
            return Outcome(Result.UNCHANGED, f"nothing to change in item {match.rating_key}", plan.picture_missing)
        self.draft(scene.id).plans(plan.edit, plan.uploads)
        what = ", ".join(plan.fields)
        if self._options.dry_run:
            text = f"dry run: would write {what} to item {match.rating_key}"
            return self._leave_alone(scene.id, State.SKIPPED, Result.SKIPPED, text)
        self._ledger.scenes.begin_push(scene.id, to_json(plan.told), to_json(possibly(plan.told, plan.edit)))
        self._write(plan)
        self._read_back(plan)
        self._finish(plan, Result.SYNCED)
        notes = "".join(f"; {note}" for note in wanted.notes)
        return Outcome(Result.SYNCED, f"wrote {what} to item {match.rating_key}{notes}", plan.picture_missing)

    def _write(self, plan: Plan) -> None:
        match, edit = plan.match, plan.edit
        if edit.texts or edit.add or edit.remove:
            self._plex.edit(match.section_id, [match.rating_key], edit, lock=self._options.lock_fields)
        if edit.rate:
            self._plex.rate(match.rating_key, edit.rating)
        for upload in plan.uploads:
            self._pictures.send(plan.scene.id, match.rating_key, upload)

    def _read_back(self, plan: Plan) -> None:
        item = self._read(plan.match.rating_key)
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

    def _read(self, rating_key: int) -> Item:
        item = self._items.get(rating_key)
        if item is None:
            raise ItemGone(f"Plex has no item {rating_key} (any more)")
        return item

    def _finish(self, plan: Plan, result: Result) -> None:
        key = plan.match.rating_key
        is_ours = self._ledger.scenes.finish_push(
            plan.scene.id,
            key,
            title=plan.wanted.texts.get(Field.TITLE, plan.scene.title),
            pushed=to_json(after(plan.told, plan.edit, plan.wanted)),
            fingerprint=fingerprint(plan.wanted),
            notes=plan.wanted.notes,
            read_at=plan.read_at,
            result=result,
        )
        if not is_ours:
            # A person gave the item to another scene meanwhile, which may have written to it before we did.
            holder = self._ledger.scenes.holder(key)
            self._look_again([plan.scene.id] if holder is None else [plan.scene.id, holder])


def _held_by(match: Match, holder: int | None) -> str:
    return f"item {match.rating_key} belongs to scene {holder}"


def _review_text(found: Found) -> str:
    match = found.match
    return (
        f"waits for review: {found.why_not} (item {match.rating_key}, {match.path}, confidence {match.confidence}: "
        f"{'; '.join(match.reasons)})"
    )
