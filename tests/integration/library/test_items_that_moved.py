"""Items that come back under other keys: what is noticed when Plex is looked at, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from plexsync.ledger import Move, State
from plexsync.ledger.index import MISSING_FOR
from plexsync.model import Part
from tests.support.leaving_bench import LeavingBench, leaving_bench
from tests.support.pair import Pair


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LeavingBench]:
    with leaving_bench(tmp_path) as bench:
        yield bench


def look(bench: LeavingBench) -> None:
    """The watch's turn, and what it queues."""
    bench.new_index()
    bench.app.watch.look()
    bench.settle()


def test_an_item_that_was_added_anew_is_found_while_nothing_happens(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    pair.items[bench.scene] = bench.plex.rekey(pair.items[bench.scene])
    look(bench)
    assert pair.wrong() == []
    assert bench.record(bench.scene).rating_key == pair.items[bench.scene]


def test_an_item_that_is_only_there_twice_costs_one_look_where_one_item_is_enough(tmp_path: Path) -> None:
    with leaving_bench(tmp_path, all_items=False) as bench:
        pair = Pair(bench)
        file = bench.plex.item(bench.key).parts
        look(bench)
        bench.plex.forget()
        bench.plex.add_item(bench.section, "the same file again", file)
        look(bench)
        assert bench.writes() == []
        assert bench.record(bench.scene).rating_key == bench.key
        bench.plex.forget()
        look(bench)
        assert [one.path for one in bench.plex.log if one.path.endswith("/all")] == []
        assert pair.wrong() == []


def test_items_that_were_merged_and_split_again_are_right_both_times(bench: LeavingBench) -> None:
    pair = Pair(bench)
    first, second = pair.items
    bench.plex.merge(pair.items[second], into=pair.items[first])
    look(bench)
    assert bench.record(first).rating_key == pair.items[first]
    assert bench.record(first).state is State.SYNCED
    # Two scenes, one item: a person decides, and nothing of the second is written to the first one's.
    assert bench.plex.item(pair.items[first]).title == "Number 0 title"
    (pair.items[second],) = bench.plex.split(pair.items[first])
    look(bench)
    assert pair.wrong() == []
    assert {bench.record(scene).state for scene in pair.items} == {State.SYNCED}


def test_a_file_that_was_renamed_is_found_as_soon_as_stash_knows(bench: LeavingBench) -> None:
    pair = Pair(bench)
    bench.plex.rename_file(bench.key, "/media/a file.mp4", "/media/renamed.mp4")
    bench.stash.move_file(bench.file_of(bench.scene, "/data/a file.mp4"), "/data/renamed.mp4")
    look(bench)
    assert bench.record(bench.scene).part_file == "/media/renamed.mp4"
    bench.stash.edit(bench.scene, title="After")
    assert bench.sync() == "synced"
    assert pair.wrong() == []


def test_a_file_that_was_encoded_anew_under_another_key_is_found(bench: LeavingBench) -> None:
    pair = Pair(bench)
    bench.plex.remove_item(bench.key)
    new = [Part("/media/a file.mkv", 777, 1_800_000)]
    pair.items[bench.scene] = bench.plex.add_item(bench.section, "guess", new)
    bench.stash.move_file(bench.file_of(bench.scene, "/data/a file.mp4"), "/data/a file.mkv")
    look(bench)
    assert pair.wrong() == []
    assert bench.record(bench.scene).part_file == "/media/a file.mkv"


def test_items_that_vanish_are_looked_for_and_found_when_they_are_back(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    key = pair.items.pop(bench.scene)
    bench.plex.remove_item(key)
    look(bench)
    assert bench.record(bench.scene).state is State.NOT_FOUND
    assert pair.wrong() == []
    pair.items[bench.scene] = bench.plex.add_item(
        bench.section, "back", [Part("/media/a file.mp4", 123_456_789, 1_800_000)]
    )
    look(bench)
    assert pair.wrong() == []


def test_a_disk_that_is_not_mounted_is_said_once_and_changes_nothing(
    bench: LeavingBench, caplog: pytest.LogCaptureFixture
) -> None:
    pair = Pair(bench, 25)
    kept = list(pair.items)[-1]
    files = {scene: bench.plex.item(key).parts for scene, key in pair.items.items()}
    for scene, key in pair.items.items():
        if scene != kept:
            bench.plex.remove_item(key)
    for _ in range(3):
        bench.new_index()
        bench.app.watch.look()
    assert bench.take_looks() == []
    assert caplog.text.count("is a disk not mounted") == 1
    assert {bench.record(scene).state for scene in pair.items} == {State.SYNCED}
    # Back again, as Plex does it: under other keys.
    for scene in pair.items:
        if scene != kept:
            pair.items[scene] = bench.plex.add_item(bench.section, "back", files[scene])
    look(bench)
    assert pair.wrong() == []


def test_a_backup_that_was_restored_over_later_edits_is_noticed(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    look(bench)
    backup = bench.plex.back_up()
    bench.plex_ahead[0] += 60
    bench.stash.edit(bench.scene, title="After the backup", tags=[bench.stash.add_tag("After")])
    assert bench.sync() == "synced"
    look(bench)
    bench.plex.restore(backup)
    bench.plex_ahead[0] += 60
    assert pair.wrong() != []
    look(bench)
    assert pair.wrong() == []


def test_rating_keys_that_are_used_again_after_a_restore_belong_to_nobody(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    backup = bench.plex.back_up()
    late = bench.stash.add_scene(None, "/data/late.mp4", size=4242)
    key = bench.plex.add_item(bench.section, "guess", [Part("/media/late.mp4", 4242, 1000)])
    bench.new_index()
    bench.stash.edit(late, title="Late")
    assert bench.sync(late) == "synced"
    bench.plex.restore(backup)
    # Another file comes first when Plex scans again, and gets the key.
    other = bench.stash.add_scene(None, "/data/other.mp4", size=4343)
    assert bench.plex.add_item(bench.section, "guess", [Part("/media/other.mp4", 4343, 1000)]) == key
    pair.items[other] = key
    pair.items[late] = bench.plex.add_item(bench.section, "guess", [Part("/media/late.mp4", 4242, 1000)])
    bench.stash.edit(late, title="Late, edited")
    bench.new_index()
    assert bench.try_sync(late) == "synced"
    assert bench.plex.item(key).title == "guess"
    assert bench.try_sync(other) == "synced"
    look(bench)
    assert pair.wrong() == []


def test_a_canary_that_holds_another_file_has_everything_read_anew(bench: LeavingBench) -> None:
    pair = Pair(bench, 4)
    look(bench)
    with bench.plex.quietly():
        pair.turn()
    look(bench)
    assert pair.wrong() == []
    assert bench.writes() == []


def test_an_old_data_folder_takes_what_it_sees_for_what_it_knew(bench: LeavingBench) -> None:
    pair = Pair(bench, 2)
    with bench.database.write() as db:
        db.execute("update section set uuid = null")
        db.execute("delete from fact where key in ('plex_identity', 'items_moved')")
    bench.plex.forget()
    look(bench)
    assert bench.writes() == []
    assert bench.app.ledger.facts.get("plex_identity") == bench.plex.machine_identifier
    with bench.database.read() as db:
        assert db.execute("select uuid from section").fetchone()[0]
    bench.plex.make_anew()
    look(bench)
    assert pair.wrong() == []


def test_a_section_that_was_made_anew_under_another_id_is_found(bench: LeavingBench) -> None:
    pair = Pair(bench, 3)
    pair.items = dict(zip(pair.items, bench.plex.move_section(bench.section, "Scenes, anew"), strict=True))
    look(bench)
    with bench.database.write() as db:
        db.execute("update section set missing_since = missing_since - ?", (MISSING_FOR,))
    look(bench)
    assert pair.wrong() == []


def test_a_scene_that_lost_its_item_while_others_were_led_is_sent_no_picture_twice(
    bench: LeavingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(bench, 3)
    moves = bench.app.ledger.moves
    pair.turn()
    bench.new_index()
    bench.app.library.suspect()
    found: list[Move] = []
    lead = moves.lead

    def late(given: Iterable[Move]) -> None:
        # In another thread a scene wanted the item that this one has, and has it by now.
        found.extend(given)
        bench.app.ledger.scenes.release(bench.scene)
        lead(found)

    monkeypatch.setattr(moves, "lead", late)
    bench.app.library.refresh()
    assert bench.record(bench.scene).rating_key is None
    bench.try_sync(bench.scene)
    bench.settle()
    assert pair.wrong() == []
