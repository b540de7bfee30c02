"""An edit as the query of as few requests as its length allows."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Edit, Field, Tag
from plexsync.plex.edits import edit_queries
from plexsync.plex.names import TAG_NAMES, TEXT_NAMES

SCOPE = (("type", "1"), ("id", "42"))


def queries(edit: Edit, *, lock: bool = False, room: int = 8000) -> list[str]:
    return edit_queries(edit, SCOPE, lock=lock, room=room)


def parameters(edit: Edit, *, lock: bool = False) -> list[tuple[str, str]]:
    (query,) = queries(edit, lock=lock)
    parsed = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    assert tuple(parsed[:2]) == SCOPE
    return parsed[2:]


def test_texts_go_by_plex_names() -> None:
    texts = {
        Field.CONTENT_RATING: "XXX",
        Field.TITLE: "T & t",
        Field.SUMMARY: "line\nline",
        Field.STUDIO: "ß",
        Field.DATE: "2024-02-29",
    }
    assert parameters(Edit(texts=texts)) == [
        ("title.value", "T & t"),
        ("summary.value", "line\nline"),
        ("studio.value", "ß"),
        ("originallyAvailableAt.value", "2024-02-29"),
        ("contentRating.value", "XXX"),
    ]


def test_a_cleared_text_is_sent_empty() -> None:
    assert parameters(Edit(texts={Field.DATE: ""})) == [("originallyAvailableAt.value", "")]


def test_each_field_touched_is_locked_when_asked() -> None:
    edit = Edit(texts={Field.TITLE: "a"}, add={Field.TAGS: (Tag("b"),)}, remove={Field.PERFORMERS: ("c",)})
    assert [p for p in parameters(edit, lock=True) if p[0].endswith("locked")] == [
        ("title.locked", "1"),
        ("actor.locked", "1"),
        ("genre.locked", "1"),
    ]
    assert not [p for p in parameters(edit) if p[0].endswith("locked")]


def test_a_field_whose_value_stays_is_only_locked() -> None:
    edit = Edit(lock=frozenset({Field.TAGS, Field.DATE}))
    assert edit
    assert parameters(edit) == [("originallyAvailableAt.locked", "1"), ("genre.locked", "1")]


def test_a_field_is_locked_once_among_others_that_are_not() -> None:
    edit = Edit(
        texts={Field.TITLE: "a"},
        add={Field.TAGS: (Tag("b"),)},
        lock=frozenset({Field.TAGS, Field.STUDIO, Field.GROUPS}),
    )
    assert parameters(edit) == [
        ("title.value", "a"),
        ("studio.locked", "1"),
        ("genre[0].tag.tag", "b"),
        ("genre.locked", "1"),
        ("collection.locked", "1"),
    ]
    assert parameters(edit, lock=True).count(("genre.locked", "1")) == 1


def test_added_tags_are_numbered_from_zero_and_performers_bring_their_picture() -> None:
    edit = Edit(
        add={
            Field.PERFORMERS: (Tag("Ann", "http://s/a?b=1&c=2"), Tag("Bea")),
            Field.TAGS: (Tag("x"), Tag("y")),
            Field.DIRECTOR: (Tag("d", "http://s/only-performers-have-one"),),
            Field.GROUPS: (Tag("g"),),
        }
    )
    assert parameters(edit) == [
        ("actor[0].tag.tag", "Ann"),
        ("actor[0].tag.thumb", "http://s/a?b=1&c=2"),
        ("actor[1].tag.tag", "Bea"),
        ("genre[0].tag.tag", "x"),
        ("genre[1].tag.tag", "y"),
        ("director[0].tag.tag", "d"),
        ("collection[0].tag.tag", "g"),
    ]


def test_a_removed_tag_is_named_for_removal() -> None:
    assert parameters(Edit(remove={Field.TAGS: ("x", "y")})) == [("genre[].tag.tag-", "x,y")]


def test_a_removed_name_with_a_comma_stays_in_one_piece() -> None:
    ((_, value),) = parameters(Edit(remove={Field.PERFORMERS: ("Smith, J. 100%", "Ü/b")}))
    assert [unquote(name) for name in value.split(",")] == ["Smith, J. 100%", "Ü/b"]


def test_names_are_encoded_as_python_plexapi_does() -> None:
    # quote(value, safe="") of each value, and quote(name) of each name to be removed before that.
    (query,) = queries(Edit(remove={Field.TAGS: ("A, B: C", "AC/DC")}, add={Field.TAGS: (Tag("X, Y: Z"),)}))
    assert query.endswith("=X%2C%20Y%3A%20Z&genre%5B%5D.tag.tag-=A%252C%2520B%253A%2520C%2CAC%2FDC")
    (query,) = edit_queries(Edit(remove={Field.TAGS: ("A: B",)}), SCOPE, lock=False, room=8000, removals_once=True)
    assert query.endswith("genre%5B%5D.tag.tag-=A%3A%20B")


def test_a_space_is_not_sent_as_a_plus() -> None:
    (query,) = queries(Edit(texts={Field.TITLE: "a b+c"}))
    assert query.endswith("title.value=a%20b%2Bc")


def test_an_edit_of_everything_is_one_request() -> None:
    edit = Edit(
        texts=dict.fromkeys(TEXT_FIELDS, "text"),
        add=dict.fromkeys(TAG_FIELDS, (Tag("a"), Tag("b"))),
        remove=dict.fromkeys(TAG_FIELDS, ("c",)),
    )
    assert len(queries(edit, lock=True)) == 1


def test_nothing_to_write_is_no_request() -> None:
    assert queries(Edit()) == []
    assert queries(Edit(add={Field.TAGS: ()}, remove={Field.TAGS: ()}, rate=True, rating=3)) == []


def test_an_edit_that_is_too_long_is_split_between_fields() -> None:
    edit = Edit(texts={Field.TITLE: "t" * 50, Field.SUMMARY: "s" * 500}, add={Field.TAGS: (Tag("g" * 300),)})
    first, second, third = queries(edit, room=560)
    assert "title.value" in first
    assert "summary.value" in second
    assert "genre%5B0%5D" in third


def test_a_tag_list_that_fits_into_a_request_of_its_own_stays_together() -> None:
    edit = Edit(texts={Field.SUMMARY: "s" * 400}, add={Field.TAGS: tuple(Tag(f"tag {n}") for n in range(10))})
    _, second = queries(edit, room=560)
    assert second.count("genre") == 10


def test_a_list_or_a_text_that_is_too_long_is_one_request_by_itself_as_long_as_it_can_be() -> None:
    names = [f"tag {n}" for n in range(200)]
    edit = Edit(
        texts={Field.TITLE: "t", Field.SUMMARY: "s" * 3000, Field.STUDIO: "u"},
        lists={Field.TAGS: tuple(map(Tag, names)), Field.DIRECTOR: (Tag("d"),)},
        remove={Field.TAGS: ("gone",)},
    )
    first, second, third, fourth, fifth = edit_queries(edit, SCOPE, lock=False, room=1000, most=8000)
    assert ("title.value" in first, "summary.value" in second, "studio.value" in third) == (True, True, True)
    sent = parse_qsl(fourth)[2:]
    assert [name for name, _ in sent[:-1]] == [f"genre[{n}].tag.tag" for n in range(200)]
    assert sent[-1] == ("genre[].tag.tag-", "gone")
    assert "director" in fifth


def test_a_list_too_long_even_for_that_is_split_and_counts_on() -> None:
    names = [f"tag {n}" for n in range(200)]
    for how in ("add", "lists"):
        split = edit_queries(
            Edit(**{how: {Field.TAGS: tuple(map(Tag, names))}}), SCOPE, lock=False, room=500, most=1000
        )
        assert len(split) > 4
        assert all(500 < len(query) <= 1000 for query in split[:-1])
        sent = [parameter for query in split for parameter in parse_qsl(query)[2:]]
        assert sent == [(f"genre[{n}].tag.tag", name) for n, name in enumerate(names)]


def test_a_list_is_sent_whole_where_the_item_is_known() -> None:
    edit = Edit(
        add={Field.TAGS: (Tag("New"),)},
        remove={Field.TAGS: ("Gone",)},
        replaced={Field.TAGS: ("new",)},
        lists={Field.TAGS: (Tag("New"), Tag("Old"), Tag("Theirs"))},
    )
    assert parameters(edit) == [
        ("genre[0].tag.tag", "New"),
        ("genre[1].tag.tag", "Old"),
        ("genre[2].tag.tag", "Theirs"),
        ("genre[].tag.tag-", "Gone"),
    ]
    assert parameters(Edit(remove={Field.TAGS: ("Gone",)}, lists={Field.TAGS: ()})) == [("genre[].tag.tag-", "Gone")]


def test_names_may_be_added_at_their_places() -> None:
    edit = Edit(add={Field.PERFORMERS: (Tag("Bea"), Tag("Dan"))}, places={Field.PERFORMERS: (1, 3)})
    assert parameters(edit) == [("actor[1].tag.tag", "Bea"), ("actor[3].tag.tag", "Dan")]


def test_who_is_played_goes_along_with_a_performer() -> None:
    edit = Edit(lists={Field.PERFORMERS: (Tag("Ann", "http://s/1", "The Hero"),), Field.TAGS: (Tag("x", None, "y"),)})
    assert parameters(edit) == [
        ("actor[0].tag.tag", "Ann"),
        ("actor[0].tag.thumb", "http://s/1"),
        ("actor[0].tagging.text", "The Hero"),
        ("genre[0].tag.tag", "x"),
    ]


def test_names_go_before_others_come() -> None:
    edit = Edit(
        add={Field.TAGS: tuple(Tag(f"new {n}") for n in range(50))},
        remove={Field.TAGS: tuple(f"old {n}" for n in range(50))},
    )
    split = queries(edit, room=500)
    last_removal = max(n for n, query in enumerate(split) if "tag.tag-" in query)
    first_addition = min(n for n, query in enumerate(split) if "%5B0%5D" in query)
    assert last_removal <= first_addition


def test_a_single_value_that_is_too_long_goes_by_itself() -> None:
    edit = Edit(texts={Field.TITLE: "t", Field.SUMMARY: "s" * 9000, Field.STUDIO: "x"})
    first, second, third = queries(edit)
    assert "title" in first
    assert len(second) > 9000
    assert "studio" in third


def test_the_order_of_a_dictionary_changes_nothing() -> None:
    one = Edit(texts={Field.TITLE: "a", Field.STUDIO: "b"}, add={Field.TAGS: (Tag("c"),), Field.GROUPS: (Tag("d"),)})
    other = Edit(texts={Field.STUDIO: "b", Field.TITLE: "a"}, add={Field.GROUPS: (Tag("d"),), Field.TAGS: (Tag("c"),)})
    assert queries(one, lock=True) == queries(other, lock=True)


_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(
    texts=st.dictionaries(st.sampled_from(TEXT_FIELDS), _names),
    add=st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(_names, min_size=1, max_size=20)),
    remove=st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(_names, min_size=1, max_size=20)),
    locks=st.frozensets(st.sampled_from([*TEXT_FIELDS, *TAG_FIELDS])),
    lock=st.booleans(),
    room=st.integers(100, 2000),
)
def test_whatever_the_split_everything_is_sent_once(
    texts: dict[Field, str],
    add: dict[Field, list[str]],
    remove: dict[Field, list[str]],
    locks: frozenset[Field],
    lock: bool,
    room: int,
) -> None:
    edit = Edit(
        texts,
        {f: tuple(map(Tag, names)) for f, names in add.items()},
        {f: tuple(n) for f, n in remove.items()},
        lock=locks,
    )
    sent_locks: set[Field] = set()
    sent_texts: dict[Field, str] = {}
    sent_add: dict[Field, list[str]] = {}
    sent_remove: dict[Field, list[str]] = {}
    for query in queries(edit, lock=lock, room=room):
        for name, value in parse_qsl(query, keep_blank_values=True, strict_parsing=True)[2:]:
            field = next(f for f, plex in (TEXT_NAMES | TAG_NAMES).items() if re.split(r"[.\[]", name)[0] == plex)
            if name.endswith(".value"):
                sent_texts[field] = value
            elif name.endswith(".tag.tag-"):
                sent_remove.setdefault(field, []).extend(unquote(each) for each in value.split(","))
            elif name.endswith(".tag.tag"):
                sent_add.setdefault(field, []).append(value)
            else:
                assert name.endswith(".locked")
                sent_locks.add(field)
    assert (sent_texts, sent_add, sent_remove) == (texts, add, remove)
    assert sent_locks == locks | ({*texts, *add, *remove} if lock else set())


@pytest.mark.parametrize("room", [700, 8000])
def test_no_query_is_longer_than_its_room(room: int) -> None:
    edit = Edit(
        texts={Field.TITLE: "é" * 50},
        add={Field.PERFORMERS: tuple(Tag(f"Näme {n}", f"http://stash/performer/{n}/image") for n in range(300))},
        remove={Field.PERFORMERS: tuple(f"Öld, {n}" for n in range(300))},
    )
    assert max(map(len, queries(edit, lock=True, room=room))) <= room
