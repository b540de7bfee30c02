"""What commands print, where it is read: in a terminal of 80 columns, in a pipe, without colours, without Unicode."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plexsync.cli.terminal import columns
from plexsync.demo import pictures
from plexsync.demo.http.faults import PlannedFault
from plexsync.demo.plex.library import Part
from plexsync.demo.world import PLEX_ROOT, PLUGIN, STASH_ROOT, World
from plexsync.ledger import Ledger, State
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support import programs
from tests.support.on_terminals import STYLE, on_terminal, screen

FOLDER = "A studio with a long name/2026-11-26 A title that goes on and on"
WORDS = "A summary of many words, which goes on for longer than a line of a terminal has room for it"
SIZE = 1_234_567


@dataclass
class Stage:
    """A world in which each kind of scene is to be seen."""

    world: World
    synced: int
    failed: int
    review: int
    not_found: int
    changed: int
    shown: dict[str, str] = field(default_factory=dict)

    def screen_of(self, name: str) -> str:
        """What one of the commands shows in a terminal: nothing goes on here, so once is enough."""
        if name not in self.shown:
            self.shown[name] = screen(self.world, *commands(self)[name])
        return self.shown[name]


def set_up(world: World) -> Stage:
    """Scenes of each kind, in a world whose consumer has ended."""
    synced = world.add(f"{FOLDER}/synced – naïve.mp4")
    failed = world.add(f"{FOLDER}/failed.mp4")
    changed = world.add(f"{FOLDER}/changed.mp4")
    not_found = world.stash.add_scene(None, f"{STASH_ROOT}/{FOLDER}/not in Plex.mp4", size=7)
    review = world.stash.add_scene(None, f"{STASH_ROOT}/new/tape 7.mp4", size=SIZE, cover=pictures.png(1, 2, 3))
    for twin in ("a", "b"):
        place = f"{PLEX_ROOT}/{FOLDER}/{twin}/tape 7.mp4"
        world.plex.add_item(world.section, f"Clip {twin}", [Part(place, SIZE, None)])
    world.plex.faults.add(
        PlannedFault(
            "status",
            times=None,
            status=400,
            match=lambda request: request.method == "PUT" and ("id", str(world.items[failed])) in request.params,
        )
    )
    world.start_consumer()
    for scene in (synced, failed, not_found, review):
        world.edit(scene, title=f"The title of {scene}: {WORDS}", details=f"{WORDS}. {WORDS}.")
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        scenes = Ledger(database).scenes
        wanted = {synced: State.SYNCED, failed: State.FAILED, not_found: State.NOT_FOUND, review: State.REVIEW}
        world.wait(lambda: scenes.states(list(wanted)) == wanted, 40, "each scene to be in its state")
        world.wait(lambda: len(scenes.history(not_found)) >= 4, 40, "a few looks for the one that Plex lacks")
    finally:
        database.close()
    world.stop_consumer()
    world.edit(changed, title="Changed", details=WORDS)
    return Stage(world, synced, failed, review, not_found, changed)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("world")
    with World(folder, {"PLEXSYNC_NOT_FOUND_RETRIES": "4", "PLEXSYNC_NOT_FOUND_CAP": "1"}) as world:
        yield set_up(world)


def commands(stage: Stage) -> dict[str, list[str]]:
    scenes = ("synced", "failed", "review", "not_found", "changed")
    return {
        "--check": ["check"],
        "status": ["status"],
        "doctor": ["doctor"],
        **{f"scene, {kind}": ["scene", str(getattr(stage, kind))] for kind in scenes},
        "scene, unknown": ["scene", "9999"],
        "failed list": ["failed", "list"],
        "failed show": ["failed", "show", "1"],
        "review list": ["review", "list"],
        "sync --all --dry-run": ["sync", "--all", "--dry-run"],
        "reconcile --dry-run": ["reconcile", "--dry-run"],
    }


NAMES = (
    *("--check", "status", "doctor", "scene, synced", "scene, failed", "scene, review", "scene, not_found"),
    *("scene, changed", "scene, unknown", "failed list", "failed show", "review list", "sync --all --dry-run"),
    "reconcile --dry-run",
)


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_longer_than_the_terminal(stage: Stage, name: str) -> None:
    text = stage.screen_of(name)
    assert "Traceback (most recent" not in text or name == "failed show"
    if name == "failed show":
        text = text.partition("Traceback (most recent")[0]
    # A single word, such as a path, is not broken: it could not be copied.
    too_long = [line for line in text.splitlines() if columns(line) > 80 and " " in line.strip()]
    assert not too_long, text


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_told_in_a_terminal_alone(stage: Stage, name: str) -> None:
    """Each word of what a pipe gets is there, too; but for times that go on."""
    words = commands(stage)[name]
    piped = programs.run(
        [sys.executable, "-P", "-m", "plexsync", *words],
        env=stage.world.environ | {"PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        cwd=PLUGIN,
        check=False,
    )
    shown = " ".join(stage.screen_of(name).split())
    plain = " ".join(piped.stdout.split())
    assert piped.stdout
    assert "\x1b" not in piped.stdout
    assert _without_times(shown).replace(" ", "") == _without_times(plain + piped.stderr).replace(" ", "")


def _without_times(text: str) -> str:
    # Less than a second ago is now.
    text = text.replace("at once", "").replace("(now)", "( ago)")
    return re.sub(r"(in )?\d[\d,.]* ?(ms|s|min|h|d|MiB)\b", "", text)


def test_each_finding_is_one_line_in_a_pipe(stage: Stage) -> None:
    done = programs.run(
        [sys.executable, "-P", "-m", "plexsync", "doctor"],
        env=stage.world.environ | {"PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert all(re.match(r"(ok  |warn|FAIL)  \S", line) for line in done.stdout.splitlines())


def test_the_same_outcome_is_told_once(stage: Stage) -> None:
    text = " ".join(screen(stage.world, "scene", str(stage.not_found)).split())
    assert len(re.findall(r"not found, \d+ times since \d{4}-", text)) == 1
    assert text.count("not in Plex.mp4") <= 2


def test_moments_are_local_with_their_offset_and_json_keeps_utc(stage: Stage) -> None:
    zone = {"TZ": "America/Caracas"}
    for words in (["status"], ["scene", str(stage.synced)], ["failed", "list"], ["failed", "show", "1"], ["doctor"]):
        text = STYLE.sub("", on_terminal(stage.world, *words, environ=zone).decode())
        moments = re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*(?: [+-]\d\d:\d\d)?", " ".join(text.split()))
        assert moments or words == ["doctor"]
        assert all(one.endswith(" -04:00") for one in moments), text
    done = programs.run(
        [sys.executable, "-P", "-m", "plexsync", "scene", str(stage.synced), "--json"],
        env=stage.world.environ | {"PYTHONPATH": str(PLUGIN)} | zone,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["synced_at"].endswith("Z")


def test_what_waits_says_when_it_goes_on(stage: Stage) -> None:
    waiting = screen(stage.world, "scene", str(stage.changed))
    assert "waits in the queue" in waiting


def test_an_unknown_scene_is_looked_for_in_stash(stage: Stage) -> None:
    assert "neither to PlexSync nor to Stash: there is no scene 9999" in " ".join(
        screen(stage.world, "scene", "9999").split()
    )
    new = stage.world.add("new.mp4")
    assert f"to Stash, and not to PlexSync yet: ./huey_consumer.sh sync {new}" in " ".join(
        screen(stage.world, "scene", str(new)).split()
    )
    away = on_terminal(stage.world, "scene", "9999", environ={"PLEXSYNC_STASH_URL": "http://127.0.0.1:1"}).decode()
    away = " ".join(away.split())
    assert "not to PlexSync, and Stash could not be asked:" in away
    assert away.count("Connection refused") == 1


def test_colours_are_for_terminals_that_want_them(stage: Stage) -> None:
    assert b"\x1b[" in on_terminal(stage.world, "status")
    assert b"\x1b" not in on_terminal(stage.world, "status", environ={"NO_COLOR": "1"})
    assert b"\x1b" not in on_terminal(stage.world, "status", environ={"TERM": "dumb"})
    assert b"\x1b" not in on_terminal(stage.world, "failed", "show", "99", environ={"NO_COLOR": "1"})


@pytest.mark.parametrize(("locale", "utf8"), [("C", True), ("C", False), ("POSIX", False)])
def test_a_terminal_without_unicode_gets_what_it_can_show(stage: Stage, locale: str, utf8: bool) -> None:
    # Both are names of the same.
    others = [["check"], ["sync", "--all", "--dry-run"]] if locale == "C" else []
    for words in (["scene", str(stage.synced)], *others):
        written = on_terminal(stage.world, *words, environ={"LC_ALL": locale}, utf8=utf8)
        assert b"Traceback" not in written
        assert written.isascii()


#: In what ways an output takes nothing: the streams that are closed, and those that are on a full disk.
TAKES_NOTHING = [
    (("stdout",), ()),
    (("stderr",), ()),
    ((), ("stdout",)),
    (("stdin", "stdout", "stderr"), ()),
    ((), ("stdout", "stderr")),
]


@pytest.mark.parametrize("words", ["status", "check", "sync --all --dry-run"])
def test_an_output_that_takes_nothing_is_no_crash(stage: Stage, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # How Python itself begins and ends then shows with one of the commands.
    monkeypatch.setattr(programs, "always_real", programs.always_real or words == "status")
    for closed, full in TAKES_NOTHING:
        with Path("/dev/full").open("wb") as disk:
            done = programs.run(
                [sys.executable, "-P", "-m", "plexsync", *words.split()],
                env=stage.world.environ | {"PYTHONPATH": str(PLUGIN)},
                stdout=disk if "stdout" in full else subprocess.PIPE,
                stderr=disk if "stderr" in full else subprocess.PIPE,
                closed=closed,
                text=True,
                timeout=60,
                cwd=PLUGIN,
            )
        told = done.stderr or ""
        assert done.returncode in (0, 1)
        assert "Traceback" not in told
        assert ("No space left" in told) == (full == ("stdout",)), told


def test_a_reader_who_has_had_enough_gets_no_complaint(stage: Stage) -> None:
    for words in (["check"], ["doctor"], ["sync", "--all", "--dry-run"], ["scene", str(stage.synced)], ["--help"]):
        with programs.Popen(
            [sys.executable, "-P", "-m", "plexsync", *words],
            env=stage.world.environ | {"PYTHONPATH": str(PLUGIN)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PLUGIN,
        ) as reads:
            # As ``head -n 1`` does.
            assert reads.stdout.readline().endswith("\n")
            reads.stdout.close()
            assert reads.stderr.read() == ""
            reads.wait(60)
