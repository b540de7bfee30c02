"""An update through Stash's plugin manager while the consumer works: it goes on anew, and loses nothing."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from plexsync.storage.consumer_lock import running_consumer
from tests.support.installed import borrow_environment, compiled_files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def program_files() -> list[str]:
    """What a package of the plugin holds."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "plexsync", "tasks", "settings.py", "*.sh", "*.txt", "*.yml"],
        cwd=PLUGIN,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [name for name in listed if (PLUGIN / name).is_file() and not name.startswith("tests/")]


class Installation:
    """A plugin's folder as the plugin manager has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = program_files()
        self.write(*self.names, *map(str, compiled_files()))
        borrow_environment(folder)

    def write(self, *names: str, version: str | None = None) -> None:
        for name in names:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PLUGIN / name, self.folder / name)
            if version is not None and name == "plexsync/__init__.py":
                with (self.folder / name).open("a") as file:
                    file.write(f'__version__ = "{version}"\n')

    def remove(self) -> None:
        for name in self.names:
            (self.folder / name).unlink()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "PlexSync")


@pytest.fixture
def world(tmp_path: Path, installation: Installation) -> Iterator[World]:
    with World(tmp_path) as world:
        world.consumer_command = [str(installation.folder / "huey_consumer.sh")]
        yield world


class LockWatch:
    """Sees whether a second consumer could have started at any moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._over = threading.Event()
        self.was_free = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> LockWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            self.was_free = self.was_free or running_consumer(self._folder) is None


def test_a_queue_is_carried_on_by_the_new_version_in_the_same_process(world: World, installation: Installation) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(30)]
    world.plex.behaviour.write_delay = 0.1
    world.start_consumer("-w", "2")
    world.wait(lambda: "2 workers" in world.log_path.read_text(), 90, "it runs")
    pid = world.consumer_pid
    with LockWatch(world.data_dir) as lock:
        world.edit_many(scenes, details="Before the update")
        world.wait(lambda: world.plex.counters["writes"] > 3, 30, "it is at work")
        installation.remove()
        late = "plexsync/sync/write_path.py"
        installation.write(*(name for name in installation.names if name != late), version="99.1")
        world.edit_many(scenes[:5], title="During the update")
        world.wait(lambda: "not whole: " in world.log_path.read_text(), 60, "half of it is noticed")
        assert "plexsync.sync.write_path, which is missing" in world.log_path.read_text()
        assert "PlexSync 99.1" not in world.log_path.read_text()
        installation.write(late)
        world.wait(lambda: "PlexSync 99.1: " in world.log_path.read_text(), 60, "the new version runs")
        world.wait_until_right(scenes, 90)
    assert not lock.was_free
    assert world.consumer_pid == pid
    assert world.consumer_ended() is None
    assert world.log_path.read_text().count("2 workers") == 2, "with the same options"
    assert (Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))[-3:-1] == [b"-w", b"2"]
    assert "Traceback" not in world.log_path.read_text()
    assert "is not a setting" not in world.log_path.read_text()
    world.wait_until_idle(60)
    assert world.stop_consumer() == 0


def test_what_needs_other_packages_is_started_with_them(world: World, installation: Installation) -> None:
    world.environ["PIP_NO_INDEX"] = "1"
    world.start_consumer()
    world.wait(lambda: "workers" in world.log_path.read_text(), 90, "it runs")
    # Nobody has this one, and here nobody is asked: that it was to be installed shows in how it ends.
    with (installation.folder / "requirements.txt").open("a") as file:
        file.write("no-such-package-of-plexsyncs==1\n")
    assert world.consumer_ended() is None
    with pytest.raises(TimeoutError, match="the consumer ended with 1"):
        world.wait(lambda: False, 60, "the packages cannot be had")
    assert "no-such-package-of-plexsyncs" in world.log_path.read_text()


def test_a_stop_while_an_update_is_on_its_way_is_a_stop(world: World, installation: Installation) -> None:
    world.start_consumer()
    world.wait(lambda: "workers" in world.log_path.read_text(), 90, "it runs")
    installation.remove()
    world.wait(lambda: "files are changing" in world.log_path.read_text(), 60, "it is noticed")
    scene = world.add("1.mp4")
    world.edit(scene, title="While nothing may begin")
    assert world.stop_consumer() == 0
    assert "starting anew" not in world.log_path.read_text()
    installation.write(*installation.names)
    world.start_consumer()
    world.wait_until_right([scene], 60)
    assert world.stop_consumer() == 0
