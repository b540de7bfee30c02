"""``matching``: how well scenes and items are matched here."""

from __future__ import annotations

from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.ledger import Ledger
from plexsync.script import examples
from plexsync.status.matching_report import collect
from plexsync.words import counted


@click.group(epilog=examples("matching report", "matching report --json"))
def matching() -> None:
    """Show how well scenes are matched in your libraries."""


@matching.command(epilog=examples("matching report", "matching report --json | jq '.reviews'"))
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def report(json_wanted: bool) -> None:
    """Show how often each kind of evidence was right here.

    It counts the reviews that you accepted or rejected, and the matches that PlexSync made by itself: those that stand,
    and those that you changed later. A match rests on several kinds of evidence, and counts for each of them.
    """
    with faults_shown():
        import tasks.app as app

        facts = collect(Ledger(app.database))
    if json_wanted:
        show.as_json(facts)
        return
    reviews, automatic = facts["reviews"], facts["automatic"]
    show.say(
        f"reviews: {reviews['accepted']:,} accepted, {reviews['rejected']:,} rejected, {reviews['waiting']:,} waiting"
    )
    show.say(
        f"matches made without a review: {counted(automatic['stand'], 'stands', 'stand')}, "
        f"{automatic['changed']:,} changed by a person"
    )
    rows = [_row(one) for one in facts["evidence"]]
    show.table(rows, heads=["evidence", "reviews right", "wrong", "", "by itself", "changed", ""])


def _row(one: dict[str, Any]) -> list[str]:
    said, made = one["reviews"], one["automatic"]
    return [
        *(one["evidence"], f"{said['accepted']:,}", f"{said['rejected']:,}", _percent(said["right"])),
        *(f"{made['stand']:,}", f"{made['changed']:,}", _percent(made["right"])),
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
