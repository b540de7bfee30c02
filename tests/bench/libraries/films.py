"""What was filmed: studios, performers, titles, lengths and sizes, before any program has seen the file."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.bench.libraries import words

#: Days a film may be from: 2005 to 2024.
FIRST_DAY, DAYS = datetime.date(2005, 1, 1), 7300
#: Shares of titles that are generic, of two words only, or long.
GENERIC, SHORT, LONG = 0.06, 0.12, 0.15


@dataclass(frozen=True, slots=True)
class Encoding:
    """A file's bytes and seconds, and its picture's height.

    ``shot``: what the film was shot with, which all its encodings keep. ``streams``: what this encoding's streams are,
    which stay when they are put into another container.
    """

    size: int
    seconds: float
    height: int
    ending: str
    shot: int = 0
    streams: int = 0
    #: What the streams were first put into, by which is told how they are encoded; ``""`` for ``ending``.
    coded_for: str = ""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long films are: log-normal, with a median in seconds and a spread in e-folds; some are whole minutes."""

    median: float = 1480.0
    spread: float = 0.6
    round_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Studio:
    """A studio, how it names files (a name in ``naming.SCHEMES``) and in what folders they lie (in ``LAYOUTS``)."""

    name: str
    scheme: str
    layout: str


@dataclass(frozen=True, slots=True)
class Title:
    """A title, as others write it, and whether it tells the film from nearly all others."""

    text: str
    elsewhere: str
    telling: bool


@dataclass(frozen=True, slots=True)
class Film:
    """One content. ``date`` is ``YYYY-MM-DD``."""

    title: Title
    studio: Studio
    date: str
    performers: tuple[str, ...]
    encoding: Encoding

    @property
    def year(self) -> int:
        """The year it is from."""
        return int(self.date[:4])

    def retitled(self, title: Title) -> Film:
        """The same film under another title."""
        return replace(self, title=title)


class FilmMaker:
    """Makes films of one world: its studios, and the performers that come back.

    :param rng: where chance comes from.
    :param size: scenes the library will have; larger ones have more studios and performers.
    :param lengths: how long its films are.
    """

    def __init__(
        self,
        rng: random.Random,
        size: int,
        schemes: Sequence[str],
        layouts: Sequence[str],
        lengths: Lengths | None = None,
    ) -> None:
        self._rng = rng
        #: How long its films are.
        self.lengths = lengths or Lengths()
        self._studios = [
            Studio(f"{rng.choice(words.STUDIO_HEADS)} {rng.choice(words.STUDIO_TAILS)}", scheme, rng.choice(layouts))
            for scheme in rng.choices(schemes, k=max(20, size // 150))
        ]
        self._performers = [
            f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}" for _ in range(max(40, size // 10))
        ]

    def film(self, title: Title | None = None) -> Film:
        """A new film."""
        rng = self._rng
        performers = tuple(dict.fromkeys(rng.choices(self._performers, k=rng.choices((1, 2, 3), (6, 3, 1))[0])))
        day = FIRST_DAY + datetime.timedelta(days=rng.randrange(DAYS))
        title = title or some_title(rng)
        return Film(title, rng.choice(self._studios), day.isoformat(), performers, first_encoding(rng, self.lengths))

    def neighbour(self, film: Film) -> Film:
        """Another film of the same studio and people, from about the same time, about as long."""
        rng = self._rng
        day = datetime.date.fromisoformat(film.date) + datetime.timedelta(days=rng.choice((0, 0, 1, 7, 30)))
        encoding = first_encoding(rng, self.lengths, about=film.encoding.seconds)
        return replace(film, title=some_title(rng), date=day.isoformat(), encoding=encoding)


def some_title(rng: random.Random) -> Title:
    """A title in plain letters."""
    adjective, noun = (rng.choice(pool).capitalize() for pool in (words.ADJECTIVES, words.NOUNS))
    place, name = rng.choice(words.PLACES), rng.choice(words.FIRST_NAMES)
    verb, other = rng.choice(words.VERBS).capitalize(), rng.choice(words.NOUNS).capitalize()
    chance = rng.random()
    if chance < GENERIC:
        return _title(rng.choice(words.GENERIC_TITLES), telling=False)
    if chance < GENERIC + SHORT:
        return _title(rng.choice((f"{adjective} {noun}", f"{place} {noun}", f"{verb} {name}")), telling=False)
    if chance < GENERIC + SHORT + LONG:
        return _title(f"{verb} the {adjective} {noun} of {place} with {name} and a {other} on the Way Home")
    return _title(
        rng.choice(
            (
                f"The {adjective} {noun} of {place}",
                f"{name}'s {adjective} {noun}",
                f"{verb} the {adjective} {noun}",
                f"A {noun} for {name} in {place}",
                f"{noun} & {other}: {adjective} {place}",
                f"{name} and the {adjective} {noun}",
                f"{rng.randrange(2, 40)} {adjective} {noun}s in {place}",
                f"{verb} {place}, {adjective} {other}?",
                f"{noun} {rng.randrange(100, 999)}: The {adjective} {other}",
                f"{adjective} {noun} ({verb} {name})",
            )
        )
    )


def _title(text: str, *, telling: bool = True) -> Title:
    return Title(text, text, telling)


def foreign_title(rng: random.Random) -> tuple[str, Title]:
    """A title in another script and as others spell it in plain letters, with the language's name before."""
    language = rng.choice(("chinese", "japanese", "russian"))
    if language == "chinese":
        parts = [rng.choice(p) for p in (words.CHINESE_PLACES, words.CHINESE_TIMES, words.CHINESE_NOUNS)]
        native = f"{parts[0][0]}的{parts[1][0]}{parts[2][0]}"
        return language, Title(native, f"{parts[0][1]} de {parts[1][1]} {parts[2][1]}", telling=True)
    if language == "japanese":
        parts = rng.sample(words.JAPANESE_WORDS, 3)
        return language, Title("の".join(p[0] for p in parts), " no ".join(p[1] for p in parts), telling=True)
    first, second = rng.sample(words.RUSSIAN_NOUNS, 2)
    native = f"{rng.choice(words.RUSSIAN_ADJECTIVES)} {first} и {rng.choice(words.RUSSIAN_ADJECTIVES)} {second}"
    native = native.capitalize()
    return language, Title(native, romanised(native, rng), telling=True)


def romanised(text: str, rng: random.Random) -> str:
    """Cyrillic in Latin letters by one of two common habits."""
    table = rng.choice((words.CYRILLIC_PLAIN, words.CYRILLIC_OTHER))
    return "".join(table.get(letter, letter) for letter in text.casefold()).title()


def first_encoding(rng: random.Random, lengths: Lengths, about: float | None = None) -> Encoding:
    """A file as it was published: seconds and bytes are log-normal (0.5 MB a second)."""
    seconds = min(max(rng.lognormvariate(math.log(lengths.median), lengths.spread), 12.0), 15_000.0)
    if about is not None:
        seconds = about * rng.uniform(0.97, 1.03)
    seconds = round(seconds * 25) / 25
    if lengths.round_minutes and rng.random() < lengths.round_minutes:
        seconds = max(60.0, round(seconds / 60) * 60.0)
    size = int(seconds * rng.lognormvariate(13.1, 0.6))
    height = rng.choice((480, 720, 1080, 1080, 2160))
    ending = rng.choice(("mp4", "mp4", "mp4", "mkv", "wmv", "mov", "m4v"))
    return Encoding(size, seconds, height, ending, rng.getrandbits(32), rng.getrandbits(32))


def remuxed(rng: random.Random, before: Encoding) -> Encoding:
    """The same streams in another container: some bytes more or less, and the length to a frame or so."""
    ending = rng.choice([ending for ending in ("mp4", "mkv", "mov") if ending != before.ending])
    if before.ending in ("wmv", "avi", "webm"):
        # Only this one takes such streams.
        ending = "mkv"
    size = before.size + max(17, int(before.size * rng.uniform(-0.004, 0.004)))
    seconds = max(before.seconds + rng.uniform(-0.04, 0.04), 1.0)
    return replace(before, size=size, seconds=seconds, ending=ending, coded_for=before.coded_for or before.ending)


def encoded_again(rng: random.Random, before: Encoding) -> Encoding:
    """The same pictures in another file: other bytes and ending, and up to 0.3 s more or less."""
    height = rng.choice([height for height in (480, 720, 1080) if height != before.height])
    ending = rng.choice([ending for ending in ("mp4", "mkv", "avi", "webm") if ending != before.ending])
    seconds = max(before.seconds + rng.uniform(-0.3, 0.3), 1.0)
    size = int(before.size * rng.uniform(0.2, 0.95))
    return Encoding(size, seconds, height, ending, before.shot, rng.getrandbits(32))
