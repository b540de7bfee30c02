"""What is left out of a scene because Plex refuses it: what is held back for now, what is noted, and when it is tried.

What was refused is not written again until it changes, a day has passed, or a person asks for the scene. So a name that
Plex never takes costs a request a day, and all else of its scene is synchronised as if it were not there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from plexsync.ledger import LeftOut
from plexsync.ledger.further_items import scenes_of
from plexsync.ledger.left_out import PICTURE, LeftOutParts
from plexsync.ledger.lines import scene_of
from plexsync.metadata import mismatches
from plexsync.metadata.parts import LOCK, EditPart, fields_of, parts_of_edit, without_parts
from plexsync.model import Applied, Edit, Field, Item
from plexsync.sync.picture_look import WAITS_REFUSED
from plexsync.sync.write import Refusal

log = logging.getLogger(__name__)

#: Scenes that are asked for in one go.
SCENES_PER_TURN = 500


def hold_back(edit: Edit, left_out: Sequence[LeftOut]) -> tuple[Edit, tuple[EditPart, ...]]:
    """An edit without the parts that were refused before and are not to be tried yet; and these parts.

    :param left_out: what is left out of the scene so far.
    """
    now = time.time()
    names = {(one.field, one.part) for one in left_out if one.part != PICTURE and one.is_held(now)}
    if not names:
        return edit, ()
    return without_parts(edit, names), tuple(part for part in parts_of_edit(edit) if part.name in names)


def lock_is_due(left_out: Sequence[LeftOut]) -> bool:
    """Whether a lock that was refused is to be tried again: whether it is missing still, only the item shows."""
    now = time.time()
    return any(one.part == LOCK and not one.is_held(now) for one in left_out)


def held_locks(left_out: Sequence[LeftOut]) -> tuple[EditPart, ...]:
    """The locks that were refused and are not to be tried yet: no edit has them where the item is not looked at."""
    now = time.time()
    fields = frozenset(one.field for one in left_out if one.part == LOCK and one.is_held(now))
    return parts_of_edit(Edit(lock=fields))


def not_shown(taken: Edit, item: Item) -> list[Refusal]:
    """The parts of an edit that Plex took, and that the item does not show."""
    if not mismatches(taken, item):
        return []
    return [
        Refusal(part, texts[0].removeprefix(f"{part.field}: "))
        for part in parts_of_edit(taken)
        if (texts := mismatches(part.edit, item))
    ]


def nothing_stands(confirmed: Applied, taken: Edit, edit: Edit) -> bool:
    """Whether Plex takes nothing at all of a scene, so that it would be wrong to call it synchronised.

    The rating does not count: it has a request of its own, and any user may rate.

    :param confirmed: what of ours stood in the item before.
    """
    written, wanted = (fields_of(one) - {Field.RATING} for one in (taken, edit))
    return bool(wanted) and not (confirmed.texts or confirmed.tags or written)


def note_refused(parts: LeftOutParts, scene_id: int, refused: Sequence[Refusal], held: Sequence[EditPart]) -> list[str]:
    """Note what of a scene was refused now, and forget what is refused no longer.

    :param parts: where.
    :param held: what was not tried.
    :returns: a sentence for each that was refused now.
    """
    parts.keep_values(scene_id, {part.name for part in (*held, *(one.part for one in refused))})
    sentences = [f"{one.part.field}: {one.reason}" for one in refused]
    for one, sentence in zip(refused, sentences, strict=True):
        if parts.note(scene_id, one.part.field, one.part.key, one.reason, WAITS_REFUSED) == 1:
            log.warning("scene %d: left out: %s", scene_of(scene_id), sentence)
    return sentences


class SecondTries:
    """Asks for the scenes of which something is left out, when it is time to try that again.

    :param parts: when that is.
    :param clock: seconds since the epoch.
    """

    def __init__(self, parts: LeftOutParts, clock: Callable[[], float] = time.time) -> None:
        self._parts = parts
        self._clock = clock

    def take(self, queue: Callable[[Sequence[int]], object]) -> int:
        """Queue all scenes whose time has come.

        :param queue: takes those that have to be synchronised.
        :returns: how many there were.
        """
        queued, now = 0, self._clock()
        while due := self._parts.due(now, SCENES_PER_TURN):
            # Those that are not synced are tried again, or wait for something else, all the same.
            wanted = [scene_id for scene_id, is_synced in due if is_synced]
            # First, as a death in between costs a repeat then, and no try.
            queue(scenes_of(wanted))
            self._parts.asked([scene_id for scene_id, _ in due], now)
            queued += len(wanted)
        return queued

    def is_any_due(self, within: float) -> bool:
        """Whether one is due by now, or so many seconds from now."""
        now, at = self._clock(), self.next_at()
        return at is not None and (at < now + within or bool(self._parts.due(now, 1)))

    def next_at(self) -> float | None:
        """When to ask next (epoch seconds); None where nothing is left out, or not tried again by itself."""
        return self._parts.next_at()
