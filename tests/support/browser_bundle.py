"""The small Stash that the browser tests run in: its packages from npm, bundled into one script, kept outside the tree.

    python -m tests.support.browser_bundle      makes it, or says why it cannot

Both are made once for each state of the files they come from, and kept in ``~/.cache/plexsync-browser-tests``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.places import ROOT

HERE = ROOT / "tests" / "browser"
#: Seconds that npm may take.
NPM_TIMEOUT = 300


class Missing(Exception):
    """The machine lacks what the browser tests need; says what."""


def chromium() -> str:
    """The system's Chromium; the one without windows where there is both, which has less to do besides the page.

    :raises Missing: there is none.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise Missing("no Chromium on this machine (apt-get install chromium-headless-shell, or chromium)")


def bundle() -> Path:
    """The folder with ``host.js``, ``host.css`` and ``axe.js``, made where it is not there yet.

    :raises Missing: there is no node or npm, the packages cannot be had, or there is nowhere to keep them.
    """
    try:
        return _bundle()
    except OSError as error:
        raise Missing(f"what the browser loads cannot be kept: {error}") from error


def _bundle() -> Path:
    sources = sorted((HERE / "host").iterdir())
    packages = _cache() / f"packages-{_digest([HERE / 'package-lock.json'])}"
    made = _cache() / f"host-{_digest([Path(__file__), HERE / 'package-lock.json', *sources])}"
    with _alone():
        if not made.is_dir():
            if not (packages / "node_modules").is_dir():
                _install(packages)
            _build(packages, made)
    return made


def _install(packages: Path) -> None:
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("no node and npm on this machine (apt-get install nodejs npm)")
    half = packages.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, half / name)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], half, "npm cannot get the packages")
    half.rename(packages)


def _build(packages: Path, made: Path) -> None:
    half = made.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    command = [
        str(packages / "node_modules/.bin/esbuild"),
        f"--outfile={half / 'host.js'}",
        str(HERE / "host" / "index.js"),
        "--bundle",
        "--loader:.js=jsx",
        "--target=chrome100",
        "--minify",
        '--define:process.env.NODE_ENV="production"',
    ]
    _run(command, HERE, "esbuild cannot bundle it", {"NODE_PATH": str(packages / "node_modules")})
    shutil.copyfile(packages / "node_modules/axe-core/axe.min.js", half / "axe.js")
    look = (packages / "node_modules/bootstrap/dist/css/bootstrap.min.css").read_text(encoding="utf-8")
    (half / "host.css").write_text(f"{look}\n{(HERE / 'host/theme.css').read_text(encoding='utf-8')}", encoding="utf-8")
    half.rename(made)


def _run(command: list[str], folder: Path, failed: str, more: dict[str, str] | None = None) -> None:
    try:
        ended = subprocess.run(
            command, cwd=folder, env={**os.environ, **(more or {})}, capture_output=True, text=True, timeout=NPM_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{failed}: {error}") from error
    if ended.returncode:
        raise Missing(f"{failed}: {(ended.stderr or ended.stdout).strip()[-500:]}")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plexsync-browser-tests"


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """Tests in several processes make it once."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        chromium()
        print(f"Ready for the browser tests: {bundle()}")
    except Missing as missing:
        sys.exit(f"The browser tests will be skipped: {missing}")
