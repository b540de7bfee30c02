"""A Plex made of a few lines, and any scenes, items and rules for it, for what has to hold whatever comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from plexsync.configuration.template import Template
from plexsync.fields import TEMPLATED_FIELDS
from plexsync.metadata import Rules
from plexsync.metadata.names import fold
from plexsync.model import TAG_FIELDS, Desired, Edit, Field, Item, Performer, Scene, SceneFile, Tag
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
        texts = {**item.texts, **{field: text.strip() for field, text in edit.texts.items()}}
        if Field.TITLE in edit.texts and Field.SORT_TITLE not in {*edit.texts, *item.locked}:
            # A new title has a new one.
            texts[Field.SORT_TITLE] = ""
        # One that is not set is the title, as answers are read.
        texts[Field.SORT_TITLE] = texts.get(Field.SORT_TITLE) or texts.get(Field.TITLE, "")
        return replace(
            item,
            texts=texts,
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
    code=TEXTS,
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
    texts=st.dictionaries(
        st.sampled_from([Field.TITLE, Field.SUMMARY, Field.STUDIO, Field.TAGLINE, Field.SORT_TITLE]), HELD_TEXTS
    ),
    tags=st.dictionaries(st.sampled_from(TAG_FIELDS), st.lists(st.builds(Tag, HELD_NAMES), max_size=4).map(tuple)),
    user_rating=st.none() | st.floats(0, 10),
)
FIELDS = st.frozensets(st.sampled_from(list(Field)))
TEMPLATES = st.dictionaries(
    st.sampled_from(TEMPLATED_FIELDS),
    st.sampled_from(["{code}", "{title}", "{studio} - {date} ({title})", "{director}, {code}"]).map(Template.parse),
).map(lambda made: tuple(made.items()))
RULES = st.builds(
    Rules,
    selected=FIELDS | st.just(frozenset(Field)),
    owned=st.just(frozenset()) | FIELDS,
    ascii_titles=st.booleans(),
    content_rating=st.sampled_from(["", "XXX"]),
    show_performer_pictures=st.booleans(),
    stash_url=st.just("http://stash:9999"),
    public_url=st.none() | st.just("https://stash.example"),
    templates=TEMPLATES,
)
