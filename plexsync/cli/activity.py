"""``activity`` and ``trace``: what was done lately, and one event's way from the hook to Plex."""

from __future__ import annotations

import sys
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, faults_shown
from plexsync.cli.given import ID
from plexsync.inbox.event_files import MAX_ID, is_event_id
from plexsync.ledger import Ledger, ListedOutcome
from plexsync.script import command, examples
from plexsync.status.activity import as_row, one_way, trace_event
from plexsync.status.arguments import BadRequest

#: Outcomes read in one go.
PAGE = 500
#: Longest texts of a listing, in characters.
_TITLE, _TEXT = 30, 100
_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")


@click.command(epilog=examples("activity", "activity --limit 200 --json", "activity --scene 45"))
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="List N outcomes at most."
)
@click.option("--scene", "scene_id", type=ID, metavar="ID", help="Only of this scene.")
@_JSON
def activity(limit: int, scene_id: int | None, json_wanted: bool) -> None:
    """List what PlexSync did lately, the newest first."""
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


class _TracedId(click.ParamType[str]):
    """The short id of an event, or the number of an outcome."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id as it was given.

        :raises click.BadParameter: it can be neither.
        """
        text = str(value).strip().lower()
        if not is_event_id(text) and not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_ID):
            told = f"{show.one_line(str(value), _TITLE)!r} is neither an event's id, as 3f9c21ab in Stash's log, nor "
            self.fail(f"{told}the id of a line of {command('activity')}, as 812", param, ctx)
        return text


@click.command(epilog=examples("trace 3f9c21ab", "trace 812", "trace 812 --json"))
@click.argument("traced", type=_TracedId(), metavar="ID")
@_JSON
def trace(traced: str, json_wanted: bool) -> None:
    """Show one event's way from the hook to Plex.

    ID is the event's id, which the hook prints in Stash's log and PlexSync's log repeats, or the id of a line of
    activity.
    """
    with faults_shown():
        found = _traced(_ledger(), traced)
    if found is None:
        show.say(f"nothing is known of {traced} (any more); see: {command('activity')}", err=True)
        sys.exit(FAILED)
    if json_wanted:
        show.as_json(found)
        return
    for way in found.get("ways", [found] if "steps" in found else []):
        show.say(f"scene {way['scene_id']}  {show.one_line(way['title'], _TEXT)}")
        show.table([[_when(step["at"]), step["what"], show.one_line(step["text"], 300)] for step in way["steps"]])
    for one in found.get("waits", ()):
        since = f", since {_when(one['since'])}" if one["since"] else ""
        due = f", tried again {show.next_try(one['due'])}" if one["due"] else ""
        show.say(f"{one['what']}: {one['place']}{since}{due}")


def _traced(ledger: Ledger, traced: str) -> dict[str, Any] | None:
    """What is known of an event, or of an outcome: an id that can be either is an event's where one is known."""
    if is_event_id(traced):
        try:
            return trace_event(ledger, traced)
        except BadRequest:
            if not traced.isdigit():
                return None
    one = ledger.listings.outcome(int(traced))
    return None if one is None else one_way(ledger, one)


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
