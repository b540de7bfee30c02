"""What is kept of a scene that was given up on, when it goes again, and how people hear of it."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

import tasks.upkeep
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexSyncError
from plexsync.inbox.hook_process import NOTICE_FILE, NOTICE_SHOWN_FILE
from plexsync.ledger import DeadLetter, Ledger, Result, State
from plexsync.ledger.schema import STEPS
from plexsync.model import Edit, Field
from plexsync.storage.database import Database
from plexsync.sync.snapshot import Snapshot
from tasks.attempt import attempt
from tests.support.hook_runner import Hook, changed, command, every_python, stash_sends
from tests.support.sync_bench import SyncBench, sync_bench

DAY = 86400.0


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path / "data", max_retries=0) as bench:
        yield bench


def refuse(
    bench: SyncBench, match: Callable[[Request], bool] = lambda request: request.method == "PUT"
) -> PlannedFault:
    """Let Plex refuse these requests for good."""
    return bench.plex.faults.add(
        PlannedFault("status", times=None, status=400, match=match, body=b"<h1>No such thing</h1>")
    )


def give_up(bench: SyncBench, scene: int | None = None) -> DeadLetter:
    """An attempt that ends in a dead letter."""
    with pytest.raises(PlexSyncError):
        attempt(bench.app, scene or bench.scene, fresh=True)
    letter = bench.app.ledger.dead_letters.of_scene(scene or bench.scene)
    assert letter is not None
    return letter


def put(ledger: Ledger, scene: int, message: str = "no") -> DeadLetter:
    ledger.dead_letters.put(scene, "PermanentError", message, "trace", 1)
    letter = ledger.dead_letters.of_scene(scene)
    assert letter is not None
    return letter


def notice(folder: Path) -> str | None:
    path = folder / NOTICE_FILE
    return json.loads(path.read_text())["text"] if path.exists() else None


# --- What it holds ---------------------------------------------------------------------------------------------------


def test_a_dead_letter_holds_error_match_and_what_was_to_be_written(bench: SyncBench) -> None:
    tag = bench.stash.add_tag("Outdoor")
    bench.stash.edit(bench.scene, title="A title", rating100=85, tags=[tag])
    refuse(bench)
    began = time.time()
    letter = give_up(bench)
    assert (letter.scene_id, letter.title, letter.error_class) == (bench.scene, "A title", "PermanentError")
    assert "No such thing" in letter.message
    assert "Traceback" in letter.traceback
    assert (letter.rating_key, letter.confidence, letter.reasons[0]) == (bench.key, 100, "same path")
    assert letter.snapshot["known"] == "edit"
    fields = letter.snapshot["fields"]
    assert (fields["title"], fields["tags"], fields["rating"]) == ("A title", {"add": ["Outdoor"], "remove": []}, 8.5)
    assert fields["poster"].endswith("bytes")
    assert [one.outcome for one in letter.tries] == [Result.FAILED]
    assert began <= letter.first_failed_at <= letter.failed_at <= time.time()


def test_every_attempt_that_led_there_is_in_it_with_time_and_error(bench: SyncBench) -> None:
    bench.restart(max_retries=2)
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=lambda request: request.method == "PUT"))
    for fresh in (True, False, False):
        with pytest.raises((RetryTask, PlexSyncError)):
            attempt(bench.app, bench.scene, fresh=fresh)
    letter = bench.app.ledger.dead_letters.of_scene(bench.scene)
    assert letter is not None
    assert (letter.attempts, [one.outcome for one in letter.tries]) == (3, ["retry", "retry", "failed"])
    assert all(one.error and "500" in one.error for one in letter.tries)
    assert letter.first_failed_at == letter.tries[0].at < letter.tries[2].at


def test_what_is_wanted_is_kept_where_nothing_could_be_compared(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="A title")
    refuse(bench, lambda request: request.path.startswith("/library/metadata/"))
    letter = give_up(bench)
    assert letter.snapshot["known"] == "wanted"
    assert letter.snapshot["fields"]["title"] == "A title"


def test_a_scene_that_could_not_be_read_leaves_nothing_of_the_one_before(bench: SyncBench) -> None:
    other, _ = bench.add("other.mp4")
    bench.stash.edit(bench.scene, title="A title")
    refuse(bench)
    give_up(bench)
    bench.stash.spoil(other)
    letter = give_up(bench, other)
    assert (letter.title, letter.snapshot, letter.rating_key) == ("", {}, None)


def test_a_secret_in_a_title_is_not_in_the_dead_letter(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="My title", details=f"do not tell: {bench.plex.token}")
    refuse(bench)
    letter = give_up(bench)
    assert letter.snapshot["fields"]["summary"] == "do not tell: [redacted]"


def test_half_a_character_does_not_keep_a_dead_letter_from_being_written(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(_scene_id: int, snapshot: Snapshot) -> None:
        snapshot.title = "half \ud83c"
        snapshot.plans(Edit(texts={Field.TITLE: "\ud83c"}), ())
        raise ValueError("cannot be encoded: \ud83c")

    monkeypatch.setattr(bench.app.sync, "sync", bug)
    with pytest.raises(ValueError, match="cannot be encoded"):
        attempt(bench.app, bench.scene, fresh=True)
    letter = bench.app.ledger.dead_letters.of_scene(bench.scene)
    assert letter is not None
    assert (letter.title, letter.message) == ("half \\ud83c", "cannot be encoded: \\ud83c")


def test_another_failure_renews_the_dead_letter_under_its_id(bench: SyncBench) -> None:
    refuse(bench)
    first = give_up(bench)
    bench.stash.edit(bench.scene, title="Another title")
    second = give_up(bench)
    assert bench.app.ledger.dead_letters.count() == 1
    assert (second.id, second.first_failed_at) == (first.id, first.first_failed_at)
    assert second.failed_at > first.failed_at
    assert second.snapshot["fields"]["title"] == "Another title"


def test_an_id_is_never_given_twice(ledger: Ledger) -> None:
    first = put(ledger, 45)
    assert ledger.dead_letters.discard([first.id, 777]) == 1
    assert put(ledger, 46).id > first.id


def test_long_texts_are_cut(ledger: Ledger) -> None:
    ledger.dead_letters.put(45, "PermanentError", "m" * 10_000, "t" * 10_000 + "end", 1)
    letter = ledger.dead_letters.of_scene(45)
    assert letter is not None
    assert (len(letter.message), len(letter.traceback)) == (2000, 8000)
    assert letter.traceback.endswith("end")


@pytest.mark.sqlite
def test_dead_letters_of_an_older_version_are_carried_over(database: Database) -> None:
    database.migrate("ledger", STEPS[:1])
    with database.write() as db:
        db.execute(
            "insert into scene (scene_id, state, title, rating_key, confidence, reasons, changed_at) "
            "values (45, 'failed', 'Known', 7, 100, '[\"same path\"]', 1)"
        )
        db.executemany(
            "insert into dead_letter (id, scene_id, error_class, message, traceback, attempts, failed_at) "
            "values (?, ?, 'PermanentError', 'no', 'trace', 3, 1700000000)",
            [(3, 45), (4, 46)],
        )
    letters = Ledger(database).dead_letters
    first, second = letters.get(3), letters.get(4)
    assert first is not None
    assert second is not None
    assert (first.scene_id, first.title, first.rating_key, first.reasons) == (45, "Known", 7, ("same path",))
    assert (first.attempts, first.failed_at, first.first_failed_at) == (3, 1700000000, 1700000000)
    assert (second.scene_id, second.title, second.rating_key) == (46, "", None)


# --- When it goes ----------------------------------------------------------------------------------------------------


def test_a_newer_edit_that_succeeds_resolves_it(bench: SyncBench) -> None:
    fault = refuse(bench)
    give_up(bench)
    bench.plex.faults.remove(fault)
    bench.stash.edit(bench.scene, title="Newer")
    attempt(bench.app, bench.scene, fresh=True)
    assert bench.app.ledger.dead_letters.count() == 0
    assert bench.item().title == "Newer"


def test_it_stays_while_its_scene_waits_again(bench: SyncBench) -> None:
    fault = refuse(bench)
    give_up(bench)
    bench.plex.faults.remove(fault)
    bench.plex.wrong_token()
    with pytest.raises((RetryTask, PlexSyncError)):
        attempt(bench.app, bench.scene, fresh=True)
    assert bench.app.ledger.dead_letters.count() == 1


def test_a_scene_that_is_gone_or_no_longer_wanted_needs_none(bench: SyncBench) -> None:
    bench.restart(only_organized=True)
    gone, kept = put(bench.app.ledger, 777), put(bench.app.ledger, bench.scene)
    assert "no longer" in attempt(bench.app, gone.scene_id, fresh=True).text
    assert "not organized" in attempt(bench.app, kept.scene_id, fresh=True).text
    assert bench.app.ledger.dead_letters.count() == 0


def test_the_hourly_task_drops_what_is_past_its_days(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.restart(dead_letter_days=3)
    old, new = put(bench.app.ledger, 1), put(bench.app.ledger, 2)
    with bench.database.write() as db:
        db.execute("update dead_letter set failed_at = failed_at - ? where id = ?", (3.1 * DAY, old.id))
        db.execute("update dead_letter set failed_at = failed_at - ? where id = ?", (2.9 * DAY, new.id))
    monkeypatch.setattr(tasks.upkeep, "runtime", lambda: bench.app)
    tasks.prune.call_local()
    assert [one.id for page in bench.app.ledger.dead_letters.pages() for one in page] == [new.id]
    assert "1 scene could" in str(notice(bench.settings.data_dir))


# --- Stash's log ------------------------------------------------------------------------------------------------------


def test_a_notice_lies_in_the_data_folder_while_there_are_dead_letters(bench: SyncBench) -> None:
    folder = bench.settings.data_dir
    assert notice(folder) is None
    fault = refuse(bench)
    letter = give_up(bench)
    assert notice(folder) == (
        "1 scene could not be synced: to see why, run ./huey_consumer.sh failed list in PlexSync's folder"
    )
    status = (folder / NOTICE_FILE).stat()
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_mtime == pytest.approx(letter.failed_at, abs=0.001)
    put(bench.app.ledger, 777)
    assert "2 scenes could" in str(notice(folder))
    bench.plex.faults.remove(fault)
    attempt(bench.app, bench.scene, fresh=True)
    assert "1 scene could" in str(notice(folder))
    attempt(bench.app, 777, fresh=True)
    assert not (folder / NOTICE_FILE).exists()
    assert sorted(path.suffix for path in folder.iterdir() if path.name.startswith("notice")) == []


def test_a_notice_that_cannot_be_written_harms_nothing(ledger: Ledger, database: Database) -> None:
    (database.path.parent / NOTICE_FILE).mkdir()
    letter = put(ledger, 45)
    assert ledger.dead_letters.discard([letter.id]) == 1
    assert [path.name for path in database.path.parent.iterdir() if path.name.startswith("notice")] == [NOTICE_FILE]


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path / "data")


def leave(hook: Hook, text: object = "3 scenes could not be synced", ago: float = 0.0) -> Path:
    """A notice as the consumer leaves it, about something that happened ``ago`` seconds earlier."""
    hook.data.mkdir(exist_ok=True)
    path = hook.data / NOTICE_FILE
    path.write_text(json.dumps({"text": text, "at": 1.0}))
    os.utime(path, (time.time() - ago,) * 2)
    return path


@every_python
def test_the_hook_passes_a_notice_on_once(hook: Hook, python: str) -> None:
    leave(hook)
    first, second = (hook.run(argv=command(python)) for _ in range(2))
    assert first.output == second.output == "queued scene 45"
    assert "\x01w\x023 scenes could not be synced\n" in first.log
    assert "could not be synced" not in second.log
    assert stat.S_IMODE((hook.data / NOTICE_SHOWN_FILE).stat().st_mode) == 0o600


def test_news_within_the_hour_waits_for_it_to_end(hook: Hook) -> None:
    leave(hook, ago=60)
    assert "could not" in hook.run().log
    leave(hook)
    assert "could not" not in hook.run().log
    assert "could not" in hook.run(**an_hour_later()).log
    assert "could not" not in hook.run(**an_hour_later()).log


def test_a_clock_that_was_set_back_silences_nothing(hook: Hook) -> None:
    leave(hook, ago=-7200)
    assert "could not" in hook.run().log
    leave(hook)
    assert "could not" in hook.run(**an_hour_later()).log


def an_hour_later() -> dict[str, Any]:
    """The hook as it behaves when its last word to Stash's log is more than an hour old."""
    return changed("hook_process.NOTICE_INTERVAL = 0")


def test_many_hooks_at_once_pass_a_notice_on_once(hook: Hook) -> None:
    leave(hook)
    processes = [hook.start(stash_sends(scene_id)) for scene_id in range(1, 17)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert all(output.startswith(b'{"output"') for output, _ in answers)
    assert sum(b"could not be synced" in log for _, log in answers) == 1


def test_a_notice_cannot_forge_lines_in_the_log(hook: Hook) -> None:
    leave(hook, "one\n\x01e\x02two\x1b[31m" + "x" * 1000)
    log = hook.run().log
    assert r"one\n\x01e\x02two\x1b[31mxxx" in log
    assert not set("\x1b\n") & set(log.partition("\x01w\x02")[2].partition("\n")[0])
    assert "\x01e\x02" not in log
    assert len(log) < 700


@pytest.mark.parametrize("odd", ["rubbish", "list", "number", "folder", "pipe", "huge", "unreadable mark"])
def test_an_odd_notice_never_stands_in_the_way_of_an_event(hook: Hook, odd: str) -> None:
    path = leave(hook, 7 if odd == "number" else "a notice")
    if odd in ("folder", "pipe"):
        path.unlink()
        path.mkdir() if odd == "folder" else os.mkfifo(path)
    elif odd == "unreadable mark":
        (hook.data / NOTICE_SHOWN_FILE).mkdir()
        os.utime(hook.data / NOTICE_SHOWN_FILE, (1, 1))
    else:
        path.write_bytes({"list": b"[]", "huge": b"x" * 1_000_000}.get(odd, b"\xff\x00"))
    assert hook.run().output == "queued scene 45"
    assert hook.run(**an_hour_later()).output == "queued scene 45"
    assert hook.scenes() == [45, 45]


def test_the_states_stay_what_they_are_when_a_dead_letter_is_discarded(ledger: Ledger) -> None:
    ledger.scenes.set_state(45, State.FAILED, Result.FAILED, error="no")
    ledger.dead_letters.discard([put(ledger, 45).id])
    record = ledger.scenes.get(45)
    assert record is not None
    assert (record.state, record.last_error) == (State.FAILED, "no")
