"""Two Plex servers, one Stash: an event goes to both, and one that is down holds up no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.world import PLEX_ROOT, PLUGIN, World
from plexsync.model import Part
from tests.support import programs


class Second:
    """A second Plex server and the instance for it; each scene has an item in both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plex = SimulatedPlex()
        self.folder = world.data_dir / "instances" / "attic"
        self.items: dict[int, int] = {}
        self._is_started = False
        self._section = self.plex.add_section("Attic", locations=[PLEX_ROOT])
        self._consumer: Any = None

    def add(self, name: str) -> int:
        scene = self.world.add(name)
        file = self.world.stash.library.existing(scene).files[0]
        part = Part(f"{PLEX_ROOT}/{name}", file.size, 1_800_000)
        self.items[scene] = self.plex.add_item(self._section, name, [part])
        return scene

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return command(self.world, *words)

    def main_runs(self) -> None:
        """From here on the consumer of the first one works."""
        if not self._is_started:
            self.world.start_consumer()
            self._is_started = True

    def both_run(self) -> None:
        """From here on both consumers work."""
        self.main_runs()
        if self._consumer is None:
            self.start()

    def start(self) -> None:
        environment = {**self.world.environ, "PYTHONPATH": str(PLUGIN), "PLEXSYNC_PLEX_URL": self.plex.url}
        environment["PLEXSYNC_PLEX_TOKEN"] = self.plex.token
        with (self.world.log_path.parent / "attic.log").open("ab") as log:
            words = [sys.executable, "-P", "-m", "plexsync.cli.consumer", "--instance", "attic"]
            self._consumer = programs.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=log)

    def stop(self) -> None:
        if self._consumer is not None:
            self._consumer.send_signal(signal.SIGTERM)
            assert self._consumer.wait(40) == 0
            self._consumer = None

    def shows(self, scene: int, title: str) -> None:
        self.world.wait(lambda: self.plex.item(self.items[scene]).title == title, 40, f"the attic shows {title!r}")


def command(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return programs.run(
        [sys.executable, "-P", "-m", "plexsync", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=PLUGIN,
        env={**world.environ, "PYTHONPATH": str(PLUGIN)},
    )


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    with World(tmp_path_factory.mktemp("instances")) as world:
        two = Second(world)
        two.plex.start()
        try:
            added = two.command("instances", "add", "attic")
            assert added.returncode == 0, added.stderr
            yield two
            two.stop()
        finally:
            two.plex.stop()


def test_an_instance_is_added_and_told_how_to_start(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        done = command(world, "instances", "add", "attic")
        assert done.returncode == 0, done.stderr
        assert "--instance attic" in done.stdout
        assert (world.data_dir / "instances.json").stat().st_mode & 0o777 == 0o600
        listed = json.loads(command(world, "instances", "list", "--json").stdout)
        assert [(row["name"], row["state"]) for row in listed] == [
            ("main", "never_started"),
            ("attic", "never_started"),
        ]
        again = command(world, "instances", "add", "attic")
        assert (again.returncode, "already" in again.stderr) == (1, True)


def test_an_edit_goes_to_both_and_one_that_is_down_holds_up_no_other(second: Second) -> None:
    world = second.world
    second.main_runs()
    second.stop()
    scenes = [second.add(f"{number}.mp4") for number in range(3)]
    for scene in scenes:
        world.edit(scene, title=f"Scene {scene}")
    world.wait_until_right(scenes)
    assert second.plex.item(second.items[scenes[0]]).title == "0.mp4"

    second.start()
    for scene in scenes:
        second.shows(scene, f"Scene {scene}")
    # What either of the two has done is in its own database alone.
    for words in (["status", "--json"], ["status", "--json", "--instance", "attic"]):
        assert json.loads(second.command(*words).stdout)["scenes"]["synced"] == len(second.items) >= 3


def test_a_plex_that_is_away_keeps_the_other_from_nothing(second: Second) -> None:
    world = second.world
    second.both_run()
    scene = second.add("away.mp4")
    world.edit(scene, title="Before")
    second.shows(scene, "Before")
    second.plex.stop()
    began = time.monotonic()
    world.edit(scene, title="While the attic is away")
    world.wait_until_right([scene])
    assert time.monotonic() - began < 20
    second.plex.start()
    second.shows(scene, "While the attic is away")


def test_a_name_that_is_none_ends_with_two_and_names_those_that_there_are(second: Second) -> None:
    done = second.command("status", "--instance", "cellar")
    assert done.returncode == 2
    assert "there are main, attic" in done.stderr
    assert not done.stdout


def test_the_script_takes_the_option_before_a_command(second: Second) -> None:
    second.both_run()
    scene = second.add("script.mp4")
    second.world.edit(scene, title="Seen by the script")
    second.shows(scene, "Seen by the script")
    second.world.wait(lambda: _synced(second) == len(second.items), 40, "it is noted")
    assert _script(second.world.environ, "--instance").returncode == 1


def _synced(second: Second) -> int:
    answer = _script(second.world.environ, "--instance", "attic", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    return int(json.loads(answer.stdout)["scenes"]["synced"])


def _script(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[Any]:
    script = Path(PLUGIN) / "huey_consumer.sh"
    return subprocess.run(
        ["/bin/sh", str(script), *words], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
