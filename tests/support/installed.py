"""The project as a person has it after its set-up: a folder with the files and an environment of their own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from plexsync.installation import environment_fit as environment
from tests.support.packages_at_hand import packages_at_hand
from tests.support.places import ROOT

#: What is set for pip on some systems; it belongs to installations outside of an environment.
_OF_OTHERS = {"PIP_USER": "1", "PIP_TARGET": "elsewhere"}


def copied_to(folder: Path) -> Path:
    """What a clone holds but for the tests: no environment and no data; what is compiled already is the same there."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    # To copy the tests, once for each of many tests, would take as long as all else.
    for name in [*map(Path, listed), *compiled_files()]:
        if name.parts[0] != "tests" and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def compiled_files() -> list[Path]:
    """What Python has compiled of the program; of use beside files that have kept their times."""
    return [path.relative_to(ROOT) for room in ("plexsync", "tasks") for path in (ROOT / room).rglob("*.pyc")]


def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that was set up, in a folder with a space and letters that are not ASCII; made once for all workers.

    Whoever changes anything in it takes a copy.
    """
    base = tmp_path_factory.getbasetemp()
    above = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "installed"
    above.mkdir(exist_ok=True)
    folder = above / "Plüg in ж" / "PlexSync"
    with (above / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / environment.NAME / environment.STAMP).exists():
            copied_to(folder)
            elsewhere = {name: value.replace("elsewhere", f"{above}/elsewhere") for name, value in _OF_OTHERS.items()}
            said = _set_up(folder, {**packages_at_hand(tmp_path_factory), **elsewhere})
            assert "Setting up" in said
            assert not (above / "elsewhere").exists()
    return folder


def clone_of(original: Path, folder: Path) -> Path:
    """A copy of it with its environment, in which all but the insides of packages may be written to.

    Those are the same files, which whoever renews a package replaces, as pip and Python do.
    """
    return Path(shutil.copytree(original, folder, symlinks=True, copy_function=_linked_or_copied))


def _linked_or_copied(source: str, target: str) -> object:
    _, is_package, inside = source.rpartition("/site-packages/")
    if is_package and "/" in inside and not inside.endswith(".dist-info/RECORD"):
        # A link leads to no other disk.
        with suppress(OSError):
            os.link(source, target)
            return target
    return shutil.copy2(source, target)


def borrow_environment(folder: Path) -> None:
    """An environment in the plugin's folder whose packages are those of this one; to make one takes half a minute."""
    own, new = ROOT / ".venv", folder / ".venv"
    packages = next((own / "lib").glob("python3*/site-packages"))
    place = new / packages.relative_to(own)
    place.mkdir(parents=True)
    for one in packages.iterdir():
        if one.name != "plexsync.pth":
            (place / one.name).symlink_to(one)
    (place / "plexsync.pth").write_text("../../../..\n")
    (new / "bin").mkdir()
    (new / "bin" / "python").symlink_to((own / "bin" / "python").resolve())
    for name in ("pyvenv.cfg", "plexsync.json"):
        shutil.copy2(own / name, new / name)


def _set_up(folder: Path, environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        [folder / "huey_consumer.sh", "--setup", "requirements-demo.txt"],
        env={"LC_ALL": "C", **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
