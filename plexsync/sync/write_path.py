"""The way of a write to Plex, for one item and for many: note the intent, write, read back, put right, confirm.

Whoever dies on it leaves the intent in the ledger: the next attempt reads the item, and takes either of the two values
it may hold for ours. What is written, and how, is the callers'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from plexsync.ledger import Result
from plexsync.ledger.course import wrote
from plexsync.metadata import possibly, to_json
from plexsync.metadata.parts import applied_without, as_written, fields_of
from plexsync.model import Field, Item
from plexsync.sync.confirmed import Confirmed, confirm
from plexsync.sync.holders import put_right, put_right_by_file
from plexsync.sync.left_out import note_refused
from plexsync.sync.plan import PendingWrite, Plan
from plexsync.sync.sightings import held
from plexsync.sync.tools import SyncTools


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

    def other_file(self, pending: PendingWrite, item: Item | None) -> None:
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
        wrote(one for one in Field if one in done)
        if others := confirm(self._ledger, self._rules, one, result, lock=self._lock):
            self._requeue(others)
            return None
        return result
