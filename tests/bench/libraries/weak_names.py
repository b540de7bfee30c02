"""Kinds of trouble where a name holds next to nothing, or holds it in a form of its own."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.libraries import naming, words
from tests.bench.libraries.films import Encoding, Film, Studio, Title, encoded_again, first_encoding
from tests.bench.libraries.maker import Maker, Place
from tests.bench.libraries.mounts import Mount
from tests.bench.libraries.naming import Name

#: Chance that a film's own item is there, where some are missing.
THERE = 0.7
#: Seconds by which a file that is known by its length differs at most.
CLOSE = 0.1
_QUALITIES = ("1080p", "720p", "video_1080p", "movie.720p", "hls-1080", "source", "video", "movie", "full")


def _again(make: Maker, encoding: Encoding) -> Encoding:
    """Encoded again, as long to so many seconds."""
    apart = make.rng.uniform(-CLOSE, CLOSE)
    return replace(encoded_again(make.rng, encoding), seconds=max(encoding.seconds + apart, 1.0))


def _other(make: Maker, film: Film, apart: float) -> Film:
    """Another film of any studio and people, longer or shorter by so many seconds."""
    encoding = first_encoding(make.rng, make.films.lengths)
    seconds = max(film.encoding.seconds + apart * make.rng.choice((-1, 1)), 5.0)
    return replace(make.films.film(), encoding=replace(encoding, seconds=seconds))


def _called(mount: Mount, folder: str, stem: str, encoding: Encoding, **told: bool) -> Place:
    return Place(mount, folder, Name(naming.clean(stem), **told), encoding, f".{encoding.ending}")


def short_titles(make: Maker) -> None:
    """A title of one word, which is all of a name; or another film's, of that title and another length."""
    word = make.rng.choice(words.NOUNS).capitalize()
    film = make.films.film(Title(word, word, telling=False))
    mount = make.some_mount()
    dashed = f"{film.studio.name} - {film.date} - {word}"
    stash = make.in_stash(film, _called(mount, film.studio.name, dashed, film.encoding), titled=True)
    if make.chance(0.4):
        other = _other(make, film, make.rng.uniform(2.5, 300))
        stem = make.rng.choice((word, f"{other.performers[0]} - {word}", f"{word} {make.rng.choice(words.NOUNS)}"))
        make.in_plex(other, _called(mount, "others", stem, other.encoding), way="stem")
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    theirs = _called(
        mount, "films", make.rng.choice((word, word.lower(), f"{word} 1080p")), _again(make, film.encoding)
    )
    make.label(stash, [make.in_plex(film, theirs, way="stem")], "there", known=True)


def called_after_quality(make: Maker) -> None:
    """Files that are called after their quality, or after nothing, in folders that have title and day."""
    film = make.films.film()
    while not film.title.telling:
        film = make.films.film()
    mount, title = make.some_mount(), naming.clean(film.title.text)
    ours = make.rng.choice((f"{film.date} {title}", title, f"{title} [{film.date}]"))
    theirs = make.rng.choice(
        (f"{title} ({film.date})", f"{film.date} - {title}", f"{naming.dotted(title)}.{film.year}")
    )
    name = make.rng.choice(_QUALITIES)
    folder = f"{naming.clean(film.studio.name)}/{ours}"
    stash = make.in_stash(film, _called(mount, folder, name, film.encoding), titled=True)
    other = _other(make, film, make.rng.choice((0.2, 3.0, 200.0)))
    other_folder = f"Encoded/{naming.clean(other.title.text)} ({other.date})"
    if other.title.text != film.title.text:
        make.in_plex(other, _called(mount, other_folder, name, other.encoding), way="stem")
    if not make.chance(THERE):
        make.label(stash, [], "missing")
        return
    own = make.rng.choice((name, name, make.rng.choice(_QUALITIES)))
    item = make.in_plex(film, _called(mount, f"Encoded/{theirs}", own, _again(make, film.encoding)), way="stem")
    make.label(stash, [item], "there", known=True)


def moments(make: Maker) -> None:
    """Recordings that are called after the second at which they began, written otherwise; or others of that minute."""
    film = make.films.film()
    hour, minute, second = make.rng.randrange(7, 23), make.rng.randrange(60), make.rng.randrange(40)
    day, mount = film.date.replace("-", ""), make.some_mount()
    ours = make.rng.choice((f"VID_{day}_", f"PXL_{day}_", f"{day}_")) + f"{hour:02}{minute:02}{second:02}"
    stash = make.in_stash(film, _called(mount, f"{film.year}/{film.date[5:7]}", ours, film.encoding), titled=False)
    there = make.chance(THERE)
    later = second if there else second + make.rng.randrange(5, 19)
    theirs = make.rng.choice(
        (
            f"{film.date} {hour:02}.{minute:02}.{later:02}",
            f"Recording {film.date} at {hour:02}.{minute:02}.{later:02}",
            f"{day}T{hour:02}{minute:02}{later:02}",
            f"VID_{day}_{hour:02}{minute:02}{later:02}",
        )
    )
    again = _again(make, film.encoding)
    item = make.in_plex(film, _called(mount, "Converted", theirs, again), way="stem")
    make.label(stash, [item] if there else [], "there" if there else "a moment later", known=there)


def people_in_folders(make: Maker) -> None:
    """In the studio's folder a file is called after one of the people; or after one of another of its films."""
    film = make.films.film()
    name = (
        f"{make.rng.choice(words.STUDIO_HEADS)} {make.rng.choice(words.PLACES)} {make.rng.choice(words.STUDIO_TAILS)}"
    )
    studio = Studio(name, "release", "studio")
    film = replace(film, studio=studio)
    mount, folder = make.some_mount(), naming.clean(studio.name)
    stash = make.in_stash(film, make.place(film, scheme="release", layout="studio", mount=mount), titled=True)
    there = make.chance(THERE)
    again = _again(make, film.encoding) if there else _other(make, film, make.rng.uniform(0.15, 0.6)).encoding
    whose = film.performers[0]
    while not there and whose in film.performers:
        whose = make.films.film().performers[0]
    stem = f"{naming.dotted(whose).replace('.', '_').lower()}_{make.rng.randrange(1, 30):02}"
    item = make.in_plex(film, _called(mount, f"old/{folder}", stem, again), way="stem")
    for number in range(make.rng.choice((0, 2, 8))):
        more = first_encoding(make.rng, make.films.lengths)
        if abs(more.seconds - film.encoding.seconds) > 4:
            stranger = _called(mount, f"old/{folder}", f"vid{400 + number:04}", more)
            make.in_plex(replace(make.films.film(), studio=studio), stranger, way="stem")
    make.label(stash, [item] if there else [], "there" if there else "of others", known=there)


def numbered_studios(make: Maker) -> None:
    """Nobody described the scene, and the studio in its name has a number, which the other name lacks with it."""
    title = " ".join(word.capitalize() for word in make.rng.sample(words.NOUNS, 3))
    film = make.films.film(Title(title, title, telling=True))
    head = make.rng.choice(words.STUDIO_HEADS)
    studio = make.rng.choice((f"{head} {make.rng.randrange(6, 99)}", f"Club {make.rng.randrange(6, 99)}"))
    ours = make.rng.choice((f"{studio} - {film.date} - {title}", f"[{studio}] {title} ({film.date})"))
    mount = make.some_mount()
    stash = make.in_stash(film, _called(mount, "Unsorted", ours, film.encoding, title=True), titled=False)
    stash = replace(stash, scene=replace(stash.scene, studio="", performers=()))
    theirs = f"{' & '.join(film.performers)} - {title}"
    item = make.in_plex(film, _called(mount, "Sorted", theirs, _again(make, film.encoding), title=True), way="stem")
    make.label(stash, [item], known=True)


def long_numbers(make: Maker) -> None:
    """A site's own number of what it published, in two names that have nothing else in common; or another number."""
    film = make.films.film()
    number, mount = make.rng.randrange(10**8, 10**11), make.some_mount()
    forms = (
        "{}",
        "{}_source",
        "1080P_8000K_{}",
        "720P_4000K_{}",
        f"{film.date} - {{}} - paid",
        f"{naming.clean(film.title.text)} [{{}}]",
    )
    ours, theirs = make.rng.sample(forms, 2)
    folder = make.rng.choice(("tube", naming.clean(film.performers[0])))
    stash = make.in_stash(film, _called(mount, folder, ours.format(number), film.encoding), titled=make.chance(0.5))
    there = make.chance(THERE)
    other = film if there else _other(make, film, make.rng.uniform(0, 40))
    again = _again(make, other.encoding)
    held = number if there else make.rng.randrange(10**8, 10**11)
    theirs = theirs if there else make.rng.choice(forms[:4])
    item = make.in_plex(other, _called(mount, f"new/{folder}", theirs.format(held), again), way="stem")
    make.label(stash, [item] if there else [], "there" if there else "another number", known=there)


def cut_early(make: Maker) -> None:
    """People first, and of the title no more than its first word and some letters; or another title's."""
    chosen = [word.capitalize() for word in make.rng.sample([one for one in words.NOUNS if len(one) > 5], 4)]
    film = make.films.film(Title(" ".join(chosen), " ".join(chosen), telling=True))
    mount = make.some_mount()
    stash = make.in_stash(film, make.place(film, scheme="dashed", mount=mount), titled=True)
    there = make.chance(THERE)
    begins = chosen if there else [word.capitalize() for word in make.rng.sample(words.NOUNS, 2)]
    left = f"{begins[0]} {begins[1][:4]}"
    other = film if there else _other(make, film, make.rng.uniform(0.2, 2))
    item = make.in_plex(
        other,
        _called(mount, "cut", f"{' & '.join(film.performers)} - {left}", _again(make, other.encoding)),
        way="stem",
    )
    make.label(stash, [item] if there else [], "there" if there else "another title", known=there)


def lost_letters(make: Maker) -> None:
    """A title whose letters another program did not know: a sign for each, or what another encoding makes of them."""
    first, second = make.rng.sample(
        ("Mädchen", "Straße", "Señorita", "Mañana", "Étoile", "Forêt", "Größe", "Rødgrød", "Smörgås", "Überraschung"), 2
    )
    word = make.rng.choice(words.NOUNS).capitalize()
    text = f"{first} {word} {second}"
    film = make.films.film(Title(text, text, telling=True))
    mount = make.some_mount()
    stash = make.in_stash(film, make.place(film, scheme="dashed", mount=mount), titled=True)
    signs = "".join(letter if letter.isascii() else "_" for letter in text)
    theirs = make.rng.choice((signs, signs.replace("_", "?"), text.encode().decode("latin-1")))
    # A question mark is no sign that a file's name may have everywhere.
    place = replace(
        _called(mount, "lost", "x", _again(make, film.encoding)), name=Name(theirs, title=True, telling=True)
    )
    make.label(stash, [make.in_plex(film, place, way="stem")], known=True)
