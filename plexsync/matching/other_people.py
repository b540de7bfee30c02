"""What it says that an item's names hold other people's names than those of the scene's performers.

Nobody knows all names that people go by. What is left of a name when all that is known of the scene is taken away, and
which is long enough for a person's, may be one; or a word of a site's. So where the title is the scene's alone it says
little; where other items have the title, it is one of these as likely, and a person is to look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.fuzzy import fuzz
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.reading import Reading
from plexsync.matching.texts import Text

#: Words and letters that a person's name has at the least.
_WORDS_OF_A_NAME, _LETTERS_OF_A_NAME = 2, 6
_LETTERS_OF_A_WORD = 3
#: What addresses of sites have in them, and no name.
_OF_ADDRESSES = frozenset(("www", "com", "net", "org", "info", "xyz", "http", "https"))
#: Words that are shown.
_SHOWN = 6


def others_named(
    people: Collection[Sequence[str]],
    ours: Set[str],
    theirs: Sequence[Reading],
    title: Collection[str] = (),
    studio: Collection[str] = (),
) -> list[str]:
    """The words of an item's names that may be other people's; none where they hold one of the scene's people.

    :param people: the words of each performer's name.
    :param ours: all words that are known of the scene.
    :param theirs: what the item's title and file names tell.
    :param title: the words of the scene's title, which may be a person's name, and all of it in one piece.
    :param studio: the words of its studio, which are known only as they stand: Nora is not the studio Nova.
    """
    held = dict.fromkeys(word for one in theirs for word in one.words)
    joined = "".join(held)
    if any("".join(name) in joined or all(_is_known(word, held.keys()) for word in name) for name in people):
        return []
    # A first name may be anybody's, and so may a surname: not even within a name in one piece is it known.
    of_people = {word for name in people for word in (*name, "".join(name), "".join(reversed(name)))}
    known = {*(ours - of_people), *title}
    about = known.difference(studio).union(title)
    # Words of the title may stand in one piece.
    whole = max(title, key=len, default="")
    left = [
        word
        for word in held
        if _may_be_a_name(word)
        and word not in known
        and not _is_in_one_piece(word, whole)
        and not _is_known(word, about)
    ]
    return left if len(left) >= _WORDS_OF_A_NAME and sum(map(len, left)) >= _LETTERS_OF_A_NAME else []


def names_people(people: Collection[Sequence[str]], texts: Iterable[Text]) -> bool:
    """Whether a scene's files are called after its people, as an item's would be.

    :param texts: of the scene. What a foreign title sounds like in Latin letters looks like other people's names.
    """
    texts = list(texts)
    held = {word for text in texts if not text.is_title for word in text.reading.words}
    return not any(text.foreign for text in texts) and any(held.issuperset(name) for name in people)


def of_others(strangers: Sequence[str], *, is_rare: bool) -> Evidence:
    """Evidence of words that may be other people's names.

    :param is_rare: hardly another item has the scene's title.
    """
    told = f"others than the scene's people in its name: {' '.join(strangers[:_SHOWN])!r}"
    if is_rare:
        return Evidence(Kind.OTHER_PEOPLE_OF_TITLE, weights.OTHER_PEOPLE_OF_TITLE, told)
    return Evidence(Kind.OTHER_PEOPLE, weights.OTHER_PEOPLE, told)


def is_of_people(evidence: Evidence) -> bool:
    """Whether it is evidence of the whole name of one of the scene's people."""
    return evidence.kind is Kind.PERFORMERS


def _may_be_a_name(word: str) -> bool:
    # Shorter ones are what is left of check sums.
    return len(word) >= _LETTERS_OF_A_WORD and word.isalpha() and word not in GENERIC and word not in _OF_ADDRESSES


def _is_in_one_piece(word: str, title: str) -> bool:
    return len(word) >= _LETTERS_OF_A_NAME and word in title


def _is_known(word: str, known: Set[str]) -> bool:
    if word in known:
        return True
    least = weights.MISSPELT_LEAST
    return len(word) >= least and any(
        len(one) >= least and fuzz.ratio(word, one) >= 100 * weights.MISSPELT for one in known
    )
