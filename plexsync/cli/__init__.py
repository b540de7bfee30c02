"""The command line: one command per file."""

from __future__ import annotations

import sys
from io import TextIOWrapper

import click

from plexsync import __version__
from plexsync.cli.doctor import check, doctor
from plexsync.cli.failed import failed
from plexsync.cli.login import login
from plexsync.cli.reconcile import reconcile
from plexsync.cli.review import review
from plexsync.cli.scene import scene
from plexsync.cli.status import status
from plexsync.cli.sync import sync

_EXAMPLES = """Examples:

\b
  python -m plexsync status
  python -m plexsync scene 45
  python -m plexsync sync 45 --wait
  python -m plexsync failed list
  python -m plexsync review list
  python -m plexsync reconcile --dry-run
  python -m plexsync doctor
"""


@click.group(epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="PlexSync")
def main() -> None:
    """PlexSync carries every metadata change from Stash to Plex.

    The consumer, which does the work, is started with ./huey_consumer.sh.
    """
    for stream in (sys.stdout, sys.stderr):
        # Titles and paths come from outside: what this terminal, or file, cannot show is no reason to end.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


for command in (status, scene, sync, failed, review, reconcile, doctor, check, login):
    main.add_command(command)
