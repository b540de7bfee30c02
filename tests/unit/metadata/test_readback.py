"""What was written and does not stand is said in sentences; what Plex merely spells its own way is not."""

from __future__ import annotations

import pytest

from plexsync.metadata import mismatches
from plexsync.model import Edit, Field, Item, Tag

EDIT = Edit(
    texts={Field.TITLE: "The Title", Field.SUMMARY: "a\n\nb", Field.STUDIO: ""},
    add={Field.PERFORMERS: (Tag("Zoe", "http://s/1"),), Field.TAGS: (Tag("action"), Tag("Café"))},
    remove={Field.TAGS: ("Gone",), Field.GROUPS: ("Old Group",)},
    rate=True,
    rating=8.5,
)


def test_an_edit_that_stands_has_no_mismatch_however_plex_spells_it() -> None:
    item = Item(
        rating_key=1,
        section_id=1,
        texts={Field.TITLE: " The  Title ", Field.SUMMARY: "a\nb", Field.STUDIO: ""},
        tags={
            Field.PERFORMERS: (Tag("ZOE", "https://plex/tag/1"), Tag("Theirs")),
            Field.TAGS: (Tag("Action"), Tag("Cafe\u0301")),
        },
        user_rating=8.5000001,
    )
    assert mismatches(EDIT, item) == ()


def test_everything_that_does_not_stand_is_said() -> None:
    item = Item(
        rating_key=1,
        section_id=1,
        texts={Field.TITLE: "Another", Field.STUDIO: "Still"},
        tags={Field.TAGS: (Tag("ACTION"), Tag("GONE")), Field.GROUPS: (Tag("Old Group"),)},
        user_rating=None,
    )
    assert mismatches(EDIT, item) == (
        'title: Plex shows "Another" where "The Title" was written.',
        'summary: Plex shows nothing where "a b" was written.',
        'studio: Plex shows "Still" where nothing was written.',
        'performers: "Zoe" was added and Plex does not show it.',
        'tags: "Café" was added and Plex does not show it.',
        'tags: "GONE" was removed and Plex still shows it.',
        'groups: "Old Group" was removed and Plex still shows it.',
        "rating: Plex shows none where 8.5 was written.",
    )


@pytest.mark.parametrize(
    ("written", "shown", "stands"),
    [
        (8.5, 8.5, True),
        (8.5, 8.54, True),
        (8.5, 8.6, False),
        (8.5, None, False),
        (None, None, True),
        (None, 0.0, True),
        (None, 8.5, False),
        (0.0, None, True),
        (10.0, 10.0, True),
    ],
)
def test_a_rating_stands_within_its_rounding(written: float | None, shown: float | None, stands: bool) -> None:
    found = mismatches(Edit(rate=True, rating=written), Item(1, 1, user_rating=shown))
    assert (found == ()) is stands


def test_a_rating_that_was_not_written_is_not_looked_at() -> None:
    assert mismatches(Edit(), Item(1, 1, user_rating=3.0)) == ()


def test_a_lock_that_does_not_hold_is_said() -> None:
    edit = Edit(lock=frozenset({Field.TITLE, Field.TAGS}))
    assert mismatches(edit, Item(1, 1, locked=frozenset({Field.TITLE}))) == (
        "tags: it was locked and Plex shows it unlocked.",
    )


def test_a_long_value_is_quoted_in_short() -> None:
    (sentence,) = mismatches(Edit(texts={Field.SUMMARY: "long words " * 400}), Item(1, 1))
    assert len(sentence) < 130
    assert "long…" in sentence or "words…" in sentence
