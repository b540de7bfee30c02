"""Kinds of trouble where other films look like the one that is sought, which may be missing from Plex."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.bench.libraries import mounts, naming, words
from tests.bench.libraries.films import Encoding, Film, Title, encoded_again, some_title
from tests.bench.libraries.labels import Clue
from tests.bench.libraries.maker import FACTS, InStash, Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.68
#: Longest distance in seconds of films that are as good as equally long.
ALIKE = 1.0


def same_name(make: Maker) -> None:
    """One file name in each performer's folder, other films."""
    _same_names(make, [True] * make.rng.choice((2, 3, 4)))


def same_name_missing(make: Maker) -> None:
    """The same, but some films' own items are missing from Plex while those of that name are there."""
    there = [make.chance(0.5) for _ in range(make.rng.choice((2, 3, 4)))]
    there[0], there[-1] = False, True
    _same_names(make, there)


def _same_names(make: Maker, there: Sequence[bool]) -> None:
    stem, ending = make.rng.choice(words.COMMON_STEMS), make.rng.choice((".mp4", ".MP4", ".mov"))
    mount, inner = make.some_mount(), make.rng.choice(("", "", "2023", "new", "Scenes"))
    elsewhere = make.rng.choice(("", "", "Sorted", "Scenes/done"))
    first = make.films.film()
    alike = make.chance(0.25)
    for present in there:
        film = make.films.film()
        if alike:
            film = replace(film, encoding=_as_long_as(make, first.encoding))
        if make.chance(0.2):
            film = film.retitled(first.title)
        folder = f"{naming.clean(film.performers[0])} {film.year}/{inner}".rstrip("/")
        ours = Place(mount, folder, Name(stem), film.encoding, ending)
        stash = make.in_stash(film, ours, titled=make.chance(0.4))
        theirs = replace(ours, folder=f"{elsewhere}/{folder}".lstrip("/"))
        items = [make.in_plex(film, theirs, stash=stash)] if present else []
        make.label(stash, items, ("alike" if alike else "") + ("" if present else " missing"))


def _as_long_as(make: Maker, encoding: Encoding) -> Encoding:
    seconds = max(encoding.seconds + make.rng.uniform(-ALIKE, ALIKE), 1.0)
    return replace(encoding, seconds=seconds, size=int(encoding.size * make.rng.uniform(0.8, 1.2)) + 1)


def crossed_roots(make: Maker) -> None:
    """Two folders, each of which Plex has under the other's name: a path may be right letter by letter, and wrong."""
    first, second = make.films.film(), make.films.film()
    common = make.chance(0.5)
    stem = make.rng.choice(words.COMMON_STEMS)
    number = make.rng.randrange(100_000)
    for film, mount in zip((first, second), mounts.CROSSED, strict=True):
        ours = make.place(film, mount=mount)
        if common:
            ours = replace(ours, folder=f"Tape {number}", name=Name(stem), ending=".mp4")
        stash = make.in_stash(film, ours)
        items = [make.in_plex(film, ours, stash=stash)] if make.chance(THERE) or not common else []
        make.label(stash, items, ("same path" if common else "own name") + ("" if items else " missing"))


def same_title(make: Maker) -> None:
    """Other films of the same title."""
    title = some_title(make.rng)
    if make.chance(0.4):
        title = Title(name := make.rng.choice(words.GENERIC_TITLES), name, telling=False)
    for _ in range(make.rng.choice((2, 2, 3))):
        film = make.films.film(title)
        ours = make.place(film, scheme=make.rng.choice(naming.WITH_TITLE))
        _perhaps_there(make, film, make.in_stash(film, ours, titled=make.chance(0.8)), ours)


def _perhaps_there(make: Maker, film: Film, stash: InStash, ours: Place, *, without: Sequence[Clue] = ()) -> None:
    """The film as it lies, renamed, or encoded again and renamed; or not at all."""
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    variant = make.rng.choices(("as it lies", "renamed", "reencoded"), (30, 35, 35))[0]
    theirs = ours
    scheme = make.rng.choice(naming.WITH_TITLE)
    if variant == "renamed":
        theirs = another_name(make, film, ours, scheme)
    elif variant == "reencoded":
        theirs = another_name(make, film, ours, scheme, encoding=encoded_again(make.rng, ours.encoding))
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant, without=without)


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII")
_WORDS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven")
#: How people number parts.
MARKERS: tuple[Callable[[int], str], ...] = (
    lambda number: f"Part {number}",
    lambda number: f"Part {number}",
    lambda number: f"pt.{number}",
    lambda number: f"Vol. {number}",
    lambda number: f"Volume {number}",
    lambda number: f"Episode {number:02}",
    lambda number: f"E{number:02}",
    lambda number: f"#{number}",
    lambda number: str(number),
    lambda number: f"({number})",
    lambda number: f"- Scene {number}",
    lambda number: _ROMAN[number - 1],
    lambda number: f"Part {_ROMAN[number - 1]}",
    lambda number: f"Part {_WORDS[number - 1]}",
    lambda number: f"Teil {number}",
)


def numbered_parts(make: Maker) -> None:
    """Numbered parts and sequels, about as long as each other, some of them missing from Plex."""
    base = make.films.film()
    mark, other_mark = make.rng.choice(MARKERS), make.rng.choice(MARKERS)
    bare_first = make.chance(0.2)
    weekly = make.chance(0.5)
    scheme, mount = make.rng.choice(naming.WITH_TITLE), make.some_mount()
    for number in range(1, make.rng.choice((2, 3, 4, 6)) + 1):
        text, elsewhere = (f"{base.title.text} {style(number)}" for style in (mark, other_mark))
        without: tuple[Clue, ...] = ()
        if bare_first and number == 1:
            # The first was not meant to have a sequel: its title alone is in every part's.
            text, elsewhere, without = base.title.text, base.title.text, (Clue.TITLE,)
        day = datetime.date.fromisoformat(base.date) + datetime.timedelta(days=7 * number if weekly else 0)
        encoding = _part_like(make, base.encoding)
        title = Title(text, elsewhere, base.title.telling)
        film = replace(base, title=title, date=day.isoformat(), encoding=encoding)
        ours = make.place(film, scheme=scheme, mount=mount)
        _perhaps_there(make, film, make.in_stash(film, ours), ours, without=without)


def _part_like(make: Maker, encoding: Encoding) -> Encoding:
    if make.chance(0.15):
        return _as_long_as(make, encoding)
    share = make.rng.uniform(0.9, 1.1)
    size = int(encoding.size * share * make.rng.uniform(0.95, 1))
    return replace(encoding, seconds=encoding.seconds * share, size=size)


def missing(make: Maker) -> None:
    """Plex does not have it, though perhaps its trailer, or others of the same people from the same days."""
    film = make.films.film()
    ours = make.place(film)
    stash = make.in_stash(film, ours)
    variant = make.rng.choice(("nothing like it", "neighbours", "its trailer", "a longer cut"))
    if variant == "neighbours":
        for _ in range(make.rng.choice((1, 2, 3))):
            other = make.films.neighbour(film)
            make.in_plex(other, make.place(other, mount=ours.mount))
    elif variant == "its trailer":
        share = make.rng.uniform(0.03, 0.1)
        short = replace(film.encoding, size=int(film.encoding.size * share), seconds=film.encoding.seconds * share)
        word = make.rng.choice(("Trailer", "Teaser", "BTS", "Preview"))
        place = ours.encoded(short).named(f"{ours.name.stem} {word}")
        make.in_plex(replace(film, encoding=short), place, way=make.rng.choice(("stem", "agent")))
    elif variant == "a longer cut":
        share = make.rng.uniform(1.1, 1.4)
        whole = replace(film.encoding, size=int(film.encoding.size * share), seconds=film.encoding.seconds * share)
        place = replace(ours.encoded(whole), folder="Compilations")
        make.in_plex(replace(film, encoding=whole), place.named(f"{ours.name.stem} Extended"), way="stem")
    make.label(stash, [], variant)


def facts_missing(make: Maker) -> None:
    """Another kind of trouble, and a length or a size that one of the two does not know."""
    unknown = make.rng.choice(
        ((FACTS[0],), (FACTS[1],), (FACTS[2],), (FACTS[3],), (FACTS[0], FACTS[1]), (FACTS[2], FACTS[3]))
    )
    make.unknown = frozenset(unknown)
    kind = make.rng.choice(UNDER_FACTS_MISSING)
    kind(make)
    make.unknown = frozenset()


#: What is made harder by facts that are missing; filled where the kinds are known.
UNDER_FACTS_MISSING: list[Callable[[Maker], None]] = [same_name, same_name_missing, same_title, numbered_parts, missing]
