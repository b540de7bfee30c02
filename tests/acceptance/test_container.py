"""The container's entry point and health check, as scripts in a tree that holds what the image would.

No engine is needed. ``su-exec`` of the image is played by ``setpriv``, and only where root runs the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.installed import borrow_environment
from tests.support.places import ROOT
from tests.unit.test_deploy import copied

SHELL = ["busybox", "sh"] if shutil.which("busybox") else ["sh"]
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become somebody else"
)
SU_EXEC = """#!/bin/sh
who=$1
shift
exec setpriv --reuid "${who%:*}" --regid "${who#*:}" --clear-groups -- "$@"
"""
#: In place of huey_consumer.sh: says who runs it, where, and with what.
TELLS = '#!/bin/sh\necho "$(id -u):$(id -g) $(pwd) $$ $*"\n'


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


@pytest.fixture
def app(place: Path) -> Path:
    """The image's folder with the entry point, linked to from another place as in the image."""
    folder = place / "app"
    (folder / "deploy/docker").mkdir(parents=True)
    shutil.copy2(ROOT / "deploy/docker/entrypoint.sh", folder / "deploy/docker/entrypoint.sh")
    (place / "bin").mkdir()
    (place / "bin/plexsync").symlink_to(folder / "deploy/docker/entrypoint.sh")
    for path, text in ((folder / "huey_consumer.sh", TELLS), (place / "bin/su-exec", SU_EXEC)):
        path.write_text(text)
        path.chmod(0o755)
    return folder


@pytest.fixture
def data(place: Path) -> Path:
    folder = place / "config"
    folder.mkdir(mode=0o700)
    return folder


def environ(app: Path, data: Path, **more: str) -> dict[str, str]:
    path = f"{app.parent / 'bin'}:{Path(sys.executable).resolve().parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "PLEXSYNC_DATA_DIR": str(data), **more}


def run(app: Path, data: Path, *words: str, user: str = "", **more: str) -> tuple[int, str, str]:
    """Start the container as ``user`` (``uid:gid``), as root where that is empty."""
    before: Sequence[str] = [app.parent / "bin/su-exec", user] if user else []  # type: ignore[list-item]
    command = [*map(str, before), *SHELL, str(app.parent / "bin/plexsync"), *words]
    done = subprocess.run(
        command, env=environ(app, data, **more), capture_output=True, text=True, check=False, timeout=60, cwd="/"
    )
    return done.returncode, done.stdout, done.stderr


@as_root
def test_root_becomes_the_user_that_is_asked_for_and_gives_it_the_new_folder(app: Path, data: Path) -> None:
    code, said, wrong = run(app, data, "scene", "1", PUID="1234", PGID="1235")
    assert (code, wrong) == (0, "")
    who, where, _, *words = said.split()
    assert (who, where, words) == ("1234:1235", str(app), ["scene", "1"])
    assert (data.stat().st_uid, data.stat().st_gid) == (1234, 1235)
    assert [*data.iterdir()] == []


@as_root
def test_root_becomes_an_ordinary_user_unless_it_is_asked_to_stay(app: Path, data: Path) -> None:
    assert run(app, data, PUID="0")[1].startswith("0:0 ")
    assert run(app, data)[1].startswith("1000:1000 ")


@as_root
def test_a_user_of_the_compose_text_stays_who_it_is(app: Path, data: Path) -> None:
    os.chown(data, 1234, 1235)
    assert run(app, data, "status", user="1234:1235")[1].startswith("1234:1235 ")
    assert run(app, data, "status", user="1234:1235", PUID="1234")[0] == 0


@as_root
def test_a_user_that_cannot_become_the_one_that_is_asked_for_is_told(app: Path, data: Path) -> None:
    code, _, wrong = run(app, data, user="1234:1235", PUID="99", PGID="100")
    assert code == 1
    assert 'user: "99:100"' in wrong
    assert 'user: "0:0"' in wrong


@as_root
def test_a_folder_that_belongs_to_somebody_else_is_named_and_not_given_away(app: Path, data: Path) -> None:
    (data / "plexsync.db").touch(mode=0o600)
    code, _, wrong = run(app, data, PUID="1234", PGID="1235")
    assert code == 1
    assert f"{data} cannot be written to by user 1234 (it belongs to 0:0)" in wrong
    assert "chown -R 1234:1235" in wrong
    assert data.stat().st_uid == 0
    os.chown(data, 1234, 1235)
    code, _, wrong = run(app, data, PUID="1234", PGID="1235")
    assert code == 1
    assert f"{data / 'plexsync.db'} belongs to user 0 and is closed to user 1234" in wrong


@pytest.mark.parametrize("number", ["x", "-1", "1 2", "99999999999", "root"])
@as_root
def test_what_is_no_number_is_told(app: Path, data: Path, number: str) -> None:
    code, _, wrong = run(app, data, PUID=number)
    assert code == 1
    assert wrong.startswith("plexsync: PUID is no number")


def test_a_folder_that_is_missing_is_told_unless_it_is_not_needed(app: Path, data: Path) -> None:
    data.rmdir()
    code, _, wrong = run(app, data, PUID="0")
    assert (code, wrong) == (1, f"plexsync: there is no folder {data}: mount PlexSync's data folder there\n")
    assert run(app, data, "--version", PUID="0")[0] == 0


def test_the_consumer_runs_is_healthy_and_ends_by_the_signal_that_is_sent_to_it(app: Path, data: Path) -> None:
    for name in copied():
        source, target = ROOT / name, app / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    borrow_environment(app)
    (data.parent / "token").write_text("a-token\n")
    # Nobody is there to sync from or to.
    given = environ(
        app,
        data,
        PUID="0",
        PLEXSYNC_STASH_URL="http://127.0.0.1:9",
        PLEXSYNC_PLEX_URL="http://127.0.0.1:9",
        PLEXSYNC_PLEX_TOKEN_FILE=str(data.parent / "token"),
    )
    check = [sys.executable, "-I", "-S", app / "plexsync/healthcheck.py"]

    def health() -> tuple[int, str]:
        done = subprocess.run(check, env=given, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, json.loads(done.stdout)["text"]

    assert health() == (1, "no consumer has run here, or its status.json cannot be read")
    command = [*SHELL, str(app.parent / "bin/plexsync")]
    with (data.parent / "log").open("w") as log:
        consumer = subprocess.Popen(command, env=given, stdout=log, stderr=log, cwd="/", stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while (found := health())[0]:
            assert consumer.poll() is None, (data.parent / "log").read_text()
            assert time.monotonic() < until, (found, (data.parent / "log").read_text())
        # The very process that was started: nothing stands between an engine's signal and the consumer.
        consumer.send_signal(signal.SIGTERM)
        assert consumer.wait(40) in (0, -signal.SIGTERM)
    finally:
        consumer.kill()
        consumer.wait()
    assert health()[0] == 1
