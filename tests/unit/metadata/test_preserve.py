"""A field that a person changed in Plex is left alone, and one that an agent wrote over is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.metadata import after, as_it_stands, confirmed, fingerprint, possibly, preserve, preserved_text
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag

EVERYTHING = frozenset(Field)


def wanting(
    texts: dict[Field, str] | None = None,
    tags: dict[Field, tuple[str, ...]] | None = None,
    rating: float | None = None,
    *,
    rated: bool = False,
    pictures: tuple[Field, ...] = (),
) -> Desired:
    return Desired(
        texts=texts or {},
        tags={field: tuple(map(Tag, names)) for field, names in (tags or {}).items()},
        rating=rating,
        pictures=dict.fromkeys(pictures, "http://s/p"),
        selected=frozenset({Field.RATING}) if rated else frozenset(),
    )


# --- Texts ---


@pytest.mark.parametrize("field", TEXT_FIELDS)
@pytest.mark.parametrize(
    ("wanted", "applied", "now", "locked", "left"),
    [
        # A person's: locked, and neither ours nor Stash's.
        ("A", "A", "theirs", True, True),
        ("B", "A", "theirs", True, True),
        ("", "A", "theirs", True, True),
        ("A", "A", "", True, True),
        # An agent's, or given up by unlocking it.
        ("A", "A", "theirs", False, False),
        ("B", "A", "theirs", False, False),
        # Ours.
        ("A", "A", "A", True, False),
        ("B", "A", "A", True, False),
        ("B", "A", " a  B", True, True),
        ("a b", "B", "a\n\nb ", True, False),
        # What Stash has by now.
        ("B", "A", "B", True, False),
        ("", "A", "", True, False),
        # Never written.
        ("A", None, "theirs", True, True),
        ("A", None, "theirs", False, False),
        ("A", None, "A", True, False),
        ("A", None, "", True, False),
        ("", None, "theirs", True, False),
    ],
)
def test_a_text_is_left_alone_where_a_person_changed_it(
    field: Field, wanted: str, applied: str | None, now: str, locked: bool, left: bool
) -> None:
    item = Item(1, 1, texts={field: now}, locked=EVERYTHING if locked else EVERYTHING - {field})
    ledger = Applied() if applied is None else Applied(texts={field: applied})
    rest, fields = preserve(wanting({field: wanted}), ledger, item)
    assert fields == ((field,) if left else ())
    assert rest.texts == ({} if left else {field: wanted})


# --- Tag lists ---


@pytest.mark.parametrize("field", TAG_FIELDS)
@pytest.mark.parametrize(
    ("wanted", "applied", "now", "locked", "left"),
    [
        # A person took one of ours away.
        ("A B", "A B", "A", True, True),
        ("A B", "A B", "", True, True),
        ("A B", "A B", "A Renamed", True, True),
        ("A B C", "A B", "A", True, True),
        # An agent wrote its own list.
        ("A B", "A B", "Agent's", False, False),
        # A person took away what Stash does not want either.
        ("A C", "A B", "A", True, False),
        ("", "A B", "A", True, False),
        # A person added to the list: it stays anyhow.
        ("A B C", "A B", "A B Theirs", True, False),
        ("A", "a", "Theirs A", True, False),
        # Names that never stood are not missed.
        ("A B", "A", "A", True, False),
        # Never written.
        ("A", None, "Theirs", True, True),
        ("A B", None, "a Theirs", True, True),
        ("A", None, "a Theirs", True, False),
        ("A", None, "Theirs", False, False),
        ("A", None, "", True, False),
        ("", None, "Theirs", True, False),
        # Written, and all of it taken away again by us: the lock is ours.
        ("A", "", "Theirs", True, False),
    ],
)
def test_a_tag_list_is_left_alone_where_a_person_took_a_name_away(
    field: Field, wanted: str, applied: str | None, now: str, locked: bool, left: bool
) -> None:
    item = Item(1, 1, tags={field: tuple(map(Tag, now.split()))}, locked=EVERYTHING if locked else EVERYTHING - {field})
    ledger = Applied() if applied is None else Applied(tags={field: tuple(applied.split())})
    rest, fields = preserve(wanting(tags={field: tuple(wanted.split())}), ledger, item)
    assert fields == ((field,) if left else ())
    assert set(rest.tags) == (set() if left else {field})


# --- Rating ---


@pytest.mark.parametrize(
    ("wanted", "applied", "now", "left"),
    [
        (8.0, 8.0, 3.0, True),
        (9.0, 8.0, 3.0, True),
        (None, 8.0, 3.0, True),
        (8.0, 8.0, None, True),
        (8.0, 8.0, 8.04, False),
        (9.0, 8.0, 8.0, False),
        (3.0, 8.0, 3.0, False),
        (None, 8.0, None, False),
        (0.0, 0.0, None, False),
        (8.0, None, 3.0, True),
        (8.0, None, 8.0, False),
        (8.0, None, None, False),
        (8.0, None, 0.0, False),
        (None, None, 3.0, False),
    ],
)
def test_a_rating_is_left_alone_where_it_is_not_the_one_we_wrote(
    wanted: float | None, applied: float | None, now: float | None, left: bool
) -> None:
    ledger = Applied(rating=applied, rating_written=applied is not None)
    rest, fields = preserve(wanting(rating=wanted, rated=True), ledger, Item(1, 1, user_rating=now))
    assert fields == ((Field.RATING,) if left else ())
    assert (rest.rating, Field.RATING in rest.selected) == ((None, False) if left else (wanted, True))


def test_a_rating_that_is_not_selected_is_not_looked_at() -> None:
    wanted = wanting()
    assert preserve(wanted, Applied(rating=8.0, rating_written=True), Item(1, 1, user_rating=3.0)) == (wanted, ())


# --- Pictures ---


@pytest.mark.parametrize("field", [Field.POSTER, Field.BACKGROUND])
@pytest.mark.parametrize(
    ("shown", "now", "locked", "left"),
    [
        ({"path": "/ours"}, "/other", True, True),
        ({"path": "/ours"}, "/other", False, False),
        ({"path": "/ours"}, "/ours", True, False),
        ({"path": None}, "/other", True, False),
        ({"path": "/ours"}, None, True, False),
        (None, "/other", True, False),
    ],
)
def test_a_picture_is_left_alone_where_a_person_chose_another(
    field: Field, shown: dict[str, str | None] | None, now: str | None, locked: bool, left: bool
) -> None:
    item = Item(1, 1, thumb=now, art=now, locked=EVERYTHING if locked else frozenset())
    rest, fields = preserve(wanting(pictures=(field,)), Applied(), item, shown and {field: shown["path"]})
    assert fields == ((field,) if left else ())
    assert set(rest.pictures) == (set() if left else {field})


def test_a_locked_picture_where_we_sent_none_is_a_persons() -> None:
    item = Item(1, 1, thumb="/theirs", art="/agents", locked=frozenset({Field.POSTER}))
    wanted = wanting(pictures=(Field.POSTER, Field.BACKGROUND))
    assert preserve(wanted, Applied(), item, {})[1] == (Field.POSTER,)


# --- All together ---


def test_fields_that_were_left_alone_are_named_in_their_order_and_the_rest_is_as_it_was() -> None:
    wanted = wanting({Field.TITLE: "A", Field.STUDIO: "S"}, {Field.TAGS: ("T",)}, 8.0, rated=True)
    item = Item(
        1, 1, {Field.TITLE: "theirs", Field.STUDIO: "S"}, {Field.TAGS: (Tag("Theirs"),)}, 3.0, locked=EVERYTHING
    )
    rest, fields = preserve(wanted, Applied(), item)
    assert fields == (Field.TITLE, Field.TAGS, Field.RATING)
    assert rest == replace(wanted, texts={Field.STUDIO: "S"}, tags={}, rating=None, selected=frozenset())
    assert [preserved_text(field) for field in fields] == [
        "title: changed in Plex, left alone",
        "tags: changed in Plex, left alone",
        "rating: changed in Plex, left alone",
    ]


def test_where_stash_alone_has_the_say_nothing_is_left_alone() -> None:
    wanted = wanting({Field.TITLE: "A", Field.SUMMARY: "A"})
    item = Item(1, 1, {Field.TITLE: "theirs", Field.SUMMARY: "theirs"}, locked=EVERYTHING)
    assert preserve(wanted, Applied(), item, owned=frozenset({Field.TITLE}))[1] == (Field.SUMMARY,)


def test_the_record_keeps_what_we_wrote_while_a_persons_value_stands() -> None:
    applied = Applied({Field.TITLE: "Old"}, {Field.TAGS: ("T",)}, {}, 8.0, rating_written=True)
    wanted = wanting({Field.TITLE: "New"}, {Field.TAGS: ("T", "U")}, 9.0, rated=True)
    item = Item(1, 1, {Field.TITLE: "theirs"}, user_rating=3.0, locked=EVERYTHING)
    rest, fields = preserve(wanted, applied, item)
    assert len(fields) == 3
    assert after(applied, Edit(), rest) == applied
    assert fingerprint(wanted) != fingerprint(rest)


def test_a_tag_or_rating_that_never_arrived_was_not_taken_away_by_anybody() -> None:
    applied = Applied(tags={Field.TAGS: ("A",)})
    edit = Edit(texts={Field.SUMMARY: "New"}, add={Field.TAGS: (Tag("B"),)}, rate=True, rating=8.0)
    item = Item(1, 1, {Field.SUMMARY: ""}, {Field.TAGS: (Tag("A"),)}, locked=EVERYTHING)
    told = as_it_stands(applied, possibly(applied, edit), item)
    wanted = wanting({Field.SUMMARY: "Newer"}, {Field.TAGS: ("A", "B")}, 9.0, rated=True)
    assert preserve(wanted, confirmed(applied, told, item), item)[1] == ()
    assert len(preserve(wanted, told, item)[1]) == 3, "which is why that alone does not do"
