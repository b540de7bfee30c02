"""Scenes that come before their rivals: no item ever shows a scene that another one will take it from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from plexsync.errors import MatchUncertain
from plexsync.ledger.index import LibraryIndex
from plexsync.ledger.word_search import MOST_FOUND
from plexsync.model import IndexedPart, Part
from plexsync.stash.alike import Alike
from plexsync.sync import rivals
from tests.support.endings import File, endings_of
from tests.support.several_items import SeveralItems, several_items
from tests.support.sync_bench import SIZE

NAME = "harbour lights at dawn in may"
LENGTH = 1_800_000


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SeveralItems]:
    with several_items(tmp_path) as bench:
        yield bench


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveralItems]:
    """The same servers for many endings."""
    with several_items(tmp_path_factory.mktemp("rivals") / "data") as bench:
        yield bench


def add_item(bench: SeveralItems, path: str, size: int, length: int = LENGTH, title: str = "guess") -> int:
    key = bench.plex.add_item(bench.section, title, [Part(f"/media/{path}", size, length)])
    bench.new_index()
    bench.app.library.refresh()
    bench.plex.forget()
    return key


def add_scene(bench: SeveralItems, title: str, path: str, size: int, length: float = 1800.0) -> int:
    return bench.stash.add_scene(title, f"/data/{path}", size=size, duration=length)


def asked(bench: SeveralItems) -> int:
    return bench.app.stash.calls["scenes_like"]


def test_an_item_at_the_path_of_a_scene_that_has_not_come_yet_is_left_to_it(bench: SeveralItems) -> None:
    key = add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    owner = add_scene(bench, "Owner", f"a/{NAME}.mp4", SIZE + 1)
    assert bench.try_sync(early) == "not_found"
    assert bench.writes() == []
    assert asked(bench) == 1
    assert bench.sync(owner) == "synced"
    bench.settle()
    assert bench.owners()[key] == owner
    assert set(bench.writes()) == {str(key)}
    assert bench.plex.item(key).title == "Owner"


def test_an_item_that_fits_better_a_scene_that_has_not_come_yet_is_left_to_it(bench: SeveralItems) -> None:
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", "b/harbour lights at dawn.mp4", SIZE + 2)
    owner = add_scene(bench, "Owner", f"b/{NAME}.mp4", SIZE + 1)
    bench.try_sync(early)
    assert bench.writes() == []
    assert bench.sync(owner) == "synced"
    bench.settle()
    assert bench.owners()[key] == owner


def test_it_says_which_scene_the_item_fits_better(bench: SeveralItems) -> None:
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1, 1_800_100)
    early = add_scene(bench, "Early", f"y/{NAME}.mp4", SIZE + 2, 1800.4)
    owner = add_scene(bench, "Owner", f"x/{NAME}.mkv", SIZE + 1, 1800.1)
    assert bench.sync(early) == "review"
    review = bench.app.ledger.reviews.get(early)
    assert review is not None
    assert review.why == f"waits for review: item {key} fits scene {owner} better, which has no item yet"
    assert [one.rating_key for one in review.candidates] == [key]
    with pytest.raises(MatchUncertain, match=f"fits scene {owner} better"):
        bench.preview(early)


def test_without_its_rival_a_scene_has_the_item(bench: SeveralItems) -> None:
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"y/{NAME}.mp4", SIZE + 2)
    assert bench.preview(early).key == key
    assert bench.sync(early) == "synced"
    assert asked(bench) == 2
    # It has it from now on.
    assert bench.sync(early) == "unchanged"
    assert asked(bench) == 2


def test_a_rival_that_goes_leaves_the_item_to_who_waited(bench: SeveralItems) -> None:
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1, 1_800_100)
    add_item(bench, f"z/{NAME}.mp4", SIZE + 3, 1_800_100)
    early = add_scene(bench, "Early", f"y/{NAME}.mp4", SIZE + 2, 1800.4)
    rival = add_scene(bench, "Rival", f"q/{NAME}.mp4", SIZE + 5, 1800.1)
    assert [bench.sync(early), bench.sync(rival)] == ["review", "review"]
    bench.stash.mutate("sceneDestroy", id=rival)
    bench.try_sync(rival)
    assert early in bench.take_looks()
    assert key in {one.rating_key for one in bench.app.ledger.reviews.get(early).candidates}  # type: ignore[union-attr]


@pytest.mark.parametrize("which", ["path", "hash", "size"])
def test_where_the_file_decides_stash_is_not_asked(bench: SeveralItems, which: str) -> None:
    size = SIZE + 1 if which == "size" else SIZE + 2
    key = add_item(bench, f"a/{NAME}.mp4", SIZE + 1 if which == "size" else size)
    folder = "a" if which == "path" else "b"
    oshash = "0123456789abcdef" if which == "hash" else ""
    scene = bench.stash.add_scene("Scene", f"/data/{folder}/{NAME}.mp4", size=size, duration=1800.0, oshash=oshash)
    if which == "hash":
        parts = bench.app.ledger.index.of_item(key)
        bench.app.ledger.part_hashes.put(parts, {(key, parts[0].file): oshash})
    assert bench.sync(scene) == "synced"
    assert asked(bench) == 0


def test_a_rival_that_gets_another_item_stands_in_nobodys_way(bench: SeveralItems) -> None:
    """Its file lies at another item's path, though under another size, so that it is that one's."""
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1)
    add_item(bench, f"c/{NAME}.mp4", SIZE + 4, 1_700_000)
    other = add_scene(bench, "Other", f"c/{NAME}.mp4", SIZE + 4, 1700.0)
    scene = add_scene(bench, "Scene", f"y/{NAME}.mp4", SIZE + 2)
    assert bench.sync(scene) == "synced"
    assert bench.owners() == {key: scene}
    assert bench.sync(other) == "synced"


def test_scenes_claimed_together_take_nothing_from_who_has_not_come_yet(bench: SeveralItems) -> None:
    key = add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    add_scene(bench, "Owner", f"a/{NAME}.mp4", SIZE + 1)
    brought = bench.app.sync.sync_together([early, bench.scene], lambda _scene: nullcontext())
    assert early not in brought
    assert key not in bench.owners()


def three_alike(bench: SeveralItems) -> tuple[list[int], list[int]]:
    """Three items, and scenes that resemble them, to be brought together."""
    names = ("harbour lights at dawn in may", "vineyards in the valley of summer", "keeper of the northern shore")
    items = [
        add_item(bench, f"a/{name}.mp4", SIZE + place, LENGTH + 60_000 * place) for place, name in enumerate(names, 1)
    ]
    scenes = [
        add_scene(bench, f"Scene {place}", f"b/{name}.mp4", SIZE + 10 + place, 1800.0 + 60 * place)
        for place, name in enumerate(names, 1)
    ]
    return items, scenes


def bring(bench: SeveralItems, scenes: Sequence[int]) -> list[int]:
    """Bring scenes together, and then by themselves those that were left out."""
    brought = bench.app.sync.sync_together(scenes, lambda _scene: nullcontext())
    return [one for one in scenes if one not in brought and bench.try_sync(one) != "synced"]


def test_scenes_claimed_together_ask_for_their_rivals_in_one_question(bench: SeveralItems) -> None:
    items, scenes = three_alike(bench)
    assert bring(bench, scenes) == []
    assert {key: bench.owners().get(key) for key in items} == dict(zip(items, scenes, strict=True))
    assert asked(bench) == 1


def test_a_question_in_common_brings_each_item_its_rivals(bench: SeveralItems) -> None:
    items, scenes = three_alike(bench)
    owner = add_scene(bench, "Owner", "a/vineyards in the valley of summer.mp4", SIZE + 2, 1920.0)
    assert bring(bench, scenes) == [scenes[1]]
    assert asked(bench) == 1
    assert items[1] not in bench.owners()
    assert bench.sync(owner) == "synced"
    assert bench.owners()[items[1]] == owner


@pytest.mark.parametrize("why", ["more", "unreadable"])
def test_where_a_question_in_common_says_too_little_each_asks_for_itself(
    bench: SeveralItems, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    items, scenes = three_alike(bench)
    if why == "more":
        monkeypatch.setattr(rivals, "MOST_WEIGHED", 3)
    else:
        bench.stash.spoil(add_scene(bench, "Odd", "c/odd.mp4", SIZE + 30, 1860.0))
    left = bring(bench, scenes)
    assert asked(bench) > 1
    assert left == ([] if why == "more" else [scenes[0]])
    assert all(bench.owners()[key] == one for key, one in zip(items, scenes, strict=True) if one not in left)


def test_what_was_asked_in_common_does_not_count_later(bench: SeveralItems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "COUNTS_FOR", 0.0)
    _, scenes = three_alike(bench)
    assert bring(bench, scenes) == []
    assert asked(bench) == 4


def test_what_stash_finds_for_an_item_is_taken_for_like_it(bench: SeveralItems) -> None:
    """What one question found for several items is told apart here: none of those that Stash means is lost."""
    for place, (title, path, length) in enumerate(
        [
            ("Harbour", "b/one.mp4", 1798.2),
            ("Harbour", "b/Harbour Lights.mp4", 1798.99),
            ("HARBOUR LIGHTS", "b/two.mp4", 1799.0),
            ("harbour", "b/three.mp4", 1800.4),
            ("harbour", "b/four.mp4", 1801.99),
            ("harbour", "b/five.mp4", 1802.0),
            ("Rain", "harbour lights/six.mp4", 1200.0),
            ("Rain", "b/harbour lights.part 2.mp4", 1200.0),
            ("Rain", "b/seven.mp4", 0.0),
            ("Harbour Lights", "b/eight.mp4", 10.0),
            ("Rain", "b/nine.mp4", 10.0),
        ]
    ):
        add_scene(bench, title, path, SIZE + 10 + place, length)
    everyone = bench.app.stash.scenes_after(0, 100)
    for alike in (
        Alike(lengths=[1800.0]),
        Alike(names=["harbour lights"]),
        Alike(titles=["Harbour Lights"]),
        Alike([1200.5, 11.0], ["nine"], ["Rain"], lengthless=True),
        Alike([1800.9], lengthless=True),
    ):
        found = {one.id for one in bench.app.stash.scenes_like(alike, 100)}
        assert found
        taken = {one.id for one in everyone if alike.may_mean(one)}
        assert found <= taken < {one.id for one in everyone}


def test_a_rival_that_is_not_organized_is_one(bench: SeveralItems) -> None:
    bench.restart(only_organized=True)
    add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    owner = add_scene(bench, "Owner", f"a/{NAME}.mp4", SIZE + 1)
    bench.stash.edit(early, organized=True)
    assert bench.sync(owner) == "skipped"
    assert bench.try_sync(early) == "not_found"
    assert bench.writes() == []


def test_a_scene_that_stash_cannot_read_may_be_the_items(bench: SeveralItems) -> None:
    key = add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    owner = add_scene(bench, "Owner", f"a/{NAME}.mp4", SIZE + 1)
    bench.stash.spoil(owner)
    assert bench.sync(early) == "review"
    review = bench.app.ledger.reviews.get(early)
    assert review is not None
    assert review.why == f"waits for review: item {key} may be that of scene {owner}, which Stash cannot read"
    assert bench.writes() == []


def test_scenes_that_fit_worse_cost_no_search(bench: SeveralItems, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a large Stash dozens of scenes are as long as any item."""
    searched: list[Sequence[str]] = []
    search = LibraryIndex.by_words

    def by_words(index: LibraryIndex, words: Sequence[str], most: int = MOST_FOUND) -> list[IndexedPart]:
        searched.append(words)
        return search(index, words, most)

    monkeypatch.setattr(LibraryIndex, "by_words", by_words)
    add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    scene = add_scene(bench, "Scene", f"b/{NAME}.mp4", SIZE + 2)
    for number in range(5):
        add_scene(bench, f"Other {number}", f"c/{number} keeper of the north.mp4", SIZE + 10 + number)
    assert bench.sync(scene) == "synced"
    assert asked(bench) == 1
    # Its own name is enough for itself.
    assert searched == []


def test_of_more_scenes_than_can_be_compared_none_has_it(bench: SeveralItems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rivals, "MOST_WEIGHED", 3)
    add_item(bench, f"a/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    for number in range(3):
        add_scene(bench, f"Other {number}", f"c/{number}.mp4", SIZE + 10 + number)
    assert bench.sync(early) == "review"
    review = bench.app.ledger.reviews.get(early)
    assert review is not None
    assert "more scenes than can be compared" in review.why


def test_a_rival_of_unknown_length_is_asked_for_as_long_as_there_are_few(
    bench: SeveralItems, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = add_item(bench, f"x/{NAME}.mp4", SIZE + 1)
    early = add_scene(bench, "Early", f"b/{NAME}.mp4", SIZE + 2)
    owner = add_scene(bench, "Owner", "x/harbour lights at dawn.mp4", SIZE + 1, 0.0)
    assert bench.try_sync(early) == "review"
    assert bench.sync(owner) == "synced"
    assert bench.owners()[key] == owner
    monkeypatch.setattr(rivals, "MOST_WEIGHED", 3)
    add_item(bench, "y/vineyards in the valley of summer.mp4", SIZE + 3, 1_900_000)
    other = add_scene(bench, "Other", "b/vineyards in the valley of summer.mp4", SIZE + 4, 1900.0)
    for number in range(3):
        add_scene(bench, f"Other {number}", f"c/{number}.mp4", SIZE + 10 + number, 0.0)
    before = asked(bench)
    assert bench.sync(other) == "synced"
    assert asked(bench) == before + 2


def test_in_no_order_does_an_item_show_whom_it_does_not_stay_with(shared: SeveralItems) -> None:
    scenes = [
        File(f"old/{NAME}.mp4", SIZE + 11),
        File(f"a/{NAME}.mp4", SIZE + 1),
        File("else/harbour lights at dawn.mp4", SIZE + 12),
    ]
    items = [File(f"a/{NAME}.mp4", SIZE + 1), File(f"b/{NAME}.mp4", SIZE + 2)]
    ends = endings_of(shared, scenes, items, in_passing=False)
    assert len(ends) == 1


_NAMES = ("harbour lights", "harbour lights at dawn", "tape 7", NAME)


def _files(sizes: Sequence[int]) -> st.SearchStrategy[File]:
    return st.builds(
        lambda folder, name, size, length, title: File(f"{folder}/{name}.mp4", SIZE + size, length, title),
        st.sampled_from(("a", "b", "c")),
        st.sampled_from(_NAMES),
        st.sampled_from(sizes),
        st.sampled_from((1500.25, 1500.75, 1740.5)),
        st.sampled_from(("", "The Keeper of the Northern Harbour", "Vineyards in the Valley of Summer")),
    )


_each_other = (lambda one: one.path, lambda one: one.size)


#: To shrink an example takes minutes, as each of its orders is a run of its own.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=_PHASES)
@given(
    scenes=st.lists(
        _files(range(1, 5)), min_size=2, max_size=3, unique_by=(lambda one: one.path, lambda one: one.size)
    ),
    items=st.lists(_files(range(3, 9)), min_size=1, max_size=3, unique_by=(lambda one: one.path, lambda one: one.size)),
)
def test_whoever_comes_first_no_item_shows_it_in_passing(
    shared: SeveralItems, scenes: list[File], items: list[File]
) -> None:
    """Without files of one size to the byte, but for those at one path: of these Stash is not asked."""
    alike = [(one, other) for one in scenes for other in items if one.size == other.size]
    assume(all((one.path, one.length) == (other.path, other.length) for one, other in alike))
    assert len(endings_of(shared, scenes, items, in_passing=False)) == 1
