"""The way of a write to Plex, for one item and for many: note the intent, send, read back, put right, confirm.

Whoever dies on it leaves the intent in the ledger: the next attempt reads the item, and takes either of the two values
it may hold for ours. What is written is the callers'; nobody else sends edits of scenes, or reads back what came of
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from plexsync.errors import FileElsewhere, PlexSyncError, ReadBackMismatch
from plexsync.fields import ALL_FIELDS
from plexsync.ledger import Result
from plexsync.ledger.course import Step, did, wrote
from plexsync.metadata import lost_of_others, possibly, to_json
from plexsync.metadata.parts import applied_without, as_written, fields_of, without_parts
from plexsync.model import Edit, Item
from plexsync.sync.confirmed import Confirmed, confirm
from plexsync.sync.holders import put_right, put_right_by_file
from plexsync.sync.left_out import not_shown, note_refused
from plexsync.sync.plan import PendingWrite, Plan
from plexsync.sync.sightings import held, holds
from plexsync.sync.tools import SyncTools
from plexsync.sync.write import Writer, WriteResult


class _Intent(NamedTuple):
    """What the ledger notes before a write: what of ours is in the item, and what may be in it after."""

    scene_id: int
    rating_key: int
    applied: str
    intended: str

    @classmethod
    def of(cls, pending: PendingWrite) -> _Intent:
        plan = pending.plan
        intended = possibly(plan.applied, plan.edit, plan.writes)
        return cls(plan.scene.id, plan.key, to_json(plan.confirmed), to_json(intended))


class WritePath:
    """Leads writes from the intent to the confirmation. Safe to share between threads.

    :param tools: what it works with.
    """

    def __init__(self, tools: SyncTools) -> None:
        self._ledger = tools.ledger
        self._plex = tools.plex
        self._rules = tools.rules
        self._sightings = tools.sightings
        self._requeue = tools.requeue
        self._lock = tools.options.lock_fields
        self._read_back_tries = tools.options.read_back_tries
        self._writer = Writer(tools.plex, lock=self._lock, read=tools.sightings.read)

    def begin(self, pendings: Sequence[PendingWrite]) -> list[PendingWrite]:
        """Note, synced to disk, what is about to be written, where that is not noted yet.

        :returns: those whose items are still their scenes', and held by no self-test.
        """
        intents = [_Intent.of(one) for one in pendings if one.intended is None]
        noted = set(self._ledger.scenes.note_intents(intents)) if intents else set()
        return self._begun(pendings, [one for one in intents if one.scene_id in noted])

    def begin_one(self, pending: PendingWrite) -> bool:
        """As ``begin``, for one; False where the item is another scene's by now.

        :raises ItemHeld: a self-test works on it.
        """
        if pending.intended is None:
            intent = _Intent.of(pending)
            self._begun([pending], [intent] if self._ledger.scenes.note_intent(*intent) else [])
        return pending.intended is not None

    def _begun(self, pendings: Sequence[PendingWrite], noted: Sequence[_Intent]) -> list[PendingWrite]:
        intended = {one.scene_id: one.intended for one in noted}
        for one in pendings:
            one.intended = intended.get(one.plan.scene.id, one.intended)
        return [one for one in pendings if one.intended is not None]

    @contextmanager
    def writing(self, plans: Sequence[Plan]) -> Iterator[None]:
        """In the block the items are written to, each time only while they hold their scenes' files."""
        keys = [plan.key for plan in plans]

        def check() -> None:
            """Right before a write is sent: whether the items were seen a moment ago to hold the files."""
            items = self._sightings.seen(keys)
            for plan in plans:
                held(plan.match, items.get(plan.key))

        with self._plex.checked(check), self._sightings.writing(keys):
            yield

    def send(self, pendings: Sequence[PendingWrite], edit: Edit) -> tuple[list[PendingWrite], int]:
        """Write one edit to the items of several scenes, as a whole.

        :param pendings: of one library; their items are written to only while they hold their scenes' files.
        :returns: those whose items exist, and the number of writes.
        :raises PlexSyncError: Plex takes it for none of them, or may have.
        """
        with self.writing([one.plan for one in pendings]):
            there, writes = self._writer.write_to_all(
                pendings[0].plan.match.section_id if pendings else 0, [one.plan.key for one in pendings], edit
            )
        did(Step.WRITTEN)
        return [one for one in pendings if one.plan.key in there], writes

    def send_one(self, pending: PendingWrite, edit: Edit, *, thorough: bool = False) -> WriteResult:
        """Write an edit to one item, as much of it as Plex takes, and note what came of it.

        :param thorough: see ``Writer.write``.
        :raises PlexSyncError: what is not about the edit.
        """
        plan = pending.plan
        suspects = [(one.field, one.part) for one in plan.left_out]
        with self.writing([plan]):
            written = self._writer.write(plan.match.section_id, plan.key, edit, suspects, thorough=thorough)
        did(Step.WRITTEN)
        pending.note(written)
        return written

    def read_back(self, pendings: Sequence[PendingWrite]) -> dict[int, Item]:
        """The items as they are now, by rating key; without those that hold another file by now, or are gone."""
        items = self._sightings.read_all([one.plan.key for one in pendings])
        for one in pendings:
            item = items.get(one.plan.key)
            if item is not None and not holds(one.plan.match, item):
                self._other_file(one, items.pop(one.plan.key))
        return items

    def read_back_one(self, pending: PendingWrite) -> Item:
        """As ``read_back``, for one; in one request with others that are being written at this moment.

        :raises ItemGone: it is gone, or holds another file: ``given_up`` sees to it.
        """
        if pending.sent:
            # Pictures take long: who waits for them keeps Plex waiting for its next write.
            return self._sightings.item(pending.plan.match, anew=True)
        return self._sightings.read_back(pending.plan.match)

    def check(self, pending: PendingWrite, item: Item) -> None:
        """Compare what Plex has taken with what the item shows. After some tries, what it does not show is left out.

        :param item: as it was read back.
        :raises ReadBackMismatch: it shows something else, and is to be written again.
        """
        pending.notes += lost_of_others(pending.taken, item)
        if wrong := not_shown(pending.taken, item):
            what = "; ".join(f"{refusal.part.field}: {refusal.reason}" for refusal in wrong)
            pending.error = ReadBackMismatch(f"item {item.rating_key} read back differs from what was written: {what}")
            if pending.plan.tries < self._read_back_tries:
                raise pending.error
            pending.refused += wrong
            pending.taken = without_parts(pending.taken, {refusal.part.name for refusal in wrong})
        pending.plan = replace(pending.plan, item=item)

    def given_up(self, pending: PendingWrite, error: PlexSyncError | None = None) -> bool:
        """What was begun does not come to its end: put right what may have been written to another scene's item.

        :param error: why.
        :returns: whether the item is the scene's still; where not, it is no fault of the scene's that it did not.
        """
        if pending.intended is None:
            return True
        if isinstance(error, FileElsewhere):
            self._other_file(pending, self._sightings.look(pending.plan.key))
        return self.is_ours(pending)

    def _other_file(self, pending: PendingWrite, item: Item | None) -> None:
        """The item came to hold another file: the scene with that one may have been told what was written.

        :param item: as it is now.
        """
        self._requeue(put_right_by_file(self._ledger, pending.plan.scene.id, item, pending.plan.edit))

    def is_ours(self, pending: PendingWrite) -> bool:
        """Whether the item is still the scene's; where not, both scenes are looked at again."""
        plan = pending.plan
        if self._ledger.scenes.holder(plan.key) == plan.scene.id:
            return True
        self._requeue(put_right(self._ledger, plan.scene.id, plan.key, plan.edit))
        return False

    def confirm(self, pending: PendingWrite) -> Result | None:
        """Note in the ledger that the item shows what it should, but for what is left out.

        :param pending: with the item as it was read back; ``left_out`` is filled.
        :returns: how it ended; None where the item is another scene's by now.
        """
        plan, is_new = pending.plan, pending.intended is not None
        notes: list[str] = []
        # Who has not looked at all of a scene does not know what is refused no longer.
        if pending.refused or (plan.left_out and plan.read_at is not None):
            notes = note_refused(self._ledger.left_out, plan.scene.id, pending.refused, plan.held)
        pending.left_out = (*plan.left_out_notes, *pending.notes, *notes)
        not_there = [*(refusal.part for refusal in pending.refused), *plan.held]
        one = Confirmed(
            scene=plan.scene,
            rating_key=plan.key,
            wanted=plan.whole,
            writes=replace(as_written(plan.writes, not_there), notes=(*plan.writes.notes, *pending.left_out)),
            applied=applied_without(plan.applied, plan.confirmed, not_there),
            edit=pending.taken,
            item=plan.item,
            intended=pending.intended if is_new else plan.intended,
            read_at=plan.read_at,
            pictures=plan.seen.having_sent([upload.field for upload in pending.sent]),
        )
        result = Result.SYNCED if is_new else Result.UNCHANGED
        done = {*fields_of(pending.taken), *(upload.field for upload in pending.sent)}
        wrote(one for one in ALL_FIELDS if one in done)
        if others := confirm(self._ledger, self._rules, one, result, lock=self._lock, whole=pending.whole):
            self._requeue(others)
            return None
        return result
