"""The command line, as a person or a script uses it: real processes on real files, against the simulated servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import PLUGIN, World
from tests.support.real_world import run


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def run_json(world: World, *words: str) -> Any:
    """What a command prints with ``--json``."""
    done = run(world, *words, "--json")
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_status_of_a_new_installation_has_every_figure(world: World) -> None:
    status = run_json(world, "status")
    assert {"pending": 0, "scheduled": 0, "in_progress": 0}.items() <= status["queue"].items()
    assert {"synced": 0, "pending": 0, "failed": 0, "review": 0, "not_found": 0}.items() <= status["scenes"].items()
    assert status["dead_letters"] == 0
    assert status["breaker"] == {"state": "closed", "since": None, "cause": None, "next_try_at": None}
    assert status["stopped"] is None
    assert status["outages"] == {"count_24h": 0, "mean_time_to_recover_s": None}
    assert status["oldest_pending_s"] is None
    assert status["last_success_at"] is None


def test_an_event_of_the_hook_is_pending_until_a_consumer_runs(world: World) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="Edited")
    status = run_json(world, "status")
    assert status["queue"]["pending"] == status["scenes"]["pending"] == 1
    assert 0 <= status["oldest_pending_s"] < 60
    facts = run_json(world, "scene", str(scene))
    assert (facts["scene_id"], facts["state"], facts["rating_key"]) == (scene, "pending", None)
    world.start_consumer()
    world.wait_until_right([scene])
    world.wait_until_idle()
    facts = run_json(world, "scene", str(scene))
    assert facts["state"] == "synced"
    assert (facts["rating_key"], facts["confidence"], facts["reasons"][0]) == (world.items[scene], 100, "same path")
    assert (facts["attempts"], facts["last_error"]) == (0, None)
    assert facts["synced_at"].endswith("Z")
    assert facts["pushed"]["title"] == "Edited"
    status = run_json(world, "status")
    assert (status["queue"]["pending"], status["scenes"]["synced"]) == (0, 1)
    assert status["last_success_at"] is not None
    assert status["success_rate"] == {"1h": 1.0, "24h": 1.0}


def test_the_same_for_people(world: World) -> None:
    scene = world.add("a.mp4")
    world.start_consumer()
    world.edit(scene, title="Edited")
    world.wait_until_right([scene])
    world.wait_until_idle()
    assert "1 synced" in run(world, "status").stdout
    told = run(world, "scene", str(scene)).stdout
    assert "same path" in told
    assert "Edited" in told
    assert "\x1b" not in told


def test_an_unknown_scene_is_said_to_be_unknown(world: World) -> None:
    facts = run_json(world, "scene", "777")
    assert (facts["state"], facts["rating_key"], facts["attempts"]) == ("unknown", None, 0)


def test_sync_queues_scenes_and_waits_for_them(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(5)]
    world.start_consumer()
    done = run(world, "sync", "--wait", *map(str, scenes))
    assert done.returncode == 0
    assert "5 scenes queued" in done.stdout
    assert "5 of 5 done" in done.stdout
    assert not any(world.wrong(scene) for scene in scenes)


def test_sync_all_takes_every_scene_of_stash(world: World) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(12)]
    world.start_consumer()
    assert "12 scenes queued" in run(world, "sync", "--all").stdout
    world.wait_until_right(scenes)


def test_a_scene_that_cannot_be_synced_ends_the_wait_with_1(world: World) -> None:
    scene = world.add("a.mp4")
    world.plex.remove_item(world.items[scene])
    world.environ["PLEXSYNC_NOT_FOUND_RETRIES"] = "0"
    world.start_consumer()
    done = run(world, "sync", str(scene), "--wait")
    assert done.returncode == 1
    assert "not_found" in done.stdout
    assert "no item in Plex" in done.stdout


def test_a_dry_run_prints_the_difference_and_writes_nothing(world: World) -> None:
    scene = world.add("a.mp4", guess="Guess")
    world.stash.edit(scene, title="Better", tags=[world.stash.add_tag("Outdoor")])
    done = run(world, "sync", str(scene), "--dry-run")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any("title" in line and "- Guess" in line and "+ Better" in line for line in lines)
    assert any("tags" in line and "+ Outdoor" in line for line in lines)
    assert world.plex.counters["writes"] == 0
    assert run_json(world, "status")["queue"]["pending"] == 0


@pytest.mark.parametrize("words", [["sync"], ["sync", "1", "--all"], ["scene", "0"], ["scene", "x"], ["nonsense"]])
def test_wrong_usage_ends_with_2(world: World, words: list[str]) -> None:
    assert run(world, *words).returncode == 2


def test_wrong_settings_end_with_2_and_name_each_fault_but_no_token(world: World) -> None:
    scene = world.add("a.mp4")
    token = "secret token with spaces"
    done = run(
        world,
        "sync",
        str(scene),
        "--dry-run",
        PLEXSYNC_PLEX_TOKEN=token,
        PLEXSYNC_WORKERS="many",
        PLEXSYNC_PLEX_URL="ftp://x",
    )
    assert done.returncode == 2
    for name in ("PLEXSYNC_PLEX_TOKEN", "PLEXSYNC_WORKERS", "PLEXSYNC_PLEX_URL"):
        assert name in done.stderr
    assert token not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_every_command_has_help_with_examples(world: World) -> None:
    for words in ([], ["status"], ["scene"], ["sync"], ["doctor"]):
        done = run(world, *words, "--help")
        assert done.returncode == 0
        assert "Example" in done.stdout


def test_check_finds_everything_right(world: World) -> None:
    for number in range(3):
        world.add(f"{number}.mp4")
    done = run(world, "check")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    for name in ("settings", "Stash", "Plex", "libraries", "paths"):
        assert f"ok    {name}" in done.stdout


def test_check_says_what_to_do_about_each_thing_that_is_wrong(world: World) -> None:
    world.add("a.mp4")
    world.plex.stop()
    world.stash.stop()
    findings = {one["name"]: one for one in run_json(world, "check")}
    assert not findings["Stash"]["ok"]
    assert not findings["Plex"]["ok"]
    world.plex.start()
    world.stash.start()
    world.plex.wrong_token()
    findings = {one["name"]: one for one in run_json(world, "check")}
    assert findings["Plex"]["ok"]
    assert "PLEXSYNC_PLEX_TOKEN" in findings["libraries"]["text"]


def paths_finding(world: World) -> dict[str, Any]:
    finding: dict[str, Any] = next(one for one in run_json(world, "check") if one["name"] == "paths")
    return finding


def test_check_infers_the_path_map_and_shows_what_it_rests_on(world: World) -> None:
    for number in range(8):
        world.add(f"sub/{number}.mp4")
    del world.environ["PLEXSYNC_PATH_MAP"]
    finding = paths_finding(world)
    assert finding["ok"]
    assert "/data in Stash is /media/scenes in Plex (8 of 8 files agree) (inferred)" in finding["text"]
    assert "of 8 scenes looked up, 8 are in Plex" in finding["text"]


def test_check_says_when_the_path_map_in_the_settings_is_wrong_and_names_the_right_one(world: World) -> None:
    for number in range(8):
        world.add(f"sub/{number}.mp4")
    world.environ["PLEXSYNC_PATH_MAP"] = "/data=>/media"
    finding = paths_finding(world)
    assert not finding["ok"]
    assert "/data in Stash is /media in Plex (setting)" in finding["text"]
    assert "right for 0 of 8 files" in finding["text"]
    assert "PLEXSYNC_PATH_MAP=/data=>/media/scenes would be for 8" in finding["text"]


def test_check_finds_a_right_path_map_in_the_settings_right(world: World) -> None:
    world.add("a.mp4")
    finding = paths_finding(world)
    assert finding["ok"]
    assert "/data in Stash is /media/scenes in Plex (setting); of 1 scene looked up, 1 is in Plex" in finding["text"]
    assert "would be" not in finding["text"]


def test_check_names_a_scene_that_plex_does_not_have(world: World) -> None:
    world.add("a.mp4")
    world.stash.add_scene(None, "/data/only in stash.mp4", size=7)
    finding = paths_finding(world)
    assert finding["ok"]
    assert "not surely there: /data/only in stash.mp4" in finding["text"]


def test_doctor_looks_at_queue_breaker_disk_and_clock_too(world: World) -> None:
    world.add("a.mp4")
    world.start_consumer()
    world.wait(lambda: run_json(world, "status")["consumer"]["running"], 20, "the consumer runs")
    findings = {one["name"]: one for one in run_json(world, "doctor")}
    assert {"consumer", "queue", "breaker", "dead letters", "disk", "database", "clock"} <= set(findings)
    assert all(one["ok"] for one in findings.values()), findings


def test_a_plain_python_shell_sees_and_fills_the_queue(world: World) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="From the hook")
    code = (
        "from tasks import huey, sync_scene\n"
        f"result = sync_scene({scene + 1})\n"
        "print(sorted(task.args[0] for task in huey.pending()), huey.scheduled(), huey.all_results(), len(huey))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=world.environ,
        capture_output=True,
        text=True,
        timeout=30,
        cwd=PLUGIN,
        check=True,
    )
    assert done.stdout.strip() == f"[{scene}, {scene + 1}] [] {{}} 2"


def test_a_reader_who_has_had_enough_gets_no_complaint(world: World) -> None:
    command = f'"{sys.executable}" -P -m plexsync status --json | true'
    done = subprocess.run(
        ["sh", "-c", command],
        env=world.environ | {"PYTHONPATH": str(PLUGIN), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
