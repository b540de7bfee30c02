"""Only what differs is written, and what others wrote is never taken away unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.metadata import Rules, after, difference
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag
from tests.support.rules import RULES

OWNING = replace(RULES, owned=frozenset(Field))
CLEARABLE = [field for field in TEXT_FIELDS if field is not Field.TITLE]


def wanting(
    texts: dict[Field, str] | None = None,
    tags: dict[Field, tuple[str, ...]] | None = None,
    rating: float | None = None,
    rated: bool = False,
) -> Desired:
    return Desired(
        texts=texts or {},
        tags={field: tuple(map(Tag, names)) for field, names in (tags or {}).items()},
        rating=rating,
        pictures={},
        selected=frozenset({Field.RATING}) if rated else frozenset(),
    )


def item_with(
    texts: dict[Field, str] | None = None,
    tags: dict[Field, tuple[str, ...]] | None = None,
    rating: float | None = None,
) -> Item:
    return Item(
        rating_key=1,
        section_id=1,
        texts=texts or {},
        tags={field: tuple(map(Tag, names)) for field, names in (tags or {}).items()},
        user_rating=rating,
    )


# --- Texts ---


@pytest.mark.parametrize("field", TEXT_FIELDS)
@pytest.mark.parametrize(
    ("wanted", "applied", "shown", "written"),
    [
        # On first contact the item decides.
        ("A", None, "", True),
        ("A", None, "B", True),
        ("A", None, "A", False),
        # White space and composition are no difference.
        ("A b", None, " A\t b ", False),
        ("é", None, "e\u0301", False),
        ("a\n\nb", None, "a\r\n\r\n\r\nb ", False),
        ("a\nb", None, "a b", True),
        ("A", None, "a", True),
        # With the item at hand the ledger does not matter.
        ("A", "A", "B", True),
        ("A", "B", "A", False),
        # Without it the ledger alone decides.
        ("A", None, None, True),
        ("A", "A", None, False),
        ("A", "B", None, True),
    ],
)
def test_a_text_is_written_where_another_stands(
    field: Field, wanted: str, applied: str | None, shown: str | None, written: bool
) -> None:
    ledger = Applied() if applied is None else Applied(texts={field: applied})
    item = None if shown is None else item_with({field: shown})
    edit = difference(wanting({field: wanted}), ledger, item, RULES)
    assert edit == (Edit(texts={field: wanted}) if written else Edit())


@pytest.mark.parametrize("field", CLEARABLE)
@pytest.mark.parametrize(
    ("applied", "shown", "owned", "cleared"),
    [
        ("A", None, False, True),
        (None, None, False, False),
        (None, None, True, False),
        ("A", "A", False, True),
        ("A", " A ", False, True),
        ("A", "B", False, False),
        ("A", "", False, False),
        (None, "B", False, False),
        ("A", "B", True, True),
        (None, "B", True, True),
        (None, "", True, False),
        ("A", "", True, False),
    ],
)
def test_a_text_is_cleared_only_where_it_is_ours_or_owned(
    field: Field, applied: str | None, shown: str | None, owned: bool, cleared: bool
) -> None:
    ledger = Applied() if applied is None else Applied(texts={field: applied})
    item = None if shown is None else item_with({field: shown})
    rules = replace(RULES, owned=frozenset({field} if owned else ()))
    edit = difference(wanting({field: ""}), ledger, item, rules)
    # Plex makes a sort title itself: one that is not ours is nobody's.
    cleared = cleared and not (shown == "B" and field.row.filled_by_plex)
    assert edit == (Edit(texts={field: ""}) if cleared else Edit())
    assert bool(edit) is cleared


@pytest.mark.parametrize("rules", [RULES, OWNING])
@pytest.mark.parametrize("shown", [None, "A", "B"])
def test_a_title_is_never_cleared(rules: Rules, shown: str | None) -> None:
    item = None if shown is None else item_with({Field.TITLE: shown})
    assert not difference(wanting({Field.TITLE: ""}), Applied(texts={Field.TITLE: "A"}), item, rules)


@pytest.mark.parametrize("shown", [None, {Field.TITLE: "Old", Field.SORT_TITLE: "S"}])
def test_a_title_takes_its_sort_title_along_as_plex_would_make_another(shown: dict[Field, str] | None) -> None:
    applied = Applied(texts={Field.TITLE: "Old", Field.SORT_TITLE: "S"})
    item = None if shown is None else item_with(shown)
    wanted = {Field.TITLE: "New", Field.SORT_TITLE: "S"}
    assert difference(wanting(wanted), applied, item, RULES) == Edit(texts=wanted)
    alone = {Field.TITLE: "New", Field.SORT_TITLE: ""}
    assert difference(wanting(alone), Applied(), item, RULES) == Edit(texts={Field.TITLE: "New"})
    assert not difference(wanting({Field.TITLE: "Old", Field.SORT_TITLE: "S"}), applied, item, RULES)


@pytest.mark.parametrize("rules", [RULES, OWNING])
def test_a_field_that_is_not_desired_is_left_alone(rules: Rules) -> None:
    applied = Applied(texts={Field.SUMMARY: "A"}, tags={Field.TAGS: ("x",)}, rating=5, rating_written=True)
    item = item_with({Field.SUMMARY: "B"}, {Field.TAGS: ("x", "y")}, 7)
    assert not difference(wanting(), applied, None, rules)
    assert not difference(wanting(), applied, item, rules)


def test_a_freshly_scanned_scene_wipes_nothing_that_stands_in_plex() -> None:
    empty = wanting(
        dict.fromkeys(CLEARABLE, "") | {Field.TITLE: "File"}, dict.fromkeys(TAG_FIELDS, ()), None, rated=True
    )
    item = item_with(dict.fromkeys(TEXT_FIELDS, "theirs"), dict.fromkeys(TAG_FIELDS, ("theirs",)), 6)
    assert difference(empty, Applied(), item, RULES) == Edit(texts={Field.TITLE: "File"})


def test_owned_fields_are_wiped_of_what_stash_does_not_hold() -> None:
    empty = wanting(dict.fromkeys(CLEARABLE, ""), dict.fromkeys(TAG_FIELDS, ()), None, rated=True)
    item = item_with(dict.fromkeys(TEXT_FIELDS, "theirs"), dict.fromkeys(TAG_FIELDS, ("theirs",)), 6)
    assert difference(empty, Applied(), item, OWNING) == Edit(
        texts={field: "" for field in CLEARABLE if field is not Field.SORT_TITLE},
        remove=dict.fromkeys(TAG_FIELDS, ("theirs",)),
        lists=dict.fromkeys(TAG_FIELDS, ()),
        rate=True,
        rating=None,
    )


# --- Tags ---


@pytest.mark.parametrize("field", TAG_FIELDS)
@pytest.mark.parametrize(
    ("wanted", "applied", "shown", "owned", "add", "remove"),
    [
        # First contact.
        (("A", "B"), (), (), False, ("A", "B"), ()),
        (("A", "B"), (), ("B",), False, ("A",), ()),
        (("A",), (), ("A", "Theirs"), False, (), ()),
        # Composition and white space are no difference.
        (("Café",), (), ("Cafe\u0301",), False, (), ()),
        (("A b",), (), (" A  b ",), False, (), ()),
        # Names in another case are written, and so are those that only fold alike, which are other names to Plex.
        (("Action",), (), ("ACTION",), False, ("Action",), ()),
        (("Café",), (), ("CAFE\u0301",), False, ("Café",), ()),
        (("Café",), ("CAFÉ",), ("CAFE\u0301",), False, ("Café",), ("CAFE\u0301",)),
        (("Straße",), (), ("Strasse",), False, ("Straße",), ()),
        (("Жанна",), ("жанна",), ("жанна", "Theirs"), False, ("Жанна",), ("жанна",)),
        (("Straße",), ("Strasse",), ("Strasse",), False, ("Straße",), ("Strasse",)),
        (("fiona",), ("ﬁona",), ("ﬁona",), False, ("fiona",), ("ﬁona",)),
        # What was written so is spelled by Plex, as far as only the case of ASCII letters differs.
        (("Action",), ("Action",), ("ACTION",), False, (), ()),
        (("Жанна",), ("Жанна",), ("жанна",), False, ("Жанна",), ("жанна",)),
        # The ledger alone.
        (("A",), ("A",), None, False, (), ()),
        (("A", "B"), ("A",), None, False, ("B",), ()),
        (("B",), ("A", "B"), None, False, (), ("A",)),
        ((), ("A", "B"), None, False, (), ("A", "B")),
        (("a",), ("A",), None, False, ("a",), ()),
        (("Жанна",), ("жанна",), None, False, ("Жанна",), ("жанна",)),
        (("Masse", "Maße"), ("Masse",), None, False, ("Maße",), ()),
        (("Masse",), ("Masse", "Maße"), None, False, (), ("Maße",)),
        (("A",), ("B",), None, True, ("A",), ("B",)),
        # Ledger and item.
        (("A",), ("A", "B"), ("A", "B", "Theirs"), False, (), ("B",)),
        (("A",), ("A", "B"), ("A", "Theirs"), False, (), ()),
        (("A",), ("A",), (), False, ("A",), ()),
        ((), ("action",), ("Action",), False, (), ("Action",)),
        ((), ("e",), ("e", "E"), False, (), ("e", "E")),
        ((), ("é",), ("É",), False, (), ("É",)),
        # Of two names that only fold alike the other one is somebody else's.
        ((), ("é",), ("é", "É"), False, (), ("é",)),
        (("é",), ("é",), ("é", "É"), False, (), ()),
        ((), ("Masse",), ("Masse", "Maße"), False, (), ("Masse",)),
        ((), ("Straße",), ("Strasse",), False, (), ("Strasse",)),
        # Owned: whatever is not desired goes.
        (("A",), (), ("A", "Theirs", "More"), True, (), ("Theirs", "More")),
        ((), (), ("Theirs",), True, (), ("Theirs",)),
        (("theirs",), (), ("Theirs",), True, ("theirs",), ()),
        # Odd names are names like others.
        (("A,B", "A"), ("B",), None, False, ("A,B", "A"), ("B",)),
        (("👩‍❤️‍👩",), ("👩",), None, False, ("👩‍❤️‍👩",), ("👩",)),
        (("שלום", "日本"), ("שלום",), ("שלום",), False, ("日本",), ()),
    ],
)
def test_names_are_added_and_removed_by_name(
    field: Field,
    wanted: tuple[str, ...],
    applied: tuple[str, ...],
    shown: tuple[str, ...] | None,
    owned: bool,
    add: tuple[str, ...],
    remove: tuple[str, ...],
) -> None:
    ledger = Applied(tags={field: applied} if applied else {})
    item = None if shown is None else item_with(tags={field: shown})
    rules = replace(RULES, owned=frozenset({field} if owned else ()))
    edit = difference(wanting(tags={field: wanted}), ledger, item, rules)
    assert (edit.add, edit.remove) == ({field: tuple(map(Tag, add))} if add else {}, {field: remove} if remove else {})
    assert bool(edit) is bool(add or remove)


def test_a_removed_tag_is_named_for_removal() -> None:
    edit = difference(wanting(tags={Field.TAGS: ("Kept",)}), Applied(tags={Field.TAGS: ("Kept", "Gone")}), None, RULES)
    assert edit == Edit(remove={Field.TAGS: ("Gone",)})


OLD, NEW, PLEX = "http://stash/p/1?t=1", "http://stash/p/1?t=2", "https://plex/tag/9"


@pytest.mark.parametrize(
    ("thumb", "sent", "shown", "again"),
    [
        # By the ledger: ``shown`` False means there is no item at hand.
        (NEW, OLD, False, True),
        (NEW, NEW, False, False),
        (NEW, None, False, True),
        (None, OLD, False, False),
        (None, None, False, False),
        # By the item: the picture sent, or the one it shows, need not be sent again.
        (NEW, OLD, OLD, True),
        (NEW, OLD, PLEX, True),
        (NEW, NEW, PLEX, False),
        (NEW, None, NEW, False),
        (NEW, None, PLEX, True),
        (NEW, NEW, None, True),
        (None, NEW, PLEX, False),
    ],
)
def test_a_performer_is_sent_again_with_a_new_picture(
    thumb: str | None, sent: str | None, shown: str | bool | None, again: bool
) -> None:
    wanted = Tag("Zoe", thumb)
    desired = replace(wanting(), tags={Field.PERFORMERS: (wanted, Tag("Adam"))})
    applied = Applied(tags={Field.PERFORMERS: ("Zoe", "Adam")}, thumbs={"zoe": sent} if sent else {})
    item = None
    if not isinstance(shown, bool):
        item = replace(item_with(), tags={Field.PERFORMERS: (Tag("ZOE", shown), Tag("Adam"))})
    edit = difference(desired, applied, item, RULES)
    # A name that stands is sent as Plex spells it.
    sent_as = "Zoe" if item is None else "ZOE"
    assert edit.add == ({Field.PERFORMERS: (Tag(sent_as, thumb),)} if again else {})
    assert edit.again == ({Field.PERFORMERS: (sent_as,)} if again else {})
    assert bool(edit) is again


# --- Rating ---


@pytest.mark.parametrize(
    ("wanted", "applied", "shown", "rate"),
    [
        (8.5, None, False, True),
        (8.5, 8.5, False, False),
        (8.5, 8.54, False, False),
        (8.5, 8.4, False, True),
        (8.5, 8.0, False, True),
        (0.0, None, False, True),
        (8.5, None, None, True),
        (8.5, None, 8.5, False),
        (8.5, None, 8.5000001, False),
        (8.5, None, 6.0, True),
        (8.5, 8.5, 6.0, True),
        (8.5, 8.5, None, True),
    ],
)
def test_a_rating_is_written_where_another_stands(
    wanted: float, applied: float | None, shown: float | bool | None, rate: bool
) -> None:
    ledger = Applied(rating=applied, rating_written=applied is not None)
    item = None if shown is False else item_with(rating=shown)
    edit = difference(wanting(rating=wanted, rated=True), ledger, item, RULES)
    assert edit == (Edit(rate=True, rating=wanted) if rate else Edit())


@pytest.mark.parametrize(
    ("applied", "shown", "owned", "cleared"),
    [
        (8.0, False, False, True),
        (None, False, False, False),
        (None, False, True, False),
        (8.0, 8.0, False, True),
        (8.0, 6.0, False, False),
        (8.0, None, False, False),
        (None, 6.0, False, False),
        (None, 6.0, True, True),
        (8.0, 6.0, True, True),
        (None, None, True, False),
    ],
)
def test_a_rating_is_cleared_only_where_it_is_ours_or_owned(
    applied: float | None, shown: float | bool | None, owned: bool, cleared: bool
) -> None:
    ledger = Applied(rating=applied, rating_written=applied is not None)
    item = None if shown is False else item_with(rating=shown)
    edit = difference(wanting(rated=True), ledger, item, OWNING if owned else RULES)
    assert edit == (Edit(rate=True, rating=None) if cleared else Edit())
    assert bool(edit) is cleared


def test_a_rating_that_is_not_selected_is_left_alone() -> None:
    assert not difference(wanting(rating=None), Applied(rating=8.0, rating_written=True), None, OWNING)


def test_after_an_edit_is_recorded_there_is_nothing_to_write() -> None:
    desired = wanting(
        {Field.TITLE: "T", Field.SUMMARY: "", Field.STUDIO: "S"}, {Field.TAGS: ("A", "B")}, 7.5, rated=True
    )
    applied = Applied(texts={Field.SUMMARY: "old"}, tags={Field.TAGS: ("C",)})
    edit = difference(desired, applied, None, RULES)
    assert edit
    assert not difference(desired, after(applied, edit, desired), None, RULES)
