"""A client, and the Plex it speaks with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests_mock

from plexsync.plex import PlexClient, PlexEndpoint
from tests.support.mocked_plex import TOKEN, URL


@pytest.fixture
def client() -> Iterator[PlexClient]:
    with PlexClient(PlexEndpoint(URL, TOKEN, "test")) as client:
        yield client


@pytest.fixture
def server() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker(case_sensitive=True) as server:
        yield server
