"""The simulated Plex, and somebody who asks it by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plexsync.demo.plex import SimulatedPlex
from tests.support.plex_by_hand import PlexByHand


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as running:
        yield running


@pytest.fixture
def ask(plex: SimulatedPlex) -> Iterator[PlexByHand]:
    with PlexByHand(plex) as session:
        yield session
