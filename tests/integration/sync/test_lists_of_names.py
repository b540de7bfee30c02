"""Lists of names, whichever way Plex takes them: nothing of others is lost, nothing doubled, the order is Stash's."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable, ReadBackMismatch
from plexsync.ledger import Result, State
from plexsync.metadata import explain
from plexsync.model import Field
from plexsync.plex.traits import Trait
from tests.support.sync_bench import COVER, SyncBench, sync_bench

LISTS = {"actor": "performers", "genre": "tags"}


@pytest.fixture(params=["add", "replace"])
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SyncBench]:
    """Under each reading of what Plex does with names that it is sent."""
    with sync_bench(tmp_path) as bench:
        bench.plex.behaviour.tag_lists = request.param
        yield bench


def names(bench: SyncBench, kind: str = "genre") -> list[str]:
    return bench.item().names(kind)


def give(bench: SyncBench, **parts: Any) -> None:
    """Edit the scene: names of tags and performers instead of ids."""
    stash = bench.stash
    known = dict.fromkeys(parts.get("tags", ()), stash.add_tag) | dict.fromkeys(
        parts.get("performers", ()), stash.add_performer
    )
    ids = {name: _known_id(bench, add.__name__.removeprefix("add_"), name) or add(name) for name, add in known.items()}
    stash.edit(bench.scene, **{kind: [ids[name] for name in some] for kind, some in parts.items()})


def _known_id(bench: SyncBench, kind: str, name: str) -> int | None:
    rows = bench.stash.library.rows(f"{kind}s")
    return next((row.id for row in rows.values() if row.name == name), None)


def edits(bench: SyncBench) -> list[dict[str, str]]:
    """The edits that Plex was sent, as names and values."""
    return [dict(parse_qsl(one.query)) for one in bench.plex.log if is_edit(one)]


def is_edit(request: Request) -> bool:
    return request.method == "PUT" and request.path.endswith("/all")


def notes(bench: SyncBench) -> tuple[str, ...]:
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    return record.notes


# --- Whole lists ------------------------------------------------------------------------------------------------------


def test_what_others_put_into_a_list_survives_whatever_comes_and_goes(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, genre=["Theirs"], actor=["Agent's"])
    give(bench, tags=["A", "B"], performers=["Ann"])
    bench.sync()
    assert (names(bench), names(bench, "actor")) == (["A", "B", "Theirs"], ["Ann", "Agent's"])
    bench.plex.edit_as_person(bench.key, genre=[*names(bench), "A person's"])
    give(bench, tags=["C", "B"], performers=["Bea", "Ann"])
    assert bench.sync() == "synced"
    assert names(bench) == ["C", "B", "Theirs", "A person's"]
    assert names(bench, "actor") == ["Bea", "Ann", "Agent's"]
    give(bench, tags=[], performers=[])
    assert bench.sync() == "synced"
    assert (names(bench), names(bench, "actor")) == (["Theirs", "A person's"], ["Agent's"])
    assert bench.sync() == "unchanged"


def test_roles_and_pictures_of_others_survive(bench: SyncBench) -> None:
    with bench.plex.library.lock:
        tagging = bench.plex.library.tags.add(bench.plex.library.items[bench.key], "actor", "Agent's", 0)
        tagging.text, tagging.tag.thumb = "The Hero", "https://plex/people/1.jpg"
    give(bench, performers=["Ann"])
    bench.sync()
    shown = {tag.name: (tag.text, tag.thumb) for tag in bench.item().tags["actor"]}
    assert shown == {"Ann": ("", ""), "Agent's": ("The Hero", "https://plex/people/1.jpg")}


def test_a_list_is_sent_as_plex_web_and_plexapi_send_it(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, genre=["Theirs"])
    give(bench, tags=["A, B: C", "Gone, 100%"])
    bench.sync()
    bench.plex.forget()
    give(bench, tags=["New", "A, B: C"])
    bench.sync()
    (edit,) = edits(bench)
    assert {name: value for name, value in edit.items() if name.startswith("genre")} == {
        "genre[0].tag.tag": "New",
        "genre[1].tag.tag": "A, B: C",
        "genre[2].tag.tag": "Theirs",
        "genre[].tag.tag-": "Gone%2C%20100%25",
        "genre.locked": "1",
    }
    raw = next(one.query for one in bench.plex.log if is_edit(one))
    assert "A%2C%20B%3A%20C" in raw
    assert names(bench) == ["New", "A, B: C", "Theirs"]


@pytest.mark.parametrize("decoded", ["twice", "once"])
def test_names_are_removed_however_often_plex_decodes_them(bench: SyncBench, decoded: Literal["twice", "once"]) -> None:
    bench.plex.behaviour.removals_decoded = decoded
    give(bench, tags=["Plain", "With space", "Déjà vu", "50%", "a+b", "AC/DC"])
    bench.sync()
    give(bench, tags=["Plain"])
    assert bench.sync() == "synced"
    assert names(bench) == ["Plain"]
    if decoded == "once" and bench.plex.behaviour.tag_lists == "add":
        assert bench.app.plex.traits.known()[Trait.REMOVALS] == "once"
        give(bench, tags=["Plain", "With space"])
        bench.sync()
        before = bench.plex.counters["writes"]
        give(bench, tags=["Plain"])
        bench.sync()
        assert (names(bench), bench.plex.counters["writes"] - before) == (["Plain"], 1)


def test_a_name_with_a_comma_is_never_named_encoded_once(bench: SyncBench) -> None:
    bench.plex.behaviour.removals_decoded = "once"
    give(bench, tags=["Smith, J", "Smith", "J"])
    bench.sync()
    give(bench, tags=["Smith", "J"])
    if bench.plex.behaviour.tag_lists == "replace":
        assert bench.sync() == "synced"
    else:
        with pytest.raises(Exception, match='"Smith, J" was removed and Plex still shows it'):
            bench.sync()
    assert {"Smith", "J"} <= set(names(bench))


def test_a_name_with_a_comma_does_not_keep_others_from_going(bench: SyncBench) -> None:
    """On a server that decodes once, and adds in order of arrival, tells all spellings apart, and removes last."""
    behaviour = bench.plex.behaviour
    behaviour.removals_decoded, behaviour.tag_order, behaviour.folds = "once", "arrival", "none"
    behaviour.removals_last = True
    give(bench, tags=["Smith, J", "Plain one", "Stays"])
    bench.sync()
    give(bench, tags=["Stays"])
    with contextlib.suppress(ReadBackMismatch):
        bench.sync()
    assert "Plain one" not in names(bench)
    if behaviour.tag_lists == "replace":
        assert names(bench) == ["Stays"]
        return
    # Nothing takes it out there: it is left out with a note, and what comes later is sent at once.
    for _ in range(4):
        with contextlib.suppress(ReadBackMismatch):
            bench.sync()
            break
        bench.app.ledger.scenes.set_state(bench.scene, State.PENDING, Result.FAILED, error="as a retry")
    assert set(names(bench)) == {"Smith, J", "Stays"}
    assert any("Smith, J" in note for note in notes(bench))
    give(bench, tags=["Stays", "Another one"])
    bench.sync()
    give(bench, tags=["Stays"])
    bench.plex.forget()
    bench.sync()
    assert set(names(bench)) == {"Smith, J", "Stays"}
    assert edits(bench)[0]["genre[].tag.tag-"] == "Another one"


@pytest.mark.parametrize("last", [False, True])
def test_a_server_that_tears_a_name_at_its_comma_takes_nobodys_name(bench: SyncBench, last: bool) -> None:
    bench.plex.behaviour.commas_kept = False
    bench.plex.behaviour.removals_last = last
    bench.plex.edit_as_person(bench.key, lock=False, genre=["Smith", "J"])
    other, key = bench.add("other.mp4", genre=["Smith", "J"])
    give(bench, tags=["Smith, J", "Ours"])
    bench.sync()
    give(bench, tags=["Ours"])
    if bench.plex.behaviour.tag_lists == "replace" and not last:
        assert bench.sync() == "synced"
        return
    for _ in range(2):
        with contextlib.suppress(ReadBackMismatch):
            bench.sync()
        assert {"Smith", "J", "Ours"} <= set(names(bench))
    # It is known by then: no name is torn any more, not even for a moment.
    assert bench.app.plex.traits.known()[Trait.COMMAS] == "torn"
    tag = _known_id(bench, "tag", "Smith, J")
    bench.stash.edit(other, tags=[tag])
    bench.sync(other)
    bench.plex.forget()
    bench.stash.edit(other, tags=[])
    with contextlib.suppress(ReadBackMismatch):
        bench.sync(other)
    assert all("genre[].tag.tag-" not in edit for edit in edits(bench))
    assert {"Smith", "J"} <= set(bench.plex.item(key).names("genre"))


def test_a_death_between_the_write_and_its_record_loses_nothing(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, genre=["Theirs"])
    give(bench, tags=["A", "B"])
    bench.sync()
    give(bench, tags=["C", "A"])
    bench.plex.faults.add(PlannedFault("after", times=None, match=is_edit, then="reset"))
    with pytest.raises(PlexUnavailable):
        bench.sync()
    bench.plex.faults.clear()
    bench.restart()
    assert bench.sync() in ("synced", "unchanged")
    assert names(bench) == ["C", "A", "Theirs"]


# --- Order ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LISTS)
def test_what_comes_first_in_stash_comes_first_in_plex(bench: SyncBench, kind: str) -> None:
    give(bench, **{LISTS[kind]: ["Old", "Older"]})
    bench.sync()
    give(bench, **{LISTS[kind]: ["New", "Old", "Newer", "Older"]})
    bench.sync()
    assert names(bench, kind) == ["New", "Old", "Newer", "Older"]


@pytest.mark.parametrize("kind", LISTS)
def test_another_order_alone_is_written(bench: SyncBench, kind: str) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, **{kind: ["Theirs"]})
    give(bench, **{LISTS[kind]: ["A", "B", "C"]})
    bench.sync()
    give(bench, **{LISTS[kind]: ["C", "A", "B"]})
    assert bench.sync() == "synced"
    assert names(bench, kind) == ["C", "A", "B", "Theirs"]
    assert bench.sync() == "unchanged"


def test_a_large_cast_is_one_request_and_in_order(bench: SyncBench) -> None:
    bench.plex.behaviour.max_request_line = 65536
    cast = [f"Performer with a rather long name {number}, of {number * 7}" for number in range(128)]
    give(bench, performers=cast)
    assert bench.sync() == "synced"
    assert names(bench, "actor") == cast
    assert max(len(one.query) for one in bench.plex.log) > 8192
    assert len(edits(bench)) == 2, "all else, and the cast"


@pytest.mark.parametrize("how", ["414", "drop"])
def test_a_large_cast_is_split_in_order_where_no_long_line_is_taken(
    bench: SyncBench, how: Literal["414", "drop"]
) -> None:
    bench.plex.behaviour.long_requests = how
    bench.plex.behaviour.tag_lists = "add"
    cast = [f"Performer with a rather long name {number}, of {number * 7}" for number in range(128)]
    give(bench, performers=cast)
    assert bench.sync() == "synced"
    assert names(bench, "actor") == cast
    too_long = bench.plex.counters["too_long"]
    give(bench, performers=cast[::-1])
    assert bench.sync() == "synced"
    assert names(bench, "actor") == cast[::-1]
    assert bench.plex.counters["too_long"] == too_long, "it is known by now"


def test_a_plex_with_an_order_of_its_own_is_told_once(bench: SyncBench) -> None:
    if bench.plex.behaviour.tag_lists == "replace":
        pytest.skip("what is replaced comes in the order it is sent")
    bench.plex.behaviour.tag_order = "arrival"
    give(bench, performers=["A", "B"])
    bench.sync()
    give(bench, performers=["B", "A"])
    assert bench.sync() == "synced"
    assert names(bench, "actor") == ["A", "B"]
    assert notes(bench) == ("performers: Plex shows them in an order of its own.",)
    writes = bench.plex.counters["writes"]
    bench.stash.edit(bench.scene, organized=True)
    assert bench.sync() == "unchanged"
    bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
    assert bench.sync() == "unchanged"
    assert bench.plex.counters["writes"] == writes


def test_an_upgrade_writes_no_order_that_was_right_when_it_was_written(bench: SyncBench) -> None:
    give(bench, performers=["B", "A"], tags=["Y", "X"])
    bench.sync()
    # As an earlier version left it: the names as they were asked for, and nothing else.
    with bench.database.write() as db:
        applied = json.loads(db.execute("select pushed from scene").fetchone()[0])
        assert applied.keys() == {"texts", "tags", "thumbs", "rating", "rating_written"} | (
            applied.keys() & {"title_from_file"}
        )
        db.execute("update scene set fingerprint = substr(fingerprint, 1, 64), digest = 'earlier'")
    bench.restart()
    bench.plex.forget()
    bench.stash.edit(bench.scene, organized=True)
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []


# --- Case and folding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now"), [("жанна", "Жанна"), ("Strasse", "Straße"), ("ﬁona", "fiona"), ("É", "é"), ("Masse", "Maße")]
)
@pytest.mark.parametrize("kind", LISTS)
def test_a_rename_in_case_or_folding_alone_arrives(bench: SyncBench, kind: str, was: str, now: str) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, **{kind: ["Theirs"]})
    give(bench, **{LISTS[kind]: [was, "Other"]})
    bench.sync()
    (part,) = (row.id for row in bench.stash.library.rows(LISTS[kind]).values() if row.name == was)
    bench.stash.rename(LISTS[kind], part, now)
    bench.plex.forget()
    assert bench.sync() == "synced"
    assert names(bench, kind) == [now, "Other", "Theirs"]
    assert bench.plex.counters["writes"] == 1
    assert bench.sync() == "unchanged"


@pytest.mark.parametrize("folds", ["ascii", "unicode", "none"])
@pytest.mark.parametrize(("was", "now"), [("action", "Action"), ("жанна", "Жанна"), ("Strasse", "Straße")])
@pytest.mark.parametrize("last", [False, True])
def test_whatever_plex_folds_a_rename_ends_in_one_name_and_no_loop(
    tmp_path: Path, folds: Literal["ascii", "unicode", "none"], was: str, now: str, last: bool
) -> None:
    for reading in ("add", "replace"):
        with sync_bench(tmp_path / reading) as bench:
            bench.plex.behaviour.folds = folds
            bench.plex.behaviour.tag_lists = reading  # type: ignore[assignment]
            bench.plex.behaviour.removals_last = last
            give(bench, tags=["First", was])
            bench.sync()
            tag = _known_id(bench, "tag", was)
            assert tag is not None
            bench.stash.rename("tags", tag, now)
            assert bench.sync() == "synced"
            keeps = (folds == "unicode") or (folds == "ascii" and was == "action")
            assert names(bench) == ["First", was if keeps else now]
            expected = (f'tags: Plex spells "{now}" as "{was}".',) if keeps else ()
            assert notes(bench) == expected
            writes = bench.plex.counters["writes"]
            assert writes <= 5
            bench.stash.edit(bench.scene, organized=True)
            assert bench.sync() == "unchanged"
            bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
            assert bench.sync() == "unchanged"
            assert bench.plex.counters["writes"] == writes
            bench.stash.edit(bench.scene, tags=[])
            bench.sync()
            assert names(bench) == []


def test_two_names_that_only_fold_alike_are_two(bench: SyncBench) -> None:
    give(bench, tags=["Masse", "Maße", "ﬁona", "fiona"])
    bench.sync()
    assert names(bench) == ["Masse", "Maße", "ﬁona", "fiona"]
    give(bench, tags=["Maße", "fiona"])
    bench.sync()
    assert names(bench) == ["Maße", "fiona"]


def test_where_plex_takes_two_names_for_one_it_is_noted_and_left(tmp_path: Path) -> None:
    with sync_bench(tmp_path) as bench:
        bench.plex.behaviour.folds = "unicode"
        give(bench, tags=["Masse", "Maße"])
        assert bench.sync() == "synced"
        assert names(bench) == ["Masse"]
        assert notes(bench) == ('tags: Plex spells "Maße" as "Masse".',)
        bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
        assert bench.sync() == "unchanged"


# --- Performers of one name -------------------------------------------------------------------------------------------


def test_two_performers_of_one_name_are_two_in_plex(bench: SyncBench) -> None:
    first = bench.stash.add_performer("Jane Doe", disambiguation="1990")
    second = bench.stash.add_performer("Jane Doe")
    bench.stash.edit(bench.scene, performers=[first, second])
    bench.sync()
    assert names(bench, "actor") == ["Jane Doe (1990)", "Jane Doe"]
    assert any("are named" in note for note in notes(bench))
    bench.stash.edit(bench.scene, performers=[first])
    bench.sync()
    assert names(bench, "actor") == ["Jane Doe"]
    assert not any("are named" in note for note in notes(bench))


# --- What stood right already -----------------------------------------------------------------------------------------


def test_what_plex_showed_rightly_before_is_locked_with_the_first_write_and_not_again(bench: SyncBench) -> None:
    bench.plex.edit_as_person(bench.key, lock=False, title="T", genre=["A"], actor=["Ann"], summary="Other")
    bench.stash.edit(bench.scene, title="T", details="D", date="2023-05-17")
    give(bench, tags=["A"], performers=["Ann"])
    plan = bench.preview()
    shown = {change.field: change.after for change in explain(plan.edit, plan.item or plan.applied)}
    assert (shown[Field.TITLE], shown[Field.TAGS], shown[Field.PERFORMERS]) == ("locked",) * 3
    bench.sync()
    assert {"title", "genre", "actor", "summary", "originallyAvailableAt"} <= bench.item().locked
    assert len(edits(bench)) == 1
    bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
    assert bench.sync() == "unchanged"
    assert len(edits(bench)) == 1


# --- Long texts -------------------------------------------------------------------------------------------------------

LONG = "これは長い説明です。" * 500


def test_a_long_summary_arrives_whole(bench: SyncBench) -> None:
    bench.plex.behaviour.max_request_line = 65536
    bench.stash.edit(bench.scene, title="T", details=LONG)
    assert bench.sync() == "synced"
    assert bench.item().text("summary") == LONG
    assert notes(bench) == ()


@pytest.mark.parametrize("how", ["414", "drop"])
def test_a_summary_is_cut_behind_a_sentence_only_where_plex_takes_no_longer_one(
    bench: SyncBench, how: Literal["414", "drop"]
) -> None:
    bench.plex.behaviour.long_requests = how
    bench.stash.edit(bench.scene, title="T", details=LONG)
    give(bench, tags=["A"])
    assert bench.sync() == "synced"
    shown = bench.item().text("summary")
    assert shown.endswith("です。 …")
    assert LONG.startswith(shown.removesuffix(" …"))
    assert len(shown) > 600
    assert (bench.item().title, names(bench)) == ("T", ["A"])
    assert [note.partition(" from")[0] for note in notes(bench)] == ["summary: cut"]
    # It is neither sent again with each change, nor taken for somebody else's.
    bench.plex.forget()
    bench.restart()
    bench.stash.edit(bench.scene, organized=True)
    assert bench.sync() == "unchanged"
    assert bench.plex.log == []
    assert [note.partition(" from")[0] for note in notes(bench)] == ["summary: cut"]
    # A server that takes it by now gets it with the next change.
    bench.plex.behaviour.max_request_line = 65536
    bench.stash.edit(bench.scene, details="始まり。" + LONG)
    assert bench.sync() == "synced"
    assert bench.item().text("summary") == "始まり。" + LONG
    assert notes(bench) == ()


def test_a_connection_that_breaks_for_another_reason_cuts_nothing(bench: SyncBench) -> None:
    bench.plex.behaviour.max_request_line = 65536
    bench.stash.edit(bench.scene, title="T", details=LONG, cover=COVER)
    bench.plex.faults.add(PlannedFault("reset", times=2, match=is_edit))
    assert bench.sync() == "synced"
    assert bench.item().text("summary") == LONG
