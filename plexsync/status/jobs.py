"""What runs long: how far each is, and what came of those that ended; read from the database, whoever began it."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from plexsync.durations import iso
from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, State
from plexsync.queue.priorities import Priority
from plexsync.reconcile import Runs
from plexsync.status.everything_run import GOES_ON_FOR, noted, stop
from plexsync.status.rate import Rate
from plexsync.words import counted

#: The names of what runs long.
EVERYTHING, RECONCILE, PREVIEW, INDEX, QUEUE = "everything", "reconcile", "preview", "index", "queue"
#: Ends that are kept, and the name of the fact that holds them.
KEPT, FACT = 10, "status_done"
#: The name of the fact that tells which ends are noted.
KNOWN_FACT = "status_ends"
#: Messages that wait from which on working them off is shown as something that runs.
MANY = 20


@dataclass(slots=True)
class LongJob:
    """Something that runs: ``done`` of ``of`` (None for not known), since when (epoch seconds)."""

    id: str
    text: str
    done: int
    of: int | None
    since: float
    can_cancel: bool = False


class LongJobs:
    """Follows what runs long. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rates: dict[str, Rate] = {}
        self._running: dict[str, LongJob] = {}
        self._queue_most = 0
        self._queue_since = 0.0
        #: What runs in this process and nowhere else.
        self.own: dict[str, LongJob] = {}

    def now(self, ledger: Ledger, waiting: int) -> list[dict[str, Any]]:
        """What runs now; what has ended since the last call is noted.

        :param waiting: messages that wait or are worked on.
        """
        with self._lock:
            jobs = {job.id: job for job in (*_jobs(ledger), *self._drain(waiting), *self.own.values())}
            if not self._note_ends(ledger, jobs) and RECONCILE in self._running and RECONCILE not in jobs:
                self.end(RECONCILE, "The comparison was stopped before its end.", ok=False)
            self._running = jobs
            self._rates = {name: rate for name, rate in self._rates.items() if name in jobs}
            return [self._shown(job) for job in jobs.values()]

    def end(self, job_id: str, text: str, *, ok: bool) -> None:
        """Note what came of something."""
        import tasks.app as app

        facts = Ledger(app.database).facts
        ends = [*done(Ledger(app.database)), {"id": job_id, "text": text, "ok": ok, "at": iso(time.time())}]
        facts.put(FACT, json.dumps(ends[-KEPT:]))

    def _note_ends(self, ledger: Ledger, jobs: Mapping[str, LongJob]) -> bool:
        """Note what has ended since, however short it was; whether a comparison has.

        Each end is known by a number that the next one does not have. Those from before this was first asked are old.
        """
        last, run = Runs(ledger.facts).last(), noted(ledger.facts)
        is_over = run is not None and run.complete and not run.stopped and EVERYTHING not in jobs
        numbers = {
            RECONCILE: 0.0 if last is None else last.finished_at or 0.0,
            EVERYTHING: run.began if run is not None and is_over else None,
        }
        known = _known(ledger)
        fresh = {name: number for name, number in numbers.items() if number is not None and known.get(name) != number}
        if not fresh:
            return False
        import tasks.app as app

        Ledger(app.database).facts.put(KNOWN_FACT, json.dumps(known | fresh))
        if known and RECONCILE in fresh and last is not None:
            self.end(RECONCILE, f"Everything was compared: {last.text()}.", ok=True)
        if known and EVERYTHING in fresh:
            text, ok = _everything_ended(ledger, fresh[EVERYTHING])
            self.end(EVERYTHING, text, ok=ok)
        return RECONCILE in fresh

    def _drain(self, waiting: int) -> list[LongJob]:
        """Working off what waits, where that is a lot."""
        if waiting == 0 or (self._queue_most == 0 and waiting < MANY):
            self._queue_most = 0
            return []
        if self._queue_most == 0:
            self._queue_since = time.time()
        self._queue_most = max(self._queue_most, waiting)
        text = f"Working off the queue: {counted(waiting, 'message waits', 'messages wait')}"
        return [LongJob(QUEUE, text, self._queue_most - waiting, self._queue_most, self._queue_since)]

    def _shown(self, job: LongJob) -> dict[str, Any]:
        rate = self._rates.setdefault(job.id, Rate(job.done))
        rate.note(job.done)
        left = None if job.of is None else rate.left(max(0, job.of - job.done))
        return {
            "id": job.id,
            "text": job.text,
            "done": job.done,
            "of": job.of,
            "since": iso(job.since),
            "left_s": None if left is None else round(left),
            "can_cancel": job.can_cancel,
        }


def done(ledger: Ledger) -> list[dict[str, Any]]:
    """What came of the last few, the newest last."""
    try:
        ends = json.loads(ledger.facts.get(FACT) or "[]")
    except ValueError:
        return []
    return ends if isinstance(ends, list) else []


def _jobs(ledger: Ledger) -> list[LongJob]:
    return [job for job in (_everything(ledger), _reconcile(ledger), *_index(ledger)) if job is not None]


def _everything(ledger: Ledger) -> LongJob | None:
    import tasks.app as app

    run = noted(ledger.facts)
    if run is None or run.stopped or not 0 <= run.age < GOES_ON_FOR:
        return None
    backlog = app.huey.backlog(Priority.EVERYTHING)
    waiting = backlog.pending + backlog.in_progress
    if run.complete and not waiting:
        return None
    of = max(run.queued + run.remaining, waiting)
    finished = max(0, min(of, run.queued) - waiting)
    return LongJob(EVERYTHING, "Syncing all scenes", finished, of, run.began or run.at, can_cancel=True)


def _reconcile(ledger: Ledger) -> LongJob | None:
    run = Runs(ledger.facts).current()
    if run is None:
        return None
    of = run.of_scenes + run.of_items
    text = f"Comparing everything: {counted(run.queued, 'difference')} so far"
    return LongJob(RECONCILE, text, run.scenes + run.items, of or None, run.started_at, can_cancel=True)


def _index(ledger: Ledger) -> list[LongJob]:
    """Reading the libraries of Plex, as far as that has to be done whole."""
    with ledger.database.read() as db:
        rows = db.execute(
            "select title, pass_position from section where pass_position is not null and filled_at is null"
        ).fetchall()
    if not rows:
        return []
    names = ", ".join(f"{row['title']!r}" for row in rows)
    read = sum(row["pass_position"] for row in rows)
    return [LongJob(INDEX, f"Reading Plex's library {names}", read, None, time.time())]


def _known(ledger: Ledger) -> dict[str, float]:
    try:
        known = json.loads(ledger.facts.get(KNOWN_FACT) or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _everything_ended(ledger: Ledger, since: float) -> tuple[str, bool]:
    with ledger.database.read() as db:
        rows = db.execute(
            "select state, count(*) from scene where changed_at >= ? and scene_id > 0 group by state", (since,)
        ).fetchall()
    counts = Counter({State(row[0]): row[1] for row in rows})
    return _counts("All scenes were looked at", counts), not counts[State.FAILED]


def _counts(begin: str, counts: Counter[State]) -> str:
    told = [f"{counts[state]:,} {words}" for state, words in _STATES.items() if counts[state]]
    return f"{begin}: {', '.join(told) or 'nothing to do'}."


_STATES = {
    State.SYNCED: "right in Plex",
    State.FAILED: "failed",
    State.REVIEW: "to review",
    State.NOT_FOUND: "not in Plex",
    State.SKIPPED: "skipped",
    State.PENDING: "to be tried again",
}


def cancel_everything(ledger: Ledger) -> int:
    """Take back what syncing all scenes has queued and nobody works on; returns how many scenes that were.

    Scenes that differ are found when everything is compared.
    """
    import tasks.app as app

    run = noted(ledger.facts)
    began = 0.0 if run is None else run.began
    with app.database.write(durable=True) as db:
        db.execute("delete from task where queue = ? and name = 'sync_all'", (app.huey.name,))
        count = db.execute(
            "delete from task where queue = ? and name = ? and priority = ? and enqueued_at >= ?",
            (app.huey.name, event_files.SYNC_SCENE, float(Priority.EVERYTHING), began - 1),
        ).rowcount
        stop(Ledger(app.database).facts)
    return count
