"""All commands by their names, and what they have in common."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

from plexsync import __version__
from plexsync.cli import instance, notes, terminal
from plexsync.cli.failures import faults_shown
from plexsync.cli.short_help import SHORT_HELP
from plexsync.configuration.origins import origins
from plexsync.script import examples, from_here
from plexsync.storage import opening

_EXAMPLES = examples(
    "status",
    "scene 45",
    "scenes list --state not_found",
    "sync 45 --wait",
    "failed list",
    "review list",
    "reconcile --dry-run",
    "doctor",
)


#: The commands in the order of the reference, each with the module that has it under its name.
COMMANDS = {
    "status": "plexsync.cli.status",
    "scene": "plexsync.cli.scene",
    "sync": "plexsync.cli.sync",
    "scenes": "plexsync.cli.scenes",
    "activity": "plexsync.cli.activity",
    "trace": "plexsync.cli.activity",
    "stats": "plexsync.cli.stats",
    "watch": "plexsync.cli.watch",
    "failed": "plexsync.cli.failed",
    "review": "plexsync.cli.review",
    "matching": "plexsync.cli.matching",
    "reconcile": "plexsync.cli.reconcile",
    "doctor": "plexsync.cli.doctor",
    "report": "plexsync.cli.report",
    "backup": "plexsync.cli.backup",
    "restore": "plexsync.cli.backup",
    "migrate": "plexsync.cli.migrate",
    "check": "plexsync.cli.doctor",
    "login": "plexsync.cli.login",
    "instances": "plexsync.cli.instances",
}


def _with_version(command: click.Command) -> click.Command:
    """A command that takes ``--version``, as do all below it; their help keeps to what is theirs."""
    if all(one.name != "version" for one in command.params):
        click.version_option(__version__, prog_name="PlexSync", hidden=True)(command)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        _with_version(below)
    return command


def _note_origins() -> None:
    from settings import note_origins

    note_origins(os.environ)


class _Commands(click.Group):
    """Imports the one command that runs, and ends with a message, whatever fault it meets, be it while it prints."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click asks for it
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name. Together they import everything, which takes longer than most of them run."""
        module = COMMANDS.get(cmd_name)
        return _with_version(getattr(importlib.import_module(module), cmd_name)) if module else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        limit = formatter.width - 6 - max(map(len, SHORT_HELP))
        told = {name: click.Command(name, help=text).get_short_help_str(limit) for name, text in SHORT_HELP.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, told[name]) for name in self.list_commands(ctx) if name in told])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that was named, or show help."""
        if not args and kwargs.get("args") is None:
            instance.chosen()
        with faults_shown():
            try:
                return super().main(*args, **kwargs)
            finally:
                # Nothing is closed by itself at the end: see ``garbage.skip_at_end``.
                opening.close_all()


@click.group(cls=_Commands, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="PlexSync")
def main() -> None:
    """PlexSync carries every metadata change from Stash to Plex.

    Start the consumer, which does the work, with ./huey_consumer.sh.

    Every command takes --instance NAME, where there are several: see the command instances.
    """
    terminal.set_up()
    click.get_current_context().color = terminal.colours()
    notes.show_warnings()
    origins.learn_when_needed(_note_origins)


main.help = from_here(main.help or "")
