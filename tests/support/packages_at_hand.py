"""A machine on which an environment is made in a few seconds: for tests that are about what else a set-up does.

Most of what a set-up takes of the processor goes into installing pip, and into asking the package index. Here ``venv``
gets pip as a copy, and pip finds the packages' files in a folder; all else is as anywhere. From nothing, and from the
index, the environment of these tests themselves is made, and that of another user in ``test_odd_surroundings``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
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
        for one in Path({source!r}).glob("pip*"):
            shutil.copytree(one, place / one.name)
    venv.EnvBuilder._setup_pip = copy
"""


def packages_at_hand(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The variables of a shell on such a machine; it is made once for each worker that asks."""
    place = tmp_path_factory.mktemp("machine") / "python"
    subprocess.run([Path(sys.executable).resolve(), "-m", "venv", "--without-pip", place], check=True)
    (packages,) = place.glob("lib/python3*/site-packages")
    (source,) = (Path(sys.prefix) / "lib").glob("python3*/site-packages")
    (packages / "sitecustomize.py").write_text(_QUICK_VENV.format(source=str(source)), encoding="utf-8")
    return {"PATH": f"{place}/bin:/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(_wheels())}


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
