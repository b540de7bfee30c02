"""A PostgreSQL for the tests of one run: made in a folder of its own, and gone with it.

It is as fast as it can be, since nothing in it has to survive the machine: that a commit is on the disk is PostgreSQL's
own business. Of a run with several workers the first that needs it starts it for all.

    .venv/bin/python -m tests.support.postgres_server    # says where PostgreSQL's programs are, or why there are none
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

#: The environment variable with the address of the server that tests are run on in place of files, or ``own``.
ADDRESS = "PLEXSYNC_TEST_POSTGRES"
#: The environment variable by which the workers of one run know the folder of the server that they share.
SHARED = "PLEXSYNC_TEST_POSTGRES_FOLDER"
#: Beside a file's path: the name of the schema that stands for it, for all processes of a test.
SUFFIX = ".schema"
#: Where Debian, and others, have the programs.
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin")
#: Who is root cannot run it: as whom then.
_USER = "postgres"
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 300
shared_buffers = 64MB
max_wal_size = 256MB
wal_level = minimal
max_wal_senders = 0
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
lc_messages = 'C'
"""


class NoServer(Exception):
    """There is no PostgreSQL to be had here; the text says why."""


def programs() -> Path:
    """The folder of ``initdb`` and ``postgres``.

    :raises NoServer: they are not there.
    """
    found = [folder for place in _PLACES for folder in Path("/").glob(place[1:]) if (folder / "initdb").exists()]
    if found:
        return max(found, key=lambda folder: [int(part) for part in folder.parent.name.split("-") if part.isdecimal()])
    if there := shutil.which("initdb"):
        return Path(there).resolve().parent
    raise NoServer("PostgreSQL is not installed (Debian: apt-get install postgresql)")


class Server:
    """One that runs, made by ``start``.

    :param folder: where it is: its data, its log, and the port in a file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._port = int((folder / "port").read_text())

    @property
    def url(self) -> str:
        """Its address, with a database that everything may be done with."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    @property
    def pid(self) -> int:
        """Its first process."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it at once, as it ends when one of its processes dies; or, with SIGINT, as when it is started anew."""
        pid = self.pid
        os.kill(pid, how)
        _until(lambda: not _runs(pid))

    def again(self) -> None:
        """Start it once more where it was."""
        if not _run(self.folder, self._port):
            raise NoServer((self.data / "log.txt").read_text(errors="replace")[-400:])

    def stop(self) -> None:
        """End it, and remove it."""
        if (self.data / "postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(folder: Path, more: str = "") -> Server:
    """Make a server in an empty folder, and start it.

    :param more: lines of settings, over ours.
    :raises NoServer: there is none to be had.
    """
    bin_folder = programs()
    user = _user()
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        # It runs as somebody else, who has to come this far.
        os.chown(folder, user.pw_uid, user.pw_gid)
    made = _as(user, [bin_folder / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8",
                      "--locale=C", "-N"])  # fmt: skip
    if made.returncode:
        said = (made.stdout + made.stderr).decode(errors="replace").strip()[-400:]
        raise NoServer(f"initdb failed with {made.returncode}: {said}")
    with (folder / "data/postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS + more)
    for _ in range(3):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        if _run(folder, port):
            (folder / "port").write_text(str(port))
            return Server(folder)
    raise NoServer(f"it does not start: {(folder / 'data/log.txt').read_text(errors='replace')[-400:]}")


def shared() -> Server:
    """The server of this run of tests, started by whoever comes first; see ``prepared``.

    :raises NoServer: there is none to be had.
    """
    folder = Path(os.environ[SHARED])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "none").exists():
            raise NoServer((folder / "none").read_text())
        if not (folder / "server/port").exists():
            try:
                _end_with_the_run(start(folder / "server"))
            except NoServer as error:
                (folder / "none").write_text(str(error))
                raise
    return Server(folder / "server")


def prepared() -> None:
    """Before the workers of a run of tests are there: where they find the server that they share."""
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="plexsync-pg-")
        # Whoever it runs as has to come through.
        Path(os.environ[SHARED]).chmod(0o711)
        (Path(os.environ[SHARED]) / "run").write_text(str(os.getpid()))


def over() -> None:
    """After a run of tests: end what it started."""
    folder = Path(os.environ.pop(SHARED))
    if (folder / "server/port").exists():
        Server(folder / "server").stop()
    shutil.rmtree(folder, ignore_errors=True)


def _end_with_the_run(server: Server) -> None:
    """See to it that it ends where the run of tests is killed, too, and cannot see to it itself."""
    run = (server.folder.parent / "run").read_text()
    script = f"while kill -0 {run} && kill -0 {server.pid}; do sleep 2; done; kill -QUIT {server.pid}"
    null = subprocess.DEVNULL
    subprocess.run(
        ["/bin/sh", "-c", f"({script}) &"], stdin=null, stdout=null, stderr=null, start_new_session=True, check=True
    )


def _user() -> pwd.struct_passwd | None:
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        raise NoServer(f"root cannot run PostgreSQL, and there is no user {_USER}") from None


def _as(user: pwd.struct_passwd | None, command: Sequence[str | Path]) -> subprocess.CompletedProcess[bytes]:
    ids = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, env=environment, cwd="/", check=False, **ids)  # type: ignore[call-overload,no-any-return]


def _run(folder: Path, port: int) -> bool:
    command = [programs() / "pg_ctl", "-D", folder / "data", "-o", f"-p {port}", "-l", folder / "data/log.txt", "-w",
               "-t", "30", "start"]  # fmt: skip
    ids = _user()
    pass_on = {} if ids is None else {"user": ids.pw_uid, "group": ids.pw_gid, "extra_groups": []}
    # Not with pipes: the server would keep them open.
    null = subprocess.DEVNULL
    return not subprocess.run(command, stdin=null, stdout=null, stderr=null, cwd="/", check=False, **pass_on).returncode  # type: ignore[call-overload]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that nobody has waited for yet has ended.
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path(f"/proc/{pid}").exists() else True


def _until(condition: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise NoServer("PostgreSQL does not end")
        time.sleep(0.01)


if __name__ == "__main__":
    try:
        print(f"PostgreSQL is in {programs()}")
    except NoServer as nothing:
        sys.exit(str(nothing))
