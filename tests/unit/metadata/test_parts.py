"""An edit taken apart into the least that can be written by itself, and put together again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plexsync.metadata import after, difference
from plexsync.metadata.parts import applied_without, as_written, fields_of, joined, parts_of_edit, without_parts
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag
from tests.support.rules import RULES

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
BEFORE = Applied(
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
    told = after(applied_without(BEFORE, BEFORE, parts), taken, as_written(WANTED, parts))
    assert told.texts == {Field.TITLE: "old", Field.STUDIO: "new"}
    assert told.tags == {Field.TAGS: ("kept", "added", "staying")}
    assert (told.rating, told.rating_written) == (5.0, True)


def test_where_nothing_was_refused_all_is_recorded() -> None:
    told = after(applied_without(BEFORE, BEFORE, []), EDIT, as_written(WANTED, []))
    assert told == after(BEFORE, EDIT, WANTED)


def test_what_may_have_been_told_and_does_not_stand_counts_as_not_told() -> None:
    """After a write in doubt: else nobody would write it again."""
    maybe = Applied(
        texts={Field.TITLE: "new", Field.STUDIO: "new"},
        tags={Field.TAGS: ("kept", "bad", "added")},
        rating=7.0,
        rating_written=True,
    )
    parts = [*refused("add bad", "rating"), *refused("text")]
    told = applied_without(maybe, BEFORE, parts)
    assert told.texts == BEFORE.texts
    assert told.tags == {Field.TAGS: ("kept", "added")}
    assert (told.rating, told.rating_written) == (5.0, True)
    assert applied_without(maybe, Applied(), parts).texts == {}


# --- Parts of lists that are sent whole ---

ITEM = Item(1, 1, tags={Field.PERFORMERS: (Tag("Ann", "http://s/1"), Tag("Gone"), Tag("Theirs", "http://x", "Role"))})
CAST = Desired(
    {},
    {Field.PERFORMERS: (Tag("New"), Tag("Ann", "http://s/2"), Tag("Newer"))},
    None,
    {},
    frozenset({Field.PERFORMERS}),
)
TOLD = Applied(tags={Field.PERFORMERS: ("Ann", "Gone")}, thumbs={"Ann": "http://s/1"})


def whole_edit() -> Edit:
    return difference(CAST, TOLD, ITEM, RULES)


def sent(edit: Edit) -> list[tuple[str, str | None]]:
    return [(tag.name, tag.thumb) for tag in edit.lists[Field.PERFORMERS]]


def test_a_list_that_is_sent_whole_is_so_again_when_its_parts_are_joined() -> None:
    edit = whole_edit()
    assert sent(edit) == [("New", None), ("Ann", "http://s/2"), ("Newer", None), ("Theirs", "http://x")]
    assert edit.again == {Field.PERFORMERS: ("Ann",)}
    assert joined(parts_of_edit(edit)) == edit
    assert [part.key.split()[0] for part in parts_of_edit(edit)] == ["remove", "add", "add", "add"]


def test_each_part_of_a_list_leaves_the_rest_of_it_as_it_stands() -> None:
    others = [("Ann", None), ("Theirs", "http://x")]
    lists = {part.key.partition(" http")[0][:8]: sent(joined([part])) for part in parts_of_edit(whole_edit())}
    assert list(lists.values()) == [
        others,
        [("New", None), *others],
        [("Ann", "http://s/2"), ("Theirs", "http://x")],
        [("Ann", None), ("Newer", None), ("Theirs", "http://x")],
    ]


def test_an_order_alone_is_a_part() -> None:
    item = Item(1, 1, tags={Field.TAGS: (Tag("B"), Tag("A"))})
    wanted = Desired({}, {Field.TAGS: (Tag("A"), Tag("B"))}, None, {}, frozenset())
    edit = difference(wanted, Applied(), item, RULES)
    (part,) = parts_of_edit(edit)
    assert (part.key, joined([part])) == ("order", edit)
    assert fields_of(edit) == {Field.TAGS}


def test_a_picture_that_is_refused_leaves_its_performer_ours() -> None:
    edit = whole_edit()
    (refused,) = (part for part in parts_of_edit(edit) if part.edit.again)
    left = without_parts(edit, {refused.name})
    assert sent(left) == [("New", None), ("Ann", None), ("Newer", None), ("Theirs", "http://x")]
    told = after(TOLD, left, as_written(CAST, [refused]))
    assert told.tags[Field.PERFORMERS] == ("New", "Ann", "Newer")
    assert told.thumbs == {"Ann": "http://s/1"}
