"""What people do comes before bulk work, whatever waits, and stays before it when it is tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey, schema
from plexsync.queue import storage as storage_module
from plexsync.queue.intake import PRIORITIES
from tests.support.plans import whole_reads
from tests.support.queue_app.rig import new_queue, rows, run_next
from tests.support.sql_seen import cost_of, statements_of

BULK = -10.0
#: So many that no database takes it for cheaper to read all of them.
MANY = 10_000


class App:
    """A queue with the tasks that the hook asks for, under their names; the numbers in ``failing`` fail once."""

    def __init__(self, folder: Path) -> None:
        self.inbox = str(folder / event_files.FOLDER)
        self.huey: PlexSyncHuey = new_queue(folder)
        self.done: list[Any] = []
        self.failing: set[Any] = set()
        self.sync_scene = self._task(event_files.SYNC_SCENE)
        self.sync_related = self._task(event_files.SYNC_RELATED)

    def _task(self, full_name: str) -> Any:
        def work(*args: Any) -> None:
            if args in self.failing:
                self.failing.remove(args)
                raise RetryTask(delay=60)
            self.done.append(args)

        work.__module__, _, name = full_name.rpartition(".")
        return self.huey.task(name=name)(work)

    def edit(self, scene_id: int) -> None:
        """Somebody edits a scene: its message comes through the inbox."""
        event_files.put(self.inbox, event_files.message(scene_id, "Scene.Update.Post"))

    def rename(self, kind: str, *ids: int) -> None:
        event_files.put(self.inbox, event_files.message_of_related(kind, list(ids), "Tag.Update.Post"))

    def bulk(self, *scene_ids: int) -> None:
        tasks = (self.sync_scene.s(scene_id, priority=BULK) for scene_id in scene_ids)
        assert self.huey.enqueue_many(tasks, BULK) == len(scene_ids)

    def waiting(self) -> list[tuple[Any, float]]:
        """What waits, in the order of arrival: arguments and priority."""
        assert self.huey.pending_count() >= 0  # which takes over what is in the inbox
        return [(json.loads(row["data"])["args"], row["priority"]) for row in rows(self.huey, "task")]

    def run_all(self) -> list[Any]:
        while run_next(self.huey):
            pass
        return self.done


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    app = App(tmp_path)
    yield app
    app.huey.storage.close()


class TestOvertaking:
    def test_an_edit_of_a_scene_overtakes_a_rename(self, app: App) -> None:
        app.rename("studio", 3)
        app.edit(45)
        assert app.run_all() == [(45,), ("studio", 3)]

    def test_a_rename_overtakes_the_look_at_every_scene(self, app: App) -> None:
        app.bulk(1, 2)
        app.rename("studio", 3)
        assert app.run_all() == [("studio", 3), (1,), (2,)]

    def test_equal_renames_that_wait_are_one(self, app: App) -> None:
        for ids in ((3,), (3,), (4,), (3, 4)):
            app.rename("tag", *ids)
        assert app.waiting() == [(["tag", 3], -5), (["tag", 4], -5), (["tag", 3, 4], -5)]

    def test_a_rename_that_is_set_aside_comes_back_with_its_priority(self, app: App, tmp_path: Path) -> None:
        app.rename("tag", 3)
        other = new_queue(tmp_path)
        assert other.dequeue() is None
        assert other.stats().set_aside == 1
        assert app.huey.take_up_again() == 1
        assert app.waiting() == [(["tag", 3], -5)]
        other.storage.close()

    @pytest.mark.parametrize("odd", ["1" + "0" * 400, "-1e300", '"high"', "null", "[1]"])
    def test_an_odd_priority_in_a_file_holds_nothing_up(self, app: App, odd: str) -> None:
        app.edit(1)
        (laid,) = Path(app.inbox).iterdir()
        laid.write_text(laid.read_text().replace('"at"', f'"priority": {odd}, "at"'))
        app.edit(2)
        assert app.waiting() == [([1], 0), ([2], 0)]
        for _ in range(2):
            run_next(app.huey)
        assert app.done[-1] == (2,)

    def test_what_a_worker_gives_back_keeps_its_priority(self, app: App) -> None:
        app.rename("tag", 3)
        app.huey.storage.release(app.huey.dequeue().claim_id)
        assert app.waiting() == [(["tag", 3], -5)]


class TestJoining:
    def test_an_edit_raises_the_equal_message_that_waits_for_its_turn_in_bulk(self, app: App) -> None:
        app.bulk(1, 2, 3)
        app.edit(2)
        assert app.waiting() == [([1], BULK), ([2], 0), ([3], BULK)]
        assert app.run_all() == [(2,), (1,), (3,)]

    def test_bulk_work_does_not_lower_an_edit_that_waits(self, app: App) -> None:
        app.edit(2)
        assert app.waiting() == [([2], 0)]
        app.bulk(1, 2, 3)
        assert app.waiting() == [([2], 0), ([1], BULK), ([3], BULK)]
        assert app.run_all() == [(2,), (1,), (3,)]

    def test_bulk_work_does_not_lower_the_retry_of_an_edit(self, app: App) -> None:
        app.failing = {(2,)}
        app.edit(2)
        run_next(app.huey)
        app.bulk(2)
        assert app.waiting() == [([2], 0)]

    @pytest.mark.parametrize("edit_comes_first", [True, False])
    def test_a_retry_is_as_urgent_as_the_most_urgent_of_those_that_became_one(
        self, app: App, edit_comes_first: bool
    ) -> None:
        app.failing = {(2,)}
        steps = [lambda: app.edit(2), app.huey.pending_count, lambda: app.bulk(2)]
        for step in steps if edit_comes_first else reversed(steps):
            step()
        run_next(app.huey)
        assert [row["priority"] for row in rows(app.huey, "schedule")] == [0]
        app.bulk(1)
        app.huey.read_schedule(datetime.now(UTC) + timedelta(seconds=61))
        assert app.waiting() == [([1], BULK), ([2], 0)]

    def test_the_retry_of_a_rename_stays_as_low_as_it_was(self, app: App) -> None:
        app.failing = {("tag", 3)}
        app.rename("tag", 3)
        run_next(app.huey)
        assert [row["priority"] for row in rows(app.huey, "schedule")] == [PRIORITIES[event_files.SYNC_RELATED]]

    def test_many_that_are_queued_without_a_priority_keep_their_own(self, app: App) -> None:
        app.huey.enqueue_many([app.sync_scene.s(1, priority=BULK), app.sync_scene.s(2)])
        assert app.waiting() == [([1], BULK), ([2], 0)]


class TestCost:
    """Counted in what the database does, which does not depend on how busy the machine is."""

    @pytest.mark.parametrize("paused", [(), ("tasks.other",)], ids=["nothing rests", "something rests"])
    def test_ten_thousand_that_wait_cost_an_edit_nothing(self, app: App, paused: tuple[str, ...]) -> None:
        app.huey.storage.paused = lambda: paused
        few, many = self._cost_of_an_edit(app, 1, range(2, 12)), self._cost_of_an_edit(app, 2, range(12, MANY + 12))
        # The index has another level or two.
        assert 0 < many < few * 1.5

    def _cost_of_an_edit(self, app: App, scene_id: int, bulk: range) -> int:
        app.bulk(*bulk)
        with cost_of(app.huey.storage.database) as cost:
            app.sync_scene(-scene_id)
            claimed = app.huey.dequeue()
            app.huey.execute(claimed)
        assert claimed.args == (-scene_id,)
        return cost.number

    @pytest.mark.parametrize("paused", [(), ("tasks.other",)], ids=["nothing rests", "something rests"])
    def test_no_statement_on_the_way_of_a_message_reads_all(self, app: App, paused: tuple[str, ...]) -> None:
        app.huey.storage.paused = lambda: paused
        app.bulk(*range(2, 50))
        with statements_of(app.huey.storage.database) as said:
            app.sync_scene(1)
            app.huey.execute(app.huey.dequeue())
        assert whole_reads(app.huey.storage.database, said) == {}

    @pytest.mark.sqlite
    def test_the_next_message_is_found_by_the_index_alone(self, app: App) -> None:
        plan = self._plan(app, schema.NEXT_TASK)
        assert any("SEARCH task USING INDEX task_order (queue=?)" in line for line in plan)
        assert not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in plan)

    @pytest.mark.sqlite
    def test_so_it_is_for_each_task_while_others_rest(self, app: App) -> None:
        plan = self._plan(app, schema.NEXT_UNPAUSED_TASK)
        assert any("SEARCH task USING INDEX task_name (queue=? AND name>? AND name<?)" in line for line in plan)
        assert any("SEARCH task USING INDEX task_name (queue=? AND name=?)" in line for line in plan), (
            "those of no name"
        )
        # What is scanned, and sorted in the end, has a row per name, and one for those of no name.
        scanned = {line.split()[1] for line in plan if line.startswith("SCAN")}
        assert scanned == {"name_of", "json_each", "of_no_name"}
        assert sum("TEMP B-TREE" in line for line in plan) == 1

    def _plan(self, app: App, statement: str) -> list[str]:
        with app.huey.storage.database.read() as connection:
            values = {"queue": "plexsync", "paused": "[]"}
            return [row["detail"] for row in connection.execute(f"explain query plan {statement}", values)]
