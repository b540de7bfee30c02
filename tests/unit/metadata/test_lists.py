"""A list is written as a whole and in Stash's order; a spelling that Plex keeps is not fought."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata import after, difference, drift, explain, mismatches, revise, spelling_notes
from plexsync.metadata import lists as list_changes
from plexsync.metadata.changes import FieldChange
from plexsync.metadata.lists import list_change
from plexsync.metadata.spelling import as_written, in_order, ours_among, standing
from plexsync.model import Applied, Desired, Edit, Field, Item, Tag
from tests.support.rules import RULES

CAST, TAGS, GROUPS = Field.PERFORMERS, Field.TAGS, Field.GROUPS


def wanting(field: Field, *names: str) -> Desired:
    return Desired({}, {field: tuple(map(Tag, names))}, None, {}, frozenset())


def showing(field: Field, *names: str) -> Item:
    return Item(1, 1, tags={field: tuple(map(Tag, names))})


def told(field: Field, *names: str) -> Applied:
    return Applied(tags={field: names})


def sent(edit: Edit, field: Field) -> list[str]:
    return [tag.name for tag in edit.lists[field]]


# --- Which name stands for which ---


@pytest.mark.parametrize(
    ("names", "shown", "stands"),
    [
        ("Ann Bea", "Bea Ann Theirs", {"Ann": "Ann", "Bea": "Bea"}),
        ("Ann", "ann ANN", {"Ann": "ann"}),
        ("Ann", "ann Ann", {"Ann": "Ann"}),
        ("Masse Maße", "Maße", {"Masse": "Maße", "Maße": "Maße"}),
        ("Masse", "Maße masse", {"Masse": "masse"}),
        ("Élan", "élan elan", {"Élan": "élan"}),
        ("Ann", "Bea", {}),
    ],
)
def test_the_closest_spelling_stands_for_a_name(names: str, shown: str, stands: dict[str, str]) -> None:
    assert standing(names.split(), shown.split()) == stands


def test_a_spelling_stands_as_written_where_plex_is_known_to_keep_it() -> None:
    assert as_written(TAGS, ["Action"], told(TAGS, "Action"), ["action"]) == {"Action": "action"}
    assert as_written(TAGS, ["Action"], told(TAGS, "action"), ["action"]) == {}
    assert as_written(TAGS, ["Жанна"], told(TAGS, "Жанна"), ["жанна"]) == {}
    noted = replace(told(TAGS, "Жанна"), spelled={TAGS: {"Жанна": "жанна"}})
    assert as_written(TAGS, ["Жанна"], noted, ["жанна"]) == {"Жанна": "жанна"}
    assert as_written(TAGS, ["Жанна"], noted, ["жанна", "Жанна"]) == {"Жанна": "Жанна"}


def test_what_is_ours_is_so_in_each_case_and_where_it_stands_for_a_name_of_ours() -> None:
    assert ours_among(["ann", "ANN", "Theirs"], ["Ann"]) == {"ann", "ANN"}
    assert ours_among(["Strasse"], ["Straße"]) == {"Strasse"}
    assert ours_among(["Strasse", "Straße"], ["Straße"]) == {"Straße"}


@pytest.mark.parametrize(("shown", "right"), [("A B C", True), ("A x B y C", True), ("B A C", False), ("A C", True)])
def test_names_are_in_order_whoever_stands_between_them(shown: str, right: bool) -> None:
    names = ["A", "B", "C"]
    assert in_order(names, standing(names, shown.split()), shown.split()) is right


# --- Whole lists ---


def test_a_list_is_sent_whole_ours_first_in_stashs_order_then_others() -> None:
    item = showing(TAGS, "A", "X", "Gone", "B", "Y")
    edit = difference(wanting(TAGS, "New", "B", "A"), told(TAGS, "A", "B", "Gone"), item, RULES)
    assert sent(edit, TAGS) == ["New", "B", "A", "X", "Y"]
    assert (edit.add, edit.remove) == ({TAGS: (Tag("New"),)}, {TAGS: ("Gone",)})


def test_a_list_of_which_nothing_is_left_is_sent_empty() -> None:
    edit = difference(wanting(TAGS), told(TAGS, "A"), showing(TAGS, "A"), RULES)
    assert (edit.lists, edit.remove) == ({TAGS: ()}, {TAGS: ("A",)})


def test_a_list_without_a_difference_is_not_sent() -> None:
    wanted = replace(wanting(TAGS, "A"), tags={TAGS: (Tag("A"),), GROUPS: (Tag("G"),)})
    item = Item(1, 1, tags={TAGS: (Tag("X"), Tag("A"))})
    assert set(difference(wanted, Applied(), item, RULES).lists) == {GROUPS}


def test_pictures_and_roles_of_others_go_along_where_they_can_be_sent() -> None:
    shown = (
        Tag("Agent's", "https://plex/people/1.jpg", "The Hero"),
        Tag("Local", "/library/metadata/5/thumb/1"),
        Tag("Keyed", "http://stash/performer/1/image?apikey=secret"),
        Tag("Ann", "https://plex/people/2.jpg", "Herself"),
    )
    edit = difference(wanting(CAST, "Ann", "Bea"), Applied(), Item(1, 1, tags={CAST: shown}), RULES)
    assert edit.lists[CAST] == (
        Tag("Ann", "https://plex/people/2.jpg", "Herself"),
        Tag("Bea"),
        Tag("Agent's", "https://plex/people/1.jpg", "The Hero"),
        Tag("Local"),
        Tag("Keyed"),
    )


def test_a_performers_new_picture_is_sent_with_all_others() -> None:
    wanted = Desired({}, {CAST: (Tag("Ann", "http://s/2"), Tag("Bea", "http://s/3"))}, None, {}, frozenset())
    applied = replace(told(CAST, "Ann", "Bea"), thumbs={"Ann": "http://s/1", "Bea": "http://s/3"})
    item = Item(1, 1, tags={CAST: (Tag("Ann", "http://s/1"), Tag("Bea", "http://s/3"))})
    edit = difference(wanted, applied, item, RULES)
    assert edit.add == {CAST: (Tag("Ann", "http://s/2"),)}
    assert edit.lists[CAST] == wanted.tags[CAST]


def test_a_name_that_plex_spells_its_own_way_is_sent_so() -> None:
    edit = difference(wanting(TAGS, "Action", "New"), told(TAGS, "Action"), showing(TAGS, "action"), RULES)
    assert sent(edit, TAGS) == ["action", "New"]


def test_a_spelling_that_plex_may_take_for_the_new_one_is_not_named_for_removal() -> None:
    edit = difference(wanting(TAGS, "Action"), told(TAGS, "action"), showing(TAGS, "action", "X"), RULES)
    assert (sent(edit, TAGS), edit.remove, edit.replaced) == (["Action", "X"], {}, {TAGS: ("action",)})
    edit = difference(wanting(TAGS, "Жанна"), told(TAGS, "жанна"), showing(TAGS, "жанна"), RULES)
    assert (sent(edit, TAGS), edit.remove, edit.replaced) == (["Жанна"], {TAGS: ("жанна",)}, {})


def test_an_edit_that_trusts_the_ledger_gets_its_lists_from_the_item() -> None:
    wanted, applied = wanting(TAGS, "B"), told(TAGS, "A")
    edit = difference(wanted, applied, None, RULES)
    assert (edit.lists, edit.add, edit.remove) == ({}, {TAGS: (Tag("B"),)}, {TAGS: ("A",)})
    item = Item(1, 1, {Field.TITLE: "Drifted"}, {TAGS: (Tag("a"), Tag("Theirs")), GROUPS: (Tag("Theirs"),)})
    edit = revise(edit, wanted, applied, item, RULES, lock=False)
    assert (sent(edit, TAGS), edit.remove, set(edit.lists)) == (["B", "Theirs"], {TAGS: ("a",)}, {TAGS})
    assert not revise(edit, wanted, applied, showing(TAGS, "B"), RULES, lock=False)


# --- Order ---


def test_an_order_alone_is_written_whoever_tells_how_it_stands() -> None:
    wanted, applied = wanting(CAST, "Bea", "Ann"), told(CAST, "Ann", "Bea")
    edit = difference(wanted, applied, None, RULES)
    assert (edit.order, edit.add, edit.remove) == (frozenset({CAST}), {}, {})
    assert edit
    edit = difference(wanted, applied, showing(CAST, "Ann", "X", "Bea"), RULES)
    assert (sent(edit, CAST), edit.order) == (["Bea", "Ann", "X"], frozenset({CAST}))
    assert not difference(wanted, applied, showing(CAST, "Bea", "Ann"), RULES)


def test_an_order_that_stash_had_when_it_was_written_is_no_reason_to_write() -> None:
    assert not difference(wanting(CAST, "Bea", "Ann"), told(CAST, "Bea", "Ann"), None, RULES)


def test_the_order_of_collections_is_no_reason_to_write() -> None:
    wanted, applied = wanting(GROUPS, "B", "A"), told(GROUPS, "A", "B")
    assert not difference(wanted, applied, None, RULES)
    assert not difference(wanted, applied, showing(GROUPS, "A", "B"), RULES)


def test_a_server_that_keeps_an_order_of_its_own_is_not_asked_again() -> None:
    wanted, applied, item = wanting(CAST, "Bea", "Ann"), told(CAST, "Ann", "Bea"), showing(CAST, "Ann", "Bea")
    edit = difference(wanted, applied, item, RULES)
    applied = after(applied, edit, wanted, item)
    assert applied.unordered == {CAST}
    assert spelling_notes(applied) == ("performers: Plex shows them in an order of its own.",)
    assert not difference(wanted, applied, item, RULES)
    assert drift(wanted, applied, item, lock=False) == ()
    # Another order in Stash is tried again, and what is seen in order by then is known to be.
    again = difference(wanting(CAST, "Ann", "Bea"), applied, item, RULES)
    assert again.order == {CAST}
    assert after(applied, again, wanting(CAST, "Ann", "Bea"), item).unordered == frozenset()


def test_a_cast_that_is_shuffled_has_drifted_and_tags_have_not() -> None:
    for field, kinds in ((CAST, ["performers: Plex shows them in another order."]), (TAGS, [])):
        wanted, applied = wanting(field, "A", "B"), told(field, "A", "B")
        assert [one.text for one in drift(wanted, applied, showing(field, "B", "A"), lock=False)] == kinds
        assert drift(wanted, applied, showing(field, "A", "X", "B"), lock=False) == ()


def test_an_order_that_stash_has_changed_since_is_no_drift() -> None:
    assert drift(wanting(CAST, "B", "A"), told(CAST, "A", "B"), showing(CAST, "A", "B"), lock=False) == ()


# --- As Plex spells it ---


@pytest.mark.parametrize(("was", "now"), [("action", "Action"), ("жанна", "Жанна"), ("Strasse", "Straße")])
def test_a_spelling_that_plex_keeps_is_written_once_and_noted(was: str, now: str) -> None:
    wanted, applied, item = wanting(TAGS, now), told(TAGS, was), showing(TAGS, was)
    edit = difference(wanted, applied, item, RULES)
    assert edit
    assert mismatches(edit, item) == (), "Plex may take the two for one"
    applied = after(applied, edit, wanted, item)
    assert applied.spelled == {TAGS: {now: was}}
    assert spelling_notes(applied) == (f'tags: Plex spells "{now}" as "{was}".',)
    assert not difference(wanted, applied, item, RULES)
    assert not difference(wanted, applied, None, RULES)
    assert drift(wanted, applied, item, lock=False) == ()
    # Stash may go back, or on; and what is dropped there goes in the spelling it stands in.
    assert difference(wanting(TAGS, was), applied, None, RULES).add == {TAGS: (Tag(was),)}
    assert difference(wanting(TAGS), applied, item, RULES).remove == {TAGS: (was,)}
    assert after(applied, Edit(), wanted, showing(TAGS, now)).spelled == {}


def test_another_case_of_letters_that_are_not_ascii_has_drifted_unless_it_is_known_to_be_plexs() -> None:
    wanted, applied, item = wanting(TAGS, "Жанна"), told(TAGS, "Жанна"), showing(TAGS, "жанна")
    (found,) = drift(wanted, applied, item, lock=False)
    assert found.text == 'tags: Plex shows "жанна" where "Жанна" was written.'
    assert drift(wanting(TAGS, "Action"), told(TAGS, "Action"), showing(TAGS, "action"), lock=False) == ()


def test_both_spellings_side_by_side_are_no_success() -> None:
    wanted, applied = wanting(TAGS, "Action"), told(TAGS, "action")
    edit = difference(wanted, applied, showing(TAGS, "action"), RULES)
    assert mismatches(edit, showing(TAGS, "action", "Action")) == (
        'tags: "action" was removed and Plex still shows it.',
    )
    assert mismatches(edit, showing(TAGS)) == ('tags: "Action" was added and Plex does not show it.',)


def test_others_names_that_did_not_survive_are_said() -> None:
    edit = difference(wanting(TAGS, "A", "B"), Applied(), showing(TAGS, "Theirs"), RULES)
    assert mismatches(edit, showing(TAGS, "A", "B")) == ('tags: "Theirs" stood there and Plex no longer shows it.',)


# --- As a person reads it ---


def test_a_dry_run_shows_the_order_and_what_stays_of_others() -> None:
    item = showing(CAST, "Ann", "Theirs", "Bea")
    edit = difference(wanting(CAST, "Bea", "Ann"), told(CAST, "Ann", "Bea"), item, RULES)
    assert explain(edit, item) == [FieldChange(CAST, ("Ann", "Theirs", "Bea"), ("Bea", "Ann", "Theirs"))]


def test_nothing_to_change_is_no_change() -> None:
    assert not list_change(TAGS, (Tag("A"),), told(TAGS, "A"), showing(TAGS, "A", "X"), owned=False)
    assert list_change(TAGS, (Tag("A"),), told(TAGS, "A"), showing(TAGS, "A", "X"), owned=True).remove == ("X",)


NAMES = st.lists(st.sampled_from(["Ann", "ann", "Bo", "Jo"]), max_size=3)
THUMBS = st.sampled_from([None, "http://a/1", "http://a/2"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from([CAST, TAGS]),
    st.lists(st.builds(Tag, st.sampled_from(["Ann", "Bo", "Jo"]), THUMBS), max_size=3, unique_by=lambda tag: tag.name),
    NAMES,
    st.none() | st.lists(st.builds(Tag, st.sampled_from(["Ann", "ann", "Bo"]), THUMBS), max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_a_list_that_is_left_as_it_stands_would_be_in_any_case(
    field: Field, wanted: list[Tag], before: list[str], shown: list[Tag] | None, unordered: bool, owned: bool
) -> None:
    applied = Applied(
        tags={field: tuple(before)}, thumbs={"Bo": "http://a/1"}, unordered=frozenset({field} if unordered else ())
    )
    item = None if shown is None else Item(1, 1, tags={field: tuple(shown)})
    quickly = list_change(field, wanted, applied, item, owned=owned)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_changes, "_is_as_wanted", lambda *_: False)
        assert list_change(field, wanted, applied, item, owned=owned) == quickly
