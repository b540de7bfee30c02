"""The simulated Stash, and a client that asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plexsync.demo.stash import SimulatedStash
from plexsync.stash import StashClient


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash() as server:
        yield server


@pytest.fixture
def client(stash: SimulatedStash) -> Iterator[StashClient]:
    client = StashClient(stash.url, connect_timeout=1, read_timeout=0.5)
    yield client
    client.close()
