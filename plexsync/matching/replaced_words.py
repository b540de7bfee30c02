"""A word of a title that another one stands in place of: so the films of a studio or a series are told apart.

A word may be missing from a name, as ``Storm Ink`` for ``Lounge Storm Ink``. But who calls a film ``Veranda Storm Ink``
means another one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from itertools import repeat

from plexsync.matching import weights
from plexsync.matching.codes import letters_of
from plexsync.matching.fuzzy import difflib, fuzz
from plexsync.matching.pieces import pieces
from plexsync.matching.shared_words import is_common, is_slip_of_letters, word_told
from plexsync.matching.spelt_numbers import is_spelt_number
from plexsync.matching.texts import Text

#: Likeness, 0 to 100, from which one word may be the other; and where one is in another script, in which its sounds are
#: written in many ways.
_AKIN, _AKIN_SOUNDS = 65.0, 50.0


def replaced(
    ours: Text, theirs: Text, only_ours: Collection[str], only_theirs: Collection[str], explained: Set[str]
) -> tuple[str, str] | None:
    """A word of the scene's text, and that which stands in its place in the item's; None where none is replaced.

    What stands before or after a title says nothing of it: so only words between two that both have count, or those at
    an end of a title.

    :param only_ours: words that only the scene's text has, however they are spelt, and ``only_theirs`` the item's.
    :param explained: words of studio and performers.
    """
    # A studio's word within a title is one of the title.
    mine = _words_of(ours, only_ours, frozenset() if ours.is_title else explained)
    yours = _words_of(theirs, only_theirs, explained)
    if not mine or not yours:
        return None
    parts, others = pieces(ours.written), pieces(theirs.written)
    # In releases people stand before the title, and in an agent's title as well.
    ends = ours.is_title or all(
        len(found) > 1 and " " in text.written for text, found in ((ours, parts), (theirs, others))
    )
    akin = _AKIN if ours.foreign == theirs.foreign else _AKIN_SOUNDS
    others = tuple([right for right in others if not yours.isdisjoint(right)])
    for left in parts:
        if not mine.isdisjoint(left):
            for right in others:
                found = _replaced(left, right, mine, yours, explained, ends=ends, akin=akin)
                if found is not None:
                    return found
    return None


def replaced_by_name(ours: Text, theirs: Text, explained: Set[str]) -> tuple[str, str] | None:
    """As ``replaced``, where one of the words is a person's as well, whose whole name the item's text has besides.

    ``Desert Orchard With Olive`` is not ``Desert Orchard With Massage - Olive York``, though its words are all there.

    :param ours: a scene's title.
    """
    names = explained & set(ours.reading.words) & set(theirs.reading.words)
    if not names:
        return None
    for left in map(_without_names, pieces(ours.written), repeat(explained)):
        for right in map(_without_names, pieces(theirs.written), repeat(explained)):
            mine, yours = set(left).difference(right), set(right).difference(left)
            if names.isdisjoint(mine | yours):
                continue
            told = explained - names
            mine, yours = ({one for one in words if _is_word(one, told)} for words in (mine, yours))
            found = _replaced(left, right, mine, yours, told, ends=True, akin=_AKIN) if mine and yours else None
            if found is not None:
                return found
    return None


def _without_names(words: Sequence[str], explained: Set[str]) -> Sequence[str]:
    """The words of a piece without whole names: two words or more in a row that studio or people are called by."""
    return [
        word
        for place, word in enumerate(words)
        if word not in explained
        or not ((place and words[place - 1] in explained) or (place + 1 < len(words) and words[place + 1] in explained))
    ]


def _words_of(text: Text, only_there: Collection[str], explained: Set[str]) -> Set[str]:
    """The words that only a text has, without those of studio, performers and codes."""
    found = {one for one in only_there if _is_word(one, explained)}
    return found.difference(map(letters_of, text.reading.codes)) if text.reading.codes else found


def _replaced(
    left: Sequence[str],
    right: Sequence[str],
    mine: Set[str],
    yours: Set[str],
    explained: Set[str],
    *,
    ends: bool,
    akin: float,
) -> tuple[str, str] | None:
    """As ``replaced``, of two pieces that have such words."""
    own, other = [word for word in left if word in mine], [word for word in right if word in yours]
    same = sum([word_told(word, ()) for word in set(left) & set(right) if _tells(word, explained)])
    if not same or same < min(sum([word_told(word, ()) for word in words]) for words in (own, other)):
        # Of two that have less than half in common, no single word tells them apart.
        return None
    changes = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for what, first, last, start, stop in changes:
        if what != "replace":
            continue
        within = first and last < len(left) and start and stop < len(right)
        # At an end there may be studio or people, of whom nothing else is known.
        if not (within or ends or last - first == stop - start == 1):
            continue
        ones, twos = (
            [one for one in words if one in found]
            for words, found in ((left[first:last], mine), (right[start:stop], yours))
        )
        # Where a script has no spaces, a word is several syllables.
        told = [sum([word_told(one, explained) for one in words]) >= weights.TELLING_WORD for words in (ones, twos)]
        # Between two words of a title even ``library`` tells, and so it does in ``at the library``.
        is_of_title = within or (first > 0 and is_common(left[first - 1]))
        if not ones or not twos or not (any(told) if is_of_title else all(told)):
            continue
        if not _is_akin(ones[0], twos[0], akin) and not _is_akin("".join(ones), "".join(twos), akin):
            return ones[0], twos[0]
    return _moved(left, right, changes, (mine, yours), explained, akin)


def _moved(
    left: Sequence[str],
    right: Sequence[str],
    changes: Sequence[tuple[str, int, int, int, int]],
    own: tuple[Set[str], Set[str]],
    explained: Set[str],
    akin: float,
) -> tuple[str, str] | None:
    """A word of the one and a word of the other that stand at other places, the one of them within its piece.

    ``Secretary Theatre Lantern``, ``Secretary Lantern Star``: each has a word of its own, so that none was left out.

    :param changes: of ``left`` into ``right``, as ``difflib`` tells them.
    :param own: the words that only the one has, and only the other.
    """
    places = [[change[1:3] for change in changes if change[0] == "delete"]]
    places.append([change[3:5] for change in changes if change[0] == "insert"])
    told, is_within = [], False
    for words, found, where in zip((left, right), own, places, strict=True):
        told.append(
            [one for first, last in where for one in words[first:last] if one in found and _tells(one, explained)]
        )
        is_within = is_within or any(first and last < len(words) for first, last in where)
    ones, twos = told
    return (ones[0], twos[0]) if is_within and ones and twos and not _is_akin(ones[0], twos[0], akin) else None


def _is_akin(one: str, other: str, akin: float) -> bool:
    """Whether the one may be the other with a letter wrong, or cut off, or a number that the other has in figures."""
    if is_spelt_number(one) != is_spelt_number(other):
        return True
    # Letters change places, and two words become one.
    if one in other or other in one or sorted(one) == sorted(other):
        return True
    # In another script, sounds are written in many ways.
    may_be_slip = akin != _AKIN or is_slip_of_letters(one, other, is_all=True)
    return may_be_slip and fuzz.ratio(one, other) >= akin


def _is_word(word: str, explained: Set[str]) -> bool:
    return word not in explained and word.isalpha() and not is_common(word)


def _tells(word: str, explained: Set[str]) -> bool:
    return _is_word(word, explained) and word_told(word, ()) >= weights.TELLING_WORD
