"""Plex does not take a picture, in every way it may not: all else of the scene reaches it, and none is sent twice."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.ledger import LeftOut, State
from plexsync.model import Field
from plexsync.sync import image
from plexsync.sync.image import PROXY_MAX, UPLOAD_MAX
from tests.support.sync_bench import COVER, SyncBench, sync_bench

DAY = 86400.0

#: How Plex, or a proxy in front of it, may refuse an upload: with what is said, and whether it is tried again soon.
REFUSALS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "500": ({"kind": "status", "status": 500}, "500", False),
    "413": ({"kind": "status", "status": 413}, "413", False),
    "415": ({"kind": "status", "status": 415}, "415", False),
    "400": ({"kind": "status", "status": 400}, "400", False),
    "403": ({"kind": "status", "status": 403}, "403", False),
    "404": ({"kind": "status", "status": 404}, "404", True),
    "502": ({"kind": "status", "status": 502}, "502", True),
    "busy": ({"kind": "status", "status": 500, "body": b"database is busy"}, "500", True),
    "a page": ({"kind": "html"}, "HTML", True),
    "cut off": ({"kind": "cut"}, "No answer", True),
    "no answer": ({"kind": "hang"}, "said nothing", True),
}


def is_poster(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/posters")


def is_list(request: Request) -> bool:
    return request.method == "GET" and request.path.endswith(("/posters", "/arts"))


def is_file(request: Request) -> bool:
    return request.method == "GET" and request.path.endswith("/file")


def left_out(bench: SyncBench, scene: int | None = None) -> dict[Field, LeftOut]:
    scene = scene or bench.scene
    return {one.field: one for one in bench.app.ledger.left_out.of([scene]).get(scene, ())}


def uploads(bench: SyncBench) -> list[str]:
    return [one.path.rpartition("/")[2] for one in bench.plex.log if one.method == "POST"]


def state(bench: SyncBench) -> State:
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    return record.state


def noise(side: int, kind: str = "PNG", **how: Any) -> bytes:
    """A picture of pixels by chance, which cannot be packed: a PNG of 2,000 a side has 12 MB."""
    imaging = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    data = random.Random(side).randbytes(side * side * 3)
    imaging.frombytes("RGB", (side, side), data).save(out, kind, **how)
    return out.getvalue()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, read_timeout=0.6, breaker_fail_max=1) as bench:
        bench.stash.edit(bench.scene, title="A title", rating100=70, tags=[bench.stash.add_tag("a tag")])
        yield bench
        bench.plex.faults.release()


@pytest.fixture
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "_imaging", lambda: None)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_background_rating_and_all_else_arrive_where_the_poster_is_refused(bench: SyncBench, refusal: str) -> None:
    how, said, soon = REFUSALS[refusal]
    fault = bench.plex.faults.add(PlannedFault(times=None, match=is_poster, **how))
    assert bench.sync() == "synced"
    item = bench.item()
    assert (item.title, item.user_rating, item.names("genre")) == ("A title", 7.0, ["a tag"])
    assert bench.plex.pictures(bench.key, "arts") == [COVER]
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.POSTER}
    row = left_out(bench)[Field.POSTER]
    assert said in row.reason
    assert row.next_at is not None
    assert row.next_at - time.time() == pytest.approx(60 if soon else DAY, rel=0.1)
    # It is the picture's own fault: a single failure would have opened this breaker.
    assert (bench.app.guard.state, bench.app.guard.failures, bench.app.guard.stopped) == ("closed", 0, None)
    # The same picture is not sent again before its time, and costs nothing until then.
    bench.plex.faults.remove(fault)
    bench.plex.faults.release()
    if not soon:
        bench.plex.forget()
        bench.stash.forget()
        assert bench.sync() == "unchanged"
        assert bench.plex.log == []
        assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]
        assert set(left_out(bench)) == {Field.POSTER}
    if not soon or refusal == "no answer":
        # Without an answer, Plex may be at it still.
        bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert left_out(bench) == {}


@pytest.mark.parametrize("then", ["reset", "status", "html"])
def test_a_picture_that_arrived_although_the_answer_was_lost_is_not_sent_again(bench: SyncBench, then: Any) -> None:
    bench.plex.faults.add(PlannedFault("after", match=is_poster, then=then, status=502))
    assert bench.sync() == "synced"
    assert left_out(bench) == {}
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    assert sorted(uploads(bench)) == ["arts", "posters"]


def test_a_picture_of_which_it_is_not_known_whether_it_arrived_is_looked_for_first(bench: SyncBench) -> None:
    for kind in ("posters", "arts"):
        bench.plex.set_agent_picture(bench.key, kind, pictures.png(9, 9, 9))
    lists = bench.plex.faults.add(PlannedFault("status", times=None, match=is_list))
    bench.sync()
    # Not even its first upload was begun, as it may be there from before.
    assert uploads(bench) == []
    bench.plex.faults.remove(lists)
    bench.plex.faults.add(PlannedFault("after", match=is_poster, then="reset"))
    bench.plex.faults.add(PlannedFault("status", times=1, match=lambda r: is_list(r) and bool(uploads(bench))))
    bench.sync()
    assert set(left_out(bench)) == {Field.POSTER}
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert uploads(bench) == []
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    assert left_out(bench) == {}


@pytest.mark.parametrize(
    "how", [{"kind": "reset"}, {"kind": "status", "status": 500}, {"kind": "status", "status": 503}], ids=str
)
def test_a_plex_that_is_down_in_the_middle_of_an_upload_is_down(bench: SyncBench, how: dict[str, Any]) -> None:
    """Where nothing else is answered either, it is no single picture that fails, and no reason to give up the scene."""

    def stop(request: Request) -> bool:
        down = is_poster(request) or bool(bench.plex.faults.struck)
        if down:
            bench.plex.faults.struck["down"] += 1
        return down

    bench.plex.faults.add(PlannedFault(times=None, match=stop, **how))
    with pytest.raises(PlexUnavailable):
        bench.sync()
    assert bench.app.guard.state == "open"
    assert left_out(bench) == {}


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
    ],
)
def test_an_upload_is_called_what_its_bytes_are(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch, start: bytes, kind: str
) -> None:
    """Whatever Stash, or a proxy in front of it, calls it."""
    called: list[str | None] = []

    def note(request: Request) -> bool:
        if request.method == "POST":
            called.append(request.header("Content-Type"))
        return False

    monkeypatch.setattr("plexsync.demo.stash.server._content_type", lambda _data: "image/x-icon")
    bench.plex.faults.add(PlannedFault("status", times=None, match=note))
    bench.stash.set_screenshot(bench.scene, start + bytes(100))
    assert bench.sync() == "synced"
    assert called == [kind, kind]


# --- lists of pictures, and pictures' bytes ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 400, 500, 502])
def test_a_list_of_pictures_that_cannot_be_had_is_no_vanished_item(bench: SyncBench, status: int) -> None:
    fault = bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=is_list))
    key = bench.key
    assert bench.sync() == "synced"
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert (record.state, record.rating_key) == (State.SYNCED, key)
    assert bench.item().title == "A title"
    assert bench.app.guard.state == "closed"
    bench.plex.faults.remove(fault)
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.sync()
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_an_item_that_has_vanished_is_still_found_out(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.set_screenshot(bench.scene, pictures.png(1, 1, 1))
    bench.key = bench.plex.rekey(bench.key)
    bench.app.library.expire()
    assert bench.sync() == "synced"
    assert bench.plex.selected_picture(bench.key, "posters") == pictures.png(1, 1, 1)


def test_pictures_of_others_whose_bytes_cannot_be_had_hold_nothing_back(bench: SyncBench) -> None:
    bench.plex.upload_as_person(bench.key, "posters", pictures.png(5, 5, 5))
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_file))
    assert bench.sync() == "synced"
    assert bench.plex.selected_picture(bench.key, "posters") == COVER
    assert left_out(bench) == {}


def test_a_persons_picture_stays_where_it_cannot_be_compared_with_ours(bench: SyncBench) -> None:
    bench.restart(preserve_plex_edits=True)
    bench.sync()
    theirs = pictures.png(5, 5, 5)
    bench.plex.upload_as_person(bench.key, "posters", theirs)
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_list))
    bench.stash.edit(bench.scene, title="Another")
    bench.stash.set_screenshot(bench.scene, pictures.png(6, 6, 6))
    assert bench.sync() == "synced"
    assert bench.item().title == "Another"
    assert bench.plex.selected_picture(bench.key, "posters") == theirs


def test_a_picture_that_plex_takes_and_does_not_show_is_noted(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.app.plex, "upload", lambda *_: None)
    assert bench.sync() == "synced"
    assert "shows none" in left_out(bench)[Field.POSTER].reason
    monkeypatch.undo()
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


# --- too large, or of a kind that Plex does not show ------------------------------------------------------------------


@pytest.mark.usefixtures("without_pillow")
def test_a_cover_that_is_too_large_is_left_out_and_the_note_says_what_to_do(bench: SyncBench) -> None:
    bench.stash.set_screenshot(bench.scene, COVER + bytes(UPLOAD_MAX))
    assert bench.sync() == "synced"
    assert uploads(bench) == []
    row = left_out(bench)[Field.POSTER]
    assert "10,000,000" in row.reason
    assert "requirements-pictures.txt" in row.reason
    assert bench.item().title == "A title"
    bench.stash.forget()
    assert bench.sync() == "unchanged"
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]


@pytest.mark.usefixtures("without_pillow")
@pytest.mark.parametrize(
    ("start", "kind"), [(b"\0\0\0\x20ftypavif", "image/avif"), (b"II*\0", "image/tiff"), (b"\xff\x0a", "image/jxl")]
)
def test_a_cover_of_a_kind_that_plex_does_not_show_is_left_out(bench: SyncBench, start: bytes, kind: str) -> None:
    bench.stash.set_screenshot(bench.scene, start + bytes(100))
    assert bench.sync() == "synced"
    assert uploads(bench) == []
    assert kind in left_out(bench)[Field.POSTER].reason
    # As soon as there is one that it shows, all is well.
    bench.stash.set_screenshot(bench.scene, COVER)
    assert bench.sync() == "synced"
    assert left_out(bench) == {}


def test_what_pillow_cannot_read_is_left_out_too(bench: SyncBench) -> None:
    pytest.importorskip("PIL.Image")
    bench.stash.set_screenshot(bench.scene, b"\xff\x0a" + bytes(100))
    assert bench.sync() == "synced"
    assert "Pillow cannot convert it" in left_out(bench)[Field.POSTER].reason


@pytest.mark.parametrize(
    "cover", [lambda: noise(2000), lambda: noise(40, "BMP"), lambda: noise(40, "TIFF")], ids=["12 MB", "BMP", "TIFF"]
)
def test_with_pillow_it_is_made_fit_and_sent_once(bench: SyncBench, cover: Callable[[], bytes]) -> None:
    original = cover()
    bench.stash.set_screenshot(bench.scene, original)
    assert bench.sync() == "synced"
    assert left_out(bench) == {}
    sent = bench.plex.selected_picture(bench.key, "posters")
    assert sent is not None
    assert sent.startswith(b"\xff\xd8\xff")
    assert len(sent) <= UPLOAD_MAX
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [sent]
    # What Stash has is known by its own bytes: nothing is fetched, converted or sent anew.
    bench.stash.edit(bench.scene, title="Another")
    bench.plex.forget()
    bench.stash.forget()
    assert bench.sync() == "synced"
    assert [(one.method, one.status) for one in bench.stash.log] == [("POST", 200), ("GET", 304)]
    assert uploads(bench) == []
    # Nor where the ledger was lost: it is looked for by what was sent.
    bench.lose_database()
    bench.restart()
    bench.sync()
    assert bench.plex.pictures(bench.key, "posters") == [sent]


def test_a_converted_picture_whose_answer_was_lost_is_not_sent_again(bench: SyncBench) -> None:
    bench.stash.set_screenshot(bench.scene, noise(40, "BMP"))
    bench.plex.faults.add(PlannedFault("after", match=is_poster, then="reset"))
    bench.plex.faults.add(PlannedFault("status", times=1, match=lambda r: is_list(r) and bool(uploads(bench))))
    bench.sync()
    assert set(left_out(bench)) == {Field.POSTER}
    assert bench.sync() == "synced"
    assert len(bench.plex.pictures(bench.key, "posters")) == 1
    assert left_out(bench) == {}


@pytest.mark.parametrize("kind", ["status", "cut"])
def test_what_a_proxy_finds_too_large_is_sent_smaller(bench: SyncBench, kind: Any) -> None:
    """nginx takes 1 MB unless it is told otherwise, and may not wait for the end of more."""

    def is_too_large(request: Request) -> bool:
        return request.method == "POST" and int(request.header("Content-Length") or 0) > PROXY_MAX

    bench.plex.faults.add(PlannedFault(kind, times=None, status=413, match=is_too_large))
    bench.stash.set_screenshot(bench.scene, noise(900))
    assert bench.sync() == "synced"
    assert left_out(bench) == {}
    sent = bench.plex.selected_picture(bench.key, "posters")
    assert sent is not None
    assert len(sent) <= PROXY_MAX
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []
    # A crash before it was noted, or another item: it is known by what was sent of it.
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "unchanged"
    assert len(bench.plex.pictures(bench.key, "posters")) == 1


@pytest.mark.usefixtures("without_pillow")
def test_without_pillow_the_note_on_a_413_says_what_would_help(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=413, match=is_poster))
    bench.stash.set_screenshot(bench.scene, COVER + bytes(PROXY_MAX))
    assert bench.sync() == "synced"
    reason = left_out(bench)[Field.POSTER].reason
    assert "413" in reason
    assert "requirements-pictures.txt" in reason


def test_uploads_that_hang_one_after_another_are_left_alone_for_a_while(bench: SyncBench) -> None:
    scenes = [bench.scene, *(bench.add(f"{number}.mp4")[0] for number in range(7))]
    bench.app.library.expire()
    bench.plex.faults.add(PlannedFault("hang", times=None, match=lambda request: request.method == "POST"))
    started = time.monotonic()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}")
        assert bench.sync(scene) == "synced"
    assert len(uploads(bench)) <= 3
    assert time.monotonic() - started < 6
    assert all(set(left_out(bench, scene)) == {Field.POSTER, Field.BACKGROUND} for scene in scenes)
    assert bench.app.guard.state == "closed"
