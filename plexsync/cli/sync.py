"""``sync``: queue scenes by hand, or see what would be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from plexsync.cli import show
from plexsync.cli.everything import Everything
from plexsync.cli.failures import faults_shown
from plexsync.cli.given import ID
from plexsync.cli.waiting import tell_how_all_stand, wait_for, wait_for_all
from plexsync.inbox import event_files
from plexsync.ledger import Ledger
from plexsync.queue.priorities import Priority
from plexsync.script import command, examples
from plexsync.status.everything_run import EverythingRun
from plexsync.words import counted

#: The exit code of what is stopped by Ctrl-C, as shells have it.
INTERRUPTED = 130

_EXAMPLES = f"""{examples("sync 45 46", "sync 45 --dry-run", "sync --all --dry-run", "sync --all --wait")}

With --all, scenes that you edit meanwhile come first. If the command is stopped half-way, by Ctrl-C or otherwise, the
same command goes on where it was, for twelve hours.
"""


@click.command(epilog=_EXAMPLES)
@click.argument("scene_ids", type=ID, nargs=-1, metavar="[ID]...")
@click.option("--all", "all_scenes", is_flag=True, help="Every scene in Stash.")
@click.option("--wait", is_flag=True, help="Wait until they are done. The consumer has to be running.")
@click.option("--restart", is_flag=True, help="With --all: start over, if an earlier run was stopped half-way.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, field by field, and write nothing.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="With --all --dry-run: show the differences of N scenes, and count ten times as many.",
)
@click.option("--json", "json_wanted", is_flag=True, help="With --dry-run: print JSON for scripts.")
def sync(
    scene_ids: tuple[int, ...],
    all_scenes: bool,
    wait: bool,
    restart: bool,
    dry_run: bool,
    limit: int,
    json_wanted: bool,
) -> None:
    """Queue scenes, as if each had just been edited in Stash."""
    if bool(scene_ids) == all_scenes:
        raise click.UsageError("name scenes by their ids, or use --all")
    if json_wanted and not dry_run:
        raise click.UsageError(
            f"--json goes with --dry-run; for the state of scenes see {command('status --json')} and by "
            f"{command('scene ID --json')}"
        )
    if restart and (dry_run or not all_scenes):
        raise click.UsageError("--restart goes with --all")
    with faults_shown():
        try:
            if dry_run:
                sys.exit(_preview(scene_ids, limit, json_wanted=json_wanted))
            sys.exit(_sync_all(wait=wait, restart=restart) if all_scenes else _sync_some(scene_ids, wait=wait))
        except KeyboardInterrupt:
            _tell_of_stop(all_scenes=all_scenes, dry_run=dry_run)
            sys.exit(INTERRUPTED)


def _preview(scene_ids: Sequence[int], limit: int, *, json_wanted: bool) -> int:
    from plexsync.cli.preview import preview_all, preview_some

    if scene_ids:
        return preview_some(scene_ids, json_wanted=json_wanted)
    return preview_all(limit, json_wanted=json_wanted)


def _sync_some(scene_ids: Sequence[int], *, wait: bool) -> int:
    import tasks.app as app

    # What was left out is tried again, too: a person may have put right what was in its way.
    Ledger(app.database).left_out.hasten(scene_ids)
    app.huey.enqueue_by_name(event_files.SYNC_SCENE, ((scene_id,) for scene_id in scene_ids))
    show.say(_queued(len(scene_ids)))
    return wait_for(scene_ids) if wait else 0


def _sync_all(*, wait: bool, restart: bool) -> int:
    import tasks.app as app
    from plexsync.app import opened_for_all
    from plexsync.installation.settings_reader import load_settings

    ledger = Ledger(app.database)
    ledger.left_out.hasten()
    everything = Everything(ledger, app.huey)
    run = None if restart else everything.earlier()
    if run is not None:
        _tell_of_earlier(run, everything.waiting())
    if run is None or not run.complete:
        with opened_for_all(load_settings(os.environ), ledger) as (stash, unchanged):
            run = everything.queue(stash, run or EverythingRun(), unchanged.among)
        show.say(_queued(run.queued - run.unchanged) + _left_as_they_are(run.unchanged))
    if not wait:
        return 0
    wait_for_all(run.queued - run.unchanged, Priority.EVERYTHING)
    everything.done()
    return tell_how_all_stand()


def _queued(count: int) -> str:
    return f"{counted(count, 'scene')} queued"


def _left_as_they_are(count: int) -> str:
    return f"; {counted(count, 'scene has', 'scenes have')} not changed since the last sync" if count else ""


def _tell_of_earlier(run: EverythingRun, waiting: int) -> None:
    since, anew = show.duration(run.age), "--restart starts over"
    if run.complete:
        left = counted(waiting, "is", "are")
        show.say(f"all {run.queued:,} scenes were queued {since} ago, and {left} still to be done ({anew})")
    else:
        show.say(
            f"going on after scene {run.after}: an earlier run queued {counted(run.queued, 'scene')} and was stopped "
            f"{since} ago ({anew})"
        )


def _tell_of_stop(*, all_scenes: bool, dry_run: bool) -> None:
    if dry_run:
        text = "stopped; nothing was written, and nothing queued"
    else:
        text = "stopped; what is queued is synced all the same"
        text += ", and the same command goes on from here" if all_scenes else ""
    show.say(f"\n{text}", err=True)
