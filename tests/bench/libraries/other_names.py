"""Kinds of trouble where names say little, or say it otherwise, and what is known of a film lies beside them."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.bench.libraries import naming, words
from tests.bench.libraries.films import Encoding, Film, Studio, encoded_again, remuxed
from tests.bench.libraries.labels import OTHER_LENGTH, Clue
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.8
#: Seconds by which a file that is known by its length alone differs at most.
CLOSE = 0.08


def _of_no_meaning(make: Maker, film: Film) -> str:
    number = make.rng.randrange(1, 3000)
    return make.rng.choice(
        (
            f"{number:04}",
            f"movie{number}",
            f"{make.rng.getrandbits(64):016x}",
            f"{film.date}",
            f"clip-{make.rng.randrange(10**6)}",
            f"{naming.joined(film.studio.name).lower()}_{make.rng.randrange(10**5):05}_full",
            f"{make.rng.randrange(10**7, 10**8)}",
        )
    )


def site_renamed(make: Maker) -> None:
    """Some of a site's files, under other names and encoded again: their folder is the studio's, and lengths tell.

    Some are missing from Plex, while Plex has others of the site that Stash lacks.
    """
    film = make.films.film()
    name = f"{make.rng.choice(words.STUDIO_HEADS)} {make.rng.choice(words.PLACES)} {make.rng.choice(words.NOUNS)}"
    studio = Studio(name.title(), "siterip", "studio")
    bare = naming.joined(studio.name)
    folder = make.rng.choice((f"Siterips/{studio.name}", f"{studio.name}/videos", f"sites/{bare.lower()}", bare))
    elsewhere = make.rng.choice((studio.name, f"by site/{studio.name}", f"{bare}.com", f"SiteRip {studio.name}", bare))
    mount = make.some_mount()
    titled = make.chance(0.8)
    made: list[tuple[Film, Encoding]] = []
    for _ in range(make.rng.choice((3, 4, 6, 9))):
        one = make.films.film()
        seconds = film.encoding.seconds * make.rng.lognormvariate(0, 0.25)
        one = replace(one, studio=studio, encoding=replace(one.encoding, seconds=round(seconds * 25) / 25))
        made.append((one, encoded_again(make.rng, one.encoding)))
    there = [make.chance(THERE) for _ in made]
    strangers = [replace(film.encoding, seconds=film.encoding.seconds * make.rng.lognormvariate(0, 0.25)) for _ in "12"]
    strangers = [replace(one, size=int(one.size * make.rng.uniform(0.5, 1.5)) + 1) for one in strangers]
    known = [again for (_, again), here in zip(made, there, strict=True) if here] + strangers
    stashes = []
    for number, (one, _) in enumerate(made):
        stem = make.rng.choice((f"vid{number + 17:04}", _of_no_meaning(make, one), naming.clean(one.title.text)))
        ours = Place(mount, folder, Name(f"{stem}"), one.encoding, f".{one.encoding.ending}")
        stash = make.in_stash(one, ours, titled=titled)
        if not stash.scene.studio:
            stash = replace(stash, scene=replace(stash.scene, studio=studio.name))
        stashes.append(stash)
    for place, ((one, again), here) in enumerate(zip(made, there, strict=True)):
        if not here:
            make.label(stashes[place], [], "missing")
            continue
        theirs = Place(mount, elsewhere, Name(_of_no_meaning(make, one)), again, f".{again.ending}")
        is_other = _is_other_count(stashes[place].places[0].name.stem, theirs.name.stem)
        others = [abs(other.seconds - one.encoding.seconds) for other in known if other is not again]
        item = make.in_plex(one, theirs, way="stem")
        # Most that are encoded again are as long to a frame or two.
        is_close = abs(again.seconds - one.encoding.seconds) <= CLOSE
        is_alone = min(others, default=99.0) > 4 * OTHER_LENGTH
        make.label(stashes[place], [item], "there", known=is_close and is_alone and not is_other)
    for encoding in strangers:
        stranger = replace(film, studio=studio, encoding=encoding)
        theirs = Place(mount, elsewhere, Name(_of_no_meaning(make, stranger)), encoding, f".{encoding.ending}")
        make.in_plex(stranger, theirs, way="stem")


_COUNTED = re.compile(r"([a-z_-]*)([0-9]+)([a-z_-]*)")


def _is_other_count(ours: str, theirs: str) -> bool:
    """Whether two names are one site's or program's way to count, with another number: ``clip-17``, ``clip-23``.

    Who sees the two takes them for two films, and that they are as long for chance: nobody can know that they are one.
    """
    mine, yours = _COUNTED.fullmatch(ours), _COUNTED.fullmatch(theirs)
    if mine is None or yours is None or mine[2] == yours[2] or len(mine[2]) != len(yours[2]):
        return False
    return (mine[1], mine[3]) == (yours[1], yours[3]) and (mine[1] != "" or mine[2].startswith("0"))


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _day_written(make: Maker, date: str) -> str:
    year, month, day = date.split("-")
    name = _MONTHS[int(month) - 1]
    return make.rng.choice(
        (
            f"{int(day)}-{name[:3]}-{year}",
            f"{name} {int(day)}, {year}",
            f"{int(day)}th of {name} {year}",
            f"{year}.{int(month)}.{int(day)}",
            f"{year}{month}{day}",
            f"{year}_{month}_{day}",
            f"({year}-{month}-{day})",
            f"{year}年{month}月{day}日",
            f"{int(day)} {name} {year}",
            f"{name[:3].upper()}.{day}.{year}",
        )
    )


def odd_dates(make: Maker) -> None:
    """Dates in every form that people use, beside the title; encoded again."""
    film = make.films.film()
    ours = make.place(film)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    day = _day_written(make, film.date)
    stem = make.rng.choice(
        (
            f"{film.title.text} {day}",
            f"{day} - {film.title.text}",
            f"{film.studio.name} {day} {film.title.text}",
            f"{film.performers[0]} - {film.title.text} - {day}",
        )
    )
    name = Name(naming.clean(stem), title=True, date=True, telling=film.title.telling)
    theirs = replace(ours.encoded(again), name=name, folder=f"dated/{film.year}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def aliases(make: Maker) -> None:
    """People under other names, and the network's name in place of its site's; the title is right."""
    film = make.films.film()
    ours = make.place(film)
    other = make.films.film()
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    variant = make.rng.choice(("people", "studio", "both"))
    called = replace(
        film,
        performers=other.performers if variant != "studio" else film.performers,
        studio=replace(film.studio, name=other.studio.name if variant != "people" else film.studio.name),
    )
    theirs = another_name(make, called, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    theirs = replace(theirs, folder=f"aka/{film.year}")
    stash = make.in_stash(film, ours)
    item = make.in_plex(called, theirs, way=make.rng.choice(("stem", "tidied", "agent")))
    make.label(stash, [replace(item, film=film)], variant, without=(Clue.CAST,))


_DISC = ("VIDEO_TS/VTS_01_1", "movie", "video", "VTS_01_1", "full", "disc/title00", "BDMV/STREAM/00000", "feature")


def telling_folders(make: Maker) -> None:
    """A folder for each film, and a file in it that is called as in any other folder; encoded again."""
    film = make.films.film()
    while not film.title.telling:
        film = make.films.film()
    variant = make.rng.choice(("both", "Plex alone", "Stash alone"))
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    folder = naming.clean(make.rng.choice((f"{film.title.text} ({film.year})", film.title.text)))
    dotted = f"{naming.dotted(film.title.text)}.{film.year}"

    def place(encoding: Encoding, *, in_folder: bool) -> Place:
        stem = make.rng.choice(_DISC) if in_folder else naming.clean(make.rng.choice((film.title.text, dotted)))
        below, _, stem = f"{folder}/{stem}".rpartition("/")
        name = Name(stem, title=not in_folder, telling=not in_folder)
        return Place(make.some_mount(), below if in_folder else "all", name, encoding, f".{encoding.ending}")

    ours = place(film.encoding, in_folder=variant != "Plex alone")
    theirs = place(again, in_folder=variant != "Stash alone")
    theirs = replace(theirs, folder=f"DVDs/{theirs.folder}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way="stem")], variant, known=True)


def download_sites(make: Maker) -> None:
    """Names that sites for downloads and their programs give: numbers, addresses, dashes for blanks."""
    film = make.films.film()
    ours = make.place(film)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    site = f"{make.rng.choice(words.NOUNS)}{make.rng.choice(('tube', 'hub', 'porn', 'vid'))}"
    slug = naming.dotted(film.title.text).replace(".", "-").lower()
    number = make.rng.randrange(10**5, 10**9)
    stem = make.rng.choice(
        (
            f"{site}.com_{number}_{slug}_{again.height}p",
            f"{slug}-{number}",
            f"{film.title.text} - {site.title()}.com",
            f"{film.title.text} [{number:x}]",
            f"www.{site}.net - {film.title.text}",
            f"{slug}_{again.height}p_{number}",
            f"{film.title.text} ({again.height}p_30fps_H264-128kbit_AAC)",
            f"{film.title.text}-{make.rng.choice(('uploaded', 'HQ', 'x264', 'HD'))}",
        )
    )
    name = Name(naming.clean(stem)[:200].strip(" ."), title=True, telling=film.title.telling)
    theirs = replace(ours.encoded(again), name=name, folder="Downloads")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way="stem")])


def signs(make: Maker) -> None:
    """Emoji, typographic quotes, ampersands, articles at the end, capitals, exclamation marks; encoded again."""
    film = make.films.film()
    ours = make.place(film)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    text = film.title.text
    text = make.rng.choice(
        (
            f"{text} 🔥",
            f"💦{text}💦",
            f"“{text}”",
            text.replace("'", "’").replace("&", "＆"),
            text.replace("&", "+").replace(" and ", " + "),
            f"{text.removeprefix('The ')}, The" if text.startswith("The ") else f"{text}!!!",
            text.upper(),
            text.replace(" ", "  "),
            text.replace(" the ", " The ").replace(" of ", " Of "),
            f"{text}…",
            text.replace("o", "ο", 1) if make.chance(0.2) else f"¡{text}!",
        )
    )
    title = replace(film.title, elsewhere=text)
    changed = replace(film, title=title)
    theirs = another_name(make, changed, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    theirs = replace(theirs, folder="signs")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(changed, theirs, way=make.rng.choice(("stem", "tidied", "agent")))])


def frame_rates(make: Maker) -> None:
    """Encoded again at another frame rate, and called otherwise but for the title."""
    film = make.films.film()
    ours = make.place(film)
    again = replace(encoded_again(make.rng, film.encoding), shot=make.rng.getrandbits(32))
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    theirs = replace(theirs, folder=f"rates/{film.year}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied", "agent")))])


def sped_up(make: Maker) -> None:
    """As European television shows it, 4 % quicker: title and day say what it is, and nobody can be sure."""
    film = make.films.film()
    ours = make.place(film)
    again = encoded_again(make.rng, film.encoding)
    again = replace(again, seconds=film.encoding.seconds * 23.976 / 25, shot=7)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, replace(theirs, folder="PAL"))], known=False)


def one_shoot(make: Maker) -> None:
    """Takes of one day in one folder, about as long, some encoded again under other names; some are missing."""
    film = make.films.film()
    mount, folder = make.some_mount(), f"{film.date} {film.performers[0]}"
    number = make.rng.randrange(1, 9000)
    takes = []
    for take in range(make.rng.choice((2, 3, 5))):
        seconds = film.encoding.seconds * make.rng.uniform(0.97, 1.03)
        encoding = replace(film.encoding, seconds=seconds, size=int(film.encoding.size * make.rng.uniform(0.9, 1.1)))
        encoding = replace(encoding, streams=make.rng.getrandbits(32))
        one = replace(film, encoding=encoding)
        ours = Place(mount, folder, Name(f"MVI_{number + take:04}"), encoding, f".{encoding.ending}")
        takes.append((one, ours, make.in_stash(one, ours, titled=False)))
    for one, ours, stash in takes:
        if not make.chance(0.7):
            make.label(stash, [], "missing")
            continue
        variant = make.rng.choice(("moved", "encoded again", "renamed"))
        encoding = one.encoding if variant == "moved" else encoded_again(make.rng, one.encoding)
        theirs = replace(ours.encoded(encoding), folder=f"Shoots/{folder}")
        if variant == "renamed":
            theirs = theirs.named(f"{make.rng.getrandbits(48):012x}")
        item = make.in_plex(one, theirs, way="stem")
        make.label(stash, [item], variant, known=False if variant == "renamed" else None)


def only_the_day(make: Maker) -> None:
    """A studio's folder, and names that are days: encoded again, in another form of the day."""
    film = make.films.film()
    day = make.rng.choice((film.date, film.date.replace("-", ""), film.date[2:].replace("-", ".")))
    other = make.rng.choice((film.date.replace("-", "."), film.date.replace("-", "_"), film.date.replace("-", "")))
    again = encoded_again(make.rng, film.encoding)
    folder = naming.clean(film.studio.name)
    ours = Place(make.some_mount(), folder, Name(day, date=True), film.encoding, f".{film.encoding.ending}")
    theirs = Place(make.some_mount(), f"sites/{folder}", Name(other, date=True), again, f".{again.ending}")
    stash = make.in_stash(film, ours, titled=make.chance(0.8))
    make.label(stash, [make.in_plex(film, theirs, way="stem")], known=bool(stash.scene.studio) or None)


def others_of_the_day(make: Maker) -> None:
    """Of one site and day, with a title that says nothing, another's film that is as long; her name is in its name."""
    film = make.films.film()
    film = film.retitled(replace(film.title, text="Interview", elsewhere="Interview", telling=False))
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_ALL))
    stash = make.in_stash(film, ours, titled=True)
    people = make.films.film().performers
    if set(people) & set(film.performers):
        people = ("Wilhelmina Zuckerbrot",)
    again = encoded_again(make.rng, film.encoding)
    other = replace(film, performers=people, encoding=replace(again, seconds=film.encoding.seconds + 0.2))
    theirs = make.place(other, scheme=make.rng.choice((*naming.WITH_ALL, "performer")), encoding=other.encoding)
    make.in_plex(other, replace(theirs, folder=f"days/{film.year}"), way=make.rng.choice(("stem", "tidied")))
    make.label(stash, [], "missing")
