"""What was written and no longer stands is found, by kind; what needs no write is not found over and over."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from plexsync.metadata import Drift, DriftKind, difference, drift, mismatches
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item, Tag
from tests.support.rules import RULES

WANTED = Desired(
    texts={Field.TITLE: "Title", Field.SUMMARY: "One.\n\nTwo.", Field.STUDIO: "", Field.DATE: "2023-05-17"},
    tags={Field.PERFORMERS: (Tag("Zoe", "http://s/1"),), Field.TAGS: (Tag("Action"), Tag("4K")), Field.GROUPS: ()},
    rating=8.5,
    pictures={Field.POSTER: "http://s/p", Field.BACKGROUND: "http://s/p"},
    selected=frozenset(Field),
)
PUSHED = Applied(
    texts={Field.TITLE: "Title", Field.SUMMARY: "One.\n\nTwo.", Field.DATE: "2023-05-17"},
    tags={Field.PERFORMERS: ("Zoe",), Field.TAGS: ("Action", "4K")},
    thumbs={"Zoe": "http://s/1"},
    rating=8.5,
    rating_written=True,
)

ITEM = Item(
    rating_key=1,
    section_id=1,
    texts={Field.TITLE: "Title", Field.SUMMARY: "One.\nTwo.", Field.DATE: "2023-05-17", Field.STUDIO: "Theirs"},
    tags={Field.PERFORMERS: (Tag("ZOE", "/of/plex"),), Field.TAGS: (Tag("action"), Tag("4k"), Tag("Theirs"))},
    user_rating=8.5000001,
    locked=frozenset(Field),
    thumb="/t",
    art="/a",
)
SENT = frozenset({Field.POSTER, Field.BACKGROUND})


def kinds(found: tuple[Drift, ...]) -> dict[Field, str]:
    return {one.field: str(one.kind) for one in found}


def with_text(item: Item, field: Field, text: str) -> Item:
    return replace(item, texts={**item.texts, field: text})


def with_names(item: Item, field: Field, *names: str) -> Item:
    return replace(item, tags={**item.tags, field: tuple(map(Tag, names))})


def test_what_stands_is_no_drift_however_plex_spells_it() -> None:
    assert drift(WANTED, PUSHED, ITEM, lock=True, sent=SENT) == ()


@pytest.mark.parametrize("field", [Field.TITLE, Field.SUMMARY, Field.DATE])
@pytest.mark.parametrize("now", ["Theirs", ""])
def test_a_text_that_is_another_one_has_changed(field: Field, now: str) -> None:
    (found,) = drift(WANTED, PUSHED, with_text(ITEM, field, now), lock=True)
    assert (found.field, found.kind) == (field, DriftKind.CHANGED)
    assert found.text.startswith(f"{field}: Plex shows ")


def test_a_name_of_ours_that_is_missing_has_changed_the_list() -> None:
    item = with_names(with_names(ITEM, Field.TAGS, "4K", "Theirs"), Field.PERFORMERS)
    assert [(one.field, one.text) for one in drift(WANTED, PUSHED, item, lock=True)] == [
        (Field.PERFORMERS, 'performers: "Zoe" was added and Plex does not show it.'),
        (Field.TAGS, 'tags: "Action" was added and Plex does not show it.'),
    ]


@pytest.mark.parametrize(("now", "changed"), [(8.0, True), (None, True), (8.52, False)])
def test_a_rating_that_is_another_one_has_changed(now: float | None, changed: bool) -> None:
    found = drift(WANTED, PUSHED, replace(ITEM, user_rating=now), lock=True)
    assert kinds(found) == ({Field.RATING: "changed"} if changed else {})


def test_a_rating_of_nothing_is_shown_as_none() -> None:
    applied, item = replace(PUSHED, rating=0.0), replace(ITEM, user_rating=None)
    assert drift(replace(WANTED, rating=0.0), applied, item, lock=True) == ()


def test_a_value_that_stash_asks_for_by_now_is_no_drift() -> None:
    wanted = replace(
        WANTED,
        texts={**WANTED.texts, Field.TITLE: "New"},
        tags={**WANTED.tags, Field.TAGS: (Tag("Action"),)},
        rating=3.0,
    )
    item = replace(with_names(with_text(ITEM, Field.TITLE, "New"), Field.TAGS, "Action"), user_rating=3.0)
    assert drift(wanted, PUSHED, item, lock=True) == ()


def test_what_stash_no_longer_asks_for_is_no_drift() -> None:
    wanted = Desired(dict.fromkeys(TEXT_FIELDS, ""), dict.fromkeys(TAG_FIELDS, ()), None, {}, frozenset(Field))
    assert drift(wanted, PUSHED, Item(1, 1, texts={Field.TITLE: "Theirs"}), lock=True, sent=SENT) == ()


def test_what_is_not_selected_or_was_never_written_is_no_drift() -> None:
    nothing = Desired({}, {}, None, {}, frozenset())
    assert drift(nothing, PUSHED, Item(1, 1), lock=True, sent=SENT) == ()
    assert drift(WANTED, Applied(), Item(1, 1), lock=True) == ()


def test_a_lock_that_is_gone_is_drift_only_where_locks_are_set() -> None:
    item = replace(ITEM, locked=frozenset())
    locked = dict.fromkeys([Field.TITLE, Field.SUMMARY, Field.DATE, Field.PERFORMERS, Field.TAGS], "unlocked")
    assert kinds(drift(WANTED, PUSHED, item, lock=True, sent=SENT)) == locked
    assert drift(WANTED, PUSHED, item, lock=False, sent=SENT) == ()


def test_a_changed_field_is_not_called_unlocked_as_well() -> None:
    item = replace(with_text(ITEM, Field.TITLE, "Agent's"), locked=ITEM.locked - {Field.TITLE})
    assert kinds(drift(WANTED, PUSHED, item, lock=True)) == {Field.TITLE: "changed"}


def test_a_picture_that_was_sent_and_is_not_shown_is_gone() -> None:
    item = replace(ITEM, thumb=None, art=None)
    assert kinds(drift(WANTED, PUSHED, item, lock=True, sent={Field.BACKGROUND})) == {Field.BACKGROUND: "picture gone"}
    assert drift(replace(WANTED, pictures={}), PUSHED, item, lock=True, sent=SENT) == ()


def test_a_persons_title_in_place_of_a_file_name_is_no_drift() -> None:
    wanted, item = replace(WANTED, title_from_file=True), with_text(ITEM, Field.TITLE, "A Name Somebody Chose")
    assert drift(wanted, PUSHED, item, lock=True) == ()
    agents = replace(item, locked=frozenset())
    assert drift(wanted, PUSHED, agents, lock=False)[0].field is Field.TITLE


def test_what_others_wrote_is_drift_where_stash_alone_has_the_say() -> None:
    wanted = replace(WANTED, rating=None)
    applied = replace(PUSHED, rating=None, rating_written=False)
    found = drift(wanted, applied, ITEM, lock=True, owned=frozenset(Field))
    assert [(one.field, one.text) for one in found] == [
        (Field.STUDIO, "studio: Plex shows a text where Stash alone has the say."),
        (Field.TAGS, 'tags: Plex shows "Theirs" where Stash alone has the say.'),
        (Field.RATING, "rating: Plex shows 8.5 where Stash alone has the say."),
    ]
    edit = difference(wanted, applied, ITEM, replace(RULES, owned=frozenset(Field)))
    assert ({*edit.remove}, edit.texts[Field.STUDIO], edit.rate) == ({Field.TAGS}, "", True)


# --- Locking again ---


def test_what_is_unlocked_is_locked_again_without_a_value() -> None:
    item = replace(with_text(ITEM, Field.SUMMARY, "One.\n\nTwo."), locked=frozenset({Field.TITLE}))
    edit = difference(WANTED, PUSHED, item, RULES, relock=True)
    assert edit == Edit(lock=frozenset({Field.SUMMARY, Field.DATE, Field.PERFORMERS, Field.TAGS}))
    assert edit
    assert mismatches(edit, replace(item, locked=item.locked | edit.lock)) == ()
    assert not difference(WANTED, PUSHED, item, RULES)
    assert not difference(WANTED, PUSHED, None, RULES, relock=True)


def test_what_is_written_anyhow_needs_no_lock_of_its_own() -> None:
    item = replace(with_text(ITEM, Field.TITLE, "Agent's"), locked=ITEM.locked - {Field.TITLE})
    edit = difference(WANTED, PUSHED, item, RULES, relock=True)
    assert Field.TITLE in edit.texts
    assert edit.lock == frozenset()


def test_what_stood_right_before_we_came_is_locked_at_once() -> None:
    item = replace(with_text(ITEM, Field.SUMMARY, "One.\n\nTwo."), locked=frozenset({Field.DATE}))
    edit = difference(WANTED, Applied(), item, RULES, relock=True)
    # What only stands in another case is written, and locked with that.
    assert set(edit.lists) == {Field.PERFORMERS, Field.TAGS}
    assert edit.lock == {Field.TITLE, Field.SUMMARY}


def test_what_stash_does_not_have_is_not_locked() -> None:
    item = replace(with_names(ITEM, Field.GROUPS, "Theirs"), locked=frozenset())
    edit = difference(WANTED, PUSHED, item, RULES, relock=True)
    assert edit.lock.isdisjoint({Field.STUDIO, Field.GROUPS})


def test_only_what_does_not_stand_to_the_letter_is_compared_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Edit] = []

    def counting(edit: Edit, item: Item) -> tuple[str, ...]:
        compared.append(edit)
        return mismatches(edit, item)

    monkeypatch.setattr(sys.modules[drift.__module__], "mismatches", counting)
    odd = [field for field, text in PUSHED.texts.items() if text != ITEM.texts[field]]
    assert len(odd) < len(PUSHED.texts)
    assert drift(WANTED, PUSHED, ITEM, lock=False) == ()
    # And the rating.
    assert len(compared) == len(odd) + 1
    assert drift(WANTED, PUSHED, with_text(ITEM, Field.TITLE, "Agent's"), lock=False) != ()
