"""How alike titles and file names are, and whether their numbers allow that they mean the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.codes import letters_of, told_by_code
from plexsync.matching.evidence import Evidence
from plexsync.matching.fuzzy import fuzz, process
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.reading import Reading
from plexsync.matching.titles import is_foreign

#: How the reason begins that speaks of a code.
SAME_CODE = "same code"
#: Words that hold sentences together. Any two titles share some.
_COMMON = frozenset(
    "of in on at to for from with by is it or as but not no we you he she they me my your his her our their its this "  # noqa: SIM905 - as a list it would take a page
    "that who what when how de la le les der die das und du des el los no wa et y i".split()
)
#: Words that are all the title that some videos have.
_KINDS_OF_VIDEO = frozenset(
    ("trailer", "teaser", "preview", "bonus", "outtakes", "bloopers", "interview", "highlights")
)
#: Letters by which it is told that a word may begin with another.
_BEGINNING = 3
#: Likeness, 0 to 100, of two whole texts from which wrong letters are looked for, though no word is right.
_MISTYPED = 70.0
#: The same of one within another, and letters that it must have.
_MISTYPED_WITHIN = 80.0
_WITHIN_OTHER = 12
#: Digits that a number must have to tell something by itself; lines of pictures tell nothing.
_TELLING_DIGITS = 3
#: Digits that count at most, and names that are but a count: ``vid0026``, ``0026``.
_MOST_DIGITS = 5
_BARE = late_pattern(r"(?:[A-Za-z]{2,6}[ _-]?)?[0-9]{2,8}(?:[ _-]?[0-9]{1,9})*|[0-9a-fA-F]{16,64}|[0-9a-fA-F-]{36}")
#: A number with a wrong letter in it.
_SPOILT = late_pattern("[0-9]+[a-z][0-9]+")
_COUNTED = late_pattern(r"([a-z][a-z _-]*)?([0-9]{2,6})")
#: The same with a word behind it: ``bluelake_49709_full``.
_COUNTED_WITHIN = late_pattern(r"([a-z][a-z _-]*)([0-9]{4,6})[ _-]([a-z]{2,})")
_CLIP = "clip"
_LINES = frozenset((240, 264, 265, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320))
#: Letters that are read as numbers at the end of a name.
_NUMERALS = (("i", 1), ("v", 5), ("x", 10))
#: What one sound becomes in Latin letters, by the usual tables for Cyrillic, brought to one form.
_SOUNDS = (
    (late_pattern("shch|sch|sh"), "s"),
    (late_pattern("kh"), "h"),
    (late_pattern("ts|cz|c"), "z"),
    (late_pattern("[yij](?=[aou])"), ""),
    (late_pattern("[yj]"), "i"),
    (late_pattern("i+"), "i"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A title (``is_title``) or a file name without its ending, as written and as read."""

    written: str
    reading: Reading
    is_title: bool
    #: It is the name of a file's folder.
    of_folder: bool = False

    @property
    def foreign(self) -> bool:
        """True where letters of another script than the Latin one had to be put into it."""
        return is_foreign(self.written)


@dataclass(frozen=True, slots=True)
class Called:
    """How a scene and an item are called, as evidence. ``words`` are those of the scene's text that was compared.

    ``otherwise``: both have names that tell something, and they have next to nothing in common.
    """

    evidence: tuple[Evidence, ...] = ()
    words: tuple[str, ...] = ()
    otherwise: bool = False
    #: The scene's text, and the item's, that are the most alike.
    ours: Text | None = None
    theirs: Text | None = None
    #: What the words tell that both have, without those of studio and performers.
    own: float = 0.0

    @property
    def weight(self) -> float:
        """How much it speaks for the item."""
        return sum(one.weight for one in self.evidence)


@dataclass(frozen=True, slots=True)
class _Likeness:
    ours: Text
    theirs: Text
    #: 0 to 1, of what the shorter text tells.
    likeness: float
    weight: float
    otherwise: bool
    #: All words of the scene's text are in the item's, letter by letter.
    holds_all: bool = False
    #: What the words tell that both have, without those of studio and performers.
    own: float = 0.0
    #: A word that both have has a letter wrong in one of them.
    misspelt: bool = False


def compare(
    ours: Sequence[Text], theirs: Sequence[Text], explained: Set[str], rarity: Callable[[Text], float] | None = None
) -> Called:
    """How a scene and an item are called: the best pair of texts counts, and numbers may contradict it.

    :param explained: words that a name may have besides: of the scene's studio and performers.
    :param rarity: what it weighs that an item's names hold all words of a text of the scene, by how many do.
    """
    if (code := _same_code(ours, theirs, explained)) is not None:
        return code
    # Of what lies in folders of one name is told elsewhere, by how much it is.
    pairs = [
        _like(one, other, explained) for one in ours for other in theirs if not (one.of_folder and other.of_folder)
    ]
    if rarity is not None:
        pairs = [
            replace(one, weight=max(one.weight, min(weights.WORDS_MOST, rarity(one.ours))))
            if one.holds_all and one.weight > 0
            else one
            for one in pairs
        ]
    best = max(pairs, key=lambda pair: pair.weight, default=None)
    if best is None:
        return Called()
    if best.weight <= 0:
        return Called(otherwise=any(pair.otherwise for pair in pairs))
    said, numbers = Evidence(best.weight, _reason(best)), _numbers(pairs, best, explained)
    if best.own < weights.NAMESAKES_LEAST and numbers is not None and numbers.weight > weights.OTHER_NUMBER:
        # The name holds no title that could have the number.
        numbers = None
    evidence = (said,) if numbers is None else (said, numbers)
    if numbers is not None and numbers.weight <= weights.NUMBER_OF_ONE:
        # Of a series all parts are called alike: then that is no evidence at all.
        evidence = (numbers,)
    return Called(evidence, best.ours.reading.words, ours=best.ours, theirs=best.theirs, own=best.own)


def same_number(ours: Sequence[Text], theirs: Sequence[Text], year: str = "") -> Evidence | None:
    """Evidence of a number of several digits that both have, as sites number what they publish; None for none.

    Zeros before it count as digits where both have them.

    :param year: of the scene: another one in both names is no year, but a number.
    """
    mine, yours = (_numbers_of(texts, year) for texts in (ours, theirs))
    same = mine.keys() & yours.keys() - _LINES - _of_other_codes(ours, theirs)
    number = max(same, key=lambda one: (min(mine[one], yours[one]), one), default=0)
    digits = min(mine[number], yours[number]) if number else 0
    if digits < _TELLING_DIGITS:
        return None
    return Evidence(weights.NUMBER_DIGIT * digits, f"same number {number}")


def _numbers_of(texts: Sequence[Text], year: str) -> dict[int, int]:
    """The numbers of some texts, each with the digits it is written with: two zeros at most before it count."""
    found: dict[int, int] = {}
    for text in texts:
        reading = text.reading
        is_year = reading.year is None or not year or str(reading.year) == year
        for number in (*reading.numbers, *([] if is_year else [reading.year])):
            if number is None:
                continue
            zeros = next((many for many in (2, 1) if f"{'0' * many}{number}" in text.written), 0)
            found[number] = max(found.get(number, 0), min(len(str(number)) + zeros, _MOST_DIGITS))
    return found


def is_bare(name: str) -> bool:
    """True for a name that programs and cameras give, and that is no title: ``VID_20051231_155010``, a check sum."""
    return _BARE.fullmatch(name) is not None


def as_witness(text: Text) -> Reading:
    """What a text tells beside the title: the number of a bare name is no year, and ``clip-123`` is no short cut."""
    reading = text.reading
    if (reading.year is None and _CLIP not in reading.words) or not is_bare(text.written):
        return reading
    numbers = reading.numbers if reading.year is None else (*reading.numbers, reading.year)
    return replace(reading, year=None, numbers=numbers, words=tuple([word for word in reading.words if word != _CLIP]))


def is_count(name: str) -> bool:
    """True for a name that is but a count, as sites and cameras give it: ``vid0026``, ``0026``."""
    return _COUNTED.fullmatch(name.lower()) is not None


def other_count(ours: str, theirs: str) -> Evidence | None:
    """Evidence that two names of one form (``vid0026``, ``vid0027``) have other numbers; None where that is not so.

    Whoever names so counts what there is: another number is another film.
    """
    mine, yours = _counted(ours), _counted(theirs)
    if mine is None or yours is None or mine[1] == yours[1] or len(mine[1]) != len(yours[1]):
        return None
    if (mine[0], mine[2]) != (yours[0], yours[2]) or not (mine[0] or mine[1].startswith("0")):
        return None
    return Evidence(weights.OTHER_COUNT, f"another number ({ours!r} in Stash, {theirs!r} in Plex)")


def _counted(name: str) -> tuple[str, str, str] | None:
    """A name that counts, as what stands before its number, the number, and what stands behind it."""
    if found := _COUNTED.fullmatch(name.lower()):
        return found[1] or "", found[2], ""
    found = _COUNTED_WITHIN.fullmatch(name.lower())
    return (found[1], found[2], found[3]) if found and int(found[2]) not in _LINES else None


def _of_other_codes(ours: Sequence[Text], theirs: Sequence[Text]) -> set[int]:
    """Numbers that are the digits of codes of other studios on the two sides."""
    mine, yours = (
        {code for text in texts for code in (*text.reading.codes, *text.reading.loose_codes)}
        for texts in (ours, theirs)
    )
    if mine & yours:
        return set()
    digits = [{int(code[len(letters_of(code)) :]) for code in codes} for codes in (mine, yours)]
    return digits[0] & digits[1]


def _same_code(ours: Sequence[Text], theirs: Sequence[Text], explained: Set[str]) -> Called | None:
    """What the codes say: the same one, another one of the same studio, or nothing (None).

    A code that one side writes in two words counts where the other writes it in one.
    """
    # The studio Alpha 21 has no code by that.
    mine = {code: text for text in ours for code in text.reading.codes if code not in explained}
    yours = {code: text for text in theirs for code in text.reading.codes if code not in explained}
    if not mine and not yours:
        return None
    mine_loose = {code: text for text in ours for code in text.reading.loose_codes}
    yours_loose = {code: text for text in theirs for code in text.reading.loose_codes}
    same = sorted((mine.keys() & (yours.keys() | yours_loose.keys())) | (yours.keys() & mine_loose.keys()))
    if same:
        code = max(same, key=told_by_code)
        text = mine.get(code) or mine_loose[code]
        weight = min(weights.CODE_MOST, told_by_code(code))
        other = yours.get(code) or yours_loose[code]
        return Called(
            (Evidence(weight, f"{SAME_CODE} {code!r}"),), text.reading.words, ours=text, theirs=other, own=weight
        )
    studios = {letters_of(code) for code in mine} & {letters_of(code) for code in yours}
    if studios:
        told = f"another code ({_listed(sorted(mine))} in Stash, {_listed(sorted(yours))} in Plex)"
        return Called((Evidence(weights.OTHER_NUMBER, told),), otherwise=True)
    return None


def _reason(pair: _Likeness) -> str:
    what = "title" if pair.ours.is_title else "file name"
    other = "title" if pair.theirs.is_title else "file name"
    if pair.ours.reading.words == pair.theirs.reading.words:
        return f"same words in the {what} and in the item's {other} {pair.theirs.written!r}"
    return f"{what} {100 * pair.likeness:.0f} % like the item's {other} {pair.theirs.written!r}"


def _like(ours: Text, theirs: Text, explained: Set[str]) -> _Likeness:
    left, right = ours.reading.words, theirs.reading.words
    if not left or not right:
        return _Likeness(ours, theirs, 0.0, 0.0, otherwise=False)
    foreign = ours.foreign or theirs.foreign
    shared, only_left, only_right = _aligned(left, right, explained, foreign=foreign)
    if not shared:
        return _unlike(ours, theirs, explained)
    letters = [_letters(word, weights.LETTER) for word, _ in shared]
    # Of studio and performers all of their scenes have the names.
    plain = sum([told * share for told, (_, share) in zip(letters, shared, strict=True)])
    told = sum(
        [
            (told * weights.EXPLAINED if word in explained else told) * share
            for told, (word, share) in zip(letters, shared, strict=True)
        ]
    )
    if only_left and only_right and (cut := _cut_short(left, right)):
        told, only_left, only_right = sum(_telling(word, explained) for word in cut), [], []
    rest = sorted(
        sum([_letters(word, weights.LETTER) for word in words if word not in explained])
        for words in (only_left, only_right)
    )
    extra = min(weights.EXTRA_WORDS_MOST, abs(len(only_left) - len(only_right)) * weights.EXTRA_WORD)
    ends = _ends_in(left, only_left, explained), _ends_in(right, only_right, explained)
    if not any(ends):
        weight = min(weights.WORDS_MOST, told - extra - rest[0])
    else:
        weight = min(weights.WORDS_MOST, told - extra) - rest[0]
    likeness = 1.0 if not rest[0] else plain / (plain + rest[0])
    otherwise = likeness < weights.LIKENESS_OTHER and rest[0] >= weights.TELLING
    # Studio and performers stand first in names, and what both have of them makes no title the same.
    if min(ends) >= weights.TELLING_END:
        weight, otherwise = min(weight, 0.0), True
    if _contradict(shared, explained, rest):
        weight, otherwise = min(weight, 0.0), True
    # What a name sounds like in Latin letters cannot always be told from how it is written.
    otherwise = otherwise and ours.foreign == theirs.foreign and not _is_untitled((ours, theirs), explained)
    holds_all = not only_left and all(share == 1.0 for _, share in shared)
    own = sum([told * share for told, (word, share) in zip(letters, shared, strict=True) if word not in explained])
    misspelt = any(share < 1.0 for _, share in shared)
    return _Likeness(ours, theirs, likeness, weight, otherwise, holds_all, own, misspelt)


def _unlike(ours: Text, theirs: Text, explained: Set[str]) -> _Likeness:
    """Two texts that share nothing: how little they weigh is not asked, only whether they speak of something else."""
    left, right = ours.reading.words, theirs.reading.words
    rest = sorted(
        sum([_letters(word, weights.LETTER) for word in words if word not in explained]) for words in (left, right)
    )
    otherwise = rest[0] >= weights.TELLING or _contradict([], explained, rest)
    if not otherwise:
        ends = _ends_in(left, left, explained), _ends_in(right, right, explained)
        otherwise = min(ends) >= weights.TELLING_END
    otherwise = otherwise and ours.foreign == theirs.foreign and not _is_untitled((ours, theirs), explained)
    return _Likeness(ours, theirs, 0.0 if rest[0] else 1.0, 0.0, otherwise)


def _is_untitled(texts: Iterable[Text], explained: Set[str]) -> bool:
    """Whether one of them is no title: a bare name, or only a studio's or a person's with a number and such words."""
    return any(
        is_bare(text.written)
        or all(word.isdigit() or word in explained or not _letters(word, 1.0) for word in text.reading.words)
        for text in texts
    )


def _contradict(shared: Shared, explained: Set[str], rest: Sequence[float]) -> bool:
    """Whether two names are about something else although a word is in both, as many titles have it.

    :param rest: what the words tell that only the one has, and only the other; the less first.
    """
    if rest[0] < weights.TELLING_END or rest[1] < weights.TELLING:
        return False
    telling = [word for word, _ in shared if word not in explained and _telling(word, ()) >= weights.TELLING_WORD]
    return len(telling) < 2 and all(len(word) < weights.LONG_WORD for word in telling)


def _ends_in(words: Sequence[str], only: Sequence[str], explained: Set[str]) -> float:
    """How much the words at the end tell that only this text has, but for those that a name may have besides."""
    if not only or words[-1] not in only:
        return 0.0
    left = Counter(only)
    told = 0.0
    for word in reversed(words):
        if left[word] <= 0:
            break
        left[word] -= 1
        # A number at the end is a site's or a program's, and a trailer has no other title.
        if word in _KINDS_OF_VIDEO:
            told += weights.TELLING_END
        elif word not in explained and not word.isdigit():
            told += _letters(word, weights.LETTER)
    return told


def told(text: Text, explained: Iterable[str]) -> float:
    """How much the words of a text tell."""
    return sum(_telling(word, explained) for word in text.reading.words)


def _telling(word: str, explained: Iterable[str]) -> float:
    """How much a word tells, by its letters."""
    told = _letters(word, weights.LETTER)
    return told * weights.EXPLAINED if word in explained else told


@lru_cache(maxsize=4096)
def _letters(word: str, weight: float) -> float:
    """What the letters of a word tell; nothing where the word does not.

    :param weight: of a letter.
    """
    return 0.0 if word in _COMMON or word in GENERIC or len(word) == 1 else weight * len(word)


Shared = list[tuple[str, float]]


def _aligned(
    left: Sequence[str], right: Sequence[str], explained: Set[str], *, foreign: bool
) -> tuple[Shared, list[str], list[str]]:
    """The words that both have, each with how alike it is (0 to 1), and those that only one has."""
    mine, yours = set(left), set(right)
    if mine.isdisjoint(yours):
        shared: Shared = []
        only_left, only_right = list(left), list(right)
    elif len(mine) == len(left) and len(yours) == len(right):
        # Most texts have no word twice.
        shared = [(word, 1.0) for word in left if word in yours]
        only_left = [word for word in left if word not in yours]
        only_right = [word for word in right if word not in mine]
    else:
        both = Counter(left) & Counter(right)
        shared = [(word, 1.0) for word in both.elements()]
        only_left, only_right = _without(left, both), _without(right, both)
    if only_left and only_right:
        shared += _joined(only_left, only_right)
        shared += _joined(only_right, only_left)
        # Where no word is right, wrong ones are not looked for: that would cost most where there is least to find.
        if shared or foreign or _mistyped(only_left, only_right, explained):
            shared += _misspelt(only_left, only_right, foreign=foreign)
    return shared, only_left, only_right


def _mistyped(only_left: Sequence[str], only_right: Sequence[str], explained: Set[str]) -> bool:
    """Whether two texts of which no word is right are alike as a whole, but for studio and performers."""
    left, right = (" ".join(one for one in words if one not in explained) for words in (only_left, only_right))
    if fuzz.ratio(left, right, score_cutoff=_MISTYPED) >= _MISTYPED:
        return True
    # The one may be within the other, among names that nobody knows.
    return min(len(left), len(right)) >= _WITHIN_OTHER and (
        fuzz.partial_ratio(left, right, score_cutoff=_MISTYPED_WITHIN) >= _MISTYPED_WITHIN
    )


def _without(words: Sequence[str], taken: Counter[str]) -> list[str]:
    left = Counter(taken)
    rest = []
    for word in words:
        if left[word] > 0:
            left[word] -= 1
        else:
            rest.append(word)
    return rest


def _joined(single: list[str], several: list[str]) -> Shared:
    """Takes out what is one word on one side and a few on the other: ``BlueLake``, ``blue lake``."""
    shared: Shared = []
    if len(several) < 2:
        return shared
    # Most texts have nothing of that kind.
    beginnings = {word[:_BEGINNING] for word in several}
    short = any(len(one) < _BEGINNING for one in beginnings)
    for word in tuple(single):
        if not short and word[:_BEGINNING] not in beginnings:
            continue
        run = _run_of(word, several)
        if run is not None:
            shared.append((word, 1.0))
            single.remove(word)
            del several[run]
    return shared


def _run_of(word: str, words: Sequence[str]) -> slice | None:
    for first, start in enumerate(words):
        if not word.startswith(start) or word == start:
            continue
        text = start
        for last in range(first + 1, len(words)):
            text += words[last]
            if text == word:
                return slice(first, last + 1)
            if not word.startswith(text):
                break
    return None


def _misspelt(only_left: list[str], only_right: list[str], *, foreign: bool) -> Shared:
    """Takes out words that differ by a letter or so, or only in how a script was put into Latin letters."""
    shared: Shared = []
    sounds = [_sound(word) if foreign else word for word in only_right]
    for word in tuple(only_left):
        if len(word) < weights.MISSPELT_LEAST:
            continue
        sound = _sound(word) if foreign else word
        best = process.extractOne(sound, sounds, scorer=fuzz.ratio, score_cutoff=100 * weights.MISSPELT)
        if best is not None and len(only_right[best[2]]) >= weights.MISSPELT_LEAST:
            shared.append((word, best[1] / 100))
            only_left.remove(word)
            del only_right[best[2]], sounds[best[2]]
    return shared


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _cut_short(left: Sequence[str], right: Sequence[str]) -> Sequence[str]:
    """The words that both have where one is the other's start, cut off within a word; else none."""
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    whole, last = short[:-1], short[-1]
    if sum(map(len, whole)) < weights.TRUNCATED_LEAST or tuple(long[: len(whole)]) != tuple(whole):
        return ()
    # An article that was cut off is one no longer, so that the next word of the other may be any.
    return whole if long[len(whole)].startswith(last) or "the".startswith(last) or "and".startswith(last) else ()


def _numbers(pairs: Sequence[_Likeness], best: _Likeness, explained: Set[str]) -> Evidence | None:
    """What the numbers say against it. Where title and title or name and name agree in theirs, nothing else counts."""
    alike = [
        pair
        for pair in pairs
        if pair is best
        or (pair.weight > 0 and pair.likeness >= weights.LIKENESS_ALIKE and pair.ours.is_title == pair.theirs.is_title)
    ]
    # The V of a studio's name is no fifth part.
    names = {number for numeral, number in _NUMERALS if numeral in explained}
    names.update(int(word) for word in explained if word.isdigit())
    told = [
        tuple(
            [
                one
                for one in text.reading.numbers
                if one not in names and one not in text.reading.of_codes and one not in _letters_as_numbers(other)
            ]
            for text, other in ((pair.ours, pair.theirs), (pair.theirs, pair.ours))
        )
        for pair in alike
    ]
    if any(mine and sorted(mine) == sorted(yours) for mine, yours in told):
        return None
    # What another text has as well is missing nowhere.
    akin = [pair for pair in pairs if pair.weight > 0 and pair.own >= weights.NAMESAKES_LEAST]
    all_mine = {number for pair in akin for number in pair.ours.reading.numbers}
    all_yours = {number for pair in akin for number in pair.theirs.reading.numbers}
    told = [
        (
            [one for one in mine if one in yours or one not in all_yours],
            [one for one in yours if one in mine or one not in all_mine],
        )
        for mine, yours in told
    ]
    spoilt = _spoilt(best.ours.written) | _spoilt(best.theirs.written)
    if spoilt:
        told = [_without_spoilt(mine, yours, spoilt) for mine, yours in told]
    worst = min((_apart(mine, yours) for mine, yours in told), key=lambda evidence: evidence.weight)
    if worst.weight >= 0:
        return None
    slipped = worst.weight == weights.OTHER_NUMBER and best.misspelt and best.likeness >= weights.LIKENESS_ALIKE
    if slipped and best.own >= weights.TELLING and all(_is_slip(mine, yours) for mine, yours in told):
        return replace(worst, weight=weights.MISTYPED_NUMBER)
    return worst


def _is_slip(mine: Sequence[int], yours: Sequence[int]) -> bool:
    """Whether of a number of several digits one was left out or typed twice, or two of them the wrong way round.

    Another digit in place of one is none: so do the numbers of a series differ.
    """
    left, right = ("".join(map(str, numbers)) for numbers in (mine, yours))
    if left == right:
        return True
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    if len(longer) < _TELLING_DIGITS:
        return False
    if len(longer) == len(shorter) + 1:
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    return any(
        longer[:place] + longer[place + 1] + longer[place] + longer[place + 2 :] == shorter
        for place in range(len(longer) - 1)
    )


def _letters_as_numbers(text: Text) -> list[int]:
    """The numbers that letters of a text would be elsewhere: where one text has V as a word, it is none in another."""
    return [number for numeral, number in _NUMERALS if numeral in text.reading.words]


def _spoilt(text: str) -> set[str]:
    """The numbers of a text that have a wrong letter in them, as they stand: ``28r6`` for ``286``."""
    return set(_SPOILT.findall(text.lower()))


def _without_spoilt(mine: Sequence[int], yours: Sequence[int], spoilt: Set[str]) -> tuple[list[int], list[int]]:
    """Two lists of numbers without those that the one has whole, and the other with a letter in them."""
    left, right = list(mine), list(yours)
    for text in spoilt:
        whole = re.compile(re.sub("[a-z]", "[0-9]?", text))
        parts = [int(part) for part in re.findall("[0-9]+", text)]
        for one, other in ((left, right), (right, left)):
            meant = next((number for number in one if whole.fullmatch(str(number))), None)
            if meant is not None and all(part in other for part in parts):
                one.remove(meant)
                for part in parts:
                    other.remove(part)
                break
    return left, right


def _apart(mine: Sequence[int], yours: Sequence[int]) -> Evidence:
    left, right = Counter(mine), Counter(yours)
    if left == right:
        return Evidence(0.0, "same numbers")
    only_left, only_right = left - right, right - left
    if only_left and only_right:
        told = f"another number ({_listed(mine)} in Stash, {_listed(yours)} in Plex)"
        return Evidence(weights.OTHER_NUMBER, told)
    extra = only_left or only_right
    weight = weights.NUMBER_ONE_OF_ONE if set(extra) == {1} else weights.NUMBER_OF_ONE
    return Evidence(weight, f"number {_listed(sorted(extra))} only in {'Stash' if only_left else 'Plex'}")


def _listed(numbers: Sequence[int | str]) -> str:
    return ", ".join(map(str, numbers))
