"""A write to many items takes long, which is no reason to write less at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.model import Edit, Field
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.portions import FIRST, MOST

EDIT = Edit(texts={Field.STUDIO: "New"})


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as plex:
        section = plex.add_section("Movies", locations=["/media"])
        for number in range(250):
            plex.add_item(section, f"Film {number}", [f"/media/{number}.mkv"])
        yield plex


def keys(plex: SimulatedPlex) -> list[int]:
    return [item.rating_key for item in plex.items(1)]


def to_many(request: Request) -> bool:
    return request.method == "PUT" and "," in (request.param("id") or "")


def test_writes_to_many_grow_to_what_plex_does_in_good_time(plex: SimulatedPlex) -> None:
    with PlexClient(PlexEndpoint(plex.url, plex.token, "test")) as client:
        assert client.edit(1, keys(plex), EDIT, lock=True) == 3
    sent = [len(dict(parse_qsl(one.query))["id"].split(",")) for one in plex.log if one.method == "PUT"]
    assert sent == [FIRST, MOST, MOST]
    assert all(item.text("studio") == "New" for item in plex.items(1))


def test_a_plex_that_takes_too_long_for_many_is_given_fewer(
    plex: SimulatedPlex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.plex.portions.LONG", 0.1)
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.15, match=to_many))
    with PlexClient(PlexEndpoint(plex.url, plex.token, "test")) as client:
        assert client.edit(1, keys(plex)[:100], EDIT, lock=True) == 3


def test_long_writes_to_many_are_not_taken_for_a_plex_with_too_much_to_do(plex: SimulatedPlex) -> None:
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.2, match=to_many))
    plex.faults.add(PlannedFault("slow", times=None, seconds=0.02))
    everything = keys(plex)
    with PlexClient(PlexEndpoint(plex.url, plex.token, "test"), pool_size=4) as client:

        def single() -> None:
            while client.pace.limit < 4:
                client.edit(1, everything[:1], EDIT, lock=True)

        with ThreadPoolExecutor(4) as threads:
            for future in [threads.submit(single) for _ in range(4)]:
                future.result()
        for _ in range(12):
            client.edit(1, everything[:20], EDIT, lock=True)
        assert client.pace.limit == 4
