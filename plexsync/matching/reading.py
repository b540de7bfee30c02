"""What a title or a file name tells: its words, the numbers that tell parts of a series apart, dates, a year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.added import without_additions, without_ids
from plexsync.matching.codes import codes_in, loose_codes_in, numbers_of_codes
from plexsync.matching.titles import LABELS, plain, plain_words

#: Years that a text can mean; other numbers of four digits are just numbers.
_FIRST_YEAR, _LAST_YEAR = 1930, 2049
#: A year of two digits up to this one is of this century.
_LAST_SHORT_YEAR = 49
#: Digits of a number in a series at most. A longer one is an identifier, which tells as much as a word.
_LONGEST_NUMBER = 4

#: What months are called in English, German, French, Spanish and Italian, as ``titles.plain`` leaves it.
_MONTH_NAMES = (
    "jan january januar janvier janv enero gennaio",
    "feb february februar fevrier fev febrero febbraio",
    "mar march marz mars marzo",
    "apr april avril avr abril aprile",
    "may mai mayo maggio",
    "jun june juni juin junio giugno",
    "jul july juli juillet juil julio luglio",
    "aug august aout agosto",
    "sep sept september septembre septiembre settembre",
    "oct october okt oktober octobre octubre ottobre",
    "nov november novembre noviembre",
    "dec december dez dezember decembre diciembre dicembre",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
_NAMED = tuple(
    late_pattern(rf"(?<![0-9a-z]){form}(?![0-9a-z])")
    for form in (
        rf"{_DAY}[ .,-]*(?:of |de )?{_MONTH}[ .,-]*(?:de )?{_YEAR}",
        rf"{_MONTH}[ .,-]*{_DAY}[ .,-]+{_YEAR}",
        rf"{_YEAR}[ .,-]*{_MONTH}[ .,-]*{_DAY}",
    )
)
_A, _B, _TOGETHER = r"(?P<a>[0-9]{1,2})", r"(?P<b>[0-9]{1,2})", r"(?P<c>[0-9]{2})(?P<d>[0-9]{2})"
_BETWEEN, _SAME = r"(?P<between>[-./ ])", r"(?P=between)"
_YEAR_FIRST = late_pattern(rf"(?<![0-9]){_YEAR}(?:{_BETWEEN}{_A}{_SAME}{_B}|{_TOGETHER})(?![0-9])")
_YEAR_LAST = late_pattern(rf"(?<![0-9])(?:{_A}{_BETWEEN}{_B}{_SAME}|{_TOGETHER}){_YEAR}(?![0-9])")
_SHORT_FORM = r"(?:([0-9]{2})([-./ ])([0-9]{2})\2([0-9]{2})|([0-9]{2})([0-9]{2})([0-9]{2}))(?![0-9])"
_SHORT = late_pattern(rf"(?<![0-9a-z]){_SHORT_FORM}")
#: Right after a letter. In ``Luxe21.23.10.26`` the first digits are part of the word, so this is looked for last.
_SHORT_JOINED = late_pattern(rf"(?<![0-9]){_SHORT_FORM}")
#: A date at the end that was cut off with the name: ``2023-05-1``, ``2023-05``.
_CUT_DATE = late_pattern(r"(?<![0-9])((?:19|20)[0-9]{2})([-.])(0[1-9]|1[0-2])(?:\2([0-3])?)?$")
_DIGITS = late_pattern("[0-9]")
_CENTURY = late_pattern("(?:19|20)[0-9]{2}")

_EDITION = late_pattern(r"\{edition[- ]([^{}]*)\}")
_ID_NAMES = late_pattern(r"tmdb|imdb|tvdb|\btt[0-9]{7}")
#: ``[tmdbid-123]``, ``{imdb-tt0123456}``, ``tt0123456``; ``themoviedb.org/movie/123`` comes as ``tmdb-123``.
_ID = late_pattern(
    r"[\[({]?(?<![a-z0-9])(?:(?P<name>tmdb|imdb|tvdb)(?:id)?[-=: ]?)?(?P<tt>tt(?=[0-9]{5}))?(?P<digits>[0-9]{1,10})"
    r"(?![0-9a-z])[\])}]?"
)
#: What sites put before the name of what they copied: ``hhd800.com@``, and what Plex's titles make of it, without the
#: point. In brackets a site's name may be the studio's, unless it has a number in it: ``[hhd800.com]``.
_SITE = late_pattern(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,4}@"
    r"|(?<![a-z0-9])(?:www )?[a-z0-9-]+ (?:com|net|org|info|xyz|club|vip|cc)@"
    r"|[\[({](?:www[. ])?[a-z-]*[0-9][a-z0-9-]*[. ](?:com|net|org|info|xyz|club|vip|cc|to|tv|biz|ws)[\])}]"
)

#: Where a file was loaded from: ``www.site.net - ``, `` - Site.com``, ``site24.to_``; and as Plex's titles have it.
_ADDRESS = late_pattern(
    r"(?:^| - )www[. ][a-z0-9-]+[. ][a-z]{2,4}(?= - |$)|^www\.[a-z0-9-]+\.[a-z]{2,4}(?= )"
    r"|^[a-z][a-z-]*[0-9][a-z0-9-]*(?:\.(?:com|net|org|info|xyz|club|cc|to|tv|biz)| (?:com|net|org))(?= )"
    r"|(?<=.) - [a-z0-9-]{4,}\.(?:com|net|org)$"
)
_MAY_BE_ADDRESS = late_pattern(r"www|[. ](?:com|net|org|info|xyz|club|cc|to|tv|biz)(?![a-z0-9])")
#: What is left where a name was cut off within brackets, of a year or of lines: ``[201``, ``(108``, ``[HD 7``.
_CUT_BRACKET = late_pattern(r"[\[(](?:f?hd ?)?[0-9]{1,4}$")

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_NAMED_NUMBERS = {
    word: number
    for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_AFTER_LABEL = {**{letter: number for number, letter in enumerate("abcdefgh", 1)}, **_ROMAN, **_NAMED_NUMBERS}
#: Tokens that may follow the letter of a part: of pictures for two eyes, of resolutions and codecs.
_TAGS_BEHIND = (
    r"(?:180|360|180x180|lr|rl|tb|sbs|3dh|3dv|3d|vr|vr180|vr360|[0-9]{3,4}p|[2-8]k|[0-9]{2}fps|[hx]?26[45]|hevc|u?hd)"
)
#: One letter at the end, as halves and parts are told apart: ``harbour_lights_B_180_LR``.
_LETTER_AT_END = late_pattern(rf"(?<=[0-9a-z])[ ._-]+\(?([a-d])\)?(?:[ ._()\[\]-]+{_TAGS_BEHIND})*[ ._()\[\]-]*$")
#: Characters that such a letter and what is behind it have at most.
_LONGEST_END = 40
_LABELS_OF_LETTERS = ("part", "pt", "cd", "vd", "dis", "teil", "tape", "half", "side", "vol")
#: ``partB``, ``part-b``, ``cd_b``, ``partII``.
_LABELLED_LETTER = late_pattern(
    r"(?<![a-z0-9])(?:(?:part|dis[ck])[ ._-]?|(?:pt|cd|dvd|teil|tape|half|side|vol|volume)[ ._-]|(?<=.)(?:pt|cd|dvd))"
    r"(?:([a-d])|(iii|ii|iv|viii|vii|vi))(?![a-z0-9]|[ ._-][0-9])"
)
#: ``second part``, ``1st half``.
_ORDINAL = late_pattern(
    r"(?<![a-z0-9])(?:(first|1st)|(second|2nd)|(third|3rd)|(fourth|4th))[ ._-](?:part|half|disc|cd|teil)(?![a-z0-9])"
)
#: ``1 of 3``, ``part 1 of 3``, ``1 von 3``.
_OF_SO_MANY = late_pattern(
    r"(?<![0-9a-z])(?:(?:part|pt|scene|vol|cd|disc|teil)[ ._-]*)?"
    r"([0-9]{1,2})(?:[ ._-]?(?:of|von)[ ._-]?|/)([0-9]{1,2})(?![0-9a-z])"
)
_MOST_PARTS = 20
#: What programs add where a file of the name is there: ``Harbour Lights (2)``, ``Harbour Lights - Copy (2)``.
_COPY = late_pattern(r"(?:[ -]*copy ?)?\(([0-9]{1,2})\)$|[ -]+copy(?: ([0-9]{1,2}))?$")
#: A place in somebody's list, in front of a name: ``03. Harbour Lights``, ``(12) Harbour Lights``, ``017 Harbour``.
_IN_FRONT = late_pattern(
    r"\s*(?:[#(\[]\s*([0-9]{1,3})[)\]]?[\s._-]"
    r"|([0-9]{1,3})(?:\s*[.)]\s*(?=[a-z\[(])|(?:[.)]|\s+-)\s+(?=[0-9a-z\[(]))|(0[0-9]{1,3})[\s-]+(?=[0-9a-z\[(]))"
)
#: Roman numerals that are hardly ever anything else; the others count after a label or as the last word.
_ANYWHERE = {word: number for word, number in _ROMAN.items() if word in ("ii", "iii", "iv", "vii", "viii", "ix")}
_ORDINALS = frozenset(("st", "nd", "rd", "th"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text tells.

    ``words``: without numbers, their labels, dates and years. ``numbers``: as they stand, such as ``(2,)`` for part
    two. ``dates``: days that it may mean, ``YYYY-MM-DD``; day and month are read either way where the order is open.
    ``dated``: whether that is a date for certain, with a year of four digits. ``year``: one that stands alone.
    """

    words: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    dates: frozenset[str] = frozenset()
    dated: bool = False
    year: int | None = None
    #: ``wanx931`` for ``WANX-931``; and what may be one, though it is written in two words.
    codes: frozenset[str] = frozenset()
    loose_codes: frozenset[str] = frozenset()
    #: Of databases of films: ``tmdb:123``, ``imdb:tt0123456``.
    ids: frozenset[str] = frozenset()
    #: The words of an edition: ``directors cut``.
    edition: str = ""
    #: Those of the numbers that are part of a code.
    of_codes: frozenset[int] = frozenset()
    #: The one of the numbers that a program may have added where a file of the name was there.
    copy: int | None = None
    #: The one of the numbers that stands in front, as in a list.
    in_front: int | None = None
    #: The number that a single letter at the end may stand for: 2 for B.
    letter: int | None = None
    #: Ids that sites gave it, in small letters: ``ph5c3e9a1b77d0e``.
    uploads: frozenset[str] = frozenset()


_NONE: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """What a title, or a file name without its ending, tells."""
    text, uploads = without_ids(text)
    rest = plain(text)
    edition = ""
    if "{" in rest and (found_edition := _EDITION.search(rest)):
        edition = " ".join(plain_words(found_edition[1]))
        rest = _EDITION.sub(" ", rest)
    if "@" in rest or (("[" in rest or "(" in rest) and _DIGITS.search(rest)):
        rest = _SITE.sub(" ", rest)
    # Most names have none of that.
    if any(label in rest for label in _LABELS_OF_LETTERS):
        rest = _ORDINAL.sub(_in_figures, _LABELLED_LETTER.sub(_numbered, rest))
    at_end = _LETTER_AT_END.search(rest[-_LONGEST_END:])
    letter = _AFTER_LABEL[at_end[1]] if at_end else None
    if not _DIGITS.search(rest):
        words, numbers, _ = _told_apart(plain_words(_without_address(rest)))
        letter = None if letter in numbers else letter
        return Reading(words, numbers, edition=edition, letter=letter, uploads=uploads)
    ids = _NONE
    if ("db" in rest or "tt" in rest) and _ID_NAMES.search(rest):
        ids = ids_in(rest)
        rest = _ID.sub(lambda one: " " if one["name"] or one["tt"] else one[0], rest)
    rest = without_additions(_without_address(rest))
    if "[" in rest or "(" in rest:
        rest = _CUT_BRACKET.sub(" ", rest)
    days: set[str] = set()
    dated = False
    if found_cut := _CUT_DATE.search(rest):
        days.update(_days_of_cut(found_cut))
        dated = True
        rest = f"{rest[: found_cut.start()]} / "
    for pattern, means in _FORMS if _CENTURY.search(rest) else _FORMS_WITHOUT_CENTURY:
        for found, meant in _days_in(rest, pattern, means):
            days |= meant
            dated = dated or pattern not in _VAGUE
            rest = rest.replace(found, " / ", 1)
    if "of" in rest or "/" in rest or "von" in rest:
        rest = _OF_SO_MANY.sub(_first_of, rest)
    listed = _IN_FRONT.match(rest)
    in_front = int(listed[listed.lastindex or 0]) if listed else None
    copied = _COPY.search(rest.rstrip())
    copy = int(copied[1] or copied[2] or 1) if copied else None
    words, numbers, year = _told_apart(plain_words(rest))
    codes = codes_in(rest)
    loose = loose_codes_in(rest)
    of_codes = numbers_of_codes(rest) if codes else frozenset[int]()
    return Reading(
        *(words, numbers, frozenset(days), dated, year, codes, loose, ids, edition, of_codes),
        copy=copy if copy in numbers else None,
        in_front=in_front if in_front in numbers else None,
        letter=None if letter in numbers else letter,
        uploads=uploads,
    )


def _days_of_cut(found: re.Match[str]) -> Iterator[str]:
    """The days, or the month, that what is left of a date may mean."""
    year, month, digit = int(found[1]), int(found[3]), found[4]
    if digit is None:
        yield f"{year}-{month:02}"
        return
    for day in (int(digit), *range(10 * int(digit), 10 * int(digit) + 10)):
        yield from _day(year, month, day)


def _numbered(found: re.Match[str]) -> str:
    return f" part {_AFTER_LABEL[found[1] or found[2]]} "


def _in_figures(found: re.Match[str]) -> str:
    return f" part {found.lastindex} "


def _first_of(found: re.Match[str]) -> str:
    return f" part {found[1]} " if int(found[1]) <= int(found[2]) <= _MOST_PARTS else found[0]


def without_parts_of_dates(reading: Reading, dates: Iterable[str]) -> Reading:
    """A title's reading without numbers that are what is left of a date in a name, where a program took out its year.

    :param dates: days that the name may mean.
    """
    left = list(reading.numbers)
    for day in dates:
        if len(day) < len("2023-05-17"):
            continue
        year, month, date = (int(part) for part in day.split("-"))
        for order in ((month, date), (date, month), (year % 100, month, date), (year % 100, month)):
            places = [place for place in range(len(left)) if tuple(left[place : place + len(order)]) == order]
            if places:
                del left[places[0] : places[0] + len(order)]
                return replace(reading, numbers=tuple(left))
    return reading


def _without_address(text: str) -> str:
    """A text without the address that a program put before or after it."""
    return _ADDRESS.sub(" ", text) if _MAY_BE_ADDRESS.search(text) else text


def ids_in(text: str) -> frozenset[str]:
    """The ids of films that a text, a folder's name or an address holds.

    :param text: in small letters.
    """
    found = set()
    for one in _ID.finditer(text):
        if not one["name"] and not one["tt"]:
            continue
        name = one["name"] or "imdb"
        digits = one["digits"].lstrip("0")
        if digits and (name != "imdb" or one["tt"]):
            found.add(f"{name}:{'tt' if one['tt'] else ''}{digits}")
    return frozenset(found)


def _days_in(
    text: str, pattern: re.Pattern[str], means: Callable[[re.Match[str]], Iterator[str]]
) -> Iterator[tuple[str, set[str]]]:
    """What is written in this form, and the days that it may mean."""
    found = pattern.search(text)
    while found:
        meant = set(means(found))
        if meant:
            yield found.group(), meant
        # What is no day may hold the beginning of one: ``21.23.10.26``.
        found = pattern.search(text, found.end() if meant else found.start() + 1)


def _named(found: re.Match[str]) -> Iterator[str]:
    yield from _day(int(found["year"]), _MONTHS[found["month"]], int(found["day"]))


def _year_first(found: re.Match[str]) -> Iterator[str]:
    yield from _day(int(found["year"]), int(found["a"] or found["c"]), int(found["b"] or found["d"]))


def _year_last(found: re.Match[str]) -> Iterator[str]:
    year, first, second = int(found["year"]), int(found["a"] or found["c"]), int(found["b"] or found["d"])
    yield from _day(year, first, second)
    yield from _day(year, second, first)


def _short(found: re.Match[str]) -> Iterator[str]:
    if found[2] is None:
        yield from _day(_century(int(found[5])), int(found[6]), int(found[7]))
        return
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    yield from _day(_century(first), second, third)
    yield from _day(_century(third), first, second)
    yield from _day(_century(third), second, first)


#: From the surest to the vaguest: what one form took, the next does not see.
_FORMS = (
    *((pattern, _named) for pattern in _NAMED),
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_SHORT, _short),
    (_SHORT_JOINED, _short),
)
#: Those without a year of four digits.
_FORMS_WITHOUT_CENTURY = _FORMS[-2:]
_VAGUE = (_SHORT, _SHORT_JOINED)


def _century(year: int) -> int:
    return year + (2000 if year <= _LAST_SHORT_YEAR else 1900)


def _day(year: int, month: int, day: int) -> Iterator[str]:
    if _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12:
        try:
            yield date(year, month, day).isoformat()
        except ValueError:
            return


def _told_apart(runs: list[str]) -> tuple[tuple[str, ...], tuple[int, ...], int | None]:
    """Words, numbers and a year."""
    words: list[str] = []
    numbers: list[int] = []
    year: int | None = None
    last = max([place for place, run in enumerate(runs) if run.isalpha()], default=0)
    before = ""
    for place, run in enumerate(runs):
        labelled = before in LABELS and bool(words) and words[-1] == before
        number = _number(run, labelled, place == last and place > 0)
        previous, before = before, run
        if number is None:
            if not (run in _ORDINALS and previous.isdigit()):
                words.append(run)
        elif year is None and _FIRST_YEAR <= number <= _LAST_YEAR:
            year = number
        elif number != year:
            # A name that says everything twice says the year twice.
            if labelled:
                words.pop()
            numbers.append(number)
    return tuple(words), tuple(numbers), year


def _number(run: str, labelled: bool, at_end: bool) -> int | None:
    if run.isdigit():
        return int(run) if len(run) <= _LONGEST_NUMBER else None
    if labelled:
        return _AFTER_LABEL.get(run)
    # An X at the end is part of a name, as a rule: the tenth of a series is rare.
    return _ROMAN.get(run) if at_end and run != "x" else _ANYWHERE.get(run)
