"""One comparison of everything: how far it is, and what it has found. Kept after every page, so that it can go on."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.library.walk import ListingWalk
from plexsync.storage.facts import Facts

#: Names of the facts: the run under way, and the last one that came to its end.
RUNNING, LAST = "reconcile", "reconcile_last"
#: Name of the fact that holds the latest run that a person has stopped.
CANCELLED = "reconcile_cancelled"
#: Seconds after which a run that has not come to its end is given up: another one begins at the beginning.
GIVEN_UP_AFTER = 24 * 3600.0

log = logging.getLogger(__name__)


class DifferenceKind(StrEnum):
    """How something differs. A scene may be counted under several."""

    #: Stash has it, and it was never looked at.
    NEW = "new"
    #: It would show something else in Plex than what was written.
    CHANGED = "changed"
    #: Its file, by which its item was found, is no longer its own.
    MOVED = "moved"
    #: A write to its item was never confirmed, or cannot be read in the ledger.
    UNCONFIRMED = "unconfirmed"
    #: What its item was told comes from a damaged database: it is to be compared with the item.
    DOUBTED = "doubted"
    #: It was given up: it gets another chance.
    FAILED = "failed"
    #: Plex had no item for it: it is looked at once more.
    NOT_FOUND = "not_found"
    #: Its match is not sure enough: it is looked at once more.
    REVIEW = "review"
    #: An attempt failed, and no other one is in the queue.
    STRANDED = "stranded"
    #: It was left alone on purpose, and no longer should be; or the other way round.
    SKIPPED = "skipped"
    #: Stash has it no longer.
    GONE = "gone"
    #: Stash has it, and cannot read it: it is looked at once more.
    UNREADABLE = "unreadable"
    #: A value of ours was changed in Plex.
    DRIFTED = "drifted"
    #: A value of ours is no longer locked in Plex.
    UNLOCKED = "unlocked"
    #: Plex no longer shows a picture of ours.
    PICTURE_GONE = "picture_gone"
    #: An item that holds its file, besides its own one, does not show it yet.
    FURTHER = "further"
    #: Plex has its item no longer, or that item no longer has its file.
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class ReconcileFinding:
    """One difference, with sentences for a person where they are known without asking anybody.

    ``is_old``: it was known before, so the scene is in the queue if all is as it should be. Only where it is not is
    there anything to do.
    """

    scene_id: int
    kind: DifferenceKind
    texts: tuple[str, ...] = ()
    is_old: bool = False


class Phase(StrEnum):
    """What is gone through, in this order."""

    #: Stash's scenes.
    SCENES = "scenes"
    #: What is known of scenes with larger ids than any in Stash.
    BEYOND = "beyond"
    #: Plex's items.
    ITEMS = "items"
    #: What is known of items that Plex does not have.
    LOST = "lost"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ReconcileRun:
    """How far a run is.

    ``id`` is larger than that of any earlier one. ``full``: every item is read whole. ``after`` is the last id that the
    phase has dealt with, ``walks`` how far each section of Plex is. ``scenes`` and ``items`` were compared so far, of
    ``of_scenes`` and ``of_items`` (0 for not known yet). ``queued`` scenes differ. ``cautions`` are sentences for a
    person. Times are epoch seconds.
    """

    id: int
    full: bool
    started_at: float
    phase: Phase = Phase.SCENES
    after: int = 0
    walks: tuple[ListingWalk, ...] = ()
    scenes: int = 0
    items: int = 0
    of_scenes: int = 0
    of_items: int = 0
    queued: int = 0
    trust_stash: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    finished_at: float | None = None

    def found(self, counts: Counter[DifferenceKind], queued: int) -> ReconcileRun:
        """The run with these differences added."""
        sums = Counter(self.counts) + Counter({str(kind): count for kind, count in counts.items()})
        return replace(self, counts=dict(sums), queued=self.queued + queued)

    def text(self) -> str:
        """What was found, in one line."""
        found = ", ".join(
            f"{self.counts[kind]} {kind.replace('_', ' ')}" for kind in DifferenceKind if self.counts.get(kind)
        )
        return (
            f"{self.scenes} scenes and {self.items} items compared, {self.queued} queued ({found or 'no difference'})"
        )


class Runs:
    """Keeps the run under way and the last one.

    :param facts: where.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def current(self) -> ReconcileRun | None:
        """The run that is under way, or that was cut short; None for none."""
        run = _read(self._facts.get(RUNNING))
        return None if run is None or run.phase is Phase.DONE else run

    def last(self) -> ReconcileRun | None:
        """The last run that came to its end."""
        return _read(self._facts.get(LAST))

    def latest_start(self) -> float | None:
        """When the last run began, be it over or not (epoch seconds)."""
        starts = [run.started_at for run in (_read(self._facts.get(RUNNING)), self.last()) if run is not None]
        return max(starts, default=None)

    def begin(self, run_id: int, *, full: bool) -> ReconcileRun:
        """The run to go on with: one that was cut short less than a day ago, else a new one.

        :param run_id: whose it is from here on. One of the other thoroughness does not go on.
        """
        now = time.time()
        current = self.current()
        if current is not None and current.full == full and 0 <= now - current.started_at < GIVEN_UP_AFTER:
            run = replace(current, id=max(run_id, current.id))
        else:
            run = ReconcileRun(run_id, full, now)
        self.note(run)
        return run

    def abandon(self, run: ReconcileRun) -> None:
        """Keep nothing of a run that cannot come to its end, but that it was."""
        self._facts.put(RUNNING, json.dumps(asdict(replace(run, phase=Phase.DONE))))

    def cancel(self, run: ReconcileRun) -> None:
        """A person has stopped this run: whoever is at it does not go on after this turn."""
        self._facts.put(CANCELLED, str(run.id))
        self.abandon(run)

    def is_cancelled(self, run_id: int) -> bool:
        """Whether a person has stopped this run."""
        return run_id <= int(self._facts.get(CANCELLED) or 0)

    def note(self, run: ReconcileRun) -> None:
        """Keep how far a run is."""
        self._facts.put(RUNNING, json.dumps(asdict(run)))
        if run.phase is Phase.DONE:
            self._facts.put(LAST, json.dumps(asdict(run)))


def _read(text: str | None) -> ReconcileRun | None:
    if text is None:
        return None
    try:
        values: dict[str, Any] = json.loads(text)
        values["phase"] = Phase(values["phase"])
        values["walks"] = tuple(ListingWalk(**walk) for walk in values["walks"])
        values["cautions"] = tuple(values["cautions"])
        return ReconcileRun(**values)
    except (ValueError, TypeError, KeyError) as error:
        # Of a newer version, maybe: to compare everything once more does no harm.
        log.warning("the state of the last comparison cannot be read (%s): it starts over", error)
        return None
