"""Whatever Stash asks for and wherever the process dies, Plex ends up showing it, and nothing of others is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata import Rules, after, desired, difference, from_json, mismatches, possibly, to_json
from plexsync.metadata.names import fold
from plexsync.model import TAG_FIELDS, Desired, Edit, Field, Item, Performer, Pushed, Scene, SceneFile, Tag


class Plex:
    """How Plex takes an edit: lists are added to, tags are shared by the server and keep the spelling met first, and
    white space at the ends goes. ``alike`` tells which names Plex takes for one."""

    def __init__(self, alike: Callable[[str], str]) -> None:
        self._alike = alike
        self._known: dict[str, str] = {}

    def apply(self, edit: Edit, item: Item) -> Item:
        tags = {field: list(item.tags.get(field, ())) for field in TAG_FIELDS}
        for field, names in edit.remove.items():
            gone = {self._alike(name) for name in names}
            tags[field] = [tag for tag in tags[field] if self._alike(tag.name) not in gone]
        for field, added in edit.add.items():
            for tag in added:
                name = self._known.setdefault(self._alike(tag.name.strip()), tag.name.strip())
                before = next((old for old in tags[field] if old.name == name), None)
                if before is not None:
                    tags[field].remove(before)
                tags[field].append(Tag(name, tag.thumb or (before.thumb if before else None)))
        return replace(
            item,
            texts={**item.texts, **{field: text.strip() for field, text in edit.texts.items()}},
            tags={field: tuple(names) for field, names in tags.items()},
            user_rating=edit.rating if edit.rate else item.user_rating,
        )


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
#: Unicode's notion of one name in two cases, SQLite's (ASCII only), and none at all.
ALIKE = st.sampled_from([fold, lambda name: name.encode().lower().decode(), str])
RUNS = settings(database=None, deadline=None, max_examples=80)


def stands(wanted: Desired, item: Item) -> bool:
    """Whether the item shows every name and every text that is wanted."""
    texts = Edit(texts={field: text for field, text in wanted.texts.items() if text})
    names = Edit(add=wanted.tags)
    return not mismatches(texts, item) and not mismatches(names, item)


@RUNS
@given(st.lists(SCENES, min_size=1, max_size=3), ITEMS, RULES, ALIKE)
def test_an_applied_edit_stands_and_leaves_nothing_to_write(
    scenes: list[Scene], item: Item, rules: Rules, alike: Callable[[str], str]
) -> None:
    plex, pushed = Plex(alike), Pushed()
    for scene in scenes:
        wanted = desired(scene, rules)
        edit = difference(wanted, pushed, item, rules)
        item = plex.apply(edit, item)
        assert mismatches(edit, item) == ()
        assert stands(wanted, item)
        pushed = from_json(to_json(after(pushed, edit, wanted)))
        assert not difference(wanted, pushed, item, rules)
        assert not difference(wanted, pushed, None, rules)


@RUNS
@given(st.lists(SCENES, min_size=2, max_size=4), ITEMS, RULES)
def test_the_ledger_alone_serves_once_the_item_was_met(scenes: list[Scene], item: Item, rules: Rules) -> None:
    plex, pushed, met = Plex(fold), Pushed(), False
    for scene in scenes:
        wanted = desired(scene, rules)
        edit = difference(wanted, pushed, item if not met else None, rules)
        item = plex.apply(edit, item)
        assert mismatches(edit, item) == ()
        assert stands(wanted, item)
        pushed, met = after(pushed, edit, wanted), True


@RUNS
@given(SCENES, SCENES, SCENES, ITEMS, RULES, st.booleans(), ALIKE)
def test_names_of_an_edit_cut_off_by_a_crash_are_removed_later(
    first: Scene, second: Scene, third: Scene, item: Item, rules: Rules, arrived: bool, alike: Callable[[str], str]
) -> None:
    plex = Plex(alike)
    theirs = {field: {fold(tag.name) for tag in item.tags.get(field, ())} for field in TAG_FIELDS}
    wanted = desired(first, rules)
    edit = difference(wanted, Pushed(), item, rules)
    item, pushed = plex.apply(edit, item), after(Pushed(), edit, wanted)

    edit = difference(desired(second, rules), pushed, None, rules)
    pushed = possibly(pushed, edit)
    item = plex.apply(edit, item) if arrived else item

    wanted = desired(third, rules)
    edit = difference(wanted, pushed, item, rules)
    item = plex.apply(edit, item)
    assert stands(wanted, item)
    for field, tags in wanted.tags.items():
        shown = {fold(tag.name) for tag in item.tags.get(field, ())}
        assert shown <= {fold(tag.name) for tag in tags} | theirs[field]
    assert not difference(wanted, after(pushed, edit, wanted), item, rules)


@RUNS
@given(st.lists(SCENES, min_size=1, max_size=3), ITEMS, RULES, ALIKE)
def test_names_that_others_wrote_and_stash_never_asked_for_stay(
    scenes: list[Scene], item: Item, rules: Rules, alike: Callable[[str], str]
) -> None:
    rules = replace(rules, owned=frozenset())
    plex, pushed, before = Plex(alike), Pushed(), item
    asked: dict[Field, set[str]] = {field: set() for field in TAG_FIELDS}
    for scene in scenes:
        wanted = desired(scene, rules)
        for field, tags in wanted.tags.items():
            asked[field] |= {fold(tag.name) for tag in tags}
        edit = difference(wanted, pushed, item, rules)
        item, pushed = plex.apply(edit, item), after(pushed, edit, wanted)
    for field, tags in before.tags.items():
        shown = {tag.name for tag in item.tags.get(field, ())}
        assert {tag.name for tag in tags if fold(tag.name) not in asked[field]} <= shown


@RUNS
@given(ITEMS, RULES)
def test_an_empty_scene_changes_nothing_on_an_item_we_never_wrote(item: Item, rules: Rules) -> None:
    rules = replace(rules, owned=frozenset(), content_rating="")
    assert not difference(desired(Scene(id=1), rules), Pushed(), item, rules)


@RUNS
@given(SCENES, ITEMS, RULES)
def test_in_owned_fields_only_what_stash_holds_remains(scene: Scene, item: Item, rules: Rules) -> None:
    rules = replace(rules, owned=frozenset(Field))
    wanted = desired(scene, rules)
    item = Plex(fold).apply(difference(wanted, Pushed(), item, rules), item)
    for field, tags in wanted.tags.items():
        assert {fold(tag.name) for tag in item.tags.get(field, ())} == {fold(tag.name) for tag in tags}
    if Field.SUMMARY in wanted.texts and not wanted.texts[Field.SUMMARY]:
        assert item.texts.get(Field.SUMMARY, "").strip() == ""
