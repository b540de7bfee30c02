"""A library that was never synced, as a person meets it: a look first, then all of it, with kills on the way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLEX_ROOT, PLUGIN, World
from plexsync.model import Part
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support import programs
from tests.support.real_world import edit_each


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def start(world: World, *words: str, how: tuple[str, ...] = ("-P", "-m", "plexsync")) -> subprocess.Popen[str]:
    """``python -m plexsync`` with these words, without waiting for it."""
    return programs.Popen(
        [sys.executable, *how, *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=world.data_dir.parent,
    )


def run(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    """``python -m plexsync`` with these words."""
    process = start(world, *words)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def count(world: World, sql: str) -> int:
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        with database.read() as db:
            return int(db.execute(sql).fetchone()[0])
    finally:
        database.close()


def queued(world: World) -> int:
    return count(world, "select (select count(*) from task) + (select count(*) from claim)")


def writes(world: World) -> int:
    return sum(world.plex.counters[name] for name in ("writes", "uploads"))


def library(world: World, scenes: int) -> list[int]:
    """Scenes with a studio, a tag and a performer each, whose items Plex calls by their files' names."""
    stash = world.stash
    tags = [stash.add_tag(f"Tag {number}") for number in range(5)]
    studio = stash.add_studio("Studio")
    performers = [stash.add_performer(f"Performer {number}") for number in range(7)]
    ids = []
    for number in range(scenes):
        scene = world.add(f"folder {number % 9}/video {number}.mp4")
        parts = {"tags": [tags[number % 5]], "studio": studio, "performers": [performers[number % 7]]}
        stash.edit(scene, title=f"Title {number}", **parts)
        ids.append(scene)
    return ids


def test_a_library_never_synced_is_right_in_the_end_though_everything_is_killed_on_the_way(world: World) -> None:
    scenes = library(world, 300)
    world.start_consumer()
    waiting = start(world, "sync", "--all", "--wait")
    world.wait(lambda: world.plex.counters["writes"] > 60, 60, "some of it is done")
    waiting.kill()
    waiting.communicate()
    world.kill_consumer()
    left = queued(world)
    assert 0 < left < 300
    world.start_consumer()
    done = run(world, "sync", "--all", "--wait")
    assert "all 300 scenes were queued" in done.stdout
    assert "still to be done (--restart starts over)" in done.stdout
    assert "300 scenes queued" not in done.stdout
    assert "300  right in Plex" in done.stdout
    assert done.returncode == 0
    assert [fault for scene in scenes for fault in world.wrong(scene)] == []
    assert queued(world) == 0
    # The next one begins anew, and finds nothing to write.
    before = writes(world)
    done = run(world, "sync", "--all", "--wait")
    counts = re.match(
        r"(\d+) scenes? queued(?:; (\d+) scenes? ha(?:s|ve) not changed since the last sync)?\n", done.stdout
    )
    assert counts is not None, done.stdout
    assert sum(int(count or 0) for count in counts.groups()) == 300
    assert int(counts[2] or 0) > 0, "what is as it was is not queued"
    assert done.returncode == 0
    assert writes(world) == before


def test_queueing_that_is_killed_half_way_goes_on_and_queues_each_scene_once(world: World) -> None:
    world.stash.add_scenes(8_000)
    queueing = start(world, "sync", "--all")
    world.wait(lambda: (world.data_dir / DATABASE_NAME).exists(), 20, "the database is there")
    world.wait(lambda: _queued_so_far(world) >= 2000, 30, "some are queued")
    os.kill(queueing.pid, signal.SIGKILL)
    queueing.communicate()
    before = queued(world)
    assert 2000 <= before < 8_000
    assert before % 1000 == 0
    done = run(world, "sync", "--all")
    assert f"going on after scene {before}: an earlier run queued {before:,} scenes and was stopped" in done.stdout
    assert "8,000 scenes queued" in done.stdout
    assert queued(world) == 8_000
    world.stash.forget()
    done = run(world, "sync", "--all")
    assert "all 8,000 scenes were queued" in done.stdout
    done = run(world, "sync", "--all", "--restart")
    assert "8,000 scenes queued" in done.stdout
    assert queued(world) == 8_000


def _queued_so_far(world: World) -> int:
    try:
        return queued(world)
    except Exception:  # noqa: BLE001 - the tables are being made
        return 0


def test_ctrl_c_says_that_it_goes_on_and_where(world: World) -> None:
    library(world, 5)
    waiting = start(world, "sync", "--all", "--wait")
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "5 scenes queued\n"
    time.sleep(0.5)
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=20)
    assert "stopped; what is queued is synced all the same, and the same command goes on from here" in err
    assert waiting.returncode == 130


def test_an_edit_meanwhile_comes_first(world: World) -> None:
    scenes = library(world, 40)
    run(world, "sync", "--all")
    world.edit(scenes[-1], title="At once")
    world.plex.forget()
    world.start_consumer("-w", "1")
    world.wait_until_idle()
    first = next(request for request in world.plex.log if request.method == "PUT")
    assert f"id={world.items[scenes[-1]]}&" in first.query
    assert [fault for scene in scenes for fault in world.wrong(scene)] == []


def test_waiting_without_a_consumer_says_so_and_goes_on_when_there_is_one(world: World) -> None:
    library(world, 3)
    hasty = "import plexsync.cli.waiting as w; w.IDLE = 1.0; from plexsync.cli.commands import main; main()"
    waiting = start(world, "sync", "--all", "--wait", how=("-P", "-c", hasty))
    assert waiting.stderr is not None
    line = waiting.stderr.readline()
    while "nothing has moved" not in line:
        assert line.startswith("Syncing: 0 of 3")
        line = waiting.stderr.readline()
    assert f"is the consumer running? Start it with {PLUGIN}/huey_consumer.sh" in line
    world.start_consumer()
    out, _ = waiting.communicate(timeout=30)
    assert "3  right in Plex" in out
    assert waiting.returncode == 0


def test_the_end_says_what_to_do_about_what_is_not_right(world: World) -> None:
    world.environ["PLEXSYNC_NOT_FOUND_RETRIES"] = "1"
    library(world, 3)
    for number in range(5):
        world.stash.add_scene(f"Missing {number}", f"/data/missing {number}.mp4", size=100 + number)
    world.start_consumer()
    done = run(world, "sync", "--all", "--wait")
    assert "3  right in Plex" in done.stdout
    assert "5  not in Plex" in done.stdout
    assert "no item in Plex for /data/missing 0.mp4" in done.stdout
    assert "... and 2 more not_found" in done.stdout
    assert done.returncode == 1


# --- A look first -----------------------------------------------------------------------------------------------------


def nothing_was_done(world: World) -> bool:
    return writes(world) == 0 and queued(world) == 0 and count(world, "select count(*) from scene") == 0


def test_a_dry_run_shows_the_first_differences_and_counts_what_was_looked_at(world: World) -> None:
    library(world, 60)
    done = run(world, "sync", "--all", "--dry-run", "--limit", "3")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert Counter(line.split()[0] for line in lines if line.startswith("scene ")) == {"scene": 3}
    assert any("title" in line and "- video 0.mp4" in line and "+ Title 0" in line for line in lines)
    assert any("performers" in line and "+ Performer 2" in line for line in lines)
    assert "looked at the first 30 of 60 scenes: 30 would change" in lines
    assert "the differences of the first 3 are shown above; of more: --limit 15" in lines
    assert lines[-1] == f"nothing was written, and nothing queued; to begin: {PLUGIN}/huey_consumer.sh sync --all"
    assert nothing_was_done(world)


def test_a_dry_run_tells_what_is_not_in_plex_what_is_unsure_and_what_is_right(world: World) -> None:
    scenes = library(world, 8)
    world.start_consumer()
    edit_each(world, scenes[:2], details="Known")
    world.wait_until_right(scenes[:2])
    world.wait_until_idle()
    world.stop_consumer()
    world.stash.add_scene("Missing", "/data/missing.mp4", size=77)
    world.stash.add_scene(None, "/elsewhere/unique name.mp4", size=99)
    world.plex.add_item(world.section, "x", [Part(f"{PLEX_ROOT}/deep/unique name.mp4", 99, 1_800_000)])
    world.environ["PLEXSYNC_MATCH_AUTO"] = "100"
    before = writes(world)
    done = run(world, "sync", "--all", "--dry-run")
    assert "looked at all 10 scenes: 6 would change, 2 are right already, 1 is not in Plex, 1 needs review" in (
        done.stdout
    )
    assert "not in Plex, for one: scene 9: no item in Plex for /data/missing.mp4" in done.stdout
    assert "to review, for one: scene 10: " in done.stdout
    assert writes(world) == before
    assert queued(world) == 0


def test_a_dry_run_leaves_unorganized_scenes_alone_as_the_setting_says(world: World) -> None:
    scenes = library(world, 4)
    world.stash.edit(scenes[0], organized=True)
    world.environ["PLEXSYNC_ONLY_ORGANIZED"] = "true"
    done = run(world, "sync", "--all", "--dry-run")
    assert "looked at all 4 scenes: 1 would change, 3 are skipped (not organized)" in done.stdout


def test_a_dry_run_for_scripts(world: World) -> None:
    scenes = library(world, 30)
    facts = json.loads(run(world, "sync", "--all", "--dry-run", "--limit", "2", "--json").stdout)
    assert (facts["looked_at"], facts["total"], facts["would_change"], facts["not_in_plex"]) == (20, 30, 20, 0)
    assert [one["scene_id"] for one in facts["scenes"]] == scenes[:2]
    changes = {one["field"]: one for one in facts["scenes"][0]["changes"]}
    assert changes["title"] == {"field": "title", "before": "video 0.mp4", "after": "Title 0"}
    assert facts["scenes"][0]["rating_key"] == world.items[scenes[0]]
    one = json.loads(run(world, "sync", str(scenes[4]), "--dry-run", "--json").stdout)
    assert [seen["scene_id"] for seen in one["scenes"]] == [scenes[4]]
    assert nothing_was_done(world)


def test_a_dry_run_with_plex_away_says_so_once(world: World) -> None:
    library(world, 30)
    world.plex.stop()
    done = run(world, "sync", "--all", "--dry-run")
    world.plex.start()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_stash_is_no_fault(world: World) -> None:
    assert "Stash has no scenes" in run(world, "sync", "--all", "--dry-run").stdout
    world.start_consumer()
    done = run(world, "sync", "--all", "--wait")
    assert "0 scenes queued" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("words", [["1", "--json"], ["1", "--restart"], ["--all", "--dry-run", "--limit", "0"]])
def test_options_that_do_not_go_together_end_with_2(world: World, words: list[str]) -> None:
    assert run(world, "sync", *words).returncode == 2
