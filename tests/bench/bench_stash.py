"""How long a real Stash takes to answer what PlexSync asks most: pages of scenes, and counts. It only reads.

The smallest of some tries is shown, from the first page and from one in the middle of the library.

Examples::

    python -m tests.bench.bench_stash --url http://localhost:9999
    STASH_API_KEY=... python -m tests.bench.bench_stash --url http://nas:9999 --tries 10
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

from plexsync.stash import StashClient
from plexsync.stash.client import SCENES_PER_PAGE
from plexsync.sync.everything import PAGE


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="Stash's address; its API key is taken from STASH_API_KEY")
    parser.add_argument("--tries", type=int, default=5, help="of which the smallest counts (default 5)")
    options = parser.parse_args()
    stash = StashClient(options.url, os.environ.get("STASH_API_KEY"))
    least = partial(_least, options.tries)
    total = stash.scene_count()
    ids, _ = stash.scene_ids_after(0, 1)
    first = ids[0] - 1 if ids else 0
    print(f"{total:,} scenes")
    for name, after in (("first page", first), ("in the middle", first + total // 2)):
        read = len(stash.scenes_after(after, SCENES_PER_PAGE))
        page = least(partial(stash.unread_scenes_after, after))
        print(f"{name}: {page * 1000 / max(1, read):.3f} ms a scene in pages of {read}")
        listed = least(partial(stash.scene_ids_after, after, PAGE))
        print(f"{name}: {listed * 1000:.1f} ms for {PAGE} ids and the count of those behind them")
    print(f"count: {least(stash.scene_count) * 1e6 / max(1, total):.3f} us a scene")
    stash.close()


def _least(tries: int, ask: Callable[[], object]) -> float:
    """Seconds of the quickest of some tries."""
    return min(_timed(ask) for _ in range(tries))


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
