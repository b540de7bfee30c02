"""The environment of the consumer, in plugin folders that are moved, copied, shared, and owned by others."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plexsync.installation import environment_fit as environment
from tests.support.installed import clone_of, installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

#: Somebody who is neither root nor the owner of anything here.
STRANGER = 12345


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with its environment, in a folder with a space and letters that are not ASCII."""
    return installed(tmp_path_factory)


@pytest.fixture
def clone(original: Path, tmp_path: Path) -> Path:
    """A copy of it, environment and all."""
    return clone_of(original, tmp_path / "PlexSync")


@pytest.fixture
def readable(original: Path) -> Iterator[Path]:
    """The same where others may go: pytest's own folders are for one user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copytree(original, Path(folder) / "PlexSync", symlinks=True))


def start(
    folder: Path, *words: str, python: str | None = None, user: int | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin" if user is None else "/usr/bin:/bin"
    named = {"PYTHON": python} if python else {}
    # What is installed here is started once or twice.
    named["PIP_NO_COMPILE"] = "0"
    return subprocess.run(
        [str(folder / "huey_consumer.sh"), *words],
        env={"PATH": path, **named, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        cwd="/",
        check=False,
        user=user,
    )


def code_of(folder: Path, done: subprocess.CompletedProcess[str]) -> Path:
    """Where the code lies that the folder's own environment runs."""
    assert done.returncode == 0, done.stderr
    command = [folder / ".venv/bin/python", "-c", "import plexsync; print(plexsync.__file__)"]
    answer = subprocess.run(command, capture_output=True, text=True, cwd="/", check=True)
    return Path(answer.stdout.strip()).parents[1]


def test_a_folder_that_was_moved_with_its_environment_starts_at_once(clone: Path) -> None:
    moved = clone.rename(clone.parent / "renamed")
    done = start(moved, "status")
    assert "Setting up" not in done.stderr
    assert code_of(moved, done) == moved


def test_a_copy_runs_its_own_code_on_its_own_data(original: Path, clone: Path) -> None:
    done = start(clone, "--check", PLEXSYNC_STASH_URL="http://127.0.0.1:9")
    assert str(clone / "data") in done.stdout
    assert code_of(clone, start(clone, "status")) == clone
    assert str(original) not in done.stdout + done.stderr


def test_the_script_is_found_through_links_and_by_relative_ones(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/first").symlink_to(clone / "huey_consumer.sh")
    (tmp_path / "bin/second").symlink_to("first")
    environ = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [tmp_path / "bin/second", "status"], env=environ, capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr
    assert (clone / "data/plexsync.db").exists()


def test_another_python_gets_an_environment_of_its_own(clone: Path, at_hand: Mapping[str, str]) -> None:
    """As after an upgrade of the system's Python: what the environment's link leads to is another one now."""
    stamp = clone / ".venv" / environment.STAMP
    stamp.write_text(stamp.read_text().replace('"python": ["', '"python": ["/was/another'))
    shutil.rmtree(clone / ".venv/lib")
    done = start(clone, "status", **at_hand)
    assert done.returncode == 0, done.stderr
    assert "Setting up" in done.stderr
    assert "Setting up" not in start(clone, "status").stderr


def test_an_environment_with_a_package_missing_is_mended(clone: Path, at_hand: Mapping[str, str]) -> None:
    (package,) = (clone / ".venv").glob("lib/python3*/site-packages/tenacity-*.dist-info")
    shutil.rmtree(package)
    done = start(clone, "status", **at_hand)
    assert done.returncode == 0, done.stderr
    assert "Setting up" in done.stderr


def test_an_environment_from_before_there_were_stamps_is_taken_over(clone: Path, at_hand: Mapping[str, str]) -> None:
    (clone / ".venv" / environment.STAMP).unlink()
    (pth,) = (clone / ".venv").glob("lib/python3*/site-packages/plexsync.pth")
    pth.write_text("/somewhere/else\n")
    assert code_of(clone, start(clone, "status", **at_hand)) == clone


def test_another_platforms_environment_is_left_alone_and_two_starts_at_once_make_one_beside_it(
    clone: Path, at_hand: Mapping[str, str]
) -> None:
    stamp = clone / ".venv" / environment.STAMP
    others = stamp.read_text().replace(environment.platform(), "linux-riscv64-musl")
    stamp.write_text(others)
    command = [str(clone / "huey_consumer.sh"), "status"]
    both = [subprocess.Popen(command, env=at_hand, stderr=subprocess.PIPE, text=True, cwd="/") for _ in range(2)]
    said = [one.communicate(timeout=300)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert sum("Setting up" in one for one in said) == 1
    assert stamp.read_text() == others
    assert [one.name for one in clone.glob(".venv-*")] == [
        f".venv-{environment.platform()}-{sys.version_info.major}.{sys.version_info.minor}"
    ]
    assert "Setting up" not in start(clone, "status").stderr


def test_an_environment_is_not_changed_under_a_consumer_that_runs_with_it(clone: Path) -> None:
    with (clone / "requirements.txt").open("a") as requirements:
        requirements.write("# changed\n")
    code = "import sys; from plexsync.cli import environment; environment.hold(); print(); sys.stdin.read()"
    with subprocess.Popen(
        [clone / ".venv/bin/python", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/"
    ) as runs:
        assert runs.stdout
        runs.stdout.readline()
        done = start(clone, "status")
        assert done.returncode == 1
        assert "stop that consumer first" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        runs.kill()
    assert start(clone, "status").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="there is no Python that another user may run")
def test_another_users_environment_that_does_not_fit_is_said_in_one_line(readable: Path) -> None:
    (readable / ".venv" / environment.STAMP).unlink()
    before = sorted(one.name for one in (readable / ".venv/bin").iterdir())
    done = start(readable, "status", python="/usr/bin/python3", user=STRANGER)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "belongs to root (uid 0), and this is uid 12345" in line
    assert sorted(one.name for one in (readable / ".venv/bin").iterdir()) == before


def test_a_missing_file_of_requirements_is_said(clone: Path) -> None:
    done = start(clone, "--setup", "no-such.txt")
    assert done.returncode == 1
    assert done.stderr == f"there is no {clone}/no-such.txt\n"


def test_packages_come_from_a_folder_where_there_is_no_network_and_only_with_the_right_hash(clone: Path) -> None:
    wheels = clone / "my wheels"
    wheels.mkdir()
    wheel = wheels / "tiny_of_ours-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        noted = "tiny_of_ours-1.0.dist-info"
        file.writestr("tiny_of_ours.py", "")
        file.writestr(f"{noted}/METADATA", "Metadata-Version: 2.1\nName: tiny-of-ours\nVersion: 1.0\n")
        file.writestr(f"{noted}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{noted}/RECORD", "")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    wanted = clone / "requirements-own.txt"

    def set_up(digest: str, folder: Path = wheels) -> subprocess.CompletedProcess[str]:
        wanted.write_text(f"-r requirements.txt\ntiny-of-ours==1.0 \\\n    --hash=sha256:{digest}\n")
        return start(clone, "--setup", wanted.name, PLEXSYNC_WHEELS=str(folder))

    refused = set_up("0" * 64)
    assert refused.returncode == 1
    assert "not the file that PlexSync was tested with" in refused.stderr
    missing = set_up(found, wheels / "nowhere")
    assert missing.returncode == 1
    assert "PLEXSYNC_WHEELS is" in missing.stderr
    assert set_up(found).returncode == 0
    assert list((clone / ".venv").glob("lib/python3*/site-packages/tiny_of_ours.py"))
