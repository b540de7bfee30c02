"""``stats``: what the last day, week, month and year came to."""

from __future__ import annotations

from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.ledger import Ledger, Result
from plexsync.script import examples
from plexsync.status.statistics import all_spans, statistics


@click.command(epilog=examples("stats", "stats --days 2", "stats --json | jq '.\"7d\".latency_s'"))
@click.option("--days", type=click.IntRange(1, 400), metavar="N", help="Only the last N days.")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def stats(days: int | None, json_wanted: bool) -> None:
    """Show totals of the last day, week, month and year. They count scenes synced and failed, how long edits took, and
    outages.
    """
    with faults_shown():
        import tasks.app as app

        ledger = Ledger(app.database)
        found = all_spans(ledger) if days is None else {f"{days}d": statistics(ledger, days)}
    if json_wanted:
        show.as_json(found)
        return
    heads = ["", *(f"last {name}" for name in found)]
    spans = list(found.values())
    show.table([[name, *map(value, spans)] for name, value in _ROWS], heads=heads)


def _outcome(result: Result) -> Any:
    return lambda span: f"{span['outcomes'][result]:,}"


def _took(which: str) -> Any:
    def text(span: dict[str, Any]) -> str:
        seconds = span["latency_s"][which]
        if seconds is None:
            return "no edits"
        return f"{seconds:.1f} s" if seconds < 60 else show.duration(seconds)

    return text


def _requests(span: dict[str, Any]) -> str:
    return "no scenes" if span["requests_per_scene"] is None else f"{span['requests_per_scene']:.1f}"


def _outages(span: dict[str, Any]) -> str:
    count, seconds = span["outages"]["count"], span["outages"]["seconds"]
    return f"{count}, {show.duration(seconds)}" if count or seconds else "none"


_ROWS = (
    ("synced", _outcome(Result.SYNCED)),
    ("right already", _outcome(Result.UNCHANGED)),
    ("given up", _outcome(Result.FAILED)),
    ("tried again", _outcome(Result.RETRY)),
    ("not in Plex", _outcome(Result.NOT_FOUND)),
    ("to review", _outcome(Result.REVIEW)),
    ("half of edits in Plex within", _took("median")),
    ("95 % of edits in Plex within", _took("p95")),
    ("requests to Plex per scene", _requests),
    ("outages", _outages),
)
