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


class Second:
    """A second Plex server and the instance for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plex = SimulatedPlex()
        self.folder = world.data_dir / "instances" / "attic"
        self.items: dict[int, int] = {}
        self._section = self.plex.add_section("Attic", locations=[PLEX_ROOT])
        self._consumer: subprocess.Popen[bytes] | None = None

    def add(self, scene: int, name: str) -> None:
        file = self.world.stash.library.existing(scene).files[0]
        part = Part(f"{PLEX_ROOT}/{name}", file.size, 1_800_000)
        self.items[scene] = self.plex.add_item(self._section, name, [part])

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "plexsync", *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=PLUGIN,
            env={**self.world.environ, "PYTHONPATH": str(PLUGIN)},
        )

    def start(self) -> None:
        environment = {**self.world.environ, "PYTHONPATH": str(PLUGIN), "PLEXSYNC_PLEX_URL": self.plex.url}
        environment["PLEXSYNC_PLEX_TOKEN"] = self.plex.token
        with (self.world.log_path.parent / "attic.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", "plexsync.cli.consumer", "--instance", "attic"]
            self._consumer = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log)

    def stop(self) -> None:
        if self._consumer is not None:
            self._consumer.send_signal(signal.SIGTERM)
            assert self._consumer.wait(40) == 0
            self._consumer = None

    def shows(self, scene: int, title: str) -> None:
        self.world.wait(lambda: self.plex.item(self.items[scene]).title == title, 40, f"the attic shows {title!r}")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    with World(tmp_path_factory.mktemp("instances")) as world:
        two = Second(world)
        two.plex.start()
        try:
            yield two
            two.stop()
        finally:
            two.plex.stop()


def test_an_instance_is_added_and_told_how_to_start(second: Second) -> None:
    done = second.command("instances", "add", "attic")
    assert done.returncode == 0, done.stderr
    assert "--instance attic" in done.stdout
    assert (second.world.data_dir / "instances.json").stat().st_mode & 0o777 == 0o600
    listed = json.loads(second.command("instances", "list", "--json").stdout)
    assert [(row["name"], row["state"]) for row in listed] == [("main", "never_started"), ("attic", "never_started")]
    again = second.command("instances", "add", "attic")
    assert (again.returncode, "already" in again.stderr) == (1, True)


def test_an_edit_goes_to_both_and_one_that_is_down_holds_up_no_other(second: Second) -> None:
    world = second.world
    scenes = [world.add(f"{number}.mp4") for number in range(3)]
    for number, scene in enumerate(scenes):
        second.add(scene, f"{number}.mp4")
    world.start_consumer()
    for scene in scenes:
        world.edit(scene, title=f"Scene {scene}")
    world.wait_until_right(scenes)
    assert second.plex.item(second.items[scenes[0]]).title == "0.mp4"

    second.start()
    for scene in scenes:
        second.shows(scene, f"Scene {scene}")
    # What either of the two has done is in its own database alone.
    for words in (["status", "--json"], ["status", "--json", "--instance", "attic"]):
        assert json.loads(second.command(*words).stdout)["scenes"]["synced"] == 3


def test_a_plex_that_is_away_keeps_the_other_from_nothing(second: Second) -> None:
    world = second.world
    scene = next(iter(second.items))
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
    answer = _script(second.world.environ, "--instance", "attic", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["scenes"]["synced"] == 3
    assert _script(second.world.environ, "--instance").returncode == 1


def _script(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[Any]:
    script = Path(PLUGIN) / "huey_consumer.sh"
    return subprocess.run(
        ["/bin/sh", str(script), *words], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
