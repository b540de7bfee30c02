"""Scenes that lacked something are looked at again, with real servers and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault
from plexsync.errors import CircuitOpen, StashUnavailable
from plexsync.ledger import Result, State
from plexsync.model import Field, Part
from plexsync.sync.late_checks import POSTPONED, LateChecks
from tests.support.sync_bench import SyncBench, sync_bench

WAITS = (60, 300, 900)


class Evening:
    """A bench, a clock, and looks that are taken when it is time."""

    def __init__(self, bench: SyncBench) -> None:
        self.bench = bench
        self.now = 1_700_000_000.0
        self.queued: list[int] = []

    @property
    def looks(self) -> LateChecks:
        app = self.bench.app
        return LateChecks(app.ledger, app.stash, app.rules, WAITS, clock=lambda: self.now)

    def event(self, scene: int, *, fresh: bool = True) -> None:
        """Sync a scene, as the task does."""
        outcome = self.bench.app.sync.sync(scene)
        if outcome.missing is not None:
            self.looks.synced({scene: outcome.missing}, fresh=fresh)

    def take(self) -> list[int]:
        """Look at what is due, and sync what is queued; returns that."""
        self.queued.clear()
        self.looks.take(self.queued.extend)
        for scene in self.queued:
            self.event(scene, fresh=False)
        return list(self.queued)

    def next_in(self) -> float | None:
        """Seconds until the next look."""
        at = self.looks.next_at()
        return None if at is None else at - self.now

    def go_on(self) -> list[int]:
        """Wait for the next look, and take it."""
        wait = self.next_in()
        assert wait is not None
        self.now += wait
        return self.take()

    def plex_requests(self) -> int:
        return len(self.bench.plex.log)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    with sync_bench(tmp_path) as bench:
        yield Evening(bench)


def fill(bench: SyncBench, scene: int) -> None:
    """Give a scene all that is looked for."""
    studio, ann, tag = bench.stash.add_studio("A studio"), bench.stash.add_performer("Ann"), bench.stash.add_tag("one")
    bench.stash.edit(
        scene, title="A title", details="A text", date="2024-01-02", studio=studio, performers=[ann], tags=[tag]
    )


def test_a_scene_that_lacks_something_is_looked_at_at_each_time_and_then_no_more(evening: Evening) -> None:
    evening.event(evening.bench.scene)
    start, times = evening.now, []
    while evening.next_in() is not None:
        assert evening.go_on() == []
        times.append(evening.now - start)
    assert [round(one / 60) for one in times] == [1, 5, 15]


def test_a_look_that_finds_nothing_new_costs_one_request_of_stash_and_none_of_plex(evening: Evening) -> None:
    scenes = [evening.bench.scene, *(evening.bench.add(f"file {number}.mp4")[0] for number in range(249))]
    for scene in scenes:
        evening.event(scene)
    evening.bench.stash.forget()
    evening.bench.plex.forget()
    before = {scene: evening.bench.app.ledger.scenes.get(scene) for scene in scenes}
    assert evening.go_on() == []
    assert len(evening.bench.stash.log) == 2  # 250 scenes, 200 in a request, and no picture
    assert evening.plex_requests() == 0
    assert {scene: evening.bench.app.ledger.scenes.get(scene) for scene in scenes} == before


def test_what_came_late_reaches_plex_with_the_next_look_and_ends_the_looks(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    fill(bench, bench.scene)
    assert evening.go_on() == [bench.scene]
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert evening.next_in() is None
    assert bench.app.ledger.looks.standing([bench.scene])[bench.scene].missing == ()


def test_a_scene_filled_in_part_keeps_its_times(evening: Evening) -> None:
    evening.event(evening.bench.scene)
    start = evening.now
    evening.bench.stash.edit(evening.bench.scene, title="A title")
    assert evening.go_on() == [evening.bench.scene]
    evening.go_on()
    assert evening.now - start == pytest.approx(300, abs=20)


def test_an_event_counts_the_times_anew(evening: Evening) -> None:
    evening.event(evening.bench.scene)
    evening.go_on()
    evening.bench.stash.edit(evening.bench.scene, rating100=50)
    evening.event(evening.bench.scene)
    assert evening.next_in() == pytest.approx(60, abs=3)


def test_after_its_times_a_scene_is_not_looked_at_again_for_a_mere_edit(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    while evening.next_in() is not None:
        evening.go_on()
    bench.stash.edit(bench.scene, title="A title")
    evening.event(bench.scene)
    assert evening.next_in() is None
    bench.stash.edit(bench.scene, title="")
    evening.event(bench.scene)
    assert evening.next_in() == pytest.approx(60, abs=3)


def test_a_scene_that_has_it_all_is_never_looked_at(evening: Evening) -> None:
    fill(evening.bench, evening.bench.scene)
    evening.event(evening.bench.scene)
    assert evening.next_in() is None


def test_a_picture_that_is_missing_is_asked_for_until_it_is_there(evening: Evening) -> None:
    bench = evening.bench
    scene = bench.stash.add_scene("Titled", "/data/b.mp4", size=5)
    key = bench.plex.add_item(bench.section, "b", [Part("/media/b.mp4", 5, 1_800_000)])
    evening.event(scene)
    bench.plex.forget()
    assert evening.go_on() == [scene]
    assert evening.plex_requests() == 0
    bench.stash.set_screenshot(scene, pictures.png(1, 2, 3))
    assert evening.go_on() == [scene]
    assert len(bench.plex.pictures(key, "posters")) == 1
    assert Field.POSTER not in (bench.app.ledger.looks.standing([scene])[scene].missing or ())
    assert evening.go_on() == []


def test_planned_looks_survive_a_restart(evening: Evening) -> None:
    evening.event(evening.bench.scene)
    before = evening.next_in()
    evening.bench.restart()
    assert evening.next_in() == before
    fill(evening.bench, evening.bench.scene)
    assert evening.go_on() == [evening.bench.scene]


def test_a_scene_that_is_gone_is_synced_once_more_which_notes_it(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    bench.stash.mutate("sceneDestroy", id=str(bench.scene))
    assert evening.go_on() == [bench.scene]
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert (record.state, evening.next_in()) == (State.GONE, None)


def test_while_stash_fails_no_look_is_lost(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    fill(bench, bench.scene)
    bench.stash.faults.add(PlannedFault("status", status=503))
    with pytest.raises(StashUnavailable):
        evening.go_on()
    assert evening.next_in() == POSTPONED
    assert bench.app.ledger.looks.standing([bench.scene])[bench.scene].looks == 0
    assert evening.go_on() == [bench.scene]


def test_while_stash_is_left_alone_looks_wait_where_they_are(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    wait = evening.next_in()
    bench.app.stash_guard.trip(StashUnavailable("down"))
    with pytest.raises(CircuitOpen):
        evening.go_on()
    assert (wait, evening.next_in()) == (pytest.approx(60, abs=3), 0.0)


def test_a_death_before_the_look_is_noted_repeats_it(evening: Evening) -> None:
    evening.event(evening.bench.scene)
    fill(evening.bench, evening.bench.scene)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    evening.now += 100
    with pytest.raises(KeyboardInterrupt):
        evening.looks.take(die)
    assert evening.take() == [evening.bench.scene]


def test_a_plan_from_a_clock_that_was_years_ahead_is_not_waited_for(evening: Evening) -> None:
    evening.now += 3e8
    evening.event(evening.bench.scene)
    evening.now -= 3e8
    assert evening.take() == []
    assert evening.next_in() == pytest.approx(240, abs=15)


def test_a_scene_that_waits_for_something_else_is_not_synced_by_looks(evening: Evening) -> None:
    bench = evening.bench
    evening.event(bench.scene)
    bench.plex.remove_item(bench.key)
    bench.app.ledger.scenes.set_state(bench.scene, State.NOT_FOUND, Result.NOT_FOUND, error="no item")
    fill(bench, bench.scene)
    assert evening.go_on() == []
