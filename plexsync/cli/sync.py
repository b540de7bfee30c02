"""``sync``: queue scenes by hand, or see what would be written."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, told
from plexsync.errors import PlexSyncError
from plexsync.ledger import Ledger, State
from plexsync.metadata import explain
from plexsync.stash import StashClient
from plexsync.sync import Plan
from plexsync.wiring import App, build, load_settings, open_stash

#: Scenes asked for in one page of ids, and queued in one transaction.
PAGE = 1000
#: Seconds between looks at the queue while waiting.
LOOK_EVERY = 0.25
#: States that end a wait without the scene standing right in Plex.
BAD_ENDS = (State.FAILED, State.REVIEW, State.NOT_FOUND)

_EXAMPLES = """Examples:

\b
  python -m plexsync sync 45 46
  python -m plexsync sync 45 --dry-run
  python -m plexsync sync --all --wait
"""


@click.command(epilog=_EXAMPLES)
@click.argument("scene_ids", type=click.IntRange(min=1), nargs=-1, metavar="[ID]...")
@click.option("--all", "all_scenes", is_flag=True, help="Every scene Stash has.")
@click.option("--wait", is_flag=True, help="Stay until they are done; the consumer has to be running.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, field by field, and write nothing.")
def sync(scene_ids: tuple[int, ...], all_scenes: bool, wait: bool, dry_run: bool) -> None:
    """Queue scenes, as if each had just been edited in Stash."""
    if bool(scene_ids) == all_scenes:
        raise click.UsageError("name scenes by their ids, or use --all")
    with told():
        if dry_run:
            sys.exit(_preview(scene_ids, all_scenes=all_scenes))
        queued = _queue(scene_ids, all_scenes=all_scenes)
        click.echo(f"{len(queued)} scene{'s' if len(queued) != 1 else ''} queued")
        if wait:
            sys.exit(wait_for(queued))


def _queue(scene_ids: Sequence[int], *, all_scenes: bool) -> list[int]:
    import tasks

    queued: list[int] = []
    pages = _all_ids() if all_scenes else iter([list(scene_ids)])
    for page in pages:
        tasks.huey.enqueue_many(tasks.sync_scene.s(scene_id) for scene_id in page)
        queued += page
    return queued


def _all_ids() -> Iterator[list[int]]:
    with closing(open_stash(load_settings(os.environ))) as stash:
        yield from _pages(stash)


def _pages(stash: StashClient) -> Iterator[list[int]]:
    page = 1
    while True:
        ids, _ = stash.scene_ids_page(page, PAGE)
        if ids:
            yield list(ids)
        if len(ids) < PAGE:
            return
        page += 1


def wait_for(scene_ids: Sequence[int]) -> int:
    """Stay until scenes that are queued are done, and tell how they ended.

    :returns: the exit code: 0 where all of them stand right in Plex.
    """
    import tasks.app as app

    ledger = Ledger(app.database)
    waiting = list(dict.fromkeys(scene_ids))
    total = len(waiting)
    with click.progressbar(length=total, label="Syncing", file=sys.stderr, show_pos=True) as bar:
        while waiting:
            left = [scene_id for scene_id in waiting if _is_unfinished(ledger, scene_id)]
            bar.update(len(waiting) - len(left))
            waiting = left
            if waiting:
                time.sleep(LOOK_EVERY)
    return _summary(ledger, scene_ids)


def _is_unfinished(ledger: Ledger, scene_id: int) -> bool:
    """Whether the scene is in the queue, unless only for a look at something that may come later."""
    import tasks

    place = tasks.huey.whereabouts(tasks.sync_scene.s(scene_id))
    if place != "scheduled":
        return place is not None
    record = ledger.scenes.get(scene_id)
    return record is None or record.state is State.PENDING


def _summary(ledger: Ledger, scene_ids: Sequence[int]) -> int:
    bad = 0
    for start in range(0, len(scene_ids), PAGE):
        chunk = scene_ids[start : start + PAGE]
        states = ledger.scenes.states(chunk)
        for scene_id in chunk:
            state = states.get(scene_id)
            if state is None or state in BAD_ENDS:
                bad += 1
                record = ledger.scenes.get(scene_id)
                click.echo(f"scene {scene_id}: {show.bad(str(state))}: {record.last_error if record else 'not synced'}")
    click.echo(f"{len(scene_ids) - bad} of {len(scene_ids)} done")
    return FAILED if bad else 0


def _preview(scene_ids: Sequence[int], *, all_scenes: bool) -> int:
    import tasks.app as tasks_app

    app = build(load_settings(os.environ), tasks_app.database)
    try:
        ids: Iterable[int] = (one for page in _pages(app.stash) for one in page) if all_scenes else scene_ids
        failed = sum(not _preview_one(app, scene_id) for scene_id in ids)
    finally:
        app.close()
    return FAILED if failed else 0


def _preview_one(app: App, scene_id: int) -> bool:
    try:
        plan = app.sync.preview(scene_id)
    except PlexSyncError as error:
        click.echo(f"scene {scene_id}: {show.bad(app.redact(str(error)))}")
        return False
    if plan is None:
        click.echo(f"scene {scene_id}: {show.bad('Stash has no such scene')}")
        return False
    _print_plan(plan)
    return True


def _print_plan(plan: Plan) -> None:
    head = f"scene {plan.scene.id} -> item {plan.match.rating_key} ({'; '.join(plan.match.reasons)})"
    if plan.empty:
        click.echo(f"{head}: nothing to change")
        return
    click.echo(f"{head}:")
    rows = [
        [f"  {change.field}", show.bad(f"- {_value(change.before)}"), show.good(f"+ {_value(change.after)}")]
        for change in explain(plan.edit, plan.item or plan.told)
    ]
    rows += [
        [f"  {upload.field}", "", show.good(f"+ picture of {len(upload.picture.data)} bytes")]
        for upload in plan.uploads
    ]
    show.table(rows)
    for note in plan.wanted.notes:
        click.echo(f"  note: {note}")


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value) or "(none)"
    return "(none)" if value in (None, "") else str(value).replace("\n", " ")[:80]
