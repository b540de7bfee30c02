"""Dead letters, as a person or a script meets them: real processes against the simulated servers."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plexsync.cli.commands import main
from plexsync.demo.http import PlannedFault
from plexsync.demo.world import PLUGIN, World
from plexsync.ledger import Ledger
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support.real_world import python, run


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


@pytest.fixture
def failing(world: World) -> World:
    """Three scenes, edited, and given up on by the consumer because Plex refuses to write them."""
    world.start_consumer()
    world.plex.faults.add(PlannedFault("status", times=None, status=400, match=lambda request: request.method == "PUT"))
    for number in range(3):
        world.edit(world.add(f"{number}.mp4"), title=f"Title {number}")
    world.wait(lambda: len(ledger_ids(world)) == 3, 30, "three dead letters")
    world.wait_until_idle()
    return world


def failed(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    """``python -m plexsync failed`` with these words."""
    done = run(world, "failed", *words)
    assert "Traceback" not in done.stderr
    return done


def failed_json(world: World, *words: str) -> Any:
    return json.loads(failed(world, *words, "--json").stdout)


def ledger_ids(world: World) -> list[int]:
    """The ids of all dead letters, as the file has them."""
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        return [one.id for page in Ledger(database).dead_letters.pages() for one in page]
    finally:
        database.close()


def test_without_dead_letters_there_is_nothing_to_do(world: World) -> None:
    assert failed(world, "list").stdout == "no dead letters\n"
    assert failed_json(world, "list") == []
    assert failed(world, "retry", "--all").returncode == 0


def test_the_list_and_one_in_full(failing: World) -> None:
    letters = failed_json(failing, "list")
    assert sorted(one["scene_id"] for one in letters) == list(failing.items)
    letters.sort(key=lambda one: one["scene_id"])
    assert set(letters[0]) == {"id", "scene_id", "error_class", "message", "attempts", "failed_at"}
    assert (letters[0]["error_class"], letters[0]["attempts"]) == ("PermanentError", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", letters[0]["failed_at"])
    one = failed_json(failing, "show", str(letters[0]["id"]))
    assert letters[0].items() <= one.items()
    assert (one["title"], one["rating_key"], one["confidence"]) == ("Title 0", failing.items[one["scene_id"]], 100)
    assert (one["reasons"][0], one["queue"]) == ("same path", None)
    assert one["snapshot"]["fields"]["title"] == "Title 0"
    assert [one["outcome"] for one in one["tries"]] == ["failed"]
    assert "PermanentError" in one["traceback"]
    table = failed(failing, "list").stdout
    assert "Title 2" in table
    shown = failed(failing, "show", str(letters[0]["id"])).stdout
    for text in ("Title 0", "same path", "refused PUT", "to be written: title", "Traceback", "failed retry"):
        assert text in shown
    status = json.loads(run(failing, "status", "--json").stdout)
    assert (status["dead_letters"], status["scenes"]["failed"]) == (3, 3)
    assert status["latest_dead_letter_at"] == max(one["failed_at"] for one in letters)
    assert "huey_consumer.sh failed list" in run(failing, "status").stdout


def test_retries_and_edits_renew_or_resolve_and_the_rest_is_discarded(failing: World) -> None:
    ids = {one["scene_id"]: one["id"] for one in failed_json(failing, "list")}
    before = failed_json(failing, "show", str(ids[1]))
    time.sleep(1.1)  # Times are told to the second.
    done = failed(failing, "retry", str(ids[1]))
    assert (done.returncode, done.stdout) == (0, f"1 dead letter queued again: {ids[1]} (scene 1)\n")
    failing.wait_until_idle()
    after = failed_json(failing, "show", str(ids[1]))
    assert after["failed_at"] > before["failed_at"]
    assert after["first_failed_at"] == before["first_failed_at"]

    failing.plex.faults.clear()
    failing.edit(2, title="Newer")
    failing.wait_until_right([2])
    failing.wait_until_idle()
    assert sorted(ledger_ids(failing)) == sorted([ids[1], ids[3]])
    assert failed(failing, "retry", "--all").stdout == "2 dead letters queued again\n"
    failing.wait_until_right([1, 3])
    failing.wait_until_idle()
    assert ledger_ids(failing) == []


def test_discarding_asks_nothing_and_says_what_it_did(failing: World) -> None:
    letter = failed_json(failing, "list")[0]
    name = f"{letter['id']} (scene {letter['scene_id']})"
    done = failed(failing, "discard", *[str(letter["id"])] * 2)
    assert (done.returncode, done.stdout) == (0, f"1 dead letter discarded: {name}\n")
    done = failed(failing, "discard", "--all")
    assert (done.returncode, done.stdout) == (0, "2 dead letters discarded\n")
    assert ledger_ids(failing) == []
    assert failing.wrong(letter["scene_id"])


def test_stash_hears_of_it_once_through_the_next_hook(failing: World) -> None:
    for title in ("Again", "And again"):
        failing.edit(1, title=title)
    told = [text for level, text in failing.stash.hook_log if level == "warning"]
    assert len(told) == 1
    assert re.match(r"[123] scenes? could not be synced: .*failed list in PlexSync's folder$", told[0])


def test_an_unknown_id_ends_with_1_and_the_known_ones_are_done(failing: World) -> None:
    for command in ("show", "retry", "discard"):
        done = failed(failing, command, "777")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no dead letter 777" in done.stderr
    first = ledger_ids(failing)[0]
    done = failed(failing, "discard", "777", str(first))
    assert done.returncode == 1
    assert "1 dead letter discarded" in done.stdout
    assert "no dead letter 777" in done.stderr
    assert first not in ledger_ids(failing)


@pytest.mark.parametrize("words", [["retry"], ["retry", "1", "--all"], ["discard"], ["show"], ["show", "x"], ["nope"]])
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["failed", *words]).exit_code == 2


@pytest.mark.parametrize("words", [[], ["list"], ["show"], ["retry"], ["discard"]])
def test_every_command_has_help_with_examples(words: list[str]) -> None:
    done = CliRunner().invoke(main, ["failed", *words, "--help"])
    assert done.exit_code == 0
    assert "Example" in done.stdout


def test_ten_thousand_are_queued_again_and_discarded_in_bounded_steps(world: World) -> None:
    run(world, "status")
    database = Database(world.data_dir / DATABASE_NAME)
    with database.write() as db:
        db.executemany(
            "insert into dead_letter (scene_id, error_class, message, traceback, attempts, first_failed_at, failed_at) "
            "values (?, 'PermanentError', 'no', ?, 6, 1, 2)",
            [(scene, "x" * 4000) for scene in range(1, 10_001)],
        )
    database.close()
    done = failed(world, "retry", "--all")
    assert (done.returncode, done.stdout) == (0, "10,000 dead letters queued again\n")
    status = json.loads(run(world, "status", "--json").stdout)
    assert (status["queue"]["pending"], status["dead_letters"]) == (10_000, 10_000)
    assert len(failed_json(world, "list")) == 10_000
    assert failed(world, "discard", "--all").stdout == "10,000 dead letters discarded\n"
    assert ledger_ids(world) == []


def test_the_shell_lines_of_the_documents_work(failing: World) -> None:
    page = (PLUGIN / "docs/reference/python.md").read_text(encoding="utf-8")
    block = next(one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "import failed" in one)
    lines = [line.removeprefix(">>> ").partition("#")[0].strip() for line in block.splitlines()]
    failing.plex.faults.clear()
    code = "\n".join([lines[0], "print(repr(failed()))", *lines[1:], "failed().retry()"])
    done = python(failing, "-c", code, cwd=PLUGIN)
    assert done.returncode == 0, done.stderr
    assert sorted(line.split()[1] for line in done.stdout.splitlines()) == ["1", "2", "3", "scene"]
    assert "PermanentError: Plex refused PUT" in done.stdout
    failing.wait_until_right(list(failing.items))
    failing.wait_until_idle()
    done = python(failing, "-c", "from tasks import failed\nprint(failed())", cwd=PLUGIN)
    assert done.stdout == "no dead letters\n"
