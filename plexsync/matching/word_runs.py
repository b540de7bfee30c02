"""Words that two names share one after the other: a title, whatever each of them has before and after it."""

from __future__ import annotations

from collections.abc import Sequence, Set

from plexsync.matching import weights
from plexsync.matching.fuzzy import difflib
from plexsync.matching.pieces import pieces
from plexsync.matching.shared_words import is_common, word_told
from plexsync.matching.texts import Text

#: Words that a run has at the least, and how many of them tell something.
_LEAST, _TELLING = 3, 2


def shared_run(ours: Text, theirs: Text, explained: Set[str]) -> tuple[str, ...]:
    """The longest run of words within one piece of each that both have in the same order, if it may be a title.

    :param explained: words of studio and performers, which make no title.
    """
    found = (
        _run(left, right) for left in pieces(ours.written) for right in pieces(theirs.written) if len(left) >= _LEAST
    )
    longest = max(found, key=len, default=())
    telling = [word for word in longest if word not in explained and word_told(word, ()) >= weights.TELLING_WORD]
    words = [word for word in longest if word not in explained and not is_common(word)]
    return longest if len(words) >= _LEAST and len(telling) >= _TELLING else ()


def _run(left: Sequence[str], right: Sequence[str]) -> tuple[str, ...]:
    found = difflib.SequenceMatcher(None, left, right, autojunk=False).find_longest_match()
    return tuple(left[found.a : found.a + found.size])
