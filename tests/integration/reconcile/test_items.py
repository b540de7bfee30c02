"""The ledger against Plex: what of ours no longer stands there is found, by kind, and put right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.ledger import State
from plexsync.reconcile import reconciler
from tests.support.reconcile_bench import ReconcileBench, reconcile_bench
from tests.support.sync_bench import COVER


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReconcileBench]:
    with reconcile_bench(tmp_path) as ready:
        yield ready


def later(ready: ReconcileBench) -> None:
    """Let Plex's clock be in another second than at the last sync."""
    ready.bench.plex_ahead[0] += 5


def whole_reads(ready: ReconcileBench) -> int:
    return sum(path.startswith("/library/metadata/") for path in ready.reads())


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "A person's"},
        {"summary": "A person's"},
        {"genre": ["Winter"]},
        {"originallyAvailableAt": "1999-09-09"},
    ],
)
def test_what_a_person_changed_in_plex_is_found_and_set_back(ready: ReconcileBench, changed: dict[str, Any]) -> None:
    ready.stash.edit(ready.scenes[0], details="Ours")
    ready.bench.sync(ready.scenes[0])
    before = ready.plex.item(ready.keys[0])
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], **changed)
    assert ready.put_right() == {"drifted": 1}
    after = ready.plex.item(ready.keys[0])
    assert (after.title, after.text("summary"), after.text("originallyAvailableAt")) == (
        before.title,
        before.text("summary"),
        before.text("originallyAvailableAt"),
    )
    assert "Summer" in after.names("genre")


def test_a_difference_is_told_in_words(ready: ReconcileBench) -> None:
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    ready.counts()
    assert [one.texts for one in ready.found] == [
        ('title: Plex shows "A person\'s" where "Title 0" was written.',),
    ]


def test_a_field_unlocked_in_plex_is_locked_again(ready: ReconcileBench) -> None:
    later(ready)
    ready.plex.unlock_as_person(ready.keys[1], "studio", "genre")
    assert ready.put_right() == {"unlocked": 1}
    assert ready.plex.item(ready.keys[1]).locked >= {"studio", "genre"}


def test_what_an_agent_wrote_over_an_unlocked_field_is_set_back(ready: ReconcileBench) -> None:
    ready.plex.unlock_as_person(ready.keys[1], "title")
    later(ready)
    ready.plex.refresh(ready.keys[1])
    assert ready.put_right() == {"drifted": 1}
    assert ready.plex.item(ready.keys[1]).title == "Title 1"
    assert "title" in ready.plex.item(ready.keys[1]).locked


@pytest.mark.parametrize("kind", ["posters", "arts"])
def test_a_picture_deleted_in_plex_is_sent_again_and_no_other(ready: ReconcileBench, kind: str) -> None:
    later(ready)
    ready.plex.delete_picture_as_person(ready.keys[0], kind)
    ready.plex.forget()
    uploads = ready.plex.counters["uploads"]
    assert ready.put_right() == {"picture_gone": 1}
    assert ready.plex.selected_picture(ready.keys[0], kind) == COVER
    assert ready.plex.counters["uploads"] == uploads + 1


def test_an_item_that_plex_has_under_another_key_now_is_written_to_there(ready: ReconcileBench) -> None:
    key = ready.plex.rekey(ready.keys[2])
    assert ready.put_right() == {"replaced": 1}
    assert ready.record(ready.scenes[2]).rating_key == key
    assert ready.plex.item(key).title == "Title 2"


def test_an_item_whose_file_is_another_one_now_is_not_the_scenes_any_more(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set part_file = '/media/was.mp4' where scene_id = ?", (ready.scenes[0],))
    assert ready.put_right(full=True) == {"replaced": 1}
    assert ready.record(ready.scenes[0]).part_file == "/media/a file.mp4"


def test_a_rating_moves_no_time_and_is_found_in_the_listing(ready: ReconcileBench) -> None:
    before = ready.plex.item(ready.keys[0]).updated_at
    ready.plex.rate_as_person(ready.keys[0], 2.0)
    assert ready.plex.item(ready.keys[0]).updated_at == before
    assert ready.put_right() == {"drifted": 1}
    assert ready.plex.item(ready.keys[0]).user_rating == 8.0


def test_where_no_time_moves_the_listing_shows_what_was_changed(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, changed in enumerate([{"title": "X"}, {"studio": ""}, {"originallyAvailableAt": ""}]):
        before = ready.plex.item(ready.keys[number]).updated_at
        monkeypatch.setattr(ready.plex.library, "_clock", lambda before=before: before)
        ready.plex.edit_as_person(ready.keys[number], **changed)
        assert ready.plex.item(ready.keys[number]).updated_at == before
    assert ready.put_right() == {"drifted": 3}


def test_a_change_that_is_none_of_ours_costs_one_look_and_no_write(ready: ReconcileBench) -> None:
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], tagline="A person's")
    assert ready.counts() == {}
    assert whole_reads(ready) == 1
    ready.plex.forget()
    assert ready.counts() == {}
    assert whole_reads(ready) == 0


def test_items_are_read_whole_fifty_at_a_time_and_all_of_them_in_full(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path, 60) as many:
        assert many.counts(full=True) == {}
        # Once for each server some are read alone, too, to see that a group shows all of them.
        assert whole_reads(many) == 2 + 5
        many.plex.forget()
        assert many.counts(full=True) == {}
        assert whole_reads(many) == 2
        # What no listing shows, and no time tells of.
        with many.bench.database.write() as db:
            db.execute("update scene set item_updated_at = null")
            db.execute("update item set in_order = null")
        many.plex.forget()
        assert many.counts() == {}
        assert whole_reads(many) == 2
        many.plex.forget()
        assert many.counts() == {}
        assert whole_reads(many) == 0


def test_a_persons_value_is_no_drift_where_it_is_to_be_left_alone(ready: ReconcileBench) -> None:
    ready.bench.restart(preserve_plex_edits=True)
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    ready.plex.rate_as_person(ready.keys[1], 2.0)
    ready.plex.unlock_as_person(ready.keys[2], "title")
    ready.plex.refresh(ready.keys[2])
    assert ready.put_right() == {"drifted": 1}
    assert ready.plex.item(ready.keys[0]).title == "A person's"
    assert ready.plex.item(ready.keys[1]).user_rating == 2.0
    assert ready.plex.item(ready.keys[2]).title == "Title 2"


def test_what_was_changed_here_and_there_is_as_stash_has_it(ready: ReconcileBench) -> None:
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], title="A person's", studio="A person's")
    ready.stash.edit(ready.scenes[0], title="Newer")
    assert ready.put_right() == {"changed": 1, "drifted": 1}
    item = ready.plex.item(ready.keys[0])
    assert (item.title, item.text("studio")) == ("Newer", "Sunset")


@pytest.mark.parametrize("how", ["text", "picture"])
def test_what_somebody_did_in_plex_before_an_edit_in_stash_was_written_is_found(
    ready: ReconcileBench, how: str
) -> None:
    ready.stash.edit(ready.scenes[0], details="Ours")
    ready.bench.sync(ready.scenes[0])
    later(ready)
    if how == "text":
        ready.plex.edit_as_person(ready.keys[0], summary="A person's")
    else:
        ready.plex.delete_picture_as_person(ready.keys[0], "arts")
    ready.stash.edit(ready.scenes[0], title="Newer")
    assert ready.bench.sync(ready.scenes[0]) == "synced"
    # Texts are put right with the edit, as the item is looked at for it.
    assert ready.plex.item(ready.keys[0]).text("summary") == "Ours"
    assert ready.put_right() == ({} if how == "text" else {"picture_gone": 1})
    assert ready.plex.selected_picture(ready.keys[0], "arts") == COVER


def test_a_plex_that_lost_most_items_is_not_believed(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconciler, "FEW", 2)
    for key in ready.keys:
        ready.plex.remove_item(key)
    before = ready.tables()["scene"]
    run = ready.run()
    assert dict(run.counts) == {"replaced": 3}
    assert ready.queue.synced == []
    assert "Plex has 0 items where 3 scenes were synced" in run.cautions[0]
    assert run.cautions[0] in caplog.text
    assert ready.tables()["scene"] == before


def test_a_few_items_that_are_gone_are_believed(ready: ReconcileBench) -> None:
    ready.plex.remove_item(ready.keys[0])
    assert ready.counts() == {"replaced": 1}
    assert ready.queue.synced == ready.scenes[:1]


def test_a_record_that_cannot_be_read_is_made_anew(ready: ReconcileBench) -> None:
    with ready.bench.database.write() as db:
        db.execute("update scene set pushed = '[]' where scene_id = ?", (ready.scenes[0],))
    assert ready.put_right(full=True) == {"unconfirmed": 1}
    assert ready.record(ready.scenes[0]).state is State.SYNCED


def test_a_dry_run_finds_the_same_and_changes_nothing(ready: ReconcileBench) -> None:
    later(ready)
    ready.plex.edit_as_person(ready.keys[0], title="A person's")
    ready.plex.delete_picture_as_person(ready.keys[0], "posters")
    ready.plex.rekey(ready.keys[1])
    ready.stash.edit(ready.scenes[2], title="Newer")
    before, writes = ready.tables(), ready.plex.counters["writes"]
    counts = ready.counts(dry_run=True)
    assert counts == {"changed": 1, "drifted": 1, "picture_gone": 1, "replaced": 1}
    assert len(ready.found) == 4
    assert ready.tables() == before
    assert (ready.queue.synced, ready.plex.counters["writes"]) == ([], writes)
    assert ready.put_right() == counts
