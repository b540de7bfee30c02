"""Settings that change while the consumer runs: in force soon, said once, and without harm where they are wrong."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.installation.settings_reader import SettingsReader
from tasks.knocks import Knocks
from tasks.settings_watch import LOOK, LOOK_GLANCED, PAGE_EVERY, SettingsWatch
from tests.support.clocks import ClockAhead, ManualClock
from tests.support.resting_bench import RESET, Days, resting_bench, until

PAGE = "PluginPage"


@pytest.fixture
def days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    with resting_bench(tmp_path, monkeypatch) as days:
        days.watch = SettingsWatch(days.runtime, days.probe.settings_changed, look_every=0.05, page_every=0.3)
        yield days


def write(days: Days, *lines: str) -> None:
    """The file of settings, put in the place of the old one at once."""
    new = days.folder / "new.toml"
    new.write_text("\n".join([f'plex_token = "{days.bench.plex.token}"', *lines, ""]))
    new.chmod(0o600)
    new.replace(days.folder / "plexsync.toml")


def is_for_page(request: Request) -> bool:
    return request.path == "/graphql" and "configuration {" in request.json()["query"]


def test_a_change_in_the_file_is_in_force_within_seconds_and_said_by_name(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with days.consuming():
        write(days, "ascii_titles = true", 'stash_api_key = "a-secret-key"', "workers = 7")
        began = time.monotonic()
        until(lambda: days.runtime().settings.ascii_titles)
        assert time.monotonic() - began < 5
    assert "the new ones are in force: stash_api_key, workers, ascii_titles" in caplog.text
    assert "workers: once the consumer is restarted" in caplog.text
    assert "sync --all" in caplog.text
    assert "a-secret-key" not in caplog.text
    assert days.bench.plex.token not in caplog.text


def test_a_change_on_stashs_page_is_in_force_with_the_next_question(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with days.consuming():
        days.bench.stash.plugin_settings["PlexSync"] = {"cleanTitles": True}
        until(lambda: days.runtime().settings.ascii_titles)
        days.bench.stash.plugin_settings["PlexSync"] = {}
        until(lambda: not days.runtime().settings.ascii_titles)
    assert caplog.text.count("the new ones are in force: ascii_titles") == 2


def test_what_was_saved_on_stashs_page_is_in_force_at_once_where_it_is_told_of(days: Days) -> None:
    days.watch = SettingsWatch(days.runtime, look_every=3600.0, page_every=3600.0)
    with days.consuming():
        days.bench.stash.plugin_settings["PlexSync"] = {"cleanTitles": True}
        days.watch.look_soon()
        until(lambda: days.runtime().settings.ascii_titles)
    assert days.bench.stash.counters[PAGE] == 2, "that of the start, and the one that was asked for"


def test_one_request_in_each_interval_asks_for_page_and_plugin(days: Days) -> None:
    clock = ClockAhead()
    days.watch = SettingsWatch(days.runtime, look_every=0.05, page_every=60.0, clock=clock)
    with days.consuming():
        time.sleep(0.5)
        assert days.bench.stash.counters[PAGE] == 1, "that of the start"
        clock.pass_by(60)
        until(lambda: days.bench.stash.counters[PAGE] == 2)
        time.sleep(0.3)
        assert days.bench.stash.counters[PAGE] == 2
        assert days.bench.stash.counters["Version"] == 0


def test_a_file_that_is_half_written_is_waited_for(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    path = days.folder / "plexsync.toml"
    days.set_up(settled=1.5)
    write(days, 'content_rating = "Before"')
    seen = set()
    with days.consuming():
        until(lambda: days.runtime().settings.content_rating == "Before")
        whole = path.read_text().replace("Before", "After") + 'log_level = "error"\n'
        with path.open("w") as file:
            # As an editor on a slow disk: empty at first, then a part of it, which is valid as far as it goes.
            for end in (0, whole.index("content_rating"), whole.index("After") + 3, len(whole)):
                file.seek(0)
                file.write(whole[:end])
                file.flush()
                for _ in range(5):
                    days.watch.look()
                    seen.add(days.runtime().settings.content_rating)
                    time.sleep(0.02)
        until(lambda: days.runtime().settings.content_rating == "After")
    assert seen <= {"Before", "After"}
    assert "wrong" not in caplog.text


def test_a_broken_file_changes_nothing_and_is_told_once_with_its_line(
    days: Days, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with days.consuming():
        write(days, "ascii_titles = true")
        until(lambda: days.runtime().settings.ascii_titles)
        write(days, "ascii_titles = false", "plex_url = http://nas")
        until(lambda: "the old ones stay in force" in caplog.text)
        for _ in range(5):
            days.watch.look()
        assert days.runtime().settings.ascii_titles
        assert caplog.text.count("the old ones stay in force") == 1
        assert "line 3" in caplog.text
        write(days, "ascii_titles = true")
        until(lambda: "the settings are right again" in caplog.text)


def test_removing_the_file_is_noticed_and_no_reason_for_a_longer_wait(days: Days) -> None:
    days.environ["PLEXSYNC_PLEX_TOKEN"] = days.bench.plex.token
    days.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "20"
    write(days, 'content_rating = "X"')
    bench = days.bench
    with days.consuming():
        assert days.runtime().settings.content_rating == "X"
        bench.plex.faults.add(PlannedFault("status", times=None, status=503))
        days.open_up()
        asked = bench.plex.faults.struck["status"]
        (days.folder / "plexsync.toml").unlink()
        began = time.monotonic()
        until(lambda: days.runtime().settings.content_rating == "")
        assert time.monotonic() - began < 5
        until(lambda: bench.plex.faults.struck["status"] > asked)
        until(lambda: days.runtime().guard.state == "open" and days.runtime().guard.remaining() > 0)
        time.sleep(0.3)
        assert days.runtime().guard.remaining() <= 20, "as after the first failure"


class Useless(Knocks):
    """Somebody has found that knocking shows nothing."""

    def due(self, newest_message: int) -> bool:
        return False


def test_new_settings_have_a_service_asked_that_is_left_alone_for_long(days: Days) -> None:
    days.environ["PLEXSYNC_BREAKER_RESET_TIMEOUT"] = "600"
    days.set_up(knocks=Useless)
    with days.consuming():
        days.open_up()
        write(days, "max_retries = 2")
        until(lambda: days.runtime().guard.state == "closed")
        assert days.runtime().settings.max_retries == 2
        assert days.runtime().guard.remaining() == 0


def test_a_page_that_fails_alone_does_not_keep_scenes_from_stash(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    answer = {"data": None, "errors": [{"message": "cannot read config", "path": ["configuration"]}]}
    body = json.dumps(answer).encode()
    days.bench.stash.faults.add(
        PlannedFault("html", times=None, body=body, content_type="application/json", match=is_for_page)
    )
    with days.consuming():
        until(lambda: days.bench.stash.faults.struck["html"] > 3)
        assert days.runtime().stash_guard.state == "closed"
        days.sync_scene(days.bench.scene)
        until(lambda: days.state(days.bench.scene) is not None)
        days.bench.stash.plugin_settings["PlexSync"] = {"cleanTitles": True}
        days.bench.stash.faults.clear()
        until(lambda: days.runtime().settings.ascii_titles)
    assert caplog.text.count("settings page in Stash could not be read") == 1


@pytest.mark.parametrize("fault", [PlannedFault("status", status=500), PlannedFault("reset")], ids=lambda one: one.kind)
def test_a_known_page_that_does_not_come_for_once_leaves_stash_as_it_is(days: Days, fault: PlannedFault) -> None:
    days.bench.stash.plugin_settings["PlexSync"] = {"cleanTitles": True}
    with days.consuming():
        until(lambda: days.runtime().settings.ascii_titles)
        days.bench.stash.faults.add(PlannedFault(fault.kind, times=None, status=fault.status, match=is_for_page))
        until(lambda: days.bench.stash.faults.struck[fault.kind] > 2)
        assert days.runtime().stash_guard.state == "closed"
        assert days.runtime().settings.ascii_titles, "as it was last"


def test_the_files_meant_are_those_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "own.toml").write_text('plex_token = "a"\n')
    environ = {
        "PLEXSYNC_DATA_DIR": str(tmp_path),
        "PLEXSYNC_CONFIG": "~/own.toml",
        "PLEXSYNC_STASH_URL": "http://127.0.0.1:9",
    }
    reader = SettingsReader(environ, settled=0.0)
    assert reader.read().plex_token == "a"
    assert not reader.files_changed()
    (tmp_path / "own.toml").write_text('plex_token = "b"\n')
    assert reader.files_changed()
    assert reader.read().plex_token == "b"
    # The same second and size, as where times are kept to the second: another file all the same.
    status = (tmp_path / "own.toml").stat()
    (tmp_path / "other").write_text('plex_token = "c"\n')
    os.utime(tmp_path / "other", ns=(status.st_mtime_ns, status.st_mtime_ns))
    (tmp_path / "other").replace(tmp_path / "own.toml")
    assert reader.files_changed()


def test_a_failed_trial_after_new_settings_waits_as_after_the_first_failure(days: Days) -> None:
    guard = days.runtime().guard
    guard.trip(PlexUnavailable("down"))
    for _ in range(3):
        guard.hasten()
        with pytest.raises(PlexUnavailable), guard.request():
            raise PlexUnavailable("down")
        assert 0 < guard.remaining() <= RESET


def test_a_glance_has_it_look_where_a_file_has_changed_and_it_looks_often_until_that_has_settled(days: Days) -> None:
    watch = SettingsWatch(days.runtime)
    watch.look()
    assert watch._pause() == LOOK
    watch.glance()
    assert not watch.loop._woken.is_set()
    assert watch._pause() == pytest.approx(LOOK_GLANCED, abs=1)
    write(days, "ascii_titles = true")
    watch.glance()
    assert watch.loop._woken.is_set()
    watch.look()
    assert watch._pause() == LOOK, "it may be half written"
    until(lambda: watch.look() or days.runtime().settings.ascii_titles)
    assert watch._pause() == pytest.approx(LOOK_GLANCED, abs=1)


def test_while_others_glance_for_it_the_page_is_asked_for_in_its_time(days: Days) -> None:
    clock = ManualClock()
    watch = SettingsWatch(days.runtime, clock=clock)
    watch.look()
    watch.glance()
    clock.advance(PAGE_EVERY - 3)
    assert watch._pause() == pytest.approx(3)
