"""Two real consumers on one PostgreSQL: one works, the other takes over when that is killed, and both wait for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.world import World
from plexsync.storage.postgres.connection import PostgresSession
from tests.support import postgres_server, programs
from tests.support.places import ROOT
from tests.support.postgres_server import Server
from tests.support.spaces import new_database

pytestmark = [pytest.mark.sqlite, pytest.mark.slow]

#: The server asks for none, and nothing may show it.
SECRET = "pa55w0rd-of-nobody"
LEADS, WAITS = "this consumer leads now", "this one waits, and takes over when that one fails"


class Cluster:
    """A world with two consumers that share nothing but PostgreSQL.

    :param folder: an empty one.
    :param server: PostgreSQL.
    :param url: an empty database of it.
    """

    def __init__(self, world: World, folder: Path, server: Server, url: str) -> None:
        self.world = world
        self.server = server
        self.name = url.rpartition("/")[2]
        self.folder = folder
        self._url = url.replace("postgres@", f"postgres:{SECRET}@")
        self.processes: dict[str, Any] = {}

    def environ(self, name: str) -> dict[str, str]:
        return self.world.environ | {
            "PYTHONPATH": str(ROOT),
            "PLEXSYNC_DATA_DIR": str(self.folder / name),
            "PLEXSYNC_DATABASE_URL": self._url,
            "PLEXSYNC_INBOX": "stash",
            "PLEXSYNC_INBOX_PAUSE": "0.2",
        }

    def start(self, name: str) -> None:
        command = [sys.executable, "-P", "-m", "plexsync.cli.consumer"]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = programs.Popen(
                command, env=self.environ(name), stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def says(self, name: str, text: str, times: int = 1) -> None:
        self.world.wait(lambda: self.log(name).count(text) >= times, 30, f"{name} says {text!r}")

    def command(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "plexsync", *words]
        return programs.run(
            command, env=self.environ(name), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False
        )

    def tell_server(self, *statements: str) -> None:
        with closing(PostgresSession(self.server.url, "public")) as session:
            for one in statements:
                session.run(one)

    def go_away(self) -> None:
        """The database does not answer any more."""
        self.tell_server(
            f"alter database {self.name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self.name}'",
        )

    def come_back(self) -> None:
        self.tell_server(f"alter database {self.name} allow_connections true")

    def shows(self, scene: int, title: str) -> float:
        item = self.world.items[scene]
        return self.world.wait(lambda: self.world.plex.item(item).title == title, 30, f"Plex shows {title!r}")

    def end(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait(10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    folder = tmp_path_factory.mktemp("cluster")
    with new_database(server) as url, World(folder) as world:
        cluster = Cluster(world, folder, server, url)
        try:
            yield cluster
        finally:
            cluster.end()


def test_one_works_and_the_other_says_that_it_waits(cluster: Cluster) -> None:
    scene = cluster.world.add("a.mp4")
    cluster.start("one")
    cluster.says("one", LEADS)
    cluster.start("two")
    cluster.says("two", WAITS)
    cluster.world.edit(scene, title="By the first")
    cluster.shows(scene, "By the first")
    assert LEADS not in cluster.log("two")


def test_status_says_who_works_and_nothing_shows_the_password(cluster: Cluster) -> None:
    said = cluster.command("two", "status")
    pid = cluster.processes["one"].pid
    assert f"PostgreSQL at 127.0.0.1:{cluster.server.url.split(':')[-1].split('/')[0]}" in said.stdout
    assert f"(process {pid}, since" in said.stdout
    assert "1 other waits" in said.stdout
    assert SECRET not in said.stdout + said.stderr


def test_the_other_takes_over_from_one_that_was_killed(cluster: Cluster) -> None:
    scene = cluster.world.add("b.mp4")
    cluster.processes["one"].kill()
    cluster.world.edit(scene, title="By the second")
    assert cluster.shows(scene, "By the second") < 15
    assert LEADS in cluster.log("two")
    cluster.processes["one"].wait(10)


def test_both_wait_for_a_database_that_is_away_and_lose_nothing(cluster: Cluster) -> None:
    cluster.start("one")
    cluster.says("one", WAITS)
    scene = cluster.world.add("c.mp4")
    cluster.go_away()
    cluster.says("two", "this consumer leads no longer")
    for name in ("one", "two"):
        cluster.says(name, "waiting for it; nothing is lost, events stay in the inbox")
    cluster.world.edit(scene, title="While it was away")
    said = cluster.command("one", "status")
    assert said.returncode == 1
    assert "does not answer" in said.stderr
    assert SECRET not in said.stdout + said.stderr
    cluster.come_back()
    cluster.shows(scene, "While it was away")
    for name in ("one", "two"):
        assert cluster.log(name).count("waiting for it; nothing is lost") == 1, "it is said once"
        assert SECRET not in cluster.log(name)


def test_one_that_is_stopped_hands_over_at_once(cluster: Cluster) -> None:
    led = next(name for name in ("one", "two") if cluster.log(name).rpartition(LEADS)[2].find(WAITS) < 0)
    other = {"one": "two", "two": "one"}[led]
    before = cluster.log(other).count(LEADS)
    os.kill(cluster.processes[led].pid, signal.SIGTERM)
    cluster.says(other, LEADS, before + 1)
    assert cluster.processes[led].wait(40) == 0
    assert cluster.log(led).rstrip().endswith("stopped")
