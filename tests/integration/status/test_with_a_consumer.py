"""A real consumer is watched and asked: its snapshot, every question, every action, and no secret in any of it."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import PLUGIN, World
from plexsync.durations import iso
from plexsync.inbox import request_files
from plexsync.inbox.request_files import GONE_AFTER, HEARTBEAT, MAX_STATUS
from plexsync.ledger import Ledger, Result, State
from plexsync.matching.lookup import Match
from plexsync.redaction import REDACTED
from plexsync.status.tables import QUESTIONS
from plexsync.storage.database import Database

#: What must never be seen, wherever it is planted.
KEY = "the-api-key-of-stash-0123456789"
#: What each question is asked, and whether its answer comes from where secrets are planted.
ASKED: list[tuple[str, dict[str, Any], bool]] = [
    ("scenes", {}, True),
    ("scenes", {"state": "failed", "search": "failed", "limit": 3}, True),
    ("scene", {"scene_id": 1}, True),
    ("scene", {"scene_id": 101}, True),
    ("scene", {"scene_id": 999_999}, False),
    ("failed", {}, True),
    ("failed", {"search": "no answer"}, True),
    ("letter", {"id": 1}, True),
    ("reviews", {}, True),
    ("activity", {}, True),
    ("activity", {"scene_id": 101}, True),
    ("trace", {"id": "of scene 101"}, True),
    ("health", {}, False),
    ("picture", {"rating_key": 1}, False),
    ("difference", {"scene_id": 20}, True),
    ("items", {"search": "beach"}, False),
    ("items", {"search": "planted"}, True),
    ("items", {"rating_key": 1}, False),
    ("libraries", {}, False),
    ("settings", {}, False),
    ("test_connection", {}, False),
]


class Watched(World):
    """A world with a consumer that is asked by files."""

    @property
    def folder(self) -> str:
        return str(self.data_dir)

    def ask(self, mode: str, **args: Any) -> dict[str, Any]:
        return request_files.ask(self.folder, mode, args, durable=False, seconds=30)

    def act(self, mode: str, **args: Any) -> dict[str, Any]:
        answer = request_files.ask(self.folder, mode, args, durable=True, seconds=30)
        assert answer["ok"], answer
        result = answer["result"]
        assert isinstance(result, dict)
        assert result["text"].endswith(".")
        return result

    def result(self, mode: str, **args: Any) -> dict[str, Any]:
        answer = self.ask(mode, **args)
        assert answer["ok"], answer
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def snapshot(self) -> dict[str, Any]:
        found = json.loads(request_files.status(self.folder) or b"{}")
        assert isinstance(found, dict)
        return found

    def seen(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The snapshot as soon as something is so."""
        found: dict[str, Any] = {}

        def look() -> bool:
            nonlocal found
            request_files.watch(self.folder)
            found = self.snapshot()
            return bool(found) and condition(found)

        self.wait(look, 30, what)
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Twenty scenes in sync; one failed, one to review, one not in Plex."""
    settings = {"PLEXSYNC_STASH_API_KEY": KEY}
    with Watched(tmp_path_factory.mktemp("world"), settings) as world:
        world.stash.require_auth(KEY)
        world.log_in(KEY)
        scenes = [world.add(f"{number}.mp4") for number in range(20)]
        world.plex.add_item(world.section, f"Planted {world.plex.token} {KEY}", ["/media/other/planted.mp4"])
        world.start_consumer()
        world.wait(lambda: request_files.runs(world.folder), 30, "the consumer shows itself")
        world.edit_many(scenes, title="Beach")
        world.wait_until_right(scenes)
        plant(world)
        yield world


def plant(world: Watched) -> None:
    """Put secrets wherever they could come from, besides what was given up and what waits for a person."""
    ledger = Ledger(Database(world.data_dir / "plexsync.db"))
    secrets = f"{world.plex.token} {KEY}"
    ledger.scenes.set_state(101, State.FAILED, Result.FAILED, error=f"no answer {secrets}", title=f"Failed {secrets}")
    ledger.dead_letters.put(101, "PlexUnavailable", f"no answer {secrets}", f"trace {secrets}", 3, title=secrets,
                            snapshot=json.dumps({"fields": {"title": secrets}}))  # fmt: skip
    ledger.scenes.set_state(102, State.REVIEW, Result.REVIEW, error=f"unsure {secrets}", title=f"Review {secrets}")
    ledger.reviews.put(102, [Match(rating_key=1, section_id=1, confidence=70, reasons=(secrets,), title=secrets,
                                   path=f"/media/{secrets}", file="/data/a.mp4")])  # fmt: skip
    ledger.scenes.set_state(103, State.NOT_FOUND, Result.NOT_FOUND, error=f"not there {secrets}", title="Missing")
    with ledger.database.write() as db:
        db.execute("update scene set notes = ?, reasons = ? where scene_id = 1", (json.dumps([secrets]),) * 2)
    ledger.database.close()
    # No hook tells of it.
    world.stash.edit(20, details=secrets)


def asked_of(world: Watched, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with the number that is known only now."""
    if args != {"id": "of scene 101"}:
        return args
    return {"id": world.result("activity", scene_id=101)["rows"][0]["id"]}


@pytest.mark.parametrize(("mode", "args", "is_planted"), ASKED)
def test_no_answer_holds_a_secret(world: Watched, mode: str, args: dict[str, Any], *, is_planted: bool) -> None:
    told = json.dumps(world.result(mode, **asked_of(world, args)))
    assert world.plex.token not in told
    assert KEY not in told
    # Else the secrets would not have been on the way into this answer at all.
    assert (REDACTED in told) == is_planted


def test_every_question_is_looked_through_for_secrets() -> None:
    assert {mode for mode, _, _ in ASKED} == set(QUESTIONS)


def test_the_snapshot_holds_all_that_status_tells_and_no_secret(world: Watched) -> None:
    found = world.seen(lambda one: one["scenes"]["failed"] == 1, "the snapshot shows what was given up")
    status = json.loads(world.command("status", "--json"))
    assert set(status) <= set(found)
    assert found["schema"] == 1
    assert found["state"] == "running"
    assert found["scenes"] == status["scenes"]
    assert found["attention"] == 2
    assert found["level"] in ("warn", "fail")
    assert found["plex"]["up"]
    assert found["plex"]["url"] == world.plex.url
    assert sum(one["synced"] for one in found["chart"]["hour"]) >= 20
    assert len(found["chart"]["hour"]) == 12
    assert len(found["chart"]["day"]) == 24
    document = request_files.status(world.folder)
    assert len(document) <= MAX_STATUS
    assert world.plex.token.encode() not in document
    assert KEY.encode() not in document


def test_files_of_ours_are_private(world: Watched) -> None:
    world.result("scenes")
    assert (world.data_dir / request_files.STATUS_FILE).stat().st_mode & 0o777 == 0o600
    assert (world.data_dir / request_files.FOLDER).stat().st_mode & 0o777 == 0o700


def test_lists_come_in_pages(world: Watched) -> None:
    first = world.result("scenes", state="synced", limit=15)
    rest = world.result("scenes", state="synced", limit=15, cursor=first["next"])
    assert first["total"] == 20
    assert rest["next"] is None
    assert len({row["scene_id"] for row in (*first["rows"], *rest["rows"])}) == 20
    assert first["rows"][0]["title"] == "Beach"
    answer = world.ask("scenes", cursor="nonsense")
    assert answer["error"]["kind"] == "bad_request"
    assert "'cursor'" in answer["error"]["text"]


def test_one_events_way_is_told(world: Watched) -> None:
    world.edit(2, title="Followed")
    world.wait_until_right([2])
    row = world.result("activity", scene_id=2)["rows"][0]
    assert row["outcome"] == "synced"
    assert "title" in row["fields"]
    assert row["event_at"] is not None
    assert row["seconds"] > 0
    steps = world.result("trace", id=row["id"])["steps"]
    assert [one["what"] for one in steps] == ["laid", "taken over", "read", "matched", "written", "read back"]
    assert "title" in steps[4]["text"]


def test_a_change_is_shown_before_the_next_sign_of_life_while_somebody_watches(world: Watched) -> None:
    before = world.seen(lambda one: one["now"] == [], "nothing runs")
    skipped = before["scenes"]["skipped"]
    ledger = Ledger(Database(world.data_dir / "plexsync.db"))
    ledger.scenes.set_state(104, State.SKIPPED, Result.SKIPPED)
    ledger.database.close()

    def is_shown(one: dict[str, Any]) -> bool:
        nonlocal before
        if one["scenes"]["skipped"] == skipped:
            before = one
        return bool(one["scenes"]["skipped"] == skipped + 1)

    # By the consumer's own clock: how soon it decides to is measured where that can be turned by hand.
    assert world.seen(is_shown, "the change is shown")["written_at"] - before["written_at"] < HEARTBEAT - 1


def test_commands_list_the_same(world: Watched) -> None:
    world.wait_until_idle(scheduled=False)
    asked = world.result("scenes", state="synced", limit=5)["rows"]
    told = json.loads(world.command("scenes", "list", "--state", "synced", "--limit", "5", "--json"))
    assert told == asked
    lines = world.command("scenes", "list", "--search", "1.mp4").splitlines()
    assert {line.split()[0] for line in lines[1:3]} == {"2", "12"}
    assert "2 scenes" in lines[-1]
    rows = json.loads(world.command("activity", "--scene", "2", "--limit", "3", "--json"))
    assert rows == world.result("activity", scene_id=2, limit=3)["rows"]
    row = json.loads(world.command("activity", "--scene", "2", "--json"))[0]
    assert json.loads(world.command("trace", str(row["id"]), "--json")) == world.result("trace", id=row["id"])
    assert f"{row['id']}" in world.command("activity", "--scene", "2")
    assert "read back" in world.command("trace", str(row["id"]))


def test_watch_shows_it_live_and_ends_with_ctrl_c(world: Watched) -> None:
    world.wait(lambda: "20 synced" in world.command("watch", "--once"), 30, "all are shown as synced")
    process = world.open_process(
        [sys.executable, "-P", "-m", "plexsync", "watch"],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    assert "PlexSync" in line
    assert "Plex answers" in line
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")


def test_answers_come_quickly(world: Watched) -> None:
    world.result("scenes")
    took = []
    for _ in range(20):
        began = time.monotonic()
        world.result("scenes")
        took.append(time.monotonic() - began)
    # Two shared cores: the bench measures, this only notices what waits for something.
    assert statistics.median(took) < 0.5


def test_scenes_are_synced_rejected_and_retried_from_outside(world: Watched) -> None:
    world.plex.forget()
    assert world.act("sync", scene_ids=[3, 4])["count"] == 2
    assert world.act("reject", scene_id=102)["count"] == 1
    assert world.act("forget", scene_id=102)["count"] == 1
    letters = world.result("failed")["rows"]
    world.act("retry", ids=[one["id"] for one in letters])
    # Stash has no such scene: what is tried again is gone, and so is its dead letter.
    world.wait(lambda: world.result("failed")["total"] == 0, 30, "the dead letter goes")
    assert world.act("discard", all=True)["count"] == 0


def test_everything_is_synced_with_progress_and_an_end(world: Watched) -> None:
    world.act("sync", all=True)
    found = world.seen(lambda one: any(end["id"] == "everything" for end in one["done"]), "it has ended")
    end = next(end for end in found["done"] if end["id"] == "everything")
    assert "All scenes were looked at" in end["text"]
    assert found["settings"]["sync_all"] == []


def test_everything_is_compared_with_an_end(world: Watched) -> None:
    world.act("reconcile", full=True)
    found = world.seen(lambda one: any(end["id"] == "reconcile" for end in one["done"]), "it has ended")
    end = next(end for end in found["done"] if end["id"] == "reconcile")
    assert "compared" in end["text"]
    assert end["ok"]


def test_a_preview_tells_what_would_change_and_writes_nothing(world: Watched) -> None:
    world.wait_until_idle(scheduled=False)
    world.stash.edit(5, title="Not yet in Plex")
    before = len(world.plex.writes) if hasattr(world.plex, "writes") else None
    world.act("preview")
    found = world.seen(lambda one: one["preview"] is not None, "the preview is there")
    assert found["preview"]["counts"]["would change"] >= 1
    assert any("would change title" in one["text"] for one in found["preview"]["examples"])
    if before is not None:
        assert len(world.plex.writes) == before


def test_what_changed_lately_is_synced(world: Watched) -> None:
    assert world.act("sync_recent", hours=1)["count"] >= 1
    world.wait_until_right([5])


def test_a_report_names_nobody(world: Watched) -> None:
    world.wait_until_idle(scheduled=False)
    path = Path(world.act("report")["file"])
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    told = json.loads(text)
    assert told["scenes"]["synced"] >= 19
    for private in ("Beach", "/data", "127.0.0.1", "localhost", world.plex.token, KEY):
        assert private not in text


def test_an_action_survives_the_consumers_death_before_it_is_answered(world: Watched) -> None:
    os.kill(world.consumer_pid, signal.SIGSTOP)
    world.stash.edit(6, title="Asked for before the end")
    path = Path(request_files.lay(world.folder, "sync", {"scene_ids": [6]}, durable=True))
    world.kill_consumer()
    assert path.exists()
    world.start_consumer()
    world.wait_until_right([6])
    world.wait(lambda: not path.exists(), 20, "the request is done with")


def test_a_restart_is_the_same_process_anew(world: Watched) -> None:
    world.seen(lambda one: one["state"] == "running" and one["pid"] == world.consumer_pid, "it runs")
    since = world.snapshot()["since"]
    pid = world.consumer_pid
    world.wait(lambda: (iso(time.time()) or "") > since, 5, "the next second: ``since`` is kept to it")
    world.act("restart")
    found = world.seen(lambda one: one["state"] == "running" and one["since"] > since, "it runs anew")
    assert found["pid"] == pid
    world.wait(lambda: bool(world.ask("scenes")["ok"]), 30, "it answers")


def test_a_stop_ends_it_and_one_for_an_earlier_run_does_not(world: Watched) -> None:
    world.act("stop")
    deadline = time.monotonic() + 40
    while (code := world.consumer_ended()) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert code == 0
    assert world.snapshot()["state"] == "stopping"
    assert not request_files.runs(world.folder)
    world.kill_consumer()
    path = Path(request_files.lay(world.folder, "stop", {}, durable=True))
    world.start_consumer()
    world.wait(lambda: not path.exists(), 30, "the old request is done with")
    world.wait(lambda: bool(world.ask("scenes")["ok"]), 30, "it answers")


def test_a_consumer_that_died_is_known_by_its_age(world: Watched) -> None:
    world.kill_consumer()
    status = world.data_dir / request_files.STATUS_FILE
    os.utime(status, (time.time() - GONE_AFTER,) * 2)
    assert world.ask("scenes")["error"]["kind"] == "not_running"
