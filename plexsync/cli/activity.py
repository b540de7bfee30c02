"""``activity`` and ``trace``: what was done lately, and one event's way from the hook to Plex."""

from __future__ import annotations

import sys
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, faults_shown
from plexsync.ledger import Ledger, ListedOutcome
from plexsync.script import command, examples
from plexsync.status.activity import as_row, steps_of

#: Outcomes read in one go.
PAGE = 500
#: Longest texts of a listing, in characters.
_TITLE, _TEXT = 30, 100
_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")


@click.command(epilog=examples("activity", "activity --limit 200 --json", "activity --scene 45"))
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="List N outcomes at most."
)
@click.option("--scene", "scene_id", type=click.IntRange(min=1), metavar="ID", help="Only of this scene.")
@_JSON
def activity(limit: int, scene_id: int | None, json_wanted: bool) -> None:
    """List what was done lately, the newest first."""
    with faults_shown():
        rows = [as_row(one) for one in _latest(scene_id, limit)]
    if json_wanted:
        show.as_json(rows)
        return
    if not rows:
        show.say("nothing was done lately")
        return
    show.table([_line(one) for one in rows], heads=["id", "when", "scene", "title", "outcome", "what"])
    show.say(f"\nOne event's way to Plex: {command('trace ID')}")


@click.command(epilog=examples("trace 812", "trace 812 --json"))
@click.argument("outcome_id", type=click.IntRange(min=1), metavar="ID")
@_JSON
def trace(outcome_id: int, json_wanted: bool) -> None:
    """Show one event's way from the hook to Plex. ID is the id of a line of activity."""
    with faults_shown():
        ledger = _ledger()
        one = ledger.listings.outcome(outcome_id)
        if one is None:
            show.say(f"nothing is known of outcome {outcome_id} (any more); see: {command('activity')}", err=True)
            sys.exit(FAILED)
        steps = steps_of(ledger, one)
    if json_wanted:
        show.as_json({"scene_id": one.scene_id, "title": one.title, "steps": steps})
        return
    show.say(f"scene {one.scene_id}  {show.one_line(one.title, _TEXT)}")
    show.table([[_when(step["at"]), step["what"], show.one_line(step["text"], 300)] for step in steps])


def _latest(scene_id: int | None, limit: int) -> list[ListedOutcome]:
    listings, found = _ledger().listings, list[ListedOutcome]()
    while len(found) < limit:
        wanted = min(PAGE, limit - len(found))
        page = listings.outcomes(scene_id, found[-1].id if found else None, wanted)
        found += page
        if len(page) < wanted:
            break
    return found


def _ledger() -> Ledger:
    import tasks.app as app

    return Ledger(app.database)


def _line(row: dict[str, Any]) -> list[str]:
    seconds = "" if row["seconds"] is None else f" in {row['seconds']:.2f} s"
    return [
        str(row["id"]),
        _when(row["at"]),
        str(row["scene_id"]),
        show.one_line(row["title"], _TITLE),
        row["outcome"],
        show.one_line(row["text"], _TEXT) + seconds,
    ]


def _when(moment: str | None) -> str:
    return "" if moment is None else show.local(moment)
