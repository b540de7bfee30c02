"""A health check that needs no port and no package: ``python3 -I -S plexsync/healthcheck.py [--ready] [DATA_FOLDER]``.

It prints one line of JSON, and ends with 0 where the consumer is healthy (with ``--ready``: ready), else with 1.
Without a folder it looks where ``PLEXSYNC_DATA_DIR`` says, else into ``data`` in the plugin's folder.
"""

# pathlib takes longer to import than all the rest.
# ruff: noqa: PTH100, PTH120

import os
import sys

# Isolated mode (-I) puts no folder of ours on the path.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from plexsync.inbox import event_files, heartbeat

USAGE = """Usage: healthcheck.py [--ready] [DATA_FOLDER]

Is the consumer alive, and not everything stopped? Prints one line of JSON, and
ends with 0 if so, else with 1. It needs no port and no package.

  --ready   also 1 while it waits for its settings, or Plex or Stash is down

Examples:
  python3 -I -S plexsync/healthcheck.py
  python3 -I -S plexsync/healthcheck.py --ready /config
"""


def main(arguments: "list[str]") -> int:
    """Look, and tell; the exit code."""
    import json

    if "-h" in arguments or "--help" in arguments:
        event_files.write_all(1, USAGE.encode("ascii"))
        return 0
    folders = [one for one in arguments if one != "--ready"]
    if len(folders) > 1 or any(one.startswith("-") for one in folders):
        event_files.write_all(2, USAGE.encode("ascii"))
        return 2
    found = heartbeat.health(folders[0] if folders else event_files.data_folder())
    event_files.write_all(1, json.dumps(found).encode("ascii") + b"\n")
    return 0 if found["ready" if "--ready" in arguments else "healthy"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
