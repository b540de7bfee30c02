"""Plex refuses one part of what is written: the part is found and noted, and all else of the scene arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import AccessDenied, NotFoundYet, PermanentError, PlexUnavailable, ReadBackMismatch
from plexsync.ledger import LeftOut, State
from plexsync.metadata import mapping
from plexsync.model import Edit, Field
from plexsync.sync.write import ALL_REFUSED, MOST_REQUESTS, SURELY
from tasks.attempt import attempt
from tests.support.sync_bench import COVER, SyncBench, sync_bench


def values(request: Request) -> list[str]:
    """What an edit writes, names and texts."""
    return [value for name, value in request.params if name not in ("type", "id")]


def writes(value: str) -> Callable[[Request], bool]:
    """Whether a request is an edit that has a value, or a name to be removed, in it."""
    return lambda request: request.method == "PUT" and any(value in one.split(",") for one in values(request))


def is_rating(request: Request) -> bool:
    return request.path == "/:/rate"


def is_edit(request: Request) -> bool:
    return request.method == "PUT" and request.path.endswith("/all")


def refuse(bench: SyncBench, match: Callable[[Request], bool], status: int = 400) -> PlannedFault:
    return bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=match))


def left_out(bench: SyncBench, scene: int | None = None) -> dict[Field, LeftOut]:
    scene = scene or bench.scene
    return {one.field: one for one in bench.app.ledger.left_out.of([scene]).get(scene, ())}


def state(bench: SyncBench, scene: int | None = None) -> State:
    record = bench.app.ledger.scenes.get(scene or bench.scene)
    assert record is not None
    return record.state


def puts(bench: SyncBench) -> int:
    return sum(one.method == "PUT" for one in bench.plex.log)


def fill(bench: SyncBench, scene: int | None = None, *, tags: int = 30, **parts: Any) -> None:
    """Give a scene something in each field; tag 3 is called *Bad*."""
    stash = bench.stash
    names = ["Bad" if number == 3 else f"tag {number}" for number in range(tags)]
    stash.edit(
        scene or bench.scene,
        **{
            "title": "A title",
            "details": "A text",
            "date": "2024-01-02",
            "director": "Dana",
            "rating100": 70,
            "studio": stash.add_studio("A studio"),
            "performers": [stash.add_performer("Ann"), stash.add_performer("Bea")],
            "tags": [stash.add_tag(name) for name in names],
            "groups": [stash.add_group("A group")],
            **parts,
        },
    )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, breaker_fail_max=1) as bench:
        yield bench


def test_a_refused_rating_keeps_no_picture_from_arriving(bench: SyncBench) -> None:
    fill(bench)
    fault = refuse(bench, is_rating)
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == ["rating should be 7.0 and is None"]
    assert state(bench) is State.SYNCED
    row = left_out(bench)[Field.RATING]
    assert row.reason.startswith("7 was refused: Plex refused PUT /:/rate (400)")
    # It is not asked for at each event.
    bench.plex.forget()
    bench.stash.edit(bench.scene, title="Another")
    assert bench.sync() == "synced"
    assert puts(bench) == 1
    # Another rating is another thing.
    bench.plex.faults.remove(fault)
    bench.stash.edit(bench.scene, rating100=80)
    assert bench.sync() == "synced"
    assert bench.item().user_rating == 8.0
    assert left_out(bench) == {}


@pytest.mark.parametrize("lists", ["add", "replace"])
def test_one_refused_tag_is_found_among_all_that_is_written(bench: SyncBench, lists: Any) -> None:
    bench.plex.behaviour.tag_lists = lists
    fill(bench)
    fault = refuse(bench, writes("Bad"))
    assert bench.sync() == "synced"
    item = bench.item()
    assert (item.title, item.text("studio"), item.user_rating) == ("A title", "A studio", 7.0)
    assert item.names("actor") == ["Ann", "Bea"]
    assert sorted(item.names("genre")) == sorted(f"tag {number}" for number in range(30) if number != 3)
    assert bench.plex.pictures(bench.key, "posters") == bench.plex.pictures(bench.key, "arts") == [COVER]
    assert {"title", "genre", "actor"} <= item.locked
    assert set(left_out(bench)) == {Field.TAGS}
    assert left_out(bench)[Field.TAGS].reason.startswith('"Bad" was refused: Plex refused PUT')
    assert puts(bench) <= 25
    # The scene is in order: neither an event nor the night's comparison writes anything for it.
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    assert puts(bench) == 0
    bench.stash.edit(bench.scene, title="Another", tags=[*bench.stash.scene(bench.scene).tags, 31_000][:-1])
    assert bench.sync() == "synced"
    assert puts(bench) == 1
    # A person may have put right what was wrong: that is one request.
    bench.plex.faults.remove(fault)
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert puts(bench) == 1
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert left_out(bench) == {}


def test_a_part_that_is_refused_once_more_costs_one_request(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, writes("Bad"))
    bench.sync()
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.stash.edit(bench.scene, title="Another")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert puts(bench) == 2
    assert bench.item().title == "Another"
    assert left_out(bench)[Field.TAGS].tries == 2


def test_what_stash_asks_for_no_longer_is_left_out_no_longer(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, writes("Bad"))
    bench.sync()
    bench.stash.edit(bench.scene, tags=[])
    assert bench.sync() == "synced"
    assert left_out(bench) == {}
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.TITLE, "A title"),
        (Field.SUMMARY, "A text"),
        (Field.STUDIO, "A studio"),
        (Field.DATE, "2024-01-02"),
        (Field.DIRECTOR, "Dana"),
        (Field.PERFORMERS, "Bea"),
        (Field.GROUPS, "A group"),
    ],
)
@pytest.mark.parametrize("status", [400, 404, 413])
def test_any_field_may_be_the_one_that_is_refused(bench: SyncBench, field: Field, value: str, status: int) -> None:
    def is_it(request: Request) -> bool:
        # The studio is a collection, too.
        texts = [one for name, one in request.params if not name.startswith("collection") or field is Field.GROUPS]
        return is_edit(request) and value in texts

    fill(bench, tags=5)
    refuse(bench, is_it, status)
    assert bench.sync() == "synced"
    assert set(left_out(bench)) == {field}
    wrong = differences(bench.stash, bench.scene, bench.plex, bench.key)
    assert len(wrong) == 1
    assert value.casefold() in wrong[0].casefold()
    assert bench.app.guard.state == "closed"
    assert puts(bench) <= 20


def test_several_bad_parts_are_all_found(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, lambda request: any(writes(one)(request) for one in ("Bad", "A text", "tag 20", "Bea")))
    assert bench.sync() == "synced"
    found = bench.app.ledger.left_out.of([bench.scene])[bench.scene]
    assert sorted((str(one.field), one.reason.partition(" was")[0]) for one in found) == [
        ("performers", '"Bea"'),
        ("summary", '"A text"'),
        ("tags", '"Bad"'),
        ("tags", '"tag 20"'),
    ]
    assert puts(bench) <= MOST_REQUESTS + 2


def test_a_name_that_cannot_be_removed_stays_known_as_ours(bench: SyncBench) -> None:
    fill(bench, tags=5)
    assert bench.sync() == "synced"
    kept = [one for one in bench.stash.scene(bench.scene).tags if bench.stash.names_of(bench.scene)["tags"]][:3]
    fault = refuse(bench, lambda request: is_edit(request) and any("tag-" in name for name, _ in request.params))
    bench.stash.edit(bench.scene, tags=kept, title="Another")
    assert bench.sync() == "synced"
    assert bench.item().title == "Another"
    assert "to be removed" in left_out(bench)[Field.TAGS].reason
    bench.plex.faults.remove(fault)
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert left_out(bench) == {}


def test_a_refused_lock_keeps_no_value_from_arriving(bench: SyncBench) -> None:
    refuse(bench, lambda request: is_edit(request) and any(name == "genre.locked" for name, _ in request.params))
    fill(bench, tags=4)
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []
    assert [one.reason for one in left_out(bench).values()] == ["the lock was refused: Plex took the value without it"]
    assert "genre" not in bench.item().locked
    assert "title" in bench.item().locked


def test_a_refused_lock_is_tried_again_when_its_time_has_come(bench: SyncBench) -> None:
    fill(bench, tags=3)
    fault = refuse(bench, lambda request: is_edit(request) and request.param("summary.locked") is not None)
    assert bench.sync() == "synced"
    bench.plex.faults.remove(fault)
    assert bench.sync() == "unchanged"
    assert "summary" not in bench.item().locked
    bench.app.ledger.left_out.hasten([bench.scene])
    assert bench.sync() == "synced"
    assert "summary" in bench.item().locked
    assert left_out(bench) == {}


def test_a_plex_that_takes_nothing_at_all_is_no_success(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, is_edit)
    with pytest.raises(PermanentError, match="400"):
        bench.sync()
    assert puts(bench) <= ALL_REFUSED + 2
    # Pictures are another matter.
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


def test_where_all_stood_before_a_refused_edit_is_a_note(bench: SyncBench) -> None:
    fill(bench)
    bench.sync()
    refuse(bench, is_edit)
    bench.stash.edit(bench.scene, title="Refused")
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert bench.item().title == "A title"
    assert '"Refused"' in left_out(bench)[Field.TITLE].reason
    assert puts(bench) <= 2
    assert bench.app.ledger.scenes.get(bench.scene).fingerprint is not None  # type: ignore[union-attr]


def test_a_token_without_rights_is_no_refused_part(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, is_edit, 403)
    with pytest.raises(AccessDenied):
        bench.sync()
    assert puts(bench) == 1


def test_a_server_that_fails_at_everything_is_no_refused_part(bench: SyncBench) -> None:
    fill(bench)
    refuse(bench, is_edit, 500)
    with pytest.raises(PlexUnavailable):
        bench.sync()
    assert puts(bench) == 1
    assert bench.app.guard.state == "open"


def test_a_part_that_plex_stumbles_over_is_found_in_the_end(bench: SyncBench) -> None:
    bench.restart(breaker_fail_max=5)
    fill(bench)
    refuse(bench, writes("Bad"), 500)
    for _ in range(2):
        with pytest.raises(RetryTask):
            attempt(bench.app, bench.scene, fresh=False)
    attempt(bench.app, bench.scene, fresh=False)
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.TAGS}
    assert bench.item().title == "A title"
    assert bench.app.guard.state == "closed"


# --- what plex takes and does not show --------------------------------------------------------------------------------


def swallowing(bench: SyncBench, monkeypatch: pytest.MonkeyPatch, *fields: Field) -> None:
    """A Plex that says yes to everything and does not keep these texts."""
    real = bench.app.plex.edit

    def edit(section: int, keys: Any, edit: Edit, **how: Any) -> int:
        kept = {field: text for field, text in edit.texts.items() if field not in fields}
        return real(section, keys, Edit(kept, edit.add, edit.remove, edit.rate, edit.rating, edit.lock), **how)

    monkeypatch.setattr(bench.app.plex, "edit", edit)


def test_a_field_that_never_sticks_is_a_note_in_the_end(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(bench, tags=3)
    swallowing(bench, monkeypatch, Field.SUMMARY)
    for tried in range(1, 4):
        with pytest.raises(RetryTask):
            attempt(bench.app, bench.scene, fresh=tried == 1)
        # All else is there after the first attempt.
        wrong = differences(bench.stash, bench.scene, bench.plex, bench.key)
        assert wrong == ["summary should be 'A text' and is ''"]
        assert state(bench) is State.PENDING
    text = attempt(bench.app, bench.scene, fresh=False).text
    assert 'summary: Plex shows nothing where "A text" was written' in text
    assert state(bench) is State.SYNCED
    assert bench.app.ledger.dead_letters.count() == 0
    assert set(left_out(bench)) == {Field.SUMMARY}
    # From then on it is no reason to try the scene again and again.
    bench.plex.forget()
    bench.stash.edit(bench.scene, title="Another")
    attempt(bench.app, bench.scene, fresh=True)
    assert puts(bench) == 1
    monkeypatch.undo()
    bench.app.ledger.left_out.hasten([bench.scene])
    attempt(bench.app, bench.scene, fresh=True)
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


def test_a_plex_that_keeps_nothing_at_all_is_given_up_on(bench: SyncBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.restart(fields=frozenset({"title", "summary", "date"}), max_retries=1)
    fill(bench)
    swallowing(bench, monkeypatch, Field.TITLE, Field.SUMMARY, Field.DATE)
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=True)
    with pytest.raises(ReadBackMismatch):
        attempt(bench.app, bench.scene, fresh=False)
    assert state(bench) is State.FAILED


# --- many scenes ------------------------------------------------------------------------------------------------------


def family(bench: SyncBench, count: int) -> tuple[int, dict[int, int]]:
    studio = bench.stash.add_studio("Old name")
    scenes = {bench.scene: bench.key} | dict(bench.add(f"{number}.mp4") for number in range(1, count))
    bench.app.library.expire()
    for scene in scenes:
        bench.stash.edit(scene, title=f"Scene {scene}", studio=studio)
        assert bench.sync(scene) == "synced"
    bench.plex.forget()
    return studio, scenes


def test_a_refused_name_of_a_studio_with_many_scenes_makes_no_storm(bench: SyncBench) -> None:
    studio, scenes = family(bench, 30)
    fault = refuse(bench, writes("Refused"))
    bench.stash.rename("studios", studio, "Refused")
    tally = bench.app.together.sync([*scenes])
    assert (tally.written, sorted(tally.alone)) == ((), sorted(scenes))
    for scene in tally.alone:
        assert bench.sync(scene) == "synced"
    # The batch, the parts of the first ones, and then what is taken of each.
    assert puts(bench) <= 1 + 8 * SURELY + len(scenes)
    assert all({Field.STUDIO, Field.GROUPS} == set(left_out(bench, scene)) for scene in scenes)
    assert all(state(bench, scene) is State.SYNCED for scene in scenes)
    # With a good name they are together again, in one write.
    bench.plex.faults.remove(fault)
    bench.stash.rename("studios", studio, "Good name")
    bench.plex.forget()
    tally = bench.app.together.sync([*scenes])
    assert (len(tally.written), tally.writes, puts(bench)) == (30, 1, 1)
    assert all(differences(bench.stash, one, bench.plex, key) == [] for one, key in scenes.items())


def test_what_was_refused_of_one_scene_keeps_it_in_no_edit_of_many(bench: SyncBench) -> None:
    studio, scenes = family(bench, 4)
    bench.stash.edit(bench.scene, tags=[bench.stash.add_tag("Bad"), bench.stash.add_tag("good")])
    refuse(bench, writes("Bad"))
    assert bench.sync() == "synced"
    bench.stash.rename("studios", studio, "New name")
    named = [*bench.app.related.scenes("studio", [studio], list)]
    assert [sorted(batch) for one in named for batch in one.batches] == [sorted(scenes)]
    bench.plex.forget()
    tally = bench.app.together.sync([*scenes])
    assert (sorted(tally.written), tally.alone, tally.writes) == (sorted(scenes), (), 1)
    assert {bench.plex.item(key).text("studio") for key in scenes.values()} == {"New name"}
    # It is still known what is not there, and the scene needs no write for it.
    assert set(left_out(bench)) == {Field.TAGS}
    bench.plex.forget()
    assert bench.sync() == "unchanged"
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.plex.faults.clear()
    assert bench.sync() == "synced"
    assert sorted(bench.item().names("genre")) == ["Bad", "good"]


# --- before anything is sent ------------------------------------------------------------------------------------------


def test_a_value_that_cannot_be_sent_is_left_out_and_said_to_be(
    bench: SyncBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(bench, tags=3)
    # As if cleaning let it through.
    monkeypatch.setattr(mapping, "paragraphs", lambda _text: "a\x07b")
    assert bench.sync() == "synced"
    wrong = differences(bench.stash, bench.scene, bench.plex, bench.key)
    assert wrong == ["summary should be 'A text' and is ''"]
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert any("summary" in note and "cannot be sent" in note for note in record.notes)
    monkeypatch.undo()
    assert bench.sync() == "synced"
    assert differences(bench.stash, bench.scene, bench.plex, bench.key) == []


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_refused_scan_does_not_fail_the_scene_that_waits_for_its_file(bench: SyncBench, status: int) -> None:
    bench.restart(scan_missing=True, breaker_fail_max=5)
    bench.sync()
    scene = bench.stash.add_scene("New", "/data/new.mp4", size=5)
    refuse(bench, lambda request: request.path.endswith("/refresh"), status)
    with pytest.raises(NotFoundYet):
        bench.sync(scene)
    assert any(one.path.endswith("/refresh") for one in bench.plex.log)
