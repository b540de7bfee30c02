"""Kinds of trouble with how names are written: numbers as letters and words, in one piece, cut, with one too many."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.libraries import naming, words
from tests.bench.libraries.films import Encoding, Film, Title, encoded_again, remuxed, some_title
from tests.bench.libraries.labels import Clue
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.75
_LETTERS = "ABCD"
_WORDS = ("One", "Two", "Three", "Four")


def _again(make: Maker, film: Film) -> Encoding:
    return make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)


def _telling(make: Maker) -> Title:
    while not (title := some_title(make.rng)).telling:
        pass
    return title


def second_of_a_name(make: Maker) -> None:
    """Films of one title in one folder of Plex, where a program numbered all but the first; some are missing."""
    title = _telling(make)
    mount, folder = make.some_mount(), make.rng.choice(("Incoming", "Downloads", "all", "unsorted"))
    many = make.rng.choice((2, 2, 3))
    for number in range(1, many + 1):
        film = make.films.film(title)
        ours = make.place(film, scheme=make.rng.choice(("title", "performer", "dashed", "snake")))
        stash = make.in_stash(film, ours, titled=make.chance(0.6))
        if number > 1 and not make.chance(THERE):
            make.label(stash, [], "missing")
            continue
        again = encoded_again(make.rng, film.encoding)
        again = replace(again, seconds=film.encoding.seconds + make.rng.uniform(-0.1, 0.1))
        stem = naming.clean(title.text)
        if number > 1:
            stem += make.rng.choice((f" ({number})", f"({number})", f" - Copy ({number})"))
        name = Name(stem, title=True, telling=True)
        item = make.in_plex(film, Place(mount, folder, name, again, f".{again.ending}"), way="stem")
        make.label(stash, [item], "there")


def parts_in_letters(make: Maker) -> None:
    """Numbered parts that one of the two writes with letters, in words, or as one of so many; some are missing."""
    base = make.films.film(_telling(make))
    mount, many = make.some_mount(), make.rng.choice((2, 2, 3, 4))
    alike = make.chance(0.2)
    halves = many == 2 and make.chance(0.4)
    for number in range(1, many + 1):
        share = 1.0 + make.rng.uniform(-0.0003, 0.0003) if alike else make.rng.uniform(0.85, 1.15)
        encoding = replace(base.encoding, seconds=base.encoding.seconds * share, streams=make.rng.getrandbits(32))
        encoding = replace(encoding, size=int(encoding.size * make.rng.uniform(0.8, 1.2)) + 1)
        film = replace(base, encoding=encoding)
        ours, theirs = (_part(make, film, number, many, place, halves=halves) for place in (0, 1))
        if make.chance(0.5):
            ours, theirs = theirs, ours
        mine = Place(mount, naming.clean(base.studio.name), Name(ours, title=True, telling=True), encoding, ".mp4")
        stash = make.in_stash(film, mine, titled=False)
        if not make.chance(THERE):
            make.label(stash, [], "missing")
            continue
        again = encoded_again(make.rng, encoding)
        again = replace(again, seconds=encoding.seconds + make.rng.uniform(-0.1, 0.1))
        name = Name(theirs, title=True, telling=True)
        item = make.in_plex(film, Place(mount, "Parts", name, again, f".{again.ending}"), way="stem")
        make.label(stash, [item], "alike" if alike else "there")


def _part(make: Maker, film: Film, number: int, many: int, place: int, *, halves: bool) -> str:
    text, letter = film.title.text, _LETTERS[number - 1]
    if halves and place:
        return naming.clean(f"{naming.dotted(text).replace('.', '_').lower()}_{letter}_180_LR")
    forms = (
        (f"{text} Part {number}", f"{text} pt.{number}", f"{text} - Part {number}"),
        (
            *(f"{text} part{letter}", f"{text} Part {letter}", f"{text} {number} of {many}"),
            *(f"{text} ({number} of {many})", f"{text} Part {_WORDS[number - 1]}", f"{text} cd{letter}"),
        ),
    )[place]
    return naming.clean(make.rng.choice(forms))


def halves_of_one_title(make: Maker) -> None:
    """Halves A and B, of which the scene's title tells neither, as long as each other or not; numbered in Plex."""
    base = make.films.film(_telling(make))
    mount, alike = make.some_mount(), make.chance(0.3)
    behind = make.rng.choice(("_180_LR", " [1080p]", "", " 180x180 3dh", ".1080p"))
    numbered = make.rng.choice(("part{}", "Part {}", "pt.{}", "cd{}", "({} of 2)", "{}", "#{}", "Vol. {}"))
    for number, letter in ((1, "A"), (2, "B")):
        share = 1.0 + make.rng.uniform(-0.0001, 0.0001) if alike else make.rng.uniform(0.85, 1.15)
        encoding = replace(base.encoding, seconds=base.encoding.seconds * share, streams=make.rng.getrandbits(32))
        encoding = replace(encoding, size=int(encoding.size * make.rng.uniform(0.8, 1.2)) + 1)
        film = replace(base, encoding=encoding)
        stem = naming.clean(f"{naming.joined(base.title.text)}_{letter}{behind}")
        mine = Place(mount, naming.clean(base.studio.name), Name(stem, title=True, telling=True), encoding, ".mp4")
        stash = make.in_stash(film, mine, titled=True)
        if number == 1 and not make.chance(THERE):
            make.label(stash, [], "missing")
            continue
        again = encoded_again(make.rng, encoding)
        again = replace(again, seconds=encoding.seconds + make.rng.uniform(-0.1, 0.1))
        name = Name(naming.clean(f"{base.studio.name} - {base.title.text} - {numbered.format(number)}"), title=True)
        item = make.in_plex(film, Place(mount, "Halves", name, again, f".{again.ending}"), way="stem")
        make.label(stash, [item], "alike" if alike else "there", known=True)


#: What is added to names: by sites, by programs that load films, and by people who list them.
_ADDED = (
    *(
        "{} [{id}]",
        "{}-{id}",
        "{} ({minutes}min)",
        "{} [{minutes}m12s]",
        "{} - {megabytes}MB",
        "{} 1.4GB",
        "{}_{lines}",
    ),
    *(
        "{} ({lines})",
        "{}.temp",
        "{}.f137+140",
        "{}.mp4",
        "{place:02}. {}",
        "({place}) {}",
        "#{place} {}",
        "0{place} {}",
    ),
    *("{}.{lines}p.x264-ABC6DEF AI upscale", "{} HD {lines}"),
)


def added_to_names(make: Maker) -> None:
    """Ids of sites, lengths, sizes, lines without a letter, endings and places in lists, on one side; or missing."""
    film = make.films.film(_telling(make))
    ours = make.place(film, scheme=make.rng.choice(("title", "dashed", "performer")))
    stash = make.in_stash(film, ours, titled=make.chance(0.8))
    other = replace(film, title=_telling(make), encoding=encoded_again(make.rng, film.encoding))
    again = replace(
        encoded_again(make.rng, film.encoding), seconds=film.encoding.seconds + make.rng.uniform(-0.08, 0.08)
    )
    there = make.chance(THERE)
    what = film if there else other
    stem = make.rng.choice(_ADDED).format(
        make.rng.choice((what.title.text, f"{what.performers[0]} - {what.title.text}")),
        id=f"ph5{make.rng.getrandbits(44):011x}",
        minutes=int(what.encoding.seconds // 60),
        megabytes=what.encoding.size // 1_000_000,
        lines=again.height,
        place=make.rng.randrange(2, 60),
    )
    theirs = Place(ours.mount, "loaded", Name(naming.clean(stem), title=True), again, f".{again.ending}")
    item = make.in_plex(what, theirs, way="stem")
    make.label(stash, [item] if there else [], "there" if there else "missing", known=there)


_FIGURES = {3: "Three", 7: "Seven", 12: "Twelve", 20: "Twenty", 24: "Twenty-Four", 31: "Thirty One", 50: "Fifty"}


def figures_in_words(make: Maker) -> None:
    """A number in a title, in figures on one side and in words on the other."""
    number, word = make.rng.choice(list(_FIGURES.items()))
    noun, place = make.rng.choice(words.NOUNS).capitalize(), make.rng.choice(words.PLACES)
    rest = f"{make.rng.choice(words.ADJECTIVES).capitalize()} {noun}s in {place}"
    texts = [f"{number} {rest}", f"{word} {rest}"]
    make.rng.shuffle(texts)
    film = make.films.film(Title(texts[0], texts[1], telling=True))
    ours = make.place(film)
    again = _again(make, film)
    theirs = another_name(
        make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again, title=film.title.elsewhere
    )
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, replace(theirs, folder="figures"), way="stem")])


def in_one_piece(make: Maker) -> None:
    """Studio or people and title in small letters without blanks, encoded again."""
    film = make.films.film(_telling(make))
    ours = make.place(film)
    again = _again(make, film)
    title = naming.joined(film.title.text).lower()
    studio, person = (naming.joined(name).lower() for name in (film.studio.name, film.performers[0]))
    stem = make.rng.choice((f"{studio}-{title}", f"{studio}_{title}_{again.height}p", title, f"{person}-{title}"))
    name = Name(stem[:200], title=True, telling=True)
    theirs = Place(ours.mount, "downloads", name, again, f".{again.ending}")
    stash = make.in_stash(film, ours, titled=True)
    make.label(stash, [make.in_plex(film, theirs, way="stem")])


def cut_titles(make: Maker) -> None:
    """A person's or the studio's name and the title, cut off within one of its words, encoded again."""
    film = make.films.film(_telling(make))
    while len(film.title.text) < 22:
        film = make.films.film(_telling(make))
    ours = make.place(film)
    again = _again(make, film)
    again = replace(again, seconds=film.encoding.seconds + make.rng.uniform(-0.1, 0.1))
    who = make.rng.choice((film.performers[0], film.studio.name))
    whole = naming.clean(f"{who} - {film.title.text}")
    kept = make.rng.randrange(len(who) + 3 + 17, max(len(whole), len(who) + 22))
    name = Name(whole[:kept].strip(" ."), title=True, telling=True)
    theirs = Place(ours.mount, "short", name, again, f".{again.ending}")
    stash = make.in_stash(film, ours, titled=True)
    make.label(stash, [make.in_plex(film, theirs, way="stem")])


def years_taken_out(make: Maker) -> None:
    """Plex took the year out of the date in a name, so that month and day stand in its title as numbers."""
    film = make.films.film(_telling(make))
    ours = make.place(film)
    again = _again(make, film)
    theirs = another_name(make, film, ours, make.rng.choice(("dashed", "bracketed")), encoding=again)
    stash = make.in_stash(film, ours)
    item = make.in_plex(film, replace(theirs, folder=f"years/{film.year}"), way="year taken out")
    make.label(stash, [item], without=() if stash.scene.title else (Clue.CAST,))
