"""Kinds of trouble with what people and programs do to files and names, or leave out."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.bench.libraries import naming, words
from tests.bench.libraries.films import Encoding, Film, Title, encoded_again, remuxed, some_title
from tests.bench.libraries.labels import Clue
from tests.bench.libraries.maker import FACTS, Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

THERE = 0.65


def remuxes(make: Maker) -> None:
    """The same streams in another container, moved, and sometimes renamed."""
    film = make.films.film()
    ours = make.place(film)
    theirs = ours.encoded(remuxed(make.rng, film.encoding))
    variant = make.rng.choice(("moved", "renamed"))
    if variant == "renamed":
        theirs = another_name(make, film, theirs, make.rng.choice(naming.WITH_TITLE), encoding=theirs.encoding)
    theirs = replace(theirs, folder=make.rng.choice((f"remux/{film.year}", naming.clean(film.studio.name), "mkv")))
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, stash=stash)], variant)


def typos(make: Maker) -> None:
    """A title with a letter wrong here and there, in a file that was encoded again and renamed."""
    film = make.films.film()
    while len(film.title.text) < 12:
        film = make.films.film()
    wrong = mistyped(make.rng, film.title.text)
    ours = make.place(film)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE), encoding=again, title=wrong)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def mistyped(rng: random.Random, text: str) -> str:
    """A letter wrong in about each third word."""
    found = []
    for word in text.split(" "):
        if len(word) > 3 and rng.random() < 0.5:
            at = rng.randrange(1, len(word) - 1)
            other = rng.choice("aeinrst")
            word = rng.choice(
                (
                    word[:at] + word[at + 1 :],
                    word[:at] + other + word[at:],
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[:at] + other + word[at + 1 :],
                )
            )
        found.append(word)
    return " ".join(found)


def intro_cut(make: Maker) -> None:
    """The same telling name, some seconds shorter: another cut of the film, or another film. Nobody knows."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_ALL))
    cut = encoded_again(make.rng, film.encoding)
    cut = replace(cut, seconds=max(film.encoding.seconds - make.rng.uniform(4, 25), 3.0))
    theirs = replace(ours.encoded(cut), folder="cut")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way="stem")], known=False)


def split_parts(make: Maker) -> None:
    """``cd1`` and ``cd2``: a scene each, and in Plex one item of both, or an item each."""
    film = make.films.film()
    mount = make.some_mount()
    mark = make.rng.choice(("cd", "CD", "pt", "part", "-", "disc "))
    scheme = make.rng.choice(("title", "year", "performer"))
    places = []
    for number in (1, 2):
        share = make.rng.uniform(0.4, 0.6)
        encoding = replace(
            film.encoding, seconds=film.encoding.seconds * share, size=int(film.encoding.size * share) + 1
        )
        place = make.place(replace(film, encoding=encoding), scheme=scheme, mount=mount, encoding=encoding)
        places.append(place.named(f"{place.name.stem} {mark}{number}"))
    moved = [replace(place, folder=f"Parts/{film.year}") for place in places]
    scenes = [make.in_stash(replace(film, encoding=place.encoding), place) for place in places]
    if make.chance(0.5):
        items = [make.in_plex(film, *moved, way="stem")] * 2
    else:
        items = [make.in_plex(film, place, way="stem") for place in moved]
    for stash, item in zip(scenes, items, strict=True):
        make.label(stash, [item])


def _without(make: Maker, unknown: tuple[str, ...], again: bool) -> None:
    make.unknown = frozenset(unknown)
    film = make.films.film()
    ours = make.place(film)
    encoding = encoded_again(make.rng, film.encoding) if again else film.encoding
    scheme = make.rng.choice(naming.USUAL)
    theirs = another_name(make, film, ours, scheme, encoding=encoding)
    variant = make.rng.choice(("moved", "renamed"))
    if variant == "moved":
        theirs = replace(ours.encoded(encoding), folder=f"sorted/{film.studio.name}")
    stash = make.in_stash(film, ours)
    item = make.in_plex(film, theirs, stash=stash)
    # So many bytes are equal by chance as good as never.
    known = True if not again and film.encoding.size > 30_000_000 else None
    make.label(stash, [item], variant, known=known)
    make.unknown = frozenset()


def no_length(make: Maker) -> None:
    """Stash has not measured the file: its size, and what it is called, remain."""
    _without(make, (FACTS[1],), again=make.chance(0.3))


def no_size(make: Maker) -> None:
    """One of the two does not know the size: the length remains, and what it is called."""
    _without(make, (make.rng.choice((FACTS[0], FACTS[2])),), again=True)


def replaced_content(make: Maker) -> None:
    """Another size and length at the very path: replaced since Plex looked, or another film. Nobody knows."""
    film, other = make.films.film(), make.films.film()
    ours = make.place(film)
    stash = make.in_stash(film, ours)
    item = make.in_plex(other, ours.encoded(other.encoding).named(ours.name.stem), way="stem")
    make.label(stash, [item] if make.chance(0.5) else [], known=False)


def swapped_names(make: Maker) -> None:
    """Two files that carry each other's name in Plex. Bytes and lengths tell."""
    first, second = make.films.film(), make.films.film()
    mount = make.some_mount()
    places = [make.place(film, mount=mount, scheme="title") for film in (first, second)]
    moved = make.chance(0.5)
    for film, ours, other in ((first, *places), (second, *reversed(places))):
        theirs = replace(other.encoded(ours.encoding), ending=other.ending)
        theirs = replace(theirs, name=replace(theirs.name, title=False, telling=False))
        if moved:
            theirs = replace(theirs, folder="Sorted")
        stash = make.in_stash(film, ours)
        make.label(stash, [make.in_plex(film, theirs, way="stem")], "moved" if moved else "in place", known=True)


_VR = ("_180_LR", "_180x180_3dh_LR", "_vr180_sbs", ".VR180.3D.SBS", "_oculus_5k", "_LR_180", "_MKX200", " VR 4K 60fps")


def virtual_reality(make: Maker) -> None:
    """Tags of pictures for two eyes, on one side or both, encoded again."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(("title", "performer", "joined", "snake")))
    again = encoded_again(make.rng, film.encoding)
    theirs = replace(ours.encoded(again), folder="VR")
    tag, other = make.rng.choice(_VR), make.rng.choice((*_VR, ""))
    theirs, ours = theirs.named(theirs.name.stem + tag), ours.named(ours.name.stem + other)
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))])


def escapes(make: Maker) -> None:
    """Names that went through a browser, a wrong code page or a program that knows no blanks."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(("dashed", "title", "bracketed", "year")))
    variant = make.rng.choice(("percent", "html", "mojibake", "underscores", "dots", "blanks gone"))
    stem = ours.name.stem
    if variant == "percent":
        stem = stem.replace("%", "").replace(" ", "%20").replace("&", "%26")
    elif variant == "html":
        stem = stem.replace("&", "&amp;").replace("'", "&#39;").replace(",", "&#44;")
    elif variant == "mojibake":
        stem = stem.encode().decode("latin-1")
        stem = "".join(letter for letter in stem if letter.isprintable())
    elif variant == "underscores":
        stem = stem.replace(" ", "_")
    elif variant == "dots":
        stem = stem.replace(" ", ".")
    else:
        stem = naming.joined(stem)
    again = make.rng.choice((encoded_again, remuxed))(make.rng, film.encoding)
    theirs = replace(ours.encoded(again).named(stem[:200]), folder="downloads")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way="stem")], variant)


_JUNK = ("asdf", "New folder video", "download (3)", "rarbg.com@a8", "y2mate.com - x", "untitled_final_FINAL2", "0000")


def junk(make: Maker) -> None:
    """A name of no meaning in Plex, and the same bytes or the same streams."""
    film = make.films.film()
    ours = make.place(film)
    stem = f"{make.rng.choice(_JUNK)}{make.rng.choice(('', ' copy', '~1', ''))}"
    folder = f"temp/{make.rng.randrange(10_000)}"
    same = make.chance(0.6)
    encoding = film.encoding if same else remuxed(make.rng, film.encoding)
    theirs = Place(ours.mount, folder, Name(stem), encoding, f".{encoding.ending}")
    stash = make.in_stash(film, ours)
    make.label(stash, [make.in_plex(film, theirs, way="stem")], "same bytes" if same else "remuxed")


def beside_the_film(make: Maker) -> None:
    """Trailer, sample, and the making of lie beside the film; all of them are in Plex, perhaps but for one."""
    film = make.films.film()
    ours = make.place(film, scheme=make.rng.choice(("title", "dashed", "performer", "year")))
    kinds = ["", *make.rng.sample(("Trailer", "Sample", "BTS", "Behind the Scenes", "Interview", "Teaser"), 2)]
    absent = make.rng.choice((None, None, *kinds))
    for kind in kinds:
        share = make.rng.uniform(0.03, 0.2) if kind else 1.0
        encoding = replace(
            film.encoding, seconds=film.encoding.seconds * share, size=int(film.encoding.size * share) + 1
        )
        text = f"{film.title.text} {kind}".strip()
        one = replace(film, title=Title(text, text, film.title.telling), encoding=encoding)
        mine = ours.encoded(encoding).named(f"{ours.name.stem} {kind}".strip())
        stash = make.in_stash(one, mine)
        if kind == absent:
            make.label(stash, [], "missing")
            continue
        again = encoded_again(make.rng, encoding)
        theirs = replace(mine.encoded(again), folder="Scenes")
        plex = make.in_plex(one, theirs, way=make.rng.choice(("stem", "tidied")))
        make.label(stash, [plex], kind or "film", without=(Clue.DATE,))


def compilations(make: Maker) -> None:
    """A long film whose title holds those of others; some of these are missing."""
    film = make.films.film()
    others = [make.films.neighbour(film) for _ in range(2)]
    text = " + ".join(one.title.text for one in (film, *others))[:120]
    seconds = sum(one.encoding.seconds for one in (film, *others))
    whole = replace(film.encoding, seconds=seconds, size=film.encoding.size * 3 + 1)
    best_of = replace(film, title=Title(text, text, telling=True), encoding=whole)
    make.in_plex(best_of, make.place(best_of, scheme=make.rng.choice(("dashed", "title"))))
    for one in (film, *others):
        ours = make.place(one, scheme=make.rng.choice(("dashed", "title", "performer")))
        stash = make.in_stash(one, ours)
        if make.chance(THERE):
            again = encoded_again(make.rng, one.encoding)
            theirs = another_name(make, one, ours, make.rng.choice(naming.WITH_TITLE), encoding=again)
            make.label(stash, [make.in_plex(one, theirs)], "there")
        else:
            make.label(stash, [], "missing")


def lengths_tell(make: Maker) -> None:
    """A title that several films of other studios have; all encoded again and renamed. Lengths tell them apart."""
    title = some_title(make.rng)
    for _ in range(make.rng.choice((2, 3))):
        film = make.films.film(title)
        ours = make.place(film, scheme=make.rng.choice(("title", "performer", "snake")))
        stash = make.in_stash(film, ours, titled=make.chance(0.5))
        if not make.chance(0.8):
            make.label(stash, [], "missing")
            continue
        again = _closer(make, encoded_again(make.rng, film.encoding), film)
        theirs = another_name(make, film, ours, make.rng.choice(("title", "year", "performer")), encoding=again)
        theirs = replace(theirs, folder=f"{make.rng.choice(words.PLACES)} {make.rng.randrange(1000)}")
        make.label(stash, [make.in_plex(film, theirs, way=make.rng.choice(("stem", "tidied")))], "there")


def _closer(make: Maker, encoding: Encoding, film: Film) -> Encoding:
    return replace(encoding, seconds=film.encoding.seconds + make.rng.uniform(-0.1, 0.1))


def hard_links(make: Maker) -> None:
    """One file under several names in Stash, one of them in Plex, moved or renamed."""
    film = make.films.film()
    ours = make.place(film)
    second = another_name(make, film, ours, make.rng.choice(naming.WITH_TITLE))
    theirs = replace(second, folder=f"links/{film.year}")
    if make.chance(0.5):
        theirs = theirs.encoded(encoded_again(make.rng, film.encoding))
    stash = make.in_stash(film, ours, replace(second, folder="by title"))
    make.label(stash, [make.in_plex(film, theirs)])


def series(make: Maker) -> None:
    """Numbered scenes of a series with titles of their own, encoded again; some missing."""
    base = make.films.film()
    name = f"{make.rng.choice(words.ADJECTIVES).capitalize()} {make.rng.choice(words.NOUNS).capitalize()}"
    mount, first = make.some_mount(), make.rng.randrange(1, 40)
    for number in range(first, first + 3):
        film = make.films.neighbour(base)
        ours = make.place(film, mount=mount, scheme="title").named(
            naming.clean(f"{name} S01E{number:02} {film.title.text}")
        )
        stash = make.in_stash(film, ours)
        if make.chance(0.3):
            make.label(stash, [], "missing")
            continue
        again = encoded_again(make.rng, film.encoding)
        stem = make.rng.choice((f"{name} {number:02} - {film.title.text}", f"{name} 1x{number:02} {film.title.text}"))
        theirs = replace(ours.encoded(again).named(naming.clean(stem)), folder=name)
        make.label(stash, [make.in_plex(film, theirs, way="stem")], "there")
