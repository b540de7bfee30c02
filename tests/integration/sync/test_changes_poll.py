"""Changes that no hook told of are found, with real servers and a clock of Stash's that is moved by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import CircuitOpen, StashUnavailable
from plexsync.ledger import Result, State
from plexsync.stash import EntityKind
from plexsync.stash.changes import SETTLING
from plexsync.sync.changes import WATERMARK, ChangesPoll, FoundChanges
from tests.support.sync_bench import SyncBench

START = 1_792_886_100.0  # 2026-10-25T00:35:00Z, which is 02:35 in summer time and 25 minutes before its end


class Unannounced:
    """A bench, Stash's clock, ours beside it, and polls whose findings are worked on when asked."""

    def __init__(self, bench: SyncBench, clock: list[float], ahead: float = 0.0) -> None:
        self.bench = bench
        self.clock = clock
        self.ahead = ahead
        self.scenes: list[int] = []
        self.parts: list[tuple[EntityKind, int]] = []
        self.dies = False
        self.only_organized = False

    def poll(self) -> FoundChanges:
        app = self.bench.app
        return ChangesPoll(
            app.ledger,
            app.stash,
            app.rules,
            self._queue_scenes,
            self._queue_parts,
            only_organized=self.only_organized,
            clock=lambda: self.clock[0] + self.ahead,
        ).poll()

    def _queue_scenes(self, scene_ids: Sequence[int]) -> None:
        self.scenes += scene_ids
        if self.dies:
            raise KeyboardInterrupt

    def _queue_parts(self, kind: EntityKind, ids: Sequence[int]) -> None:
        self.parts += [(kind, one) for one in ids]
        if self.dies:
            raise KeyboardInterrupt

    def work(self) -> list[int]:
        """Sync what is queued; returns the scenes that the queue was given as such."""
        given, self.scenes = self.scenes, []
        parts, self.parts = self.parts, []
        related = [scene.id for part in parts for scene in self.bench.app.stash.scenes_with(*part)]
        for scene in dict.fromkeys([*given, *related]):
            self.bench.sync(scene)
        return given

    def after(self, seconds: float) -> list[int]:
        """Let time pass, poll, and work on what was found."""
        self.clock[0] += seconds
        self.poll()
        return self.work()

    def wrong(self, scene: int, key: int) -> list[str]:
        return differences(self.bench.stash, scene, self.bench.plex, key)

    def settle(self) -> None:
        """Poll until all that was listed is done with."""
        for _ in range(4):
            self.after(SETTLING + 1)
        self.bench.stash.forget()
        self.bench.plex.forget()


@pytest.fixture
def clock() -> list[float]:
    return [START]


@pytest.fixture
def world(tmp_path: Path, clock: list[float]) -> Iterator[Unannounced]:
    with SimulatedPlex() as plex, SimulatedStash(clock=lambda: clock[0]) as stash:
        bench = SyncBench(tmp_path, plex, stash, [0.0])
        yield Unannounced(bench, clock)
        bench.close()
        assert plex.violations == []


@pytest.fixture
def synced(world: Unannounced) -> Unannounced:
    """One scene, in sync, and a watermark; all settled."""
    world.bench.sync()
    world.poll()
    world.settle()
    return world


def test_the_first_poll_asks_for_nothing_but_the_last_change(world: Unannounced) -> None:
    world.bench.stash.forget()
    assert world.poll() == FoundChanges()
    assert len(world.bench.stash.log) == 1
    assert world.scenes == []


@pytest.mark.sqlite
def test_a_poll_for_nothing_is_one_request_and_writes_nothing(synced: Unannounced) -> None:
    bench = synced.bench
    before = bench.app.ledger.facts.get(WATERMARK)
    with bench.database.writer() as db:
        changes = db.total_changes
        for _ in range(10):
            assert synced.after(60) == []
        assert db.total_changes == changes
    assert bench.app.ledger.facts.get(WATERMARK) == before
    assert (len(bench.stash.log), len(bench.plex.log)) == (10, 0)


def test_an_auto_tag_is_found(synced: Unannounced) -> None:
    bench = synced.bench
    tag = bench.stash.add_tag("Found")
    bench.stash.auto_tag(bench.scene, tags=[tag])
    assert synced.after(60) == [bench.scene]
    assert synced.wrong(bench.scene, bench.key) == []


def test_a_new_scene_without_a_hook_is_found(synced: Unannounced) -> None:
    synced.clock[0] += 1
    scene, key = synced.bench.add("new.mp4")
    synced.bench.app.library.expire()
    assert synced.after(60) == [scene]
    assert synced.wrong(scene, key) == []


def test_a_new_cover_is_found_though_nothing_else_differs(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.set_screenshot(bench.scene, pictures.png(200, 1, 1))
    assert synced.after(60) == [bench.scene]
    assert len(bench.plex.pictures(bench.key, "posters")) == 2


def test_what_a_hook_has_brought_costs_a_reading_and_no_sync(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, title="Another")
    bench.sync()
    bench.plex.forget()
    bench.stash.forget()
    for _ in range(30):
        assert synced.after(60) == []
    assert bench.stash.counters["Scenes"] == 2
    assert bench.stash.counters["Changes"] == 30
    assert len(bench.plex.log) == 0


def test_a_second_change_within_the_second_of_the_last_sync_is_found(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, title="First")
    bench.sync()
    assert synced.after(0.2) == []
    bench.stash.edit(bench.scene, title="Second")
    found = [synced.after(60) for _ in range(6)]
    assert found.count([bench.scene]) == 1
    assert synced.wrong(bench.scene, bench.key) == []


def test_one_stamp_on_more_scenes_than_a_page_holds_loses_none(
    synced: Unannounced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.sync.changes.SCENES_PER_READING", 3)
    bench = synced.bench
    changes = bench.app.stash.changes
    monkeypatch.setattr(bench.app.stash, "changes", lambda since, after=0: changes(since, after, limit=4))
    scenes = [bench.add(f"file {number}.mp4")[0] for number in range(13)]
    synced.clock[0] += 60
    found = synced.poll()
    assert (synced.scenes, found.scenes) == (scenes, 13)


def test_after_a_restart_the_watermark_is_where_it_was(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, details="While nobody listened")
    bench.restart()
    assert synced.after(3600) == [bench.scene]


def test_a_death_before_the_watermark_is_noted_repeats_the_poll(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, details="x")
    synced.clock[0] += 60
    synced.dies = True
    with pytest.raises(KeyboardInterrupt):
        synced.poll()
    synced.scenes.clear()
    bench.restart()
    synced.dies = False
    assert synced.after(1) == [bench.scene]


def test_while_stash_is_away_the_watermark_stays(synced: Unannounced) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, details="x")
    before = bench.app.ledger.facts.get(WATERMARK)
    fault = bench.stash.faults.add(PlannedFault("status", status=503, times=None))
    with pytest.raises(StashUnavailable):
        synced.poll()
    bench.app.stash_guard.trip(StashUnavailable("down"))
    bench.stash.forget()
    with pytest.raises(CircuitOpen):
        synced.poll()
    assert len(bench.stash.log) == 0
    assert bench.app.ledger.facts.get(WATERMARK) == before
    bench.stash.faults.remove(fault)
    bench.app.stash_guard.hasten()
    assert synced.after(600) == [bench.scene]


def test_scenes_that_cannot_be_read_together_are_each_read_alone(
    synced: Unannounced, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = synced.bench

    def stumbles(_: object) -> None:
        raise StashUnavailable("findScenes.scenes[0].rating100 is no number from 0 to 100")

    synced.clock[0] += 1
    bench.stash.edit(bench.scene, details="x")
    monkeypatch.setattr(bench.app.stash, "scenes", stumbles)
    synced.clock[0] += 60
    assert synced.poll().scenes == 1
    assert synced.poll() == FoundChanges()


@pytest.mark.parametrize("state", [State.FAILED, State.REVIEW, State.NOT_FOUND, State.PENDING, State.SKIPPED])
def test_a_change_is_a_new_chance_for_what_is_not_in_sync(synced: Unannounced, state: State) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, rating100=20)
    bench.sync()
    bench.app.ledger.scenes.set_state(bench.scene, state, Result.FAILED)
    assert synced.after(60) == [bench.scene]


def test_where_only_organized_scenes_are_wanted_others_are_left_alone(synced: Unannounced) -> None:
    bench = synced.bench
    synced.only_organized = True
    bench.app.ledger.scenes.set_state(bench.scene, State.SKIPPED, Result.SKIPPED)
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, rating100=20)
    assert synced.after(60) == []
    bench.stash.edit(bench.scene, organized=True)
    assert synced.after(60) == [bench.scene]


def test_a_scene_that_is_gone_by_the_time_it_is_read_is_synced_which_notes_it(
    synced: Unannounced, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = synced.bench
    synced.clock[0] += 1
    bench.stash.edit(bench.scene, rating100=20)
    monkeypatch.setattr(bench.app.stash, "scenes", lambda _: {})
    synced.clock[0] += 60
    synced.poll()
    assert synced.scenes == [bench.scene]


def test_a_renamed_performer_is_named_twice_in_all_of_its_listings(synced: Unannounced) -> None:
    bench = synced.bench
    ann = bench.stash.add_performer("Ann")
    bench.stash.edit(bench.scene, performers=[ann])
    synced.settle()
    other = bench.stash.add_tag("another")
    bench.stash.rename("tags", other, "keeps the poll from settling at once")
    assert synced.after(60) == []
    bench.stash.rename("performers", ann, "Anna")
    named = 0
    for _ in range(30):
        synced.clock[0] += 60
        synced.poll()
        named += synced.parts.count(("performer", ann))
        synced.work()
    assert named == 2
    assert synced.wrong(bench.scene, bench.key) == []


def test_a_watermark_that_cannot_be_read_is_begun_anew(synced: Unannounced) -> None:
    synced.bench.app.ledger.facts.put(WATERMARK, '{"settled": "", "since": 5}')
    assert synced.poll() == FoundChanges()
    synced.clock[0] += 1
    synced.bench.stash.edit(synced.bench.scene, details="x")
    assert synced.after(60) == [synced.bench.scene]


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=1))], ids=["stays", "to UTC", "winter"])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_plex_is_right_in_the_end(world: Unannounced, seed: int, zone: timezone | None) -> None:
    chance = random.Random(seed)
    bench, clock = world.bench, world.clock
    world.ahead = chance.choice([-86_400.0, -3.0, 7200.0])
    pairs = [(bench.scene, bench.key), *(bench.add(f"file {number}.mp4") for number in range(3))]
    tags = [bench.stash.add_tag(f"tag {number}") for number in range(3)]
    for scene, _ in pairs:
        bench.sync(scene)
    world.poll()
    for step in range(80):
        if zone and clock[0] > START + 1500:
            bench.stash.zone = zone
        scene = chance.choice(pairs)[0]
        what = chance.randrange(6)
        if what == 0:
            bench.stash.edit(scene, title=f"title {step}")
        elif what == 1:
            bench.stash.auto_tag(scene, tags=[chance.choice(tags)])
        elif what == 2:
            bench.stash.set_screenshot(scene, pictures.png(step, seed, 7))
        elif what == 3:
            bench.stash.rename("tags", chance.choice(tags), f"name {step}")
        elif what == 4:
            bench.sync(scene)  # as a hook has it
        clock[0] += chance.choice([0, 0, 0.4, 1, 30, 60, 60])
        world.dies = chance.random() < 0.1
        try:
            if chance.random() < 0.6:
                world.poll()
        except KeyboardInterrupt:
            world.scenes.clear()
            world.parts.clear()
            bench.restart()
        if chance.random() < 0.7:
            world.work()
    world.dies = False
    bench.stash.edit(bench.scene, title="the last")
    for _ in range(70 if zone else 6):  # until the stamps of a zone two hours behind are greater than any before
        clock[0] += 120
        bench.stash.edit(bench.scene, rating100=50)
        world.poll()
    world.settle()
    assert {scene: wrong for scene, key in pairs if (wrong := world.wrong(scene, key))} == {}
