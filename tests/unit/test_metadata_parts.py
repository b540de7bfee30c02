"""An edit taken apart into the least that can be written by itself, and put together again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plexsync.metadata import after
from plexsync.metadata.parts import as_written, fields_of, joined, parts_of_edit, surely_told, without_parts
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Desired, Edit, Field, Pushed, Tag

NAMES = st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=4).map(tuple)
EDITS = st.builds(
    Edit,
    texts=st.dictionaries(st.sampled_from(TEXT_FIELDS), st.text(max_size=5)),
    add=st.dictionaries(st.sampled_from(TAG_FIELDS), NAMES.map(lambda names: tuple(map(Tag, names)))).map(
        lambda lists: {field: tags for field, tags in lists.items() if tags}
    ),
    remove=st.dictionaries(st.sampled_from(TAG_FIELDS), NAMES).map(
        lambda lists: {field: names for field, names in lists.items() if names}
    ),
    rate=st.booleans(),
    lock=st.frozensets(st.sampled_from((*TEXT_FIELDS, *TAG_FIELDS))),
)


@given(EDITS)
def test_all_parts_together_are_the_edit(edit: Edit) -> None:
    parts = parts_of_edit(edit)
    assert joined(parts) == edit
    assert len({part.name for part in parts}) == len(parts)
    assert {part.field for part in parts} == fields_of(edit)
    assert all(fields_of(part.edit) == {part.field} for part in parts)


@given(EDITS, st.data())
def test_without_some_of_its_parts_an_edit_has_the_others(edit: Edit, data: st.DataObject) -> None:
    parts = parts_of_edit(edit)
    gone = data.draw(st.sets(st.sampled_from([part.name for part in parts]))) if parts else set()
    left = without_parts(edit, gone)
    assert parts_of_edit(left) == tuple(part for part in parts if part.name not in gone)


def test_an_edit_that_has_none_of_the_parts_is_left_as_it_is() -> None:
    edit = Edit(texts={Field.TITLE: "a"})
    assert without_parts(edit, {(Field.STUDIO, "text x")}) is edit
    assert without_parts(edit, ()) is edit


def test_another_value_is_another_part() -> None:
    def names(edit: Edit) -> set[tuple[Field, str]]:
        return {part.name for part in parts_of_edit(edit)}

    assert names(Edit(texts={Field.TITLE: "a"})) != names(Edit(texts={Field.TITLE: "b"}))
    assert names(Edit(texts={Field.TITLE: "a"})) != names(Edit(texts={Field.STUDIO: "a"}))
    assert names(Edit(rate=True, rating=7.0)) != names(Edit(rate=True, rating=8.0))
    assert names(Edit(rate=True, rating=7.0)) != names(Edit(rate=True, rating=None))
    plain, pictured = Edit(add={Field.PERFORMERS: (Tag("A"),)}), Edit(add={Field.PERFORMERS: (Tag("A", "http://x"),)})
    assert names(plain) != names(pictured)
    assert names(Edit(add={Field.TAGS: (Tag("A"),)})) != names(Edit(remove={Field.TAGS: ("A",)}))


def test_no_key_holds_a_long_text_or_an_address() -> None:
    edit = Edit(texts={Field.SUMMARY: "x" * 9000}, add={Field.PERFORMERS: (Tag("A", "http://stash/secret"),)})
    assert all(len(part.key) < 60 for part in parts_of_edit(edit))
    assert not any("secret" in part.key + part.what for part in parts_of_edit(edit))


# --- what is recorded -------------------------------------------------------------------------------------------------

WANTED = Desired(
    texts={Field.TITLE: "new", Field.STUDIO: "new"},
    tags={Field.TAGS: (Tag("kept"), Tag("bad"), Tag("added"))},
    rating=7.0,
    pictures={},
    selected=frozenset({Field.TITLE, Field.STUDIO, Field.TAGS, Field.RATING}),
)
BEFORE = Pushed(
    texts={Field.TITLE: "old", Field.STUDIO: "old"},
    tags={Field.TAGS: ("kept", "going", "staying")},
    rating=5.0,
    rating_written=True,
)
EDIT = Edit(
    texts={Field.TITLE: "new", Field.STUDIO: "new"},
    add={Field.TAGS: (Tag("bad"), Tag("added"))},
    remove={Field.TAGS: ("going", "staying")},
    rate=True,
    rating=7.0,
)


def refused(*whats: str) -> list:
    found = [part for part in parts_of_edit(EDIT) if any(part.key.startswith(what) for what in whats)]
    assert found
    return found


def test_what_was_refused_is_recorded_as_it_was_before() -> None:
    parts = [*refused("add bad", "remove staying", "rating"), *refused("text")[:1]]
    taken = without_parts(EDIT, {part.name for part in parts})
    told = after(surely_told(BEFORE, BEFORE, parts), taken, as_written(WANTED, parts))
    assert told.texts == {Field.TITLE: "old", Field.STUDIO: "new"}
    assert told.tags == {Field.TAGS: ("kept", "added", "staying")}
    assert (told.rating, told.rating_written) == (5.0, True)


def test_where_nothing_was_refused_all_is_recorded() -> None:
    told = after(surely_told(BEFORE, BEFORE, []), EDIT, as_written(WANTED, []))
    assert told == after(BEFORE, EDIT, WANTED)


def test_what_may_have_been_told_and_does_not_stand_counts_as_not_told() -> None:
    """After a write in doubt: else nobody would write it again."""
    maybe = Pushed(
        texts={Field.TITLE: "new", Field.STUDIO: "new"},
        tags={Field.TAGS: ("kept", "bad", "added")},
        rating=7.0,
        rating_written=True,
    )
    parts = [*refused("add bad", "rating"), *refused("text")]
    told = surely_told(maybe, BEFORE, parts)
    assert told.texts == BEFORE.texts
    assert told.tags == {Field.TAGS: ("kept", "added")}
    assert (told.rating, told.rating_written) == (5.0, True)
    assert surely_told(maybe, Pushed(), parts).texts == {}
