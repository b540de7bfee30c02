"""``status``: how the whole thing is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from plexsync.cli import left_out, settings_line, show
from plexsync.cli.failures import faults_shown
from plexsync.script import examples
from plexsync.status import database_line
from plexsync.status.figures import collect, consumer_text, left_alone, queue_text
from plexsync.status.findings_now import STASHES_REMEDY, stashes_text
from plexsync.words import counted

#: How a text of each level looks.
_LEVELS: dict[str, Callable[[str], str]] = {"ok": str, "warn": show.doubtful, "fail": show.bad}


@click.command(epilog=examples("status", "status --json | jq .scenes.failed"))
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def status(json_wanted: bool) -> None:
    """Show the queue, scenes by state, dead letters and outages."""
    with faults_shown():
        figures = collect()
    if json_wanted:
        show.as_json(figures)
    else:
        _print(figures)


def _print(figures: dict[str, Any]) -> None:
    queue, scenes = figures["queue"], figures["scenes"]
    oldest = figures["oldest_pending_s"]
    consumer = consumer_text(figures["consumer"])
    rows = [
        ["consumer", show.bad(consumer) if figures["consumer"]["running"] is False else consumer],
        *([["database", database_line.text(figures["database"])]] if figures["database"] else []),
        ["hook", _LEVELS[figures["hook"]["level"]](figures["hook"]["text"])],
        *([["settings", settings_line.text(figures["settings"])]] if figures["settings"] else []),
        ["queue", queue_text(queue)],
        ["oldest pending", "nothing waits" if oldest is None else show.duration(oldest)],
        ["scenes", ", ".join(f"{count} {state}" for state, count in scenes.items() if count) or "none yet"],
        *([["to review", _to_review(scenes["review"])]] if scenes["review"] else []),
        *([["left out", left_out.summary(figures["left_out"])]] if figures["left_out"] else []),
        ["dead letters", _dead_letters(figures)],
        ["Plex", _health(figures["breaker"])],
        ["Stash", _health(figures["stash_breaker"])],
        ["outages", _outages(figures["outages"])],
        ["last success", show.when(figures["last_success_at"]) if figures["last_success_at"] else "never"],
        ["all compared", _compared(figures["reconcile"])],
        ["success rate", ", ".join(f"{show.percent(rate)} ({span})" for span, rate in figures["success_rate"].items())],
    ]
    if figures["stopped"]:
        rows.insert(
            0, ["stopped", show.bad(f"nothing can be synced: {figures['stopped']}") + "; asked again every minute"]
        )
    if figures["stashes"]:
        rows.insert(0, ["Stashes", show.bad(f"{stashes_text(figures['stashes'])} {STASHES_REMEDY}")])
    if queue["set_aside"]:
        rows.append(["unreadable", _set_aside(queue["set_aside"])])
    show.table(rows)


def _set_aside(count: int) -> str:
    return f"{show.bad(counted(count, 'message was', 'messages were'))} set aside: ./huey_consumer.sh doctor says why"


def _to_review(count: int) -> str:
    what = counted(count, "match is", "matches are")
    return f"{what} for you to decide: ./huey_consumer.sh review list"


def _dead_letters(figures: dict[str, Any]) -> str:
    if not figures["dead_letters"]:
        return "0"
    latest = show.when(figures["latest_dead_letter_at"])
    return f"{show.bad(str(figures['dead_letters']))}, the latest {latest}: ./huey_consumer.sh failed list"


def _health(breaker: dict[str, Any]) -> str:
    if breaker["state"] == "closed":
        return show.good("breaker closed")
    return show.bad(f"breaker {breaker['state']}, {left_alone(breaker)}")


def _compared(reconcile: dict[str, Any]) -> str:
    under_way = reconcile["under_way"]
    now = f"; under way: {_so_far(under_way)}" if under_way else ""
    if reconcile["last_at"] is None:
        return f"never{now}"
    last = f"{show.when(reconcile['last_at'])}, {reconcile['queued']:,} differed"
    return "; ".join([last + now, *map(show.bad, reconcile["cautions"])])


def _so_far(run: dict[str, Any]) -> str:
    return f"{counted(run['scenes'], 'scene')}, {counted(run['items'], 'item')}"


def _outages(outages: dict[str, Any]) -> str:
    count, mean = outages["count_24h"], outages["mean_time_to_recover_s"]
    if not count:
        return "none in the last 24 h"
    if mean is None:
        return f"{count:,} in the last 24 h, not over yet"
    on_average = " on average" if count > 1 else ""
    return f"{count:,} in the last 24 h, over after {show.duration(mean)}{on_average}"
