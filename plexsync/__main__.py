"""``python -m plexsync``: the command line."""

from plexsync.cli import main

if __name__ == "__main__":
    main(prog_name="python -m plexsync")
