"""``huey_consumer.sh`` in a fresh copy of the project, as a new user starts it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from plexsync.demo.plex_tv import SimulatedPlexTv
from plexsync.demo.stash import HookRunner
from plexsync.demo.world import QUICK, World
from tests.support.installed import copied_to, installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone would hold: no ``.venv``, no data."""
    return copied_to(tmp_path_factory.mktemp("clone") / "Plex Sync")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its set-up."""
    target = tmp_path_factory.mktemp("ready") / "Plex Sync"
    return Path(shutil.copytree(installed(tmp_path_factory), target, symlinks=True))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def start(
    clone: Path, *words: str, environ: dict[str, str] | None = None, shell: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
    return subprocess.run(
        [*shell, str(clone / "huey_consumer.sh"), *words],
        env=own if environ is None else environ,
        capture_output=True,
        text=True,
        timeout=300,
        cwd="/",
        check=False,
    )


def test_help_is_there_before_any_set_up(clone: Path) -> None:
    done = start(clone, "--help")
    assert done.returncode == 0
    assert "--demo" in done.stdout
    assert "--login" in done.stdout
    assert not (clone / ".venv").exists()


def test_a_missing_python_is_said_with_the_package_to_install(clone: Path) -> None:
    done = start(clone, environ={"PATH": "/usr/bin:/bin", "PYTHON": "no-such-python"})
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr
    assert "apk add" in done.stderr


def test_a_python_without_venv_is_said_with_the_package_to_install(clone: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    (packages,) = (tmp_path / "bare").glob("lib/python3*/site-packages")
    (packages / "sitecustomize.py").write_text("import sys\nsys.modules['venv'] = None\n")
    fake = tmp_path / "bare/bin/python"
    done = start(clone, environ={"PATH": "/usr/bin:/bin", "PYTHON": str(fake)})
    assert done.returncode == 1
    assert "python3-venv" in done.stderr
    assert not (clone / ".venv").exists()


def test_wrong_settings_end_with_2_and_are_all_named(ready: Path, world: World) -> None:
    environ = world.environ | {"PLEXSYNC_WORKERS": "0", "PLEXSYNC_LOG_FORMAT": "xml"}
    del environ["PLEXSYNC_PLEX_TOKEN"]
    done = start(ready, environ=environ)
    assert done.returncode == 2
    for name in ("PLEXSYNC_WORKERS", "PLEXSYNC_LOG_FORMAT", "PLEXSYNC_PLEX_TOKEN"):
        assert name in done.stderr


def test_check_passes_with_both_servers_up(ready: Path, world: World) -> None:
    world.add("a.mp4")
    done = start(ready, "--check", environ=world.environ)
    assert done.returncode == 0, done.stdout


def test_signing_in_needs_no_token_and_leaves_one(ready: Path, world: World) -> None:
    environ = dict(world.environ)
    del environ["PLEXSYNC_PLEX_TOKEN"]
    with SimulatedPlexTv(token=world.plex.token) as plex_tv:
        environ["PLEXSYNC_PLEX_TV_URL"] = plex_tv.url
        process = subprocess.Popen(
            [str(ready / "huey_consumer.sh"), "--login"], env=environ, stdout=subprocess.PIPE, text=True, cwd="/"
        )
        world.wait(lambda: bool(plex_tv.codes), 30, "a code was asked for")
        plex_tv.link(plex_tv.codes[0])
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out
    assert world.plex.token not in out
    assert start(ready, "--check", environ=environ).returncode == 0


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_running_work_finish(ready: Path, world: World, signum: signal.Signals) -> None:
    scenes = [world.add(f"{number}.mp4") for number in range(4)]
    world.plex.behaviour.write_delay = 0.3
    with world.log_path.open("ab") as log:
        process = subprocess.Popen(
            [str(ready / "huey_consumer.sh"), "-w", "2"], env=world.environ, stdout=log, stderr=log, cwd="/"
        )
    world.edit_many(scenes, details="Details")
    world.wait(lambda: world.plex.counters["writes"] > 0, 30, "the consumer writes")
    process.send_signal(signum)
    assert process.wait(35) == 0, world.log_path.read_text()
    # Whatever was begun was finished, and is known to be.
    begun = [scene for scene in scenes if world.plex.item(world.items[scene]).text("summary")]
    assert begun
    assert not [fault for scene in begun for fault in world.wrong(scene)]


def test_options_of_huey_are_taken_and_others_refused(ready: Path, world: World) -> None:
    assert start(ready, "--no-such-option", environ=world.environ).returncode == 2
    assert start(ready, "stray", environ=world.environ).returncode == 2


def test_a_changed_requirements_file_is_installed_at_the_next_start(
    ready: Path, world: World, at_hand: Mapping[str, str]
) -> None:
    requirements = ready / "requirements.txt"
    requirements.write_text(requirements.read_text() + "# changed\n")
    done = start(ready, "--check", environ={**world.environ, **at_hand})
    assert "Setting up" in done.stderr
    assert "Setting up" not in start(ready, "--check", environ=world.environ).stderr


@pytest.mark.skipif(shutil.which("busybox") is None, reason="busybox is not installed")
def test_it_runs_under_the_shell_of_the_stash_image(ready: Path, world: World) -> None:
    done = start(ready, "--check", environ=world.environ, shell=("busybox", "sh"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def inside(ready: Path, world: World) -> Iterator[Inside]:
    inside = Inside(ready, world)
    yield inside
    inside.end()


class Inside:
    """PlexSync as it lives in Stash's container: nothing is started but by Stash, under the shell of its image."""

    def __init__(self, plugin: Path, world: World) -> None:
        self.world = world
        if busybox := shutil.which("busybox"):
            module = plugin / "plexsync/inbox/autostart.py"
            module.write_text(module.read_text().replace('("/bin/sh",)', f'("{busybox}", "sh")'))
        surroundings = {"PYTHONHOME": "/nowhere", "HOME": "/nowhere", "PLEXSYNC_AUTOSTART": "true"}
        environment = surroundings | QUICK | {"PLEXSYNC_DATA_DIR": str(world.data_dir)}
        world.stash.use_hooks(HookRunner(plugin / "PlexSync.yml", env=environment, cwd=world.log_path.parent))

    def operate(self, **args: object) -> Any:
        document = 'mutation($args: Map) { runPluginOperation(plugin_id: "PlexSync", args: $args) }'
        answer = self._ask({"query": document, "variables": {"args": args}})
        assert answer["runPluginOperation"]["ok"], answer
        return answer["runPluginOperation"]["result"]

    def task(self, name: str) -> tuple[str, str]:
        """Run a task to its end; the last line of its log."""
        document = 'mutation($name: String!) { runPluginTask(plugin_id: "PlexSync", task_name: $name) }'
        job_id = self._ask({"query": document, "variables": {"name": name}})["runPluginTask"]
        job = self.world.stash.jobs.find(int(job_id))
        assert job is not None
        assert job.over.wait(60)
        return [line for line in job.log if line[0] != "progress"][-1]

    def wait_for(self, state: str) -> None:
        self.world.wait(lambda: self.life()["state"] == state, 60, f"the consumer is {state}")

    def life(self) -> Any:
        return self.operate(mode="status")["life"]

    @property
    def pid(self) -> int:
        return int((self.world.data_dir / "consumer.lock").read_text())

    def end(self) -> None:
        with suppress(OSError, ValueError):
            os.kill(self.pid, signal.SIGKILL)

    def _ask(self, sent: object) -> Any:
        answer = requests.post(f"{self.world.stash.url}/graphql", json=sent, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]


def test_from_an_empty_stash_to_the_first_scene_in_plex_nothing_is_started_by_hand(
    inside: Inside, world: World
) -> None:
    scene = world.add("a.mp4")
    world.edit(scene, title="Edited")
    inside.wait_for("needs_settings")
    assert "plexToken" in inside.life()["remedy"] or "token" in inside.life()["text"].lower()
    assert inside.task("Show status")[0] == "error"

    page = {"plexToken": world.plex.token, "plexUrl": world.plex.url}
    world.stash.plugin_settings["PlexSync"] = page | {"pathMap": world.environ["PLEXSYNC_PATH_MAP"]}
    inside.wait_for("running")
    world.wait(lambda: not world.wrong(scene), 60, "the scene is right in Plex")
    assert inside.task("Show status")[0] == "info"
    log = (world.data_dir / "consumer.log").read_text()
    assert "waiting for the settings" in log
    assert world.plex.token not in log

    assert inside.task("Sync everything")[0] == "info"
    assert inside.task("Retry all that failed")[0] == "info"
    assert inside.task("Preview")[0] == "info"
    level, text = inside.task("Make a report")
    assert level == "info"
    assert str(world.data_dir) in text
    assert inside.task("Restart the consumer") == ("info", "PlexSync runs.")

    os.kill(inside.pid, signal.SIGKILL)
    inside.wait_for("dead")
    assert inside.task("Start the consumer") == ("info", "PlexSync runs.")
    assert inside.task("Stop the consumer")[0] == "info"
    inside.wait_for("stopped")
    world.edit(scene, title="Edited again")
    assert inside.life()["state"] == "stopped"
