"""What people decided, and what is kept by rating key beside it, after rating keys have come to mean other files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.errors import PermanentError
from plexsync.ledger import State
from plexsync.model import Part
from tests.support.leaving_bench import LeavingBench, filled, leaving_bench
from tests.support.pair import Pair

ELSEWHERE = Part("/other/odd name.mp4", 999, 5000)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


def look(bench: LeavingBench) -> None:
    bench.new_index()
    bench.app.watch.look()
    bench.settle()


def pinned(bench: LeavingBench, pair: Pair) -> int:
    """A scene whose file nothing in Plex is like; a person says which item is its."""
    scene = bench.stash.add_scene(None, "/data/pinned.mp4", size=31337)
    filled(bench, scene, "Pinned")
    pair.items[scene] = bench.plex.add_item(bench.section, "guess of pinned", [ELSEWHERE])
    bench.new_index()
    assert bench.try_sync(scene) == "not_found"
    bench.app.ledger.reviews.accept(scene, pair.items[scene])
    assert bench.try_sync(scene) == "synced"
    bench.take_looks()
    assert pair.wrong() == []
    return scene


def test_a_pin_follows_its_file_round_the_circle(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    scene = pinned(bench, pair)
    pair.turn()
    bench.plex.forget()
    bench.stash.edit(scene, title="After")
    bench.new_index()
    assert bench.try_sync(scene) == "synced"
    assert {int(keys) for keys in bench.writes()} == {pair.items[scene]}
    bench.settle()
    assert pair.wrong() == []
    assert bench.app.ledger.reviews.settled(scene).pinned == pair.items[scene]


def test_a_pin_whose_file_is_gone_waits_for_it(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    scene = pinned(bench, pair)
    key = pair.items.pop(scene)
    bench.plex.remove_item(key)
    # The rating key that a person chose is another scene's item now.
    pair.rekey({pair.items[bench.scene]: key})
    bench.plex.forget()
    bench.stash.edit(scene, title="After")
    bench.new_index()
    assert bench.try_sync(scene) == "not_found"
    look(bench)
    assert bench.record(bench.scene).rating_key == key
    assert pair.wrong() == []
    pair.items[scene] = bench.plex.add_item(bench.section, "back again", [ELSEWHERE])
    bench.new_index()
    assert bench.try_sync(scene) == "synced"
    assert pair.wrong() == []


def test_a_pinned_file_that_is_renamed_stays_the_pinned_item(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    scene = pinned(bench, pair)
    bench.plex.rename_file(pair.items[scene], ELSEWHERE.file, "/other/renamed.mp4")
    look(bench)
    bench.stash.edit(scene, title="After")
    assert bench.try_sync(scene) == "synced"
    assert pair.wrong() == []


def test_a_pin_of_a_scene_survives_that_all_is_made_anew(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    scene = pinned(bench, pair)
    keys = list(pair.items.values())
    turned = dict(zip(keys, [*keys[2:], *keys[:2]], strict=True))
    bench.plex.make_anew(turned)
    pair.items = {one: turned[key] for one, key in pair.items.items()}
    look(bench)
    assert pair.wrong() == []
    assert bench.record(scene).rating_key == pair.items[scene]


def test_what_was_ruled_out_is_the_file_and_not_the_rating_key(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    scene = pinned(bench, pair)
    bench.app.ledger.reviews.forget(scene)
    out = pair.items[scene]
    bench.app.ledger.scenes.release(scene)
    with bench.database.write() as db:
        db.execute(
            "insert into veto (scene_id, rating_key, file, vetoed_at) values (?, ?, ?, 0)", (scene, out, ELSEWHERE.file)
        )
    # What was ruled out leaves Plex, and its rating key comes to be that of the scene's own file.
    bench.plex.remove_item(out)
    bench.plex.make_anew()
    own = bench.plex.add_item(bench.section, "guess", [Part("/media/pinned.mp4", 31337, 1000)])
    bench.plex.rekey_all({own: out})
    look(bench)
    bench.try_sync(scene)
    pair.items[scene] = out
    assert pair.wrong() == []


def test_an_old_candidate_cannot_be_accepted_by_a_key_that_means_another_file(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    twins = [
        bench.plex.add_item(bench.section, "twin", [Part(f"/media/{name}/twin film.mp4", 5555, 60_000)])
        for name in ("one", "two")
    ]
    scene = bench.stash.add_scene(None, "/elsewhere/twin film.mp4", size=5555, duration=60.0)
    bench.new_index()
    assert bench.try_sync(scene) == "review"
    review = bench.app.ledger.reviews.get(scene)
    assert review is not None
    chosen = review.candidates[0]
    other = next(key for key in pair.items.values() if key != chosen.rating_key)
    pair.rekey({chosen.rating_key: other, other: chosen.rating_key})
    bench.app.library.suspect()
    bench.app.library.refresh()
    with pytest.raises(PermanentError, match="no longer holds"):
        bench.app.ledger.reviews.accept(scene, chosen.rating_key)
    # It is looked at again by itself, and its candidates are those of today.
    assert scene in bench.looks
    bench.settle()
    again = bench.app.ledger.reviews.get(scene)
    assert again is not None
    assert {one.rating_key for one in again.candidates} == ({*twins} - {chosen.rating_key}) | {other}
    assert bench.record(scene).state is State.REVIEW


def test_what_an_item_was_told_is_not_passed_on_to_another_file(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    first, second = pair.items
    tag = bench.stash.add_tag("Both have it")
    bench.stash.edit(first, tags=[tag])
    bench.sync(first)
    key = pair.items.pop(first)
    bench.stash.mutate("sceneDestroy", id=first)
    assert bench.try_sync(first) == "gone"
    # Its item is gone as well, and the key comes to lead to a file of which others wrote the same tag.
    bench.plex.remove_item(key)
    bench.plex.edit_as_person(pair.items[second], genre=["Both have it", "Number 1 tag"])
    pair.rekey({pair.items[second]: key})
    look(bench)
    assert bench.plex.item(key).names("genre") == ["Both have it", "Number 1 tag"]
