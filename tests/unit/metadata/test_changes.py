"""A dry run lists what would change, before and after, field by field."""

from __future__ import annotations

from plexsync.metadata import FieldChange, explain
from plexsync.model import Applied, Edit, Field, Item, Tag

EDIT = Edit(
    texts={Field.SUMMARY: "", Field.TITLE: "New"},
    add={Field.PERFORMERS: (Tag("Zoe", "http://s/2"), Tag("Adam"))},
    remove={Field.TAGS: ("Gone",)},
    rate=True,
    rating=8.5,
)


def test_changes_are_listed_against_the_item() -> None:
    item = Item(
        rating_key=1,
        section_id=1,
        texts={Field.TITLE: "Old", Field.SUMMARY: "S", Field.STUDIO: "Unchanged"},
        tags={Field.PERFORMERS: (Tag("Zoe"), Tag("Theirs")), Field.TAGS: (Tag("Kept"), Tag("Gone"))},
        user_rating=6.0,
    )
    assert explain(EDIT, item) == [
        FieldChange(Field.TITLE, "Old", "New"),
        FieldChange(Field.SUMMARY, "S", ""),
        FieldChange(Field.PERFORMERS, ("Zoe", "Theirs"), ("Zoe (new picture)", "Theirs", "Adam")),
        FieldChange(Field.TAGS, ("Kept", "Gone"), ("Kept",)),
        FieldChange(Field.RATING, 6.0, 8.5),
    ]


def test_changes_are_listed_against_what_was_pushed() -> None:
    applied = Applied(texts={Field.TITLE: "Old"}, tags={Field.TAGS: ("Gone",)}, rating=6.0, rating_written=True)
    assert explain(EDIT, applied) == [
        FieldChange(Field.TITLE, "Old", "New"),
        FieldChange(Field.SUMMARY, "", ""),
        FieldChange(Field.PERFORMERS, (), ("Zoe", "Adam")),
        FieldChange(Field.TAGS, ("Gone",), ()),
        FieldChange(Field.RATING, 6.0, 8.5),
    ]


def test_a_cleared_rating_is_listed_as_none() -> None:
    assert explain(Edit(rate=True), Applied(rating=6.0)) == [FieldChange(Field.RATING, 6.0, None)]


def test_a_field_that_is_only_locked_is_listed_so() -> None:
    edit = Edit(texts={Field.TITLE: "New"}, lock=frozenset({Field.TAGS, Field.SUMMARY, Field.TITLE}))
    assert explain(edit, Item(1, 1)) == [
        FieldChange(Field.TITLE, "", "New"),
        FieldChange(Field.SUMMARY, "unlocked", "locked"),
        FieldChange(Field.TAGS, "unlocked", "locked"),
    ]


def test_an_empty_edit_lists_nothing() -> None:
    assert explain(Edit(), Applied(texts={Field.TITLE: "T"})) == []
