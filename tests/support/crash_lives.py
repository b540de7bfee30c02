"""Lives of a consumer's process that end with SIGKILL at a chosen point; see ``test_crash_end_to_end.py``.

Reads a line of JSON per life on standard input: the data folder, and the number of the point to die at (None: to live
until nothing waits). Answers with how it ended and the points that were passed. A point is right before and right after
each commit, each request that changes something in Plex, and each removal of a file from the inbox.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plexsync.inbox import event_files
from plexsync.plex.transport import Transport
from plexsync.storage.database import Database
from tests.support.fork_server import import_all


def worth_dying_at(points: Sequence[str]) -> list[int]:
    """The numbers of the points that differ in what a death there leaves.

    Right before a step everything is as it was right after the one that came before it: the second of the two is left
    out.
    """
    return [
        at
        for at, name in enumerate(points)
        if not at or not name.startswith("before ") or "after" not in points[at - 1]
    ]


class Points:
    """Numbers the points as they are passed, notes their names in a file, and dies at one of them.

    :param names: the file.
    :param at: the number, from 0; None for none.
    """

    def __init__(self, names: Path, at: int | None) -> None:
        self._at = at
        self._passed = 0
        self._names = os.open(names, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)

    def passed(self, name: str) -> None:
        """This point is passed, or it is the last one."""
        os.write(self._names, f"{name}\n".encode())
        self._passed += 1
        if self._at == self._passed - 1:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """A point before a call and one after it, also where it fails."""
        self.passed(f"before {name}")
        try:
            return call(*args, **kwargs)
        finally:
            self.passed(f"after {name}")


def watch(points: Points) -> None:
    """Let the process pass the points; it is a forked one, so nothing has to be put back."""
    write, send, remove = Database.write, Transport.send, event_files.remove

    @contextmanager
    def watched_write(self: Database, *, durable: bool = False) -> Iterator[Any]:
        outermost = not self._depth
        with write(self, durable=durable) as connection:
            yield connection
            if outermost:
                points.passed("before commit")
        if outermost:
            points.passed("after commit")

    def watched_send(self: Transport, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        if method == "GET":
            return send(self, method, path, *args, **kwargs)
        return points.around(method, send, self, method, path, *args, **kwargs)

    Database.write = watched_write  # type: ignore[method-assign]  # that is what this is for
    Transport.send = watched_send  # type: ignore[method-assign]  # as above
    event_files.remove = lambda path: points.around("removal", remove, path)


def live(names: Path, at: int | None) -> None:
    """Work until nothing waits, as one worker and the scheduler of a consumer would."""
    from tasks import huey
    from tasks.app import runtime

    runtime()
    # What comes before is the making of an empty database, of which a death leaves nothing that matters.
    watch(Points(names, at))
    huey.storage.recover()
    while True:
        # No retry is waited for: for the queue it is later than all of them.
        later = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
        huey.storage.read_schedule(later)
        stats = huey.stats()
        if not stats.pending + stats.scheduled + stats.in_progress:
            return
        task = huey.dequeue()
        if task is not None:
            huey.execute(task, later)


def in_child(folder: Path, at: int | None) -> int:
    """Live in a forked process; how it ended."""
    pid = os.fork()
    if not pid:
        try:
            os.environ["PLEXSYNC_DATA_DIR"] = str(folder)
            live(folder / "points", at)
        except BaseException:  # noqa: BLE001 - the child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Live as often as is asked for."""
    # Most of a life would be imports: they are made before the processes are forked, but for ``tasks``, which opens the
    # queue.
    import_all()
    for line in sys.stdin:
        job = json.loads(line)
        folder = Path(job["folder"])
        ended = in_child(folder, job["at"])
        print(json.dumps({"ended": ended, "points": (folder / "points").read_text().split("\n")[:-1]}), flush=True)


if __name__ == "__main__":
    main()
