"""One scene that Stash cannot read, or answers as no scene is: it is named and fails alone, all others go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

from plexsync.demo.compare import differences
from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.ledger import State
from plexsync.model import Part
from plexsync.reconcile import DifferenceKind, Phase, ReconcileRun
from plexsync.reconcile.reconciler import Reconciler
from plexsync.reconcile.run import ReconcileFinding
from plexsync.sync.changes import WATERMARK, ChangesPoll
from plexsync.sync.late_checks import LateChecks
from tasks.attempt import attempt
from tests.support.sync_bench import COVER, SIZE, SyncBench, sync_bench

#: Scenes in each test.
COUNT = 24
#: How a scene can be wrong, by the words of which its error has one.
ODD: dict[str, Any] = {
    "Scan error": lambda stash, scene: stash.spoil(scene),
    "title is not a text": lambda stash, scene: stash.malform(scene, title=7),
    "organized is neither": lambda stash, scene: stash.malform(scene, organized="yes"),
    "files": lambda stash, scene: stash.malform(scene, files=None),
}


class Clock:
    """The time that Stash and who asks it go by: it passes by itself, and as many seconds more as are added."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Several:
    """Scenes in both servers, of which one is about to become odd."""

    def __init__(self, bench: SyncBench, clock: Clock) -> None:
        self.bench = bench
        self.clock = clock
        self.stash, self.app = bench.stash, bench.app
        pairs = [(bench.scene, bench.key), *(bench.add(f"file {number:02d}.mp4") for number in range(COUNT - 1))]
        self.items = dict(pairs)
        self.scenes = list(self.items)
        self.bad = self.scenes[13]
        self.others = [scene for scene in self.scenes if scene != self.bad]
        self.queued: list[int] = []
        self.how, self.text = self.stash.spoil, "Scan error"

    def spoil(self, *scenes: int) -> None:
        """Make scenes odd, the one where none is named."""
        for scene in scenes or (self.bad,):
            self.how(scene)

    def sync_all(self) -> None:
        for scene in self.scenes:
            self.bench.sync(scene)

    def wrong(self) -> list[str]:
        return [
            f"scene {scene}: {fault}"
            for scene in self.others
            for fault in differences(self.stash, scene, self.bench.plex, self.items[scene])
        ]

    def forget(self) -> None:
        self.stash.forget()
        self.bench.plex.forget()

    def failures(self) -> int:
        return self.app.stash_guard.failures


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Several]:
    clock = Clock()
    with sync_bench(tmp_path, stash_clock=clock, breaker_fail_max=3, max_retries=2) as bench:
        yield Several(bench, clock)


@pytest.fixture(params=ODD)
def odd(request: pytest.FixtureRequest, several: Several) -> Several:
    """Scenes, and a way in which one can be odd."""
    several.how, several.text = partial(ODD[request.param], several.stash), request.param
    return several


def test_of_scenes_asked_for_at_once_only_the_odd_one_fails(odd: Several) -> None:
    odd.spoil()
    outcomes: dict[int, str] = {}
    gate = threading.Barrier(10)

    def work(scenes: list[int]) -> None:
        gate.wait()
        for scene in scenes:
            try:
                outcomes[scene] = str(odd.app.sync.sync(scene).result)
            except SceneUnreadable as error:
                outcomes[scene] = str(error)

    threads = [threading.Thread(target=work, args=(odd.scenes[start::10],)) for start in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [scene for scene in odd.scenes if outcomes[scene] != "synced"] == [odd.bad]
    assert outcomes[odd.bad].startswith(f"scene {odd.bad} cannot be read from Stash: ")
    assert odd.text in outcomes[odd.bad]
    assert odd.failures() == 0


def test_its_attempts_are_its_own_and_end_in_a_dead_letter_that_names_it(odd: Several) -> None:
    odd.spoil()
    for fresh in (True, False):
        with pytest.raises(RetryTask):
            attempt(odd.app, odd.bad, fresh=fresh)
    with pytest.raises(SceneUnreadable):
        attempt(odd.app, odd.bad, fresh=False)
    letter = odd.app.ledger.dead_letters.of_scene(odd.bad)
    assert letter is not None
    assert odd.app.ledger.dead_letters.count() == 1
    assert (letter.scene_id, letter.error_class, letter.attempts) == (odd.bad, "SceneUnreadable", 3)
    assert f"scene {odd.bad} " in letter.message
    assert odd.text in letter.message
    assert odd.app.stash_guard.state == "closed"
    odd.stash.mend(odd.bad)
    assert "wrote" in attempt(odd.app, odd.bad, fresh=True).text
    assert odd.app.ledger.dead_letters.count() == 0


def test_late_checks_go_on_at_the_others(odd: Several) -> None:
    now = [1_700_000_000.0]
    looks = LateChecks(odd.app.ledger, odd.app.stash, odd.app.rules, (60, 300), clock=lambda: now[0])
    for scene in odd.scenes:
        outcome = odd.app.sync.sync(scene)
        assert outcome.missing is not None
        looks.synced({scene: outcome.missing}, fresh=True)
        odd.stash.edit(scene, title=f"Titled {scene}")
    odd.spoil()
    now[0] += 70
    assert looks.take(odd.queued.extend) == (COUNT, COUNT)
    # The odd one too, once: its attempt tells of it.
    assert sorted(odd.queued) == odd.scenes
    odd.queued.clear()
    for scene in odd.others:
        looks.synced({scene: odd.app.sync.sync(scene).missing or ()}, fresh=False)
    with pytest.raises(RetryTask):
        attempt(odd.app, odd.bad, fresh=False)
    assert odd.wrong() == []
    now[0] += 300
    looks.take(odd.queued.extend)
    assert odd.queued == []


def test_comparing_everything_comes_to_its_end_and_names_it(odd: Several) -> None:
    odd.spoil()
    found: list[ReconcileFinding] = []
    queue = Queue()
    *_, run = Reconciler(odd.app, queue, on_finding=found.append).pages(ReconcileRun(1, False, 0.0))
    assert run.phase is Phase.DONE
    assert (run.scenes, run.of_scenes) == (COUNT, COUNT)
    (unreadable,) = [one for one in found if one.kind is DifferenceKind.UNREADABLE]
    assert unreadable.scene_id == odd.bad
    assert "cannot be read from Stash" in unreadable.texts[0]
    assert odd.text in unreadable.texts[0]
    assert sorted(queue.synced) == odd.others
    assert queue.looked_at == [odd.bad]
    assert odd.failures() == 0


def test_comparing_everything_finds_the_others_changes_and_takes_it_for_no_scene_that_is_gone(
    odd: Several,
) -> None:
    odd.sync_all()
    last = odd.scenes[-1]
    for scene in (odd.bad, last):
        odd.spoil(scene)
    odd.stash.edit(odd.others[3], title="Another")
    found: list[ReconcileFinding] = []
    queue = Queue()
    *_, run = Reconciler(odd.app, queue, on_finding=found.append).pages(ReconcileRun(1, False, 0.0))
    assert run.phase is Phase.DONE
    assert {(one.scene_id, one.kind) for one in found} == {
        (odd.bad, DifferenceKind.UNREADABLE),
        (last, DifferenceKind.UNREADABLE),
        (odd.others[3], DifferenceKind.CHANGED),
    }


def test_one_whose_next_attempt_is_planned_is_told_of_and_not_brought_forward(several: Several) -> None:
    several.sync_all()
    several.stash.spoil(several.bad)
    queue = Queue()
    found: list[ReconcileFinding] = []
    queue.there.add(several.bad)
    for _ in Reconciler(several.app, queue, on_finding=found.append).pages(ReconcileRun(1, False, 0.0)):
        pass
    assert [(one.scene_id, one.kind) for one in found] == [(several.bad, DifferenceKind.UNREADABLE)]
    assert queue.looked_at == []


def test_items_of_an_odd_scene_stop_no_comparison_of_items(several: Several) -> None:
    several.sync_all()
    several.stash.spoil(several.bad)
    found: list[ReconcileFinding] = []
    *_, run = Reconciler(several.app, Queue(), on_finding=found.append).pages(ReconcileRun(1, True, 0.0))
    assert run.phase is Phase.DONE
    assert {(one.scene_id, one.kind) for one in found} == {(several.bad, DifferenceKind.UNREADABLE)}


def test_the_poll_passes_it_and_queues_it_once(odd: Several) -> None:
    odd.sync_all()
    poll = ChangesPoll(
        odd.app.ledger, odd.app.stash, odd.app.rules, odd.queued.extend, lambda *_: None, clock=odd.clock
    )
    poll.poll()
    odd.queued.clear()
    for scene in odd.scenes:
        odd.stash.edit(scene, details=f"Of {scene}")
    odd.spoil()
    for _ in range(4):
        odd.clock.ahead += 400
        poll.poll()
        for scene in dict.fromkeys(odd.queued):
            if scene == odd.bad:
                with pytest.raises(RetryTask):
                    attempt(odd.app, scene, fresh=True)
            else:
                odd.bench.sync(scene)
    assert odd.wrong() == []
    assert odd.queued.count(odd.bad) == 1
    odd.queued.clear()
    odd.clock.ahead += 60
    odd.stash.edit(odd.others[5], details="Once more")
    odd.clock.ahead += 60
    poll.poll()
    assert odd.queued == [odd.others[5]]


def test_the_first_poll_finds_its_beginning_though_the_newest_scene_is_odd(several: Several) -> None:
    several.stash.spoil(several.scenes[-1])
    poll = ChangesPoll(several.app.ledger, several.app.stash, several.app.rules, several.queued.extend, lambda *_: None)
    poll.poll()
    assert several.app.ledger.facts.get(WATERMARK) is not None


def test_a_rename_reaches_its_others(odd: Several) -> None:
    studio = odd.stash.add_studio("Old")
    for scene in odd.scenes:
        odd.stash.edit(scene, title=f"Scene {scene}", studio=studio)
    odd.sync_all()
    odd.spoil()
    odd.stash.rename("studios", studio, "New")
    named = list(odd.app.related.scenes("studio", [studio], tuple))
    assert sorted(scene for one in named for scene in one.alone) == [odd.bad]
    batch = sorted(scene for one in named for batch in one.batches for scene in batch)
    assert batch == odd.others
    tally = odd.app.together.sync([*batch, odd.bad])
    assert (sorted(tally.written), tally.alone) == (odd.others, (odd.bad,))
    assert odd.wrong() == []
    assert odd.failures() == 0


def test_a_destroyed_studio_reaches_its_others(several: Several) -> None:
    studio = several.stash.add_studio("Old")
    for scene in several.scenes:
        several.stash.edit(scene, title=f"Scene {scene}", studio=studio)
    several.sync_all()
    several.stash.mutate("studioDestroy", id=studio)
    several.stash.spoil(several.bad)
    named = list(several.app.related.scenes("studio", [studio], tuple))
    everything = [scene for one in named for scene in (*one.alone, *(s for batch in one.batches for s in batch))]
    assert sorted(everything) == several.scenes


def test_an_item_that_an_odd_scene_has_stays_its_own(several: Several) -> None:
    """Another scene that wants its item neither fails on its account nor takes the item away."""
    several.bench.sync(several.bad)
    several.stash.spoil(several.bad)
    copy = several.stash.add_scene("A copy", several.stash.scene(several.bad).files[0].path, size=SIZE, cover=COVER)
    assert str(several.app.sync.sync(copy).result) == "review"
    record = several.app.ledger.scenes.get(several.bad)
    assert record is not None
    assert (record.state, record.rating_key) == (State.SYNCED, several.items[several.bad])


def test_a_scene_that_an_odd_ones_file_has_moved_to_does_not_fail_with_it(several: Several) -> None:
    several.bench.sync(several.bad)
    several.stash.spoil(several.bad)
    path = several.stash.scene(several.bad).files[0].path
    merged = several.stash.add_scene("Merged", "/data/merged.mp4", path, size=SIZE + 1, cover=COVER)
    several.bench.plex.add_item(several.bench.section, "merged", [Part("/media/merged.mp4", SIZE + 1, 1_800_000)])
    assert str(several.app.sync.sync(merged).result) == "review"
    assert several.app.ledger.scenes.holder(several.items[several.bad]) == several.bad


def test_the_paths_are_found_out_without_it(several: Several) -> None:
    several.bench.restart(path_map=())
    app = several.bench.app
    several.stash.spoil(several.scenes[0])
    several.stash.spoil(several.scenes[-1])
    app.library.refresh()
    sample = app.path_mapping.sample()
    assert {scene.id for scene in sample.scenes if scene.files} == set(several.scenes[1:-1])


def test_a_database_that_is_locked_is_no_scenes_fault_and_no_dead_letter(several: Several) -> None:
    for scene in several.scenes:
        several.stash.spoil(scene, "database is locked")
    several.forget()
    with pytest.raises(RetryTask):
        attempt(several.app, several.bad, fresh=True)
    assert len(several.stash.log) <= 8
    assert several.failures() == 0
    for _ in range(10):
        with pytest.raises(RetryTask):
            attempt(several.app, several.bad, fresh=False)
    assert several.app.ledger.dead_letters.count() == 0
    assert several.app.stash_guard.state == "open"
    for scene in several.scenes:
        several.stash.mend(scene)
    several.app.stash_guard.hasten()
    assert "wrote" in attempt(several.app, several.bad, fresh=False).text


def test_of_many_scenes_in_a_locked_database_none_is_searched_by_halves(several: Several) -> None:
    for scene in several.scenes:
        several.stash.spoil(scene, "database is locked")
    several.forget()
    with pytest.raises(StashUnavailable, match="database is locked"):
        several.app.stash.scenes(several.scenes)
    assert len(several.stash.log) <= 8


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"performers": [None, {"id": "1", "name": "Ann", "disambiguation": "", "image_path": ""}]}, "performers"),
        ({"performers": None}, "performers"),
        ({"tags": [{"id": "1", "name": None}]}, "tags"),
        ({"groups": [{"group": None}]}, "groups"),
        ({"studio": {"id": "1", "name": None}}, "studio"),
        ({"tags": [None, {"id": "1", "name": "one"}]}, "tags"),
        ({"paths": None}, "picture"),
    ],
)
def test_what_of_a_scene_cannot_be_read_is_never_cleared_and_the_rest_arrives(
    several: Several, part: dict[str, Any], field: str
) -> None:
    stash, bench, scene = several.stash, several.bench, several.bad
    stash.edit(
        scene,
        title="A title",
        studio=stash.add_studio("A studio"),
        performers=[stash.add_performer("Ann"), stash.add_performer("Bea")],
        tags=[stash.add_tag("one"), stash.add_tag("two")],
        groups=[stash.add_group("A series")],
    )
    bench.sync(scene)
    stash.edit(scene, title="Another title", details="Something new")
    stash.malform(scene, **part)
    assert bench.sync(scene) == "synced"
    assert differences(stash, scene, bench.plex, several.items[scene]) == []
    record = several.app.ledger.scenes.get(scene)
    assert record is not None
    assert any(field in note for note in record.notes)
    stash.edit(scene, performers=[1], tags=[1], groups=[], studio=None)
    stash.mend(scene)
    assert bench.sync(scene) == "synced"
    assert differences(stash, scene, bench.plex, several.items[scene]) == []


def test_of_a_new_scene_all_arrives_that_can_be_read(several: Several) -> None:
    stash, scene = several.stash, several.bad
    stash.add_performer("Ann")
    stash.edit(scene, title="A title", performers=[1], tags=[stash.add_tag("one")])
    stash.malform(
        scene, performers=[None, {"id": "1", "name": "Ann", "image_path": ""}], studio={"id": 7, "name": None}
    )
    assert several.bench.sync(scene) == "synced"
    assert differences(stash, scene, several.bench.plex, several.items[scene]) == []


class Queue:
    """Where the comparison puts scenes."""

    def __init__(self) -> None:
        self.there: set[int] = set()
        self.synced: list[int] = []
        self.looked_at: list[int] = []

    def absent(self, scene_ids: Any) -> list[int]:
        return [one for one in scene_ids if one not in self.there]

    def sync(self, scene_ids: Any) -> None:
        self.synced += scene_ids

    def together(self, scene_ids: Any) -> None:
        self.synced += scene_ids

    def look(self, scene_ids: Any) -> None:
        self.looked_at += scene_ids


def test_an_item_that_is_an_odd_scenes_no_longer_goes_to_the_one_whose_file_it_holds(several: Several) -> None:
    several.sync_all()
    other = several.others[0]
    several.stash.spoil(several.bad)
    keys = {several.items[several.bad]: several.items[other], several.items[other]: several.items[several.bad]}
    several.bench.plex.make_anew(keys)
    several.bench.restart()
    several.stash.edit(other, title="Edited")
    assert str(several.bench.app.sync.sync(other).result) == "synced"
    assert differences(several.stash, other, several.bench.plex, several.items[several.bad]) == []
    record = several.bench.app.ledger.scenes.get(several.bad)
    assert record is not None
    assert record.rating_key is None
