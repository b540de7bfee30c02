"""Uncertain matches, as a person or a script meets them: real processes against the simulated servers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plexsync.cli.commands import main
from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.world import PLEX_ROOT, PLUGIN, STASH_ROOT, World
from plexsync.ledger import Ledger, Result, State
from plexsync.matching.lookup import Match
from plexsync.model import Part
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support import real_world

SIZE = 734_003_217


@dataclass
class Twins:
    """A world with a scene whose file Plex has twice, in two other folders: which one is it?"""

    world: World
    scene: int
    first: int
    second: int

    def right(self, key: int) -> bool:
        """Whether the item shows what the scene has in Stash."""
        return not differences(self.world.stash, self.scene, self.world.plex, key)

    def wait_for_review(self) -> None:
        database = Database(self.world.data_dir / DATABASE_NAME)
        try:
            self.world.wait(lambda: Ledger(database).reviews.count() == 1, 30, "a match to review")
        finally:
            database.close()
        self.world.wait_until_idle()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


@pytest.fixture
def twins(world: World) -> Twins:
    """The twins' scene, edited, with a consumer that could not tell which item is its."""
    scene = world.stash.add_scene(None, f"{STASH_ROOT}/new/tape 7.mp4", size=SIZE, cover=pictures.png(1, 2, 3))
    keys = [world.plex.add_item(world.section, f"Clip {folder}", [part_of(folder)]) for folder in ("a", "b")]
    twins = Twins(world, scene, *keys)
    world.start_consumer()
    world.edit(scene, title="My clip", details="Mine")
    twins.wait_for_review()
    return twins


def part_of(folder: str) -> Part:
    return Part(f"{PLEX_ROOT}/{folder}/tape 7.mp4", SIZE, None)


def run(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    done = real_world.run(world, *words)
    assert "Traceback" not in done.stderr
    return done


def review(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return run(world, "review", *words)


def review_json(world: World) -> Any:
    return json.loads(review(world, "list", "--json").stdout)


def scene_json(world: World, scene: int) -> Any:
    return json.loads(run(world, "scene", str(scene), "--json").stdout)


def test_without_reviews_there_is_nothing_to_do(world: World) -> None:
    assert review(world, "list").stdout == "no matches to review\n"
    assert review_json(world) == []
    assert "review" not in run(world, "status").stdout


def test_an_uncertain_match_writes_nothing_and_is_told_everywhere(twins: Twins) -> None:
    world = twins.world
    assert world.plex.counters["writes"] + world.plex.counters["uploads"] == 0
    (one,) = review_json(world)
    assert set(one) == {"scene_id", "title", "why", "candidates"}
    assert (one["scene_id"], bool(one["why"])) == (twins.scene, True)
    assert [set(item) for item in one["candidates"]] == [{"rating_key", "confidence", "reasons", "title", "path"}] * 2
    assert {item["rating_key"] for item in one["candidates"]} == {twins.first, twins.second}
    assert {item["path"] for item in one["candidates"]} == {f"{PLEX_ROOT}/{name}/tape 7.mp4" for name in "ab"}
    assert all(0 < item["confidence"] <= 100 and item["reasons"] for item in one["candidates"])
    table = review(world, "list").stdout
    for text in (f"scene {twins.scene}", f"item {twins.first}", "Clip b", f"{PLEX_ROOT}/a/tape 7.mp4", "review accept"):
        assert text in table
    assert f"{STASH_ROOT}/new/tape 7.mp4" in table
    assert "huey_consumer.sh review list" in run(world, "status").stdout
    facts = scene_json(world, twins.scene)
    assert (facts["state"], facts["rating_key"], facts["pinned"], facts["vetoed"]) == ("review", None, None, [])
    assert facts["candidates"] == one["candidates"]
    assert f"may be item {twins.first}" in run(world, "scene", str(twins.scene)).stdout


def test_an_accepted_match_is_synced_at_once_and_stays(twins: Twins) -> None:
    world = twins.world
    done = review(world, "accept", str(twins.scene), str(twins.second), "--wait")
    assert (done.returncode, done.stderr.count("not among")) == (0, 0)
    assert f"scene {twins.scene} belongs to item {twins.second} (Clip b, " in done.stdout
    assert "not among the candidates" not in done.stdout
    assert "1 of 1 done" in done.stdout
    assert twins.right(twins.second)
    assert world.plex.item(twins.first).title == "Clip a"
    assert review_json(world) == []
    facts = scene_json(world, twins.scene)
    assert (facts["state"], facts["rating_key"], facts["pinned"]) == ("synced", twins.second, twins.second)
    assert (facts["confidence"], facts["candidates"]) == (100, [])
    assert "chosen by a person" in run(world, "scene", str(twins.scene)).stdout
    world.edit(twins.scene, title="Edited since")
    world.wait(lambda: twins.right(twins.second), 30, "the next edit goes to the same item")


def test_a_choice_survives_a_new_scan_under_a_new_rating_key(twins: Twins) -> None:
    world = twins.world
    assert review(world, "accept", str(twins.scene), str(twins.second), "--wait").returncode == 0
    world.plex.remove_item(twins.second)
    again = world.plex.add_item(world.section, "Clip b", [part_of("b")])
    world.edit(twins.scene, title="After the scan")
    world.wait(lambda: twins.right(again), 30, "the item that holds the file now is right")
    assert scene_json(world, twins.scene)["pinned"] == again
    assert world.plex.item(twins.first).title == "Clip a"


def test_a_choice_is_kept_while_no_consumer_runs(twins: Twins) -> None:
    world = twins.world
    world.stop_consumer()
    done = review(world, "accept", str(twins.scene), str(twins.first))
    assert done.returncode == 0
    assert "is queued" in done.stdout
    assert (review_json(world), scene_json(world, twins.scene)["state"]) == ([], "pending")
    world.start_consumer()
    world.wait(lambda: twins.right(twins.first), 30, "the chosen item is right")


def test_any_item_can_be_chosen_and_the_scene_that_had_it_waits_for_review(twins: Twins) -> None:
    world = twins.world
    other = world.add("other.mp4", guess="Other")
    world.edit(other, title="Other", director="Somebody", rating100=60)
    world.wait_until_right([other])
    world.wait_until_idle()
    key = world.items[other]
    done = review(world, "accept", str(twins.scene), str(key), "--wait")
    assert done.returncode == 0
    assert f"item {key} was not among the candidates" in done.stdout
    assert f"scene {other} had that item, and waits for review now" in done.stdout
    world.wait_until_idle()
    # What the other scene wrote there, and this one does not have, is gone: the director, the rating, the poster.
    assert twins.right(key)
    (one,) = review_json(world)
    assert (one["scene_id"], one["candidates"][0]["rating_key"]) == (other, key)
    assert str(twins.scene) in one["why"]
    # And back again.
    assert review(world, "accept", str(other), str(key), "--wait").returncode == 0
    item, cover = world.plex.item(key), world.stash.scene(other).cover
    assert (item.title, item.names("director"), item.user_rating) == ("Other", ["Somebody"], 6.0)
    assert world.plex.selected_picture(key, "posters") == cover


def test_rejected_candidates_are_ruled_out_until_that_is_taken_back(twins: Twins) -> None:
    world = twins.world
    done = review(world, "reject", str(twins.scene))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"2 items ruled out for scene {twins.scene}" in done.stdout
    assert review_json(world) == []
    facts = scene_json(world, twins.scene)
    assert (facts["state"], facts["last_error"]) == ("not_found", "a person ruled out 2 candidates")
    assert facts["vetoed"] == [twins.first, twins.second]
    world.edit(twins.scene, title="Edited since")
    world.wait_until_idle(scheduled=False)
    assert (review_json(world), scene_json(world, twins.scene)["state"]) == ([], "not_found")
    assert "ruled out by a person" in run(world, "scene", str(twins.scene)).stdout
    done = review(world, "forget", str(twins.scene))
    assert (done.returncode, "2 decisions" in done.stdout) == (0, True)
    twins.wait_for_review()
    assert world.plex.counters["writes"] == 0
    done = review(world, "forget", str(twins.scene))
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was decided" in done.stderr


def test_a_wrong_match_that_was_made_without_asking_can_be_rejected(world: World) -> None:
    scene = world.add("a.mp4", guess="Guess")
    world.start_consumer()
    world.edit(scene, title="Written")
    world.wait_until_right([scene])
    world.wait_until_idle()
    done = review(world, "reject", str(scene))
    assert (done.returncode, "1 item ruled out" in done.stdout) == (0, True)
    world.edit(scene, title="Written no more")
    world.wait_until_idle(scheduled=False)
    assert scene_json(world, scene)["state"] == "not_found"
    assert world.plex.item(world.items[scene]).title == "Written"


def test_what_is_not_there_is_told_with_what_to_do_and_ends_with_1(twins: Twins) -> None:
    world = twins.world
    for words, says in (
        (["accept", "777", str(twins.first)], "nothing is known of scene 777"),
        (["accept", str(twins.scene), "777"], "PLEXSYNC_PLEX_LIBRARIES"),
        (["reject", "777"], "nothing is known of scene 777"),
        (["forget", "777"], "nothing was decided about scene 777"),
    ):
        done = review(world, *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
    assert len(review_json(world)) == 1


@pytest.mark.parametrize(
    "words", [["accept"], ["accept", "45"], ["accept", "45", "x"], ["accept", "0", "7"], ["reject"], ["forget"], ["no"]]
)
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["review", *words]).exit_code == 2


@pytest.mark.parametrize("words", [[], ["list"], ["accept"], ["reject"], ["forget"]])
def test_every_command_has_help_with_examples(words: list[str]) -> None:
    done = CliRunner().invoke(main, ["review", *words, "--help"])
    assert done.exit_code == 0
    assert "Example" in done.stdout


def test_in_a_python_shell_two_lines_show_and_decide(twins: Twins) -> None:
    world = twins.world
    assert world.stop_consumer() == 0
    code = f"from tasks import reviews\nprint(repr(reviews()))\nreviews()[0].accept({twins.first})\nprint(reviews())"
    done = real_world.python(world, "-c", code, cwd=PLUGIN)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert re.findall(r"^ +\d+ +(\d+) ", done.stdout, re.MULTILINE) == [str(twins.first), str(twins.second)]
    assert f"{PLEX_ROOT}/a/tape 7.mp4" in done.stdout
    assert lines[-1] == "no matches to review"
    world.start_consumer()
    world.wait(lambda: twins.right(twins.first), 30, "the chosen item is right")
    world.wait_until_idle()
    code = f"from tasks.uncertain import reject\nprint(reject({twins.scene}))"
    done = real_world.python(world, "-c", code, cwd=PLUGIN)
    assert done.stdout == "1\n"


def test_ten_thousand_reviews_are_listed_and_nothing_in_them_moves_a_terminal(world: World) -> None:
    database = Database(world.data_dir / DATABASE_NAME)
    ledger = Ledger(database)
    candidate = Match(7, 1, 70, ("same\x1b[2Jname",), "a\x1b[31mtitle\n", "/media/\x07clip.mp4", "/data/\nclip.mp4")
    with database.write(durable=True):
        for scene in range(1, 10_001):
            ledger.reviews.put(scene, [candidate])
            ledger.scenes.set_state(scene, State.REVIEW, Result.REVIEW, error="two\nare \x1b[1mas likely")
    database.close()
    table = review(world, "list").stdout
    assert "10,000 scenes wait for a person" in table
    assert set("\x1b\x07") & set(table) == set()
    assert len(review_json(world)) == 10_000
