"""Whatever Stash asks for and wherever the process dies, Plex ends up showing it, and nothing of others is lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata import (
    Rules,
    after,
    as_it_stands,
    desired,
    difference,
    from_json,
    mismatches,
    possibly,
    revise,
    to_json,
)
from plexsync.metadata.names import alike, fold
from plexsync.metadata.spelling import in_order, standing
from plexsync.metadata.text import single_line
from plexsync.model import (
    ORDERED_FIELDS,
    TAG_FIELDS,
    Applied,
    Desired,
    Edit,
    Field,
    Item,
    Scene,
)
from tests.support.metadata_cases import ITEMS, RULES, SCENES, Kind, Plex

#: Unicode's notion of one name in two cases, and SQLite's (ASCII only). A Plex that tells them apart is not known.
KINDS = st.builds(Kind, st.sampled_from([fold, lambda name: name.encode().lower().decode()]), *[st.booleans()] * 3)
#: The same cases in every run, so that a run tells of the change it is made for; take the word out to look for others.
RUNS = settings(database=None, deadline=None, derandomize=True)


def stands(wanted: Desired, item: Item) -> bool:
    """Whether the item shows every name and every text that is wanted."""
    texts = Edit(texts={field: text for field, text in wanted.texts.items() if text})
    names = Edit(add=wanted.tags)
    return not mismatches(texts, item) and not mismatches(names, item)


def ordered(wanted: Desired, item: Item) -> bool:
    """Whether the names that are wanted stand in their order."""
    for field in ORDERED_FIELDS:
        ours = [tag.name for tag in wanted.tags.get(field, ())]
        shown = [tag.name for tag in item.tags.get(field, ())]
        if not in_order(ours, standing(ours, shown), shown):
            return False
    return True


@RUNS
@given(st.lists(SCENES, min_size=1, max_size=3), ITEMS, RULES, KINDS)
def test_an_applied_edit_stands_and_leaves_nothing_to_write(
    scenes: list[Scene], item: Item, rules: Rules, kind: Kind
) -> None:
    plex, applied = Plex(kind), Applied()
    item = plex.holding(item)
    for scene in scenes:
        wanted = desired(scene, rules)
        edit = difference(wanted, applied, item, rules)
        item = plex.write(edit, item)
        assert mismatches(edit, item) == ()
        assert stands(wanted, item)
        assert ordered(wanted, item) or not (kind.orders or kind.replaces) or not kind.tells_apart(wanted)
        applied = from_json(to_json(after(applied, edit, wanted, item)))
        assert not difference(wanted, applied, item, rules)
        assert not difference(wanted, applied, None, rules)


@RUNS
@given(st.lists(SCENES, min_size=2, max_size=4), ITEMS, RULES, KINDS)
def test_the_ledger_alone_serves_once_the_item_was_met(
    scenes: list[Scene], item: Item, rules: Rules, kind: Kind
) -> None:
    plex, applied, met = Plex(kind), Applied(), False
    item = plex.holding(item)
    for scene in scenes:
        wanted = desired(scene, rules)
        edit = difference(wanted, applied, item if not met else None, rules)
        if met:
            edit = revise(edit, wanted, applied, item, rules, lock=False)
        item = plex.write(edit, item)
        assert mismatches(edit, item) == ()
        assert stands(wanted, item)
        applied, met = after(applied, edit, wanted, item), True


@RUNS
@given(SCENES, SCENES, SCENES, ITEMS, RULES, st.booleans(), KINDS)
def test_names_of_an_edit_cut_off_by_a_crash_are_removed_later(
    first: Scene, second: Scene, third: Scene, item: Item, rules: Rules, arrived: bool, kind: Kind
) -> None:
    plex = Plex(kind)
    item = plex.holding(item)
    theirs = {field: {fold(tag.name) for tag in item.tags.get(field, ())} for field in TAG_FIELDS}
    wanted = desired(first, rules)
    edit = difference(wanted, Applied(), item, rules)
    item = plex.write(edit, item)
    applied = after(Applied(), edit, wanted, item)

    edit = difference(desired(second, rules), applied, item, rules)
    intended = possibly(applied, edit)
    item = plex.apply(edit, item) if arrived else item

    wanted = desired(third, rules)
    told = as_it_stands(applied, intended, item)
    edit = difference(wanted, told, item, rules)
    item = plex.write(edit, item)
    assert stands(wanted, item)
    for field, tags in wanted.tags.items():
        shown = {fold(tag.name) for tag in item.tags.get(field, ())}
        assert shown <= {fold(tag.name) for tag in tags} | theirs[field]
    assert not difference(wanted, after(told, edit, wanted, item), item, rules)


@RUNS
@given(st.lists(SCENES, min_size=1, max_size=3), ITEMS, RULES, KINDS)
def test_names_that_others_wrote_and_stash_never_asked_for_stay(
    scenes: list[Scene], item: Item, rules: Rules, kind: Kind
) -> None:
    rules = replace(rules, owned=frozenset())
    plex, applied = Plex(kind), Applied()
    item = before = plex.holding(item)
    asked: dict[Field, set[str]] = {field: set() for field in TAG_FIELDS}
    for scene in scenes:
        wanted = desired(scene, rules)
        for field, tags in wanted.tags.items():
            asked[field] |= {kind.alike(tag.name) for tag in tags} | {alike(tag.name) for tag in tags}
        edit = difference(wanted, applied, item, rules)
        item = plex.write(edit, item)
        applied = after(applied, edit, wanted, item)
    for field, tags in before.tags.items():
        # Ways to encode one and the same name are no names of their own, and neither are those in another case, as far
        # as is known of Plex.
        shown = {kind.alike(single_line(tag.name)) for tag in item.tags.get(field, ())}
        names = {tag.name for tag in tags if alike(tag.name) not in asked[field]}
        assert {kind.alike(single_line(name)) for name in names} - asked[field] <= shown


@RUNS
@given(ITEMS, RULES)
def test_an_empty_scene_changes_nothing_on_an_item_we_never_wrote(item: Item, rules: Rules) -> None:
    rules = replace(rules, owned=frozenset(), content_rating="")
    assert not difference(desired(Scene(id=1), rules), Applied(), item, rules)


@RUNS
@given(SCENES, ITEMS, RULES, KINDS)
def test_in_owned_fields_only_what_stash_holds_remains(scene: Scene, item: Item, rules: Rules, kind: Kind) -> None:
    rules = replace(rules, owned=frozenset(Field))
    wanted = desired(scene, rules)
    plex = Plex(kind)
    item = plex.holding(item)
    item = plex.write(difference(wanted, Applied(), item, rules), item)
    for field, tags in wanted.tags.items():
        assert {fold(tag.name) for tag in item.tags.get(field, ())} == {fold(tag.name) for tag in tags}
    if Field.SUMMARY in wanted.texts and not wanted.texts[Field.SUMMARY]:
        assert item.texts.get(Field.SUMMARY, "").strip() == ""
