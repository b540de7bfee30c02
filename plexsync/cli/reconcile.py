"""``reconcile``: compare everything here and now, or see what would come of it."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import Any

import click

from plexsync.app import App
from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.preview import preview_one
from plexsync.installation.settings_reader import load_settings
from plexsync.reconcile import DifferenceKind, Phase, ReconcileFinding, ReconcileRun, Runs, exclusive
from plexsync.reconcile.reconciler import Reconciler
from plexsync.script import examples
from plexsync.words import counted

#: Differences that a dry run prints.
SHOWN = 20

#: What each kind means, for a person.
MEANINGS = {
    DifferenceKind.NEW: "never looked at",
    DifferenceKind.CHANGED: "changed in Stash",
    DifferenceKind.MOVED: "no longer has the file it was found by",
    DifferenceKind.UNCONFIRMED: "a write to Plex was never confirmed",
    DifferenceKind.DOUBTED: "saved from a damaged database: compared with its item again",
    DifferenceKind.FAILED: "given up: tried again",
    DifferenceKind.NOT_FOUND: "not in Plex: looked for again",
    DifferenceKind.REVIEW: "waits for review: matched again",
    DifferenceKind.STRANDED: "failed, and was not in the queue",
    DifferenceKind.SKIPPED: "skipped so far, or to be skipped from now on (not organized)",
    DifferenceKind.UNREADABLE: "cannot be read from Stash; tried once more",
    DifferenceKind.GONE: "no longer in Stash",
    DifferenceKind.DRIFTED: "changed in Plex",
    DifferenceKind.UNLOCKED: "unlocked in Plex",
    DifferenceKind.PICTURE_GONE: "its picture is gone from Plex",
    DifferenceKind.FURTHER: "one more item in Plex has its file",
    DifferenceKind.REPLACED: "its item is gone from Plex",
}
_EXAMPLES = examples(
    "reconcile --dry-run",
    "reconcile",
    "reconcile --full --json",
)


@click.command(epilog=_EXAMPLES)
@click.option("--full", is_flag=True, help="Read every item of Plex in full, even if its listing shows no change.")
@click.option("--dry-run", is_flag=True, help="Print what differs, and queue nothing.")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def reconcile(full: bool, dry_run: bool, json_wanted: bool) -> None:
    """Compare everything in Stash with Plex, and queue what differs.

    This command compares; the consumer then brings what was queued to Plex. If you stop it, the same command goes on
    where it was.
    """
    with faults_shown():
        findings: list[ReconcileFinding] = []
        with ExitStack() as stack:
            app = _app(dry_run=dry_run)
            stack.callback(app.close)
            if not dry_run:
                stack.enter_context(exclusive(app.ledger.database.path.parent))
            run = _go(app, findings, full=full, dry_run=dry_run)
            if json_wanted:
                show.as_json(_figures(run, findings if dry_run else None))
                return
            _print(run, dry_run=dry_run)
            if dry_run:
                _print_differences(app, findings)


def _app(*, dry_run: bool) -> App:
    import tasks.app as tasks_app
    from plexsync.app import build

    settings = load_settings(os.environ)
    # To look is a person's own question: Plex and Stash are asked even while a circuit is open, and nothing is counted.
    return build(settings, tasks_app.database, guarded=False) if dry_run else tasks_app.wire(settings)


def _go(app: App, findings: list[ReconcileFinding], *, full: bool, dry_run: bool) -> ReconcileRun:
    from tasks.reconcile import HueyQueue

    def keep(finding: ReconcileFinding) -> None:
        if len(findings) < SHOWN:
            findings.append(finding)

    now = time.time()
    run = ReconcileRun(int(now), full, now) if dry_run else Runs(app.ledger.facts).begin(int(now), full=full)
    if run.scenes:
        show.say(f"going on where the one of {_moment(run)} stopped", err=True)
    progress = _Progress(run)
    for further in Reconciler(app, HueyQueue(), dry_run=dry_run, on_finding=keep).pages(run):
        run = further
        progress.tell(run)
    progress.end()
    return run


class _Progress:
    """Says on standard error how far a run is: first its scenes, then its items."""

    def __init__(self, run: ReconcileRun) -> None:
        self._run = run
        self._phase = Phase.DONE
        self._shown: show.Progress | None = None

    def tell(self, run: ReconcileRun) -> None:
        phase = Phase.ITEMS if run.phase in (Phase.ITEMS, Phase.LOST) else Phase.SCENES
        done, before, total = (
            (run.items, self._run.items, run.of_items)
            if phase is Phase.ITEMS
            else (run.scenes, self._run.scenes, run.of_scenes)
        )
        if phase is not self._phase or self._shown is None:
            self.end()
            self._phase = phase
            self._shown = show.Progress("Items of Plex" if phase is Phase.ITEMS else "Scenes of Stash", total)
            before = 0
        self._shown.after(done - before)
        self._run = run

    def end(self) -> None:
        if self._shown is not None:
            self._shown.end()


def _figures(run: ReconcileRun, findings: list[ReconcileFinding] | None) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "started_at": show.iso(run.started_at),
        "seconds": round((run.finished_at or time.time()) - run.started_at, 1),
        "full": run.full,
        "scenes": run.scenes,
        "items": run.items,
        "queued": 0 if findings is not None else run.queued,
        "differences": {str(kind): run.counts.get(kind, 0) for kind in DifferenceKind},
        "cautions": list(run.cautions),
    }
    if findings is not None:
        figures["first"] = [{"scene_id": one.scene_id, "kind": one.kind, "texts": one.texts} for one in findings]
    return figures


def _moment(run: ReconcileRun) -> str:
    return show.local(show.iso(run.started_at) or "")


def _print(run: ReconcileRun, *, dry_run: bool) -> None:
    show.say(f"{counted(run.scenes, 'scene')} of Stash and {counted(run.items, 'item')} of Plex compared")
    show.table([[f"  {run.counts[kind]:,}", MEANINGS[kind]] for kind in DifferenceKind if run.counts.get(kind)])
    for caution in run.cautions:
        show.say(show.bad(caution))
    if not run.queued:
        show.say("nothing to do")
    elif dry_run:
        show.say(f"{counted(run.queued, 'scene')} would be queued")
    else:
        show.say(f"{counted(run.queued, 'scene')} queued, for the consumer to bring to Plex")


def _print_differences(app: App, findings: list[ReconcileFinding]) -> None:
    """What is known of the first differences; of scenes that differ from the ledger, what would be written."""
    for finding in findings:
        show.say(f"scene {finding.scene_id}: {MEANINGS[finding.kind]}")
        for text in finding.texts:
            show.say(f"  {show.one_line(text, 200)}")
        if not finding.texts and finding.kind is not DifferenceKind.GONE:
            preview_one(app, finding.scene_id)
