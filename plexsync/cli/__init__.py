"""The command line: one command per file."""

from __future__ import annotations

import os
from typing import Any

import click

from plexsync import __version__
from plexsync.cli import notes, terminal
from plexsync.cli.doctor import check, doctor
from plexsync.cli.failed import failed
from plexsync.cli.failures import faults_shown
from plexsync.cli.login import login
from plexsync.cli.reconcile import reconcile
from plexsync.cli.review import review
from plexsync.cli.scene import scene
from plexsync.cli.status import status
from plexsync.cli.sync import sync
from plexsync.script import examples, from_here
from settings import note_origins

_EXAMPLES = examples(
    "status",
    "scene 45",
    "sync 45 --wait",
    "failed list",
    "review list",
    "reconcile --dry-run",
    "doctor",
)


class _Told(click.Group):
    """Ends with a message, whatever fault a command meets, be it only while it prints."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that was named, or show help."""
        with faults_shown():
            return super().main(*args, **kwargs)


@click.group(cls=_Told, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="PlexSync")
def main() -> None:
    """PlexSync carries every metadata change from Stash to Plex.

    Start the consumer, which does the work, with ./huey_consumer.sh.
    """
    terminal.set_up()
    click.get_current_context().color = terminal.colours()
    notes.show_warnings()
    note_origins(os.environ)


main.help = from_here(main.help or "")
for command in (status, scene, sync, failed, review, reconcile, doctor, check, login):
    main.add_command(command)
