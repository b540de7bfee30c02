"""Bad weather: what goes wrong with Plex, with Stash, and with the consumer. Each blows until it is told to stop."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.http.server import SimulatedServer
from plexsync.demo.world import World
from settings import CONFIG_FILE
from tests.chaos.storm.inventory import Entered, Inventory
from tests.chaos.storm.tally import Tally

#: Seconds that a write may be held up before it is carried out. Less than it takes the consumer to give up or to start
#: again: a Plex that writes after its client has turned to something newer leaves the older there, whoever the client.
WRITE_HELD_UP = 0.3
#: Seconds that an answer to a reading may be held up: more than the read time-out at times.
READ_HELD_UP = 2.5
#: Seconds a fault waits for a request to strike.
FAULT_LASTS = (0.3, 1.5)
#: What Stash says when its own database fails it: status 200, and no data.
GRAPHQL_ERROR = json.dumps({"errors": [{"message": "database is locked"}], "data": None}).encode()

Match = Callable[[Request], bool]


def _reads(request: Request) -> bool:
    return request.method == "GET" and request.path != "/identity"


def _writes(request: Request) -> bool:
    return request.method != "GET"


def _edits(request: Request) -> bool:
    return request.method == "PUT" and request.path.startswith("/library/sections/")


def _uploads(request: Request) -> bool:
    return request.path.endswith(("/posters", "/arts"))


def _any(_request: Request) -> bool:
    return True


def _from_consumer(request: Request) -> bool:
    """People's own edits in Stash are spared: what they are not told of, they cannot be expected to make again."""
    return b"mutation" not in request.body


class _Weather:
    def __init__(self, world: World, inventory: Inventory, tally: Tally, chance: random.Random) -> None:
        self._world = world
        self._inventory = inventory
        self._tally = tally
        self._chance = chance
        #: The faults of this weather, each with the time when it is over. One weather strikes one server.
        self._passing: list[tuple[float, PlannedFault]] = []

    def _strike(self, server: SimulatedServer, fault: PlannedFault) -> None:
        """Let a fault loose. One that finds nothing to strike passes, or all would meet whoever asks at last."""
        now = time.monotonic()
        for over, old in self._passing:
            if over <= now:
                server.faults.remove(old)
        self._passing = [one for one in self._passing if one[0] > now]
        over, strikes = now + self._chance.uniform(*FAULT_LASTS), fault.match
        fault.match = lambda request: time.monotonic() < over and strikes(request)
        self._passing.append((over, server.faults.add(fault)))

    def _away(self, server: SimulatedServer, longest: float, stop: threading.Event) -> None:
        """The server is gone for a while."""
        self._tally.outages[type(server).__name__.removeprefix("Simulated")] += 1
        server.stop()
        stop.wait(self._chance.uniform(0.2, longest))
        server.start()

    def _clear(self, server: SimulatedServer) -> None:
        """No faults any more, and the requests that hang are dropped."""
        server.faults.clear()
        server.stop()
        server.start()


class PlexWeather(_Weather):
    """What happens to Plex."""

    def run(self, stop: threading.Event) -> None:
        """Blow until ``stop`` is set, and clear up."""
        kinds: dict[Callable[[threading.Event], None], int] = {
            self._fault: 70,
            self._calm: 4,
            self._slow_spell: 3,
            self._outage: 3,
            self._wrong_token: 1,
            self._rekey: 8,
            self._person: 6,
        }
        while not stop.wait(self._chance.uniform(0.02, 0.3)):
            self._chance.choices(list(kinds), list(kinds.values()))[0](stop)
        self._clear(self._world.plex)
        self._touch_settings()

    def _fault(self, _stop: threading.Event) -> None:
        self._strike(self._world.plex, self._chance.choice(self._faults())())

    def _faults(self) -> list[Callable[[], PlannedFault]]:
        chance = self._chance
        where = chance.choice((_any, _reads, _writes, _edits, _uploads))
        times = chance.randint(1, 5)
        soon = datetime.now(UTC) + timedelta(seconds=chance.uniform(1, 3))
        return [
            lambda: PlannedFault("status", times, where, status=500),
            lambda: PlannedFault("status", times, where, status=503),
            lambda: PlannedFault("status", times, where, status=503, retry_after=chance.randint(0, 2)),
            lambda: PlannedFault("status", times, where, status=503, retry_after=soon),
            lambda: PlannedFault("status", times, where, status=429, retry_after=chance.choice((1, soon, None))),
            lambda: PlannedFault("status", times, where, status=500, body=b"database is busy"),
            lambda: PlannedFault("hang", chance.randint(1, 3), where),
            lambda: PlannedFault("reset", times, where),
            lambda: PlannedFault("truncate", times, where),
            lambda: PlannedFault("half_json", times, where),
            lambda: PlannedFault("html", times, where),
            lambda: PlannedFault("drip", 1, where, seconds=chance.choice((0.001, 0.3))),
            lambda: PlannedFault("after", times, _writes, then="reset"),
            lambda: PlannedFault("after", 2, _writes, then="hang"),
            lambda: PlannedFault("after", times, _writes, then="status", status=500),
            lambda: PlannedFault("after", times, _writes, then="html"),
            lambda: PlannedFault("after", 2, _uploads, then="reset"),
            lambda: PlannedFault("slow", times, _writes, seconds=WRITE_HELD_UP),
            lambda: PlannedFault("slow", 2, _reads, seconds=READ_HELD_UP),
            lambda: PlannedFault("status", 1, _edits, status=chance.choice((400, 422))),
        ]

    def _calm(self, stop: threading.Event) -> None:
        self._world.plex.faults.clear()
        stop.wait(self._chance.uniform(0.5, 2))

    def _slow_spell(self, stop: threading.Event) -> None:
        """Plex is busy with something else: each write takes long, and few may wait for their turn."""
        behaviour = self._world.plex.behaviour
        behaviour.write_delay, behaviour.busy_limit = WRITE_HELD_UP / 10, self._chance.choice((None, 2))
        self._tally.happened["slow spells"] += 1
        stop.wait(self._chance.uniform(1, 4))
        behaviour.write_delay, behaviour.busy_limit = 0.0, None

    def _outage(self, stop: threading.Event) -> None:
        self._away(self._world.plex, 6, stop)

    def _wrong_token(self, stop: threading.Event) -> None:
        right = self._world.plex.wrong_token()
        self._tally.happened["times the token was wrong"] += 1
        stop.wait(self._chance.uniform(0.5, 4))
        self._world.plex.set_token(right)
        if stop.is_set() or self._chance.random() < 0.7:
            # As somebody would who puts it right in the settings; else it is found out in the consumer's own time.
            self._touch_settings()

    def _touch_settings(self) -> None:
        file = self._world.data_dir / CONFIG_FILE
        file.touch(mode=0o600)
        file.write_text(f"# {self._tally.elapsed}\n", encoding="utf-8")

    def _rekey(self, _stop: threading.Event) -> None:
        scene = self._inventory.one_in_plex(self._chance)
        self._inventory.rekey(scene)
        self._tally.happened["items under a new key"] += 1
        # No hook tells of it: the next edit has to set it right.
        self._inventory.owe([scene])

    def _person(self, _stop: threading.Event) -> None:
        chance = self._chance
        entered: Entered = {
            "tagline": f"Tagline {chance.randrange(10_000)}",
            "country": tuple(chance.sample(("France", "Japan", "Peru"), chance.randint(0, 3))),
            "writer": (f"Writer {chance.randrange(10)}",),
            "titleSort": f"sorted {chance.randrange(10_000)}",
        }
        name = chance.choice(sorted(entered))
        self._inventory.enter(self._inventory.one_in_plex(chance), {name: entered[name]})
        self._tally.happened["edits of people in Plex"] += 1


class PlexScans(_Weather):
    """Plex looks for new files from time to time: always later than Stash."""

    def run(self, stop: threading.Event) -> None:
        """Scan until ``stop`` is set."""
        while not stop.wait(self._chance.uniform(0.5, 4)):
            self._inventory.plex_scans()


class StashWeather(_Weather):
    """What happens to Stash: mostly nothing, since without it nothing gets as far as Plex."""

    def run(self, stop: threading.Event) -> None:
        """Blow until ``stop`` is set, and clear up."""
        while not stop.wait(self._chance.uniform(2, 8)):
            for _ in range(self._chance.randint(1, 4)):
                self._strike(self._world.stash, self._chance.choice(self._faults())())
                stop.wait(self._chance.uniform(0.1, 1))
            if self._chance.random() < 0.2:
                self._away(self._world.stash, 3, stop)
        self._clear(self._world.stash)

    def _faults(self) -> list[Callable[[], PlannedFault]]:
        chance, where = self._chance, _from_consumer
        times = chance.randint(1, 4)
        return [
            lambda: PlannedFault("status", times, where, status=chance.choice((500, 502))),
            lambda: PlannedFault("status", times, where, status=503, retry_after=1),
            lambda: PlannedFault("status", times, where, status=200, body=GRAPHQL_ERROR),
            lambda: PlannedFault("slow", times, where, seconds=chance.choice((0.2, READ_HELD_UP))),
            lambda: PlannedFault("hang", 1, where),
            lambda: PlannedFault("half_json", times, where),
            lambda: PlannedFault("truncate", times, where),
            lambda: PlannedFault("reset", times, where),
            lambda: PlannedFault("html", times, where),
            lambda: PlannedFault("drip", 1, where, seconds=0.001),
        ]


class ConsumerWeather(_Weather):
    """What happens to the consumer: it is killed, and now and then asked to end."""

    def run(self, stop: threading.Event) -> None:
        """Kill until ``stop`` is set; a consumer runs at the end."""
        world, chance = self._world, self._chance
        world.start_consumer()
        while not stop.wait(chance.uniform(0.8, 7)):
            if world.consumer_ended() is not None:
                raise RuntimeError(f"the consumer ended by itself, with {world.consumer_ended()}")
            if chance.random() < 0.1:
                self._tally.stops += 1
                code = world.stop_consumer(signal.SIGTERM)
                # One that had only just been started may not have come as far as to handle the signal.
                if code not in (0, -signal.SIGTERM):
                    raise RuntimeError(f"the consumer was asked to stop and ended with {code}")
            else:
                self._tally.kills += 1
                world.kill_consumer()
            stop.wait(chance.choice((0, 0, 0.5, 1.5)))
            world.start_consumer()
