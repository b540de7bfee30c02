"""Bring scenes to Plex that one worker has claimed together, as far as their way is the usual one.

They are read from Stash in one request, their items are looked at in one and read back in one, and what is noted of all
of them is noted in one transaction: of the matches, of the intents, and of the outcomes. Each has its own writes. A
scene that needs more than the usual (a person, another scene's item, an edit that Plex refuses, whatever fails) is left
out, as if nothing had been done: it is then synchronised by itself, which finds the intent that may be noted, and reads
its item.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from plexsync.errors import AccessDenied, CircuitOpen, PlexSyncError, PlexUnavailable
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import SceneRecord, State
from plexsync.ledger.course import Step, did
from plexsync.ledger.heirs import is_another
from plexsync.log_context import item_is
from plexsync.matching.lookup import Match, Settled
from plexsync.metadata import desired
from plexsync.model import Item, Scene
from plexsync.sync.outcomes import Outcome
from plexsync.sync.pictures import NotedUploads, Pictures
from plexsync.sync.plan import PendingWrite, Plan, Planner, SceneRead
from plexsync.sync.tools import SyncTools
from plexsync.sync.write_path import WritePath

log = logging.getLogger(__name__)

#: After these the rest of a turn is not tried: each finds out by itself.
_ENDS_THE_TURN = (AccessDenied, CircuitOpen, PlexUnavailable)
#: What a scene is by now whose way may be the usual one.
_USUAL = (State.PENDING, State.SYNCED)


@dataclass(frozen=True, slots=True)
class Brought:
    """A scene that was brought along: how it ended, how long its turn took, and the requests to Plex that it cost."""

    outcome: Outcome
    seconds: float
    requests: int


@dataclass(frozen=True, slots=True)
class SceneSteps:
    """The steps that a scene's own synchronisation has, too.

    ``send_edit`` writes texts, finds out which pictures are to be sent, and says whether the item is the scene's still;
    ``send_pictures`` sends them, ``judge`` looks at the item as it was read back, and ``finish`` notes the outcome.
    ``foresee_rivals`` asks whose the items may be that scenes will want which only resemble them.
    """

    send_edit: Callable[[PendingWrite], bool]
    send_pictures: Callable[[PendingWrite, NotedUploads], object]
    judge: Callable[[PendingWrite, Item], object]
    finish: Callable[[PendingWrite], Outcome]
    look_for_losers: Callable[[Scene], object]
    met: Callable[[Sequence[Scene]], object]
    foresee_rivals: Callable[[Sequence[tuple[Scene, Match]]], object]


class SceneTurn:
    """Brings scenes together. Safe to share between threads.

    :param tools: what it works with.
    :param planner: works out what is to be done.
    :param path: the way of a write.
    :param pictures: notes which pictures are sent.
    :param steps: what each scene's own synchronisation does.
    """

    def __init__(
        self, tools: SyncTools, planner: Planner, path: WritePath, pictures: Pictures, steps: SceneSteps
    ) -> None:
        self._ledger = tools.ledger
        self._resolver = tools.resolver
        self._stash = tools.stash
        self._plex = tools.plex
        self._rules = tools.rules
        self._options = tools.options
        self._scene_locks = tools.scene_locks
        self._sightings = tools.sightings
        self._requeue = tools.requeue
        self._planner = planner
        self._path = path
        self._pictures = pictures
        self._steps = steps

    def bring(
        self, scene_ids: Sequence[int], around: Callable[[int], AbstractContextManager[object]]
    ) -> dict[int, Brought]:
        """Bring scenes to Plex.

        :param around: makes the block in which something is done for one scene.
        :returns: those that were brought; the others are to be synchronised by themselves.
        :raises PlexSyncError: Stash could not be asked.
        """
        if self._options.dry_run or self._options.preserve_plex_edits:
            return {}
        began = time.monotonic()
        with self._scene_locks.hold_free(scene_ids) as held:
            asked = self._plex.requests
            plans = self._plans(held, around) if len(held) > 1 else []
            shared = self._plex.requests - asked
            try:
                sent, requests = self._sent([PendingWrite(plan) for plan in plans], around)
                asked = self._plex.requests
                right = self._right(sent, around)
                shared += self._plex.requests - asked
                outcomes = self._finished(right, around)
            finally:
                for plan in plans:
                    self._sightings.over(plan.key)
        seconds = time.monotonic() - began
        return {one: Brought(outcome, seconds, requests[one] + shared) for one, outcome in outcomes.items()}

    # --- what is to be done -------------------------------------------------------------------------------------------

    def _plans(self, scene_ids: Sequence[int], around: Callable[[int], AbstractContextManager[object]]) -> list[Plan]:
        """What is to be done for those scenes whose way is the usual one so far."""
        read_at = time.time()
        scenes, records = self._stash.scenes(scene_ids), self._ledger.scenes.many(scene_ids)
        births, further = self._ledger.births.many(scene_ids), self._ledger.further_items.having(scene_ids)
        found: dict[int, tuple[Scene, Match]] = {}
        usual = [
            scene
            for scene in scenes.values()
            if scene.id not in further and self._is_usual(scene, records.get(scene.id), births.get(scene.id))
        ]
        undecided = bool(usual) and self._ledger.reviews.is_nothing_decided(usual)
        weak: list[tuple[Scene, Match]] = []
        for scene in usual:
            with around(scene.id):
                did(Step.READ)
                if match := self._match(scene, records.get(scene.id), weak, undecided=undecided):
                    found[scene.id] = scene, match
        if len(weak) > 1:
            self._steps.foresee_rivals(weak)
        found = self._held(found, records)
        keys = [match.rating_key for _, match in found.values()]
        self._sightings.foresee(keys)
        plans: list[Plan] = []
        try:
            moved = [one for one, (_, match) in found.items() if _is_new(records.get(one), match)]
            records |= self._ledger.scenes.many(moved)
            bases = self._planner.bases(found)
            for one, (scene, match) in found.items():
                with around(one):
                    try:
                        read = SceneRead(scene, desired(scene, self._rules), read_at)
                        plans.append(self._planner.plan(read, match, records.get(one), bases[one]))
                    except PlexSyncError as error:
                        _by_itself(one, error)
                        if isinstance(error, _ENDS_THE_TURN):
                            break
        finally:
            for key in set(keys) - {plan.key for plan in plans}:
                self._sightings.over(key)
        return plans

    def _is_usual(self, scene: Scene, record: SceneRecord | None, born: str | None) -> bool:
        if (self._options.only_organized and not scene.organized) or len(scene.files) != 1:
            return False
        if record is None:
            return True
        is_new_attempt = not (record.attempts or record.not_found) and record.intended is None
        return is_new_attempt and record.state in _USUAL and not is_another(born, scene)

    def _match(
        self, scene: Scene, record: SceneRecord | None, weak: list[tuple[Scene, Match]], *, undecided: bool
    ) -> Match | None:
        """The scene's item, where it is sure of it.

        :param weak: is told of an item that only resembles the scene, so that it may be another one's.
        """
        settled = Settled(known=record.rating_key if record else None) if undecided else None
        try:
            if settled is None:
                # A scene with one file takes it from nobody but who was chosen for it.
                self._steps.look_for_losers(scene)
            found = self._resolver.find(scene, record=record, settled=settled)
        except PlexSyncError as error:
            _by_itself(scene.id, error)
            return None
        if found.is_weak and not found.why_not:
            # Scenes that have not come yet are asked for first.
            weak.append((scene, found.match))
            return None
        if found.why_not or found.further:
            return None
        did(Step.MATCHED)
        item_is(found.match.rating_key)
        return found.match

    def _held(
        self, found: dict[int, tuple[Scene, Match]], records: dict[int, SceneRecord]
    ) -> dict[int, tuple[Scene, Match]]:
        """Those whose items are theirs; new matches are noted in one transaction."""
        ours = {}
        new = {one: pair for one, pair in found.items() if _is_new(records.get(one), pair[1])}
        if new:
            with self._ledger.database.write():
                ours = {one: pair for one, pair in new.items() if self._is_free(*pair)}
            waiting = {one for _, match in ours.values() for one in self._ledger.scenes.waiting_for(match.rating_key)}
            if waiting - ours.keys():
                # They may be surer of others now.
                self._requeue(sorted(waiting - ours.keys()))
        as_before = {one: pair for one, pair in found.items() if one not in new}
        still = self._ledger.scenes.holding_still({one: match for one, (_, match) in as_before.items()})
        ours |= {one: pair for one, pair in as_before.items() if one in still or self._is_free(*pair)}
        return {one: pair for one, pair in found.items() if one in ours}

    def _is_free(self, scene: Scene, match: Match) -> bool:
        try:
            return self._ledger.scenes.matched(scene.id, match, scene) is None
        except PlexSyncError as error:
            _by_itself(scene.id, error)
            return False

    # --- doing it -----------------------------------------------------------------------------------------------------

    def _sent(
        self, pendings: Sequence[PendingWrite], around: Callable[[int], AbstractContextManager[object]]
    ) -> tuple[list[PendingWrite], dict[int, int]]:
        """Write to the items; those that Plex took all of, and the requests that each scene cost."""
        self._path.begin([one for one in pendings if one.plan.edit])
        # Of the others another scene has the item by now.
        ours = [one for one in pendings if not one.plan.edit or one.intended is not None]
        requests = {one.plan.scene.id: 0 for one in ours}
        sent = self._each(ours, around, requests, self._send_edit)
        with_pictures = [one for one in sent if one.plan.uploads]
        if with_pictures:
            self._path.begin([one for one in with_pictures if one.intended is None])
            ours = [one for one in with_pictures if one.intended is not None]
            noted = self._pictures.begin([(one.plan.scene.id, one.plan.key, one.plan.uploads) for one in ours])

            def send_pictures(one: PendingWrite) -> bool:
                self._steps.send_pictures(one, noted)
                return not one.refused

            try:
                shown = self._each(ours, around, requests, send_pictures)
            finally:
                self._pictures.end(noted)
            right = {one.plan.scene.id for one in shown}
            sent = [one for one in sent if not one.plan.uploads or one.plan.scene.id in right]
        return sent, requests

    def _send_edit(self, pending: PendingWrite) -> bool:
        return self._steps.send_edit(pending) and not (pending.refused or pending.failed)

    def _each(
        self,
        pendings: Sequence[PendingWrite],
        around: Callable[[int], AbstractContextManager[object]],
        requests: dict[int, int],
        work: Callable[[PendingWrite], bool],
    ) -> list[PendingWrite]:
        """Do something for one after the other; those for which it went as it does as a rule."""
        done: list[PendingWrite] = []
        for one in pendings:
            scene_id, asked = one.plan.scene.id, self._plex.requests
            with around(scene_id):
                item_is(one.plan.key)
                try:
                    if work(one):
                        done.append(one)
                except PlexSyncError as error:
                    self._given_up(one, error)
                    if isinstance(error, _ENDS_THE_TURN):
                        break
                finally:
                    requests[scene_id] += self._plex.requests - asked
        return done

    def _right(
        self, pendings: Sequence[PendingWrite], around: Callable[[int], AbstractContextManager[object]]
    ) -> list[PendingWrite]:
        """Those whose items show what was written, or that were not written to."""
        written = [one for one in pendings if one.intended is not None]
        try:
            items = self._path.read_back(written) if written else {}
        except PlexSyncError as error:
            for one in written:
                self._given_up(one, error)
            items = {}
        right = [one for one in pendings if one.intended is None]
        for one in written:
            item = items.get(one.plan.key)
            if item is None:
                continue
            with around(one.plan.scene.id):
                item_is(one.plan.key)
                try:
                    self._steps.judge(one, item)
                    right.append(one)
                except PlexSyncError as error:
                    self._given_up(one, error)
        return right

    def _finished(
        self, pendings: Sequence[PendingWrite], around: Callable[[int], AbstractContextManager[object]]
    ) -> dict[int, Outcome]:
        """Note the outcomes, all in one transaction."""
        if not pendings:
            return {}
        outcomes: dict[int, Outcome] = {}
        with self._ledger.database.write():
            for one in pendings:
                with around(one.plan.scene.id):
                    outcomes[one.plan.scene.id] = self._steps.finish(one)
        self._steps.met([one.plan.scene for one in pendings])
        return outcomes

    def _given_up(self, pending: PendingWrite, error: PlexSyncError) -> None:
        _by_itself(pending.plan.scene.id, error)
        self._path.given_up(pending, error)


def _is_new(record: SceneRecord | None, match: Match) -> bool:
    return record is None or record.rating_key != match.rating_key


def _by_itself(scene_id: int, error: PlexSyncError) -> None:
    log.debug("scene %d is synchronised by itself: %s", scene_id, error)
