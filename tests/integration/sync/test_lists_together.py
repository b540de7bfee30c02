"""Names in the lists of many items at once, whichever way Plex takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.plex.traits import Trait
from plexsync.sync.outcomes import BatchResult
from tests.support.sync_bench import SyncBench, sync_bench

Reading = Literal["add", "replace"]
COUNT = 6


class Cast:
    """Scenes that all have performer Ann and tag Blue, each with others of its own, and others' names in Plex."""

    def __init__(self, bench: SyncBench) -> None:
        self.bench, stash = bench, bench.stash
        self.ann, self.blue = stash.add_performer("Ann"), stash.add_tag("Blue")
        pairs = [(bench.scene, bench.key), *(bench.add(f"{number}.mp4") for number in range(1, COUNT))]
        self.items = dict(pairs)
        self.scenes = list(self.items)
        bench.app.library.expire()
        for number, (scene, key) in enumerate(self.items.items()):
            bench.plex.edit_as_person(key, lock=False, actor=[f"Agent's {number}"], genre=[f"Theirs {number}"])
            before = [stash.add_performer(f"Before {number} {place}") for place in range(number % 3)]
            performers = [*before, self.ann, stash.add_performer(f"After {number}")]
            stash.edit(scene, title=f"T{number}", performers=performers, tags=[stash.add_tag(f"A{number}"), self.blue])
            assert bench.sync(scene) == "synced"
        bench.plex.forget()

    def names(self, kind: str) -> dict[int, list[str]]:
        return {key: self.bench.plex.item(key).names(kind) for key in self.items.values()}

    def replaced(self, kind: str, old: str, new: str | None) -> dict[int, list[str]]:
        """The names as they are, with another in the place of one, or without it."""
        lists = self.names(kind)
        if new is None:
            return {key: [name for name in names if name != old] for key, names in lists.items()}
        return {key: [new if name == old else name for name in names] for key, names in lists.items()}

    def together(self) -> BatchResult:
        tally = self.bench.app.together.sync(self.scenes)
        assert sorted([*tally.same, *tally.written, *tally.alone]) == sorted(self.scenes)
        return tally

    def alone(self, tally: BatchResult) -> None:
        """What the caller does with those left alone."""
        for scene in tally.alone:
            assert self.bench.sync(scene) in ("synced", "unchanged")

    @property
    def writes(self) -> int:
        return self.bench.plex.counters["writes"]

    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return [self.bench.sync(scene) for scene in self.scenes] == ["unchanged"] * COUNT


@contextmanager
def cast_of(folder: Path, reading: Reading, **behaviour: Any) -> Iterator[Cast]:
    with sync_bench(folder) as bench:
        bench.plex.behaviour.tag_lists = reading
        for name, value in behaviour.items():
            setattr(bench.plex.behaviour, name, value)
        yield Cast(bench)


@pytest.fixture(params=["add", "replace"])
def cast(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cast]:
    with cast_of(tmp_path, request.param) as cast:
        yield cast


def is_edit(request: Request) -> bool:
    return request.method == "PUT" and request.path.endswith("/all")


@pytest.mark.parametrize(("kind", "part", "old"), [("actor", "performers", "Ann"), ("genre", "tags", "Blue")])
@pytest.mark.parametrize("new", ["Renamed", "ANN", "аня"])
def test_a_rename_leaves_all_other_names_where_they_are(cast: Cast, kind: str, part: str, old: str, new: str) -> None:
    expected = cast.replaced(kind, old, new)
    cast.bench.stash.rename(part, cast.ann if part == "performers" else cast.blue, new)
    cast.alone(cast.together())
    if new == "ANN" and old == "Ann":
        expected = cast.replaced(kind, old, old)  # The server keeps the spelling it met first.
    assert {key: set(names) for key, names in cast.names(kind).items()} == {
        key: set(names) for key, names in expected.items()
    }
    if kind == "actor":
        assert cast.names(kind) == expected
    assert cast.is_settled()


def test_where_plex_adds_it_is_a_write_per_place_and_one_to_find_out(tmp_path: Path) -> None:
    with cast_of(tmp_path, "add") as cast:
        cast.bench.stash.rename("performers", cast.ann, "Anna")
        tally = cast.together()
        assert (sorted(tally.written), tally.alone) == (cast.scenes, ())
        # Ann is first, second or third: each is a write, and one of them was asked with.
        assert tally.writes == cast.writes == 4
        assert cast.bench.app.plex.traits.known()[Trait.TAG_LISTS] == "add"
        cast.bench.restart()
        cast.bench.stash.rename("performers", cast.ann, "Annabel")
        assert cast.together().writes == 3, "it is known from then on"
        expected = cast.replaced("actor", "Annabel", None)
        cast.bench.stash.mutate("performerDestroy", id=cast.ann)
        assert cast.together().writes == 1
        assert cast.names("actor") == expected
        assert cast.is_settled()


def test_where_plex_replaces_each_list_is_written_whole_and_what_only_goes_is_one_write(tmp_path: Path) -> None:
    with cast_of(tmp_path, "replace") as cast:
        expected = cast.replaced("actor", "Ann", "Anna")
        cast.bench.stash.rename("performers", cast.ann, "Anna")
        tally = cast.together()
        assert (len(tally.written), len(tally.alone), tally.writes) == (1, COUNT - 1, 1)
        cast.alone(tally)
        assert (cast.names("actor"), cast.writes) == (expected, COUNT)
        assert cast.bench.app.plex.traits.known()[Trait.TAG_LISTS] == "whole"
        expected = cast.replaced("actor", "Anna", None)
        cast.bench.stash.mutate("performerDestroy", id=cast.ann)
        tally = cast.together()
        assert (tally.alone, tally.writes) == ((), 1)
        assert cast.names("actor") == expected


def test_a_merge_adds_a_name_at_its_place(cast: Cast) -> None:
    stash = cast.bench.stash
    bea = stash.add_performer("Bea")
    expected = cast.replaced("actor", "Ann", "Bea")
    stash.mutate("performerMerge", source=[cast.ann], destination=bea)
    cast.alone(cast.together())
    assert cast.names("actor") == expected


def test_a_new_picture_finds_out_with_a_name_of_ours(cast: Cast) -> None:
    cast.bench.restart(stash_public_url="http://stash.home:9999")
    with cast.bench.stash.library_lock:
        cast.bench.stash.library.change("performers", cast.ann, picture=b"\x89PNG\r\n\x1a\n a picture")
    expected = cast.names("actor")
    cast.alone(cast.together())
    assert cast.names("actor") == expected
    shown = {tag.thumb for key in cast.items.values() for tag in cast.bench.plex.item(key).tags["actor"][:3]}
    assert any(f"performer/{cast.ann}/image" in thumb for thumb in shown)
    assert cast.bench.app.plex.traits.known()[Trait.TAG_LISTS] == (
        "add" if cast.bench.plex.behaviour.tag_lists == "add" else "whole"
    )
    assert cast.is_settled()


def test_what_is_lost_where_plex_was_taken_to_add_is_put_back_at_once(tmp_path: Path) -> None:
    with cast_of(tmp_path, "replace") as cast:
        cast.bench.app.plex.traits.put(Trait.TAG_LISTS, "add")
        expected = cast.replaced("actor", "Ann", "Anna")
        cast.bench.stash.rename("performers", cast.ann, "Anna")
        cast.alone(cast.together())
        assert cast.names("actor") == expected
        assert cast.bench.app.plex.traits.known()[Trait.TAG_LISTS] == "whole"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_batch_that_dies_while_it_asks_loses_nothing(cast: Cast, when: Literal["before", "after"]) -> None:
    expected = cast.replaced("actor", "Ann", "Anna")
    cast.bench.stash.rename("performers", cast.ann, "Anna")
    cast.bench.plex.faults.add(PlannedFault(when, times=None, match=is_edit, then="reset"))
    with pytest.raises(PlexUnavailable):
        cast.together()
    cast.bench.plex.faults.clear()
    cast.bench.restart()
    cast.alone(cast.together())
    assert cast.names("actor") == expected
    assert cast.is_settled()


def test_a_plex_with_an_order_of_its_own_keeps_its_batches(tmp_path: Path) -> None:
    with cast_of(tmp_path, "add", tag_order="arrival") as cast:
        for number in range(4):
            cast.bench.stash.rename("performers", cast.ann, f"Anna {number}")
            tally = cast.together()
            cast.alone(tally)
            assert all(f"Anna {number}" in names for names in cast.names("actor").values())
        assert tally.alone == ()
        assert tally.writes <= 3


def test_another_order_is_each_scenes_own(cast: Cast) -> None:
    stash = cast.bench.stash
    with stash.library_lock:
        for scene in cast.scenes:
            stash.library.existing(scene).performers.reverse()
    tally = cast.together()
    assert tally.alone == tuple(cast.scenes)
    cast.alone(tally)
    for scene, key in cast.items.items():
        ours = stash.names_of(scene)["performers"]
        assert cast.bench.plex.item(key).names("actor")[: len(ours)] == ours
        assert [one for one in differences(stash, scene, cast.bench.plex, key) if "actor" in one] == []


def test_a_cast_that_was_shuffled_before_is_no_reason_to_leave_the_batch(tmp_path: Path) -> None:
    with cast_of(tmp_path, "add") as cast:
        change: Callable[..., None] = cast.bench.plex.edit_as_person
        for key, names in cast.names("actor").items():
            change(key, actor=names[::-1])
        cast.bench.stash.rename("performers", cast.ann, "Anna")
        assert cast.together().alone == ()
        assert all("Anna" in names and "Ann" not in names for names in cast.names("actor").values())
