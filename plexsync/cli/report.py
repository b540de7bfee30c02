"""``report``: one file to share with whoever helps, without anything of whose library it is."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.given import new_file
from plexsync.configuration.data_folder import data_dir
from plexsync.script import examples


@click.command(epilog=examples("report", "report /tmp/plexsync-report.txt"))
@click.argument("file", required=False, callback=new_file)
def report(file: Path | None) -> None:
    """Write a report to share, without names and secrets. It holds versions, findings, status, settings and recent
    logs.

    It goes to FILE, or to a new file in the current folder.
    """
    from plexsync.inbox.hook_process import replace
    from plexsync.status.shared_report import shared_report

    with faults_shown():
        # What cannot be asked is in the report.
        logging.getLogger("plexsync").setLevel(logging.CRITICAL)
        text = shared_report(os.environ)
        replace(str(made := file or _place()), text.encode("utf-8", "backslashreplace"))
        show.say(f"The report is {made.resolve()}. Read it before you share it.")


def _place() -> Path:
    """Where it goes: the current folder, or the data folder where nobody may write there."""
    name = time.strftime("plexsync-report-%Y%m%d-%H%M%S.txt", time.gmtime())
    folder = Path.cwd()
    return (folder if os.access(folder, os.W_OK) else data_dir(os.environ)) / name
