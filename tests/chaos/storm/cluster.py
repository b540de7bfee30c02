"""Two consumers on one PostgreSQL, of which one leads: each with a data folder of its own, and Stash's API between."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, cast

from plexsync.demo.world import World
from plexsync.storage.database import DATABASE_NAME
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.consumers import EVERY
from plexsync.storage.postgres.database import SPACE, PostgresDatabase
from tests.chaos.storm.inventory import Inventory
from tests.chaos.storm.tally import Tally
from tests.chaos.storm.weather import ConsumerWeather
from tests.support import postgres_server

#: Seconds within which another consumer leads, once the one that did is killed.
TAKEN_OVER_WITHIN = 15.0
#: Seconds that are waited for a leader before something must be wrong, while PostgreSQL is there.
LEADS_WITHIN = 60.0
#: Seconds that a leader is given to begin with something before it is killed all the same.
WORKS_WITHIN = 8.0
#: As of a machine that keeps what was committed when its server dies, and nothing that was not.
_SETTINGS = "synchronous_commit = on\nfull_page_writes = on\n"
_LEADER = """
select consumer.pid from pg_locks join consumer on consumer.session = pg_locks.pid
where locktype = 'advisory' and granted and objid::bigint = %s and classid::bigint = %s order by seen_at desc limit 1
"""
#: One that led before has begun anew under the number that it had: what it says of itself has to be of late.
_WAITS = """
select 1 from consumer where pid = any(%s) and not leads and seen_at > extract(epoch from clock_timestamp()) - %s
"""
#: Lines of the log that are errors, and have to be expected where PostgreSQL or the leader is taken away.
EXPECTED = re.compile(
    r"this consumer leads no longer: |.*does not answer: .*; waiting for it|the database cannot be used: "
    r"|another process|.*(?:terminating connection|the session with PostgreSQL ended|server closed the connection)"
)


class ClusterWorld(World):
    """A world with two consumers and a PostgreSQL of its own.

    :param folder: where the data folders, the consumers' log and PostgreSQL are put.
    :param settings: for the consumers.
    :raises NoServer: there is no PostgreSQL to be had.
    """

    #: The consumers, and their data folders' names.
    NAMES: ClassVar[tuple[str, ...]] = ("a", "b")
    expected_errors: ClassVar[re.Pattern[str]] = EXPECTED

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        # Not below the folder: whoever PostgreSQL runs as has to come there.
        place = Path(tempfile.mkdtemp(prefix="plexsync-pg-"))
        place.chmod(0o711)
        self.server = postgres_server.start(place / "server", _SETTINGS)
        self._folder = folder
        super().__init__(
            folder,
            {
                **settings,
                "PLEXSYNC_DATA_DIR": str(folder / self.NAMES[0]),
                "PLEXSYNC_DATABASE_URL": self.server.url,
                "PLEXSYNC_INBOX": "stash",
                "PLEXSYNC_INBOX_PAUSE": "0.2",
            },
        )
        self.consumers: dict[str, subprocess.Popen[Any]] = {}
        database = PostgresDatabase(self.server.url, folder / DATABASE_NAME)
        self._lock = database.lead_lock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all of it."""
        super().__exit__(kind, error, trace)
        self.server.stop()
        self.server.folder.parent.rmdir()

    def start(self, name: str) -> None:
        """Start one of the two."""
        self.environ["PLEXSYNC_DATA_DIR"] = str(self._folder / name)
        super().start_consumer()
        if self._consumer is None:
            raise RuntimeError("it was not started")
        self.consumers[name], self._consumer = self._consumer, None

    def start_consumer(self, *_options: str) -> None:
        """Start those that do not run."""
        for name in self.NAMES:
            if name not in self.consumers:
                self.start(name)

    def kill(self, name: str) -> None:
        """Kill one of the two, at once."""
        process = self.consumers.pop(name)
        process.kill()
        process.wait(10)

    def stop(self, name: str) -> int:
        """Ask one of the two to end; how it did."""
        process = self.consumers.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def kill_consumer(self) -> None:
        """Kill both."""
        for name in list(self.consumers):
            self.kill(name)

    def stop_consumer(self, _signum: signal.Signals = signal.SIGTERM) -> int:
        """Ask both to end; 0 where both do so well."""
        return max((abs(self.stop(name)) for name in list(self.consumers)), default=0)

    def consumer_ended(self) -> int | None:
        """How one of them has ended by itself; None where none has."""
        return next((code for one in self.consumers.values() if (code := one.poll()) is not None), None)

    def leader(self) -> str | None:
        """Which one leads, as PostgreSQL has it; None for neither, or where it cannot be asked."""
        try:
            with self.asked() as session:
                row = session.run(_LEADER, [self._lock & 0xFFFFFFFF, self._lock >> 32]).fetchone()
        except sqlite3.Error:
            return None
        return next((name for name, one in self.consumers.items() if row and one.pid == row[0]), None)

    def another_waits(self, leader: str) -> bool:
        """Whether one that does not lead has come as far as to wait for that, as it has told PostgreSQL."""
        others = [one.pid for name, one in self.consumers.items() if name != leader]
        try:
            with self.asked() as session:
                return session.run(_WAITS, [others, EVERY + 1]).fetchone() is not None
        except sqlite3.Error:
            return False

    @contextmanager
    def asked(self) -> Iterator[PostgresSession]:
        """PostgreSQL, for one look."""
        session = PostgresSession(self.server.url, SPACE, reads=True)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection | None]:
        """The tables, for one look, in SQLite's words; None while that cannot be."""
        try:
            session = PostgresSession(self.server.url, SPACE, reads=True)
        except sqlite3.Error:
            yield None
            return
        try:
            session.execute("select 1 from outcome, task limit 1").fetchone()
        except sqlite3.Error:
            session.close()
            yield None
            return
        try:
            yield cast("sqlite3.Connection", session)
        finally:
            session.close()


class LeaderWeather(ConsumerWeather):
    """What happens to the two consumers, and to their PostgreSQL: mostly the one that leads is killed."""

    def __init__(self, world: World, inventory: Inventory, tally: Tally, chance: random.Random) -> None:
        super().__init__(world, inventory, tally, chance)
        assert isinstance(world, ClusterWorld)
        self._cluster = world

    def run(self, stop: threading.Event) -> None:
        """Blow until ``stop`` is set; both consumers run at the end, and PostgreSQL."""
        cluster, chance = self._cluster, self._chance
        cluster.start_consumer()
        kinds: dict[Callable[[threading.Event], None], int] = {
            self._leader_dies: 75,
            self._standby_dies: 6,
            self._leader_stops: 5,
            self._session_ends: 6,
            self._server_dies: 4,
            self._server_starts_anew: 4,
        }
        while not stop.wait(chance.uniform(0.4, 4)):
            if (code := cluster.consumer_ended()) is not None:
                raise RuntimeError(f"a consumer ended by itself, with {code}")
            if self._leader(stop) is None:
                continue
            chance.choices(list(kinds), list(kinds.values()))[0](stop)
            stop.wait(chance.choice((0, 0, 0.5, 1.5)))
            cluster.start_consumer()

    def _leader(self, stop: threading.Event, within: float = LEADS_WITHIN) -> str | None:
        """Who leads, once one does; None where the weather is over before.

        :raises RuntimeError: nobody does.
        """
        until = time.monotonic() + within
        while (leader := self._cluster.leader()) is None:
            if time.monotonic() > until:
                raise RuntimeError(f"neither consumer leads, for {within:.0f} s")
            if stop.wait(0.05):
                return None
        return leader

    def _leader_dies(self, stop: threading.Event) -> None:
        # Mostly in the middle of something.
        if self._chance.random() < 0.8:
            self._wait_for_work(stop)
        leader = self._cluster.leader()
        if leader is None or len(self._cluster.consumers) < 2:
            return
        self._tally.kills += 1
        self._tally.happened["leaders killed"] += 1
        is_waited = self._cluster.another_waits(leader)
        self._cluster.kill(leader)
        began = time.monotonic()
        # How long another one takes to start, on a busy machine, is not how long it takes to take over.
        if self._leader(stop) is not None and is_waited:
            took = time.monotonic() - began
            self._tally.taken_over.append(took)
            if took > TAKEN_OVER_WITHIN:
                raise RuntimeError(f"the other consumer led only {took:.1f} s after the leader was killed")

    def _wait_for_work(self, stop: threading.Event) -> None:
        until = time.monotonic() + WORKS_WITHIN
        while time.monotonic() < until and not stop.wait(0.02):
            with self._cluster.look() as tables:
                if tables and tables.execute("select 1 from claim limit 1").fetchone():
                    return

    def _standby_dies(self, _stop: threading.Event) -> None:
        leader = self._cluster.leader()
        for name in [one for one in self._cluster.consumers if one != leader]:
            self._tally.kills += 1
            self._cluster.kill(name)

    def _leader_stops(self, stop: threading.Event) -> None:
        leader = self._leader(stop)
        if leader is None:
            return
        self._tally.stops += 1
        code = self._cluster.stop(leader)
        # One that had only just been started may not have come as far as to handle the signal.
        if code not in (0, -signal.SIGTERM):
            raise RuntimeError(f"the consumer was asked to stop and ended with {code}")

    def _session_ends(self, _stop: threading.Event) -> None:
        """As where the network between the leader and PostgreSQL is cut."""
        self._tally.happened["leaders' sessions ended"] += 1
        low, high = self._cluster._lock & 0xFFFFFFFF, self._cluster._lock >> 32
        try:
            with self._cluster.asked() as session:
                session.run(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted "
                    "and objid::bigint = %s and classid::bigint = %s", [low, high])  # fmt: skip
        except sqlite3.Error:
            self._tally.happened["sessions that could not be ended"] += 1

    def _server_dies(self, stop: threading.Event) -> None:
        self._away_for(stop, signal.SIGQUIT)

    def _server_starts_anew(self, stop: threading.Event) -> None:
        self._away_for(stop, signal.SIGINT)

    def _away_for(self, stop: threading.Event, how: signal.Signals) -> None:
        self._tally.outages["PostgreSQL"] += 1
        self._cluster.server.kill(how)
        stop.wait(self._chance.uniform(0.2, 4))
        self._cluster.server.again()
