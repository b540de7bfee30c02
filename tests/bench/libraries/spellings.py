"""Kinds of trouble where the same name, title or date is written otherwise."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from unidecode import unidecode

from tests.bench.libraries import naming, words
from tests.bench.libraries.films import Film, Title, encoded_again, foreign_title, some_title
from tests.bench.libraries.labels import OTHER_LENGTH, Clue
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.same_film import another_name

#: Names that are longer decomposed than composed.
ACCENTED = ("Zoë Dvořák", "Chloé Núñez", "Élodie Šafářová", "김민지", "Anaïs Müller", "Ángela Conceição")
#: A truncated name's shortest and longest length in characters.
CUT = (40, 60)


def accents(make: Maker) -> None:
    """A name with accents in two forms: composed as Linux has it, decomposed as macOS wrote it."""
    film = make.films.film()
    film = replace(film, performers=(make.rng.choice(ACCENTED),))
    scheme, layout = make.rng.choice(("dashed", "bracketed")), make.rng.choice(("performer", "flat"))
    ours = make.place(film, scheme=scheme, layout=layout)
    theirs = _decomposed(ours)
    if make.chance(0.3):
        ours, theirs = theirs, ours
    variant = make.rng.choices(("as it lies", "other folders"), (70, 30))[0]
    if variant == "other folders":
        theirs = replace(theirs, folder=f"{film.year}/{naming.clean(film.studio.name)}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant)


def _decomposed(place: Place) -> Place:
    folder, stem = (unicodedata.normalize("NFD", text) for text in (place.folder, place.name.stem))
    return replace(place, folder=folder).named(stem)


def case(make: Maker) -> None:
    """Capitals differ, in folders, names or endings: one of the two looks through a file system that ignores them."""
    film = make.films.film()
    ours = make.place(film)
    variant = make.rng.choice(("all", "folders", "ending", "name, other folders"))
    theirs = ours
    if variant != "ending":
        theirs = replace(ours, folder=ours.folder.upper() if make.chance(0.3) else ours.folder.lower())
    if variant in ("all", "name, other folders"):
        theirs = theirs.named(ours.name.stem.lower())
    if variant in ("all", "ending"):
        theirs = replace(theirs, ending=ours.ending.upper())
    if variant == "name, other folders":
        theirs = replace(theirs, folder=f"sorted/{theirs.folder}".rstrip("/"))
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant)


def truncated(make: Maker) -> None:
    """A long name cut off after 40 to 60 characters, with or without its ending; sometimes a second part likewise."""
    film = make.films.film(_long_title(make))
    scheme, mount = make.rng.choice((*naming.WITH_ALL, "title")), make.some_mount()
    at = make.rng.randint(*CUT)
    with_ending, siblings = make.chance(0.7), make.chance(0.25)
    for number in (1, 2) if siblings else (0,):
        one = film
        if number:
            title = f"{film.title.text} Part {number}"
            one = replace(make.films.neighbour(film), title=Title(title, title, telling=True), date=film.date)
        ours = make.place(one, scheme=scheme, mount=mount)
        cut = ours.name.stem[:at].rstrip() + (" (1)" if number == 2 else "")
        theirs = replace(ours.named(cut), ending=ours.ending if with_ending else "")
        reencoded = make.chance(0.25)
        if reencoded:
            theirs = replace(theirs, encoding=encoded_again(make.rng, ours.encoding))
        # What is left may show neither the date nor enough of the title to tell parts apart.
        left = replace(theirs.name, title=False, cast=False, date=False)
        theirs = replace(theirs, name=left)
        stash = make.in_stash(one, ours)
        plex = make.in_plex(one, theirs, way=make.rng.choice(("stem", "tidied")))
        variant = ("siblings" if siblings else "alone") + (", reencoded" if reencoded else "")
        make.label(stash, [plex], variant, without=(Clue.NAME,) if siblings else ())


def _long_title(make: Maker) -> Title:
    while len((title := some_title(make.rng)).text) < CUT[1]:
        pass
    return title


def scraped(make: Maker) -> None:
    """File names that say nothing, or something else: both titles were found on the net."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(naming.WITHOUT_TITLE))
    schemes = naming.WITHOUT_TITLE if make.chance(0.6) else naming.WITH_TITLE
    again = encoded_again(make.rng, ours.encoding) if make.chance(0.5) else ours.encoding
    theirs = another_name(make, film, ours, make.rng.choice(schemes), encoding=again)
    stash = make.in_stash(film, ours, titled=True)
    variant = "same bytes" if again == ours.encoding else "reencoded"
    make.label(stash, [make.in_plex(film, theirs, way="agent", stash=stash)], variant)


def transliterated(make: Maker) -> None:
    """Chinese, Japanese or Russian in Stash, Latin letters in Plex, by sound or by unidecode."""
    language, title = foreign_title(make.rng)
    by_program = make.chance(0.4)
    if by_program:
        title = replace(title, elsewhere=unidecode(title.text).strip())
    film = make.films.film(title)
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_TITLE))
    change = make.rng.choices(("as it lies", "renamed", "reencoded"), (20, 40, 40))[0]
    theirs = ours
    if change != "as it lies":
        again = encoded_again(make.rng, ours.encoding) if change == "reencoded" else ours.encoding
        theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    stash = make.in_stash(film, ours, titled=make.chance(0.8))
    plex = make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied", "agent")))
    make.label(stash, [plex], f"{language} {'unidecode' if by_program else 'by sound'}, {change}")


def swapped_dates(make: Maker) -> None:
    """A date that can be read two ways, in Plex or in its file's name; sometimes with a film of the other day."""
    film = _ambiguous(make, make.films.film())
    if make.chance(0.3):
        _twins(make, film)
        return
    ours = make.place(film)
    again = encoded_again(make.rng, ours.encoding) if make.chance(0.6) else ours.encoding
    variant = make.rng.choice(("in the name", "in Plex"))
    stash = make.in_stash(film, ours, titled=True)
    if variant == "in the name":
        theirs = replace(ours, encoding=again, ending=f".{again.ending}").named(
            f"{_read_otherwise(make, film.date)} {naming.clean(film.title.elsewhere)}"
        )
        theirs = replace(theirs, name=replace(theirs.name, title=True, date=False, telling=False))
        plex = make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))
    else:
        theirs = another_name(make, film, ours, make.rng.choice(("year", "title", "performer")), encoding=again)
        plex = make.in_plex(replace(film, date=_swapped(film.date)), theirs, way="agent")
    make.label(stash, [plex], variant, without=(Clue.DATE,))


def _twins(make: Maker, film: Film) -> None:
    """Two films whose names hold nothing but a studio and a day, the one's day being the other's read otherwise.

    Only their lengths tell them apart.
    """
    title = Title(name := make.rng.choice(words.GENERIC_TITLES), name, telling=False)
    first = film.retitled(title)
    other = make.films.neighbour(film)
    encoding = replace(other.encoding, seconds=film.encoding.seconds + OTHER_LENGTH + make.rng.uniform(1, 60))
    second = replace(other, title=title, date=_swapped(film.date), encoding=encoding)
    american, mount = make.chance(0.5), make.some_mount()
    for one in (first, second):
        ours = make.place(one, scheme="dashed", mount=mount)
        stash = make.in_stash(one, ours, titled=True)
        if make.chance(0.35):
            make.label(stash, [], "twins, missing")
            continue
        again = encoded_again(make.rng, ours.encoding) if make.chance(0.5) else ours.encoding
        stem = f"{naming.clean(one.studio.name)} {_written(one.date, american=american)}"
        theirs = replace(ours, encoding=again, ending=f".{again.ending}").named(stem)
        theirs = replace(theirs, name=replace(theirs.name, title=False, date=False, telling=False))
        plex = make.in_plex(one, theirs, way="stem")
        make.label(stash, [plex], "twins", without=(Clue.DATE,))


def _ambiguous(make: Maker, film: Film) -> Film:
    day, month = make.rng.sample(range(1, 13), 2)
    return replace(film, date=f"{film.year}-{month:02}-{day:02}")


def _swapped(date: str) -> str:
    year, month, day = date.split("-")
    return f"{year}-{day}-{month}"


def _written(date: str, *, american: bool) -> str:
    year, month, day = date.split("-")
    return f"{month}.{day}.{year}" if american else f"{day}.{month}.{year}"


def _read_otherwise(make: Maker, date: str) -> str:
    return _written(date, american=make.chance(0.5))
