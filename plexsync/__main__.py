"""The command line, as ``huey_consumer.sh`` runs it."""

from plexsync.cli.commands import main
from plexsync.script import name

if __name__ == "__main__":
    main(prog_name=name())
