"""Names that agree in nothing, beside studio, day, people and length that do: titles come in many languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.other_people import is_of_people
from plexsync.matching.paths import stem
from plexsync.matching.reading import read
from plexsync.matching.titles import plain

_WORD = late_pattern("[a-z]+")
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
    found: Iterable[Evidence], dated: Evidence | None, cast: Sequence[Evidence], best: FilePair | None
) -> list[Evidence]:
    """What names say, with less against the item where studio, day, a performer and the length agree.

    Where the names are of two languages besides, that they agree in nothing says next to nothing.

    :param found: what the names say.
    :param dated: what the dates say, and ``cast`` studio and performers.
    :param best: the files that speak for the item most.
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
    weight = weights.OTHER_LANGUAGE_OF_DAY if is_translated else weights.OTHER_WORDS_OF_DAY
    return [replace(one, weight=weight) if one.kind is Kind.CALLED_OTHERWISE else one for one in found]


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
