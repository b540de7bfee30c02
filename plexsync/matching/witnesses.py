"""What else is known of a scene and an item: date, studio, performers. They support or contradict a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.fuzzy import fuzz
from plexsync.matching.reading import Reading
from plexsync.matching.titles import name_words
from plexsync.model import Performer

#: Likeness, 0 to 100, from which two studios are one: ``Sunset Films`` and ``SunsetFilms``.
_SAME_STUDIO_LIKENESS = 88.0
#: Witnesses that tell a studio or a person for certain, as a first name does not.
_SINGLED = frozenset((Kind.SAME_STUDIO, Kind.PERFORMERS))
#: Words that make another video of the same title.
_KINDS = frozenset(
    "trailer teaser preview promo sample bts behind bonus interview outtakes bloopers extended uncut highlights "  # noqa: SIM905 - as a list it would take a page
    "compilation clip excerpt".split()
)


def same_date(ours: str, our_texts: Sequence[Reading], theirs: str, their_texts: Sequence[Reading]) -> Evidence | None:
    """Evidence of dates: the scene's against the item's, and against those that names hold.

    :param ours: the scene's date, ``YYYY-MM-DD``, ``YYYY-MM``, ``YYYY`` or ``""``.
    :param our_texts: its title and file names; they count where it has no date.
    :param theirs: the item's date, ``YYYY-MM-DD``, or ``""`` where it has none that counts.
    :param their_texts: its title and file names.
    """
    if ours.endswith("-01-01") and _is_new_year(ours, our_texts, their_texts):
        return Evidence(Kind.SAME_DATE, weights.NEW_YEAR, f"same date {ours}, in both names", decisive=True)
    # Who knows the year alone writes its first day.
    ours, theirs = _known_of(ours), _known_of(theirs)
    mine = {ours} if ours else {day for text in our_texts for day in text.dates}
    yours = {day for text in their_texts for day in text.dates}
    if theirs and (len(theirs) > len("2023") or not yours):
        yours.add(theirs)
    if mine and yours:
        best = max((_same_day(one, other) for one in sorted(mine) for other in sorted(yours)), key=_weight)
        certain = bool(theirs) or any(text.dated for text in their_texts)
        sure = bool(ours) or any(text.dated for text in our_texts)
        if best.weight > 0 or (certain and sure):
            return best
        return _perhaps_other(best) if ours and best.kind is Kind.OTHER_DATE else None
    return _same_year(mine, our_texts, yours, their_texts)


def _is_new_year(day: str, ours: Sequence[Reading], theirs: Sequence[Reading]) -> bool:
    """Whether names on both sides have the first day of a year in full, as of any other day."""
    return all(any(day in text.dates for text in texts) for texts in (ours, theirs))


def _known_of(day: str) -> str:
    return day.removesuffix("-01-01")


def same_studio(ours: str, theirs: str, extra: Sequence[Sequence[str]]) -> Evidence | None:
    """Evidence of studios.

    :param extra: the words of each of the item's names.
    """
    mine = "".join(name_words(ours)) if ours else ""
    if not mine:
        return None
    yours = "".join(name_words(theirs)) if theirs else ""
    if yours:
        if mine in yours or yours in mine or fuzz.ratio(mine, yours) >= _SAME_STUDIO_LIKENESS:
            return Evidence(Kind.SAME_STUDIO, weights.SAME_STUDIO, f"same studio {theirs!r}")
        told = f"another studio ({ours!r} in Stash, {theirs!r} in Plex)"
        return Evidence(Kind.OTHER_STUDIO, weights.OTHER_STUDIO, told)
    if any(mine in "".join(name) for name in extra) or (not mine.isalpha() and _is_among(name_words(ours), extra)):
        return Evidence(Kind.SAME_STUDIO, weights.SAME_STUDIO, f"studio {ours!r} in its name")
    return None


def _is_among(name: Sequence[str], extra: Sequence[Sequence[str]]) -> bool:
    """Whether a name that has words and numbers is among the words of one of the others."""
    return any(word.isalpha() for word in name) and any(set(name) <= set(other) for other in extra)


def spelt_out(reading: Reading, studio: str) -> Sequence[str]:
    """The words of a name, and its numbers where the studio's name has some as well: ``Club 7``."""
    if not any(sign.isdigit() for sign in studio):
        return reading.words
    return (*reading.words, *map(str, reading.numbers))


def performers_named(performers: Iterable[Performer], extra: Set[str]) -> Evidence | None:
    """Evidence of performers whose whole names are among the words that the item's names have and the scene's lack."""
    performers = tuple(performers)
    named = [one.name for one in performers if _is_named(name_words(one.name), extra)]
    if not named:
        first = [one.name for one in performers if len(one.name.split()) > 1 and _first_name(one.name) in extra]
        return Evidence(Kind.FIRST_NAME, weights.FIRST_NAME, f"first name of {first[0]} in its name") if first else None
    weight = weights.PERFORMER + (weights.SECOND_PERFORMER if len(named) > 1 else 0.0)
    return Evidence(Kind.PERFORMERS, weight, f"{' and '.join(named)} in its name")


def _first_name(name: str) -> str:
    return next(iter(name_words(name)), "")


def _is_named(name: Sequence[str], extra: Set[str]) -> bool:
    if not name:
        return False
    return set(name) <= extra or (len(name) > 1 and any("".join(name) in word for word in extra))


def same_edition(ours: Sequence[Reading], theirs: Sequence[Reading]) -> Evidence | None:
    """Evidence of editions: of one in braces against one in braces, or against the words of the other side's names.

    One that only one side tells of says nothing: names often leave it out.
    """
    mine, yours = ({text.edition for text in texts if text.edition} for texts in (ours, theirs))
    if not mine and not yours:
        return None
    held = [{word for text in texts for word in text.words} for texts in (ours, theirs)]
    same = {one for one in mine if set(one.split()) <= held[1]} | {one for one in yours if set(one.split()) <= held[0]}
    if same or mine & yours:
        return Evidence(Kind.EDITION, weights.SAME_EDITION, f"same edition {min(same or mine & yours)!r}")
    if mine and yours:
        told = f"another edition ({min(mine)!r} in Stash, {min(yours)!r} in Plex)"
        return Evidence(Kind.EDITION, weights.OTHER_EDITION, told)
    return None


def left_by_witnesses(dated: Evidence | None, cast: Sequence[Evidence]) -> float:
    """How much more day, studio and people say together, at most, than it takes to single out one item."""
    if dated is not None and dated.kind is Kind.SAME_DATE:
        return weights.WITNESSES_LEFT
    both = sum(one.kind in _SINGLED for one in cast) > 1
    return weights.WITNESSES_LEFT_UNDATED if both else weights.ONE_WITNESS_LEFT


def other_kind(ours: Sequence[Reading], theirs: Sequence[Reading], *, as_long: bool = False) -> Evidence | None:
    """Evidence that one is a trailer, a longer cut or the like, and the other is not.

    :param as_long: they are as long; so a word that is missing says nothing, and only another one does.
    """
    mine, yours = ({word for text in texts for word in text.words if word in _KINDS} for texts in (ours, theirs))
    if mine == yours or (as_long and (mine <= yours or yours <= mine)):
        return None
    word, where = (min(yours - mine), "Plex") if yours - mine else (min(mine - yours), "Stash")
    return Evidence(Kind.OTHER_KIND, weights.OTHER_KIND, f"{word!r} only in {where}")


def _weight(evidence: Evidence) -> float:
    return evidence.weight


def _same_day(ours: str, theirs: str) -> Evidence:
    if ours == theirs and len(ours) == len("2023-05-17"):
        return Evidence(Kind.SAME_DATE, weights.SAME_DATE, f"same date {ours}", decisive=True)
    if len(ours) != len(theirs) or len(ours) == len("2023"):
        short, long = sorted((ours, theirs), key=len)
        if long.startswith(short):
            weight = weights.SAME_YEAR if len(short) == len("2023") else weights.SAME_MONTH
            return Evidence(Kind.YEAR, weight, f"both of {short}")
        if len(short) == len("2023"):
            apart = abs(int(short) - int(long[:4]))
            return _other_year(short, long[:4]) if apart > 1 else Evidence(Kind.YEAR, 0.0, "a year apart")
    elif f"{ours[:5]}{ours[8:]}-{ours[5:7]}" == theirs:
        told = f"same date {ours} but for day and month swapped"
        return Evidence(Kind.SAME_DATE, weights.SWAPPED_DATE, told, decisive=True)
    elif _days_apart(ours, theirs) == 1:
        return Evidence(Kind.NEXT_DAY, weights.NEXT_DAY, f"dates a day apart ({ours} in Stash, {theirs} in Plex)")
    return Evidence(Kind.OTHER_DATE, weights.OTHER_DATE, f"another date ({ours} in Stash, {theirs} in Plex)")


def _perhaps_other(other: Evidence) -> Evidence:
    """Evidence of another date in a form that may be none: ``15.01.18``."""
    return Evidence(Kind.PERHAPS_OTHER_DATE, weights.PERHAPS_OTHER_DATE, f"perhaps {other.reason}")


def _days_apart(ours: str, theirs: str) -> int | None:
    try:
        return abs((date.fromisoformat(ours) - date.fromisoformat(theirs)).days)
    except ValueError:
        return None


def _same_year(
    mine: Set[str], our_texts: Sequence[Reading], yours: Set[str], their_texts: Sequence[Reading]
) -> Evidence | None:
    ours = {int(day[:4]) for day in mine if day[:4].isdigit()} or {text.year for text in our_texts if text.year}
    theirs = {int(day[:4]) for day in yours if day[:4].isdigit()} or {text.year for text in their_texts if text.year}
    if not ours or not theirs:
        return None
    named = _years_in_both(our_texts, their_texts)
    if named and not named & ours and not yours:
        # It is a number that both names have, and no year.
        return None
    if ours & theirs:
        return Evidence(Kind.YEAR, weights.SAME_YEAR, f"both of {max(ours & theirs)}")
    apart = min(abs(one - other) for one in ours for other in theirs)
    return _other_year(_listed(ours), _listed(theirs)) if apart > 1 else None


def _years_in_both(ours: Sequence[Reading], theirs: Sequence[Reading]) -> set[int]:
    """Numbers that both sides' texts have, and that are read as a year on one of them at least."""
    mine, yours = ({text.year for text in texts if text.year is not None} for texts in (ours, theirs))
    numbers = [{number for text in texts for number in text.numbers} for texts in (ours, theirs)]
    return (mine & (yours | numbers[1])) | (yours & numbers[0])


def _other_year(ours: str, theirs: str) -> Evidence:
    return Evidence(Kind.OTHER_YEAR, weights.OTHER_YEAR, f"another year ({ours} in Stash, {theirs} in Plex)")


def _listed(years: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(years)))
