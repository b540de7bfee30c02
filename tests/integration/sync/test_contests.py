"""Scenes that compete for items: who has which does not depend on who came first, and none is written to for two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexsync.model import Part
from tests.support.endings import LENGTHS, Ending, File, endings_of
from tests.support.several_items import SeveralItems, several_items
from tests.support.sync_bench import SIZE

Endings = Callable[[Sequence[File], Sequence[File]], set[Ending]]


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endings]:
    """Tells all ways it can end: the same servers for each of them, and a data folder of its own."""
    with several_items(tmp_path_factory.mktemp("endings") / "data") as bench:
        yield lambda scenes, items: endings_of(bench, scenes, items)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SeveralItems]:
    with several_items(tmp_path) as bench:
        yield bench


def test_of_two_that_want_one_item_the_one_whose_file_is_liker_has_it(endings: Endings) -> None:
    scenes = [File("old/first.mp4", SIZE + 1), File("old/harbour lights.mp4")]
    items = [File("new/harbour lights.mkv")]
    ((ended),) = endings(scenes, items)
    assert ended.scenes == (("not_found", None), ("synced", 0))


def test_of_copies_each_scene_has_one(endings: Endings) -> None:
    scenes = [File("one/harbour lights.mp4"), File("two/harbour lights.mp4")]
    items = [File("moved/harbour lights.mp4"), File("copied/harbour lights.mp4")]
    (ended,) = endings(scenes, items)
    assert {one for _, one in ended.scenes} == {0, 1}
    assert {state for state, _ in ended.scenes} == {"synced"}


def test_the_free_twin_is_taken_where_the_other_one_is_held_by_its_path(endings: Endings) -> None:
    scenes = [File("a/harbour lights.mp4"), File("gone/harbour lights.mp4")]
    items = [File("a/harbour lights.mp4"), File("b/harbour lights.mp4")]
    (ended,) = endings(scenes, items)
    assert ended.scenes == (("synced", 0), ("synced", 1))
    assert ended.items == ("Scene 0", "Scene 1")


def test_who_waited_between_two_is_sure_when_one_of_them_is_anothers(endings: Endings) -> None:
    """Two items of one length and name, of which neither has the scene's size."""
    name = "harbour lights at dawn.mp4"
    scenes = [File(f"gone/{name}", SIZE + 7), File(f"a/{name}", SIZE + 1)]
    items = [File(f"a/{name}", SIZE + 1), File(f"b/{name}", SIZE + 2)]
    (ended,) = endings(scenes, items)
    assert ended.scenes == (("synced", 1), ("synced", 0))


def test_a_title_that_was_overwritten_goes_on_speaking_for_its_scene(endings: Endings) -> None:
    """Of the two the one that has the file's name is to have the item; the other one is known by the title."""
    title, name = "The Keeper of the Northern Harbour", "vid 0026 of summer in the valley"
    scenes = [File("a/x1.mp4", SIZE + 1, title=title), File(f"b/{name}.mp4", SIZE + 2, title="Another")]
    items = [File(f"c/{name}.mp4", SIZE + 3, title=title)]
    (ended,) = endings(scenes, items)
    assert ended.scenes == (("review", None), ("synced", 0))


def test_three_scenes_and_two_items_leave_one_without(endings: Endings) -> None:
    scenes = [File(f"{folder}/harbour lights.mp4") for folder in ("one", "two", "three")]
    items = [File("moved/harbour lights.mp4"), File("copied/harbour lights.mp4")]
    (ended,) = endings(scenes, items)
    assert sorted(state for state, _ in ended.scenes) == ["review", "synced", "synced"]
    assert ended.scenes[2][0] == "review"


def test_an_owner_for_which_less_speaks_gives_way_and_both_are_written_anew(bench: SeveralItems) -> None:
    weak = bench.stash.add_scene("Weak", "/data/old/harbour lights at dawn in may.mp4", size=SIZE + 1)
    key = bench.plex.add_item(
        bench.section, "guess", [Part("/media/new/harbour lights at dawn in may.mp4", SIZE + 2, 1_800_000)]
    )
    bench.fill(weak, "Weak")
    bench.new_index()
    assert bench.sync(weak) == "synced"
    strong = bench.stash.add_scene("Strong", "/data/else/harbour lights at dawn in may.mp4", size=SIZE + 2)
    twin = bench.plex.add_item(
        bench.section, "guess", [Part("/media/x/harbour lights at dawn in may.mp4", SIZE + 3, 1_800_000)]
    )
    bench.new_index()
    bench.app.library.refresh()
    assert bench.sync(strong) == "synced"
    bench.settle()
    assert bench.owners()[key] == strong
    assert bench.record(weak).rating_key == twin
    assert bench.wrong_ones(weak, twin) == []
    shown = bench.plex.item(key)
    # Nothing of the other scene's is left in it.
    assert (shown.title, shown.names("genre"), shown.text("summary")) == ("Strong", [], "")


def test_whom_a_person_gave_an_item_keeps_it(bench: SeveralItems) -> None:
    weak = bench.stash.add_scene("Weak", "/data/old/other name.mp4", size=SIZE + 1, duration=20.0)
    key = bench.plex.add_item(bench.section, "guess", [Part("/media/new/harbour lights.mp4", SIZE + 2, 1_800_000)])
    bench.new_index()
    bench.try_sync(weak)
    bench.app.library.refresh()
    bench.app.ledger.reviews.accept(weak, key)
    assert bench.sync(weak) == "synced"
    strong = bench.stash.add_scene("Strong", "/data/else/harbour lights.mp4", size=SIZE + 2)
    assert bench.sync(strong) == "review"
    assert bench.owners()[key] == weak


def test_who_waits_is_looked_at_again_when_its_candidate_is_taken_in_a_turn_of_several(bench: SeveralItems) -> None:
    name = "harbour lights at dawn.mp4"
    waits = bench.stash.add_scene("Waits", f"/data/gone/{name}", size=SIZE + 7)
    keys = [
        bench.plex.add_item(bench.section, "guess", [Part(f"/media/{one}/{name}", SIZE + size, 1_800_000)])
        for size, one in enumerate("ab", start=1)
    ]
    bench.new_index()
    assert bench.sync(waits) == "review"
    there = bench.stash.add_scene("There", f"/data/a/{name}", size=SIZE + 1)
    assert set(bench.app.sync.sync_together([there, bench.scene], lambda _scene: nullcontext())) >= {there}
    assert bench.take_looks() == [waits]
    assert bench.sync(waits) == "synced"
    assert [bench.owners()[key] for key in keys] == [there, waits]


def test_looking_for_a_free_twin_is_foreseen(bench: SeveralItems) -> None:
    held, free = (
        bench.plex.add_item(bench.section, "guess", [Part(f"/media/{one}/harbour lights.mp4", SIZE + 9, 1_800_000)])
        for one in "ab"
    )
    first = bench.stash.add_scene("First", "/data/a/harbour lights.mp4", size=SIZE + 9)
    second = bench.stash.add_scene("Second", "/data/gone/harbour lights.mp4", size=SIZE + 9)
    bench.new_index()
    bench.app.library.refresh()
    bench.restart(all_items=False)
    bench.sync(first)
    assert bench.preview(second).key == free
    assert bench.sync(second) == "synced"
    assert (bench.owners()[held], bench.owners()[free]) == (first, second)


def test_who_is_refused_is_told_who_has_it_and_what_to_compare(bench: SeveralItems) -> None:
    bench.restart(all_items=False)
    first = bench.stash.add_scene("First", "/data/one/harbour lights.mp4", size=SIZE + 9)
    second = bench.stash.add_scene("Second", "/data/two/harbour lights.mp4", size=SIZE + 9)
    key = bench.plex.add_item(bench.section, "guess", [Part("/media/x/harbour lights.mp4", SIZE + 9, 1_800_000)])
    bench.new_index()
    assert [bench.sync(first), bench.sync(second)] == ["synced", "review"]
    review = bench.app.ledger.reviews.get(second)
    assert review is not None
    assert review.why == f"waits for review: item {key} belongs to scene {first}"
    assert review.candidates[0].rating_key == key
    assert review.candidates[0].hint.startswith(f"scene {first} has this item")


_NAMES = ("harbour lights", "harbour lights at dawn", "tape 7")
_files = st.builds(
    lambda folder, name, size, length, title: File(f"{folder}/{name}.mp4", SIZE + size, length, title),
    st.sampled_from(("a", "b", "c")),
    st.sampled_from(_NAMES),
    st.sampled_from((0, 1)),
    st.sampled_from(LENGTHS),
    st.sampled_from(("", "The Keeper of the Northern Harbour", "Vineyards in the Valley of Summer")),
)


@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    scenes=st.lists(_files, min_size=2, max_size=3, unique_by=lambda one: one.path),
    items=st.lists(_files, min_size=1, max_size=3, unique_by=lambda one: one.path),
)
def test_it_ends_alike_whoever_comes_first(endings: Endings, scenes: list[File], items: list[File]) -> None:
    assert len(endings(scenes, items)) == 1


def test_who_waited_beside_an_unlikely_item_is_sure_when_that_is_anothers(endings: Endings) -> None:
    """The item of which the size is not known lowers the other one, although it is not worth a person's look."""
    name = "harbour lights at dawn.mp4"
    scenes = [File(f"gone/{name}", SIZE + 7), File(f"c/{name}", SIZE + 1)]
    items = [File(f"c/{name}", 0), File(f"b/{name}", SIZE + 2, LENGTHS[0] + 0.3)]
    (ended,) = endings(scenes, items)
    assert ended.scenes == (("synced", 1), ("synced", 0))
