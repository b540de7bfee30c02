"""``watch``: how it is going, renewed every second until Ctrl-C."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.configuration.data_folder import data_dir
from plexsync.inbox import request_files
from plexsync.script import examples

#: Seconds between two looks.
EVERY = 1.0
#: Findings and ends shown.
SHOWN = 5


@click.command(epilog=examples("watch", "watch --once"))
@click.option("--once", is_flag=True, help="Show it once, and end.")
def watch(once: bool) -> None:
    """Show live what PlexSync does, until you press Ctrl-C. If the output is not a terminal, each change is a line."""
    with faults_shown(), suppress(KeyboardInterrupt):
        folder = str(data_dir(os.environ))
        if once:
            show.lines("\n".join(_lines(_look(folder))))
        elif sys.stdout.isatty():
            _watch_on_terminal(folder)
        else:
            _watch_in_lines(folder)


def _watch_on_terminal(folder: str) -> None:
    with show.Screen() as screen:
        while True:
            screen.show(_lines(_look(folder)))
            time.sleep(EVERY)


def _watch_in_lines(folder: str) -> None:
    before = ""
    while True:
        text = " | ".join(" ".join(line.split()) for line in _lines(_look(folder)))
        if text != before:
            show.say(text)
            sys.stdout.flush()
            before = text
        time.sleep(EVERY)


def _look(folder: str) -> dict[str, Any] | None:
    """The snapshot; None where no consumer shows signs of life."""
    with suppress(OSError):
        request_files.watch(folder)
    try:
        found = json.loads(request_files.status(folder) or b"null")
    except ValueError:
        found = None
    return found if isinstance(found, dict) and request_files.runs(folder) else None


def _lines(found: dict[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "no consumer runs on this data: start it with ./huey_consumer.sh"
        return
    yield f"PlexSync {found['version']}: {found['state'].replace('_', ' ')} since {show.local(found['since'])}"
    for fault in found.get("settings_faults", []):
        yield f"  settings: {fault['setting']} {fault['problem']}: {fault['remedy']}"
    if "queue" not in found:
        return
    queue, scenes = found["queue"], found["scenes"]
    oldest = found["oldest_pending_s"]
    waits = "" if oldest is None else f", the oldest for {show.duration(oldest)}"
    pending, progress = f"{queue['pending']:,} pending", f"{queue['in_progress']:,} in progress"
    yield f"queue    {pending}, {progress}, {queue['scheduled']:,} scheduled{waits}"
    yield f"scenes   {', '.join(f'{count:,} {state}' for state, count in scenes.items() if count) or 'none yet'}"
    yield f"success  {', '.join(f'{show.percent(rate)} ({span})' for span, rate in found['success_rate'].items())}"
    yield f"Plex {_up(found['plex'])}, Stash {_up(found['stash'])}"
    yield from (f"now      {_running(job)}" for job in found.get("now", []))
    yield from (f"{one['level']}     {one['text']}" for one in found.get("findings", [])[:SHOWN])
    yield from (f"done     {show.local(one['at'])}  {one['text']}" for one in found.get("done", [])[-SHOWN:])


def _up(service: dict[str, Any]) -> str:
    if service["up"]:
        return "answers"
    since = f" since {show.local(service['since'])}" if service["since"] else ""
    return f"is away{since}"


def _running(job: dict[str, Any]) -> str:
    of = "" if job["of"] is None else f" of {job['of']:,}"
    left = "" if job["left_s"] is None else f", {show.duration(job['left_s'])} left"
    return f"{job['text']}: {job['done']:,}{of}{left}"
