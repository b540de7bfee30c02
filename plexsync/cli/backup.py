"""``backup`` and ``restore``: a copy of the database, made while the consumer runs, and put back while none does."""

from __future__ import annotations

import os
from pathlib import Path

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.given import new_file
from plexsync.configuration.data_folder import data_dir, database_url
from plexsync.script import examples, from_here
from plexsync.storage import backups
from plexsync.storage.database import DATABASE_NAME


def _refuse_for_postgres(what: str) -> None:
    """The file in the data folder is not what is used where the settings name a PostgreSQL.

    :param what: what to do instead.
    :raises NoBackup: they do.
    """
    if (url := database_url(os.environ)) is not None:
        from plexsync.configuration.database_url import shown

        raise backups.NoBackup(f"PLEXSYNC_DATABASE_URL names {shown(url)}: {what}")


@click.command(epilog=examples("backup", "backup /mnt/nas/plexsync.db"))
@click.argument("file", required=False, callback=new_file)
def backup(file: Path | None) -> None:
    """Copy the database, even while the consumer runs. The copy goes to FILE, or beside those of every night."""
    with faults_shown():
        _refuse_for_postgres("to copy what is there, use PostgreSQL's own: pg_dump --schema=plexsync")
        made = backups.make(data_dir(os.environ) / DATABASE_NAME, file)
        show.say(f"The database is copied to {made}.")


@click.command(epilog=examples("restore data/backups/plexsync-20261127-030000.db"))
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put a copy of the database back. Stop the consumer first; what was there before is kept."""
    from plexsync.http.breaker.schema import STEPS as BREAKER
    from plexsync.ledger.schema import STEPS as LEDGER
    from plexsync.queue.schema import STEPS as QUEUE

    rooms = {"breaker": BREAKER, "ledger": LEDGER, "queue": QUEUE}
    with faults_shown():
        _refuse_for_postgres(
            "a file that is put back would not be used. To put back what pg_dump has copied, use pg_restore or psql; "
            "to go back to the file, take the setting away first"
        )
        before = backups.restore(file, data_dir(os.environ) / DATABASE_NAME, rooms)
        show.say(f"{file} is put back. Every scene is compared with Plex once the consumer runs.")
        if before is not None:
            show.say(f"What was there before is kept as {before}: remove it some day.")
        show.say(from_here("Start the consumer: ./huey_consumer.sh"))
