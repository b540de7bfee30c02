"""How alike titles and file names are, and whether their numbers allow that they mean the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace

from plexsync.matching import weights
from plexsync.matching.codes import letters_of, told_by_code
from plexsync.matching.cut_titles import left_of_title
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.ids_in_names import same_id
from plexsync.matching.numbers_in_names import listed, numbers_against, other_half
from plexsync.matching.random_names import is_wordless
from plexsync.matching.replaced_words import replaced, replaced_by_name
from plexsync.matching.shared_words import (
    Shared,
    aligned,
    cut_short,
    cut_short_title,
    is_common,
    letters_told,
    word_told,
)
from plexsync.matching.texts import Called, Likeness, Text, is_bare
from plexsync.matching.word_runs import shared_run

#: Words that are all the title that some videos have.
_KINDS_OF_VIDEO = frozenset(
    ("trailer", "teaser", "preview", "bonus", "outtakes", "bloopers", "interview", "highlights")
)


def compare(
    ours: Sequence[Text],
    theirs: Sequence[Text],
    explained: Set[str],
    rarity: Callable[[Sequence[str]], float] | None = None,
    heights: Set[int] = frozenset(),
) -> Called:
    """How a scene and an item are called: the best pair of texts counts, and numbers may contradict it.

    :param explained: words that a name may have besides: of the scene's studio and performers.
    :param rarity: what it weighs that an item's names hold all of some words, by how many items do.
    :param heights: how many lines the pictures of their files may have, as names tell it without a ``p``.
    """
    if (code := _same_code(ours, theirs, explained)) is not None:
        return code
    if (found := same_id(ours, theirs)) is not None:
        return found
    ours, theirs = ([one for one in texts if not is_wordless(one.written, explained)] for texts in (ours, theirs))
    # Of what lies in folders of one name is told elsewhere, by how much it is.
    pairs = [
        _like(one, other, explained) for one in ours for other in theirs if not (one.of_folder and other.of_folder)
    ]
    if rarity is not None:
        pairs = [_by_rarity(one, rarity) for one in pairs]
    best = max(pairs, key=lambda pair: pair.weight, default=None)
    if best is None:
        return Called()
    other = max((pair for pair in pairs if pair.replaced), key=lambda pair: pair.own, default=None)
    if other is not None and other.replaced and (best.weight <= 0 or best.own <= other.own):
        # What else they share is what all films of the studio, the people or the series have.
        told = f"another word in its name ({other.replaced[0]!r} in Stash, {other.replaced[1]!r} in Plex)"
        return Called((Evidence(Kind.REPLACED_WORD, weights.REPLACED_WORD, told),), otherwise=True, contradicts=True)
    if best.weight <= 0:
        return Called(otherwise=any(pair.otherwise for pair in pairs))
    said, numbers = _said(best), numbers_against(pairs, best, explained, heights)
    added = best.ours.reading.copy is not None or best.theirs.reading.copy is not None
    if best.own < weights.NAMESAKES_LEAST and numbers is not None and (numbers.weight > weights.OTHER_NUMBER or added):
        # The name holds no title that could have the number.
        numbers = None
    if not best.own and best.more >= weights.TELLING:
        # It is studio and people that both have, and the number is one of the title that only the one has.
        numbers = None
    evidence = (said,) if numbers is None else (said, numbers)
    if numbers is not None and numbers.weight <= weights.NUMBER_OF_ONE:
        # Of a series all parts are called alike: then that is no evidence at all.
        evidence = (numbers,)
    texts = (best.ours, best.theirs)
    whole = _is_whole(best, explained)
    apart = best.apart if any(one.is_title for one in ours) else best.more
    said_of_words = (evidence, best.ours.reading.words, False, *texts)
    # Three words in one order are a title, whatever else stands beside them.
    unlike = 0.0 if best.run else best.apart
    return Called(*said_of_words, own=best.own, is_whole=whole, apart=apart, unlike=unlike)


def _is_whole(pair: Likeness, explained: Set[str]) -> bool:
    """Whether both have all words of the other, but for those of studio and performers, and the same numbers."""
    ours, theirs = pair.ours.reading, pair.theirs.reading
    mine, yours = (
        {word for word in one.words if word not in explained and not is_common(word)} for one in (ours, theirs)
    )
    return mine == yours and sorted(ours.numbers) == sorted(theirs.numbers)


def _same_code(ours: Sequence[Text], theirs: Sequence[Text], explained: Set[str]) -> Called | None:
    """What the codes say: the same one, another one of the same studio, or nothing (None).

    A code that one side writes in two words counts where the other writes it in one.
    """
    # The studio Alpha 21 has no code by that.
    mine, yours = (
        {code: text for text in texts for code in (*text.reading.codes, *text.reading.uploads) if code not in explained}
        for texts in (ours, theirs)
    )
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
        # All parts have the code, which then is no evidence at all.
        if (half := other_half(text, other)) is not None:
            return Called((half,), text.reading.words, ours=text, theirs=other, own=weight)
        said = Evidence(Kind.SAME_CODE, weight, f"same code {code!r}")
        return Called((said,), text.reading.words, ours=text, theirs=other, own=weight, code=code)
    studios = {letters_of(code) for code in mine} & {letters_of(code) for code in yours}
    if studios:
        told = f"another code ({listed(sorted(mine))} in Stash, {listed(sorted(yours))} in Plex)"
        return Called((Evidence(Kind.OTHER_CODE, weights.OTHER_NUMBER, told),), otherwise=True, contradicts=True)
    return None


def _by_rarity(pair: Likeness, rarity: Callable[[Sequence[str]], float]) -> Likeness:
    """The pair with the weight that its words have by how many items hold them, if that is more."""
    if pair.run:
        # Three words in one order come again in no other library either.
        told = min(weights.WORDS_MOST, pair.own, rarity(pair.run) - weights.NAMESAKES_SAFETY)
    elif pair.holds_all and pair.weight > 0:
        told = min(weights.WORDS_MOST, rarity(pair.ours.reading.words))
    else:
        return pair
    return replace(pair, weight=max(pair.weight, told))


def _said(pair: Likeness) -> Evidence:
    """What the words say that both have."""
    if not pair.own:
        # That all their films have.
        told = f"studio or performers are in both names ({pair.theirs.written!r})"
        return Evidence(Kind.EXPLAINED_WORDS, pair.weight, told)
    what = "title" if pair.ours.is_title else "file name"
    other = "title" if pair.theirs.is_title else "file name"
    if pair.ours.reading.words == pair.theirs.reading.words:
        told = f"same words in the {what} and in the item's {other} {pair.theirs.written!r}"
    else:
        told = f"{what} {100 * pair.likeness:.0f} % like the item's {other} {pair.theirs.written!r}"
    return Evidence(Kind.WORDS, pair.weight, told)


def _like(ours: Text, theirs: Text, explained: Set[str]) -> Likeness:
    left, right = ours.reading.words, theirs.reading.words
    if not left or not right:
        return Likeness(ours, theirs, 0.0, 0.0, otherwise=False)
    foreign = ours.foreign or theirs.foreign
    shared, only_left, only_right = aligned(left, right, explained, foreign=foreign)
    if not shared:
        return _unlike(ours, theirs, explained)
    letters = [letters_told(word, weights.LETTER) for word, _ in shared]
    # Of studio and performers all of their scenes have the names.
    plain = sum([told * share for told, (_, share) in zip(letters, shared, strict=True)])
    told = sum(
        [
            (told * weights.EXPLAINED if word in explained else told) * share
            for told, (word, share) in zip(letters, shared, strict=True)
        ]
    )
    if only_left and only_right and (cut := cut_short(left, right) or cut_short_title(left, right, explained)):
        told, only_left, only_right = sum(word_told(word, explained) for word in cut), [], []
    elif only_left and only_right and (cut := left_of_title(ours, theirs, explained)):
        return _cut(ours, theirs, cut)
    rest = sorted(
        sum([letters_told(word, weights.LETTER) for word in words if word not in explained])
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
    if own >= weights.TELLING_WORD and ours.is_title and (only_left or only_right) and not foreign:
        lent = replaced_by_name(ours, theirs, explained)
        if lent is not None:
            return Likeness(ours, theirs, likeness, min(weight, 0.0), otherwise=True, own=own, replaced=lent)
    if not (only_left and only_right) or not own:
        return Likeness(
            ours, theirs, likeness, weight, otherwise, holds_all, own, misspelt, apart=rest[0], more=rest[1]
        )
    if own >= weights.TELLING_WORD and (other := replaced(ours, theirs, only_left, only_right, explained)):
        return Likeness(ours, theirs, likeness, min(weight, 0.0), otherwise=True, own=own, replaced=other)
    if foreign:
        return Likeness(
            ours, theirs, likeness, weight, otherwise, holds_all, own, misspelt, apart=rest[0], more=rest[1]
        )
    may_be_run = len(shared) > 2 and own < weights.WORDS_MOST + rest[0] and min(ends) < weights.TELLING_END
    run = shared_run(ours, theirs, explained) if may_be_run else ()
    otherwise = otherwise and not run
    return Likeness(
        ours, theirs, likeness, weight, otherwise, holds_all, own, misspelt, run=run, apart=rest[0], more=rest[1]
    )


def _unlike(ours: Text, theirs: Text, explained: Set[str]) -> Likeness:
    """Two texts that share nothing: how little they weigh is not asked, only whether they speak of something else."""
    left, right = ours.reading.words, theirs.reading.words
    if cut := left_of_title(ours, theirs, explained):
        return _cut(ours, theirs, cut)
    rest = sorted(
        sum([letters_told(word, weights.LETTER) for word in words if word not in explained]) for words in (left, right)
    )
    otherwise = rest[0] >= weights.TELLING or _contradict([], explained, rest)
    if not otherwise:
        ends = _ends_in(left, left, explained), _ends_in(right, right, explained)
        otherwise = min(ends) >= weights.TELLING_END
    otherwise = otherwise and ours.foreign == theirs.foreign and not _is_untitled((ours, theirs), explained)
    return Likeness(ours, theirs, 0.0 if rest[0] else 1.0, 0.0, otherwise)


def _cut(ours: Text, theirs: Text, left: Sequence[str]) -> Likeness:
    """Two texts of which the one is cut off within the title, of which these words are left."""
    told = sum(letters_told(word, weights.LETTER) for word in left)
    return Likeness(ours, theirs, 1.0, min(weights.WORDS_MOST, told), otherwise=False, own=told)


def _is_untitled(texts: Iterable[Text], explained: Set[str]) -> bool:
    """Whether one of them is no title: a bare name, or only a studio's or a person's with a number and such words."""
    return any(
        is_bare(text.written)
        or all(word.isdigit() or word in explained or not letters_told(word, 1.0) for word in text.reading.words)
        for text in texts
    )


def _contradict(shared: Shared, explained: Set[str], rest: Sequence[float]) -> bool:
    """Whether two names are about something else although a word is in both, as many titles have it.

    :param rest: what the words tell that only the one has, and only the other; the less first.
    """
    if rest[0] < weights.TELLING_END or rest[1] < weights.TELLING:
        return False
    telling = [word for word, _ in shared if word not in explained and word_told(word, ()) >= weights.TELLING_WORD]
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
            told += letters_told(word, weights.LETTER)
    return told


def told(text: Text, explained: Iterable[str]) -> float:
    """How much the words of a text tell."""
    return sum(word_told(word, explained) for word in text.reading.words)
