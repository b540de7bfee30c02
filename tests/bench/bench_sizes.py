"""What a scene takes on the disk: bytes in the ledger, in the index, in the history and in the queue.

A real first sync of some scenes with studio, performers, tags, a description and two pictures, with simulated servers
in this process; then as many messages in the queue. And what SQLite, on which Stash and Plex are built as well, takes
for passing over a row: what a count, or a page far behind in a list, costs at least.

Examples::

    python -m tests.bench.bench_sizes
    python -m tests.bench.bench_sizes --scenes 5000 --rows 2000000
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from plexsync.demo.world import World
from plexsync.inbox import event_files
from plexsync.queue.priorities import Priority
from plexsync.storage.database import DATABASE_NAME
from tests.bench.bench_first_sync import SETTINGS, fill

#: Characters of a description.
DETAILS = 400
#: What holds which tables, by how their names and those of their indexes begin; the ledger holds all others.
PARTS = {
    "index": ("item", "part", "section", "odd_item"),
    "history": ("outcome", "event_outcome", "hour"),
    "queue": ("task", "schedule", "claim", "kv", "counter", "set_aside"),
}


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=1000, help="how many scenes (default 1000)")
    parser.add_argument("--rows", type=int, default=300_000, help="rows that SQLite passes over (default 300000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, scenes = _synced(Path(folder), options.scenes)
        before = sizes(path)
        _queue(path, scenes)
        for part in ("ledger", "index", "history"):
            print(f"{part:<9}{before[part] / len(scenes):8.0f} bytes a scene")
        print(f"{'queue':<9}{(sizes(path)['queue'] - before['queue']) / len(scenes):8.0f} bytes a message")
        print(f"SQLite passes over a row in {_row(Path(folder) / 'rows.db', options.rows) * 1e6:.3f} us")


def _synced(folder: Path, count: int) -> tuple[Path, list[int]]:
    with World(folder, SETTINGS) as world:
        scenes = fill(world, count)
        with world.stash.without_hooks():
            for scene in scenes:
                world.stash.edit(scene, details=f"{scene} is about this and that, and more. ".ljust(DETAILS, "x"))
        world.start_consumer()
        world.command("sync", "--all")
        world.wait_until_idle(60 + count, scheduled=False)
        world.stop_consumer()
        return world.data_dir / DATABASE_NAME, scenes


def _queue(path: Path, scenes: list[int]) -> None:
    os.environ |= {"PLEXSYNC_DATA_DIR": str(path.parent)}
    from tasks import huey

    huey.enqueue_by_name(event_files.SYNC_SCENE, ((scene,) for scene in scenes), Priority.EVERYTHING)
    huey.storage.database.close()


def sizes(path: Path) -> Counter[str]:
    """Bytes of the database's pages that are in use, by what they hold."""
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        for name, size in db.execute("select name, sum(pgsize) from dbstat group by name"):
            plain = name.removeprefix("sqlite_autoindex_")
            found[next((part for part, begins in PARTS.items() if plain.startswith(begins)), "ledger")] += size
    return found


def _row(path: Path, count: int) -> float:
    """Seconds for each row that is passed over on the way to the last page of a list."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table item (id integer primary key, added_at integer not null, title text not null)")
        db.execute("create index item_added on item (added_at)")
        db.executemany("insert into item (added_at, title) values (?, ?)", ((n, f"Item {n}") for n in range(count)))
        db.commit()
        statement = "select id from item order by added_at limit 600 offset ?"
        db.execute(statement, (count,)).fetchall()
        began = time.perf_counter()
        db.execute(statement, (count,)).fetchall()
        return (time.perf_counter() - began) / count


if __name__ == "__main__":
    main()
