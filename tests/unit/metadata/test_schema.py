"""What cannot be sent to Plex is refused by the field's name before any of it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plexsync.errors import PermanentError
from plexsync.metadata.schema import sendable, validate
from plexsync.model import Desired, Field, Tag

VALID = Desired(
    texts={Field.TITLE: "T", Field.SUMMARY: "a\n\nb", Field.STUDIO: "", Field.DATE: "2023-05-17"},
    tags={Field.PERFORMERS: (Tag("Zoe", "http://s/1"), Tag("Adam")), Field.TAGS: ()},
    rating=8.5,
    pictures={Field.POSTER: "http://stash/scene/1/screenshot?t=1"},
    selected=frozenset(Field),
)


def refusal(desired: Desired) -> str:
    with pytest.raises(PermanentError) as refused:
        validate(desired)
    return str(refused.value)


@pytest.mark.parametrize("rating", [None, 0, 0.0, 5, 10.0])
@pytest.mark.parametrize("date", ["", "2023-05-17"])
def test_valid_values_are_handed_back_as_they_are(rating: float | None, date: str) -> None:
    desired = replace(VALID, rating=rating, texts={**VALID.texts, Field.DATE: date})
    assert validate(desired) is desired


def test_an_empty_desire_is_valid() -> None:
    empty = Desired({}, {}, None, {}, frozenset())
    assert validate(empty) is empty


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.TITLE, ""),
        (Field.TITLE, " T"),
        (Field.TITLE, "a\nb"),
        (Field.TITLE, "a\x00b"),
        (Field.TITLE, "a\ud800"),
        (Field.TITLE, "x" * 501),
        (Field.TITLE, None),
        (Field.TITLE, 5),
        (Field.SUMMARY, "a\r\nb"),
        (Field.SUMMARY, "x" * 60_001),
        (Field.SUMMARY, "日" * 6_667),
        (Field.STUDIO, "a  b"),
        (Field.DATE, "2023"),
        (Field.DATE, "2023-05"),
        (Field.DATE, "2024-13-40"),
        (Field.DATE, "0001-01-01"),
        (Field.DATE, "soon"),
        (Field.CONTENT_RATING, ""),
        (Field.TAGS, "a text where a list belongs"),
    ],
)
def test_a_text_plex_would_not_take_is_refused_by_its_fields_name(field: Field, value: Any) -> None:
    assert f"{field}: " in refusal(replace(VALID, texts={field: value}))


@pytest.mark.parametrize("field", [Field.PERFORMERS, Field.TAGS, Field.DIRECTOR, Field.GROUPS])
@pytest.mark.parametrize("name", ["", " ", "a\x07", "a\nb", "x" * 301, "\u202ea", None])
def test_a_name_plex_would_not_take_is_refused_by_its_lists_name_and_place(field: Field, name: Any) -> None:
    assert f"{field} 1 name: " in refusal(replace(VALID, tags={field: (Tag("Good"), Tag(name))}))


@pytest.mark.parametrize("url", ["http://s/1?apikey=SECRET", "http://u:SECRET@s/1", "file:///x", "relative", ""])
def test_a_picture_with_a_key_or_at_no_address_is_refused_without_quoting_it(url: str) -> None:
    for desired in (
        replace(VALID, tags={Field.PERFORMERS: (Tag("Zoe", url),)}),
        replace(VALID, pictures={Field.POSTER: url}),
    ):
        message = refusal(desired)
        assert "It is not a plain http or https address without a key." in message
        assert "SECRET" not in message


@pytest.mark.parametrize("rating", [-0.1, 10.1, 85, float("nan"), float("inf"), "8", True])
def test_a_rating_that_is_not_within_0_to_10_is_refused(rating: Any) -> None:
    assert "rating: " in refusal(replace(VALID, rating=rating))


def test_all_faults_are_named_at_once() -> None:
    message = refusal(replace(VALID, texts={Field.TITLE: "", Field.DATE: "soon"}, rating=11))
    assert "title: " in message
    assert "date: " in message
    assert "rating: " in message


# --- what is sent all the same ----------------------------------------------------------------------------------------


def test_what_can_be_sent_is_handed_back_as_it_is() -> None:
    assert sendable(VALID) is VALID


@pytest.mark.parametrize(
    ("field", "value"), [(Field.TITLE, "a\nb"), (Field.SUMMARY, "a\r\nb"), (Field.DATE, "soon"), (Field.TITLE, None)]
)
def test_a_text_that_cannot_be_sent_leaves_its_field_alone(field: Field, value: Any) -> None:
    found = sendable(replace(VALID, texts={**VALID.texts, field: value}))
    assert found.texts == {one: text for one, text in VALID.texts.items() if one is not field}
    assert (found.tags, found.rating, found.pictures) == (VALID.tags, VALID.rating, VALID.pictures)
    assert len(found.notes) == 1
    assert f"{field}: " in found.notes[0]


def test_a_name_that_cannot_be_sent_leaves_the_others() -> None:
    found = sendable(replace(VALID, tags={Field.TAGS: (Tag("A"), Tag("b\x07"), Tag("C"), Tag(""))}))
    assert found.tags == {Field.TAGS: (Tag("A"), Tag("C"))}
    assert len(found.notes) == 2


def test_a_performers_picture_that_cannot_be_sent_leaves_the_performer() -> None:
    one = (Tag("Zoe", "http://s/1?apikey=SECRET"), Tag("Adam", "http://s/2"))
    found = sendable(replace(VALID, tags={Field.PERFORMERS: one}))
    assert found.tags == {Field.PERFORMERS: (Tag("Zoe"), Tag("Adam", "http://s/2"))}
    assert "SECRET" not in "".join(found.notes)


def test_a_list_that_is_none_is_left_alone() -> None:
    found = sendable(replace(VALID, texts={Field.TITLE: "T"}, tags={Field.TAGS: (Tag(None),), Field.GROUPS: ()}))
    assert found.tags == {Field.TAGS: (), Field.GROUPS: ()}


@pytest.mark.parametrize("rating", [10.1, float("nan"), "8", True])
def test_a_rating_that_cannot_be_sent_is_not_taken_away_either(rating: Any) -> None:
    found = sendable(replace(VALID, rating=rating))
    assert found.rating is None
    assert Field.RATING not in found.selected


def test_a_picture_at_no_address_is_left_out() -> None:
    found = sendable(replace(VALID, pictures={Field.POSTER: "file:///x", Field.BACKGROUND: "http://s/1"}))
    assert found.pictures == {Field.BACKGROUND: "http://s/1"}


def test_all_at_once() -> None:
    bad = replace(
        VALID,
        texts={**VALID.texts, Field.TITLE: ""},
        tags={Field.TAGS: (Tag("A"), Tag(" "))},
        rating=11,
        pictures={Field.POSTER: ""},
    )
    found = sendable(bad)
    assert Field.TITLE not in found.texts
    assert found.tags == {Field.TAGS: (Tag("A"),)}
    assert len(found.notes) == 4
