"""A machine on which an environment is made in a second or two: for tests that are about what else a set-up does.

Most of what a set-up takes of the processor goes into installing pip and the packages, and into asking the package
index. Here ``venv`` copies both from the environment of these tests, where pip finds them. Those that are missing after
all it finds in a folder with the packages' files. A clone finds compiled what is compiled here. All else is real.
Another user's environment in ``test_odd_surroundings`` gets pip alone so, which installs the packages from their files.
From nothing, and from the index, the environment of these tests themselves is made.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pytest

from plexsync.installation import environment_fit as environment
from tests.support.places import ROOT

#: All packages that a set-up of these tests may ask for.
WANTED = "requirements-demo.txt"
#: What the machine's Python runs when it starts.
_QUICK_VENV = """
import sys
if sys.orig_argv[1:3] == ["-m", "venv"]:
    import shutil, venv
    from pathlib import Path
    def copy(self, context):
        (place,) = Path(context.env_dir).glob("lib/python3*/site-packages")
        shutil.copytree({source!r}, place, symlinks=True, dirs_exist_ok=True)
    venv.EnvBuilder._setup_pip = copy
"""


def packages_at_hand(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The variables of a shell on such a machine; it is made once for each worker that asks."""
    machine = tmp_path_factory.mktemp("machine")
    path = _python(machine, Path(sys.executable).resolve(), environment.versions(str(ROOT), WANTED))
    return {**_offline(path, _wheels()), "GIT_TEMPLATE_DIR": str(_hooks(machine / "git"))}


def pip_at_hand(machine: Path, python: Path) -> Mapping[str, str]:
    """The variables of a shell on a machine that others may use: packages are installed there, from their files.

    :param machine: a folder that they may read.
    :param python: theirs.
    """
    wheels = Path(shutil.copytree(_wheels(), machine / "wheels"))
    wheels.chmod(0o755)
    return _offline(_python(machine, python), wheels)


def _offline(path: str, wheels: Path) -> dict[str, str]:
    return {"PATH": path, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}


def _python(machine: Path, python: Path, names: Iterable[str] = ()) -> str:
    """A ``PATH`` with a Python that copies pip and these packages into each environment."""
    place = machine / "python"
    subprocess.run([python, "-m", "venv", "--without-pip", place], check=True)
    (packages,) = place.glob("lib/python3*/site-packages")
    _copy_packages(machine / "packages", ("pip", *names))
    (packages / "sitecustomize.py").write_text(_QUICK_VENV.format(source=str(machine / "packages")), encoding="utf-8")
    return f"{place}/bin:/usr/bin:/bin"


def _copy_packages(place: Path, names: Iterable[str]) -> None:
    """These, as they are in the environment of these tests."""
    for name in names:
        distribution = metadata.distribution(name)
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            # Commands beside the packages name the Python of these tests.
            if ".." not in file.parts and source.is_file():
                (place / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place / file)


def _hooks(place: Path) -> Path:
    """What git puts into each clone: the same code is put in place once more, with what is compiled of it."""
    (place / "hooks").mkdir(parents=True)
    hook = place / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\nexec cp -a {shlex.quote(str(ROOT))}/plexsync {shlex.quote(str(ROOT))}/tasks .\n")
    hook.chmod(0o755)
    return place


def _wheels() -> Path:
    """The folder with the packages' files, kept for the next run."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plexsync-tests"
    kept.mkdir(parents=True, exist_ok=True)
    made_for = f"{environment.platform()}-{sys.version_info.major}.{sys.version_info.minor}"
    wheels = kept / f"wheels-{made_for}-{environment.digest(str(ROOT), WANTED)[:16]}"
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wheels.is_dir():
            with tempfile.TemporaryDirectory(dir=kept) as fresh:
                pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--require-hashes"]
                subprocess.run([*pip, "-d", fresh, "-r", str(ROOT / WANTED)], check=True, timeout=300)
                shutil.copytree(fresh, wheels)
    return wheels
