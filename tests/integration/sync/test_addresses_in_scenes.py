"""Scenes with Plex's addresses among theirs, as users of the old PlexSync plugin have them, from Stash to Plex."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.errors import NotFoundYet
from plexsync.model import Part
from tests.support.sync_bench import COVER, SIZE, SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def item(bench: SyncBench, name: str, duration: float = 1800.0) -> int:
    return bench.plex.add_item(bench.section, name, [Part(f"/media/{name}.mkv", SIZE + 1, int(duration * 1000))])


def scene(bench: SyncBench, name: str, *urls: str, duration: float = 1800.0) -> int:
    """A scene whose file was renamed and encoded anew since Plex has seen it: neither name nor size agree."""
    return bench.stash.add_scene(
        "From Stash", f"/data/{name}.mp4", size=999_999, duration=duration, cover=COVER, urls=list(urls)
    )


def address(key: int) -> str:
    return f"https://192-168-1-10.0a1b2c.plex.direct:32400/library/metadata/{key}"


def test_a_renamed_file_of_another_size_is_found_by_the_address_that_the_old_plugin_needed(bench: SyncBench) -> None:
    key = item(bench, "old name")
    renamed = scene(bench, "quite different", "https://studio.example/film/9", address(key))
    assert bench.sync(renamed) == "synced"
    record = bench.app.ledger.scenes.get(renamed)
    assert record is not None
    assert (record.rating_key, bench.plex.item(key).title) == (key, "From Stash")
    assert f"the scene's addresses name item {key}" in record.reasons
    assert bench.stash.scene(renamed).urls == ["https://studio.example/film/9", address(key)]


def test_without_the_address_nothing_would_be_found(bench: SyncBench) -> None:
    item(bench, "old name")
    with pytest.raises(NotFoundYet):
        bench.sync(scene(bench, "quite different"))


def test_an_address_that_names_another_video_by_now_is_not_followed(bench: SyncBench) -> None:
    key = item(bench, "another film", duration=61.0)
    with pytest.raises(NotFoundYet):
        bench.sync(scene(bench, "quite different", address(key)))
    assert bench.plex.item(key).title == "another film"
    assert bench.plex.counters["writes"] == 0


def test_an_address_that_names_nothing_any_more_does_no_harm(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="From Stash", urls=[address(987_654)])
    assert bench.sync() == "synced"
    assert bench.item().title == "From Stash"


def test_an_address_that_names_the_item_of_another_scene_is_not_followed(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, title="Its own")
    bench.sync()
    stale = scene(bench, "quite different", address(bench.key))
    with pytest.raises(NotFoundYet, match="belongs to scene"):
        bench.sync(stale)
    assert bench.item().title == "Its own"


def test_the_file_at_its_path_counts_more_than_an_address(bench: SyncBench) -> None:
    other = item(bench, "another film")
    bench.stash.edit(bench.scene, title="From Stash", urls=[address(other)])
    assert bench.sync() == "synced"
    assert (bench.item().title, bench.plex.item(other).title) == ("From Stash", "another film")
