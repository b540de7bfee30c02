"""Whatever people, agents and Stash do in turn: what a person changed stays, and all else is brought about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata import (
    Rules,
    after,
    as_it_stands,
    confirmed,
    desired,
    difference,
    drift,
    from_json,
    mismatches,
    possibly,
    preserve,
    to_json,
)
from plexsync.metadata.names import fold
from plexsync.metadata.text import single_line
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Edit, Field, Item, Scene, Tag
from tests.support.metadata_cases import HELD_NAMES, HELD_TEXTS, ITEMS, RULES, SCENES, Kind, Plex

#: Two in five of what the profile asks for: each example is the story of an item.
RUNS = settings(database=None, deadline=None, max_examples=settings().max_examples * 2 // 5)
LOCKABLE = (*TEXT_FIELDS, *TAG_FIELDS)
VALUES = st.fixed_dictionaries(
    {
        "texts": st.dictionaries(st.sampled_from(TEXT_FIELDS), HELD_TEXTS | st.just("Chosen"), max_size=3),
        "tags": st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(HELD_NAMES, max_size=3), max_size=2),
    }
)
AGENTS = st.tuples(st.just("agent"), VALUES)
UNLOCKS = st.tuples(st.just("unlock"), st.frozensets(st.sampled_from(LOCKABLE), min_size=1))
EDITS = st.tuples(st.just("stash"), SCENES)
CUTS = st.tuples(st.just("cut"), st.booleans())
PEOPLE = st.tuples(st.just("person"), VALUES)
RATINGS = st.tuples(st.just("rating"), st.none() | st.integers(0, 10).map(float))
TAKEN = st.tuples(st.just("taken"), st.sampled_from(TAG_FIELDS))
RESTORED = st.tuples(st.just("restored"), st.sampled_from(TEXT_FIELDS))


@dataclass
class World:
    """One scene, its item, and the ledger's record around writes that may be cut off."""

    rules: Rules
    item: Item
    scene: Scene
    plex: Plex = field(default_factory=lambda: Plex(Kind()))
    applied: Applied = field(default_factory=Applied)
    intended: Applied | None = None
    left: tuple[Field, ...] = ()

    def __post_init__(self) -> None:
        self.item = self.plex.holding(self.item)

    def happen(self, what: str, value: object) -> None:
        """Something that is not our doing; its edits are shown in the spelling the server has for a name."""
        match what, value:
            case "stash", Scene():
                self.scene = value
            case "agent", dict():
                self._write(value, frozenset(LOCKABLE) - self.item.locked)
            case "person", dict():
                self._write(value, frozenset(LOCKABLE))
                self.item = replace(self.item, locked=self.item.locked | {*value["texts"], *value["tags"]})
            case "unlock", frozenset():
                self.item = replace(self.item, locked=self.item.locked - value)
            case "rating", _:
                self.item = replace(self.item, user_rating=value)  # type: ignore[arg-type]  # a rating or None
            case "taken", Field():
                self._write({"texts": {}, "tags": {value: [tag.name for tag in self.item.tags.get(value, ())[1:]]}})
                self.item = replace(self.item, locked=self.item.locked | {value})
            case "restored", Field() if self.applied.texts.get(value):
                self._write({"texts": {value: self.applied.texts[value]}, "tags": {}})
            case "cut", bool():
                self.sync(dies=True, arrives=value)

    def _write(self, values: dict[str, dict[Field, object]], fields: frozenset[Field] = frozenset(LOCKABLE)) -> None:
        texts = {one: text for one, text in values["texts"].items() if one in fields}
        names = {one: list(names) for one, names in values["tags"].items() if one in fields}
        gone = {one: tuple(tag.name for tag in self.item.tags.get(one, ())) for one in names}
        emptied = self.plex.apply(Edit(texts, {}, gone), self.item)
        self.item = self.plex.apply(Edit({}, {one: tuple(map(Tag, new)) for one, new in names.items()}), emptied)

    def sync(self, *, dies: bool = False, arrives: bool = True) -> Edit:
        """As the use case does it; ``dies`` between the write and the record of it."""
        wanted = desired(self.scene, self.rules)
        told = sure = self.applied
        if self.intended is not None:
            told = as_it_stands(self.applied, self.intended, self.item)
            sure = confirmed(self.applied, told, self.item)
        rest, self.left = preserve(wanted, sure, self.item, owned=self.rules.owned)
        edit = difference(rest, told, self.item, self.rules, relock=True)
        if edit:
            self.applied, self.intended = from_json(to_json(sure)), from_json(to_json(possibly(told, edit, rest)))
        if edit and arrives:
            written = {*edit.texts, *edit.names, *edit.lock}
            item = self.plex.apply(edit, self.item) if dies else self.plex.write(edit, self.item)
            self.item = replace(item, locked=item.locked | written)
        if not dies:
            assert mismatches(edit, self.item) == ()
            self.applied, self.intended = from_json(to_json(after(told, edit, rest, self.item))), None
            assert drift(rest, self.applied, self.item, lock=True, owned=self.rules.owned) == ()
        return edit

    def values(self, fields: tuple[Field, ...]) -> list[object]:
        """What the item shows in these fields."""
        return [
            self.item.user_rating if one is Field.RATING else (self.item.texts.get(one), self.item.tags.get(one))
            for one in fields
        ]


@RUNS
@given(SCENES, ITEMS, RULES, st.lists(EDITS | AGENTS | UNLOCKS | CUTS, max_size=8))
def test_what_only_we_and_agents_wrote_is_never_taken_for_a_persons(
    scene: Scene, item: Item, rules: Rules, steps: list[tuple[str, object]]
) -> None:
    world = World(rules, replace(item, user_rating=None), scene)
    for what, value in steps:
        world.happen(what, value)
        assert world.left == ()
        world.sync()
        assert world.left == ()


@RUNS
@given(
    SCENES, ITEMS, RULES, st.lists(EDITS | AGENTS | UNLOCKS | CUTS | PEOPLE | RATINGS | TAKEN | RESTORED, max_size=8)
)
def test_what_is_left_alone_is_not_touched_and_a_second_look_finds_nothing_new(
    scene: Scene, item: Item, rules: Rules, steps: list[tuple[str, object]]
) -> None:
    world = World(rules, item, scene)
    for what, value in steps:
        world.happen(what, value)
        before, locks = world.item, world.item.locked
        world.sync()
        now, world.item = world.item, before
        shown_before = world.values(world.left)
        world.item = now
        assert world.values(world.left) == shown_before
        assert locks <= world.item.locked
        left, applied = world.left, world.applied
        again = world.sync()
        assert again == Edit(lock=again.lock)
        assert (world.left, world.applied) == (left, applied)
        assert not world.sync()


@RUNS
@given(SCENES, ITEMS, RULES, st.sampled_from(TEXT_FIELDS), st.lists(EDITS | AGENTS | CUTS, max_size=6))
def test_a_persons_text_stays_whatever_stash_says_until_it_is_unlocked(
    scene: Scene, item: Item, rules: Rules, changed: Field, steps: list[tuple[str, object]]
) -> None:
    rules = replace(rules, owned=frozenset())
    world = World(rules, item, scene)
    world.sync()
    world.happen("person", {"texts": {changed: "A person's"}, "tags": {}})
    for what, value in steps:
        world.happen(what, value)
        world.sync()
        assert world.item.texts[changed] == "A person's"
    world.happen("unlock", frozenset({changed}))
    world.sync()
    text = desired(world.scene, rules).texts.get(changed)
    assert world.item.texts[changed] == "A person's" if not text else not mismatches(Edit({changed: text}), world.item)


@RUNS
@given(SCENES, ITEMS, RULES, st.sampled_from(TAG_FIELDS), st.lists(EDITS | AGENTS | CUTS, max_size=6))
def test_a_name_that_a_person_took_away_comes_back_only_when_stash_had_dropped_it(
    scene: Scene, item: Item, rules: Rules, changed: Field, steps: list[tuple[str, object]]
) -> None:
    rules = replace(rules, owned=frozenset())
    world = World(rules, item, scene)
    world.sync()
    ours = {fold(name) for name in world.applied.tags.get(changed, ())}
    taken = next((fold(tag.name) for tag in world.item.tags.get(changed, ())[:1] if fold(tag.name) in ours), None)
    world.happen("taken", changed)
    for what, value in steps:
        world.happen(what, value)
        world.sync()
        wanted = {fold(tag.name) for tag in desired(world.scene, rules).tags.get(changed, ())}
        if taken not in wanted:
            return
        assert taken not in {fold(tag.name) for tag in world.item.tags[changed]}
        assert changed in world.left


@RUNS
@given(SCENES, SCENES, ITEMS, RULES, st.frozensets(st.sampled_from(LOCKABLE)), VALUES)
def test_drift_is_what_a_sync_would_write(
    scene: Scene, other: Scene, item: Item, rules: Rules, unlocked: frozenset[Field], values: dict[str, object]
) -> None:
    world = World(rules, item, scene)
    world.sync()
    world.sync()
    world.happen("unlock", unlocked)
    world.happen("agent", values)
    for wanted in (desired(scene, rules), desired(other, rules)):
        edit = difference(wanted, world.applied, world.item, rules, relock=True)
        touched = {*edit.texts, *edit.names, *edit.lock} | ({Field.RATING} if edit.rate else set())
        found = {one.field for one in drift(wanted, world.applied, world.item, lock=True, owned=rules.owned)}
        assert found <= touched
    # Nothing is missed where Stash is as it was: but for a layout of white space that only a write can tell from ours.
    wanted = desired(scene, rules)
    edit = difference(wanted, world.applied, world.item, rules, relock=True)
    found = {one.field for one in drift(wanted, world.applied, world.item, lock=True, owned=rules.owned)}
    laid_out = {one for one, text in edit.texts.items() if single_line(text) == single_line(world.item.texts[one])}
    reordered = {one for one in edit.order if one not in {*edit.add, *edit.remove, *edit.replaced}}
    assert {*edit.texts, *edit.names, *edit.lock} - laid_out - reordered <= found
