"""The consumer as the storm starts it: without what would mend a loss, or with a fault planted in it.

Its own options stand beside those of the consumer. What is patched is patched here, before the consumer is
imported as a whole: the product has no switch for any of it.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plexsync.cli import consumer
from plexsync.queue.huey import PlexSyncHuey
from plexsync.queue.leases import Owner
from plexsync.storage import locks
from plexsync.sync.sync import SceneSync
from tests.chaos.storm.plants import PLANTS

#: The tasks that find out by themselves what nobody was told of, or look again at what was done. ``sync_scenes`` names
#: the scenes of an edit of many once more.
MENDERS = (
    "poll_changes",
    "look_again_late",
    "try_left_out",
    "reconcile_daily",
    "sync_scenes",
    "look_for_files",
    "watch_plex",
)


def main() -> None:
    """Patch, and run the consumer."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--no-mending", action="store_true", help="what is lost stays lost")
    parser.add_argument("--plant", choices=PLANTS, help="a fault")
    parser.add_argument("--container", help="be in a container of this name, on a disk that carries no locks")
    parser.add_argument("--lease", type=float, help="seconds until a silent worker's message is another's")
    parser.add_argument("--journal", type=Path, help="where to note who works on which scene, and when")
    given, sys.argv[1:] = parser.parse_known_args()
    if given.plant:
        PLANTS[given.plant]()
    if given.container:
        _move_into(given.container)
    if given.lease:
        assert PlexSyncHuey.__init__.__kwdefaults__
        PlexSyncHuey.__init__.__kwdefaults__["lease"] = given.lease
    if given.journal:
        _keep_journal(given.journal)
    if given.no_mending:
        _mend_nothing()
    consumer.main()


def _mend_nothing() -> None:
    from tasks import huey

    for name in MENDERS:
        huey.names.string_to_task(name).execute = lambda _task: None


def _move_into(container: str) -> None:
    """Let nobody see from outside whether this process lives, and it nobody outside."""
    here = Owner.here

    def no_lock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    Owner.here = lambda: replace(here(), host=container, namespace=container)  # type: ignore[method-assign]
    locks.fcntl.flock = no_lock


def _keep_journal(path: Path) -> None:
    sync, together = SceneSync.sync, SceneSync.sync_together
    journal = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(what: str, *scene_ids: int) -> None:
        lines = (f"{time.monotonic()} {os.getpid()} {what} {one}\n" for one in scene_ids)
        os.write(journal, "".join(lines).encode())

    def noted(self: Any, scene_id: int, *more: Any) -> Any:
        note("begins", scene_id)
        try:
            return sync(self, scene_id, *more)
        finally:
            note("ends", scene_id)

    def noted_together(self: Any, scene_ids: Sequence[int], *more: Any) -> Any:
        note("begins", *scene_ids)
        try:
            return together(self, scene_ids, *more)
        finally:
            note("ends", *scene_ids)

    # That is what this is for.
    SceneSync.sync, SceneSync.sync_together = noted, noted_together  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
