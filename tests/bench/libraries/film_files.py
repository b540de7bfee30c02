"""Kinds of trouble of those who keep films as media centres like them: years, ids, editions, agents."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.libraries import naming
from tests.bench.libraries.films import Film, Title, encoded_again, first_encoding, remuxed, some_title
from tests.bench.libraries.labels import Clue
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.naming import Name

THERE = 0.65
EDITIONS = ("Director's Cut", "Extended", "Unrated", "Remastered", "Theatrical", "Softcore", "Final Cut")


def _named(make: Maker, film: Film, stem: str, *, folder: str = "", again: bool | None = None) -> Place:
    encoding = film.encoding
    if again is None:
        again = make.chance(0.6)
    if again:
        encoding = make.rng.choice((encoded_again, remuxed))(make.rng, encoding)
    name = Name(naming.clean(stem), title=True, telling=film.title.telling)
    return Place(make.some_mount(), folder, name, encoding, f".{encoding.ending}")


def _telling(make: Maker) -> Title:
    while not (title := some_title(make.rng)).telling:
        pass
    return title


def remakes(make: Maker) -> None:
    """Two films of one title, some years apart, one of which may be missing."""
    first = make.films.film(_telling(make) if make.chance(0.7) else None)
    year = first.year - make.rng.randrange(3, 40)
    second = replace(make.films.film(first.title), date=f"{year}{first.date[4:]}")
    second = replace(second, date=second.date.replace("-02-29", "-02-28"))
    for film in (first, second):
        ours = _named(make, film, f"{film.title.text} ({film.year})", folder="Films", again=False)
        stash = make.in_stash(film, ours)
        if not make.chance(THERE):
            make.label(stash, [], "missing")
            continue
        stem = make.rng.choice(
            (f"{film.title.text} ({film.year})", f"{naming.dotted(film.title.text)}.{film.year}.1080p")
        )
        theirs = _named(make, film, stem, folder=f"Movies/{film.title.text} ({film.year})")
        item = make.in_plex(film, theirs, way=make.rng.choice(("year", "tidied", "agent")))
        make.label(stash, [item], "there")


def wrong_agent(make: Maker) -> None:
    """Plex's agent took the film for another, whose title and year it shows; the file's name is right.

    The other one is in Stash as well, and missing from Plex.
    """
    film, other = make.films.film(_telling(make)), make.films.film(_telling(make))
    stem = f"{film.title.text} ({film.year})"
    ours = _named(make, film, stem, folder="Films", again=False)
    stash = make.in_stash(film, ours)
    theirs = _named(make, film, make.rng.choice((stem, naming.dotted(f"{film.title.text} {film.year}"))), folder="done")
    plex = make.in_plex(other, theirs, way=make.rng.choice(("year", "agent")))
    make.label(stash, [replace(plex, film=film)], "the film", without=(Clue.DATE, Clue.CAST))
    if make.chance(0.5):
        ours = _named(make, other, f"{other.title.text} ({other.year})", folder="Films", again=False)
        make.label(make.in_stash(other, ours), [], "the other")


def editions(make: Maker) -> None:
    """Cuts of one film, told by words in braces, and by their lengths."""
    film = make.films.film(_telling(make))
    edition = make.rng.choice(EDITIONS)
    longer = first_encoding(make.rng, make.films.lengths)
    share = make.rng.uniform(1.03, 1.25)
    longer = replace(film.encoding, seconds=film.encoding.seconds * share, size=int(film.encoding.size * share) + 1)
    cuts = [film, replace(film, encoding=longer)]
    alone = make.chance(0.4)
    for number, cut in enumerate(cuts[1:] if alone else cuts):
        of_edition = alone or number == 1
        ours = _named(make, cut, _edited(make, film, edition if of_edition else ""), folder="Films", again=False)
        stash = make.in_stash(cut, ours)
        if not alone and not make.chance(0.85):
            make.label(stash, [], "missing")
            continue
        theirs = _named(make, cut, _edited(make, film, edition if of_edition else ""), folder=film.title.text)
        item = make.in_plex(cut, theirs, way=make.rng.choice(("year", "tidied", "agent")))
        # A year and a title belong to all cuts alike.
        make.label(stash, [item], "alone" if alone else "two cuts", without=(Clue.DATE,))


def _edited(make: Maker, film: Film, edition: str) -> str:
    stem = f"{film.title.text} ({film.year})"
    if edition and make.chance(0.8):
        stem += make.rng.choice(
            (f" {{edition-{edition}}}", f" {{edition-{edition}}}", f" - {edition}", f" [{edition}]")
        )
    return stem


def film_ids(make: Maker) -> None:
    """Ids of film databases in braces or brackets, on one side or both; with both, the titles may differ."""
    film = make.films.film(_telling(make))
    number = make.rng.randrange(1000, 900_000)
    variant = make.rng.choice(("one side", "both", "both, other titles"))
    ours_id = theirs_id = _id(make, number)
    if variant != "one side":
        theirs_id = ours_id
    elif make.chance(0.5):
        ours_id = ""
    else:
        theirs_id = ""
    title = _telling(make).text if variant == "both, other titles" else film.title.text
    ours = _named(make, film, f"{film.title.text} ({film.year}){ours_id}", folder="Films", again=False)
    theirs = _named(make, film, f"{title} ({film.year}){theirs_id}", folder=f"{title} ({film.year})")
    stash = make.in_stash(film, ours)
    item = make.in_plex(film, theirs, way="stem" if variant == "both, other titles" else "year")
    make.label(stash, [item], variant, known=True if variant != "one side" else None)


def _id(make: Maker, number: int) -> str:
    return make.rng.choice(
        (
            f" [tmdbid-{number}]",
            f" {{tmdb-{number}}}",
            f" {{imdb-tt{number:07}}}",
            f" [imdbid-tt{number:07}]",
            f" {{tvdb-{number}}}",
        )
    )


def two_resolutions(make: Maker) -> None:
    """One film in two resolutions: two scenes and two items. Names tell which is which."""
    film = make.films.film(_telling(make))
    low = replace(film.encoding, height=make.rng.choice((480, 720, 1080)))
    factor = make.rng.uniform(1.8, 4)
    high = replace(low, height=2160, size=int(low.size * factor), seconds=low.seconds + make.rng.choice((0, 0, 0.04)))
    mount = make.some_mount()
    variant = make.rng.choices(("moved", "remuxed", "renamed"), (40, 40, 20))[0]
    for encoding in (low, high):
        cut = replace(film, encoding=encoding)
        ours = make.place(cut, scheme=make.rng.choice(("bracketed", "snake", "release")), mount=mount, layout="studio")
        theirs = replace(ours, folder=f"Movies/{film.title.text}")
        if variant != "moved":
            theirs = theirs.encoded(remuxed(make.rng, encoding))
        if variant == "renamed":
            stem = make.rng.choice((f"{film.title.text} {encoding.height}p", f"{film.title.text} [{encoding.height}p]"))
            theirs = theirs.named(naming.clean(stem))
        stash = make.in_stash(cut, ours)
        make.label(stash, [make.in_plex(cut, theirs, way=make.rng.choice(("stem", "tidied", "agent")))], variant)


def year_for_a_date(make: Maker) -> None:
    """Plex knows the year alone, and shows its first day."""
    film = make.films.film(_telling(make) if make.chance(0.6) else None)
    ours = make.place(film)
    again = encoded_again(make.rng, film.encoding)
    name = Name(naming.clean(f"{film.title.text} ({film.year})"), title=True, telling=film.title.telling)
    theirs = replace(ours.encoded(again), name=name, folder=f"Movies/{film.year}")
    stash = make.in_stash(film, ours, titled=True)
    make.label(stash, [make.in_plex(film, theirs, way="year")])
