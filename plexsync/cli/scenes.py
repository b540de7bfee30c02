"""``scenes list``: scenes by state, the one that changed last first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.given import text
from plexsync.ledger import Ledger, ListedScene, Listings, State
from plexsync.script import command, examples
from plexsync.status.pages import whereabouts
from plexsync.status.scenes import as_row
from plexsync.words import counted

#: Scenes read in one go.
PAGE = 500
#: Longest texts of a listing, in characters.
_TITLE, _TEXT = 40, 100

_EXAMPLES = examples("scenes list --state not_found", "scenes list --search beach --limit 5", "scenes list --json")


@click.group(epilog=_EXAMPLES)
def scenes() -> None:
    """Scenes by state."""


@scenes.command("list", epilog=_EXAMPLES)
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only scenes in this state.")
@click.option(
    "--search", callback=text, default="", metavar="TEXT", help="Only scenes whose title or file holds this text."
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, metavar="N", help="List N scenes at most."
)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def list_scenes(state: str | None, search: str, limit: int, json_wanted: bool) -> None:
    """List scenes, the one that changed last first. Each has what was said of it last."""
    import tasks.app as app

    wanted = State(state) if state else None
    with faults_shown():
        listings = Ledger(app.database).listings
        rows = list(_rows(listings, wanted, search, limit))
        total = listings.count_scenes(wanted, search)
    if json_wanted:
        show.as_json(rows)
        return
    if not rows:
        show.say("no scenes")
        return
    show.table([_line(one) for one in rows], heads=["scene", "state", "title", "changed", "why"])
    more = f" of {counted(total, 'scene')}" if total > len(rows) else ""
    show.say(f"\n{counted(len(rows), 'scene')}{more}. All that is known of one: {command('scene ID')}")


def _rows(listings: Listings, state: State | None, search: str, limit: int) -> Iterator[dict[str, Any]]:
    after: tuple[float, int] | None = None
    while limit > 0:
        page: list[ListedScene] = listings.scenes(state, search, after, min(PAGE, limit))
        places = whereabouts([one.scene_id for one in page])
        yield from (as_row(one, places[one.scene_id]) for one in page)
        if len(page) < min(PAGE, limit):
            return
        after, limit = (page[-1].changed_at, page[-1].scene_id), limit - len(page)


def _line(row: dict[str, Any]) -> list[str]:
    state = row["state"] + (f" ({row['queued']})" if row["queued"] else "")
    why = row["last_error"] or "; ".join(row["reasons"])
    title = show.one_line(row["title"], _TITLE)
    return [str(row["scene_id"]), state, title, show.local(row["changed_at"]), show.one_line(why, _TEXT)]
