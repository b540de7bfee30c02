"""``./huey_consumer.sh --demo``: PlexSync at work, on a machine with neither Stash nor Plex."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from plexsync.cli import show
from plexsync.demo.story import Row, Story
from plexsync.demo.world import World


def main() -> int:
    """Play the demo; returns 0 when every scene ended right, else 1."""
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="plexsync-demo-") as folder,
        World(Path(folder), {"PLEXSYNC_PATH_MAP": "", "PLEXSYNC_POLL_INTERVAL": "1"}) as world,
    ):
        try:
            rows = Story(world, click.echo).play()
        except (TimeoutError, RuntimeError) as error:
            click.echo(show.bad(str(error)), err=True)
            click.echo(world.log_path.read_text(encoding="utf-8", errors="replace")[-4000:], err=True)
            return 1
        counters = world.plex.counters
    _print(rows)
    right = sum(not row.faults for row in rows)
    click.echo(
        f"{right} of {len(rows)} scenes are right in Plex, after {counters['writes'] - counters['uploads']} edits and "
        f"{counters['uploads']} pictures, in {time.monotonic() - started:.0f} s."
    )
    return 0 if right == len(rows) else 1


def _print(rows: Sequence[Row]) -> None:
    click.echo()
    lines = [
        [
            *(str(row.scene_id), row.before, row.after, row.studio, row.tags, row.rating),
            show.good("right") if not row.faults else show.bad("wrong"),
        ]
        for row in rows
    ]
    show.table(lines, heads=["scene", "Plex showed before", "Plex shows now", "studio", "genres", "rating", ""])
    for row in rows:
        for fault in row.faults:
            click.echo(show.bad(f"scene {row.scene_id}: {fault}"))
    click.echo()


if __name__ == "__main__":
    sys.exit(main())
