"""The ledger knows what we wrote: around a write, after it, and as text."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.errors import PermanentError
from plexsync.metadata import after, as_it_stands, confirmed, fingerprint, from_json, possibly, stands, to_json
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag

NOTHING = Desired({}, {}, None, {}, frozenset())
DESIRED = Desired(
    texts={Field.TITLE: "T", Field.SUMMARY: ""},
    tags={Field.PERFORMERS: (Tag("Zoe", "http://s/1?t=2"), Tag("Adam")), Field.TAGS: (Tag("A"),)},
    rating=8.5,
    pictures={Field.POSTER: "http://s/scene/1/screenshot?t=5"},
    selected=frozenset(Field),
)


# --- After ---


def test_what_was_written_and_what_stood_there_already_are_both_ours() -> None:
    edit = Edit(texts={Field.TITLE: "T"}, add={Field.PERFORMERS: (Tag("Zoe", "http://s/1?t=2"),)})
    assert after(Applied(), edit, DESIRED) == Applied(
        texts={Field.TITLE: "T"},
        tags={Field.PERFORMERS: ("Zoe", "Adam"), Field.TAGS: ("A",)},
        thumbs={"Zoe": "http://s/1?t=2"},
        rating=8.5,
        rating_written=True,
    )


def test_what_was_cleared_or_removed_is_no_longer_ours() -> None:
    applied = Applied(
        texts={Field.SUMMARY: "old"},
        tags={Field.TAGS: ("A", "B"), Field.PERFORMERS: ("Zoe",)},
        thumbs={"Zoe": "http://s/1"},
        rating=5.0,
        rating_written=True,
    )
    desired = Desired(
        {Field.SUMMARY: ""}, {Field.TAGS: (Tag("A"),), Field.PERFORMERS: ()}, None, {}, frozenset({Field.RATING})
    )
    edit = Edit({Field.SUMMARY: ""}, {}, {Field.TAGS: ("B",), Field.PERFORMERS: ("Zoe",)}, rate=True)
    assert after(applied, edit, desired) == Applied(tags={Field.TAGS: ("A",), Field.PERFORMERS: ()})


def test_a_list_that_stayed_empty_was_never_written() -> None:
    desired = replace(NOTHING, tags={Field.TAGS: (), Field.GROUPS: ()})
    edit = Edit(remove={Field.GROUPS: ("Theirs",)})
    assert after(Applied(), edit, desired).tags == {Field.GROUPS: ()}


def test_what_someone_else_has_changed_is_no_longer_ours_once_stash_is_silent() -> None:
    applied = Applied(texts={Field.SUMMARY: "ours"}, rating=5.0, rating_written=True)
    desired = replace(NOTHING, texts={Field.SUMMARY: ""}, selected=frozenset({Field.RATING}))
    assert after(applied, Edit(), desired) == Applied()


def test_fields_that_are_not_desired_stay_as_they_were() -> None:
    applied = Applied({Field.STUDIO: "S"}, {Field.GROUPS: ("G",)}, {"Zoe": "http://s/1"}, 5.0, rating_written=True)
    assert after(applied, Edit(), NOTHING) == applied


@pytest.mark.parametrize(
    ("thumb", "sent", "kept"),
    [
        ("http://s/2", "http://s/1", {"Zoe": "http://s/2"}),
        (None, "http://s/1", {"Zoe": "http://s/1"}),
        ("http://s/2", None, {"Zoe": "http://s/2"}),
        (None, None, {}),
    ],
)
def test_a_performer_keeps_the_picture_sent_last(thumb: str | None, sent: str | None, kept: dict[str, str]) -> None:
    applied = Applied(tags={Field.PERFORMERS: ("ZOE", "Gone")}, thumbs={"Gone": "http://s/9"})
    applied = replace(applied, thumbs={**applied.thumbs, "ZOE": sent} if sent else applied.thumbs)
    desired = replace(NOTHING, tags={Field.PERFORMERS: (Tag("Zoe", thumb),)})
    assert after(applied, Edit(), desired).thumbs == kept


# --- Possibly ---


def test_before_a_write_all_names_that_may_be_added_are_known() -> None:
    applied = Applied(texts={Field.TITLE: "Old", Field.STUDIO: "S"}, tags={Field.TAGS: ("A", "B")})
    edit = Edit(
        texts={Field.TITLE: "New"},
        add={Field.TAGS: (Tag("C"), Tag("a")), Field.PERFORMERS: (Tag("Zoe", "http://s/1"),)},
        remove={Field.TAGS: ("B",)},
        rate=True,
        rating=7.0,
    )
    assert possibly(applied, edit) == Applied(
        texts={Field.TITLE: "New", Field.STUDIO: "S"},
        tags={Field.TAGS: ("A", "B", "C", "a"), Field.PERFORMERS: ("Zoe",)},
        thumbs={},
        rating=7.0,
        rating_written=True,
    )


def test_before_a_write_nothing_that_may_still_stand_is_forgotten() -> None:
    applied = Applied({Field.SUMMARY: "old"}, {Field.TAGS: ("A",)}, {"Zoe": "http://s/1"}, 5.0, rating_written=True)
    edit = Edit({Field.SUMMARY: ""}, {Field.PERFORMERS: (Tag("Zoe", "http://s/2"),)}, {Field.TAGS: ("A",)}, rate=True)
    assert possibly(applied, edit) == replace(applied, tags={Field.TAGS: ("A",), Field.PERFORMERS: ("Zoe",)})


def test_an_empty_edit_changes_nothing_in_advance() -> None:
    applied = Applied({Field.SUMMARY: "old"}, {Field.TAGS: ("A",)}, {"Zoe": "http://s/1"})
    assert possibly(applied, Edit()) == applied


# --- Fingerprint ---


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    assert fingerprint(NOTHING) == "b965dbaf026b4ec95316cba688c767a6a9f107368226494094c8e2164fb7d72e.89b87c8442ef8087"


@pytest.mark.parametrize("field", [Field.PERFORMERS, Field.TAGS, Field.DIRECTOR, Field.GROUPS])
def test_the_order_of_names_counts_where_viewers_see_it(field: Field) -> None:
    one = replace(DESIRED, tags={field: (Tag("A"), Tag("B"))})
    other = replace(DESIRED, tags={field: (Tag("B"), Tag("A"))})
    assert stands(fingerprint(one), fingerprint(other)) is (field is Field.GROUPS)


def test_a_fingerprint_of_an_earlier_version_says_nothing_of_the_order() -> None:
    earlier = fingerprint(DESIRED).partition(".")[0]
    shuffled = replace(DESIRED, tags={**DESIRED.tags, Field.PERFORMERS: DESIRED.tags[Field.PERFORMERS][::-1]})
    assert len(earlier) == 64
    assert stands(earlier, fingerprint(DESIRED))
    assert stands(earlier, fingerprint(shuffled))
    assert not stands(earlier, fingerprint(replace(DESIRED, rating=None)))
    assert not stands(None, fingerprint(DESIRED))


@pytest.mark.parametrize(
    "same",
    [
        replace(DESIRED, pictures={Field.POSTER: "http://s/scene/1/screenshot?t=6"}),
        replace(DESIRED, notes=("A note.",)),
        replace(DESIRED, texts=dict(reversed(DESIRED.texts.items()))),
    ],
)
def test_a_fingerprint_stays_where_nothing_is_to_be_written(same: Desired) -> None:
    assert fingerprint(same) == fingerprint(DESIRED)


@pytest.mark.parametrize(
    "other",
    [
        replace(DESIRED, texts={**DESIRED.texts, Field.TITLE: "U"}),
        replace(DESIRED, texts={Field.TITLE: "T"}),
        replace(DESIRED, tags={**DESIRED.tags, Field.TAGS: ()}),
        replace(DESIRED, tags={**DESIRED.tags, Field.PERFORMERS: DESIRED.tags[Field.PERFORMERS][::-1]}),
        replace(DESIRED, tags={**DESIRED.tags, Field.PERFORMERS: (Tag("Zoe", "http://s/1?t=3"), Tag("Adam"))}),
        replace(DESIRED, rating=8.4),
        replace(DESIRED, rating=None),
        replace(DESIRED, rating=None, selected=frozenset()),
        replace(DESIRED, pictures={}),
    ],
)
def test_a_fingerprint_differs_where_something_may_be_to_be_written(other: Desired) -> None:
    assert fingerprint(other) != fingerprint(DESIRED)


def test_no_rating_and_a_rating_not_selected_are_not_the_same() -> None:
    unrated = replace(DESIRED, rating=None)
    assert fingerprint(unrated) != fingerprint(replace(unrated, selected=frozenset()))


# --- As text ---

PUSHED = st.builds(
    Applied,
    texts=st.dictionaries(st.sampled_from(TEXT_FIELDS), st.text(max_size=10)),
    tags=st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(st.text(max_size=5), max_size=3).map(tuple)),
    thumbs=st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    rating=st.none() | st.floats(0, 10),
    rating_written=st.booleans(),
    spelled=st.dictionaries(
        st.sampled_from(TAG_FIELDS), st.dictionaries(st.text(max_size=5), st.text(max_size=5)), max_size=2
    ),
    unordered=st.frozensets(st.sampled_from(TAG_FIELDS)),
)


@settings(database=None, deadline=None)
@given(PUSHED)
def test_what_was_pushed_comes_back_from_its_text(applied: Applied) -> None:
    again = from_json(to_json(applied))
    assert again == applied
    assert all(isinstance(field, Field) for field in (*again.texts, *again.tags))


def test_equal_values_are_equal_texts() -> None:
    one = Applied(texts={Field.TITLE: "é", Field.DATE: ""}, thumbs={"b": "2", "a": "1"})
    other = Applied(texts={Field.DATE: "", Field.TITLE: "é"}, thumbs={"a": "1", "b": "2"})
    assert to_json(one) == to_json(other)


def test_a_record_without_spellings_is_as_an_earlier_version_wrote_it() -> None:
    assert json.loads(to_json(Applied())).keys() == {"texts", "tags", "thumbs", "rating", "rating_written"}


def test_nothing_pushed_is_an_empty_object_as_well() -> None:
    assert from_json("{}") == Applied()


def test_what_a_newer_version_added_is_passed_over() -> None:
    text = json.dumps(
        {"texts": {"title": "T", "slogan": 5}, "tags": {"tags": ["A"], "labels": 1}, "labels": [], "rating": 7}
    )
    assert from_json(text) == Applied(texts={Field.TITLE: "T"}, tags={Field.TAGS: ("A",)}, rating=7.0)


@pytest.mark.parametrize(
    "record",
    [
        [],
        None,
        "text",
        {"texts": []},
        {"texts": {"title": 5}},
        {"tags": {"tags": "A"}},
        {"tags": {"tags": [1]}},
        {"thumbs": {"Zoe": None}},
        {"rating": "8"},
        {"rating": True},
        {"spelled": {"tags": ["A"]}},
        {"spelled": {"tags": {"A": 1}}},
        {"unordered": "tags"},
    ],
)
def test_a_record_that_is_not_ours_is_refused(record: Any) -> None:
    with pytest.raises(PermanentError, match="reconcile --full"):
        from_json(json.dumps(record))


@pytest.mark.parametrize("text", ["", "{", "\x00", '{"rating": NaN}'])
def test_a_text_that_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(PermanentError, match="cannot be read"):
        from_json(text)


# --- After a crash ---


def test_whichever_of_two_values_stands_in_the_item_is_ours() -> None:
    applied = Applied(texts={Field.TITLE: "Old", Field.SUMMARY: "Same"}, rating=4.0, rating_written=True)
    intended = possibly(applied, Edit(texts={Field.TITLE: "New"}, rate=True, rating=9.0))
    before = Item(7, 1, texts={Field.TITLE: "Old ", Field.SUMMARY: "Same"}, user_rating=4.0)
    behind = Item(7, 1, texts={Field.TITLE: "New", Field.SUMMARY: "Same"}, user_rating=9.0)
    assert as_it_stands(applied, intended, before) == applied
    assert as_it_stands(applied, intended, behind) == intended


def test_a_value_that_somebody_else_wrote_meanwhile_is_not_taken_for_ours() -> None:
    applied = Applied(texts={Field.TITLE: "Old"})
    intended = possibly(applied, Edit(texts={Field.TITLE: "New"}))
    item = Item(7, 1, texts={Field.TITLE: "Theirs"})
    assert "Theirs" not in as_it_stands(applied, intended, item).texts.values()


def test_names_that_may_have_been_added_stay_known_after_a_crash() -> None:
    applied = Applied(tags={Field.TAGS: ("A",)})
    intended = possibly(applied, Edit(add={Field.TAGS: (Tag("B"),)}))
    assert as_it_stands(applied, intended, Item(7, 1)).tags == {Field.TAGS: ("A", "B")}


# --- For certain ---


def test_of_a_write_in_doubt_only_what_the_item_shows_is_certain() -> None:
    applied = Applied({Field.TITLE: "Old"}, {Field.TAGS: ("A",)})
    edit = Edit(
        texts={Field.TITLE: "New", Field.SUMMARY: "One.\n\nTwo."},
        add={Field.TAGS: (Tag("B"),), Field.DIRECTOR: (Tag("Dana"),)},
        rate=True,
        rating=8.0,
    )
    intended = possibly(applied, edit)
    before = Item(7, 1, texts={Field.TITLE: "Old"}, tags={Field.TAGS: (Tag("a"), Tag("Theirs"))})
    behind = Item(
        7,
        1,
        texts={Field.TITLE: "New ", Field.SUMMARY: "One.\nTwo."},
        tags={Field.TAGS: (Tag("A"), Tag("b")), Field.DIRECTOR: (Tag("Dana"),)},
        user_rating=8.0,
    )
    assert confirmed(applied, as_it_stands(applied, intended, before), before) == applied
    # A name in another spelling may be how Plex shows ours, and may be what stood there before.
    as_shown = replace(intended, tags={**intended.tags, Field.TAGS: ("A", "b")})
    assert confirmed(applied, as_it_stands(applied, intended, behind), behind) == as_shown


def test_what_was_confirmed_stays_certain_whatever_the_item_shows() -> None:
    applied = Applied({Field.TITLE: "Old"}, {Field.TAGS: ("A",), Field.GROUPS: ()}, {}, 5.0, rating_written=True)
    intended = possibly(applied, Edit(texts={Field.TITLE: "New"}, add={Field.TAGS: (Tag("B"),)}, rate=True, rating=8.0))
    item = Item(7, 1, texts={Field.TITLE: "Theirs"})
    assert confirmed(applied, as_it_stands(applied, intended, item), item) == applied
