"""Servers that show less than all there is: of items that are read together, in listings, and on a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.ledger import Ledger
from plexsync.model import Field
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.group_reads import ENOUGH
from plexsync.plex.traits import Trait
from plexsync.storage.database import Database
from tests.support.reconcile_bench import reconcile_bench
from tests.support.sync_bench import SyncBench, sync_bench

GENRES = ["Action", "Comedy", "Drama", "Noir", "Western"]


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as running:
        yield running


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database(tmp_path / "plexsync.db")
    yield Ledger(database)
    database.close()


@pytest.fixture
def client(plex: SimulatedPlex, ledger: Ledger) -> Iterator[PlexClient]:
    with process(plex, ledger) as client:
        yield client


def process(plex: SimulatedPlex, ledger: Ledger) -> PlexClient:
    """A client as a new process has it."""
    return PlexClient(PlexEndpoint(plex.url, plex.token, "test"), memory=ledger.facts)


def library(plex: SimulatedPlex, count: int, genres: list[str] = GENRES, *, lock: bool = True) -> list[int]:
    """Items with a genre that somebody chose."""
    section = plex.add_section("Scenes", locations=["/media"])
    keys = [plex.add_item(section, f"Item {number}") for number in range(count)]
    for key in keys:
        plex.edit_as_person(key, genre=genres, lock=lock)
    plex.forget()
    return keys


def reads(plex: SimulatedPlex) -> list[int]:
    """How many items each read asked for."""
    return [entry.path.count(",") + 1 for entry in plex.log if entry.path.startswith("/library/metadata/")]


# --- Items that are read together ------------------------------------------------------------------------------------


def test_a_server_that_cuts_groups_short_is_asked_for_one_item_at_a_time(
    plex: SimulatedPlex, ledger: Ledger, client: PlexClient, caplog: pytest.LogCaptureFixture
) -> None:
    plex.behaviour.group_reads_whole = False
    keys = library(plex, 6)
    for _ in range(2):
        found = client.items(keys)
        assert list(found) == keys
        assert all([tag.name for tag in item.tags[Field.TAGS]] == GENRES for item in found.values())
        assert all(item.locked == {Field.TAGS} for item in found.values())
    assert reads(plex)[-6:] == [1] * 6
    assert caplog.text.count("read one by one") == 1
    # The next process knows.
    plex.forget()
    with process(plex, ledger) as another:
        assert all(item.locked for item in another.items(keys).values())
    assert reads(plex) == [1] * 6
    assert caplog.text.count("read one by one") == 1


def test_a_server_that_shows_groups_whole_is_believed_after_one_comparison(
    plex: SimulatedPlex, ledger: Ledger, client: PlexClient
) -> None:
    keys = library(plex, 6)
    client.items(keys)
    assert reads(plex) == [6, 1]
    client.items(keys)
    assert reads(plex) == [6, 1, 6]
    with process(plex, ledger) as another:
        another.items(keys)
        another.items(keys)
    assert reads(plex) == [6, 1, 6, 6, 6]
    assert sum(entry.path == "/identity" for entry in plex.log) == 2


def test_another_version_or_server_is_compared_again(plex: SimulatedPlex, ledger: Ledger, client: PlexClient) -> None:
    keys = library(plex, 3)
    client.items(keys)
    plex.version = "1.43.0"
    plex.behaviour.group_reads_whole = False
    with process(plex, ledger) as another:
        assert all(item.locked for item in another.items(keys).values())
        # The server was updated while it was away.
        plex.machine_identifier, plex.behaviour.group_reads_whole = "another", True
        another.ramp_up()
        another.items(keys)
        assert another.traits.get(Trait.GROUP_READS) == "whole"


def test_items_that_show_little_either_way_are_compared_until_that_is_enough(
    plex: SimulatedPlex, client: PlexClient
) -> None:
    keys = library(plex, ENOUGH + 10, ["Action"], lock=False)
    client.items(keys[:5])
    assert client.traits.get(Trait.GROUP_READS) is None
    client.items(keys)
    assert client.traits.get(Trait.GROUP_READS) == "whole"
    assert reads(plex).count(1) == ENOUGH
    client.items(keys)
    assert reads(plex)[-1] == len(keys)


def test_an_edit_between_two_reads_does_not_make_a_server_one_that_cuts_short(
    plex: SimulatedPlex, client: PlexClient
) -> None:
    keys = library(plex, 2)
    edited = False

    def reads_alone(request: Request) -> bool:
        nonlocal edited
        if request.path == f"/library/metadata/{keys[0]}" and not edited:
            edited = True
            plex.edit_as_person(keys[0], genre=["Thriller"])
        return False

    plex.faults.add(PlannedFault("status", times=None, status=500, match=reads_alone))
    found = client.items(keys)
    assert [tag.name for tag in found[keys[0]].tags[Field.TAGS]] == ["Thriller"]
    assert edited
    assert client.traits.get(Trait.GROUP_READS) != "cut short"


def test_a_server_that_does_not_say_who_it_is_is_still_read_right(plex: SimulatedPlex, client: PlexClient) -> None:
    plex.behaviour.group_reads_whole = False
    plex.faults.add(PlannedFault("status", times=None, status=404, match=lambda request: request.path == "/identity"))
    keys = library(plex, 3)
    assert all(item.locked for item in client.items(keys).values())
    assert all(item.locked for item in client.items(keys).values())
    assert sum(entry.path == "/identity" for entry in plex.log) == 1


def test_a_single_item_costs_one_request_whatever_the_server(plex: SimulatedPlex, client: PlexClient) -> None:
    (key,) = library(plex, 1)
    client.items([key])
    assert [entry.path for entry in plex.log] == [f"/library/metadata/{key}"]


# --- Listings --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def test_scenes_are_found_though_no_listing_shows_a_file(bench: SyncBench) -> None:
    bench.plex.behaviour.listings_without = ("Media",)
    bench.plex.behaviour.total_size = "absent"
    bench.plex.behaviour.paging_required = True
    more = [bench.add(f"{number}.mp4") for number in range(5)]
    for scene, _ in [(bench.scene, bench.key), *more]:
        assert bench.sync(scene) == "synced"
    assert bench.plex.counters["analyses"] == 0


def test_a_listing_that_stops_to_show_files_loses_no_match(bench: SyncBench) -> None:
    bench.sync()
    bench.plex.behaviour.listings_without = ("Media", "studio", "thumb", "art", "originallyAvailableAt")
    bench.plex.edit_as_person(bench.key, tagline="Not ours")
    bench.app.library.expire()  # Instead of waiting for five seconds.
    bench.app.library.refresh()
    assert [part.file for part in bench.app.ledger.index.of_item(bench.key)] == ["/media/a file.mp4"]
    bench.stash.edit(bench.scene, title="Another title")
    assert bench.sync() == "synced"
    assert bench.item().title == "Another title"


def test_a_token_that_may_not_see_files_is_not_asked_for_them_again_and_again(bench: SyncBench) -> None:
    bench.plex.behaviour.listings_without = ("Media",)
    for number in range(3):
        bench.plex.add_item(bench.section, f"No file {number}")
    bench.plex.remove_item(bench.key)
    before = bench.plex.counters["reads"]
    for _ in range(4):
        bench.app.plex.listing(bench.section, 0, 500)
    items_read = [entry for entry in bench.plex.log if entry.path.startswith("/library/metadata/")]
    assert len(items_read) <= 1 + 3
    assert bench.plex.counters["reads"] - before == 4 + len(items_read)


@pytest.mark.parametrize("without", [("Media",), ("title", "studio"), ("thumb", "art", "userRating", "contentRating")])
def test_comparing_everything_takes_what_a_listing_leaves_out_for_unknown(
    tmp_path: Path, without: tuple[str, ...]
) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.listings_without = without
        assert compared.counts() == {}
        assert compared.counts() == {}
        assert [len(compared.bench.app.ledger.index.of_item(key)) for key in compared.keys] == [1] * 3


def test_comparing_everything_with_a_token_that_may_not_see_files_finds_nothing_replaced(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.files_shown = False
        assert compared.counts() == {}
        assert [len(compared.bench.app.ledger.index.of_item(key)) for key in compared.keys] == [1] * 3


def test_comparing_everything_reads_no_item_twice_for_a_listing_that_leaves_things_out(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.listings_without = ("studio", "thumb")
        compared.counts()
        compared.plex.forget()
        compared.counts()
        assert not [path for path in compared.reads() if path.startswith("/library/metadata/")]


def test_comparing_everything_sees_through_groups_that_are_cut_short(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.group_reads_whole = False
        compared.plex.version = "1.0"
        compared.bench.restart()
        assert compared.counts(full=True) == {}
        compared.plex.unlock_as_person(compared.keys[1], "genre")
        assert compared.put_right(full=True) == {"unlocked": 1}
