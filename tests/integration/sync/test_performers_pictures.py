"""A performer's picture whose address changes costs a write only where the picture is another one."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.reconcile import Runs
from plexsync.reconcile.reconciler import Reconciler
from plexsync.sync.changes import ChangesPoll
from tests.support.reconcile_bench import Asked
from tests.support.sync_bench import SyncBench

PUBLIC = "http://stash.home:9999"
FACE, OTHER_FACE = pictures.png(1, 2, 3), pictures.png(4, 5, 6)
COUNT = 5


class Gallery:
    """Scenes that all have one performer with a picture, in sync; Stash's clock is ahead by ``ahead[0]`` seconds."""

    def __init__(self, bench: SyncBench, ahead: list[float], count: int = COUNT) -> None:
        self.bench, self.ahead = bench, ahead
        self.stash, self.plex = bench.stash, bench.plex
        self.zoe = self.stash.add_performer("Zoe", picture=FACE)
        pairs = [(bench.scene, bench.key), *(bench.add(f"{number}.mp4") for number in range(1, count))]
        self.scenes, self.keys = [one for one, _ in pairs], [key for _, key in pairs]
        for scene in self.scenes:
            self.stash.edit(scene, performers=[self.zoe])
            assert bench.sync(scene) == "synced"
        self.forget()

    def forget(self) -> None:
        self.plex.forget()
        self.stash.forget()

    def edit_performer(self, **values: Any) -> None:
        """As in Stash's pages, some time later: its stamp moves, and with it its picture's address."""
        self.ahead[0] += 10
        self.stash.mutate("performerUpdate", id=self.zoe, **values)

    def favour(self) -> None:
        """The star is toggled: nothing of what Plex shows changes."""
        self.edit_performer(disambiguation=f"{self.ahead[0]}")

    def paint(self, picture: bytes) -> None:
        """Another picture is uploaded in Stash."""
        self.edit_performer(image=f"data:image/png;base64,{base64.b64encode(picture).decode()}")

    def named(self) -> list[int]:
        """The scenes that an edit of the performer concerns."""
        found = self.bench.app.related.scenes("performer", (self.zoe,), lambda: ())
        return sorted(
            scene for one in found for scene in (*one.alone, *(each for batch in one.batches for each in batch))
        )

    def thumbs(self) -> set[str]:
        """The addresses that Plex was given since it last forgot."""
        given = set()
        for request in self.plex.log:
            values = dict(parse_qsl(request.query))
            given |= {value for name, value in values.items() if name.endswith(".tag.thumb")}
        return given

    def asked(self) -> int:
        return len([one for one in self.stash.log if one.path.startswith("/performer/")])

    def counts(self) -> dict[str, int]:
        queue = Asked()
        run = Runs(self.bench.app.ledger.facts).begin(int(time.time() * 1e6), full=False)
        for further in Reconciler(self.bench.app, queue).pages(run):
            run = further
        for scene in queue.synced:
            self.bench.sync(scene)
        return dict(run.counts)


@contextmanager
def gallery_of(folder: Path, count: int = COUNT, **settings: Any) -> Iterator[Gallery]:
    ahead = [0.0]
    settings = {"stash_public_url": PUBLIC} | settings
    with SimulatedPlex() as plex, SimulatedStash(clock=lambda: time.time() + ahead[0]) as stash:
        bench = SyncBench(folder, plex, stash, [0.0], **settings)
        try:
            yield Gallery(bench, ahead, count)
        finally:
            bench.close()


pytestmark = pytest.mark.both_readings


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with gallery_of(tmp_path) as gallery:
        yield gallery


def is_performer(request: Request) -> bool:
    return request.path.startswith("/performer/")


def test_a_favourite_star_writes_nothing_however_often_it_is_toggled(gallery: Gallery) -> None:
    for _ in range(3):
        gallery.favour()
        assert gallery.named() == []
        for scene in gallery.scenes:
            assert gallery.bench.sync(scene) == "unchanged"
        assert gallery.counts() == {}
    assert [one for one in gallery.plex.log if one.method != "GET"] == []
    # Whether it is another picture is asked once per edit and performer, whatever the number of scenes.
    assert gallery.asked() == 3


def test_it_costs_nothing_after_a_restart_either(gallery: Gallery) -> None:
    gallery.bench.restart()
    gallery.favour()
    assert gallery.named() == []
    assert gallery.bench.sync() == "unchanged"


def test_a_new_picture_arrives_on_every_scene_under_a_new_address(gallery: Gallery) -> None:
    gallery.favour()
    assert gallery.named() == []
    gallery.paint(OTHER_FACE)
    assert gallery.named() == gallery.scenes
    # Plex shows one picture of a performer everywhere: the other items need no write of their own.
    assert [gallery.bench.sync(scene) for scene in gallery.scenes] == ["synced", *["unchanged"] * (COUNT - 1)]
    (address,) = gallery.thumbs()
    assert address.startswith(f"{PUBLIC}/performer/{gallery.zoe}/image?t=")
    gallery.forget()
    gallery.favour()
    assert gallery.named() == []
    assert gallery.bench.sync() == "unchanged"


def test_the_old_picture_again_is_a_new_one_too(gallery: Gallery) -> None:
    addresses = []
    for face in (OTHER_FACE, FACE):
        gallery.paint(face)
        gallery.forget()
        assert gallery.bench.sync() == "synced"
        addresses += gallery.thumbs()
    assert len(set(addresses)) == 2


def test_another_scene_of_the_performer_is_given_the_address_that_all_have(gallery: Gallery) -> None:
    gallery.favour()
    scene, _ = gallery.bench.add("later.mp4")
    gallery.stash.edit(scene, performers=[gallery.zoe])
    gallery.bench.app.library.expire()
    gallery.forget()
    assert gallery.bench.sync(scene) == "synced"
    assert len(gallery.thumbs()) == 1
    assert gallery.named() == []


def test_a_change_of_the_name_brings_no_new_address(gallery: Gallery) -> None:
    gallery.edit_performer(name="Zoë")
    assert gallery.named() == gallery.scenes
    for scene in gallery.scenes:
        assert gallery.bench.sync(scene) == "synced"
    stamps = {address.partition("t=")[2] for address in gallery.thumbs()}
    assert all(int(stamp) < time.time() + 5 for stamp in stamps)


def test_a_picture_that_was_exchanged_while_it_was_looked_at_first_is_not_missed(tmp_path: Path) -> None:
    with gallery_of(tmp_path, count=1) as gallery:
        bench = gallery.bench
        ann = gallery.stash.add_performer("Ann", picture=FACE)
        # Her stamp is older than the look at her picture, and so is that of the exchange: maybe it was in between.
        gallery.ahead[0] = -100
        gallery.stash.rename("performers", ann, "Ann B.")
        gallery.stash.edit(bench.scene, performers=[ann])
        assert bench.sync() == "synced"
        gallery.ahead[0] = -50
        gallery.stash.rename("performers", ann, "Ann C.")
        gallery.forget()
        assert bench.sync() == "synced"
        (address,) = gallery.thumbs()
        assert int(address.partition("t=")[2]) <= time.time() - 40


@pytest.mark.parametrize(
    "fault",
    [
        PlannedFault("status", times=None, status=500, match=is_performer),
        PlannedFault("status", times=None, status=404, match=is_performer),
        PlannedFault("reset", times=None, match=is_performer),
    ],
    ids=["500", "404", "reset"],
)
def test_a_picture_that_cannot_be_looked_at_holds_nothing_back_and_is_looked_at_later(
    gallery: Gallery, fault: PlannedFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery.stash.faults.add(fault)
    gallery.favour()
    gallery.stash.edit(gallery.scenes[0], details="New")
    assert gallery.bench.sync() == "synced"
    assert gallery.thumbs() == set()
    before = gallery.asked()
    for scene in gallery.scenes[1:]:
        gallery.bench.sync(scene)
    assert gallery.asked() == before
    gallery.stash.faults.clear()
    monkeypatch.setattr("plexsync.sync.portraits.AGAIN_AFTER", 0.0)
    gallery.paint(OTHER_FACE)
    assert gallery.bench.sync(gallery.scenes[1]) == "synced"
    assert len(gallery.thumbs()) == 1


def test_without_an_address_for_viewers_nobody_is_asked(tmp_path: Path) -> None:
    with gallery_of(tmp_path, stash_public_url=None) as gallery:
        gallery.favour()
        assert gallery.bench.sync() == "unchanged"
        assert gallery.asked() == 0


def test_a_first_sync_looks_once_at_each_performer(tmp_path: Path) -> None:
    with gallery_of(tmp_path, count=1) as gallery:
        ann = gallery.stash.add_performer("Ann", picture=OTHER_FACE)
        scenes = [gallery.bench.add(f"more {number}.mp4")[0] for number in range(4)]
        gallery.bench.app.library.expire()
        for scene in scenes:
            gallery.stash.edit(scene, performers=[ann, gallery.zoe])
            gallery.bench.sync(scene)
        assert gallery.asked() == 1


def test_what_was_synced_before_this_was_noted_is_not_written_anew_and_is_known_after_a_night(gallery: Gallery) -> None:
    with gallery.bench.database.write() as db:
        db.execute("delete from performer_picture")
    gallery.bench.restart()
    assert [gallery.bench.sync(scene) for scene in gallery.scenes[:1]] == ["unchanged"]
    with gallery.bench.database.write() as db:
        db.execute("delete from performer_picture")
    assert gallery.counts() == {}
    assert gallery.plex.log == [] or {one.method for one in gallery.plex.log} == {"GET"}
    gallery.favour()
    assert gallery.named() == []


def test_performers_too_many_for_one_night_are_met_in_the_next_although_nothing_else_is_told_of_their_scenes(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.sync.steady_stash.MET_PER_PAGE", 1)
    ann = gallery.stash.add_performer("Ann", picture=OTHER_FACE)
    gallery.stash.edit(gallery.scenes[0], performers=[ann, gallery.zoe])
    assert gallery.bench.sync(gallery.scenes[0]) == "synced"
    with gallery.bench.database.write() as db:
        db.execute("delete from performer_picture")
    gallery.forget()
    asked = []
    for _ in range(3):
        assert gallery.counts() == {}
        asked.append(gallery.asked())
    assert asked == [1, 2, 2]


def test_the_poll_passes_over_it_too(gallery: Gallery) -> None:
    app = gallery.bench.app
    scenes: list[int] = []
    poll = ChangesPoll(app.ledger, app.stash, app.rules, scenes.extend, lambda _kind, _ids: None)
    poll.poll()
    gallery.favour()
    gallery.stash.auto_tag(gallery.scenes[0])
    poll.poll()
    assert set(scenes) <= set(gallery.scenes[:1])
    assert gallery.bench.sync() == "unchanged"
