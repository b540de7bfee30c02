"""How long it takes a newcomer, from the clone to the first scene right in Plex, by a page of the guide.

    .venv/bin/python -m tests.bench.bench_newcomer [--page install-docker.md] [--tree FOLDER]

Types what the page says, in an empty home folder, beside simulated servers (``docs/walk.py``). It measures the
machine's part: reading, finding the repository's address and pressing buttons take a person longer than all of it.
``--tree`` takes the project's files from another folder (a clone of another version), ``--page`` may be any file with
blocks like the guide's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import click

from docs import walk


def main() -> None:
    """Walk the page, and print seconds for each command, commands and minutes in all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--page", default="install.md", help="a page of the guide, or any file")
    parser.add_argument("--tree", type=Path, default=walk.ROOT, help="where the project's files are taken from")
    options = parser.parse_args()
    page = walk.text_of(options.page)
    typed = seconds = 0.0
    with walk.newcomer_for(page, options.tree) as newcomer:
        for done in newcomer.walk(page):
            seconds += done.seconds
            typed += bool(done.step.command)
            click.echo(f"{done.seconds:6.1f} s  {done.step.command or f'({done.step.does})'}")
            if done.step.does == "edit a scene":
                break
        right = newcomer.is_right()
    click.echo(
        f"{seconds / 60:.1f} min, {typed:.0f} commands; the first scene is {'right' if right else 'WRONG'} in Plex"
    )


if __name__ == "__main__":
    main()
