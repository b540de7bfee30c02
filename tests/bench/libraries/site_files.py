"""Kinds of trouble of those who collect what sites and release groups publish."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.bench.libraries import mounts, naming, words
from tests.bench.libraries.films import Encoding, Film, Studio, encoded_again, first_encoding, remuxed
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.6
#: Groups with digits in their names, which are no numbers of parts.
DIGIT_GROUPS = ("P2P", "W4F", "S1X", "iND1", "N1C", "G3T", "MP4-P2P", "XXX-D0M")


def _site_folder(make: Maker, studio: Studio) -> tuple[str, str]:
    """A studio's folder as Stash has it, and another in Plex that says the same."""
    bare = naming.joined(studio.name)
    ours = make.rng.choice((f"Siterips/{studio.name}", f"{studio.name}/videos", f"sites/{bare.lower()}"))
    theirs = make.rng.choice(
        (f"{studio.name}", f"by site/{studio.name}/full", f"{bare}/1080", f"SiteRip {studio.name}")
    )
    return ours, theirs


def _site_name(make: Maker) -> str:
    number = make.rng.randrange(1, 3000)
    return make.rng.choice(
        (f"vid{number:04}", f"vid{number:04}", f"scene{number:04}", f"clip_{number:03}", f"{number:05}")
    )


def siterips(make: Maker) -> None:
    """``vid0026`` of a site, encoded again and filed elsewhere; other sites have a ``vid0026`` as well."""
    film = make.films.film()
    folder, elsewhere = _site_folder(make, film.studio)
    stem = _site_name(make)
    place = Place(make.some_mount(), folder, Name(stem), film.encoding, f".{film.encoding.ending}")
    again = encoded_again(make.rng, film.encoding)
    stash = make.in_stash(film, place)
    item = make.in_plex(film, replace(place.encoded(again), folder=elsewhere), way="stem")
    make.label(stash, [item], known=bool(stash.scene.studio))
    for _ in range(make.rng.choice((0, 1, 2))):
        other = make.films.film()
        if other.studio != film.studio:
            theirs = replace(place.encoded(other.encoding), folder=_site_folder(make, other.studio)[1])
            make.in_plex(other, theirs, way="stem")


def siterips_renamed(make: Maker) -> None:
    """A site's ``vid0026`` that somebody gave its title, or another form of its number."""
    film = make.films.film()
    folder, elsewhere = _site_folder(make, film.studio)
    number = make.rng.randrange(100, 3000)
    place = Place(make.some_mount(), folder, Name(f"vid{number:04}"), film.encoding, f".{film.encoding.ending}")
    again = encoded_again(make.rng, film.encoding)
    stash = make.in_stash(film, place, titled=True)
    theirs = replace(place.encoded(again), folder=elsewhere)
    if make.chance(0.6):
        theirs = replace(another_name(make, film, theirs, "title", encoding=again), folder=elsewhere)
        make.label(stash, [make.in_plex(film, theirs, way="stem")], "by its title")
        return
    studio = naming.clean(film.studio.name)
    stem = make.rng.choice((f"{studio} {number}", f"{naming.joined(studio)}_{number:04}_{again.height}p"))
    item = make.in_plex(film, replace(theirs, name=Name(stem)), way="stem")
    make.label(stash, [item], "by its number", known=True)


def siterips_missing(make: Maker) -> None:
    """The site's next number is there, about as long; and the same number of another site."""
    film = make.films.film()
    folder, elsewhere = _site_folder(make, film.studio)
    number = make.rng.randrange(1, 3000)
    place = Place(make.some_mount(), folder, Name(f"vid{number:04}"), film.encoding, f".{film.encoding.ending}")
    stash = make.in_stash(film, place)
    make.label(stash, [])
    next_one = make.films.neighbour(film)
    theirs = replace(place.encoded(next_one.encoding), folder=elsewhere, name=Name(f"vid{number + 1:04}"))
    make.in_plex(next_one, theirs, way="stem")
    other = make.films.film()
    if other.studio != film.studio:
        theirs = replace(place.encoded(_about(make, film.encoding)), folder=_site_folder(make, other.studio)[1])
        make.in_plex(other, theirs, way="stem")


def _about(make: Maker, encoding: Encoding) -> Encoding:
    size = int(encoding.size * make.rng.uniform(0.9, 1.1)) + 1
    return replace(encoding, seconds=max(encoding.seconds + make.rng.uniform(-20, 20), 5.0), size=size)


def _code_spelt(make: Maker, code: str, title: str) -> str:
    bare = code.replace("-", "")
    return make.rng.choice(
        (
            code,
            code.lower(),
            bare,
            bare.lower(),
            code.replace("-", " "),
            f"{code.replace('-', ' ')} uncensored",
            f"[{code}] {title}",
            f"{code} {title}",
            f"{code}-C",
            f"hhd800.com@{code}",
            f"[jav] {code} 1080p",
            re.sub(r"-(\d+)", r"-00\1", code),
        )
    )


def codes(make: Maker) -> None:
    """A code on both sides, spelt in two ways."""
    film = make.films.film()
    code = naming.code_of(make.rng)
    ours = _coded(make, film, code, _code_spelt(make, code, film.title.text))
    encoding = encoded_again(make.rng, film.encoding) if make.chance(0.6) else film.encoding
    theirs = _coded(make, film, code, _code_spelt(make, code, film.title.elsewhere), encoding)
    titled = replace(film, title=replace(film.title, text=make.rng.choice((code, f"{code} {film.title.text}"))))
    stash = make.in_stash(
        make.rng.choice((film, titled)), ours, titled=make.chance(0.6), code=code if make.chance(0.5) else ""
    )
    plex = make.in_plex(film, theirs, way=make.rng.choice(("stem", "stem", "agent")))
    make.label(stash, [plex], "same bytes" if encoding == film.encoding else "reencoded", known=True)


def _coded(make: Maker, film: Film, code: str, stem: str, encoding: Encoding | None = None) -> Place:
    encoding = encoding or film.encoding
    folder = make.rng.choice(("JAV", f"JAV/{film.performers[0]}", f"{code.split('-')[0]}", f"new/{code}"))
    return Place(make.some_mount(), folder, Name(naming.clean(stem), telling=True), encoding, f".{encoding.ending}")


def neighbouring_codes(make: Maker) -> None:
    """The next number of the same studio is there, of the same people and about as long; its own may be missing."""
    film = make.films.film()
    letters, number = naming.code_of(make.rng).split("-")
    code, next_code = f"{letters}-{number}", f"{letters}-{int(number) + 1:03}"
    ours = _coded(make, film, code, _code_spelt(make, code, film.title.text))
    stash = make.in_stash(film, ours, titled=make.chance(0.6), code=code if make.chance(0.5) else "")
    other = make.films.neighbour(film)
    make.in_plex(other, _coded(make, other, next_code, _code_spelt(make, next_code, other.title.text), other.encoding))
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    encoding = encoded_again(make.rng, film.encoding)
    theirs = _coded(make, film, code, _code_spelt(make, code, film.title.elsewhere), encoding)
    make.label(stash, [make.in_plex(film, theirs, way="stem")], "there", known=True)


def joined_names(make: Maker) -> None:
    """``MonoPassion_JaneDoe_BeachDay`` for ``Mono Passion - Jane Doe - Beach Day``, encoded again."""
    film = make.films.film()
    ours = make.place(film, scheme="joined")
    again = encoded_again(make.rng, film.encoding)
    theirs = another_name(
        make, film, ours, make.rng.choice(("dashed", "performer", "snake", "bracketed")), encoding=again
    )
    if make.chance(0.5):
        ours, theirs = theirs.encoded(film.encoding), ours.encoded(again)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def release_groups(make: Maker) -> None:
    """Releases of groups whose names hold digits, by another group in Plex."""
    film = make.films.film()
    mount = make.some_mount()
    names = []
    for _ in range(2):
        group = make.rng.choice(DIGIT_GROUPS)
        people = ".".join(naming.dotted(name) for name in film.performers[:2])
        day = film.date[2:].replace("-", ".")
        title = naming.dotted(film.title.text)
        names.append(
            make.rng.choice(
                (
                    f"{naming.joined(film.studio.name)}.{day}.{people}.{title}-{group}",
                    f"{naming.joined(film.studio.name)}.{people}.{title}.XXX.720p.HEVC.x265-{group}",
                    f"{title}.[{group}]",
                    f"[{group}] {film.studio.name} - {film.title.text} [1080p]",
                    f"{title}.1080p.WEB.H264-{group}[rarbg]",
                )
            )
        )
    ours = Place(mount, "Releases", Name(naming.clean(names[0]), title=True), film.encoding, ".mp4")
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    theirs = Place(mount, "done", Name(naming.clean(names[1]), title=True), again, f".{again.ending}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def studios_in_x(make: Maker) -> None:
    """A studio whose name ends in a letter that is a Roman numeral as well."""
    name = f"{make.rng.choice(words.STUDIO_HEADS)} {make.rng.choice(('X', 'X', 'V', 'XXX', 'I'))}"
    film = make.films.film()
    film = replace(film, studio=replace(film.studio, name=name))
    scheme = make.rng.choice(("dashed", "bracketed", "snake", "title"))
    ours = make.place(film, scheme=scheme)
    if make.chance(0.3):
        ours = ours.named(naming.clean(f"{film.title.text} - {name}"))
    again = encoded_again(make.rng, film.encoding)
    theirs = another_name(make, film, ours, make.rng.choice(("title", "release", "performer", "snake")), encoding=again)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied", "agent")))])


def only_day_and_cast(make: Maker) -> None:
    """The file in Plex was encoded again, and its name holds studio, day and people, but no title."""
    film = make.films.film()
    ours = make.place(film)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    theirs = replace(ours.encoded(again), name=_day_and_cast(make, film, again.height))
    if make.chance(0.5):
        theirs = replace(theirs, folder=f"sorted/{film.year}")
    stash = make.in_stash(film, ours, titled=True)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def _day_and_cast(make: Maker, film: Film, height: int) -> Name:
    people = make.rng.choice((" ", " and ", ", ")).join(film.performers)
    short = film.date[2:].replace("-", ".")
    stem = make.rng.choice(
        (
            f"{naming.joined(film.studio.name)}.{short}.{naming.dotted(people)}.XXX.{height}p",
            f"{film.studio.name} - {film.date} - {people}",
            f"{people} ({film.studio.name}) {film.date}",
        )
    )
    return Name(naming.clean(stem), date=True, cast=True, telling=True)


def same_day_and_cast(make: Maker) -> None:
    """The same site, people and day, another film, about as long; its own item may be missing."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_ALL))
    stash = make.in_stash(film, ours)
    for _ in range(make.rng.choice((1, 2))):
        other = replace(make.films.neighbour(film), date=film.date)
        if make.chance(0.5):
            other = replace(other, performers=make.films.film().performers)
        scheme = make.rng.choice(naming.WITH_ALL)
        theirs = make.place(other, scheme=scheme, mount=mounts.Mount(mounts.PLEX_ONLY, mounts.PLEX_ONLY))
        if make.chance(0.3):
            theirs = replace(theirs, name=_day_and_cast(make, other, other.encoding.height))
        make.in_plex(other, theirs)
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    again = encoded_again(make.rng, film.encoding)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    make.label(stash, [make.in_plex(film, theirs)], "there")


def numbers_only(make: Maker) -> None:
    """``0123.mp4`` in folders of people; encoded again in the same folder deeper down, or another of that number."""
    film = make.films.film()
    number = f"{make.rng.randrange(1, 2000):04}"
    place = Place(make.some_mount(), film.performers[0], Name(number), film.encoding, f".{film.encoding.ending}")
    stash = make.in_stash(film, place)
    variant = make.rng.choice(("moved", "reencoded", "another"))
    if variant == "another":
        other = replace(film, encoding=first_encoding(make.rng, make.films.lengths))
        make.in_plex(other, replace(place.encoded(other.encoding), folder=make.films.film().performers[0]), way="stem")
        make.label(stash, [], "missing")
        return
    encoding = film.encoding if variant == "moved" else encoded_again(make.rng, film.encoding)
    theirs = replace(place.encoded(encoding), folder=f"Models/{film.performers[0]}")
    make.label(stash, [make.in_plex(film, theirs, way="stem")], variant, known=True)
