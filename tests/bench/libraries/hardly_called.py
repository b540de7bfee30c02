"""Kinds of trouble where names say another thing than the title, or nothing, and where what else agrees may mislead."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.libraries import mounts, naming, words
from tests.bench.libraries.films import Encoding, Studio, Title, encoded_again, first_encoding, remuxed
from tests.bench.libraries.maker import FACTS, Maker, Place
from tests.bench.libraries.naming import Name
from tests.bench.libraries.same_film import another_name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.7
#: Seconds by which a file that is known by its length differs at most, and by which another film's does at the least.
CLOSE, APART = 0.08, 4.0
#: Words in English, German, French and Spanish.
_ADJECTIVES = (
    ("Silent", "Stille", "Silencieuse", "Silenciosa"),
    ("Last", "Letzte", "Dernière", "Última"),
    ("Forbidden", "Verbotene", "Interdite", "Prohibida"),
    ("Hidden", "Verborgene", "Cachée", "Escondida"),
    ("Happy", "Fröhliche", "Heureuse", "Feliz"),
    ("Beautiful", "Schöne", "Belle", "Hermosa"),
    ("Strange", "Seltsame", "Étrange", "Extraña"),
    ("Young", "Junge", "Jeune", "Joven"),
    ("White", "Weiße", "Blanche", "Blanca"),
    ("Long", "Lange", "Longue", "Larga"),
)
_NOUNS = (
    ("Neighbour", "Nachbarin", "Voisine", "Vecina"),
    ("Kitchen", "Küche", "Cuisine", "Cocina"),
    ("Night", "Nacht", "Nuit", "Noche"),
    ("Teacher", "Lehrerin", "Maîtresse", "Maestra"),
    ("Journey", "Reise", "Randonnée", "Aventura"),
    ("Street", "Straße", "Rue", "Calle"),
    ("Summer", "Sommerzeit", "Saison d'été", "Temporada"),
    ("Dream", "Traumwelt", "Rêverie", "Ilusión"),
    ("Daughter", "Tochter", "Fille", "Hija"),
    ("Bride", "Braut", "Mariée", "Novia"),
)


def _translated(make: Maker) -> Title:
    adjective, noun, other = make.rng.choice(_ADJECTIVES), make.rng.choice(_NOUNS), make.rng.choice(_NOUNS)
    place, language = make.rng.choice(words.PLACES), make.rng.choice((1, 2, 3))
    link, joined = (("of", "von", "de", "de")[language], ("and", "und", "et", "y")[language])
    if make.chance(0.3):
        return Title(
            f"{adjective[0]} {noun[0]} of {place}", f"{adjective[language]} {noun[language]} {link} {place}", True
        )
    text = f"The {adjective[0]} {noun[0]} and {other[0]}"
    return Title(text, f"{adjective[language]} {noun[language]} {joined} {other[language]}", True)


def _about(make: Maker, encoding: Encoding, apart: float) -> Encoding:
    """Another film's encoding, longer or shorter by so many seconds."""
    seconds = max(encoding.seconds + apart * make.rng.choice((-1, 1)), 5.0)
    size = int(encoding.size * make.rng.uniform(0.5, 1.3)) + 1
    height = make.rng.choice((480, 720, 1080, 2160))
    return Encoding(size, seconds, height, encoding.ending, encoding.shot, make.rng.getrandbits(32))


def _again(make: Maker, encoding: Encoding, apart: float = CLOSE) -> Encoding:
    """Encoded again or put into another container, as long to so many seconds."""
    if make.chance(0.2):
        return remuxed(make.rng, encoding)
    return replace(encoded_again(make.rng, encoding), seconds=encoding.seconds + make.rng.uniform(-apart, apart))


def translated_titles(make: Maker) -> None:
    """The title in another language: studio, day, people and length are the same; or only those of another film."""
    film = make.films.film(_translated(make))
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_ALL))
    stash = make.in_stash(film, ours, titled=True)
    if make.chance(0.3):
        other = replace(film.retitled(_translated(make)), encoding=_about(make, film.encoding, make.rng.uniform(3, 60)))
        theirs = make.place(other, scheme=make.rng.choice(naming.WITH_ALL), title=other.title.elsewhere)
        make.in_plex(other, replace(theirs, folder="abroad"), way="stem")
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    again = _again(make, film.encoding)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_ALL), encoding=again)
    item = make.in_plex(film, replace(theirs, folder="abroad"), way=make.rng.choice(("stem", "agent")))
    make.label(stash, [item], "there", known=True)


def replaced_words(make: Maker) -> None:
    """A studio that calls its films alike but for a word; the next one is as long to half a second, or a bit more."""
    film = make.films.film()
    first, second, third, fourth = make.rng.sample(words.NOUNS, 4)
    place = make.rng.randrange(3)
    called = [first, second, third]
    others = [*called]
    others[place] = fourth
    text, other_text = (" ".join(word.capitalize() for word in name) for name in (called, others))
    film = film.retitled(Title(text, text, telling=True))
    other = film.retitled(Title(other_text, other_text, telling=True))
    other = replace(other, encoding=_about(make, film.encoding, make.rng.uniform(0, 0.7)))
    if make.chance(0.7):
        other = replace(other, date=make.films.film().date)
    if make.chance(0.5):
        other = replace(other, performers=make.films.film().performers)
    scheme = make.rng.choice(("title", "performer", "snake", "dashed", "year"))
    layout = make.rng.choice(("studio", "studio", "performer", "flat"))
    mount = make.some_mount()
    ours = make.place(film, scheme=scheme, layout=layout, mount=mount)
    stash = make.in_stash(film, ours)
    make.in_plex(other, make.place(other, scheme=scheme, layout=layout, mount=mount), way="stem")
    if not make.chance(0.5):
        make.label(stash, [], "missing")
        return
    theirs = another_name(
        make, film, ours, make.rng.choice(("title", "bracketed", "performer")), encoding=film.encoding
    )
    item = make.in_plex(film, theirs.encoded(_again(make, film.encoding)), way="stem")
    make.label(stash, [item], "there", known=True)


def other_groups(make: Maker) -> None:
    """All but the length agrees word by word, and the lengths are half a second to a second apart."""
    film = make.films.film()
    while not film.title.telling:
        film = make.films.film()
    again = encoded_again(make.rng, film.encoding)
    apart = make.rng.choice((-1, 1)) * make.rng.uniform(0.55, 0.95)
    again = replace(again, seconds=film.encoding.seconds + apart)
    ours = make.place(film, scheme=make.rng.choice(naming.WITH_ALL))
    stash = make.in_stash(film, ours, titled=True)
    theirs = another_name(make, film, ours, make.rng.choice(naming.WITH_ALL), encoding=again)
    item = make.in_plex(film, replace(theirs, folder=f"groups/{film.year}"), way=make.rng.choice(("stem", "agent")))
    make.label(stash, [item], known=True)


_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _random_name(make: Maker) -> str:
    bits = make.rng.getrandbits(128)
    text = f"{bits:032x}"
    return make.rng.choice(
        (
            text,
            text[:16],
            text[:10],
            f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}",
            "".join(make.rng.choices(_SIGNS, k=11)),
            "".join(make.rng.choices(_SIGNS, k=20)),
            f"0h{''.join(make.rng.choices(_SIGNS.lower(), k=18))}_source",
            str(bits % 10**12),
        )
    )


def without_words(make: Maker) -> None:
    """A person's folder and the day, and names that are random on both sides; the same, but of another of her films."""
    film = make.films.film()
    person = naming.clean(film.performers[0])
    if make.chance(0.5):
        film = replace(film, studio=replace(film.studio, name=f"{film.performers[0]} (Fans)"))
    folder = make.rng.choice((f"Creators/{person}", f"{person}/Posts", person))
    elsewhere = make.rng.choice((person, f"fans/{person}", f"{person}/videos"))
    there = make.chance(THERE)
    names = [_random_name(make), _random_name(make)]
    if make.chance(0.6):
        names = [make.rng.choice((f"{film.date} {name}", f"{name}_{film.date}")) for name in names]
    mount = make.some_mount()
    ours = Place(mount, folder, Name(names[0]), film.encoding, f".{film.encoding.ending}")
    stash = make.in_stash(film, ours, titled=True)
    again = _again(make, film.encoding) if there else _about(make, film.encoding, make.rng.uniform(1, 40))
    theirs = Place(mount, elsewhere, Name(names[1]), again, f".{again.ending}")
    item = make.in_plex(film, theirs, way="stem")
    has_day = film.date in names[1]
    make.label(stash, [item] if there else [], "there" if there else "missing", known=there and has_day)


def only_names(make: Maker) -> None:
    """Nobody described the scene: the names hold studio and day here, people there, and the title in both."""
    film = make.films.film()
    title = " ".join(word.capitalize() for word in make.rng.sample(words.NOUNS, 3))
    film = film.retitled(Title(title, title, telling=True))
    people = " & ".join(film.performers)
    names = [f"{film.studio.name} - {film.date} - {title}", f"{people} - {title}"]
    if make.chance(0.5):
        names.reverse()
    there = make.chance(THERE)
    mount = make.some_mount()
    ours = Place(mount, "Unsorted", Name(names[0], title=True), film.encoding, f".{film.encoding.ending}")
    stash = make.in_stash(film, ours, titled=False)
    stash = replace(stash, scene=replace(stash.scene, studio="", performers=()))
    if there:
        again = _again(make, film.encoding)
    else:
        again = _about(make, film.encoding, make.rng.uniform(0, 0.6))
        kept = make.rng.sample(title.split(), 2)
        other = " ".join(
            (*kept, make.rng.choice([one for one in words.NOUNS if one.capitalize() not in title]).capitalize())
        )
        names[1] = names[1].replace(title, other)
    theirs = Place(mount, "Sorted", Name(naming.clean(names[1]), title=True), again, f".{again.ending}")
    item = make.in_plex(film, theirs, way="stem")
    make.label(stash, [item] if there else [], "there" if there else "missing", known=there)


def only_folder_and_length(make: Maker) -> None:
    """The scene is missing, and among few files of its studio, or of its people, one is about as long by chance.

    Closer than that nobody could tell it from the scene's own. How often that comes to pass is seen in *sites renamed*,
    where lengths are as far apart as a studio's are.
    """
    film = make.films.film()
    head, place = make.rng.choice(words.STUDIO_HEADS), make.rng.choice(words.PLACES)
    studio = Studio(f"{head} {place} {make.rng.choice(words.STUDIO_TAILS)}", "siterip", "studio")
    film = replace(film, studio=studio)
    whose = make.rng.choice((studio.name, studio.name, film.performers[0]))
    numbers = make.rng.sample(range(2, 300), 2)
    stems = [
        make.rng.choice((f"{whose} {number}", f"vid{number:04}", f"{naming.joined(whose)}_{number:03}"))
        for number in numbers
    ]
    if make.chance(0.5):
        stems[0] = film.title.text
    mount, folder = make.some_mount(), naming.clean(whose)
    ours = Place(mount, folder, Name(naming.clean(stems[0])), film.encoding, f".{film.encoding.ending}")
    stash = make.in_stash(film, ours, titled=True)
    make.label(stash, [], "of its people" if whose != studio.name else "of its studio")
    other = make.films.film()
    other = replace(other, studio=studio, encoding=_about(make, film.encoding, make.rng.uniform(0.15, 0.5)))
    elsewhere = make.rng.choice((f"by site/{folder}", folder, f"{folder}/full"))
    theirs = Place(mount, elsewhere, Name(naming.clean(stems[1])), other.encoding, f".{other.encoding.ending}")
    make.in_plex(other, theirs, way="stem")
    for number in range(make.rng.choice((0, 0, 2, 8))):
        more = first_encoding(make.rng, make.films.lengths)
        if abs(more.seconds - film.encoding.seconds) > APART:
            make.in_plex(other, replace(theirs, name=Name(f"vid{400 + number:04}")).encoded(more), way="stem")


def size_elsewhere(make: Maker) -> None:
    """Stash has no length; at its path lies a file of another size, and its very bytes elsewhere under its name."""
    film = make.films.film()
    make.unknown = frozenset((FACTS[1],))
    mount = make.rng.choice((mounts.SAME, mounts.OTHER))
    ours = make.place(film, scheme=make.rng.choice(("title", "number", "code", "dashed")), mount=mount)
    stash = make.in_stash(film, ours)
    other = replace(film, encoding=first_encoding(make.rng, make.films.lengths))
    make.in_plex(other, replace(ours, encoding=other.encoding), way="stem")
    moved = make.rng.choice((f"Moved {film.year}", "Sorted/new", film.date, f"done/{make.rng.randrange(99)}"))
    item = make.in_plex(film, replace(ours, folder=f"{moved}/{ours.folder}"), way="stem")
    make.unknown = frozenset()
    make.label(stash, [item], known=False)
