"""What is to be done for a scene, before any of it is: what Plex should show, and what it lacks of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace

from plexsync.errors import PlexSyncError
from plexsync.fields import ALL_FIELDS
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import LeftOut, PictureRecord, SceneRecord
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    Rules,
    as_it_stands,
    confirmed,
    difference,
    fitted,
    from_json,
    missing,
    noting_inherited,
    preserve,
    preserved_text,
    revise,
)
from plexsync.metadata.parts import EditPart, fields_of
from plexsync.model import Applied, Desired, Edit, Field, Item, Scene
from plexsync.sync.left_out import held_locks, hold_back, lock_is_due
from plexsync.sync.picture_locks import PictureLocks, PicturesSeen
from plexsync.sync.picture_look import Looked, Upload
from plexsync.sync.pictures import Pictures
from plexsync.sync.snapshot import Snapshot
from plexsync.sync.tools import SyncTools
from plexsync.sync.write import Refusal, WriteResult


@dataclass(frozen=True, slots=True)
class SceneRead:
    """A scene as Stash had it, what Plex should show of it, and when it was read (epoch seconds)."""

    scene: Scene
    wanted: Desired
    at: float


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """What the ledger knows of a scene besides its line: what is left out, and by field the pictures that were sent."""

    left_out: Sequence[LeftOut] = ()
    sent: Mapping[str, PictureRecord] = field(default_factory=dict)


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
    #: When the scene was read from Stash (epoch seconds); None where not all of it is looked at.
    read_at: float | None
    #: What Stash has of the scene's pictures, where it was looked at.
    pictures: Looked = field(default_factory=Looked)
    #: The pictures that were sent before, by field; None where that was not read.
    sent_before: Mapping[str, PictureRecord] | None = None

    @property
    def key(self) -> int:
        """The item's rating key."""
        return self.match.rating_key

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
        return [one for one in ALL_FIELDS if one in touched]


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
    #: What of the scene is left out for now, as sentences, once it is confirmed.
    left_out: tuple[str, ...] = ()
    #: Whether the scene is done with that; where not, it has further items.
    whole: bool = True

    def note(self, written: WriteResult) -> None:
        """An edit was sent: a first one, or one of locks alone after it."""
        self.taken = replace(self.taken, lock=self.taken.lock | written.taken.lock) if self.taken else written.taken
        self.refused += written.refused
        self.error = self.error or written.error
        self.failed = self.failed or written.failed


class Planner:
    """Works out what is to be done for single scenes. Safe to share between threads.

    :param tools: what it works with.
    :param pictures: compares pictures.
    :param picture_locks: tells how those stand that were sent.
    """

    def __init__(self, tools: SyncTools, pictures: Pictures, picture_locks: PictureLocks) -> None:
        self._ledger = tools.ledger
        self._plex = tools.plex
        self._rules = tools.rules
        self._options = tools.options
        self._sightings = tools.sightings
        self._pictures = pictures
        self._picture_locks = picture_locks

    def bases(self, scene_ids: Iterable[int]) -> dict[int, PlanBasis]:
        """What plans for these scenes rest on, read for all of them at once."""
        ids = list(scene_ids)
        left_out, sent = self._ledger.left_out.of(ids), self._ledger.sent_pictures.many(ids)
        return {one: PlanBasis(left_out.get(one, ()), sent[one]) for one in ids}

    def plan(self, read: SceneRead, match: Match, record: SceneRecord | None, basis: PlanBasis | None = None) -> Plan:
        """What is to be done, but for the scene's pictures: these are looked at when all else is written.

        :param record: what the ledger knows of the scene; ``basis`` likewise, None to read it.
        """
        scene, whole = read.scene, read.wanted
        wanted = fitted(whole, long_lines=self._plex.takes_long_lines, most=self._plex.traits.most_of_texts())
        applied, confirmed, item = standing(match, record, lambda: self._sightings.item(match, anew=False))
        wanted = noting_inherited(wanted, applied, self._rules.owned)
        basis = basis or self.bases([scene.id])[scene.id]
        left_out = basis.left_out
        edit, writes, seen = self._rest(wanted, applied, item), wanted, PicturesSeen()
        if item is None and (hold_back(edit, left_out)[0] or lock_is_due(left_out)):
            item = self._sightings.item(match, anew=self._options.preserve_plex_edits)
            edit = revise(edit, wanted, applied, item, self._rules, lock=self._options.lock_fields)
        if item is not None:
            writes, seen = self._preserve(scene.id, wanted, confirmed, item, record, basis.sent, edit)
            if writes is not wanted:
                edit = self._rest(writes, applied, item)
            edit = _locking(edit, seen)
        edit, held_back = hold_back(edit, left_out)
        held_back = held_back if item else (*held_back, *held_locks(left_out))
        intended, tries = (record.intended, record.attempts) if record else (None, 0)
        return Plan(
            *(scene, match, whole, wanted, writes, applied, confirmed, intended),
            *(item, seen, edit, left_out, held_back, tries, read.at),
            sent_before=basis.sent,
        )

    def with_pictures(self, plan: Plan, *, noting: bool = True) -> Plan:
        """The plan with the pictures that are to be sent, too."""
        match = plan.match
        looked = self._pictures.look(
            plan.scene.id, match.rating_key, plan.wanted.pictures, plan.left_out, plan.sent_before, noting=noting
        )
        plan = replace(plan, pictures=looked)
        if not looked.uploads:
            return plan
        scene_id, sent = plan.scene.id, plan.sent_before
        if plan.item is None:
            item = self._sightings.item(match, anew=self._options.preserve_plex_edits)
            edit = revise(plan.edit, plan.wanted, plan.applied, item, self._rules, lock=self._options.lock_fields)
            record = self._ledger.scenes.get(scene_id)
            writes, seen = self._preserve(scene_id, plan.wanted, plan.confirmed, item, record, sent, looked)
            if writes is not plan.wanted:
                edit = self._rest(writes, plan.applied, item)
            edit, held_back = hold_back(_locking(edit, seen), plan.left_out)
            plan = replace(plan, writes=writes, item=item, seen=seen, edit=edit, held=held_back)
        elif self._options.preserve_plex_edits and plan.writes is plan.wanted:
            record = self._ledger.scenes.get(scene_id)
            writes, seen = self._preserve(scene_id, plan.wanted, plan.confirmed, plan.item, record, sent, looked)
            if writes is not plan.wanted:
                edit, held_back = hold_back(self._rest(writes, plan.applied, plan.item), plan.left_out)
                plan = replace(plan, writes=writes, seen=seen, edit=edit, held=held_back)
        uploads = [upload for upload in looked.uploads if upload.field in plan.writes.pictures]
        return replace(plan, pictures=replace(looked, uploads=uploads))

    def _rest(self, wanted: Desired, applied: Applied, item: Item | None) -> Edit:
        return rest_of(wanted, applied, item, self._rules, lock=self._options.lock_fields)

    def _preserve(
        self,
        scene_id: int,
        wanted: Desired,
        confirmed: Applied,
        item: Item,
        record: SceneRecord | None,
        sent: Mapping[str, PictureRecord] | None,
        matters: object,
    ) -> tuple[Desired, PicturesSeen]:
        """What is to be written without the fields that a person has changed in Plex, and how the pictures stand.

        :param matters: false where nothing is to be written, so that it does not matter who has changed what.
        """
        if not (self._options.preserve_plex_edits and matters):
            return wanted, self._picture_locks.look(scene_id, item, wanted, record, sent)
        # Under another rating key than before nothing of it is ours.
        seen = record.item if record else None
        shown = self._pictures.shown(scene_id, item, seen.thumb if seen else None, seen.art if seen else None)
        writes, left = preserve(wanted, confirmed if seen else Applied(), item, shown, owned=self._rules.owned)
        ours = [one for one, path in shown.items() if path and path == (item.thumb, item.art)[one is not Field.POSTER]]
        pictures = self._picture_locks.look(scene_id, item, wanted, record, sent, theirs=left, ours=ours)
        return replace(writes, notes=(*writes.notes, *map(preserved_text, left))), pictures


def standing(
    match: Match, record: SceneRecord | None, look: Callable[[], Item]
) -> tuple[Applied, Applied, Item | None]:
    """What was applied so far, what of it is confirmed, and the item where the ledger alone does not say so.

    :param look: shows the item.
    :raises PermanentError: the ledger's record cannot be read.
    """
    known = from_json(record.applied) if record and record.applied else None
    if known and record and record.intended is None and record.rating_key == match.rating_key:
        return known, known, None
    item = look()
    before = known or Applied()
    if record is None or record.intended is None:
        return before, before, item
    applied = as_it_stands(before, from_json(record.intended), item)
    return applied, confirmed(before, applied, item), item


def rest_of(wanted: Desired, applied: Applied, item: Item | None, rules: Rules, *, lock: bool) -> Edit:
    """What is to be written still.

    :param item: as Plex holds it, where it was looked at: then locks that are missing are among it.
    :param lock: whether what we write is locked.
    """
    return difference(wanted, applied, item, rules, relock=item is not None and lock)


def _locking(edit: Edit, seen: PicturesSeen) -> Edit:
    """The edit with locks for our pictures that lack one."""
    return replace(edit, lock=edit.lock | seen.unlocked) if seen.unlocked else edit
