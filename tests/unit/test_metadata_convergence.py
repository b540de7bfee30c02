"""Whatever Stash asks for and wherever the process dies, Plex ends up showing it, and nothing of others is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    Performer,
    Scene,
    SceneFile,
    Tag,
)
from plexsync.sync.settle import settle


class Plex:
    """How a server takes an edit, as ``Kind`` says; white space at the ends goes."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._known: dict[str, str] = {}

    def holding(self, item: Item) -> Item:
        """The item as this server can hold it: with names that it tells apart."""
        return replace(item, tags={field: tuple(self._sent([], tags)) for field, tags in item.tags.items()})

    def apply(self, edit: Edit, item: Item) -> Item:
        """The item after one request."""
        lists = {field: list(item.tags.get(field, ())) for field in TAG_FIELDS}
        for field, tags in lists.items():
            if not self._kind.removes_last:
                self._remove(tags, edit.remove.get(field, ()))
            if sent := edit.lists.get(field, edit.add.get(field, ())):
                tags[:] = self._sent(tags, sent)
            if self._kind.removes_last:
                self._remove(tags, edit.remove.get(field, ()))
        return replace(
            item,
            texts={**item.texts, **{field: text.strip() for field, text in edit.texts.items()}},
            tags={field: tuple(names) for field, names in lists.items()},
            user_rating=edit.rating if edit.rate else item.user_rating,
        )

    def write(self, edit: Edit, item: Item) -> Item:
        """The item after an edit and what has to follow it."""
        now = self.apply(edit, item)

        def again(rest: Edit, _once: bool) -> None:
            nonlocal now
            now = self.apply(rest, now)

        return settle(edit, now, again, lambda: now)

    def _remove(self, tags: list[Tag], names: Sequence[str]) -> None:
        gone = {self._kind.alike(name) for name in names}
        tags[:] = [tag for tag in tags if self._kind.alike(tag.name) not in gone]

    def _sent(self, before: list[Tag], sent: Sequence[Tag]) -> list[Tag]:
        places = {} if self._kind.replaces else {tag.name: (place, tag.thumb) for place, tag in enumerate(before)}
        for place, tag in enumerate(sent):
            name = self._known.setdefault(self._kind.alike(tag.name.strip()), tag.name.strip())
            _, thumb = places.get(name, (0, None))
            places[name] = (place, tag.thumb or thumb)
        ordered = sorted(places.items(), key=lambda one: one[1][0]) if self._kind.orders else places.items()
        return [Tag(name, thumb) for name, (_, thumb) in ordered]


@dataclass(frozen=True)
class Kind:
    """A kind of server: which names it takes for one, whether a list that is sent takes the place of what is there,
    whether names stand by the index they were sent with, and whether what is to go does so last."""

    alike: Callable[[str], str] = fold
    replaces: bool = False
    orders: bool = True
    removes_last: bool = False

    def tells_apart(self, wanted: Desired) -> bool:
        """Whether each name is one of its own to this server: where two are one, it is the server that orders them."""
        names = [[self.alike(tag.name) for tag in tags] for tags in wanted.tags.values()]
        return all(len(set(some)) == len(some) for some in names)


NAMES = st.sampled_from(
    [
        "Action",
        "ACTION",
        "action ",
        "A, B",
        'Say "Hi"',
        "Tom & Jerry",
        "👨‍👩‍👧‍👦",
        "👩🏽‍🚀",
        "שלום",
        "日本語",
        "Cafe\u0301",
        "CAFÉ",
        "Straße",
        "STRASSE",
        "x" * 300,
        "lone \ud83d",
        "a\x00b",
        "\u200b",
        "İstanbul",
    ]
) | st.text(max_size=6)
TEXTS = st.sampled_from(["", "  ", "One", "two\r\n\r\n\r\nthree", "é", "e\u0301", "<b>x</b>", "\ud800", "日" * 900])
DATES = st.sampled_from(["", "2023-05-17", "2023-05", "2023", "2023-02-31"])
RATINGS = st.none() | st.integers(-5, 105)
URLS = st.none() | st.sampled_from(["http://stash:9999/p?t=1", "http://stash:9999/p?t=2&apikey=k", "http://[::1]/p"])
SCENES = st.builds(
    Scene,
    id=st.just(1),
    title=TEXTS,
    details=TEXTS,
    director=NAMES,
    date=DATES,
    rating100=RATINGS,
    files=st.sampled_from([(), (SceneFile("/a/File_Name.mp4"),)]),
    studio=NAMES | st.just(""),
    performers=st.lists(st.builds(Performer, id=st.just(1), name=NAMES, image_url=URLS), max_size=4).map(tuple),
    tags=st.lists(NAMES, max_size=5).map(tuple),
    groups=st.lists(NAMES, max_size=2).map(tuple),
)
#: What Plex can hold: its answers are UTF-8.
HELD_NAMES = NAMES.map(lambda name: name.encode(errors="ignore").decode())
HELD_TEXTS = TEXTS.map(lambda text: text.encode(errors="ignore").decode())
ITEMS = st.builds(
    Item,
    rating_key=st.just(1),
    section_id=st.just(1),
    texts=st.dictionaries(st.sampled_from([Field.TITLE, Field.SUMMARY, Field.STUDIO]), HELD_TEXTS),
    tags=st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(st.builds(Tag, HELD_NAMES), max_size=4).map(tuple)),
    user_rating=st.none() | st.floats(0, 10),
)
FIELDS = st.frozensets(st.sampled_from(list(Field)))
RULES = st.builds(
    Rules,
    selected=FIELDS | st.just(frozenset(Field)),
    owned=st.just(frozenset()) | FIELDS,
    ascii_titles=st.booleans(),
    content_rating=st.sampled_from(["", "XXX"]),
    show_performer_pictures=st.booleans(),
    stash_url=st.just("http://stash:9999"),
    public_url=st.none() | st.just("https://stash.example"),
)
#: Unicode's notion of one name in two cases, and SQLite's (ASCII only). A Plex that tells them apart is not known.
KINDS = st.builds(Kind, st.sampled_from([fold, lambda name: name.encode().lower().decode()]), *[st.booleans()] * 3)
#: The same cases in every run, so that a run tells of the change it is made for; take the word out to look for others.
RUNS = settings(database=None, deadline=None, max_examples=80, derandomize=True)


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
