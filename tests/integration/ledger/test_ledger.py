"""The ledger: what survives, what is dropped, what makes what doubtful."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from plexsync.ledger import Confirmation, Ledger, Result, State
from plexsync.ledger.scenes import HISTORY_PER_SCENE
from plexsync.matching.lookup import Match
from plexsync.model import Field, SceneFile
from plexsync.storage.database import Database
from tests.support.plans import whole_reads
from tests.support.sql_seen import statements_of

MATCH = Match(7, 1, 100, ("same path",), "Guess", "/media/a.mp4")


def synced(ledger: Ledger, scene_id: int, applied: str = "{}", key: int = 7) -> None:
    assert ledger.scenes.matched(scene_id, replace(MATCH, rating_key=key)) is None
    assert ledger.scenes.note_intent(scene_id, key, "{}", applied)
    assert ledger.scenes.confirm_write(
        scene_id, key, Confirmation("A", applied, "f", ["padded"], time.time(), Result.SYNCED, intended=applied)
    )


def test_an_unknown_scene_is_none(ledger: Ledger) -> None:
    assert ledger.scenes.get(45) is None


def test_a_finished_push_is_remembered_and_no_longer_doubtful(ledger: Ledger) -> None:
    synced(ledger, 45, '{"texts": {"title": "A"}}')
    record = ledger.scenes.get(45)
    assert record is not None
    assert (record.state, record.rating_key, record.confidence, record.reasons) == (
        State.SYNCED,
        7,
        100,
        ("same path",),
    )
    assert (record.applied, record.intended) == ('{"texts": {"title": "A"}}', None)
    assert record.notes == ("padded",)
    assert record.synced_at == pytest.approx(time.time(), abs=5)


def test_a_push_that_began_stays_noted_until_it_is_finished(database: Database, ledger: Ledger) -> None:
    synced(ledger, 45, '{"old": 1}')
    assert ledger.scenes.note_intent(45, 7, '{"old": 1}', '{"new": 1}')
    database.close()  # As a process that dies here.
    record = ledger.scenes.get(45)
    assert record is not None
    assert (record.applied, record.intended) == ('{"old": 1}', '{"new": 1}')


def test_what_was_told_to_another_item_turns_doubtful(ledger: Ledger) -> None:
    synced(ledger, 45, '{"old": 1}')
    ledger.scenes.matched(45, Match(8, 1, 100, ("same path",), "", ""))
    record = ledger.scenes.get(45)
    assert record is not None
    assert (record.rating_key, record.intended, record.fingerprint) == (8, '{"old": 1}', None)


def test_the_same_match_again_changes_nothing(ledger: Ledger) -> None:
    synced(ledger, 45)
    before = ledger.scenes.get(45)
    ledger.scenes.matched(45, MATCH)
    assert ledger.scenes.get(45) == before


def test_scenes_read_since_a_moment_are_told_from_the_others(ledger: Ledger) -> None:
    before = time.time() - 1
    synced(ledger, 1)
    synced(ledger, 2, key=8)
    ledger.scenes.set_state(2, State.PENDING, Result.RETRY, error="x")
    assert ledger.scenes.not_read_since([1, 2, 3], before) == [2, 3]
    assert ledger.scenes.not_read_since([1, 2, 3], time.time() + 1) == [1, 2, 3]
    assert ledger.scenes.not_read_since(range(1, 2000), before)[:2] == [2, 3]


def test_failed_attempts_add_up_and_a_fresh_event_forgets_them(ledger: Ledger) -> None:
    counts = [ledger.scenes.set_state(45, State.PENDING, Result.RETRY, error="down") for _ in range(3)]
    assert counts == [1, 2, 3]
    assert ledger.scenes.set_state(45, State.NOT_FOUND, Result.NOT_FOUND) == 1
    ledger.scenes.fresh_start(45)
    assert ledger.scenes.set_state(45, State.PENDING, Result.RETRY, error="down") == 1


def test_success_clears_the_error_and_the_dead_letter(ledger: Ledger) -> None:
    ledger.scenes.set_state(45, State.FAILED, Result.FAILED, error="broken")
    ledger.dead_letters.put(45, "PermanentError", "broken", "trace", 1)
    synced(ledger, 45)
    record = ledger.scenes.get(45)
    assert record is not None
    assert (record.last_error, record.attempts, ledger.dead_letters.count()) == (None, 0, 0)


def test_a_scene_has_one_dead_letter_the_latest(ledger: Ledger) -> None:
    ledger.dead_letters.put(45, "PermanentError", "first", "trace", 1)
    ledger.dead_letters.put(45, "PermanentError", "second", "x" * 10_000, 2)
    letter = ledger.dead_letters.of_scene(45)
    assert letter is not None
    assert (ledger.dead_letters.count(), letter.message, len(letter.traceback)) == (1, "second", 8000)


def test_old_dead_letters_and_history_are_pruned(database: Database, ledger: Ledger) -> None:
    ledger.dead_letters.put(45, "PermanentError", "old", "", 1)
    ledger.scenes.set_state(45, State.PENDING, Result.RETRY, error="x")
    with database.write() as db:
        db.execute("update dead_letter set failed_at = failed_at - 31 * 86400")
        db.execute("update outcome set at = at - 31 * 86400")
    ledger.prune(30)
    assert ledger.dead_letters.count() == 0
    assert ledger.scenes.history(45) == []


def test_the_history_of_a_scene_is_bounded_newest_first(ledger: Ledger) -> None:
    for number in range(HISTORY_PER_SCENE + 5):
        ledger.scenes.set_state(45, State.PENDING, Result.RETRY, error=str(number))
    history = ledger.scenes.history(45)
    assert len(history) == HISTORY_PER_SCENE
    assert history[0].error == str(HISTORY_PER_SCENE + 4)


def test_the_success_rate_counts_attempts_of_the_span(database: Database, ledger: Ledger) -> None:
    assert ledger.scenes.success_rate(3600) is None
    synced(ledger, 1)
    ledger.scenes.set_state(2, State.PENDING, Result.RETRY, error="x")
    assert ledger.scenes.success_rate(3600) == 0.5
    with database.write() as db:
        db.execute("update outcome set at = at - 7200 where outcome = 'retry'")
    assert ledger.scenes.success_rate(3600) == 1.0


def test_a_picture_is_doubtful_until_its_upload_is_finished(ledger: Ledger) -> None:
    ledger.sent_pictures.begin_uploads([(45, 7, Field.POSTER, "abc", None)])
    begun = ledger.sent_pictures.get(45, Field.POSTER)
    ledger.sent_pictures.finish_upload(45, Field.POSTER, '"etag"')
    done = ledger.sent_pictures.get(45, Field.POSTER)
    assert begun is not None
    assert done is not None
    assert (begun.uploaded, done.uploaded, done.etag) == (False, True, '"etag"')
    assert ledger.sent_pictures.get(45, Field.BACKGROUND) is None


def test_the_client_identifier_stays_the_same(database: Database, ledger: Ledger) -> None:
    first = ledger.facts.client_identifier()
    assert Ledger(database).facts.client_identifier() == first


def test_every_look_up_of_a_scene_goes_through_an_index(database: Database, ledger: Ledger) -> None:
    synced(ledger, 1)
    with statements_of(database) as statements:
        ledger.wanted_files.seek(1, [SceneFile("/data/x.mp4", 1)])
        ledger.wanted_files.drop(1)
        ledger.scenes.get(1)
        ledger.scenes.history(1)
        ledger.scenes.success_rate(60)
        ledger.scenes.confirm_write(1, 7, Confirmation("", "", "", (), 0, Result.SYNCED))
        ledger.sent_pictures.get(1, Field.POSTER)
        ledger.scenes.holders_of_files(["/data/a.mp4"], 2)
        ledger.scenes.waiting_for(7)
        ledger.scenes.matched(2, replace(MATCH, rating_key=8))
        ledger.scenes.release(1)
    assert len(statements) > 12
    assert whole_reads(database, statements) == {}


def test_what_an_item_was_told_by_a_scene_that_left_it_is_the_next_ones_and_is_forgotten_after_long(
    database: Database, ledger: Ledger
) -> None:
    synced(ledger, 45, '{"texts": {"title": "A"}}')
    synced(ledger, 46, '{"texts": {"title": "B"}}', key=8)
    for scene in (45, 46):
        ledger.scenes.set_state(scene, State.GONE, Result.GONE)
    assert ledger.scenes.matched(47, MATCH) is None
    heir = ledger.scenes.get(47)
    assert heir is not None
    assert (heir.applied, heir.intended) == ('{"inherited":true,"texts":{"title":"A"}}',) * 2
    with database.write() as db:
        db.execute("update left_item set left_at = left_at - 366 * 86400")
    ledger.prune(30)
    ledger.scenes.matched(48, replace(MATCH, rating_key=8))
    late = ledger.scenes.get(48)
    assert late is not None
    assert (late.applied, late.intended) == (None, None)


def test_a_write_is_noted_only_by_the_scene_that_has_the_item(ledger: Ledger) -> None:
    synced(ledger, 45)
    ledger.scenes.release(45)
    assert not ledger.scenes.note_intent(45, 7, "{}", '{"late": 1}')
    ledger.scenes.matched(46, MATCH)
    assert ledger.scenes.note_intents([(45, 7, "{}", "{}"), (46, 7, "{}", "{}")]) == [46]


def test_doubt_that_comes_during_a_write_outlasts_it(ledger: Ledger) -> None:
    synced(ledger, 45)
    ledger.scenes.note_intent(45, 7, "{}", '{"ours": 1}')
    ledger.scenes.doubt(45, '{"somebody else\'s": 1}')
    confirmed = Confirmation("", "{}", "", (), 0.0, Result.SYNCED, intended='{"ours": 1}')
    assert ledger.scenes.confirm_write(45, 7, confirmed)
    record = ledger.scenes.get(45)
    assert record is not None
    assert record.intended == '{"somebody else\'s": 1}'
