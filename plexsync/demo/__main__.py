"""``./huey_consumer.sh --demo``: PlexSync at work, on a machine with neither Stash nor Plex."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from plexsync.cli import show, terminal
from plexsync.demo.story import Row, Story
from plexsync.demo.world import World

#: Columns that the times before each line take.
MARGIN = 9


def main() -> int:
    """Play the demo; returns 0 when every scene ended right, else 1."""
    started = time.monotonic()
    terminal.set_up()
    with (
        tempfile.TemporaryDirectory(prefix="plexsync-demo-") as folder,
        World(Path(folder), {"PLEXSYNC_PATH_MAP": "", "PLEXSYNC_POLL_INTERVAL": "1"}) as world,
    ):
        try:
            rows = Story(world, _tell).play()
        except (TimeoutError, RuntimeError) as error:
            show.say(show.bad(str(error)), err=True)
            click.echo(world.log_path.read_text(encoding="utf-8", errors="replace")[-4000:], err=True)
            return 1
        counters = world.plex.counters
    _print(rows)
    right = sum(not row.faults for row in rows)
    show.say(
        f"{right} of {len(rows)} scenes are right in Plex, after {counters['writes'] - counters['uploads']} edits and "
        f"{counters['uploads']} pictures, in {time.monotonic() - started:.0f} s."
    )
    return 0 if right == len(rows) else 1


def _tell(text: str) -> None:
    show.say(text, indent=0 if text.startswith(" " * MARGIN) else MARGIN)


def _print(rows: Sequence[Row]) -> None:
    show.say()
    lines = [
        [
            *(str(row.scene_id), row.before, row.after, row.studio, row.tags, row.rating),
            show.good("right") if not row.faults else show.bad("wrong"),
        ]
        for row in rows
    ]
    heads = ["scene", "Plex showed before", "Plex shows now", "studio", "genres", "rating", ""]
    if not show.fits(lines):
        # What a narrow terminal has room for.
        heads, lines = ["scene", "", *heads[2:0:-1]], [[line[0], line[-1], *line[2:0:-1]] for line in lines]
    show.table(lines, heads=heads)
    for row in rows:
        for fault in row.faults:
            show.say(show.bad(f"scene {row.scene_id}: {fault}"))
    show.say()


if __name__ == "__main__":
    sys.exit(main())
