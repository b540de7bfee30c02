"""The database is carried to PostgreSQL and back: whole, however often that is killed, and while nobody uses it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import pytest

from plexsync.storage.consumer_lock import ConsumerLock
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.storage.moving_targets import SPACE, FileTarget, ServerTarget
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support import programs
from tests.support.filled_tables import fill, held, held_by
from tests.support.places import ROOT
from tests.support.postgres_server import Server
from tests.support.spaces import new_database

pytestmark = pytest.mark.sqlite

#: With a password: the server asks for none, and nothing may show it.
SECRET = "pa55w0rd-of-nobody"


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """An empty PostgreSQL."""
    with new_database(server) as url:
        yield url.replace("postgres@", f"postgres:{SECRET}@")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def environment(folder: Path, named: str | None = None) -> dict[str, str]:
    plain = {**os.environ, "PLEXSYNC_DATA_DIR": str(folder)}
    return plain if named is None else {**plain, "PLEXSYNC_DATABASE_URL": named}


def migrate(folder: Path, *words: str, named: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "plexsync", "migrate", *words]
    done = programs.run(command, env=environment(folder, named), cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert SECRET not in done.stdout + done.stderr
    return done


def opened(url: str, folder: Path) -> PostgresDatabase:
    return PostgresDatabase(url, folder / DATABASE_NAME)


def test_everything_goes_to_postgresql_and_comes_back_as_it_was(folder: Path, url: str) -> None:
    path = folder / DATABASE_NAME
    fill(path, 150)
    before = held_by(path)
    went = migrate(folder, "--to", url, "--json")
    assert went.returncode == 0, went.stderr
    told = json.loads(went.stdout)
    assert {name: table["rows"] for name, table in told["tables"].items()} == {k: len(v) for k, v in before.items()}
    assert held_by(path) == before
    with closing(opened(url, folder)) as there:
        assert held(there) == before
        # What is new gets a number that none had, also of those that are gone.
        with there.write() as db:
            db.execute("insert into set_aside (queue, data, reason, origin, at) values ('q', ?, '', '', 1)", (b"x",))
            db.execute("insert into outcome (at, scene_id, outcome) values (1, 1, 'synced')")
            assert db.execute("select max(id) from set_aside").fetchone()[0] == 451
            assert db.execute("select max(id) from outcome").fetchone()[0] == 451
            db.execute("delete from outcome where id = 451")
        now = held(there)
    came = migrate(folder, "--to", "sqlite", "--replace", named=url)
    assert came.returncode == 0, came.stderr
    assert f"{path}.before-migrate-" in came.stdout
    assert held_by(path) == now
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in folder.iterdir() if "moving" in one.name] == []
    with closing(Database(path)) as file, file.write() as db:
        db.execute("insert into set_aside (queue, data, reason, origin, at) values ('q', ?, '', '', 1)", (b"x",))
        assert db.execute("select max(id) from set_aside").fetchone()[0] == 452
    # A move back and forth is no loss: nothing is asked for anew.
    assert not list(folder.glob("inbox/*everything*"))


@pytest.mark.parametrize("back", [False, True])
def test_killed_anywhere_it_goes_on_and_nothing_is_doubled_or_lost(folder: Path, url: str, back: bool) -> None:
    path = folder / DATABASE_NAME
    fill(path, 200, 5000)
    before = held_by(path)
    words, named = ["--to", url], None
    if back:
        assert migrate(folder, "--to", url).returncode == 0
        path.rename(folder / "elsewhere.db")
        words, named = ["--to", "sqlite"], url
    for at in (1, 3000, 7000):
        command = [sys.executable, "-P", "-m", "plexsync", "migrate", *words]
        process = programs.Popen(command, env=environment(folder, named), cwd=ROOT, stdout=subprocess.DEVNULL)
        while process.poll() is None and rows_carried(folder, url, back=back) < at:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert at <= rows_carried(folder, url, back=back) < 12_000
        if back:
            assert not path.exists()
        else:
            with closing(opened(url, folder)) as there, there.read() as db, pytest.raises(sqlite3.DatabaseError):
                db.execute("select count(*) from scene")
    whole = migrate(folder, *words, named=named)
    assert whole.returncode == 0, whole.stderr
    if back:
        assert held_by(path) == before
    else:
        assert held_by(path) == before
        with closing(opened(url, folder)) as there:
            assert held(there) == before


def rows_carried(folder: Path, url: str, *, back: bool) -> int:
    """How many rows the target says it has by now."""
    sql = "select coalesce(sum(carried), 0) from moving"
    try:
        if back:
            with closing(sqlite3.connect(f"file:{folder}/moving/{DATABASE_NAME}?mode=ro", uri=True)) as file:
                return int(file.execute(sql).fetchone()[0])
        with closing(PostgresSession(url, SPACE)) as session:
            return int(session.run(sql).fetchone()[0])
    except sqlite3.Error:
        return 0


def test_what_changes_meanwhile_is_carried_too(folder: Path, url: str) -> None:
    path = folder / DATABASE_NAME
    fill(path, 200, 5000)
    command = [sys.executable, "-P", "-m", "plexsync", "migrate", "--to", url]
    process = programs.Popen(command, env=environment(folder), cwd=ROOT, stdout=subprocess.DEVNULL)
    while rows_carried(folder, url, back=False) < 5000:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with closing(sqlite3.connect(path)) as changed, changed:
        changed.execute("update candidate set title = 'another' where scene_id = 3")
        changed.execute("delete from analysed_item where rating_key = 9")
    now = held_by(path)
    assert migrate(folder, "--to", url).returncode == 0
    with closing(opened(url, folder)) as there:
        assert held(there) == now


def test_it_does_nothing_while_a_consumer_runs(folder: Path, url: str) -> None:
    path = folder / DATABASE_NAME
    fill(path, 3)
    with closing(ConsumerLock(folder)):
        refused = migrate(folder, "--to", url)
    assert refused.returncode == 1
    assert "a consumer" in refused.stderr
    assert "stop it first" in refused.stderr
    # On another machine, too.
    with closing(opened(url, folder / "there")) as leader:
        assert leader.lead()
        for words, named in ((["--to", url], None), (["--to", "sqlite", "--replace"], url)):
            refused = migrate(folder, *words, named=named)
            assert refused.returncode == 1
            assert "a consumer is running" in refused.stderr
    assert migrate(folder, "--to", url).returncode == 0


def test_what_is_there_already_is_replaced_only_where_that_is_asked_for_and_is_kept(folder: Path, url: str) -> None:
    path = folder / DATABASE_NAME
    fill(path, 3)
    assert migrate(folder, "--to", url).returncode == 0
    with closing(opened(url, folder)) as there, there.write() as db:
        db.execute("update scene set title = 'there'")
    again = migrate(folder, "--to", url)
    assert again.returncode == 1
    assert "--replace" in again.stderr
    replaced = migrate(folder, "--to", url, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    kept = next(word for word in replaced.stdout.replace(":", " ").split() if word.startswith("plexsync_before_"))
    with closing(opened(url, folder)) as there:
        assert held(there) == held_by(path)
    with closing(PostgresSession(url, kept)) as session:
        assert {row[0] for row in session.run("select title from scene").fetchall()} == {"there"}
    back = migrate(folder, "--to", "sqlite", named=url)
    assert back.returncode == 1
    assert "--replace" in back.stderr


class CutOff(PostgresDatabase):
    """Whose sessions that read end before they have read anything."""

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with super().read() as db, closing(PostgresSession(self._url, "public")) as another:
            another.run(f"select pg_terminate_backend({cast('PostgresSession', db).pid})")
            yield db


def test_what_cannot_be_looked_at_is_not_taken_for_empty(folder: Path, url: str) -> None:
    path = folder / DATABASE_NAME
    fill(path, 3)
    assert migrate(folder, "--to", url).returncode == 0
    with closing(CutOff(url, path)) as there, pytest.raises(sqlite3.Error):
        ServerTarget(there, url, replace=False)
    with closing(sqlite3.connect(path, isolation_level=None)) as another:
        another.execute("pragma locking_mode = exclusive")
        another.execute("begin exclusive")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            FileTarget(path, replace=False)


@pytest.mark.parametrize(
    ("words", "named", "said"),
    [
        (["--to", "mysql://x/y"], None, "does not begin with postgresql://"),
        (["--to", f"postgresql://u:{SECRET}@h:99999/d"], None, "an invalid host or port"),
        (["--to", "postgresql"], None, "PLEXSYNC_DATABASE_URL names none"),
        (["--to", "sqlite"], None, "does not say where PostgreSQL is"),
        (["--to", f"postgresql://u:{SECRET}@127.0.0.1:1/d"], None, "does not answer"),
        (["--to", f"postgresql://u:{SECRET}@127.0.0.1:1/d"], "postgresql://h/other", "another PostgreSQL already"),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(folder: Path, words: list[str], named: str | None, said: str) -> None:
    fill(folder / DATABASE_NAME, 1)
    refused = migrate(folder, *words, named=named)
    assert refused.returncode in (1, 2)
    assert said in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
    assert "Wrong(" not in refused.stderr


def test_a_folder_without_a_database_has_nothing_to_be_carried(folder: Path, url: str) -> None:
    folder.mkdir()
    refused = migrate(folder, "--to", url)
    assert refused.returncode == 1
    assert "there is no database yet" in refused.stderr


@pytest.mark.parametrize("words", [["backup"], ["restore", "some.db"]])
def test_copies_of_the_file_are_not_made_where_the_database_is_another(folder: Path, words: list[str]) -> None:
    fill(folder / DATABASE_NAME, 1)
    command = [sys.executable, "-P", "-m", "plexsync", *words]
    named = environment(folder, f"postgresql://u:{SECRET}@127.0.0.1:1/d")
    refused = programs.run(command, env=named, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "pg_dump" in refused.stderr
    assert SECRET not in refused.stderr
    assert not (folder / "backups").exists()
