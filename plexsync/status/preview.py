"""A dry run over all scenes, made by the running consumer: what syncing everything would come to."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

from plexsync.app import App, build
from plexsync.durations import iso
from plexsync.errors import PlexSyncError
from plexsync.queue.starting import patiently
from plexsync.redaction import redact
from plexsync.status import dry_run
from plexsync.status.dry_run import Seen
from plexsync.status.jobs import PREVIEW, LongJob, LongJobs
from plexsync.storage.facts import Facts

#: The name of the fact that holds what the last one came to.
FACT = "status_preview"
#: Scenes that are named of those that are not right already.
EXAMPLES = 20
#: Characters of what is said of one.
LONGEST = 300
#: How a look can end, in words for people.
WORDS = {
    dry_run.WOULD_CHANGE: "would change",
    dry_run.RIGHT: "are right already",
    dry_run.NOT_IN_PLEX: "are not in Plex",
    dry_run.REVIEW: "need review",
    dry_run.LEFT_ALONE: "are skipped",
    dry_run.GONE: "are not in Stash",
    dry_run.FAULTY: "could not be checked",
}

log = logging.getLogger(__name__)


class Preview:
    """One dry run at a time, in a thread of its own. Nothing is written, and nothing queued.

    :param jobs: shows how far it is.
    """

    def __init__(self, jobs: LongJobs) -> None:
        self._jobs = jobs
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, app: App, on_end: Callable[[], object]) -> bool:
        """Begin one; False where one runs already.

        :param app: gives settings and database.
        :param on_end: called when it has ended.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._stopping.clear()
            self._jobs.own[PREVIEW] = LongJob(
                PREVIEW, "Looking what would change", 0, None, time.time(), can_cancel=True
            )
            self._thread = threading.Thread(target=self._run, args=(app, on_end), name="Preview", daemon=True)
            patiently(self._thread.start, "a preview")
            return True

    def cancel(self) -> None:
        """End the one that runs; what it has found is kept."""
        self._stopping.set()

    def _run(self, app: App, on_end: Callable[[], object]) -> None:
        try:
            text, ok = self._look(app)
        except PlexSyncError as error:
            text, ok = f"The preview stopped: {redact(str(error))}", False
        except Exception as error:
            log.exception("the preview stopped, through a fault of PlexSync's")
            text, ok = f"The preview stopped through a fault of PlexSync's: {type(error).__name__}.", False
        self._jobs.own.pop(PREVIEW, None)
        self._jobs.end(PREVIEW, text, ok=ok)
        on_end()

    def _look(self, working: App) -> tuple[str, bool]:
        # With connections of its own: those of the workers count what fails.
        with closing(build(working.settings, working.ledger.database, guarded=False)) as app:
            app.library.refresh()
            job = self._jobs.own[PREVIEW]
            job.of = app.stash.scene_count()
            ends: Counter[str] = Counter()
            examples: list[dict[str, Any]] = []
            for seen in dry_run.look_at_first(app, job.of + dry_run.PAGE):
                if self._stopping.is_set():
                    break
                ends[seen.end] += 1
                job.done += 1
                if seen.end not in (dry_run.RIGHT, dry_run.LEFT_ALONE) and len(examples) < EXAMPLES:
                    examples.append(_example(app, seen))
            return self._kept(app.ledger.facts, ends, examples), True

    def _kept(self, facts: Facts, ends: Counter[str], examples: list[dict[str, Any]]) -> str:
        told = ", ".join(f"{ends[end]:,} {words}" for end, words in WORDS.items() if ends[end])
        stopped = "stopped before its end; " if self._stopping.is_set() else ""
        text = f"Preview {stopped}of {ends.total():,} scenes: {told or 'Stash has none'}."
        counts = {words: ends[end] for end, words in WORDS.items()}
        result = {"at": iso(time.time()), "text": text, "counts": counts, "examples": examples}
        facts.put(FACT, redact(json.dumps(result)))
        return text


def latest(facts: Facts) -> dict[str, Any] | None:
    """What the last one came to; None for none."""
    try:
        result = json.loads(facts.get(FACT) or "null")
    except ValueError:
        return None
    return result if isinstance(result, dict) else None


def _example(app: App, seen: Seen) -> dict[str, Any]:
    text = seen.text
    if seen.plan is not None:
        fields = ", ".join(dict.fromkeys(field for field, _, _ in dry_run.changes(seen.plan)))
        text = f"would change {fields}"
    title = seen.plan.scene.title if seen.plan is not None else ""
    if not title and (record := app.ledger.scenes.get(seen.scene_id)) is not None:
        title = record.title
    return {"scene_id": seen.scene_id, "title": title[:LONGEST], "text": text[:LONGEST]}
