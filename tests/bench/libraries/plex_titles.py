"""What Plex shows of an item it has scanned: a guess from the file's name, an agent's title, or Stash's."""

from __future__ import annotations

import datetime
import random
import re
from dataclasses import dataclass, replace

from tests.bench.libraries.films import Film
from tests.bench.libraries.naming import Name

#: How Plex came by its titles, and how often.
WAYS = ("stem", "tidied", "synced", "agent", "year")
#: Share of the guessed titles that come with the date of the file.
FILE_DATES = 0.3

_RELEASE_TAGS = re.compile(
    r"\b(?:XXX|2160p|1080p|720p|480p|MP4|HEVC|x265|x264|WEB|KTR|WRB|XLF|NBQ|iaK|CLiP|P2P|GRP|QxR|DEViSE|TRB)\b.*$"
)
_YEAR = re.compile(r"\((\d{4})\)")


@dataclass(frozen=True, slots=True)
class Shown:
    """An item's texts as a listing has them, and what a reader finds in them of the film."""

    title: str
    studio: str = ""
    date: str = ""
    year: int | None = None
    shows_title: bool = False
    shows_date: bool = False
    shows_cast: bool = False


def shown(rng: random.Random, film: Film, name: Name, way: str, stash_title: str) -> Shown:
    """What Plex shows.

    :param name: of the item's first file.
    :param way: one of ``WAYS``, or "year taken out" for a guess in which the name's date lacks its year.
    :param stash_title: the scene's title in Stash, ``""`` where it has none.
    """
    if way == "synced":
        return _synced(film, name, stash_title)
    if way == "agent":
        return _from_agent(rng, film)
    if way == "year":
        # Agents for films often know the year alone, and Plex makes a day of it.
        title = film.title.elsewhere
        return Shown(title, rng.choice(("", film.studio.name)), f"{film.year}-01-01", film.year, shows_title=True)
    found = _guessed(rng, film, name, tidy=way == "tidied")
    if way == "year taken out":
        return replace(found, title=_spaced(name.stem.replace(str(film.year), "", 1)))
    return found


def _synced(film: Film, name: Name, stash_title: str) -> Shown:
    if not stash_title:
        return Shown(_spaced(name.stem), shows_title=name.title, shows_date=name.date, shows_cast=name.cast)
    return _all_shown(stash_title, film)


def _from_agent(rng: random.Random, film: Film) -> Shown:
    """Agents read other sites than Stash does: commas, capitals and additions differ."""
    text = film.title.elsewhere
    title = rng.choice(
        (
            text,
            text,
            text.replace("'", "’"),
            text.replace(" & ", " and "),
            text.removeprefix("The "),
            text.upper(),
            f"{film.studio.name}: {text}",
            f"{film.performers[0]} in {text}",
        )
    )
    return _all_shown(title, film)


def _all_shown(title: str, film: Film) -> Shown:
    return Shown(title, film.studio.name, film.date, film.year, shows_title=True, shows_date=True, shows_cast=True)


def _guessed(rng: random.Random, film: Film, name: Name, *, tidy: bool) -> Shown:
    title, year = name.stem, None
    if tidy:
        found = _YEAR.search(name.stem)
        year = int(found.group(1)) if found else None
        title = _spaced(_RELEASE_TAGS.sub("", _YEAR.sub("", name.stem))) or name.stem
    date = ""
    # The Personal Media agent takes the day on which the file was last changed for its date; others give none.
    if rng.random() < FILE_DATES:
        day = datetime.date.fromisoformat(film.date) + datetime.timedelta(days=int(rng.expovariate(1 / 200)))
        date, year = day.isoformat(), day.year
    return Shown(title, "", date, year, shows_title=name.title, shows_date=name.date, shows_cast=name.cast)


def _spaced(stem: str) -> str:
    return stem if " " in stem else re.sub(r"[._\s]+", " ", stem).strip()
