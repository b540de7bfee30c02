"""One id from the edit to Plex: through queue, bundles, retries and outcomes, in the log, and shown by ``trace``."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from huey.exceptions import RetryTask

import tasks.batch
import tasks.related
import tasks.scenes
from plexsync import logs
from plexsync.demo.http import PlannedFault
from plexsync.inbox import event_files
from plexsync.queue import open_queue
from plexsync.queue.origin import origin_of
from plexsync.redaction import Redactor
from plexsync.status.activity import trace_event
from plexsync.status.arguments import BadRequest
from tasks import huey
from tests.support.places import ROOT
from tests.support.sql_seen import statements_of
from tests.support.sync_bench import SyncBench, sync_bench

SCHEMA = ROOT / "docs" / "reference" / "log-line.schema.json"
INBOX = str(huey.storage.database.path.parent / event_files.FOLDER)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, max_retries=3) as bench:
        open_queue(bench.database)
        for module in (tasks.scenes, tasks.batch, tasks.related):
            monkeypatch.setattr(module, "runtime", lambda: bench.app)
        huey.flush()
        yield bench
        huey.flush()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, of_huey, hook = logging.getLogger(), logging.getLogger("huey"), threading.excepthook
    named = [logging.getLogger(name) for name in ("plexsync", "tasks", "huey")]
    before = (root.handlers[:], root.level, of_huey.filters[:], [one.level for one in named])
    stream = io.StringIO()
    logs.set_up("debug", "json", Redactor([]), stream)
    yield stream
    root.handlers[:], level, of_huey.filters[:], levels = before
    root.setLevel(level)
    for one, each in zip(named, levels, strict=True):
        one.setLevel(each)
    threading.excepthook = hook


def lay(message: dict[str, Any]) -> str:
    event_files.put(INBOX, message)
    return str(message["id"])[: event_files.SHORT_ID]


def work(*, later: bool = False) -> None:
    """Do what is next in line; a message that is tried again waits for its time then.

    :param later: an hour from now, when that is over.
    """
    now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=later)
    huey.storage.read_schedule(now)
    task = huey.dequeue()
    assert task is not None
    huey.execute(task, now)


def test_two_edits_a_retry_and_what_plex_shows(bench: SyncBench, log: io.StringIO) -> None:
    first = lay(event_files.message(bench.scene, "Scene.Update.Post"))
    second = lay(event_files.message(bench.scene, "Scene.Update.Post"))
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=lambda request: request.method == "PUT"))
    work()
    bench.plex.faults.clear()
    work(later=True)
    for event in (first, second):
        found = trace_event(bench.app.ledger, event)
        assert [way["outcome"] for way in found["ways"]] == ["retry", "synced"]
        last = found["ways"][-1]
        assert last["events"] == [first, second]
        assert [step["what"] for step in last["steps"]] == [
            *("laid", "laid", "taken over", "read", "matched", "written", "read back"),
        ]
        assert all(step["at"] for step in last["steps"])
        assert "title" in last["steps"][-2]["text"]
        assert found["waits"] == []
    check = fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")))
    lines = [check(json.loads(line)) for line in log.getvalue().splitlines()]
    told = [line for line in lines if line.get("scene") == bench.scene]
    assert {line["event"] for line in told} == {f"{first},{second}"}
    assert {line["task"] for line in told} == {"sync_scene"}
    assert {line["attempt"] for line in told} == {1, 2}
    # Requests are told in the same words, without their knowing of events.
    requests = [line for line in told if line["logger"] == "plexsync.plex.transport"]
    assert bench.key in {line.get("item") for line in requests}


def test_what_follows_from_an_event_is_done_for_it(bench: SyncBench) -> None:
    studio = bench.stash.add_studio("Old")
    bench.stash.edit(bench.scene, title="Its title", studio=studio)
    bench.sync()
    bench.stash.rename("studios", studio, "New")
    event = lay(event_files.message_of_related("studio", [studio], "Studio.Update.Post"))
    work()
    work()
    (way,) = trace_event(bench.app.ledger, event)["ways"]
    assert (way["scene_id"], way["outcome"], way["events"]) == (bench.scene, "synced", [event])


def test_where_an_event_waits(bench: SyncBench) -> None:
    queue = open_queue(bench.database)
    event = str((message := event_files.message(45, "Scene.Update.Post"))["id"])[: event_files.SHORT_ID]
    event_files.put(str(bench.database.path.parent / event_files.FOLDER), message)
    assert queue.waiting() == 1
    (waits,) = trace_event(bench.app.ledger, event)["waits"]
    assert (waits["what"], waits["place"], waits["due"]) == ("sync_scene 45", "pending", None)
    with pytest.raises(BadRequest, match="00000000"):
        trace_event(bench.app.ledger, "00000000")


def test_a_message_of_an_old_queue_works_on_without_an_id(bench: SyncBench) -> None:
    huey.storage.enqueue(b'{"v": 1, "id": "old", "name": "sync_scene", "args": [%d], "kwargs": {}}' % bench.scene)
    work()
    (outcome,) = bench.app.ledger.listings.outcomes(bench.scene, None, 5)
    assert (str(outcome.outcome), outcome.events) == ("synced", ())


def test_a_retry_that_meets_a_new_edit_leaves_it_its_events(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lay(event_files.message(bench.scene, "Scene.Update.Post"))
    laid: list[str] = []

    def fails(*_: object, **__: object) -> None:
        # The next edit comes while this one is worked on.
        laid.append(lay(event_files.message(bench.scene, "Scene.Update.Post")))
        assert huey.waiting() == 1
        raise RetryTask(delay=60)

    with monkeypatch.context() as patched:
        patched.setattr(tasks.scenes, "attempt", fails)
        work()
    (waiting,) = huey.storage.enqueued_items()
    assert origin_of(waiting).ids == (first, *laid)


def test_an_event_costs_one_statement_more_and_the_table_stays_small(bench: SyncBench) -> None:
    def statements(how: str) -> int:
        with statements_of(bench.database) as said:
            if how == "event":
                lay(event_files.message(bench.scene, "Scene.Update.Post"))
            else:
                huey.enqueue_by_name(event_files.SYNC_SCENE, [(bench.scene,)])
            work()
        return len(said)

    statements("event")
    assert statements("event") - statements("asked") == 1
    with bench.database.write() as db:
        db.execute("insert into event_outcome (id, event, outcome_id) values (10000000, 'late', 1)")
    bench.app.ledger.prune(30)
    with bench.database.read() as db:
        assert [row[0] for row in db.execute("select event from event_outcome")] == ["late"]
