"""What an earlier scene of a file told its item stays, field by field, until the new scene has something for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.errors import PermanentError
from plexsync.ledger.heirs import as_inherited
from plexsync.metadata import (
    Rules,
    after,
    as_it_stands,
    desired,
    difference,
    drift,
    fingerprint,
    from_json,
    noting_inherited,
    possibly,
    preserve,
    revise,
    to_json,
)
from plexsync.metadata.names import fold
from plexsync.metadata.readback import mismatches
from plexsync.model import TAG_FIELDS, Applied, Edit, Field, Item, Scene, SceneFile, Tag
from tests.support.metadata_cases import ITEMS, RULES, SCENES, Kind, Plex

RUNS = settings(database=None, deadline=None)
EVERYTHING = Rules(frozenset(Field), frozenset(), False, "", True, "http://stash:9999", None)
OLD = Applied(
    texts={Field.TITLE: "Old title", Field.SUMMARY: "Old summary", Field.CONTENT_RATING: "XXX"},
    tags={Field.TAGS: ("Old tag",), Field.PERFORMERS: ("Old one",), Field.GROUPS: ()},
    thumbs={"Old one": "http://stash:9999/p?t=1"},
    rating=7.0,
    rating_written=True,
)
INHERITED = from_json(as_inherited(to_json(OLD)) or "")
EMPTY = desired(Scene(1, files=(SceneFile("/a/file.mp4"),)), EVERYTHING)
ITEM = Item(
    1,
    1,
    texts={Field.TITLE: "Old title", Field.SUMMARY: "Old summary"},
    tags={Field.TAGS: (Tag("Old tag"),), Field.PERFORMERS: (Tag("Old one", "http://stash:9999/p?t=1"),)},
    user_rating=7.0,
    locked=frozenset({Field.TITLE, Field.SUMMARY, Field.TAGS, Field.PERFORMERS}),
)


def inherited(applied: Applied) -> Applied:
    """As the ledger marks what was told by a scene that is gone."""
    return from_json(as_inherited(to_json(applied)) or "")


def test_all_that_was_told_is_inherited_but_for_what_is_no_scenes() -> None:
    assert (
        replace(OLD, inherited=frozenset({Field.TITLE, Field.SUMMARY, Field.TAGS, Field.PERFORMERS, Field.RATING}))
        == INHERITED
    )
    assert from_json(to_json(INHERITED)) == INHERITED
    titled = replace(OLD, title_from_file=True)
    assert Field.TITLE not in inherited(titled).inherited
    assert from_json(to_json(titled)) == titled


def test_records_of_before_and_after_are_read() -> None:
    assert from_json(to_json(OLD)).inherited == frozenset()
    assert "inherited" not in json.loads(to_json(OLD))
    told = json.loads(to_json(OLD)) | {"inherited": ["summary", "of a newer version"]}
    assert from_json(json.dumps(told)).inherited == {Field.SUMMARY}
    with pytest.raises(PermanentError):
        from_json(json.dumps(told | {"inherited": "summary"}))


@pytest.mark.parametrize("text", [None, "", "[", "[]", "3"])
def test_what_cannot_be_read_is_handed_on_as_it_is(text: str | None) -> None:
    assert as_inherited(text) == text


@pytest.mark.parametrize("item", [None, ITEM])
def test_emptiness_writes_nothing_and_all_of_it_stays_known(item: Item | None) -> None:
    assert not difference(EMPTY, INHERITED, item, EVERYTHING, relock=item is not None)
    assert after(INHERITED, Edit(), EMPTY) == INHERITED


def test_a_value_takes_the_place_of_the_old_one_and_is_the_scenes_own() -> None:
    wanted = desired(Scene(1, title="New", details="New", tags=("New",), rating100=30), EVERYTHING)
    edit = difference(wanted, INHERITED, None, EVERYTHING)
    assert edit == Edit(
        texts={Field.TITLE: "New", Field.SUMMARY: "New"},
        add={Field.TAGS: (Tag("New"),)},
        remove={Field.TAGS: ("Old tag",)},
        rate=True,
        rating=3.0,
    )
    told = after(INHERITED, edit, wanted)
    assert told.inherited == {Field.PERFORMERS}
    assert difference(EMPTY, told, None, EVERYTHING) == Edit(
        texts={Field.TITLE: "file", Field.SUMMARY: ""}, remove={Field.TAGS: ("New",)}, rate=True, rating=None
    )


def test_the_same_value_makes_it_the_scenes_own_without_a_write() -> None:
    wanted = desired(Scene(1, details="Old summary"), EVERYTHING)
    edit = difference(wanted, INHERITED, None, EVERYTHING)
    assert Field.SUMMARY not in edit.texts
    assert Field.SUMMARY not in after(INHERITED, edit, wanted).inherited


def test_a_field_that_is_not_carried_now_stays_what_it_is() -> None:
    fewer = replace(EVERYTHING, selected=frozenset({Field.SUMMARY}))
    wanted = desired(Scene(1, details="New"), fewer)
    told = after(INHERITED, difference(wanted, INHERITED, None, fewer), wanted)
    assert told.inherited == INHERITED.inherited - {Field.SUMMARY}
    assert told.tags == INHERITED.tags


def test_a_field_that_stash_owns_goes_at_once() -> None:
    rules = replace(EVERYTHING, owned=frozenset({Field.SUMMARY, Field.TAGS, Field.RATING, Field.TITLE}))
    edit = difference(EMPTY, INHERITED, None, rules)
    assert edit == Edit(
        texts={Field.TITLE: "file", Field.SUMMARY: ""}, remove={Field.TAGS: ("Old tag",)}, rate=True, rating=None
    )
    told = after(INHERITED, edit, EMPTY)
    assert not difference(EMPTY, told, None, rules)
    assert not {Field.SUMMARY, Field.TAGS, Field.RATING} & told.inherited


@pytest.mark.parametrize(
    "theirs",
    [
        replace(ITEM, texts={**ITEM.texts, Field.SUMMARY: "A person's"}),
        replace(ITEM, texts={**ITEM.texts, Field.SUMMARY: ""}),
        replace(ITEM, texts={**ITEM.texts, Field.TITLE: "A person's"}),
        replace(ITEM, tags={**ITEM.tags, Field.TAGS: (Tag("A person's"),)}),
        replace(ITEM, tags={**ITEM.tags, Field.TAGS: ()}),
        replace(ITEM, user_rating=2.0),
    ],
)
def test_what_a_person_made_of_it_is_left_alone_and_is_no_drift(theirs: Item) -> None:
    assert not difference(EMPTY, INHERITED, theirs, EVERYTHING, relock=True)
    assert drift(EMPTY, INHERITED, theirs, lock=True) == ()
    rest, _ = preserve(EMPTY, INHERITED, theirs)
    assert not difference(rest, INHERITED, theirs, EVERYTHING, relock=True)


def test_what_an_agent_made_of_it_and_what_a_new_item_lacks_is_written_again() -> None:
    bare = Item(2, 1, texts={Field.TITLE: "guess"}, tags={Field.TAGS: (Tag("Agent's"),)})
    edit = difference(EMPTY, INHERITED, bare, EVERYTHING)
    add = {Field.TAGS: (Tag("Old tag"),), Field.PERFORMERS: (Tag("Old one", "http://stash:9999/p?t=1"),)}
    assert edit == Edit(
        texts={Field.TITLE: "Old title", Field.SUMMARY: "Old summary"},
        add=add,
        lists={**add, Field.TAGS: (Tag("Old tag"), Tag("Agent's"))},
        rate=True,
        rating=7.0,
    )
    assert {one.field for one in drift(EMPTY, INHERITED, bare, lock=True)} >= {Field.TITLE, Field.SUMMARY, Field.TAGS}
    # Nor is it forgotten that it is another scene's, should that write be cut short.
    assert possibly(INHERITED, edit).inherited == INHERITED.inherited
    assert after(INHERITED, edit, EMPTY) == INHERITED


def test_notes_say_what_is_kept_and_change_no_fingerprint() -> None:
    noted = noting_inherited(EMPTY, INHERITED)
    assert [note.partition(":")[0] for note in noted.notes] == ["title", "summary", "performers", "tags", "rating"]
    assert fingerprint(noted) == fingerprint(EMPTY)
    assert noting_inherited(EMPTY, OLD) is EMPTY


def has(field: Field, scene: Scene, rules: Rules) -> bool:
    """Whether Stash has something for a field."""
    wanted = desired(scene, rules)
    if field is Field.TITLE:
        return field in wanted.texts and not wanted.title_from_file
    if field is Field.RATING:
        return wanted.rating is not None
    return bool(wanted.texts.get(field) or wanted.tags.get(field))


@RUNS
@given(SCENES, st.lists(st.tuples(SCENES, st.sampled_from(["", "dies", "arrives"])), max_size=4), ITEMS, RULES)
def test_whatever_the_new_scene_gets_and_wherever_a_write_dies_a_field_is_the_old_scenes_or_its_own(
    old: Scene, steps: list[tuple[Scene, str]], item: Item, rules: Rules
) -> None:
    plex = Plex(Kind())
    item = plex.holding(item)
    wanted = desired(old, rules)
    edit = difference(wanted, Applied(), item, rules)
    item = plex.write(edit, item)
    applied, intended = inherited(after(Applied(), edit, wanted, item)), None
    heirlooms, before = set(applied.inherited - rules.owned), item
    for scene, death in [(replace(old, title="", details=""), ""), *steps, (steps[-1][0] if steps else old, "")]:
        wanted = desired(scene, rules)
        told = applied if intended is None else as_it_stands(applied, intended, item)
        edit = difference(wanted, told, None if intended is None else item, rules)
        edit = revise(edit, wanted, told, item, rules, lock=False) if intended is None else edit
        heirlooms -= {field for field in heirlooms if has(field, scene, rules)}
        if death:
            intended = from_json(to_json(possibly(told, edit)))
            item = plex.apply(edit, item) if death == "arrives" else item
            continue
        item = plex.write(edit, item)
        applied, intended = from_json(to_json(after(told, edit, wanted, item))), None
        for field in heirlooms & rules.selected:
            if field in TAG_FIELDS:
                assert {fold(tag.name) for tag in before.tags.get(field, ())} <= {
                    fold(tag.name) for tag in item.tags.get(field, ())
                }
            elif field is Field.RATING:
                assert item.user_rating == before.user_rating
            else:
                assert item.texts.get(field) == before.texts.get(field)
        own = Edit(
            texts={field: text for field, text in wanted.texts.items() if has(field, scene, rules)}, add=wanted.tags
        )
        assert mismatches(own, item) == ()
        assert not difference(wanted, applied, item, rules)
        assert not difference(wanted, applied, None, rules)
