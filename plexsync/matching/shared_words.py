"""The words that two texts share: as they stand, in one piece or in several, and with letters wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.fuzzy import OSA, fuzz, process
from plexsync.matching.generic_words import GENERIC_IN_NAMES

#: Words that hold sentences together. Any two titles share some.
_COMMON = frozenset(
    "of in on at to for from with by is it or as but not no we you he she they me my your his her our their its this "  # noqa: SIM905 - as a list it would take a page
    "that who what when how de la le les der die das und du des el los no wa et y i".split()
)
#: Letters of a word within which others are looked for, and of the first of these.
_LONG_PIECE, _SHORTEST_PIECE = 12, 4
#: Letters that are left of a word that was cut off, from which they tell which it was.
_SHORTEST_CUT = 3
#: Letters of a word that is another one as soon as two of them are.
_SHORT = 5
#: Slips that a longer word may have, up to so many letters.
_SLIPS, _LONG = 2, 8
#: Words that ``titles.words`` leaves out.
_ARTICLES = late_pattern("the|and|an?")
#: Likeness, 0 to 100, of two whole texts from which wrong letters are looked for, though no word is right.
_MISTYPED = 70.0
#: The same of one within another, and letters that it must have.
_MISTYPED_WITHIN = 80.0
_WITHIN_OTHER = 12
#: What one sound becomes in Latin letters, by the usual tables for Cyrillic, brought to one form.
_SOUNDS = (
    (late_pattern("shch|sch|sh"), "s"),
    (late_pattern("kh"), "h"),
    (late_pattern("ts|cz|c"), "z"),
    (late_pattern("[yij](?=[aou])"), ""),
    (late_pattern("[yj]"), "i"),
    (late_pattern("i+"), "i"),
)
Shared = list[tuple[str, float]]


def aligned(
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
        shared += _within(only_left, only_right)
        shared += _within(only_right, only_left)
        # Where no word is right, wrong ones are not looked for: that would cost most where there is least to find.
        if shared or foreign or _mistyped(only_left, only_right, explained):
            shared += _misspelt(only_left, only_right, foreign=foreign)
    return shared, only_left, only_right


def cut_short(left: Sequence[str], right: Sequence[str], least: int = weights.TRUNCATED_LEAST) -> Sequence[str]:
    """The words that both have where one is the other's start, cut off within a word; else none.

    :param least: letters that the whole ones must have.
    """
    short, long = sorted((left, right), key=lambda words: (len(words), len(words[-1])))
    whole, last = short[:-1], short[-1]
    if sum(map(len, whole)) < least or tuple(long[: len(whole)]) != tuple(whole):
        return ()
    # An article that was cut off is one no longer, so that the next word of the other may be any.
    return whole if long[len(whole)].startswith(last) or "the".startswith(last) or "and".startswith(last) else ()


def is_common(word: str) -> bool:
    """Whether a word holds sentences together, or is a letter."""
    return word in _COMMON or len(word) == 1


def cut_short_title(left: Sequence[str], right: Sequence[str], explained: Set[str]) -> Sequence[str]:
    """The same of what is left of two texts without studio and performers: the one may have them, and not the other."""
    mine, yours = ([word for word in words if word not in explained] for words in (left, right))
    if len(mine) < 2 or len(yours) < 2 or mine[0] != yours[0]:
        return ()
    last = min(mine[-1], yours[-1], key=len)
    if len(last) < _SHORTEST_CUT:
        return cut_short(mine, yours)
    # What is there of the last word tells as well.
    return cut_short(mine, yours, weights.TRUNCATED_LEAST - len(last))


def word_told(word: str, explained: Iterable[str]) -> float:
    """How much a word tells, by its letters."""
    told = letters_told(word, weights.LETTER)
    return told * weights.EXPLAINED if word in explained else told


@lru_cache(maxsize=4096)
def letters_told(word: str, weight: float) -> float:
    """What the letters of a word tell; nothing where the word does not.

    :param weight: of a letter.
    """
    return 0.0 if word in _COMMON or word in GENERIC_IN_NAMES or len(word) == 1 else weight * len(word)


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
    beginnings = tuple(several)
    for word in tuple(single):
        if not word.startswith(beginnings):
            continue
        run = _run_of(word, several)
        if run is not None:
            shared.append((word, 1.0))
            single.remove(word)
            del several[run]
    return shared


def _within(single: list[str], several: list[str]) -> Shared:
    """Takes out what stands in one piece within a long word: ``roguecastingsroseandtheflight``, ``rose flight``."""
    shared: Shared = []
    for word in tuple(single):
        if len(word) < _LONG_PIECE or len(several) < 2:
            continue
        found = _pieces_of(word, several)
        if found is not None:
            run, before, after = found
            shared += [(piece, 1.0) for piece in several[run]]
            del several[run]
            place = single.index(word)
            single[place : place + 1] = [rest for rest in (before, after) if rest]
    return shared


def _pieces_of(word: str, words: Sequence[str]) -> tuple[slice, str, str] | None:
    """Which words in a row stand in a word, but for articles between them; and what of it stands before and after."""
    for first, start in enumerate(words[:-1]):
        # What is short may stand anywhere by chance.
        begin = word.find(start) if len(start) >= _SHORTEST_PIECE else 0 if word.startswith(start) else -1
        if begin < 0:
            continue
        end, last = begin + len(start), first + 1
        while last < len(words) and (following := _after_articles(word, end, words[last])) is not None:
            end, last = following, last + 1
        before, after = word[:begin], word[end:]
        if _ARTICLES.fullmatch(before):
            before = ""
        told = sum(map(len, words[first:last]))
        if last - first > 1 and (told >= weights.TRUNCATED_LEAST or not (before or after)):
            return slice(first, last), before, after
    return None


def _after_articles(word: str, place: int, piece: str) -> int | None:
    """The end of a piece that stands at a place of a word, or behind articles there; None where it does not."""
    if word.startswith(piece, place):
        return place + len(piece)
    found = _ARTICLES.match(word, place)
    while found is not None and found.end() > place:
        place = found.end()
        if word.startswith(piece, place):
            return place + len(piece)
        found = _ARTICLES.match(word, place)
    return None


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
        if not _may_be_misspelt(word):
            continue
        sound = _sound(word) if foreign else word
        best = process.extractOne(sound, sounds, scorer=fuzz.ratio, score_cutoff=100 * weights.MISSPELT)
        if best is None or not _may_be_misspelt(only_right[best[2]]):
            continue
        is_all = min(len(only_left), len(only_right)) == 1
        if foreign or is_slip_of_letters(word, only_right[best[2]], is_all=is_all):
            shared.append((word, best[1] / 100))
            only_left.remove(word)
            del only_right[best[2]], sounds[best[2]]
    return shared


def is_slip_of_letters(one: str, other: str, *, is_all: bool) -> bool:
    """Whether one of two words that are alike may be the other mistyped; long ones may.

    Short ones are other words as often: ``quiet``, ``quito``; ``star``, ``sara``. So of them one letter at most may be
    missing, be there twice, or have changed places with its neighbour, or be another one where all else is the same.

    :param is_all: all other words of one of the names are in the other.
    """
    letters = min(len(one), len(other))
    if letters > _SHORT:
        # ``garden``, ``garage``: of three letters that are others nobody mistypes all.
        return letters > _LONG or OSA.distance(one, other) <= _SLIPS
    return OSA.distance(one, other) == 1 and (is_all or len(one) != len(other) or sorted(one) == sorted(other))


def _may_be_misspelt(word: str) -> bool:
    # A number that differs in a digit is another number.
    return len(word) >= weights.MISSPELT_LEAST and not word.isdigit()


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
