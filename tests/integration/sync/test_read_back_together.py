"""Scenes that are written at the same moment are read back in one request."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plexsync.ledger import Result
from plexsync.plex.traits import Trait
from tests.support.sync_bench import sync_bench


def test_two_that_are_edited_at_once_share_the_request_that_reads_them_back(tmp_path: Path) -> None:
    with sync_bench(tmp_path, stash_clock=lambda: time.time() - 60) as bench:
        scenes = [bench.scene, bench.add("another.mp4")[0], bench.add("a third.mp4")[0]]
        for scene in scenes:
            bench.sync(scene)
        bench.app.plex.traits.put(Trait.GROUP_READS, "whole")
        for scene in scenes[:2]:
            bench.stash.edit(scene, title=f"Title {scene}")
        bench.plex.forget()
        # Long enough that the second write begins while the first one is under way.
        bench.plex.behaviour.write_delay = 0.3
        bench.app.sync._sightings._gather_for = 30.0
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(bench.sync, scenes[:2])) == [Result.SYNCED, Result.SYNCED]
        reads = [one for one in bench.plex.log if one.method == "GET"]
        writes = [one for one in bench.plex.log if one.method == "PUT"]
        written = max(one.started for one in writes)
        assert len(writes) == 2
        assert [one.path.count(",") for one in reads if one.started > written] == [1]
