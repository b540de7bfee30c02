"""Tagline and sort title, from Stash to Plex: off they cost and change nothing, on they are carried as other texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.reconcile_bench import ReconcileBench, reconcile_bench
from tests.support.sync_bench import SyncBench, sync_bench

BOTH = {"tagline": "{code}", "sort_title": "{studio} {date} {title}"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, **BOTH) as bench:
        studio = bench.stash.add_studio("Acme")
        bench.stash.edit(bench.scene, title="The day", code="AC-7", studio=studio, date="2023-05-17")
        yield bench


def shown(bench: SyncBench) -> tuple[str, str]:
    item = bench.item()
    return item.text("tagline"), item.text("titleSort")


def test_both_are_written_with_the_rest_and_locked(bench: SyncBench) -> None:
    assert bench.sync() == "synced"
    assert shown(bench) == ("AC-7", "Acme 2023-05-17 The day")
    assert bench.item().locked >= {"tagline", "titleSort", "title"}
    assert len([one for one in bench.plex.log if one.method == "PUT"]) == 1
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []


def test_what_stash_has_no_longer_goes_and_what_others_wrote_stays(bench: SyncBench) -> None:
    bench.sync()
    bench.stash.edit(bench.scene, code="", studio=None, date=None)
    assert bench.sync() == "synced"
    assert shown(bench) == ("", "The day")
    bench.restart(tagline="{code}", sort_title="{code}")
    bench.stash.edit(bench.scene, code="AC-8")
    bench.sync()
    bench.stash.edit(bench.scene, code="")
    assert bench.sync() == "synced"
    assert shown(bench) == ("", "")
    bench.plex.edit_as_person(bench.key, tagline="Theirs", titleSort="theirs")
    bench.stash.edit(bench.scene, details="Words")
    assert bench.sync() == "synced"
    assert shown(bench) == ("Theirs", "theirs")


@pytest.mark.parametrize("lock", [True, False])
def test_a_new_title_does_not_cost_the_sort_title(tmp_path: Path, lock: bool) -> None:
    with sync_bench(tmp_path, sort_title="{date} {studio}", lock_fields=lock) as bench:
        bench.plex.behaviour.sort_title = "follows"
        bench.stash.edit(bench.scene, title="The day", date="2023-05-17")
        assert bench.sync() == "synced"
        bench.stash.edit(bench.scene, title="The night")
        assert bench.sync() == "synced"
        assert (bench.item().title, bench.item().text("titleSort")) == ("The night", "2023-05-17")
        bench.stash.edit(bench.scene, date=None)
        assert bench.sync() == "synced"
        assert bench.item().text("titleSort") == ""


def test_a_sort_title_that_is_the_title_reads_back_although_plex_shows_none(tmp_path: Path) -> None:
    with sync_bench(tmp_path, sort_title="{title}") as bench:
        bench.stash.edit(bench.scene, title="The day")
        assert bench.sync() == "synced"
        assert bench.plex.item(bench.key).title == "The day"
        bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
        bench.plex.forget()
        bench.sync()
        assert not [one for one in bench.plex.log if one.method == "PUT"]


def test_off_nothing_of_them_is_written_and_what_people_wrote_stays(tmp_path: Path) -> None:
    with sync_bench(tmp_path) as bench:
        bench.plex.edit_as_person(bench.key, tagline="Theirs", titleSort="theirs")
        bench.stash.edit(bench.scene, title="The day", code="AC-7")
        assert bench.sync() == "synced"
        assert shown(bench) == ("Theirs", "theirs")
        sent = "&".join(one.query for one in bench.plex.log)
        assert "tagline.value" not in sent
        assert "titleSort" not in sent


def test_switched_off_what_was_written_stays_as_that_of_any_field_does(bench: SyncBench) -> None:
    bench.sync()
    bench.restart(tagline="", sort_title="")
    bench.stash.edit(bench.scene, code="AC-8", title="The night")
    assert bench.sync() == "synced"
    assert shown(bench) == ("AC-7", "Acme 2023-05-17 The day")


def test_a_persons_tagline_is_preserved_where_that_is_asked_for(tmp_path: Path) -> None:
    with sync_bench(tmp_path, preserve_plex_edits=True, **BOTH) as bench:
        bench.stash.edit(bench.scene, title="The day", code="AC-7")
        bench.sync()
        bench.plex.edit_as_person(bench.key, tagline="Theirs")
        bench.stash.edit(bench.scene, code="AC-8", title="The night")
        assert bench.sync() == "synced"
        assert shown(bench) == ("Theirs", "The night")


# --- many at once ----------------------------------------------------------------------------------------------------


def test_a_studio_renamed_moves_the_sort_titles_of_its_scenes(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path, sort_title="{studio} {title}", tagline="{studio}") as ready:
        ready.stash.rename("studios", ready.studio, "Dawn")
        assert ready.put_right() == {"changed": 3}
        texts = [ready.plex.item(key).texts for key in ready.keys]
        assert [one["titleSort"] for one in texts] == [f"Dawn Title {number}" for number in range(3)]
        assert [one["tagline"] for one in texts] == ["Dawn"] * 3


# --- an update, and the switch ---------------------------------------------------------------------------------------


def test_switched_on_the_next_comparison_brings_them_to_all(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as ready:
        for number, scene in enumerate(ready.scenes):
            ready.stash.edit(scene, code=f"AC-{number}")
        assert ready.counts() == {}, "codes concern nobody while no template asks for them"
        ready.bench.restart(tagline="{code}")
        assert ready.put_right() == {"changed": 3}
        assert [ready.plex.item(key).text("tagline") for key in ready.keys] == ["AC-0", "AC-1", "AC-2"]


def test_what_was_noted_before_them_is_believed_and_nothing_is_read_or_written_anew(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as ready:
        # Whatever an earlier version noted: no digest of ours, the fingerprint of what was applied, and that itself.
        ready.bench.plex_ahead[0] += 5
        ready.plex.edit_as_person(ready.keys[0], titleSort="theirs")
        with ready.bench.database.write() as db:
            db.execute("update scene set digest = null")
        ready.bench.restart()
        ready.plex.forget()
        assert ready.counts() == {}
        assert sum(path.startswith("/library/metadata/") for path in ready.reads()) == 1, "that which a person edited"
        assert not [one for one in ready.plex.log if one.method != "GET"]


# --- what drifts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReconcileBench]:
    with reconcile_bench(tmp_path, tagline="{studio}", sort_title="{date} {title}") as ready:
        yield ready


@pytest.mark.parametrize("name", ["tagline", "titleSort"])
def test_what_a_person_changed_is_found_and_set_back(ready: ReconcileBench, name: str) -> None:
    before = ready.plex.item(ready.keys[0]).text(name)
    ready.bench.plex_ahead[0] += 5
    ready.plex.edit_as_person(ready.keys[0], **{name: "A person's"})
    assert ready.put_right() == {"drifted": 1}
    assert ready.plex.item(ready.keys[0]).text(name) == before


@pytest.mark.parametrize("name", ["tagline", "titleSort"])
def test_a_lock_that_is_gone_is_found_and_set_again(ready: ReconcileBench, name: str) -> None:
    ready.bench.plex_ahead[0] += 5
    ready.plex.unlock_as_person(ready.keys[1], name)
    assert ready.put_right() == {"unlocked": 1}
    assert name in ready.plex.item(ready.keys[1]).locked


@pytest.mark.parametrize("text", ["A person's", ""])
def test_a_listing_shows_a_changed_sort_title_where_no_time_moves(
    ready: ReconcileBench, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    before = ready.plex.item(ready.keys[0]).updated_at
    monkeypatch.setattr(ready.plex.library, "_clock", lambda: before)
    ready.plex.edit_as_person(ready.keys[0], titleSort=text)
    assert ready.plex.item(ready.keys[0]).updated_at == before
    assert ready.put_right() == {"drifted": 1}


def test_nothing_is_found_where_nothing_was_changed(ready: ReconcileBench) -> None:
    ready.plex.forget()
    assert ready.counts() == {}
    assert ready.counts(full=True) == {}


def test_a_renamed_studio_is_one_write_for_all_its_taglines(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path, tagline="{studio}", fields=frozenset({"title"})) as ready:
        ready.stash.rename("studios", ready.studio, "Dawn")
        ready.plex.forget()
        tally = ready.bench.app.together.sync(ready.scenes)
        assert tally.written == tuple(ready.scenes)
        assert len([one for one in ready.plex.log if one.method == "PUT"]) == 1
        assert [ready.plex.item(key).text("tagline") for key in ready.keys] == ["Dawn"] * 3
