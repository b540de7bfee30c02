"""Many scenes brought to Plex at once, against simulated servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plexsync.app import QueueAccess, build
from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable, StashUnavailable
from plexsync.ledger import Result, SceneRecord, State
from plexsync.model import Part
from plexsync.sync.outcomes import BatchResult
from tests.support.sync_bench import COVER, SIZE, SyncBench, sync_bench


class Family:
    """Scenes of one studio, all in sync."""

    def __init__(self, bench: SyncBench, count: int, **parts: Any) -> None:
        self.bench = bench
        self.studio = bench.stash.add_studio("Old name")
        pairs = [(bench.scene, bench.key), *(bench.add(f"{number}.mp4") for number in range(1, count))]
        self.items = dict(pairs)
        self.scenes = list(self.items)
        bench.app.library.expire()
        for scene in self.scenes:
            bench.stash.edit(scene, title=f"Scene {scene}", studio=self.studio, **parts)
            assert bench.sync(scene) == "synced"
        bench.plex.forget()
        bench.stash.forget()
        bench.app.library.expire()

    def rename(self, name: str = "New name") -> None:
        self.bench.stash.rename("studios", self.studio, name)

    def together(self, scenes: list[int] | None = None) -> BatchResult:
        return self.bench.app.together.sync(scenes or self.scenes)

    def record(self, scene: int) -> SceneRecord:
        record = self.bench.app.ledger.scenes.get(scene)
        assert record is not None
        return record

    def wrong(self) -> list[str]:
        return [
            f"scene {scene}: {fault}"
            for scene, key in self.items.items()
            for fault in differences(self.bench.stash, scene, self.bench.plex, key)
        ]

    def alone(self, tally: BatchResult) -> None:
        """What the caller does with those left alone."""
        for scene in tally.alone:
            self.bench.sync(scene)


def is_edit(request: Request) -> bool:
    return request.method == "PUT"


def writes(bench: SyncBench) -> int:
    return bench.plex.counters["writes"]


@pytest.fixture(params=["add", "replace"])
def family(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Family]:
    """Under each reading of what Plex does with names that it is sent."""
    with sync_bench(tmp_path) as bench:
        bench.plex.behaviour.tag_lists = request.param
        yield Family(bench, 6)


@contextmanager
def family_of(folder: Path, count: int, **settings: Any) -> Iterator[Family]:
    with sync_bench(folder, **settings) as bench:
        yield Family(bench, count)


def test_a_renamed_studio_is_one_write_for_all_its_scenes(family: Family) -> None:
    family.rename()
    tally = family.together()
    assert tally == BatchResult((), tuple(family.scenes), (), 1)
    assert writes(family.bench) == 1
    assert family.wrong() == []


def test_the_ledger_says_the_same_as_after_each_by_itself(tmp_path: Path) -> None:
    volatile = {"changed_at", "synced_at", "scene_id", "rating_key", "file", "part_file", "title"}

    def known(family: Family) -> list[dict[str, Any]]:
        records = [family.record(scene) for scene in family.scenes]
        return [{name: getattr(one, name) for name in SceneRecord.__slots__ if name not in volatile} for one in records]

    rows = []
    for way in ("together", "alone"):
        with family_of(tmp_path / way, 3) as family:
            family.rename()
            if way == "together":
                assert family.together().written == tuple(family.scenes)
            else:
                assert [family.bench.sync(scene) for scene in family.scenes] == ["synced"] * 3
            # Names and times of the two worlds differ: what is left has to be equal.
            rows.append(
                [
                    {
                        **{name: value for name, value in one.items() if name not in ("updated_at", "item", "digest")},
                        "applied": one["applied"].replace(f"Scene {scene}", "Scene"),
                        "fingerprint": bool(one["fingerprint"]),
                        "reasons": bool(one["reasons"]),
                    }
                    for scene, one in zip(family.scenes, known(family), strict=True)
                ]
            )
            for scene in family.scenes:
                assert family.record(scene).item is not None
                assert family.bench.app.ledger.scenes.history(scene)[0].outcome is Result.SYNCED
                assert family.bench.app.ledger.parts.of([scene])[scene] == {("studio", family.studio)}
                assert family.bench.sync(scene) == "unchanged"
    assert rows[0] == rows[1]


def test_scenes_that_stand_right_cost_no_write_and_nothing_in_the_ledger(family: Family) -> None:
    before = [family.record(scene) for scene in family.scenes]
    assert family.together() == BatchResult(tuple(family.scenes), (), (), 0)
    assert [family.record(scene) for scene in family.scenes] == before
    assert family.bench.plex.log == []
    assert len(family.bench.stash.log) == 1


def test_parts_that_changed_without_a_trace_in_plex_are_known_afterwards(family: Family) -> None:
    ann = family.bench.stash.add_performer("Ann")
    namesake = family.bench.stash.add_performer("ann ")
    for scene in family.scenes:
        family.bench.stash.edit(scene, performers=[ann])
        family.bench.sync(scene)
    family.bench.stash.mutate("performerMerge", source=[ann], destination=namesake)
    family.bench.stash.rename("performers", namesake, "Ann")
    before = writes(family.bench)
    tally = family.together()
    assert (tally.same, writes(family.bench)) == (tuple(family.scenes), before)
    parts = family.bench.app.ledger.parts.of(family.scenes)
    assert all(found == {("studio", family.studio), ("performer", namesake)} for found in parts.values())


def test_what_only_one_scene_needs_is_left_to_that_scene(family: Family) -> None:
    odd = family.scenes[2]
    with family.bench.stash.library_lock:
        family.bench.stash.library.existing(odd).title = "Changed with no stamp"
    family.rename()
    tally = family.together()
    assert tally.alone == (odd,)
    assert len(tally.written) == 5
    family.alone(tally)
    assert family.wrong() == []


def test_a_scene_that_stash_has_touched_is_left_alone_as_its_picture_may_be_another(family: Family) -> None:
    family.bench.stash.library.clock = lambda: 2_000_000_000.0
    family.bench.stash.set_screenshot(family.scenes[0], pictures.png(1, 2, 3))
    family.rename()
    tally = family.together()
    assert tally.alone == (family.scenes[0],)
    family.alone(tally)
    assert family.wrong() == []


def test_a_scene_read_for_a_batch_does_not_count_as_read_since_an_edit_of_many(family: Family) -> None:
    family.rename()
    edited_at = max(family.record(scene).synced_at or 0.0 for scene in family.scenes)
    assert family.together().alone == ()
    assert family.bench.app.ledger.scenes.not_read_since(family.scenes, edited_at + 1) == family.scenes


def test_a_rating_is_left_to_each_scene_as_plex_takes_it_one_by_one(family: Family) -> None:
    with family.bench.stash.library_lock:
        for scene in family.scenes:
            family.bench.stash.library.existing(scene).rating100 = 80
    family.rename()
    tally = family.together()
    assert tally.alone == tuple(family.scenes)
    assert writes(family.bench) == 0


def test_items_of_two_sections_are_two_writes(tmp_path: Path) -> None:
    with sync_bench(tmp_path) as bench:
        other = bench.plex.add_section("Others", locations=["/media/others"])
        family = Family(bench, 3)
        for number in range(1, 4):
            scene = bench.stash.add_scene(None, f"/data/others/x{number}.mp4", size=SIZE + number, cover=COVER)
            part = Part(f"/media/others/x{number}.mp4", SIZE + number, 1_800_000)
            family.items[scene] = bench.plex.add_item(other, "guess", [part])
            family.scenes.append(scene)
            bench.stash.edit(scene, title=f"Scene {scene}", studio=family.studio)
            bench.app.library.expire()
            assert bench.sync(scene) == "synced"
        bench.plex.forget()
        family.rename()
        assert family.together().writes == writes(bench) == 2
        assert family.wrong() == []


@pytest.mark.parametrize("setting", ["dry_run", "preserve_plex_edits"])
def test_settings_that_ask_for_a_look_at_each_item_leave_all_alone(tmp_path: Path, setting: str) -> None:
    with family_of(tmp_path, 3) as family:
        family.bench.restart(**{setting: True})
        family.bench.stash.forget()
        family.rename()
        assert family.together().alone == tuple(family.scenes)
        assert family.bench.plex.log == family.bench.stash.log == []


def test_scenes_that_are_not_organized_are_left_alone_where_only_such_are_wanted(tmp_path: Path) -> None:
    with sync_bench(tmp_path, only_organized=True) as bench:
        family = Family(bench, 4, organized=True)
        with bench.stash.library_lock:
            bench.stash.library.existing(family.scenes[1]).organized = False
        family.rename()
        tally = family.together()
        assert tally.alone == (family.scenes[1],)
        assert len(tally.written) == 3


@pytest.mark.parametrize("state", [State.PENDING, State.FAILED, State.REVIEW, State.NOT_FOUND, State.SKIPPED])
def test_a_scene_that_is_not_in_sync_is_left_alone(family: Family, state: State) -> None:
    family.bench.app.ledger.scenes.set_state(family.scenes[0], state, Result.RETRY)
    family.rename()
    assert family.together().alone == (family.scenes[0],)


def test_scenes_that_stash_or_we_do_not_know_are_left_alone(family: Family) -> None:
    new, _ = family.bench.add("never synced.mp4")
    family.bench.stash.mutate("sceneDestroy", id=family.scenes[0])
    family.rename()
    tally = family.together([*family.scenes, new, 99_999])
    assert tally.alone == (family.scenes[0], new, 99_999)
    assert len(tally.written) == 5


def test_a_name_that_is_not_right_when_it_is_read_back_is_left_to_its_scene(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = family.items[family.scenes[3]]
    items = family.bench.app.plex.items_or_faults

    def one_was_not_written(keys: Any) -> Any:
        family.bench.plex.edit_as_person(odd, studio="Somebody else's")
        return items(keys)

    monkeypatch.setattr(family.bench.app.plex, "items_or_faults", one_was_not_written)
    family.rename()
    tally = family.together()
    assert tally.alone == (family.scenes[3],)
    assert family.record(family.scenes[3]).intended is not None
    monkeypatch.undo()
    family.alone(tally)
    assert family.wrong() == []


def test_an_item_that_is_gone_does_not_keep_the_others_from_their_write(family: Family) -> None:
    gone = family.scenes[4]
    family.items[gone] = family.bench.plex.rekey(family.items[gone])
    family.rename()
    tally = family.together()
    assert tally.alone == (gone,)
    assert len(tally.written) == 5
    assert writes(family.bench) == 1
    family.alone(tally)
    assert family.wrong() == []


def test_a_plex_that_writes_the_others_and_says_nothing_of_one_that_is_gone(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = family.scenes[1]
    family.items[gone] = family.bench.plex.rekey(family.items[gone])
    edit = family.bench.app.plex.edit
    monkeypatch.setattr(
        family.bench.app.plex,
        "edit",
        lambda section, keys, *rest, **how: edit(
            section, [k for k in keys if k in family.items.values()], *rest, **how
        ),
    )
    family.rename()
    tally = family.together()
    assert tally.alone == (gone,)
    family.alone(tally)
    assert family.wrong() == []


@pytest.mark.parametrize("then", ["hang", "status", "reset"])
def test_a_write_of_which_nobody_knows_is_read_and_finished_the_next_time(family: Family, then: Any) -> None:
    family.rename()
    # The request arrives and is carried out; of its answer nothing is seen.
    family.bench.plex.faults.add(PlannedFault("after", times=8, match=is_edit, then=then, status=500))
    with pytest.raises(PlexUnavailable):
        family.together()
    assert all(family.record(scene).intended is not None for scene in family.scenes)
    family.bench.plex.faults.clear()
    family.bench.plex.faults.release()
    before = writes(family.bench)
    assert family.together().same == tuple(family.scenes)
    assert writes(family.bench) == before
    assert all(family.record(scene).intended is None for scene in family.scenes)
    assert family.wrong() == []
    assert {family.bench.sync(scene) for scene in family.scenes} == {"unchanged"}


def test_a_write_that_never_arrived_is_done_for_all_the_next_time(family: Family) -> None:
    family.rename()
    family.bench.plex.faults.add(PlannedFault("status", times=8, status=503, match=is_edit))
    with pytest.raises(PlexUnavailable):
        family.together()
    family.bench.plex.faults.clear()
    assert family.together().writes == 1
    assert family.wrong() == []


def test_a_name_in_doubt_goes_when_the_studio_is_renamed_once_more(family: Family) -> None:
    family.rename("Second")
    family.bench.plex.faults.add(PlannedFault("after", times=8, match=is_edit, then="status", status=500))
    with pytest.raises(PlexUnavailable):
        family.together()
    family.bench.plex.faults.clear()
    family.rename("Third")
    assert family.together().written == tuple(family.scenes)
    assert family.wrong() == []


def test_half_of_a_long_edit_is_a_write_in_doubt(family: Family) -> None:
    # Two requests: the names of the tags alone fill more than a line, and this Plex takes no longer one. One that puts
    # what it is sent in a list's place could not be told them at all.
    family.bench.plex.behaviour.tag_lists = "add"
    tags = [family.bench.stash.add_tag(f"{number} " + "x" * 90) for number in range(100)]
    with family.bench.stash.library_lock:
        for scene in family.scenes:
            family.bench.stash.library.existing(scene).tags = list(tags)
    sent: list[Request] = []

    def second(request: Request) -> bool:
        if is_edit(request):
            sent.append(request)
        return is_edit(request) and len(sent) > 1

    family.bench.plex.faults.add(PlannedFault("status", times=8, status=500, match=second))
    with pytest.raises(PlexUnavailable):
        family.together()
    family.bench.plex.faults.clear()
    assert all(family.record(scene).intended is not None for scene in family.scenes)
    assert family.together().alone == ()
    assert family.wrong() == []


def test_what_plex_refuses_for_all_is_tried_by_each_scene(family: Family) -> None:
    family.rename()
    family.bench.plex.faults.add(PlannedFault("status", status=400, match=is_edit))
    tally = family.together()
    assert tally.alone == tuple(family.scenes)
    family.alone(tally)
    assert family.wrong() == []


def test_nothing_is_written_where_stash_cannot_be_read(family: Family) -> None:
    family.rename()
    family.bench.stash.stop()
    with pytest.raises(StashUnavailable):
        family.together()
    assert writes(family.bench) == 0
    assert all(family.record(scene).intended is None for scene in family.scenes)


class TestAtTheSameTime:
    def test_a_scene_that_somebody_works_on_is_passed_over(self, family: Family) -> None:
        family.rename()
        with family.bench.scene_locks.hold(family.scenes[0]):
            tally = family.together()
        assert tally.alone == (family.scenes[0],)
        assert len(tally.written) == 5

    def test_an_edit_during_a_slow_batch_waits_for_it_and_wins(self, family: Family) -> None:
        family.bench.plex.behaviour.write_delay = 0.3
        family.rename("Name that is old soon")
        edited = family.scenes[2]
        tallies: list[BatchResult] = []
        batch = threading.Thread(target=lambda: tallies.append(family.together()))
        batch.start()
        # The batch has read its scenes and is writing now.
        while not any(family.record(scene).intended for scene in family.scenes):
            pass
        family.bench.stash.edit(edited, title="The latest", studio=None)
        assert family.bench.sync(edited) == "synced"
        batch.join()
        assert tallies[0].written == tuple(family.scenes)
        assert family.wrong() == []
        assert family.bench.plex.item(family.items[edited]).text("studio") == ""
        assert family.bench.sync(edited) == "unchanged"

    def test_an_edit_that_is_under_way_is_never_overwritten_by_a_batch(self, family: Family) -> None:
        family.bench.plex.behaviour.write_delay = 0.1
        edited = family.scenes[2]
        family.bench.stash.edit(edited, title="First", studio=None)
        single = threading.Thread(target=lambda: family.bench.sync(edited))
        single.start()
        while family.record(edited).intended is None:
            pass
        family.rename()
        tally = family.together()
        single.join()
        assert tally.alone == (edited,)
        family.alone(tally)
        assert family.wrong() == []

    def test_an_item_that_a_person_gives_away_meanwhile_is_looked_at_by_both(
        self, family: Family, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench = family.bench
        asked: list[int] = []
        bench.app.close()
        bench.app = build(bench.settings, bench.database, QueueAccess(requeue=asked.extend))
        loser = family.scenes[0]
        winner = bench.stash.add_scene("Winner", "/data/elsewhere/w.mp4", size=77)
        bench.app.ledger.scenes.set_state(winner, State.REVIEW, Result.REVIEW)
        edit = bench.app.plex.edit

        def given_away(*args: Any, **how: Any) -> int:
            bench.app.ledger.reviews.accept(winner, family.items[loser])
            return edit(*args, **how)

        monkeypatch.setattr(bench.app.plex, "edit", given_away)
        family.rename()
        tally = family.together()
        monkeypatch.undo()
        assert loser in asked
        assert winner in asked
        assert len(tally.written) >= 5
        assert bench.sync(winner) == "synced"
        item = bench.plex.item(family.items[loser])
        assert (item.title, item.text("studio"), item.names("collection")) == ("Winner", "", [])
