"""Puts one film into Stash and into Plex, and labels the pair."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from plexsync.model import ListedItem, Part, Performer, Scene, SceneFile
from tests.bench.libraries import naming, plex_titles, video
from tests.bench.libraries.films import Encoding, Film, FilmMaker
from tests.bench.libraries.households import HOUSEHOLDS, Household
from tests.bench.libraries.labels import Clue, Labelled, can_be_known
from tests.bench.libraries.mounts import Mount
from tests.bench.libraries.naming import Name
from tests.bench.libraries.video import HashedPart

#: Characters two names share from the start when one is the other cut off.
CUT_NAME = 38
#: Facts that one program may not know.
FACTS = ("stash.size", "stash.duration", "plex.size", "plex.duration")
#: What Plex does not know of files that it has not analysed.
STREAMS = "plex.streams"


@dataclass(frozen=True, slots=True)
class Place:
    """A file of a film: where it lies, its name, and how it is encoded."""

    mount: Mount
    folder: str
    name: Name
    encoding: Encoding
    #: With its dot; none where a program cut it off.
    ending: str

    @property
    def relative(self) -> str:
        """The path below the mount."""
        return f"{self.folder}/{self.name.stem}{self.ending}".lstrip("/")

    def named(self, stem: str) -> Place:
        """The same file under a name that says the same."""
        return replace(self, name=replace(self.name, stem=stem))

    def encoded(self, encoding: Encoding) -> Place:
        """The film encoded otherwise, in the same folder under the same name."""
        return replace(self, encoding=encoding, ending=f".{encoding.ending}")


@dataclass(frozen=True, slots=True)
class InStash:
    """A scene and what it was made of."""

    film: Film
    scene: Scene
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class InPlex:
    """An item and what it was made of."""

    film: Film
    item: ListedItem
    places: tuple[Place, ...]
    shown: plex_titles.Shown


class Maker:
    """Makes scenes and items, and gathers them until ``harvest``.

    :param rng: where chance comes from.
    :param films: makes films.
    :param household: whose library it is.
    """

    def __init__(self, rng: random.Random, films: FilmMaker, household: Household = HOUSEHOLDS["mixed"]) -> None:
        self.rng = rng
        self.films = films
        self.household = household
        #: What one of the two does not know at the moment: some of ``FACTS``, or ``STREAMS``.
        self.unknown: frozenset[str] = frozenset()
        self._made = 0
        self._scenes: list[Labelled] = []
        self._items: list[ListedItem] = []
        self._claims: set[str] = set()

    def chance(self, share: float) -> bool:
        """True for this share of calls."""
        return self.rng.random() < share

    def some_mount(self) -> Mount:
        """A mount as the trouble at hand may meet it."""
        found, shares = zip(*self.household.mounts, strict=True)
        return self.rng.choices(found, shares)[0]

    def place(
        self,
        film: Film,
        *,
        mount: Mount | None = None,
        scheme: str | None = None,
        layout: str | None = None,
        title: str | None = None,
        encoding: Encoding | None = None,
    ) -> Place:
        """A file of the film, as its studio's files are named and filed unless told otherwise."""
        encoding = encoding or film.encoding
        scheme = scheme or film.studio.scheme
        name = naming.name_of(self.rng, film, scheme, title=title or film.title.text, height=encoding.height)
        folder = naming.folder_of(film, layout or film.studio.layout, name)
        return Place(mount or self.some_mount(), folder, name, encoding, f".{encoding.ending}")

    def in_stash(self, film: Film, *places: Place, titled: bool | None = None, code: str = "") -> InStash:
        """A scene of Stash with these files."""
        titled = self.chance(self.household.titled) if titled is None else titled
        self._made += 1
        files = tuple(
            SceneFile(
                place.mount.in_stash(place.relative),
                None if "stash.size" in self.unknown else place.encoding.size,
                None if "stash.duration" in self.unknown else round(place.encoding.seconds, 2),
                **video.facts_in_stash(place.encoding),
                oshash=video.oshash_of(place.encoding),
            )
            for place in places
        )
        people = tuple(Performer(performer_id(name), name) for name in film.performers)
        scene = Scene(
            self._made,
            title=film.title.text if titled else "",
            date=film.date if titled else "",
            studio=film.studio.name if titled or self.chance(0.2) else "",
            performers=people if titled or self.chance(0.2) else (),
            organized=titled,
            files=files,
            code=code,
        )
        self._claims.update(folded(place.mount.in_plex(place.relative)) for place in places)
        return InStash(film, scene, places)

    def in_plex(
        self, film: Film, *places: Place, way: str | None = None, stash: InStash | None = None, section: int = 1
    ) -> InPlex:
        """An item of Plex with these files; ``way`` is how it came by its title."""
        if way is None:
            way = self.rng.choices(plex_titles.WAYS, self.household.ways)[0]
        title = stash.scene.title if stash else ""
        seen = plex_titles.shown(self.rng, film, places[0].name, way, title)
        self._made += 1
        # Odd times anything is a bijection of 26 bits: keys in no order, and none twice.
        key = 1000 + (self._made * 2654435761 & 0x3FFFFFF)
        parts = tuple(self._part(place) for place in places)
        added = 1_600_000_000 + self._made
        item = ListedItem(key, section, seen.title, added, added, parts, seen.studio, seen.date, seen.year)
        self._items.append(item)
        self._claims.update(folded(part.file) for part in parts)
        return InPlex(film, item, places, seen)

    def _part(self, place: Place) -> Part:
        milliseconds = round(place.encoding.seconds * 1000)
        # Some containers tell another length than their streams.
        if self.chance(0.25):
            milliseconds += self.rng.randint(-40, 40)
        return HashedPart(
            place.mount.in_plex(place.relative),
            None if "plex.size" in self.unknown else place.encoding.size,
            None if "plex.duration" in self.unknown else milliseconds,
            **({} if STREAMS in self.unknown else video.facts_in_plex(place.encoding)),
            oshash=video.oshash_of(place.encoding),
        )

    def label(
        self,
        stash: InStash,
        items: Sequence[InPlex],
        variant: str = "",
        *,
        without: Collection[Clue] = (),
        known: bool | None = None,
    ) -> None:
        """Say which items hold the scene's film; ``without`` are clues that mislead here.

        :param known: whether a person could tell the item, where the clues do not say it.
        """
        knowable = known
        if knowable is None:
            knowable = any(
                can_be_known(stash.scene.files, one.item.parts, clues_of(stash, one) - set(without)) for one in items
            )
        truth = frozenset(one.item.rating_key for one in items)
        self._scenes.append(Labelled(stash.scene, "", variant, truth, knowable and bool(truth)))

    def harvest(self) -> tuple[list[Labelled], list[ListedItem], set[str]]:
        """What was made since the last harvest: scenes, items, and the places in Plex they take, or would take."""
        made = (self._scenes, self._items, self._claims)
        self._scenes, self._items, self._claims = [], [], set()
        return made


def clues_of(stash: InStash, plex: InPlex) -> set[Clue]:
    """What the two have in common for a person who looks at both."""
    clues: set[Clue] = set()
    titled = bool(stash.scene.title)
    ours, theirs = stash.places, plex.places
    for our in ours:
        for their in theirs:
            clues |= _clues_of_files(our, their)
    title_in_stash = titled or _any_name(ours, "title")
    if stash.film.title.telling and title_in_stash and (plex.shown.shows_title or _any_name(theirs, "title")):
        clues.add(Clue.TITLE)
    if (titled or _any_name(ours, "date")) and (plex.shown.shows_date or _any_name(theirs, "date")):
        clues.add(Clue.DATE)
    if (titled or _shows_cast(stash.film, ours)) and (plex.shown.shows_cast or _shows_cast(stash.film, theirs)):
        clues.add(Clue.CAST)
    return clues


def _clues_of_files(our: Place, their: Place) -> set[Clue]:
    if our.mount == their.mount and folded(our.relative) == folded(their.relative):
        return {Clue.PATH}
    one, other = folded(our.name.stem), folded(their.name.stem)
    if our.name.telling and (one == other or (min(len(one), len(other)) >= CUT_NAME and _begins(one, other))):
        return {Clue.NAME}
    if one == other and any(_says_whose(folder) for folder in _common_tail(our.folder, their.folder)):
        return {Clue.FOLDER}
    return set()


def folded(text: str) -> str:
    """Text whatever its case and the form of its accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def performer_id(name: str) -> int:
    """A number that stays the same for a name."""
    return sum(ord(letter) * (31 + place) for place, letter in enumerate(name))


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _common_tail(one: str, other: str) -> list[str]:
    pairs = zip(reversed(folded(one).split("/")), reversed(folded(other).split("/")), strict=False)
    return [folder for folder, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]


def _says_whose(folder: str) -> bool:
    return bool(folder) and not re.fullmatch(r"\d{1,4}|.|videos?|scenes?|new", folder)


def _any_name(places: Sequence[Place], what: str) -> bool:
    return any(getattr(place.name, what) for place in places)


def _shows_cast(film: Film, places: Sequence[Place]) -> bool:
    return any(place.name.cast or film.studio.name in place.folder for place in places) or any(
        performer in place.folder for place in places for performer in film.performers
    )
