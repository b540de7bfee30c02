"""How far queueing all scenes of Stash is, whoever asked for it: kept with each page, so that it can be resumed."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.installation.settings_in_force import ALL_QUEUED
from plexsync.storage.facts import Facts
from plexsync.sync.everything import QueuedPage

#: Seconds for which a run that was stopped is gone on with. Later, what was queued is long done and may be outdated.
GOES_ON_FOR = 12 * 3600.0
#: The name of the fact that holds how far a run is.
FACT = "sync_all"


@dataclass(frozen=True, slots=True)
class EverythingRun:
    """How far a run is: the last id that it came to, how many scenes these are, when that was, and whether all.

    ``began`` is when the first of them was queued, 0 for not known; ``remaining`` how many are still to be queued.
    ``stopped``: a person has stopped it. ``unchanged`` of them had no need to be queued.
    """

    after: int = 0
    queued: int = 0
    at: float = 0.0
    complete: bool = False
    began: float = 0.0
    remaining: int = 0
    stopped: bool = False
    unchanged: int = 0

    @property
    def age(self) -> float:
        """Seconds since it was last gone on with; below 0 where the clock was set back."""
        return time.time() - self.at


def keep(facts: Facts, run: EverythingRun, page: QueuedPage) -> EverythingRun:
    """Note that a page was queued, in the transaction that queues it; the run as it is now."""
    began = run.began if run.queued else time.time()
    count = run.queued + page.count
    unchanged = run.unchanged + page.unchanged
    run = EverythingRun(page.last, count, time.time(), page.is_last, began, page.remaining, unchanged=unchanged)
    facts.put(FACT, json.dumps(asdict(run)))
    if run.complete:
        facts.put(ALL_QUEUED, repr(began))
    return run


def stop(facts: Facts) -> None:
    """Note that a person has stopped the run: nobody goes on with it."""
    run = noted(facts) or EverythingRun()
    facts.put(FACT, json.dumps(asdict(replace(run, stopped=True, at=time.time()))))


def noted(facts: Facts) -> EverythingRun | None:
    """The run that is noted; None where there is none, or a newer version noted it otherwise."""
    text = facts.get(FACT)
    if text is None:
        return None
    try:
        run = replace(EverythingRun(), **json.loads(text))
        return run if type(run.after) is int and type(run.queued) is int and run.at >= 0 else None
    except (TypeError, ValueError):
        return None
