"""The command line, as ``huey_consumer.sh`` runs it."""

if __name__ == "__main__":
    # Before all that follows is imported.
    from plexsync.cli import garbage

    garbage.begin()
    garbage.skip_at_end()

from plexsync.cli.commands import main
from plexsync.script import name

if __name__ == "__main__":
    main(prog_name=name())
