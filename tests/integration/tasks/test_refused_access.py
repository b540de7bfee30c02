"""A token or key that is refused stops the line until it works, and new settings are taken without a restart."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.installation.settings_reader import SettingsReader
from plexsync.ledger import State
from plexsync.model import Part
from tasks.app import Runtime
from tests.support.resting_bench import Days, resting_bench, until
from tests.support.sync_bench import SIZE


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    with resting_bench(tmp_path, monkeypatch) as days:
        yield days


def test_a_refused_token_stops_the_line_and_it_goes_on_when_the_token_works(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench = days.bench
    scenes = [bench.scene] + [bench.add(f"{number}.mp4")[0] for number in range(50)]
    right = bench.plex.wrong_token()
    with days.consuming():
        for scene in scenes:
            days.sync_scene(scene)
        until(lambda: days.runtime().guard.stopped is not None)
        time.sleep(0.7)
        assert (days.huey.stats().pending, days.huey.stats().scheduled) == (len(scenes), 0)
        assert len(bench.plex.log) < 10
        bench.plex.set_token(right)
        until(lambda: all(days.state(scene) is State.SYNCED for scene in scenes))
    assert [record.levelname for record in caplog.records if "PLEXSYNC_PLEX_TOKEN" in record.getMessage()] == ["ERROR"]
    assert days.runtime().ledger.dead_letters.count() == 0
    assert right not in caplog.text
    assert days.wired == 1


def test_a_new_token_is_taken_without_a_restart_and_at_once(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bench = days.bench
    days.set_up(access_retry=600)
    before = bench.plex.wrong_token()
    days.sync_scene(bench.scene)
    with days.consuming():
        until(lambda: days.runtime().guard.stopped is not None)
        days.probe.look()  # By now it has been asked once, here or by the probe's own thread.
        days.set_token("another-token-of-plex")
        until(lambda: "in force: plex_token" in caplog.text)
        assert days.state(bench.scene) is State.PENDING
        bench.plex.set_token("the-right-token-of-plex")
        days.set_token("the-right-token-of-plex")
        until(lambda: days.state(bench.scene) is State.SYNCED)
    assert bench.plex.token not in caplog.text
    assert before not in caplog.text


def test_a_wrong_key_of_stash_stops_the_line_from_the_start(days: Days) -> None:
    bench = days.bench
    bench.stash.require_auth("the-right-key-of-stash")
    days.sync_scene(bench.scene)
    with days.consuming():
        assert "PLEXSYNC_STASH_API_KEY" in str(days.runtime().stash_guard.stopped)
        time.sleep(0.3)
        assert days.huey.stats().pending == 1
        bench.stash.no_auth()
        until(lambda: days.state(bench.scene) is State.SYNCED)


def test_a_token_that_may_read_but_not_write_is_told_once(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    bench = days.bench
    fault = bench.plex.faults.add(
        PlannedFault("status", times=None, status=403, match=lambda request: request.method in ("PUT", "POST"))
    )
    days.set_up(access_retry=0.2)
    days.sync_scene(bench.scene)
    with days.consuming():
        until(lambda: bench.plex.faults.struck["status"] >= 3)
        bench.plex.faults.remove(fault)
        until(lambda: days.state(bench.scene) is State.SYNCED)
    assert sum(record.levelno >= logging.ERROR for record in caplog.records) == 1
    assert days.runtime().ledger.dead_letters.count() == 0


def test_a_library_that_plex_does_not_have_stops_the_line_until_it_does(days: Days) -> None:
    bench = days.bench
    days.environ["PLEXSYNC_PLEX_LIBRARIES"] = "Later"
    days.set_up(access_retry=0.2)
    days.sync_scene(bench.scene)
    with days.consuming():
        until(lambda: "'Later'" in str(days.runtime().guard.stopped))
        assert days.runtime().ledger.dead_letters.count() == 0
        section = bench.plex.add_section("Later", locations=["/media"])
        bench.plex.add_item(section, "guess", [Part("/media/a file.mp4", SIZE, 1000)])
        until(lambda: days.state(bench.scene) is State.SYNCED)


# --- New settings ----------------------------------------------------------------------------------------------------


def test_settings_that_did_not_change_wire_nothing_anew(days: Days) -> None:
    app = days.runtime()
    assert not days.runtime.reload()
    assert days.runtime() is app
    assert days.wired == 1


def test_wrong_settings_leave_the_old_ones_in_force_and_are_told_once(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    app = days.runtime()
    (days.folder / "plexsync.toml").write_text('plex_token = "a-token"\nno_such_setting = 1\n')
    for _ in range(3):
        assert not days.runtime.reload()
    assert days.runtime() is app
    assert caplog.text.count("no_such_setting") == 1
    days.set_token(days.bench.plex.token + "x")
    assert days.runtime.reload()
    assert days.runtime() is not app


def test_another_process_of_the_consumer_follows(days: Days) -> None:
    other = Runtime(SettingsReader(days.environ), days.wire)
    before = other()
    days.runtime()
    days.set_token("another-token-of-plex")
    assert other() is before
    assert days.runtime.reload()
    assert other().settings.plex_token == "another-token-of-plex"
    assert other() is other()
    other().close()


def test_settings_of_stash_s_page_stay_while_stash_is_away(days: Days) -> None:
    days.bench.stash.plugin_settings["PlexSync"] = {"skipUnorganized": True}
    assert days.runtime().settings.only_organized
    days.bench.stash.stop()
    days.set_token("another-token-of-plex")
    assert days.runtime.reload()
    assert days.runtime().settings.only_organized
    days.bench.stash.start()


def test_many_new_settings_leave_no_connection_open(days: Days) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    days.runtime().plex.sections()
    before = open_files()
    for number in range(10):
        days.environ["PLEXSYNC_MAX_RETRIES"] = str(number + 10)
        assert days.runtime.reload()
        days.runtime().plex.sections()
        days.runtime().stash.version()
    assert open_files() <= before + 4
