"""Matches that wait for a person: what is kept of them, and what a person's word does to scenes and items."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import time

import pytest

from plexsync.errors import PermanentError
from plexsync.ledger import Confirmation, Ledger, Result, SceneRecord, State
from plexsync.ledger.rescue import Rescue, damaged_files
from plexsync.ledger.reviews import BATCH, CHOSEN
from plexsync.matching.lookup import Match, Settled
from plexsync.model import Field, ListedItem, Part
from plexsync.storage.database import Database
from tests.support.places import ROOT
from tests.support.plans import whole_reads
from tests.support.sql_seen import statements_of

WHY = "waits for review: two items are as likely"


def listed(ledger: Ledger, key: int, *files: str) -> None:
    """An item of the index."""
    parts = tuple(Part(file, 10, 1000) for file in files)
    ledger.index.put([ListedItem(key, 1, f"Item {key}", added_at=key, updated_at=key, parts=parts)])


def match(key: int, confidence: int = 70, path: str | None = None) -> Match:
    reasons = ("same file name", "same duration")
    return Match(key, 1, confidence, reasons, f"Item {key}", path or f"/media/{key}.mp4", "/data/scene.mp4")


def in_review(ledger: Ledger, scene_id: int, *candidates: Match) -> None:
    """A scene as the sync leaves it when it is not sure."""
    ledger.reviews.put(scene_id, candidates)
    ledger.scenes.set_state(scene_id, State.REVIEW, Result.REVIEW, error=WHY)


def synced(ledger: Ledger, scene_id: int, key: int, applied: str = '{"texts": {}}') -> None:
    """A scene that has an item, which was told ``applied`` and the poster ``abc``."""
    ledger.scenes.matched(scene_id, match(key, 92))
    ledger.sent_pictures.begin_uploads([(scene_id, key, Field.POSTER, "abc", None)])
    ledger.sent_pictures.finish_upload(scene_id, Field.POSTER, '"etag"')
    ledger.scenes.confirm_write(scene_id, key, Confirmation("A", applied, "f", (), time.time(), Result.SYNCED))


def record(ledger: Ledger, scene_id: int) -> SceneRecord:
    found = ledger.scenes.get(scene_id)
    assert found is not None
    return found


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """A ledger that knows the items 7, 8 and 9."""
    ledger = Ledger(database)
    for key in (7, 8, 9):
        listed(ledger, key, f"/media/{key}.mp4")
    return ledger


# --- What waits ------------------------------------------------------------------------------------------------------


def test_a_review_holds_why_and_the_candidates_the_likeliest_first(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7, 61), match(8, 88))
    review = ledger.reviews.get(45)
    assert review is not None
    assert (review.scene_id, review.title, review.why) == (45, "", WHY)
    assert review.candidates == (match(8, 88), match(7, 61))


def test_a_scene_that_does_not_wait_has_no_review(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    synced(ledger, 45, 7)
    assert ledger.reviews.get(45) is None
    assert ledger.reviews.get(777) is None
    assert list(ledger.reviews.pages()) == []


def test_all_reviews_come_in_pages_by_scene_each_once(ledger: Ledger) -> None:
    for scene in range(2 * BATCH + 1, 0, -1):
        in_review(ledger, scene, match(7, 60), match(8, 61))
    pages = list(ledger.reviews.pages())
    assert [len(page) for page in pages] == [BATCH, BATCH, 1]
    assert [one.scene_id for page in pages for one in page] == list(range(1, 2 * BATCH + 2))
    assert {len(one.candidates) for page in pages for one in page} == {2}
    assert ledger.reviews.count() == 2 * BATCH + 1


def test_candidates_that_were_ruled_out_meanwhile_do_not_come_back(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.reject(45)
    in_review(ledger, 45, match(7), match(8))  # A sync that had begun before.
    review = ledger.reviews.get(45)
    assert review is not None
    assert [one.rating_key for one in review.candidates] == [8]


# --- Accepting -------------------------------------------------------------------------------------------------------


def test_an_accepted_item_is_the_scenes_and_pinned(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    assert ledger.reviews.accept(45, 8) == [45]
    assert ledger.reviews.settled(45) == Settled(pinned=8, known=8)
    scene = record(ledger, 45)
    assert (scene.state, scene.rating_key, scene.confidence, scene.reasons) == (State.PENDING, 8, 100, (CHOSEN,))
    assert (scene.section_id, scene.part_file, scene.last_error) == (1, "/media/8.mp4", None)
    assert ledger.reviews.get(45) is None


def test_an_item_that_was_no_candidate_can_be_accepted_too(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 9)
    assert ledger.reviews.settled(45).pinned == 9


def test_accepting_what_was_ruled_out_takes_that_back(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.reject(45)
    ledger.reviews.accept(45, 8)
    assert ledger.reviews.settled(45) == Settled(pinned=8, vetoed=frozenset({7}), known=8)


def test_of_an_item_with_several_files_the_candidates_speaks_for_it(ledger: Ledger) -> None:
    listed(ledger, 10, "/media/a.mp4", "/media/b.mp4")
    in_review(ledger, 45, match(10, path="/media/b.mp4"))
    ledger.reviews.accept(45, 10)
    in_review(ledger, 46)
    listed(ledger, 11, "/media/d.mp4", "/media/c.mp4")
    ledger.reviews.accept(46, 11)
    assert (record(ledger, 45).part_file, record(ledger, 46).part_file) == ("/media/b.mp4", "/media/c.mp4")


def test_a_scene_that_has_the_item_already_keeps_what_is_known_of_it(ledger: Ledger) -> None:
    synced(ledger, 45, 7, '{"texts": {"title": "A"}}')
    ledger.reviews.accept(45, 7)
    scene = record(ledger, 45)
    assert (scene.applied, scene.intended, scene.fingerprint) == ('{"texts": {"title": "A"}}', None, "f")
    assert (scene.file, scene.part_file) == ("/data/scene.mp4", "/media/7.mp4")


def test_what_was_told_to_the_item_before_turns_doubtful(ledger: Ledger) -> None:
    synced(ledger, 45, 7, '{"old": 1}')
    ledger.reviews.accept(45, 8)
    scene = record(ledger, 45)
    assert (scene.rating_key, scene.intended, scene.fingerprint, scene.file) == (8, '{"old": 1}', None, None)


@pytest.mark.parametrize(("scene", "key", "says"), [(777, 7, "sync 777"), (45, 777, "PLEXSYNC_PLEX_LIBRARIES")])
def test_what_is_not_there_cannot_be_accepted_and_nothing_changes(
    ledger: Ledger, scene: int, key: int, says: str
) -> None:
    in_review(ledger, 45, match(7))
    synced(ledger, 46, 8)
    before = [ledger.reviews.get(45), record(ledger, 45), record(ledger, 46)]
    with pytest.raises(PermanentError, match=says):
        ledger.reviews.accept(scene, key)
    assert [ledger.reviews.get(45), record(ledger, 45), record(ledger, 46)] == before
    assert ledger.reviews.settled(scene).pinned is None


def test_a_scene_that_stash_has_no_longer_cannot_be_accepted_for(ledger: Ledger) -> None:
    ledger.scenes.set_state(45, State.GONE, Result.GONE)
    with pytest.raises(PermanentError, match="no scene 45 any more"):
        ledger.reviews.accept(45, 7)


# --- An item that another scene has ----------------------------------------------------------------------------------


def test_a_scene_whose_item_is_given_away_waits_for_review_and_says_why(ledger: Ledger) -> None:
    synced(ledger, 44, 7)
    in_review(ledger, 45, match(7))
    assert ledger.reviews.accept(45, 7) == [45, 44]
    loser = record(ledger, 44)
    assert (loser.state, loser.rating_key, loser.last_error) == (
        State.REVIEW,
        None,
        "item 7 was given to scene 45 by a person",
    )
    review = ledger.reviews.get(44)
    assert review is not None
    (candidate,) = review.candidates
    assert (candidate.rating_key, candidate.confidence, candidate.path) == (7, 92, "/media/7.mp4")
    assert candidate.reasons == ("same file name", "same duration", "a person gave it to scene 45")


def test_what_the_loser_told_the_item_is_cleared_or_kept_by_the_scene_that_has_it_now(ledger: Ledger) -> None:
    synced(ledger, 44, 7, '{"tags": {"tags": ["Outdoor"]}}')
    synced(ledger, 45, 8, '{"texts": {"title": "B"}}')
    ledger.reviews.accept(45, 7)
    winner, loser = record(ledger, 45), record(ledger, 44)
    assert (winner.applied, winner.intended) == ('{"tags": {"tags": ["Outdoor"]}}',) * 2
    assert loser.intended == '{"tags": {"tags": ["Outdoor"]}}'


def test_a_push_in_doubt_stays_in_doubt_with_the_new_owner(ledger: Ledger) -> None:
    synced(ledger, 44, 7, '{"old": 1}')
    assert ledger.scenes.note_intent(44, 7, '{"old": 1}', '{"new": 1}')
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    winner = record(ledger, 45)
    assert (winner.applied, winner.intended) == ('{"old": 1}', '{"new": 1}')


def test_a_scene_that_gets_its_item_back_takes_no_picture_for_its_own(ledger: Ledger) -> None:
    synced(ledger, 44, 7)
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    assert ledger.reviews.accept(44, 7) == [44, 45]
    assert record(ledger, 44).rating_key == 7
    picture = ledger.sent_pictures.get(44, Field.POSTER)
    assert picture is not None
    assert (picture.sha1, picture.uploaded) == ("", False)


def test_the_later_word_of_a_person_counts(ledger: Ledger) -> None:
    in_review(ledger, 44, match(7))
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(44, 7)
    assert ledger.reviews.accept(45, 7) == [45, 44]
    assert (ledger.reviews.settled(44).pinned, ledger.reviews.settled(45).pinned) == (None, 7)


def test_a_pin_on_an_item_that_was_scanned_anew_gives_way_too(ledger: Ledger) -> None:
    in_review(ledger, 44, match(7))
    ledger.reviews.accept(44, 7)
    ledger.index.drop(7)
    listed(ledger, 70, "/media/7.mp4")
    in_review(ledger, 45)
    assert ledger.reviews.accept(45, 70) == [45, 44]
    assert ledger.reviews.settled(44).pinned is None


# --- Items that get a new rating key ---------------------------------------------------------------------------------


def test_a_pin_follows_its_file_to_the_item_that_holds_it_now(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    ledger.index.drop(7)
    assert ledger.reviews.settled(45).pinned == 7
    listed(ledger, 70, "/media//7.mp4")
    listed(ledger, 71, "/media/other.mp4")
    assert ledger.reviews.settled(45).pinned == 70


def test_a_pin_stays_with_its_item_when_the_file_gets_another_name(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    listed(ledger, 7, "/media/better.mkv")
    assert ledger.reviews.settled(45).pinned == 7


def test_a_rating_key_that_a_new_plex_gave_to_another_file_is_not_the_pinned_item(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.accept(45, 7)
    listed(ledger, 7, "/media/8.mp4")
    listed(ledger, 8, "/media/7.mp4")
    assert ledger.reviews.settled(45).pinned == 8


def test_a_veto_follows_its_file_and_never_rules_out_what_is_pinned(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.reject(45)
    ledger.index.drop(7)
    listed(ledger, 70, "/media/7.mp4")
    assert ledger.reviews.settled(45).vetoed == {70, 8}
    ledger.reviews.accept(45, 70)
    assert ledger.reviews.settled(45) == Settled(pinned=70, vetoed=frozenset({8}), known=70)


def test_a_veto_on_one_of_two_items_with_the_same_file_spares_the_other(ledger: Ledger) -> None:
    listed(ledger, 70, "/media/7.mp4")
    in_review(ledger, 45, match(7))
    ledger.reviews.reject(45)
    assert ledger.reviews.settled(45).vetoed == {7}


# --- Rejecting and forgetting ----------------------------------------------------------------------------------------


def test_rejecting_rules_out_all_candidates(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    assert ledger.reviews.reject(45) == 2
    scene = record(ledger, 45)
    assert (scene.state, scene.last_error) == (State.NOT_FOUND, "a person ruled out 2 candidates")
    assert ledger.reviews.settled(45) == Settled(vetoed=frozenset({7, 8}))
    assert ledger.reviews.count() == 0


def test_rejecting_a_scene_without_candidates_rules_out_the_item_it_has(ledger: Ledger) -> None:
    synced(ledger, 45, 7)
    assert ledger.reviews.reject(45) == 1
    scene = record(ledger, 45)
    assert (scene.state, scene.rating_key) == (State.NOT_FOUND, None)
    assert scene.last_error == "a person ruled out item 7"
    assert ledger.reviews.settled(45).vetoed == {7}


def test_rejecting_the_pinned_item_takes_the_pin_away(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.accept(45, 7)
    ledger.reviews.reject(45)
    assert ledger.reviews.settled(45) == Settled(vetoed=frozenset({7}))


@pytest.mark.parametrize("scene", [45, 46, 777])
def test_nothing_is_rejected_where_there_is_nothing(ledger: Ledger, scene: int) -> None:
    in_review(ledger, 45)
    ledger.scenes.set_state(46, State.NOT_FOUND, Result.NOT_FOUND, error="no item")
    with pytest.raises(PermanentError, match=f"sync {scene}"):
        ledger.reviews.reject(scene)
    assert record(ledger, 46).last_error == "no item"


def test_forgetting_takes_pin_vetoes_and_the_match_that_rests_on_them(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.reject(45)
    ledger.reviews.accept(45, 8)
    assert ledger.reviews.forget(45) == 2
    assert ledger.reviews.settled(45) == Settled()
    assert record(ledger, 45).state is State.PENDING
    assert ledger.reviews.forget(45) == 0


def test_forgetting_vetoes_leaves_the_match_alone(ledger: Ledger) -> None:
    in_review(ledger, 45, match(7))
    ledger.reviews.reject(45)
    synced(ledger, 45, 8)
    assert ledger.reviews.forget(45) == 1
    assert record(ledger, 45).rating_key == 8


# --- What survives ---------------------------------------------------------------------------------------------------


def test_decisions_of_two_processes_at_once_are_all_kept_and_no_item_has_two_scenes(
    database: Database, ledger: Ledger
) -> None:
    for scene in range(100, 140):
        in_review(ledger, scene, match(7))
    script = (
        "import sys; from pathlib import Path; from tests.support import on_postgres; on_postgres.use_if_asked()\n"
        "from plexsync.storage.database import Database; from plexsync.ledger import Ledger\n"
        f"reviews = Ledger(Database(Path({str(database.path)!r}))).reviews\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for scene in range(int(sys.argv[1]), 140, 2): reviews.accept(scene, 7)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, start],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for start in ("100", "101")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    records = [record(ledger, scene) for scene in range(100, 140)]
    (owner,) = [one.scene_id for one in records if one.rating_key == 7]
    assert [one.scene_id for one in records if ledger.reviews.settled(one.scene_id).pinned] == [owner]
    assert {one.state for one in records if one.scene_id != owner} == {State.REVIEW}


@pytest.mark.sqlite
def test_a_decision_is_on_the_disk_when_it_is_told(database: Database, ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    for decide in (lambda: ledger.reviews.reject(45), lambda: ledger.reviews.accept(45, 7)):
        decide()
        with database.read() as db:
            assert db.execute("pragma synchronous").fetchone()[0] == 2


@pytest.mark.sqlite
def test_pins_and_vetoes_are_saved_out_of_a_damaged_file(
    database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.reject(45)
    ledger.reviews.accept(45, 7)
    in_review(ledger, 46, match(9))
    with database.write() as db:
        db.executemany(
            "insert into outcome (at, scene_id, outcome, error) values (1, ?, 'retry', ?)",
            [(scene, "x" * 2000) for scene in range(1000, 3000)],
        )
    database.close()
    path = database.path
    with sqlite3.connect(path) as plain:
        plain.execute("pragma wal_checkpoint(truncate)")
    plain.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * 7 // 10 // 4096 * 4096)
        file.write(os.urandom(40_000))
    rescue = Rescue(path)
    with caplog.at_level(logging.WARNING):
        damaged = rescue.before_start(ran_before=True)
        assert damaged is not None
        fresh = Ledger(database)
        rescue.salvage(damaged, database)
    assert damaged_files(path) == [damaged]
    assert "1 pin" in caplog.text
    assert "1 veto" in caplog.text
    assert fresh.reviews.settled(45) == Settled(pinned=7, vetoed=frozenset({8}), known=7)
    review = fresh.reviews.get(46)
    assert review is not None
    assert review.candidates == (match(9),)
    # The index is read anew, and can be.
    listed(fresh, 7, "/media/7.mp4")
    with database.read() as db:
        assert db.execute("pragma integrity_check").fetchone()[0] == "ok"


@pytest.mark.sqlite
def test_garbage_among_decisions_is_left_behind(database: Database, ledger: Ledger) -> None:
    with database.write() as db:
        db.execute("insert into pin values (1, 'x', '/a', 1), (2, 7, x'00ff', 1), (3, 7, '/media/7.mp4', 1)")
        db.execute("insert into veto values (1, 'x', '/a', 1), (2, 8, '/media/8.mp4', 1)")
        db.execute(
            "insert into candidate (scene_id, rating_key, confidence, reasons, title, path) "
            "values (1, 7, 70, 'no json', '', ''), (2, 7, 70, '[]', '', '')"
        )
    database.close()
    copy = database.path.with_name("copy")
    database.path.rename(copy)
    fresh = Ledger(database)
    Rescue(database.path).salvage(copy, database)
    with database.read() as db:
        assert [tuple(row) for row in db.execute("select scene_id, rating_key from pin")] == [(3, 7)]
        assert [tuple(row) for row in db.execute("select scene_id, rating_key from veto")] == [(2, 8)]
        assert [row[0] for row in db.execute("select scene_id from candidate")] == [2]
    assert fresh.reviews.settled(3).pinned == 7


def test_what_a_sync_asks_of_decisions_goes_through_indexes(database: Database, ledger: Ledger) -> None:
    in_review(ledger, 45, match(7), match(8))
    ledger.reviews.reject(45)
    ledger.reviews.accept(45, 7)
    in_review(ledger, 46, match(9))
    with statements_of(database) as statements:
        ledger.reviews.settled(45)
        ledger.reviews.put(45, [match(7)])
        ledger.reviews.get(46)
        list(ledger.reviews.pages())
    assert len(statements) > 8
    assert whole_reads(database, statements) == {}
