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
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from plexsync.errors import AccessDenied, ItemGone, PermanentError, TextTooLong
from plexsync.ledger import Ledger, LeftOut, Result, SceneRecord, State
from plexsync.matching.lookup import Match
from plexsync.metadata import (
    Rules,
    as_it_stands,
    confirmed,
    desired,
    difference,
    fingerprint,
    from_json,
    mismatches,
    noting_inherited,
    possibly,
    revise,
    stands,
    to_json,
)
from plexsync.metadata.parts import EditPart, applied_without, as_written
from plexsync.model import Applied, Desired, Edit, Item, Scene
from plexsync.plex import PlexClient
from plexsync.plex.traits import Trait
from plexsync.stash import StashClient
from plexsync.sync.bundles import same_write
from plexsync.sync.confirmed import Confirmed, confirm, parts_of
from plexsync.sync.holders import put_right, put_right_by_file
from plexsync.sync.left_out import hold_back
from plexsync.sync.outcomes import BatchResult, Outcomes, SceneOutcome
from plexsync.sync.picture_locks import PictureLocks, PicturesSeen
from plexsync.sync.plan import SyncOptions
from plexsync.sync.resolver import Resolver
from plexsync.sync.scene_locks import SceneLocks
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
from plexsync.sync.sightings import Sightings, held
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Differences of one item that the log tells.
TOLD = 5
#: What is found out of lists of names, for the log.
_BECOMES = {ADD: "stays", WHOLE: "goes"}


@dataclass(frozen=True, slots=True)
class _Part:
    """One scene's share in a write. ``applied``, ``confirmed``, ``intended`` and ``item`` are as in ``sync.Plan``."""

    scene: Scene
    match: Match
    wanted: Desired
    applied: Applied
    confirmed: Applied
    intended: str | None
    item: Item | None
    edit: Edit
    #: What is left out of the scene so far, and what of the difference is not tried yet on account of that.
    left_out: Sequence[LeftOut]
    held: tuple[EditPart, ...]
    record: SceneRecord
    #: Whether the ledger says all of this already.
    is_known: bool
    #: How the item's pictures stand.
    pictures: PicturesSeen = field(default_factory=PicturesSeen)
    #: When its turn began (monotonic seconds).
    began: float = field(default_factory=time.monotonic)

    @property
    def key(self) -> int:
        """The item's rating key."""
        return self.match.rating_key


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

    :param ledger: what we remember.
    :param resolver: says which items scenes have.
    :param stash: where scenes are read.
    :param plex: where items are written.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    :param scene_locks: the scenes that other threads of this process work on.
    :param requeue: queues scenes whose item has become another scene's.
    :param sightings: what items were seen to hold, where others look at them too.
    :param outcomes: hears how each scene fared.
    """

    def __init__(
        self,
        ledger: Ledger,
        resolver: Resolver,
        stash: StashClient,
        plex: PlexClient,
        rules: Rules,
        options: SyncOptions,
        scene_locks: SceneLocks,
        requeue: Callable[[Sequence[int]], object] | None = None,
        sightings: Sightings | None = None,
        outcomes: Outcomes | None = None,
    ) -> None:
        self._ledger = ledger
        self._resolver = resolver
        self._stash = stash
        self._plex = plex
        self._rules = rules
        self._options = options
        self._scene_locks = scene_locks
        self._requeue = requeue or (lambda _scene_ids: None)
        self._picture_locks = PictureLocks(ledger, plex, lock=options.lock_fields)
        self._sightings = sightings or Sightings.of(plex)
        self._outcomes = outcomes or Outcomes()

    def sync(self, scene_ids: Sequence[int]) -> BatchResult:
        """Bring these scenes to Plex as far as that can be done for several at once.

        Where it dies or fails half-way, the ledger holds what may have been applied: doing it again reads those items
        and writes what is missing.

        :param scene_ids: ``bundles.BUNDLE`` of them; nobody else works on them meanwhile.
        :returns: what became of each; those ``alone`` are the caller's to queue.
        :raises PlexSyncError: as ``SceneSync.sync``, where it is worth another attempt with all of them.
        """
        began = time.monotonic()
        with self._scene_locks.hold_free(scene_ids) as held:
            # Busy ones are read by somebody else, but maybe before they were changed.
            alone = set(scene_ids) - set(held)
            same: list[int] = []
            groups: defaultdict[str, list[_Part]] = defaultdict(list)
            for part in self._parts(held):
                if part.edit:
                    groups[same_write(part.match.section_id, shared(part.edit, adds=True))].append(part)
                else:
                    if part.is_known:
                        self._tell(part, Result.UNCHANGED)
                    else:
                        self._finish(part, Result.UNCHANGED)
                    same.append(part.scene.id)
            written: list[int] = []
            writes = 0
            for parts in groups.values():
                right, calls = self._bring(parts) if len(parts) > 1 else ([], 0)
                written += right
                writes += calls
        alone |= set(held) - {*same, *written}
        result = BatchResult(tuple(same), tuple(written), tuple(sorted(alone)), writes)
        self._outcomes.tell_batch(result, time.monotonic() - began)
        return result

    def _tell(self, part: _Part, result: Result) -> None:
        what = "written to" if result is Result.SYNCED else "left as it is"
        reason, seconds = f"item {part.key} {what}, together with others", time.monotonic() - part.began
        self._outcomes.tell_scene(SceneOutcome(part.scene.id, result, reason, seconds, is_batched=True))

    # --- what has to be written -----------------------------------------------------------------------------------

    def _parts(self, scene_ids: Sequence[int]) -> list[_Part]:
        """The shares of the scenes that can be brought together."""
        if not scene_ids or self._options.dry_run or self._options.preserve_plex_edits:
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
            self._part(scenes[one], match, records[one], items.get(match.rating_key), had[one], left_out.get(one, ()))
            for one, match in matches.items()
        ]
        return self._looked_at([part for part in found if part is not None])

    def _looked_at(self, parts: Sequence[_Part]) -> list[_Part]:
        """The shares by what the items hold that are to be written to; without those that hold another file by now."""
        items = self._sightings.read_all([part.key for part in parts if part.edit and part.item is None])
        found = [part if part.item else replace(part, item=items.get(part.key)) for part in parts]
        found = [part for part in found if not part.edit or _holds(part.match, part.item)]
        revised = [one for part in found if (one := self._locking_pictures(self._revised(part))) is not None]
        # A rating is a call of its own.
        return [part for part in revised if not part.edit.rate]

    def _locking_pictures(self, part: _Part) -> _Part | None:
        """With locks for pictures of ours that lack one; None where one has to be asked for: is it ours?"""
        if part.item is None or not part.edit:
            return part
        seen = self._picture_locks.look(part.scene.id, part.item, part.wanted, part.record, ask=False)
        if self._options.lock_fields and seen.unsure - part.item.locked:
            return None
        edit, held_back = hold_back(replace(part.edit, lock=part.edit.lock | seen.unlocked), part.left_out)
        held = tuple({one.name: one for one in (*part.held, *held_back)}.values())
        return replace(part, edit=edit, held=held, pictures=seen)

    def _revised(self, part: _Part) -> _Part:
        if part.item is None or part.intended is not None:
            return part
        # Locks are left to those that are synchronised by themselves: few items would need the same write otherwise.
        edit = without_order(revise(part.edit, part.wanted, part.applied, part.item, self._rules, lock=False))
        edit, held_back = hold_back(edit, part.left_out)
        return replace(part, edit=edit, held=tuple({one.name: one for one in (*part.held, *held_back)}.values()))

    def _part(
        self,
        scene: Scene,
        match: Match,
        record: SceneRecord,
        item: Item | None,
        had: Collection[tuple[str, int]],
        left_out: Sequence[LeftOut],
    ) -> _Part | None:
        if record.intended is not None and not _holds(match, item):
            return None
        try:
            applied = sure = from_json(record.applied or "")
            before = sure
            if record.intended is not None and item is not None:
                applied = as_it_stands(sure, from_json(record.intended), item)
                sure = confirmed(sure, applied, item)
            wanted = noting_inherited(desired(scene, self._rules), applied, self._rules.owned)
        except PermanentError as error:
            log.debug("scene %d is synchronised by itself: %s", scene.id, error)
            return None
        edit = difference(wanted, applied, item, self._rules, relock=item is not None and self._options.lock_fields)
        edit, held_back = hold_back(edit, left_out)
        if edit.rate or difference(wanted, before, None, self._rules).order:
            return None
        edit = without_order(edit)
        is_known = (
            record.intended is None
            and stands(record.fingerprint, fingerprint(wanted))
            and set(had) == set(parts_of(scene))
        )
        return _Part(
            scene, match, wanted, applied, sure, record.intended, item, edit, left_out, held_back, record, is_known
        )

    # --- writing it -------------------------------------------------------------------------------------------------

    def _bring(self, parts: Sequence[_Part]) -> tuple[list[int], int]:
        """Write to the items of several scenes that need the same, but for the names that others put into their lists.

        :returns: the scenes whose items are right, and the number of writes.
        """
        whole: defaultdict[str, list[_Part]] = defaultdict(list)
        for part in parts:
            whole[same_write(part.match.section_id, shared(part.edit, adds=False))].append(part)
        written: list[int] = []
        writes = 0
        if len(whole) > 1:
            adds = self._plex.traits.get(Trait.TAG_LISTS)
            if adds is None:
                written, writes, adds = self._ask(parts)
            if adds == ADD:
                rest = [part for part in parts if part.scene.id not in written]
                right, calls = self._write(rest, shared(rest[0].edit, adds=True))
                return [*written, *right], writes + calls
        for some in whole.values():
            rest = [part for part in some if part.scene.id not in written]
            right, calls = self._write(rest, shared(rest[0].edit, adds=False)) if len(rest) > 1 else ([], 0)
            written += right
            writes += calls
        return written, writes

    def _ask(self, parts: Sequence[_Part]) -> tuple[list[int], int, str | None]:
        """Find out with one of the items what becomes of names in a list that a write does not name.

        :returns: the scene, if its item is right then; the number of writes; and what was found out, None for nothing.
        """
        asked = next(
            (
                (part, found)
                for part in parts
                if part.item and (found := question(part.edit, part.confirmed, part.item))
            ),
            None,
        )
        if asked is None:
            return [], 0, None
        part, about = asked
        answers: list[str] = []
        right, writes = self._write([part], about.edit, lambda item: answers.append(about.answer(item)))
        for answer in answers:
            log.info("of a list of names what a write does not name %s in this Plex", _BECOMES[answer])
            self._plex.traits.put(Trait.TAG_LISTS, answer)
        return right, writes, answers[0] if answers else None

    def _write(
        self, parts: Sequence[_Part], edit: Edit, learn: Callable[[Item], object] | None = None
    ) -> tuple[list[int], int]:
        """Write one edit to the items of several scenes, and read them back.

        :param edit: what is sent: what the edits of all the parts have in common.
        :param learn: told how each item stands then, where something is to be found out: it need not be right by then.
        :returns: the scenes whose items are right, and the number of writes.
        """
        intents = [(part, to_json(possibly(part.applied, part.edit, part.wanted))) for part in parts]
        noted = set(
            self._ledger.scenes.note_intents(
                [(part.scene.id, part.key, to_json(part.confirmed), intended) for part, intended in intents]
            )
        )
        # The items of the others have become other scenes' meanwhile.
        begun = [replace(part, intended=intended) for part, intended in intents if part.scene.id in noted]
        right: list[_Part] = []
        try:
            with self._writing(begun):
                sent, writes = self._send(begun, edit)
            items, more = self._read_back(sent, learn)
            right = [
                replace(part, item=items[part.key])
                for part in sent
                if self._is_right(part, items.get(part.key), tell=learn is None)
            ]
            for part in sent:
                if (item := items.get(part.key)) is not None and not _holds(part.match, item):
                    self._requeue(put_right_by_file(self._ledger, part.scene.id, item, part.edit))
        except AccessDenied:
            raise
        except (PermanentError, TextTooLong) as error:
            scenes = counted(len(begun), "scene")
            log.warning("%s could not be written together: %s; each is tried by itself", scenes, error)
            return [], 0
        finally:
            self._look_after([part for part in begun if part.scene.id not in {one.scene.id for one in right}])
        for part in right:
            self._finish(part, Result.SYNCED)
        return [part.scene.id for part in right], writes + more

    @contextmanager
    def _writing(self, parts: Sequence[_Part]) -> Iterator[None]:
        with self._plex.checked(lambda: self._check(parts)), self._sightings.writing([part.key for part in parts]):
            yield

    def _read_back(self, parts: Sequence[_Part], learn: Callable[[Item], object] | None) -> tuple[dict[int, Item], int]:
        """The items as they are now; and the writes that put back what others had in a list, where it is gone."""
        items = self._sightings.read_all([part.key for part in parts])
        if learn is not None:
            for item in items.values():
                learn(item)
        robbed = [
            part
            for part in parts
            if _holds(part.match, items.get(part.key)) and others_are_gone(part.edit, items[part.key])
        ]
        for part in robbed:
            log.warning("item %d: names of others are gone from a list, and are written again", part.key)
            self._plex.traits.put(Trait.TAG_LISTS, WHOLE)
            with self._writing([part]):
                self._plex.edit(part.match.section_id, [part.key], part.edit, lock=self._options.lock_fields)
        return items | self._sightings.read_all([part.key for part in robbed]), len(robbed)

    def _look_after(self, unsettled: Sequence[_Part]) -> None:
        """Of items that are not known to be right some may have become other scenes' while we wrote to them."""
        for part in unsettled:
            if self._ledger.scenes.holder(part.key) != part.scene.id:
                self._requeue(put_right(self._ledger, part.scene.id, part.key, part.edit))

    def _send(self, parts: Sequence[_Part], edit: Edit) -> tuple[Sequence[_Part], int]:
        """Send the edit for all whose items exist; these, and the number of writes."""
        while parts:
            keys = [part.key for part in parts]
            try:
                section_id = parts[0].match.section_id
                return parts, self._plex.edit(section_id, keys, edit, lock=self._options.lock_fields)
            except ItemGone:
                # Plex may have taken the edit for none of them, or for those that exist.
                there = self._plex.items(keys)
            left = [part for part in parts if part.key in there]
            # Where none is missing, it is the section that is.
            parts = left if len(left) < len(parts) else []
        return [], 0

    def _check(self, parts: Sequence[_Part]) -> None:
        """Right before the write is sent: whether the items were seen a moment ago to hold their files."""
        items = self._sightings.seen([part.key for part in parts])
        for part in parts:
            held(part.match, items.get(part.key))

    def _is_right(self, part: _Part, item: Item | None, *, tell: bool) -> bool:
        """Whether an item shows what it should.

        :param part: with the item as it was before.
        """
        if item is None or not _holds(part.match, item):
            return False
        wrong = list(mismatches(part.edit, item))
        keeps_order = self._plex.traits.peek(Trait.TAG_ORDER) != ARRIVAL
        if keeps_order and part.item is not None and is_shuffled(part.edit, part.wanted.tags, part.item, item):
            wrong.append("performers: Plex shows them in another order.")
        if wrong and tell:
            what = "; ".join([*wrong[:TOLD], *([f"and {len(wrong) - TOLD} more"] if len(wrong) > TOLD else [])])
            log.warning("scene %d: item %d read back differs: %s", part.scene.id, item.rating_key, what)
        return not wrong

    def _finish(self, part: _Part, result: Result) -> None:
        # Pictures were not looked at, so the scene does not count as read.
        confirmed = Confirmed(
            scene=part.scene,
            rating_key=part.key,
            wanted=part.wanted,
            writes=as_written(part.wanted, part.held),
            applied=applied_without(part.applied, part.confirmed, part.held),
            edit=part.edit,
            item=part.item,
            intended=part.intended,
            read_at=None,
            pictures=part.pictures,
        )
        others = confirm(self._ledger, self._rules, confirmed, result, lock=self._options.lock_fields)
        if others:
            self._requeue(others)
        else:
            self._tell(part, result)


def _holds(match: Match, item: Item | None) -> bool:
    return item is not None and any(part.file == match.path for part in item.parts)
