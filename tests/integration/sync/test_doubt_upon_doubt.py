"""A write arrives and its answer is lost, the next one does not arrive, and then nothing of either is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import PlexUnavailable
from tests.support.sync_bench import SyncBench, sync_bench

Value = Callable[[SimulatedStash], object]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def is_write(request: Request) -> bool:
    return request.method == "PUT"


def fail(bench: SyncBench, field: str, value: object, fault: PlannedFault) -> None:
    bench.stash.edit(bench.scene, **{field: value})
    bench.plex.faults.add(fault)
    with pytest.raises(PlexUnavailable):
        bench.sync()
    assert bench.plex.faults.struck[fault.kind] == 1
    bench.plex.faults.clear()


@pytest.mark.parametrize(
    ("field", "arrives", "does_not", "nothing"),
    [
        ("details", lambda _: "one", lambda _: "two", ""),
        ("date", lambda _: "2001-01-01", lambda _: "2002-02-02", None),
        ("rating100", lambda _: 50, lambda _: 60, None),
        ("director", lambda _: "One", lambda _: "Two", ""),
        ("studio", lambda stash: stash.add_studio("One"), lambda stash: stash.add_studio("Two"), None),
        ("tags", lambda stash: [stash.add_tag("One")], lambda stash: [stash.add_tag("Two")], []),
    ],
)
def test_what_arrived_in_doubt_is_still_known_as_ours_after_another_write_in_doubt(
    bench: SyncBench, field: str, arrives: Value, does_not: Value, nothing: object
) -> None:
    bench.sync()
    fail(bench, field, arrives(bench.stash), PlannedFault("after", match=is_write, then="html"))
    fail(bench, field, does_not(bench.stash), PlannedFault("status", match=is_write, status=500))
    bench.restart()
    bench.stash.edit(bench.scene, **{field: nothing})
    bench.sync()
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
