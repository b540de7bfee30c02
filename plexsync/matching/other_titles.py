"""Names that agree in nothing, beside studio, day, people and length that do: titles come in many languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from itertools import takewhile

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.other_people import is_of_people
from plexsync.matching.paths import stem
from plexsync.matching.reading import read
from plexsync.matching.titles import plain

_WORD = late_pattern("[a-z]+")
#: Letters of a word that may be the name of a place.
_LETTERS = 5
#: Words that hold sentences together, by language, each of one of these alone or of near kin.
_LINKS = {
    "English": frozenset("of the and with in for from at my her his to by on".split()),  # noqa: SIM905 - as a list it would take a page
    "German": frozenset("der die das und von mit im am auf ein eine zu zum zur den dem fur beim".split()),  # noqa: SIM905 - as above
    "French": frozenset("le la les de du des et un une dans avec au aux sur chez pour".split()),  # noqa: SIM905 - as above
    "Spanish": frozenset("el los las y con una del de la en por para".split()),  # noqa: SIM905 - as above
    "Italian": frozenset("il gli di nel nella della con e una per".split()),  # noqa: SIM905 - as above
    "Portuguese": frozenset("o os do da dos das com e uma na no em".split()),  # noqa: SIM905 - as above
}
#: Those that are in names of any language: words of English, and what addresses end with.
_ANYWHERE = frozenset("com do no die man on in".split())  # noqa: SIM905 - as above


def weighed_by_day(
    found: Iterable[Evidence],
    dated: Evidence | None,
    cast: Sequence[Evidence],
    best: FilePair | None,
    explained: Set[str],
    *,
    is_replaced: bool = False,
) -> list[Evidence]:
    """What names say, with less against the item where studio, day, a performer and the length agree.

    Where the names are of two languages besides, that they agree in nothing says next to nothing, and what they agree
    in, as in the name of a place, speaks for it.

    :param found: what the names say.
    :param dated: what the dates say, and ``cast`` studio and performers.
    :param best: the files that speak for the item most.
    :param explained: words of studio and performers.
    :param is_replaced: a word stands in another's place, as each does in another language: only there it says nothing.
    """
    if best is None:
        return list(found)
    agree = (
        best.same_duration
        and (best.apart or 0.0) <= weights.OTHER_WORDS_APART
        and dated is not None
        and dated.kind is Kind.SAME_DATE
        and any(map(is_of_people, cast))
        and any(one.kind is Kind.SAME_STUDIO for one in cast)
        and not _is_named_by_one(stem(best.mapped), stem(best.part.path))
    )
    if not agree:
        return list(found)
    ours, theirs = _languages(stem(best.mapped), stem(best.part.path), _ANYWHERE)
    is_translated = bool(ours and theirs and ours.isdisjoint(theirs))
    if not is_translated:
        weight = weights.OTHER_WORDS_OF_DAY
        return [
            replace(one, weight=weight) if one.kind is Kind.CALLED_OTHERWISE and not is_replaced else one
            for one in found
        ]
    names = _same_names(best, explained)
    if is_replaced and not names:
        return list(found)
    weight = weights.OTHER_LANGUAGE_OF_DAY
    left = [
        replace(one, weight=weight) if one.kind is Kind.CALLED_OTHERWISE else one
        for one in found
        if one.kind is not Kind.REPLACED_WORD
    ]
    return [*left, *names]


def _same_names(best: FilePair, explained: Set[str]) -> list[Evidence]:
    """Evidence of a word that two titles of two languages have in common: the name of a place, as a rule."""
    mine, yours = (
        {word for word in read(stem(path)).words if len(word) >= _LETTERS and word not in explained | GENERIC}
        for path in (best.mapped, best.part.path)
    )
    same = sorted(mine & yours, key=lambda word: (-len(word), word))
    if not same:
        return []
    return [Evidence(Kind.WORDS, weights.NAME_OF_TWO_LANGUAGES, f"same words in two languages: {same[0]!r}")]


def _is_named_by_one(ours: str, theirs: str) -> bool:
    """Whether two names are the same, letter by letter, up to the day or beyond it.

    So whoever named the one has named the other, and gives each of them its own title: it is no translation.
    """
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(ours.casefold(), theirs.casefold(), strict=False))
    beginning = "".join(sign for sign, _ in pairs)
    return bool(read(beginning).dates) and not _are_of_two_languages(ours[len(beginning) :], theirs[len(beginning) :])


def _are_of_two_languages(ours: str, theirs: str) -> bool:
    """Whether two titles are, by the small words that hold sentences together: ``of`` here, ``von`` there."""
    mine, yours = _languages(ours, theirs)
    return bool((mine | yours) - {"English"}) and mine.isdisjoint(yours)


def _languages(ours: str, theirs: str, anywhere: frozenset[str] = frozenset()) -> tuple[frozenset[str], frozenset[str]]:
    """The languages that each of two names may be in, by the small words that the other one does not have.

    :param anywhere: small words that tell nothing.
    """
    mine, yours = (set(_WORD.findall(plain(text))) for text in (ours, theirs))
    own = (mine - yours - anywhere, yours - mine - anywhere)
    first, second = (frozenset(name for name, links in _LINKS.items() if links & one) for one in own)
    return first, second
