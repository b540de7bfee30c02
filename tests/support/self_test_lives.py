"""Lives of a self-test's process that end with SIGKILL at a chosen point; see ``test_killed.py``.

Reads a line of JSON per life on standard input: Plex's address and token, the data folder, the item, whether it is a
whole self-test or only the putting back of an earlier one, and the number of the point to die at (None for none).
Answers with how it ended and the points that were passed. A point is right before and right after each request that
changes something in Plex, and right after each durable commit.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from plexsync.imports import late_dataclass
from plexsync.ledger import Ledger
from plexsync.plex.probing import ProbingClient
from plexsync.plex.transport import PlexEndpoint, Transport
from plexsync.self_test import SelfTest, SelfTestAnswer, leftover, put_back
from plexsync.storage.database import Database
from tests.support import quick_tables
from tests.support.crash_lives import Points


def watch(points: Points) -> None:
    """Let the process pass the points; it is a forked one, so nothing has to be put back."""
    write, send = Database.write, Transport.send

    @contextmanager
    def watched_write(self: Database, *, durable: bool = False) -> Iterator[Any]:
        with write(self, durable=durable) as connection:
            yield connection
        if durable:
            points.passed("after commit")

    def watched_send(self: Transport, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        if method == "GET":
            return send(self, method, path, *args, **kwargs)
        return points.around(f"{method} {path}", send, self, method, path, *args, **kwargs)

    Database.write = watched_write  # type: ignore[method-assign]  # that is what this is for
    Transport.send = watched_send  # type: ignore[method-assign]  # as above


def live(job: dict[str, Any], names: Path) -> None:
    """Make a self-test, or put back what an earlier one has left."""
    folder = Path(job["folder"])
    told: list[SelfTestAnswer] = []
    with closing(Database(folder / "plexsync.db")) as database:
        ledger = Ledger(database)
        with ProbingClient(PlexEndpoint(job["url"], job["token"], "test"), memory=ledger.facts) as client:
            watch(Points(names, job["at"]))
            left = leftover(ledger, folder)
            if left is not None:
                assert not left.running
                restored = put_back(client, ledger, left.record)
                assert restored.left == (), restored
                assert restored.foreign == (), restored
            if job["whole"]:
                test = SelfTest(client, ledger, folder, told.append, again_after=0.0)
                assert test.run(test.look(job["key"]))
            assert leftover(ledger, folder) is None
    assert [one.text for one in told if not one.ok] == []


def in_child(job: dict[str, Any], names: Path) -> int:
    """Live in a forked process; how it ended."""
    pid = os.fork()
    if not pid:
        try:
            live(job, names)
        except BaseException:  # noqa: BLE001 - the child must not go on as its parent
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    """Live as often as is asked for."""
    quick_tables.use_beforehand()
    late_dataclass.make_all()
    for line in sys.stdin:
        job = json.loads(line)
        names = Path(job["folder"]) / "points"
        ended = in_child(job, names)
        print(json.dumps({"ended": ended, "points": names.read_text().split("\n")[:-1]}), flush=True)


if __name__ == "__main__":
    main()
