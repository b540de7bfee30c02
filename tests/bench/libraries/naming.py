"""How people and programs name files, and the folders they put them in."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.bench.libraries import words
from tests.bench.libraries.films import Film

#: File systems and programs refuse these, or people avoid them.
_FORBIDDEN = re.compile(r'[\\/?"*<>|]')


@dataclass(frozen=True, slots=True)
class Name:
    """A file's name without its ending, and what a reader finds in it.

    ``telling``: hardly another file has it. ``date`` and ``cast`` (studio or performers) as they stand there.
    """

    stem: str
    title: bool = False
    date: bool = False
    cast: bool = False
    telling: bool = False


def clean(text: str) -> str:
    """Text as it can stand in a file's name."""
    return _FORBIDDEN.sub("", text.replace(": ", " - ").replace(":", "-")).strip(" .")


def ascii_only(text: str) -> str:
    """Text without accents, as many name files; letters of other scripts stay."""
    plain = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))


def dotted(text: str) -> str:
    """``The Old Mill's Owner`` as ``The.Old.Mills.Owner``."""
    kept = re.sub(r"[^\w\s.-]", "", ascii_only(text))
    return re.sub(r"[\s.]+", ".", kept).strip(".")


def _release(rng: random.Random, film: Film, title: str, height: int) -> Name:
    day = film.date[2:].replace("-", ".")
    people = ".and.".join(dotted(name) for name in film.performers[:2])
    end = f"{height}p.{rng.choice(('MP4', 'HEVC.x265', 'WEB.x264', 'MP4'))}-{rng.choice(words.RELEASE_GROUPS)}"
    stem = f"{dotted(film.studio.name).replace('.', '')}.{day}.{people}.{dotted(title)}.XXX.{end}"
    return Name(stem, title=True, date=True, cast=True, telling=True)


def _dashed(_rng: random.Random, film: Film, title: str, _height: int) -> Name:
    stem = f"{film.studio.name} - {film.date} - {', '.join(film.performers)} - {title}"
    return Name(stem, title=True, date=True, cast=True, telling=True)


def _year(_rng: random.Random, film: Film, title: str, _height: int) -> Name:
    return Name(f"{title} ({film.year})", title=True, telling=film.title.telling)


def _bracketed(_rng: random.Random, film: Film, title: str, height: int) -> Name:
    stem = f"[{film.studio.name}] {' & '.join(film.performers)} - {title} ({film.date}) [{height}p]"
    return Name(stem, title=True, date=True, cast=True, telling=True)


def _title_only(_rng: random.Random, film: Film, title: str, _height: int) -> Name:
    return Name(title, title=True, telling=film.title.telling)


def _snake(_rng: random.Random, film: Film, title: str, height: int) -> Name:
    stem = f"{dotted(film.studio.name)}.{dotted(title)}.{height}p".replace(".", "_").lower()
    return Name(stem, title=True, cast=True, telling=film.title.telling)


def _performer(_rng: random.Random, film: Film, title: str, _height: int) -> Name:
    return Name(f"{ascii_only(film.performers[0])} - {title}", title=True, cast=True, telling=film.title.telling)


def _european(_rng: random.Random, film: Film, title: str, _height: int) -> Name:
    year, month, day = film.date.split("-")
    return Name(f"{day}.{month}.{year} {title}", title=True, date=int(day) > 12, telling=film.title.telling)


def _camera(rng: random.Random, film: Film, _title: str, _height: int) -> Name:
    number = rng.randrange(1, 10_000)
    pattern = rng.choice((f"DSC_{number:04}", f"MVI_{number:04}", f"GOPR{number:04}", f"IMG_{number:04}"))
    return Name(pattern)


def _phone(rng: random.Random, film: Film, _title: str, _height: int) -> Name:
    clock = f"{rng.randrange(7, 24):02}{rng.randrange(60):02}{rng.randrange(60):02}"
    return Name(f"VID_{film.date.replace('-', '')}_{clock}", date=True, telling=True)


def _number(rng: random.Random, film: Film, _title: str, _height: int) -> Name:
    return Name(str(rng.randrange(1, 60)))


def _hash(rng: random.Random, film: Film, _title: str, _height: int) -> Name:
    return Name(f"{rng.getrandbits(128):032x}", telling=True)


def joined(text: str) -> str:
    """``Mono Passion`` as ``MonoPassion``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^\w]+", ascii_only(text)) if word)


def _siterip(rng: random.Random, film: Film, _title: str, _height: int) -> Name:
    number = rng.randrange(1, 1500)
    short = ascii_only("".join(word[0] for word in film.studio.name.split())).lower()
    return Name(rng.choice((f"vid{number:04}", f"vid{number:04}", f"scene{number:03}", f"{short}{number:04}_hd")))


def code_of(rng: random.Random) -> str:
    """A code as Japanese studios give them: ``WANX-931``."""
    consonants, vowels = "BCDFGHJKLMNPRSTVWXZ", "AEIOU"
    letters = [rng.choice(consonants), rng.choice(vowels + consonants), rng.choice(consonants), rng.choice(vowels)]
    return f"{''.join(letters[: rng.choice((3, 3, 4))])}-{rng.randrange(1, 1000):03}"


def _code(rng: random.Random, _film: Film, title: str, _height: int) -> Name:
    code = code_of(rng)
    if rng.random() < 0.5:
        return Name(rng.choice((code, code.lower())), telling=True)
    return Name(rng.choice((f"[{code}] {title}", f"{code} {title}")), title=True, telling=True)


def _joined(_rng: random.Random, film: Film, title: str, height: int) -> Name:
    people = "_".join(joined(name) for name in film.performers[:2])
    stem = f"{joined(film.studio.name)}_{people}_{joined(title)}_{height}p"
    return Name(stem, title=True, cast=True, telling=film.title.telling)


def _film(rng: random.Random, film: Film, title: str, height: int) -> Name:
    end = rng.choice(("", f" [{height}p]", f" {{tmdb-{rng.randrange(1000, 900_000)}}}", f" - {height}p", " [BluRay]"))
    return Name(f"{title} ({film.year}){end}", title=True, telling=film.title.telling)


Scheme = Callable[[random.Random, Film, str, int], Name]
SCHEMES: dict[str, Scheme] = {
    "release": _release,
    "dashed": _dashed,
    "year": _year,
    "bracketed": _bracketed,
    "title": _title_only,
    "snake": _snake,
    "performer": _performer,
    "european": _european,
    "camera": _camera,
    "phone": _phone,
    "number": _number,
    "hash": _hash,
    "siterip": _siterip,
    "code": _code,
    "joined": _joined,
    "film": _film,
}
#: Schemes whose names show the title.
WITH_TITLE = ("release", "dashed", "year", "bracketed", "title", "snake", "performer", "european")
#: Schemes whose names show title, date and people.
WITH_ALL = ("release", "dashed", "bracketed")
#: Schemes whose names say nothing of what is in the file.
WITHOUT_TITLE = ("camera", "phone", "number", "hash")
#: How often studios, and those who put their files on disk, use each scheme.
USUAL = (
    ("release",) * 5
    + ("dashed",) * 4
    + ("year", "bracketed", "bracketed", "title", "title", "snake")
    + (("performer",) * 2 + ("european", "camera", "number", "hash", "phone"))
)


def name_of(rng: random.Random, film: Film, scheme: str, *, title: str, height: int) -> Name:
    """The film's name by a scheme, with this title and picture height; at most 200 characters, as disks demand."""
    name = SCHEMES[scheme](rng, film, title, height)
    return replace(name, stem=clean(name.stem)[:200].strip(" ."))


LAYOUTS: dict[str, Callable[[Film], str]] = {
    "studio": lambda film: film.studio.name,
    "studio/year": lambda film: f"{film.studio.name}/{film.year}",
    "studio/performer": lambda film: f"{film.studio.name}/{film.performers[0]}",
    "performer": lambda film: film.performers[0],
    "letter/performer": lambda film: f"{ascii_only(film.performers[0])[0]}/{film.performers[0]}",
    "year": lambda film: str(film.year),
    "year/month/studio": lambda film: f"{film.year}/{film.date[5:7]}/{film.studio.name}",
    "flat": lambda _film: "",
    "film": lambda film: f"{film.title.text} ({film.year})",
}


def folder_of(film: Film, layout: str, name: Name) -> str:
    """The folder below a root; files with names that say nothing lie in one of their own shoot."""
    folder = "/".join(clean(part) for part in LAYOUTS[layout](film).split("/") if part)
    if not name.telling and not name.title:
        folder = f"{folder}/{film.date} {clean(film.performers[0])}".lstrip("/")
    return folder
