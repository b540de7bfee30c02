"""An upload that Plex carries out although nobody heard of it is looked for before it is sent again."""

from __future__ import annotations

import io
import itertools
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.ledger import LeftOut
from plexsync.model import Field
from plexsync.sync.image import PROXY_MAX
from tests.support.sync_bench import COVER, SyncBench, sync_bench

NEXT = pictures.png(3, 3, 3)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, read_timeout=0.4, breaker_fail_max=5) as bench:
        bench.stash.edit(bench.scene, title="A title")
        yield bench
        bench.plex.faults.release()


def is_poster(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/posters")


def is_list(request: Request) -> bool:
    return request.method == "GET" and request.path.endswith("/posters")


def sent(bench: SyncBench) -> int:
    """How often a poster was sent."""
    return sum(one.method == "POST" and one.path.endswith("/posters") for one in bench.plex.log)


def left_out(bench: SyncBench) -> dict[Field, LeftOut]:
    return {one.field: one for one in bench.app.ledger.left_out.of([bench.scene]).get(bench.scene, ())}


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def large() -> bytes:
    """A picture that a proxy may find too large, and that can be made smaller."""
    imaging = pytest.importorskip("PIL.Image")
    side = 700
    image = imaging.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3))
    out = io.BytesIO()
    image.save(out, "PNG")
    data = out.getvalue()
    assert len(data) > PROXY_MAX
    return data


@pytest.mark.parametrize("cover", [lambda: COVER, large], ids=["small", "large"])
@pytest.mark.parametrize("restarted", [False, True])
def test_an_upload_that_is_carried_out_after_its_time_out_is_not_sent_again(
    bench: SyncBench, cover: Callable[[], bytes], restarted: bool
) -> None:
    bench.stash.set_screenshot(bench.scene, cover())
    bench.plex.faults.add(PlannedFault("slow", seconds=1.5, match=is_poster))
    assert bench.sync() == "synced"
    assert set(left_out(bench)) == {Field.POSTER}
    if restarted:
        bench.restart()
    # Another edit comes before Plex is done with it: it is on its way still, and is not sent a second time.
    bench.stash.edit(bench.scene, title="Another title")
    assert bench.sync() == "synced"
    assert sent(bench) == 1
    wait_for(lambda: len(bench.plex.pictures(bench.key, "posters")) == 1)
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.sync()
    assert sent(bench) == 1
    assert len(bench.plex.pictures(bench.key, "posters")) == 1
    assert left_out(bench) == {}
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_a_new_cover_does_not_wait_for_one_that_is_on_its_way(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("slow", seconds=0.8, match=is_poster))
    bench.sync()
    wait_for(lambda: len(bench.plex.pictures(bench.key, "posters")) == 1)
    bench.stash.set_screenshot(bench.scene, NEXT)
    assert bench.sync() == "synced"
    assert bench.plex.selected_picture(bench.key, "posters") == NEXT
    assert left_out(bench) == {}


def test_one_that_never_arrives_is_sent_again_when_its_time_has_come(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("hang", times=1, match=is_poster))
    bench.sync()
    row = left_out(bench)[Field.POSTER]
    assert row.next_at is not None
    assert row.next_at - time.time() == pytest.approx(60, rel=0.1)
    assert bench.sync() == "unchanged"
    assert sent(bench) == 1
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert sent(bench) == 2
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


@pytest.mark.parametrize("cover", [lambda: COVER, large], ids=["small", "large"])
@pytest.mark.parametrize("status", [500, 502, 504, 413])
def test_an_error_after_it_was_carried_out_is_seen_through(
    bench: SyncBench, cover: Callable[[], bytes], status: int
) -> None:
    bench.stash.set_screenshot(bench.scene, cover())
    bench.plex.faults.add(PlannedFault("after", match=is_poster, then="status", status=status))
    assert bench.sync() == "synced"
    assert left_out(bench) == {}
    assert (sent(bench), len(bench.plex.pictures(bench.key, "posters"))) == (1, 1)


class Killed(BaseException):
    """The consumer dies: nothing of ours catches this."""


@pytest.mark.parametrize("shown_before", [False, True])
def test_a_death_between_an_upload_and_its_note_costs_a_look_and_no_copy(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch, shown_before: bool
) -> None:
    if shown_before:
        bench.sync()
        bench.stash.set_screenshot(bench.scene, NEXT)
    died = itertools.count()

    def die(*_: Any) -> None:
        next(died)
        raise Killed

    monkeypatch.setattr(bench.app.ledger.sent_pictures, "finish_upload", die)
    with pytest.raises(Killed):
        bench.sync()
    assert next(died) == 1
    bench.restart()
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert sent(bench) == 0
    assert sum(is_list(one) for one in bench.plex.log) == 1
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_a_death_while_plex_is_at_an_upload_costs_no_copy(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was sent whole, and the consumer did not live to hear of it."""
    upload = bench.app.plex.upload

    def send_and_die(*how: Any) -> None:
        upload(*how)
        raise Killed

    monkeypatch.setattr(bench.app.plex, "upload", send_and_die)
    with pytest.raises(Killed):
        bench.sync()
    bench.restart()
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert sent(bench) == 0
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
