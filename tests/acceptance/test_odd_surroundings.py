"""The script where nothing is as in a developer's shell: cron, units, other users, odd names and locales."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from plexsync.demo.stash import HookRunner
from plexsync.demo.world import World
from tests.support.installed import installed
from tests.support.packages_at_hand import pip_at_hand

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

#: Somebody who is neither root nor the owner of anything here.
STRANGER = 12345
#: The Python with which Stash of that user runs hooks.
AS_STRANGER = f"""#!/usr/bin/python3
import os, sys
os.setuid({STRANGER})
os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv[1:]])
"""
#: Where this Python is, and what a system has.
PATH = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
as_another_user = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/usr/bin/python3").exists(),
    reason="only root can become another user, who needs a Python outside of root's home",
)


@dataclass(frozen=True)
class Surroundings:
    """How a program is started: its environment, and the words before its own."""

    environ: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()
    shows: bool = True


ODD = {
    "cron": Surroundings({"PATH": PATH, "HOME": "/", "SHELL": "/bin/sh", "LOGNAME": "root"}),
    "a unit without a home": Surroundings({"PATH": PATH, "INVOCATION_ID": "1", "JOURNAL_STREAM": "8:1"}),
    "nothing at all": Surroundings(),
    "the C locale, without permission to execute": Surroundings(
        {"PATH": PATH, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, ("sh",)
    ),
    "what is set for others or leads nowhere": Surroundings(
        {
            "PATH": PATH,
            "LC_ALL": "xx_YY.UTF-8",
            "HOME": "/nonexistent",
            "XDG_CACHE_HOME": "/nonexistent",
            "TMPDIR": "/nonexistent",
            "CDPATH": "/usr:/tmp",
            "PYTHONHOME": "/nonexistent",
            "PYTHONSTARTUP": "/nonexistent",
        }
    ),
    "closed streams": Surroundings({"PATH": PATH}, ("sh", "-c", '"$@" <&- >&- 2>&-', "sh"), shows=False),
}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project with its environment, in a folder with a space and letters that are not ASCII; others may read it."""
    with tempfile.TemporaryDirectory() as above:
        Path(above).chmod(0o755)
        original = installed(tmp_path_factory)
        yield Path(shutil.copytree(original, Path(above) / "Plüg in ж" / "PlexSync", symlinks=True))


@pytest.fixture(scope="module")
def set_up_by_a_stranger(plugin: Path) -> Iterator[Path]:
    """A copy that belongs to somebody else, who has set it up from packages' files with the system's Python."""
    with tempfile.TemporaryDirectory() as above, tempfile.TemporaryDirectory() as machine:
        for place in (above, machine):
            Path(place).chmod(0o755)
        without = shutil.ignore_patterns(".venv", "data", "tests")
        folder = Path(shutil.copytree(plugin, Path(above) / "PlexSync", symlinks=True, ignore=without))
        for one in (folder, *folder.rglob("*")):
            os.chown(one, STRANGER, STRANGER, follow_symlinks=False)
        # Most of what is installed is not run here, and so need not be compiled.
        environ = {**pip_at_hand(Path(machine), Path("/usr/bin/python3")), "PIP_NO_COMPILE": "0"}
        done = run([folder / "huey_consumer.sh", "--setup"], environ, STRANGER)
        assert done.returncode == 0, done.stderr
        assert "Setting up" in done.stderr
        yield folder


@pytest.fixture
def strangers(set_up_by_a_stranger: Path) -> Iterator[Path]:
    """The same, before its first use."""
    yield set_up_by_a_stranger
    shutil.rmtree(set_up_by_a_stranger / "data")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def run(
    command: Sequence[str | Path], environ: Mapping[str, str], user: int | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        cwd="/",
        check=False,
        user=user,
    )


def settings_of(world: World) -> dict[str, str]:
    return {name: value for name, value in world.environ.items() if name.startswith("PLEXSYNC_")}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_commands_and_consumer_work_there(plugin: Path, world: World, odd: Surroundings, tmp_path: Path) -> None:
    # What lies where PYTHONPATH leads would be taken for ours.
    (tmp_path / "settings.py").write_text("raise SystemExit('not ours')\n")
    environ = {**odd.environ, **settings_of(world), "PYTHONPATH": str(tmp_path)}
    command = [*odd.before, str(plugin / "huey_consumer.sh")]
    scene = world.add("ж und ü.mp4")
    for words, begin in (("--check",), "ok    data folder"), (("status",), "consumer"):
        done = run([*command, *words], environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith(begin if odd.shows else "")
        assert done.stderr == ""
    with world.log_path.open("wb") as log:
        consumer = subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )
    try:
        world.edit(scene, title="Žluťoučký kůň 🌊")
        world.wait_until_right([scene])
    finally:
        # The group: a shell that waits for its child does not pass on a signal.
        os.killpg(consumer.pid, 15)
        consumer.wait(40)
    assert "Traceback" not in world.log_path.read_text()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_no_file_of_ours_is_opened_as_one_of_the_standard_streams(plugin: Path, closed: str, tmp_path: Path) -> None:
    """What is printed would be written into it."""
    environ = {"PATH": PATH, "PLEXSYNC_DATA_DIR": str(tmp_path / "data")}
    done = run(["sh", "-c", f'"$0" "$@" {closed}', plugin / "huey_consumer.sh", "status"], environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("" if closed == ">&-" else "consumer")
    database = (tmp_path / "data/plexsync.db").read_bytes()
    assert database.startswith(b"SQLite format 3\0")


def test_a_pipe_whose_reader_has_gone_is_no_error(plugin: Path, tmp_path: Path) -> None:
    environ = {"PATH": PATH, "PLEXSYNC_DATA_DIR": str(tmp_path / "data")}
    done = run(["sh", "-c", '"$0" status | true', plugin / "huey_consumer.sh"], environ)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_starts_where_its_own_working_directory_was_removed(plugin: Path, tmp_path: Path) -> None:
    environ = {"PATH": PATH, "PLEXSYNC_DATA_DIR": str(tmp_path / "data")}
    (tmp_path / "gone").mkdir()
    script = 'cd "$1" && rmdir "$1" && exec "$0" status'
    done = run(["sh", "-c", script, plugin / "huey_consumer.sh", tmp_path / "gone"], environ)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("consumer")


def test_a_folder_that_is_a_link_is_the_folder_it_leads_to(plugin: Path, world: World, tmp_path: Path) -> None:
    """As where the plugin is kept elsewhere, and linked into Stash's plugins folder."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/PlexSync").symlink_to(plugin)
    environ = {name: value for name, value in settings_of(world).items() if name != "PLEXSYNC_DATA_DIR"}
    script = tmp_path / "plugins/PlexSync/huey_consumer.sh"
    told = {"PLEXSYNC_DATA_DIR": str(plugin / "data"), "PLEXSYNC_AUTOSTART": "false"}
    world.stash.use_hooks(HookRunner(plugin / "PlexSync.yml", env=told, cwd=tmp_path))
    done = run([script, "--check"], {"PATH": PATH, **environ})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"ok    data folder: {plugin}/data")
    shutil.rmtree(plugin / "data")


@as_another_user
def test_what_is_roots_is_said_to_another_user_with_what_to_do(plugin: Path) -> None:
    assert run([plugin / "huey_consumer.sh", "status"], {"PATH": PATH}).returncode == 0
    try:
        for words in (["status"], ["--check"], ["--setup"], ["--demo"], ["--login"], []):
            done = run([plugin / "huey_consumer.sh", *words], {"PATH": "/usr/bin:/bin"}, user=STRANGER)
            said = (done.stdout + done.stderr).splitlines()
            assert done.returncode in (1, 2), words
            assert "belongs to" in " ".join(said), words
            assert "uid 12345" in " ".join(said), words
            assert len(said) <= 2, words
            assert not [line for line in said if "Traceback" in line or "rm:" in line], words
    finally:
        shutil.rmtree(plugin / "data")


@as_another_user
def test_another_user_who_owns_it_all_gets_along(strangers: Path, world: World, tmp_path: Path) -> None:
    scene = world.add("a.mp4")
    environ = {"PATH": "/usr/bin:/bin", **settings_of(world), "PLEXSYNC_DATA_DIR": str(strangers / "data")}
    script = strangers / "huey_consumer.sh"
    python = tmp_path / "python"
    python.write_text(AS_STRANGER)
    python.chmod(0o755)
    told = {"PLEXSYNC_DATA_DIR": str(strangers / "data"), "PLEXSYNC_AUTOSTART": "false"}
    world.stash.use_hooks(HookRunner(strangers / "PlexSync.yml", python=str(python), env=told, cwd=Path("/")))
    checked = run([script, "--check"], environ, STRANGER)
    assert checked.returncode == 0, checked.stdout
    world.edit(scene, title="By somebody else")
    assert {one.error for one in world.stash.hook_runs} == {None}
    consumer = subprocess.Popen([script], env=environ, stderr=subprocess.DEVNULL, cwd="/", user=STRANGER)
    try:
        done = run([script, "sync", str(scene), "--wait"], environ, STRANGER)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        consumer.terminate()
        assert consumer.wait(40) == 0
    assert world.wrong(scene) == []
    assert {one.lstat().st_uid for one in (strangers / "data").rglob("*")} == {STRANGER}


@as_another_user
def test_files_that_root_made_are_said_with_their_owner_and_what_to_do(strangers: Path) -> None:
    def start(word: str) -> subprocess.CompletedProcess[str]:
        return run([strangers / "huey_consumer.sh", word], {"PATH": "/usr/bin:/bin"}, STRANGER)

    assert start("status").returncode == 0
    (strangers / "data/inbox").mkdir(mode=0o700)
    os.chown(strangers / "data/inbox", STRANGER, STRANGER)
    for name in ("plexsync.db", "inbox", ""):
        place = strangers / "data" / name
        place.chmod(place.stat().st_mode & 0o700)
        os.chown(place, 0, 0)
        done, checked = start("status"), start("--check")
        # Of the inbox, events that wait cannot be seen; all else can be told.
        assert done.returncode == (0 if name == "inbox" else 1)
        assert checked.returncode in (1, 2)
        for said in (done.stderr, checked.stdout + checked.stderr):
            assert "This process is uid 12345" in said
            assert f"{place} belongs to uid 0" in said
        assert len(done.stderr.splitlines()) <= 2
        os.chown(place, STRANGER, STRANGER)
    assert start("status").returncode == 0


def test_a_machine_that_is_not_online_is_told_so(plugin: Path, tmp_path: Path, at_hand: Mapping[str, str]) -> None:
    folder = tmp_path / "PlexSync"
    shutil.copytree(plugin, folder, ignore=shutil.ignore_patterns(".venv*", "data", "tests", "docs"))
    # All others are at hand.
    with (folder / "requirements.txt").open("a") as file:
        file.write(f"nobodys-package-of-all==1.0 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    done = run([folder / "huey_consumer.sh"], {"PATH": at_hand["PATH"], **nowhere})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Is this machine online?")
    assert "Traceback" not in done.stderr
