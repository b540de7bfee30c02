"""Kinds of trouble where Plex holds the very film, under another path, name or encoding, or several times."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.libraries import mounts, naming
from tests.bench.libraries.films import Encoding, Film, encoded_again
from tests.bench.libraries.maker import Maker, Place


def plain(make: Maker) -> None:
    """Both see the same path."""
    _as_it_lies(make, make.place(film := make.films.film(), mount=mounts.SAME), film)


def other_root(make: Maker) -> None:
    """The same files below another mount point."""
    _as_it_lies(make, make.place(film := make.films.film(), mount=mounts.OTHER), film)


def several_roots(make: Maker) -> None:
    """The same files on three disks and shares, some of them of Windows."""
    _as_it_lies(make, make.place(film := make.films.film(), mount=make.rng.choice(mounts.SEVERAL)), film)


def _as_it_lies(make: Maker, place: Place, film: Film) -> None:
    stash = make.in_stash(film, place)
    make.label(stash, [make.in_plex(film, place, stash=stash)])


def moved(make: Maker) -> None:
    """The same file name in another folder: filed by performer here, by year there, or deeper."""
    film = make.films.film()
    ours = make.place(film)
    variant, theirs = _moved(make, film, ours)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant)


def _moved(make: Maker, film: Film, place: Place) -> tuple[str, Place]:
    if make.chance(0.4):
        prefix = make.rng.choice(("Sorted", "Scenes/done", f"by year/{film.year}", "Library 2"))
        return "deeper", replace(place, folder=f"{prefix}/{place.folder}".rstrip("/"))
    layout = make.rng.choice([layout for layout in naming.LAYOUTS if layout != film.studio.layout])
    folder = naming.folder_of(film, layout, place.name)
    mount = make.some_mount() if make.chance(0.3) else place.mount
    return "other folders", replace(place, folder=folder, mount=mount)


def renamed(make: Maker) -> None:
    """The same bytes under another name."""
    film = make.films.film()
    ours = make.place(film)
    theirs = another_name(make, film, ours, make.rng.choice(naming.USUAL))
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)])


def another_name(
    make: Maker, film: Film, place: Place, scheme: str, *, encoding: Encoding | None = None, title: str | None = None
) -> Place:
    """The file under a name by this scheme, with the title as others write it unless told otherwise."""
    encoding = encoding or place.encoding
    title = title or film.title.elsewhere
    name = naming.name_of(make.rng, film, scheme, title=title, height=encoding.height)
    return replace(place, name=name, encoding=encoding, ending=f".{encoding.ending}")


def reencoded(make: Maker) -> None:
    """The same name, other bytes and ending, a length that is off by up to 0.3 s."""
    film = make.films.film()
    ours = make.place(film)
    again = encoded_again(make.rng, ours.encoding)
    variant = make.rng.choices(("other ending", "in place", "other folders"), (50, 25, 25))[0]
    theirs = ours.encoded(again)
    if variant == "in place":
        # Plex has not looked at the file again since it was replaced.
        theirs = replace(theirs, ending=ours.ending)
    elif variant == "other folders":
        theirs = _moved(make, film, theirs)[1]
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant)


def renamed_reencoded(make: Maker) -> None:
    """Another name and other bytes: title, date, people and length remain."""
    film = make.films.film()
    ours = make.place(film)
    again = encoded_again(make.rng, ours.encoding)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)])


def versions(make: Maker) -> None:
    """One item of Plex with the film in two or three encodings; in Stash one scene, or several."""
    film = make.films.film()
    best = make.place(film)
    places = [best]
    for number in range(make.rng.choice((1, 1, 2))):
        again = encoded_again(make.rng, film.encoding)
        places.append(best.encoded(again).named(f"{best.name.stem} - {again.height}p" + (" b" if number else "")))
    variant = make.rng.choice(("one scene", "a scene each", "one of them", "an item each"))
    if variant == "one scene":
        stash = make.in_stash(film, *places)
        make.label(stash, [make.in_plex(film, *places, stash=stash)], variant)
    elif variant == "a scene each":
        scenes = [make.in_stash(film, place) for place in places]
        item = make.in_plex(film, *places, stash=scenes[0])
        for stash in scenes:
            make.label(stash, [item], variant)
    elif variant == "one of them":
        stash = make.in_stash(film, make.rng.choice(places))
        make.label(stash, [make.in_plex(film, *places, stash=stash)], variant)
    else:
        stash = make.in_stash(film, *places)
        make.label(stash, [make.in_plex(film, place, stash=stash) for place in places], variant)


def copies(make: Maker) -> None:
    """One file in two folders or two libraries of Plex: either item is right."""
    film = make.films.film()
    ours = make.place(film)
    folder = make.rng.choice(("Favourites", "Best of", f"Compilations/{film.year}"))
    copy = replace(ours, folder=folder)
    section = make.rng.choice((1, 2))
    variant = make.rng.choices(("Stash sees one", "Stash sees both", "Stash sees another"), (50, 30, 20))[0]
    if variant == "Stash sees both":
        stash = make.in_stash(film, ours, copy)
    elif variant == "Stash sees one":
        stash = make.in_stash(film, ours)
    else:
        stash = make.in_stash(film, replace(ours, folder="Inbox/new"))
    items = [make.in_plex(film, ours, stash=stash), make.in_plex(film, copy, stash=stash, section=section)]
    make.label(stash, items, variant)
